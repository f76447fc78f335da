"""A map of points in which neighbours stay neighbours."""

from __future__ import annotations

import math
from typing import NamedTuple

from numpy_nn.backend import Array, array_module, item, silent
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.progress import bar
from numpy_nn.semantics.pca import pca
from numpy_nn.semantics.points import check_points, squared_distances

TOLERANCE, BISECTIONS = 1e-10, 200
"""Of the entropy, and how often its β is searched for, at most."""


class Map(NamedTuple):
    """Where the points of a map lie, y (N, dim), and how badly they do: KL(p ‖ q)."""

    y: Array
    divergence: float


def joint_probabilities(x: Array, perplexity: float = 30.0) -> Array:
    """How likely two points are to be neighbours, each point having about so many of them.

    p_j|i = exp(−β_i |x_i − x_j|²) / Σ_{k≠i} exp(−β_i |x_i − x_k|²),   p_i|i = 0,   p_ij = (p_j|i + p_i|j) / 2N

    β_i is such that exp H(p_·|i) = perplexity, H = −Σ p log p: found by bisection, to 1e-10 of H. It cannot be where
    more points than that coincide; they then share p_j|i among them.
    x: (N, D), floating and finite.  perplexity: above 1 and below N − 1, what N − 1 equally near neighbours have.
    Returns p (N, N), float64, symmetric, its sum 1.
    Raises TypeError for other dtypes, ValueError for other shapes and numbers.
    van der Maaten and Hinton 2008, equation 1 and section 3.1.
    """
    xp = check_points("x", x, least=4)
    N = len(x)
    if not 1 < checks.number("perplexity", perplexity) < N - 1:
        raise ValueError(f"perplexity: expected a number above 1 and below {N - 1} for {N} points, got {perplexity}")
    x = x.astype("float64", copy=False)
    d = squared_distances(x / _or_one(abs(x).max()))  # only their ratios count
    xp.fill_diagonal(d, xp.inf)
    d -= d.min(axis=1)[:, None]  # cancels in p, and leaves one term of each sum at 1
    xp.fill_diagonal(d, 0)
    d /= _or_one(d.mean(axis=1))[:, None]
    beta, low, high = xp.ones(N), xp.zeros(N), xp.full(N, xp.inf)
    with silent():
        for _ in range(BISECTIONS):
            p = xp.exp(-beta[:, None] * d)
            xp.fill_diagonal(p, 0)
            total = p.sum(axis=1)
            p /= total[:, None]
            excess = xp.log(total) + beta * (p * d).sum(axis=1) - math.log(perplexity)  # H − log perplexity
            if not item((abs(excess) > TOLERANCE).any()):
                break
            low, high = xp.where(excess > 0, beta, low), xp.where(excess > 0, high, beta)
            beta = xp.where(xp.isinf(high), 2 * beta, (low + high) / 2)
    return (p + p.T) / (2 * N)


@formula
def tsne_divergence(y: Array, p: Array) -> tuple[Array, Pullback]:
    """How far the neighbours in a map are from those wanted, by a Student distribution with one degree of freedom.

    C = Σ p_ij log(p_ij / s_ij) + log Σ s_ij,   s_ij = 1 / (1 + |y_i − y_j|²),   s_ii = 0,   0 log 0 = 0
    dC/dy_i = 4 Σ_j (p_ij − q_ij) s_ij (y_i − y_j),   q_ij = s_ij / Σ s

    Where Σ p = 1 this is KL(p ‖ q). With p times an exaggeration, the attraction alone grows.
    y: (N, dim).  p: (N, N), of y's dtype, symmetric, none negative, 0 on the diagonal.
    Returns C, 0-d, and backward(dC) -> dy (N, dim); p gets no gradient.
    Raises TypeError for other dtypes, ValueError for other shapes or a p that is none of this.
    van der Maaten and Hinton 2008, equation 5 and appendix A; sklearn.manifold.TSNE.kl_divergence_.
    """
    xp = checks.floating(y=y, p=p)
    if y.ndim != 2 or len(y) < 2:
        raise ValueError(f"y: expected shape (N, dim) with at least 2 points, got {y.shape}")
    checks.shape("p", p, (len(y), len(y)), "a number for every two points of y")
    if not item(((p == p.T) & (p >= 0)).all()) or item(p.trace()) != 0:
        raise ValueError("p: expected symmetric numbers, none negative, and 0 on the diagonal")
    s = _similarity(y)
    log_ratio = xp.log(xp.where(p > 0, p, 1)) - xp.log(xp.where(p > 0, s, 1))  # 0 log 0 = 0
    C = (p * log_ratio).sum() + xp.log(s.sum())

    def backward(dC: Array) -> Array:
        return dC * _gradient(y, p, s)

    return C, backward


def tsne(
    x: Array,
    dim: int = 2,
    perplexity: float = 30.0,
    *,
    iterations: int = 1000,
    learning_rate: float | None = None,
    early_exaggeration: float = 12.0,
    early_iterations: int = 250,
    start: Array | None = None,
) -> Map:
    """Places for points in few dimensions such that neighbours stay neighbours: exact t-SNE, N² work a step.

    g = dC/dy of tsne_divergence(y, e p);   gain ← gain + 0.2 where g and v differ in sign, else 0.8 gain, at least 0.01
    v ← m v − lr · gain · g;   y ← y + v, and back to mean 0
    e = early_exaggeration and m = 0.5 in the first early_iterations, then e = 1 and m = 0.8

    x: (N, D), floating and finite, a few thousand points at most.  dim, perplexity, iterations: positive.
    learning_rate: None takes max(N / (4 early_exaggeration), min(N / 8, 50)); were it 50 for few points,
    exaggerated attraction would throw some of them too far out to come back.
    start: (N, dim), None for the first principal components, the first scaled to a deviation of 1e-4.
    Returns y (N, dim), of x's dtype and device, and its divergence.
    Raises TypeError for other dtypes, ValueError for other shapes and numbers, and where y becomes infinite.
    van der Maaten and Hinton 2008, section 3.4; rate: Belkina et al. 2019; start: Kobak and Berens 2019.
    """
    xp = check_points("x", x, least=4)
    N = len(x)
    checks.integer("dim", dim, low=1)
    checks.integer("iterations", iterations, low=0)
    checks.integer("early_iterations", early_iterations, low=0)
    e = checks.number("early_exaggeration", early_exaggeration, low=1)
    usual = max(N / (4 * e), min(N / 8, 50.0))
    rate = usual if learning_rate is None else checks.number("learning_rate", learning_rate, low=0)
    if start is not None:
        checks.floating(x=x, start=start)
        checks.shape("start", start, (N, dim), "a place for each point")
        check_points("start", start)
    p = joint_probabilities(x, perplexity).astype(x.dtype)
    y = first_places(x, dim) if start is None else start
    v, gain, exaggerated = xp.zeros_like(y), xp.ones_like(y), e * p
    with bar("placing points", iterations, "iterations") as advance, silent():
        for iteration in range(iterations):
            early = iteration < early_iterations
            gradient = _gradient(y, exaggerated if early else p, _similarity(y))
            y, v, gain = step(y, v, gain, gradient, rate, 0.5 if early else 0.8)
            if iteration % 50 == 49 or iteration == iterations - 1:
                if not item(xp.isfinite(y).all()):
                    raise ValueError(f"learning_rate: expected less than {rate}, the points fly off at {iteration + 1}")
                advance(iteration % 50 + 1)
    return Map(y, item(tsne_divergence(y, p)[0]))


def first_places(x: Array, dim: int) -> Array:
    """The principal components of points, all scaled alike so that the first has a standard deviation of 1e-4."""
    z = pca(x, dim).transform(x)
    return z * (1e-4 / array_module(x).sqrt((z[:, 0] * z[:, 0]).mean()))


def step(y: Array, v: Array, gain: Array, gradient: Array, rate: float, momentum: float) -> tuple[Array, Array, Array]:
    """One step of descent with momentum and a gain for each coordinate, see tsne; gives the next y, v and gain."""
    xp = array_module(y)
    gain = xp.maximum(xp.where(gradient * v < 0, gain + 0.2, 0.8 * gain), 0.01)
    v = momentum * v - rate * gain * gradient
    y = y + v
    return y - y.mean(axis=0), v, gain


def _similarity(y: Array) -> Array:
    """s_ij = 1 / (1 + |y_i − y_j|²), 0 for i = j."""
    xp = array_module(y)
    s = xp.ones((len(y), len(y)), dtype=y.dtype)
    difference = xp.empty_like(s)  # in place, since each new (N, N) costs more than the arithmetic
    for k in range(y.shape[1]):
        xp.subtract(y[:, k, None], y[:, k], out=difference)
        difference *= difference
        s += difference
    xp.divide(1, s, out=s)
    xp.fill_diagonal(s, 0)
    return s


def _gradient(y: Array, p: Array, s: Array) -> Array:
    """4 Σ_j w_ij (y_i − y_j),   w_ij = (p_ij − q_ij) s_ij."""
    w = s / s.sum()
    array_module(y).subtract(p, w, out=w)
    w *= s
    return 4 * (w.sum(axis=1)[:, None] * y - w @ y)


def _or_one(x: Array) -> Array:
    """Numbers to divide by: 1 for 0."""
    return array_module(x).where(x > 0, x, 1)
