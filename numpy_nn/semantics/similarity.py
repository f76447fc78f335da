"""How near vectors are to each other, and which are nearest, exactly, among hundreds of thousands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy_nn.backend import Array, array_module, item, silent
from numpy_nn.functional import checks

BLOCK = 2048
"""How many vectors are compared at once, and with how many queries: so many similarities fit a processor's cache."""
QUERIES = 256


def unit(vectors: Array) -> Array:
    """Vectors scaled to length 1.

    u = v / |v|,  and 0 for v = 0

    vectors: (..., D), floating, D at least 1.  Returns the same shape and dtype. The largest component is divided out
    first, so that no square overflows or vanishes.
    """
    xp = array_module(vectors)
    with silent():
        largest = xp.abs(vectors).max(axis=-1, keepdims=True)
        scaled = vectors / xp.where(largest > 0, largest, 1)
        length = xp.sqrt((scaled * scaled).sum(axis=-1, keepdims=True))
        return scaled / xp.where(length > 0, length, 1)


def cosine_similarity(a: Array, b: Array) -> Array:
    """The cosine of the angle between every vector of one set and every vector of another.

    s_ij = a_i · b_j / (|a_i| |b_j|),  and 0 where a vector is 0

    a: (N, D).  b: (M, D), of the same floating dtype.  Returns (N, M), between −1 and 1 but for rounding; nan where a
    vector holds nan or an infinity.  Raises TypeError for other dtypes, ValueError for other shapes or devices.
    sklearn.metrics.pairwise.cosine_similarity.
    """
    _check(a=a, b=b)
    with silent():
        return unit(a) @ unit(b).T


def nearest_neighbours(
    queries: Array, vectors: Array, k: int, *, exclude: Array | None = None, block: int = BLOCK
) -> tuple[Array, Array]:
    """The k vectors with the highest cosine similarity to each query, nearest first; of equal ones the lower index.

    The vectors are compared block by block, and only what can still be among the k nearest is kept: beside the result
    it takes memory for some blocks of similarities, never for all Q · V.

    queries: (Q, D).  vectors: (V, D), of the same floating dtype.  exclude: (Q, E) int64 or int32, the indices left out
    of each query's answer; −1 stands for none.  k: at most V − E.  block: how many vectors are compared at once.
    Returns indices (Q, k) int64 and similarities (Q, k); a vector of length 0 has similarity 0 to all.
    Raises TypeError and ValueError for other dtypes, shapes, devices and k, and for numbers that are not finite;
    IndexError for indices to exclude out of range.
    """
    _check(queries=queries, vectors=vectors)
    asked = unit(finite("queries", queries))

    def scores(near: Array) -> Callable[[slice], Array]:
        return lambda rows: asked[rows] @ near.T

    return highest(scores, vectors, len(queries), k, exclude, block)


def highest(
    scores: Callable[[Array], Callable[[slice], Array]],
    vectors: Array,
    asked: int,
    k: int,
    exclude: Array | None,
    block: int,
) -> tuple[Array, Array]:
    """The k vectors that score highest with each of so many queries; of equal scores the lower index comes first.

    scores: takes a block of vectors (B, D), scaled to length 1, and returns what gives some queries' scores (q, B).
    The others are nearest_neighbours'.  Returns indices and scores, both (asked, k).
    """
    xp, V = array_module(vectors), len(vectors)
    E = 0 if exclude is None else _check_exclude(exclude, vectors, asked)
    if checks.integer("k", k, low=1) > V - E:
        raise ValueError(f"k: expected at most {V - E}, of {V} vectors without {E}, got {k}")
    most = k + E  # at most E of which are to be left out
    best = xp.full((asked, most), -xp.inf, dtype=vectors.dtype)
    index = xp.zeros((asked, most), dtype="int64")
    for start in range(0, V, max(checks.integer("block", block, low=1), most)):
        near = unit(finite("vectors", vectors[start : start + max(block, most)], start))
        scored = scores(near)
        for first in range(0, asked, QUERIES):
            rows = slice(first, first + QUERIES)
            found = scored(rows)
            columns = xp.nonzero((found > best[rows, -1:]).any(axis=0))[0]  # an equal one has the higher index: no use
            if columns.size:
                places = xp.broadcast_to(columns + start, (len(found), columns.size))
                merged = xp.concatenate([best[rows], found[:, columns]], axis=1)
                best[rows], index[rows] = _top(merged, xp.concatenate([index[rows], places], axis=1), most)
    return (index, best) if exclude is None else _without(index, best, exclude, k)


def _top(scores: Array, places: Array, k: int) -> tuple[Array, Array]:
    """The k highest scores of each row and their places, highest first, of equal ones the one that stands first."""
    xp = array_module(scores)
    M = scores.shape[1]
    least = xp.partition(scores, M - k, axis=1)[:, M - k : M - k + 1]
    higher, equal = scores > least, scores == least
    chosen = higher | (equal & (equal.cumsum(axis=1) <= k - higher.sum(axis=1, keepdims=True)))
    columns = xp.nonzero(chosen)[1].reshape(-1, k)
    order = xp.argsort(-xp.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    columns = xp.take_along_axis(columns, order, axis=1)
    return xp.take_along_axis(scores, columns, axis=1), xp.take_along_axis(places, columns, axis=1)


def _without(index: Array, best: Array, exclude: Array, k: int) -> tuple[Array, Array]:
    """The first k of each row that are not to be left out."""
    xp = array_module(index)
    out = (index[:, :, None] == exclude[:, None, :]).any(axis=2)
    order = xp.argsort(out.astype("int8"), axis=1, kind="stable")[:, :k]
    return xp.take_along_axis(index, order, axis=1), xp.take_along_axis(best, order, axis=1)


def finite(name: str, vectors: Array, start: int = 0) -> Array:
    """The vectors, of which the first is number start. Raises ValueError where one holds nan or an infinity."""
    whole = array_module(vectors).isfinite(vectors).all(axis=1)
    if not item(whole.all()):
        raise ValueError(f"{name}: expected finite numbers, got others in row {start + int(item(whole.argmin()))}")
    return vectors


def _check(**arrays: Array) -> Any:
    """Raise TypeError or ValueError unless two arrays hold vectors of the same dtype and length; their library."""
    xp = checks.floating(optional=None, **arrays)
    for name, array in arrays.items():
        if array.ndim != 2 or not array.shape[1]:
            raise ValueError(f"{name}: expected vectors as rows, of at least one component, got shape {array.shape}")
    (_, a), (name, b) = arrays.items()
    checks.shape(name, b, (len(b), a.shape[1]), "vectors of the same length")
    return xp


def _check_exclude(exclude: Array, vectors: Array, asked: int) -> int:
    """Raise TypeError, ValueError or IndexError unless there is a row of indices for each query; their number."""
    checks.indices("exclude", exclude, "int64", "int32")
    if exclude.ndim != 2 or len(exclude) != asked or array_module(exclude) is not array_module(vectors):
        raise ValueError(f"exclude: expected shape ({asked}, E) beside the vectors, got {exclude.shape}")
    checks.in_range("exclude", exclude, len(vectors), low=-1)
    return int(exclude.shape[1])
