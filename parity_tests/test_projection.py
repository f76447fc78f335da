"""Singular vectors and principal components: by LAPACK, scikit-learn and PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.decomposition
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
import torch_nn.semantics
from numpy_nn.backend import to_device, to_host
from numpy_nn.semantics import SparseCSR, pca, svd_lowrank, svd_vectors
from parity_tests.bounds import unit, within
from parity_tests.strategies import dtypes, seeds

RANKS, WIDE = st.integers(1, 6), st.booleans()
RATIO = 0.7
"""Of each singular value to the one before: gaps that keep the vectors apart."""


def with_spectrum(seed: int, N: int, M: int, rank: int, dtype: type = np.float64) -> np.ndarray:
    """A matrix with singular values 1, 0.7, 0.49, … and 0 from `rank` on."""
    random = np.random.default_rng(seed)
    U, V = (np.linalg.qr(random.standard_normal((n, rank)))[0] for n in (N, M))
    return ((U * RATIO ** np.arange(rank)) @ V.T).astype(dtype)


def rounding(A: np.ndarray, start: float = 1.0) -> float:
    """What a backward-stable decomposition may be off by in a singular value: some u |A| for each of its dimensions;
    as often as a random start is worse conditioned than an orthogonal one."""
    return 8 * sum(A.shape) * unit(A.dtype) * float(np.linalg.norm(A, 2)) * start


def sign_is_fixed(V: np.ndarray) -> bool:
    return bool((np.take_along_axis(V, np.abs(V).argmax(axis=0)[None], axis=0) > 0).all())


def gap(S: np.ndarray) -> float:
    """How far the least separate singular value is from the next."""
    return float(-np.diff(S).max()) if len(S) > 1 else 1.0


@given(seeds, RANKS, st.integers(0, 6), st.integers(0, 6), dtypes, st.booleans())
def test_of_a_matrix_of_low_rank_the_svd_is_lapacks(seed, q, more_rows, more_columns, dtype, sparse):
    A = with_spectrum(seed, q + more_rows, q + more_columns, q, dtype)
    U, S, V = svd_lowrank(SparseCSR.from_dense(A) if sparse else A, q, generator=nn.Generator(seed))
    assert {U.dtype, S.dtype, V.dtype} == {np.dtype(dtype)}
    exact_U, exact, Vt = np.linalg.svd(A.astype(np.float64))
    bound = rounding(A)
    within("S", S, exact[:q], bound)
    within("U diag(S) Vᵀ", (U * S) @ V.T, A.astype(np.float64), bound)
    for name, Q in (("U", U), ("V", V)):
        within(f"{name}ᵀ{name}", Q.T @ Q, np.eye(q), bound)
    apart = bound / gap(np.append(exact[:q], 0)) * 4
    within("V", np.abs(np.sum(V * Vt[:q].T, axis=0)), np.ones(q), apart)
    within("U", np.abs(np.sum(U * exact_U[:, :q], axis=0)), np.ones(q), apart)
    assert sign_is_fixed(V)


@given(seeds, RANKS, st.integers(0, 3), st.integers(0, 3), WIDE)
def test_from_one_seed_the_svd_is_pytorchs(seed, q, niter, oversampling, wide):
    """Of a matrix of full rank, where the result depends on each draw and each iteration."""
    A = with_spectrum(seed, *((14, 12) if wide else (12, 14)), 12)
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    ours = svd_lowrank(A, q, niter, oversampling=oversampling)
    theirs = torch_nn.semantics.svd_lowrank(torch.from_numpy(A), q, niter, oversampling=oversampling)
    torch.manual_seed(seed)
    start = (A if A.shape[0] >= A.shape[1] else A.T) @ torch.randn(12, q + oversampling, dtype=torch.float64).numpy()
    bound = rounding(A, np.linalg.cond(start))
    found = ours.S
    apart = bound / min(gap(svd_lowrank_spectrum(A, ours)), float(found[-1])) * 4
    within("S", ours.S, theirs[1].numpy(), bound)
    within("U", ours.U, theirs[0].numpy(), apart)
    within("V", ours.V, theirs[2].numpy(), apart)


def svd_lowrank_spectrum(A: np.ndarray, found: tuple) -> np.ndarray:
    """The singular values found, from LAPACK on the space that was found."""
    return np.linalg.svd(found[0].T @ A, compute_uv=False)


def test_iterations_and_oversampling_come_nearer_to_the_largest_values():
    A = with_spectrum(0, 40, 30, 30)
    exact = RATIO ** np.arange(5)

    def missed(niter: int, oversampling: int) -> float:
        found = svd_lowrank(A, 5, niter, oversampling=oversampling, generator=nn.Generator(0)).S
        return float(np.abs(found - exact).max())

    assert missed(0, 0) > 4 * missed(1, 0) > 16 * missed(1, 10)
    assert (
        svd_lowrank(A, 5, generator=nn.Generator(0)).S.tobytes()
        == svd_lowrank(A, 5, 5, oversampling=10, generator=nn.Generator(0)).S.tobytes()
    )


@given(seeds, RANKS, st.sampled_from([0.0, 0.5, 1.0]))
def test_vectors_are_singular_vectors_weighted_by_a_power(seed, size, p):
    A = with_spectrum(seed, 9, 7, 6)
    U, S, _ = svd_lowrank(A, size, generator=nn.Generator(seed))
    weighted = np.stack([column * value**p for column, value in zip(U.T, S, strict=True)], axis=1)
    ours = svd_vectors(A, size, p, generator=nn.Generator(seed))
    within("vectors", ours, weighted, 4 * unit(A.dtype) * np.abs(weighted))
    torch.manual_seed(seed)
    theirs = torch_nn.semantics.svd_vectors(torch.from_numpy(A), size, p)
    within("vectors by PyTorch", ours, theirs.numpy(), rounding(A) / RATIO**12)
    if p == 0.5:
        np.testing.assert_array_equal(svd_vectors(A, size, generator=nn.Generator(seed)), ours, strict=True)


def drawn_points(seed: int, N: int, D: int, dtype: type = np.float64) -> np.ndarray:
    """Points whose variances along their components differ by the square of 0.7, away from 0."""
    random = np.random.default_rng(seed)
    scores = np.linalg.qr(np.c_[np.ones(N), random.standard_normal((N, min(N - 1, D)))])[0][:, 1:]
    axes = np.linalg.qr(random.standard_normal((D, scores.shape[1])))[0]
    return ((scores * RATIO ** np.arange(scores.shape[1])) @ axes.T + random.standard_normal(D)).astype(dtype)


POINTS = (seeds, st.integers(4, 12), st.integers(2, 6), st.integers(1, 3), dtypes)


@given(*POINTS)
def test_principal_components_are_scikit_learns_and_pytorchs(seed, N, D, k, dtype):
    x = drawn_points(seed, N, D, dtype)
    k = min(k, D)
    ours = pca(x, k)
    assert {array.dtype for array in ours} == {np.dtype(dtype)}
    theirs = torch_nn.semantics.pca(torch.from_numpy(x), k)
    solved = sklearn.decomposition.PCA(k, svd_solver="full").fit(x.astype(np.float64))
    off = rounding(x)
    components = 4 * off / (RATIO ** min(N - 1, D) * (1 - RATIO))
    # a variance is S² / (N − 1) of an S of at most 1, its share S² / Σ S² of a sum of at least 1
    bounds = {"mean": off, "components": components, "explained_variance": 2 * off, "explained_variance_ratio": 4 * off}
    for name, bound in bounds.items():
        within(name, getattr(ours, name), getattr(theirs, name).numpy(), 2 * bound)
        within(f"{name} of scikit-learn", getattr(ours, name), getattr(solved, f"{name}_"), bound)
    assert sign_is_fixed(ours.components.T)
    z = ours.transform(x)
    reach = 2 * D * components * (1 + np.abs(x).max())
    within("transform", z, solved.transform(x.astype(np.float64)), reach)
    within("inverse_transform", ours.inverse_transform(z), solved.inverse_transform(z.astype(np.float64)), reach)


def test_two_components_are_found_by_default():
    assert pca(drawn_points(0, 9, 5)).components.shape == (2, 5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_array_double_gives_the_same(seed, dtype):
    A = with_spectrum(seed, 7, 5, 5, dtype)
    there = to_device(A, "strict")
    sparse = SparseCSR.from_dense(A)
    runs = [(svd_lowrank(there, 3, generator=nn.Generator(1)), svd_lowrank(A, 3, generator=nn.Generator(1)))]
    runs += [
        (
            svd_lowrank(sparse.to("strict"), 3, generator=nn.Generator(1)),
            svd_lowrank(sparse, 3, generator=nn.Generator(1)),
        )
    ]
    runs += [(pca(there), pca(A)), ([pca(there).transform(there)], [pca(A).transform(A)])]
    runs += [([pca(there).inverse_transform(there[:, :2])], [pca(A).inverse_transform(A[:, :2])])]
    for ours, expected in runs:
        for mine, same in zip(ours, expected, strict=True):
            np.testing.assert_array_equal(to_host(mine), same, strict=True)


A = np.arange(6.0).reshape(2, 3)
REFUSED = {
    "svd, a list": (TypeError, "A: expected an array or a SparseCSR, got list", lambda: svd_lowrank([[1.0]], 1)),
    "svd, whole": (TypeError, "A: expected float32", lambda: svd_lowrank(np.eye(2, dtype=int), 1)),
    "svd, a row": (ValueError, r"A: expected shape \(N, M\)", lambda: svd_lowrank(A[0], 1)),
    "svd, nan": (ValueError, "A: expected finite", lambda: svd_lowrank(A * np.nan, 1)),
    "svd, infinite": (ValueError, "A: expected finite", lambda: svd_lowrank(SparseCSR.from_dense(A + np.inf), 1)),
    "svd, rank 3": (
        ValueError,
        r"q: expected a rank of at most 2 for shape \(2, 3\), got 3",
        lambda: svd_lowrank(A, 3),
    ),
    "svd, rank 0": (ValueError, "q: expected at least 1", lambda: svd_lowrank(A, 0)),
    "svd, niter": (ValueError, "niter: expected at least 0", lambda: svd_lowrank(A, 1, -1)),
    "svd, oversampling": (ValueError, "oversampling: expected at", lambda: svd_lowrank(A, 1, oversampling=-1)),
    "svd, generator": (TypeError, "generator: expected", lambda: svd_lowrank(A, 1, generator=3)),
    "vectors, p": (ValueError, "p: expected a number of at least 0", lambda: svd_vectors(A, 1, -1.0)),
    "pca, whole": (TypeError, "x: expected float32", lambda: pca(A.astype(int))),
    "pca, a row": (ValueError, r"x: expected shape \(N, D\)", lambda: pca(A[0])),
    "pca, one point": (ValueError, "x: expected at least 2 points", lambda: pca(A[:1])),
    "pca, nan": (ValueError, "x: expected finite", lambda: pca(A * np.nan)),
    "pca, too many": (ValueError, "n_components: expected at most 2", lambda: pca(A, 3)),
    "pca, none": (ValueError, "n_components: expected at least 1", lambda: pca(A, 0)),
    "pca, one place": (ValueError, "x: expected points that differ", lambda: pca(np.ones((3, 2)))),
    "transform": (ValueError, r"x: expected shape \(N, 3\)", lambda: pca(A).transform(A[:, :2])),
    "transform, dtype": (TypeError, "x: expected float64 like", lambda: pca(A).transform(A.astype(np.float32))),
    "inverse": (ValueError, r"z: expected shape \(N, 2\)", lambda: pca(A).inverse_transform(A)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_projected_is_refused(what: str) -> None:
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call()
