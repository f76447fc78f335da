"""Points in groups, each around its centre."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy_nn.backend import Array, array_module, item
from numpy_nn.functional import checks
from numpy_nn.random import Generator, uniform
from numpy_nn.semantics.points import check_points

BLOCK = 4096
"""How many points are held against all centres at once."""


class Clusters(NamedTuple):
    """Centres (k, D); the number of its nearest centre for each point, (N,) int64; Σ |x − centre|²; steps taken."""

    centers: Array
    labels: Array
    inertia: float
    iterations: int


def kmeans(
    x: Array,
    k: int,
    *,
    start: Array | None = None,
    n_init: int = 10,
    max_iter: int = 300,
    tol: float = 1e-4,
    generator: Generator | None = None,
) -> Clusters:
    """k centres such that points lie near one of them, by Lloyd's steps from the best of several starts.

    label_i = argmin_c |x_i − c|²;   c ← mean of the points with its label;   again, until no label changes or the
    centres move by no more than Σ |Δc|² ≤ tol · mean_d var(x_d)

    A point between two centres goes to the first. A cluster without points takes the one furthest from its centre (of
    several, in the order of the distance, then of the points), so that none stays empty as long as points differ from
    their centres.
    x: (N, D), floating and finite.  k: in [1, N].  start: (k, D) centres to begin from, once; None for k-means++.
    n_init: how many starts are tried.  max_iter: the most steps.  generator: draws the starts, None the default stream.
    Returns the clusters with the lowest inertia, the first of several.
    Raises TypeError for other dtypes and numbers, ValueError for other shapes or devices, nan, infinity, more centres
    than points, or, without a start, than points that differ.
    Lloyd 1982; sklearn.cluster.KMeans(algorithm="lloyd"), which takes these steps from the same start.
    """
    _check(x, k)
    checks.integer("n_init", n_init, low=1)
    checks.integer("max_iter", max_iter, low=1)
    checks.number("tol", tol, low=0)
    if start is not None:
        checks.floating(x=x, start=start)
        checks.shape("start", start, (k, x.shape[1]), "a centre for each cluster")
        check_points("start", start)
    mean = x.mean(axis=0)
    centred = x - mean  # so that |x|² cancels as little as possible
    enough = tol * item((centred * centred).mean())
    best: Clusters | None = None
    for _ in range(1 if start is not None else n_init):
        first = x[kmeans_plus_plus(x, k, generator=generator)] if start is None else start
        found = _lloyd(centred, first - mean, max_iter, enough)
        if best is None or found.inertia < best.inertia:
            best = found
    assert best is not None
    return best._replace(centers=best.centers + mean)


def kmeans_plus_plus(x: Array, k: int, *, generator: Generator | None = None) -> Array:
    """Which points to start from: the first at random, each further one in proportion to D², the squared distance to
    the nearest before it.

    i₁ = ⌊u₁ N⌋;   i_m = the first i with D²_1 + … + D²_i > u_m Σ D²;   u₁, …, u_k uniform, drawn at once in float64

    x: (N, D), floating and finite.  k: in [1, N].  generator: None for the default stream.
    Returns (k,) int64.  Raises as kmeans.  Arthur and Vassilvitskii 2007, section 2.2.
    """
    xp = _check(x, k)
    u = uniform((k,), dtype="float64", generator=generator).tolist()
    chosen = [int(u[0] * len(x))]
    nearest = _squared_distance(x, x[chosen[0]])
    for draw in u[1:]:
        share = xp.cumsum(nearest)
        total = item(share[-1])
        if not total > 0:
            raise ValueError(f"x: expected at least k = {k} points that differ, got {len(chosen)}")
        chosen.append(item((share <= draw * total).sum()))
        nearest = xp.minimum(nearest, _squared_distance(x, x[chosen[-1]]))
    return xp.asarray(chosen, dtype="int64")


def _nearest(x: Array, centers: Array) -> Array:
    """The number of the nearest centre of each point, the first of several, from |c|² − 2 x·c.

    x: (N, D).  centers: (k, D).  Returns (N,) int64.
    """
    xp = array_module(x)
    squares = (centers * centers).sum(axis=1)
    labels = xp.empty(len(x), dtype="int64")
    for i in range(0, len(x), BLOCK):
        labels[i : i + BLOCK] = (squares - 2 * (x[i : i + BLOCK] @ centers.T)).argmin(axis=1)
    return labels


def _lloyd(x: Array, centers: Array, max_iter: int, enough: float) -> Clusters:
    """Lloyd's steps from a start."""
    labels, steps, settled = _nearest(x, centers), 0, False
    while not settled and steps < max_iter:
        moved = _means(x, _refilled(x, labels, centers), centers)
        shift = item(((moved - centers) ** 2).sum())
        before, centers = labels, moved
        labels = _nearest(x, centers)
        settled = shift <= enough or item((labels == before).all())
        steps += 1
    return Clusters(centers, labels, item(_squared_distance(x, centers[labels]).sum()), steps)


def _means(x: Array, labels: Array, centers: Array) -> Array:
    """The mean of the points with each label; the old centre where there are none."""
    xp, k = array_module(x), len(centers)
    sums, counts = xp.zeros_like(centers), xp.bincount(labels, minlength=k)[:, None]
    for i in range(0, len(x), BLOCK):
        one_hot = labels[i : i + BLOCK, None] == xp.arange(k)  # (B, k)
        sums += one_hot.T.astype(x.dtype) @ x[i : i + BLOCK]
    return xp.where(counts > 0, sums / xp.maximum(counts, 1).astype(x.dtype), centers)


def _refilled(x: Array, labels: Array, centers: Array) -> Array:
    """The labels, with the points furthest from their centres given to the clusters that have none."""
    xp = array_module(x)
    empty = xp.flatnonzero(xp.bincount(labels, minlength=len(centers)) == 0)
    if not len(empty):
        return labels
    distance = _squared_distance(x, centers[labels])
    furthest = xp.argsort(-distance, kind="stable")[: len(empty)]
    labels = labels.copy()
    labels[furthest] = xp.where(distance[furthest] > 0, empty, labels[furthest])
    return labels


def _check(x: Array, k: int) -> Any:
    """The array library of the points, of which there are at least k."""
    xp = check_points("x", x)
    if checks.integer("k", k, low=1) > len(x):
        raise ValueError(f"k: expected at most {len(x)}, the number of points, got {k}")
    return xp


def _squared_distance(x: Array, y: Array) -> Array:
    """|x_i − y_i|² for every point, (N,) float64; or |x_i − y|² for one y."""
    difference = (x - y).astype("float64", copy=False)
    return (difference * difference).sum(axis=1)
