"""t-SNE: its probabilities by root finding, its divergence by scikit-learn, its descent step by step by PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import squareform
from sklearn.manifold import _t_sne

import torch_nn.semantics
from numpy_nn.backend import to_device, to_host
from numpy_nn.semantics import joint_probabilities, tsne, tsne_divergence
from parity_tests.bounds import unit, within
from parity_tests.specification.semantics import probabilities
from parity_tests.strategies import dtypes, seeds, values

U = unit(np.dtype(np.float64))
TOLERANCE = 1e-10
"""Of the entropy, where numpy_nn's search for β ends."""


def conditional(x: np.ndarray, perplexity: float) -> tuple[np.ndarray, np.ndarray]:
    """p_j|i by a root finder, point by point, and how far each may be off where its entropy is off by the tolerance.

    dH/dβ = −β var(d) and dp_j/dβ = −p_j (d_j − mean d), hence |Δp_j| ≤ p_j |d_j − mean d| / (β var(d)) · |ΔH|
    """
    p, bound = np.zeros((2, len(x), len(x)))
    for i in range(len(x)):
        others = np.arange(len(x)) != i
        d = ((x[others] - x[i]) ** 2).sum(1)
        d = (d - d.min()) / (d - d.min()).mean()

        def at(log_beta: float, d: np.ndarray = d) -> np.ndarray:
            powers = np.exp(-math.exp(log_beta) * d)
            return powers / powers.sum()

        def entropy(log_beta: float) -> float:
            row = at(log_beta)
            return float(-(row * np.log(np.maximum(row, 1e-300))).sum()) - math.log(perplexity)

        root = scipy.optimize.brentq(entropy, -20, 20, xtol=1e-15, rtol=8.9e-16)
        p[i, others] = row = at(root)
        away = np.abs(d - (row * d).sum())
        slope = math.exp(root) * (row * away**2).sum()
        off = 2 * TOLERANCE + 16 * len(x) * U * (1 + abs(math.log(perplexity)))
        bound[i, others] = 2 * row * away / slope * off + 16 * len(x) * U * row
    return p, bound


@given(seeds, st.integers(4, 12), st.floats(0.05, 0.95), dtypes, st.sampled_from([1.0, 1e-3, 1e6]))
def test_joint_probabilities_have_the_perplexity_asked_for(seed, N, share, dtype, scale):
    x = values(seed, (N, 3), dtype, scale)
    perplexity = 1.1 + share * (N - 2.2)
    p, bound = conditional(x.astype(np.float64), perplexity)
    ours = joint_probabilities(x, perplexity)
    within("p", ours, (p + p.T) / (2 * N), (bound + bound.T) / (2 * N))
    theirs = torch_nn.semantics.joint_probabilities(torch.from_numpy(x), perplexity).numpy()
    within("p by PyTorch", ours, theirs, (bound + bound.T) / (2 * N))
    assert np.array_equal(ours, ours.T)
    assert ours.dtype == np.float64
    within("sum", np.array(ours.sum()), np.array(1.0), 4 * N * N * U)


def test_probabilities_do_not_depend_on_the_unit_of_length():
    x = values(1, (9, 4), np.float64)
    np.testing.assert_array_equal(joint_probabilities(x * 2.0**500, 4), joint_probabilities(x, 4), strict=True)
    np.testing.assert_array_equal(joint_probabilities(x * 2.0**-500, 4), joint_probabilities(x, 4), strict=True)


def test_points_that_coincide_share_their_neighbourhood():
    x = np.repeat(np.arange(2.0), 4)[:, None]
    p = joint_probabilities(x, 2.0)
    same = np.kron(np.eye(2), np.ones((4, 4))) * (1 - np.eye(8)) / 24
    within("p", p, same, 64 * U * np.ones((8, 8)))


@given(seeds, st.integers(3, 12), st.sampled_from([1.0, 1e-2, 20.0]))
def test_the_divergence_and_its_gradient_are_scikit_learns(seed, N, scale):
    y, p = values(seed, (N, 2), np.float64, scale), probabilities(seed, N)
    divergence, backward = tsne_divergence(y, p)
    theirs, gradient = _t_sne._kl_divergence(y.ravel(), squareform(p), 1, N, 2)
    square = ((y[:, None] - y) ** 2).sum(2)
    s = (1 - np.eye(N)) / (1 + square)
    q = s / s.sum()
    # scikit-learn lets no q be below 2.2e-16, nor a p within the logarithm
    floor = 2.3e-16 * N * N
    factor = (24 + N * N) * U
    size = float((p * (np.abs(np.log(p + (p == 0))) + np.log1p(square) + 1)).sum() + abs(math.log(s.sum())) + 1)
    within("KL", divergence, np.array(theirs), factor * size + floor * 60)  # −log of that floor, and of any q, is below
    w = (p + q) * s
    S = 4 * (w.sum(1)[:, None] * np.abs(y) + w @ np.abs(y))
    within("gradient", backward(), gradient.reshape(N, 2), factor * S + floor * S)


def test_points_in_one_place_pull_nowhere():
    p = probabilities(0, 5)
    divergence, backward = tsne_divergence(np.ones((5, 2)), p)
    entropy = float((p * np.log(p + (p == 0))).sum())
    within("KL", divergence, np.array(entropy + math.log(20)), np.array(32 * U * math.log(20)))
    np.testing.assert_array_equal(backward(), np.zeros((5, 2)), strict=True)


def test_nan_spreads():
    y = np.array([[0.0], [1.0], [np.nan]])
    divergence, backward = tsne_divergence(y, probabilities(0, 3))
    assert np.isnan(divergence)
    assert np.isnan(backward()).all()
    assert torch_nn.semantics.tsne_divergence(*map(torch.from_numpy, (y, probabilities(0, 3)))).isnan()


DESCENTS = (seeds, st.integers(1, 8), st.sampled_from([2, 1, 3]), st.sampled_from([0.1, 1.0]))


@given(*DESCENTS)
def test_the_descent_is_pytorchs(seed, iterations, dim, rate):
    """What a shift of the start by 2⁻²⁴ of itself does to the map bounds what smaller differences may do to it: those
    of roundings, and of probabilities that are off by what the search for β leaves."""
    x = values(seed, (12, 5), np.float64)
    x[:6] += 6
    start = values(seed + 1, (12, dim), np.float64, 1e-2)
    options = {"perplexity": 3.0, "iterations": iterations, "early_iterations": 3, "learning_rate": rate}
    ours = tsne(x, dim, start=start, **options)
    given, moved = (
        torch_nn.semantics.tsne(torch.from_numpy(x), dim, start=torch.from_numpy(place), **options).y.numpy()
        for place in (start, start * (1 + 2.0**-24))
    )
    shifted = np.abs(given - moved).max()
    within("y", ours.y, given, np.full((12, dim), shifted))
    assert shifted < 2**-10 * np.abs(given).max()
    assert ours.divergence == tsne_divergence(ours.y, joint_probabilities(x, 3.0))[0]


def test_the_descent_starts_from_principal_components():
    x = values(0, (12, 5), np.float32)
    ours = tsne(x, perplexity=3.0, iterations=0)
    assert ours.y.dtype == np.float32
    theirs = torch_nn.semantics.tsne(torch.from_numpy(x), perplexity=3.0, iterations=0)
    s = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
    turned = sum(x.shape) * s[0] / (s[:2] - s[1:3]).min()  # roundings of an axis; no place is beyond √12 deviations
    within("y", ours.y, theirs.y.numpy(), np.array(1e-4 * np.sqrt(12) * turned * unit(x.dtype)))
    # a sum of 12 squares, its quotient, its root and what scales it to 1e-4
    within("deviation", ours.y[:, 0].std(), np.float64(1e-4), np.float64(1e-4 * 16 * unit(x.dtype)))


def test_groups_stay_together_on_the_map():
    group = np.repeat(np.arange(4), 15)
    x = values(0, (60, 10), np.float64) + 8 * np.eye(10)[group]
    found = tsne(x, perplexity=10.0)
    apart = ((found.y[:, None] - found.y) ** 2).sum(2) + np.diag(np.full(60, np.inf))
    assert np.array_equal(group[apart.argmin(1)], group)
    assert found.divergence < 0.5 * tsne(x, perplexity=10.0, iterations=0).divergence
    within("mean", found.y.mean(0), np.zeros(2), 64 * U * np.abs(found.y).max() * np.ones(2))


def test_the_defaults_are_those_stated():
    x = values(2, (40, 3), np.float64)
    found = tsne(x, iterations=260).y
    stated = tsne(x, 2, 30.0, iterations=260, learning_rate=5.0, early_exaggeration=12.0, early_iterations=250).y
    np.testing.assert_array_equal(found, stated, strict=True)
    assert not np.array_equal(found, tsne(x, iterations=261).y)


RATES = [(30, 12.0, 3.75), (420, 4.0, 50.0), (420, 1.5, 70.0)]
"""Points, their exaggeration, and the rate by default."""


@pytest.mark.parametrize(("N", "exaggeration", "rate"), RATES)
def test_the_rate_grows_with_the_points(N, exaggeration, rate):
    x, start = values(2, (N, 3), np.float64), values(3, (N, 2), np.float64)
    options = {"perplexity": 5.0, "iterations": 2, "early_exaggeration": exaggeration}
    found = tsne(x, start=start, **options).y
    np.testing.assert_array_equal(found, tsne(x, start=start, learning_rate=rate, **options).y)
    given = torch_nn.semantics.tsne(torch.from_numpy(x), start=torch.from_numpy(start), **options).y
    stated = torch_nn.semantics.tsne(
        torch.from_numpy(x), start=torch.from_numpy(start), learning_rate=rate, **options
    ).y
    assert torch.equal(given, stated)


def test_no_point_of_a_few_is_thrown_far_out():
    """At a rate of 50, one comes to lie 17 times as far out as half of them."""
    y = tsne(values(5, (40, 10), np.float64), perplexity=12.0).y
    away = np.linalg.norm(y - np.median(y, axis=0), axis=1)
    assert away.max() < 3 * np.median(away)


def test_the_array_double_gives_the_same():
    x = values(3, (12, 4), np.float64)
    there = to_device(x, "strict")
    np.testing.assert_array_equal(to_host(joint_probabilities(there, 3.0)), joint_probabilities(x, 3.0), strict=True)
    ours, expected = (tsne(points, perplexity=3.0, iterations=60) for points in (there, x))
    np.testing.assert_array_equal(to_host(ours.y), expected.y, strict=True)
    assert ours.divergence == expected.divergence


x = values(0, (12, 4), np.float64)
y, p = values(0, (5, 2), np.float64), probabilities(0, 5)
REFUSED = {
    "tsne, a list": (TypeError, "x: expected an array", lambda: tsne([[1.0]])),
    "tsne, whole": (TypeError, "x: expected float32", lambda: tsne(x.astype(int))),
    "tsne, a row": (ValueError, r"x: expected shape \(N, D\)", lambda: tsne(x[0])),
    "tsne, nan": (ValueError, "x: expected finite", lambda: tsne(x * np.nan)),
    "tsne, three points": (ValueError, "x: expected at least 4 points, got 3", lambda: tsne(x[:3])),
    "tsne, perplexity": (
        ValueError,
        "perplexity: expected a number above 1 and below 11 for 12 points, got 30",
        lambda: tsne(x),
    ),
    "tsne, perplexity 1": (ValueError, "perplexity: expected", lambda: tsne(x, perplexity=1.0)),
    "tsne, perplexity 11": (ValueError, "perplexity: expected", lambda: tsne(x, perplexity=11.0)),
    "tsne, dim": (ValueError, "dim: expected at least 1", lambda: tsne(x, 0, 3.0)),
    "tsne, dim 5": (ValueError, "n_components: expected at most 4", lambda: tsne(x, 5, 3.0)),
    "tsne, iterations": (ValueError, "iterations: expected at least 0", lambda: tsne(x, 2, 3.0, iterations=-1)),
    "tsne, early": (ValueError, "early_iterations: expected", lambda: tsne(x, 2, 3.0, early_iterations=-1)),
    "tsne, rate": (ValueError, "learning_rate: expected a number", lambda: tsne(x, 2, 3.0, learning_rate=-1.0)),
    "tsne, too fast": (
        ValueError,
        "learning_rate: expected less than 1e",
        lambda: tsne(x, 2, 3.0, learning_rate=1e300),
    ),
    "tsne, exaggeration": (
        ValueError,
        "early_exaggeration: expected a number of at least 1",
        lambda: tsne(x, 2, 3.0, early_exaggeration=0.5),
    ),
    "tsne, start": (ValueError, r"start: expected shape \(12, 2\)", lambda: tsne(x, 2, 3.0, start=x)),
    "tsne, start, nan": (ValueError, "start: expected finite", lambda: tsne(x, 2, 3.0, start=x[:, :2] * np.nan)),
    "tsne, one place": (ValueError, "x: expected points that differ", lambda: tsne(x * 0, 2, 3.0)),
    "probabilities": (ValueError, "perplexity: expected", lambda: joint_probabilities(x, 12.0)),
    "divergence, a row": (ValueError, r"y: expected shape \(N, dim\)", lambda: tsne_divergence(y[0], p)),
    "divergence, one point": (ValueError, "y: expected shape", lambda: tsne_divergence(y[:1], p[:1, :1])),
    "divergence, p": (ValueError, r"p: expected shape \(5, 5\)", lambda: tsne_divergence(y, p[1:])),
    "divergence, lopsided": (ValueError, "p: expected symmetric", lambda: tsne_divergence(y, np.triu(p))),
    "divergence, negative": (ValueError, "p: expected symmetric", lambda: tsne_divergence(y, -p)),
    "divergence, diagonal": (ValueError, "p: expected symmetric", lambda: tsne_divergence(y, p + np.eye(5))),
    "divergence, dtype": (TypeError, "p: expected float64 like y", lambda: tsne_divergence(y, p.astype(np.float32))),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_map_is_refused(what: str) -> None:
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call()
