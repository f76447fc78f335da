"""Groups of groups: which points and clusters are nearest, from the pairs up to the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from numpy_nn.backend import Array, array_module, as_array, item, to_host
from numpy_nn.functional import checks
from numpy_nn.semantics.points import METRICS, check_points, distances

Update: TypeAlias = Callable[[Array, Array, float, float, float, Array], Array]


def _single(a: Array, b: Array, height: float, na: float, nb: float, n: Array) -> Array:
    return array_module(a).minimum(a, b)


def _complete(a: Array, b: Array, height: float, na: float, nb: float, n: Array) -> Array:
    return array_module(a).maximum(a, b)


def _average(a: Array, b: Array, height: float, na: float, nb: float, n: Array) -> Array:
    return (na * a + nb * b) / (na + nb)


def _ward(a: Array, b: Array, height: float, na: float, nb: float, n: Array) -> Array:
    squared = ((n + na) * a * a + (n + nb) * b * b - n * height * height) / (n + na + nb)
    return array_module(a).sqrt(squared)


UPDATES: dict[str, Update] = {"single": _single, "complete": _complete, "average": _average, "ward": _ward}
"""The distance of a merged cluster from each other one, after Lance and Williams 1967.

a, b: the distances of its two parts from the others, (N,).  height: their distance from each other.  na, nb, n: how
many points they and each other cluster have.
"""


def linkage(x: Array, method: str = "average", metric: str = "euclidean") -> Array:
    """The tree of clusters in which the nearest two are merged until one is left.

    single     d(A, B) = min |a − b|         complete   d(A, B) = max |a − b|
    average    d(A, B) = mean |a − b|        ward       d(A, B)² = 2 |A| |B| / (|A| + |B|) · |mean A − mean B|²

    Found by the nearest-neighbour chain: go from a cluster to its nearest, and from there on, until two are each
    other's nearest, and merge them; N² steps in all.
    x: (N, D), floating and finite, at least 2 points.  method: one of the four.  metric: "euclidean", or "cosine",
    which ward does not take.
    Returns (N − 1, 4), float64, on the host, as SciPy has it: in row t the two clusters merged, the lower number
    first, their distance, rising, and the points they have together; cluster N + t is what row t made.
    Raises TypeError for other dtypes, ValueError for other shapes, options, nan and infinity.
    Müllner 2011, section 3; scipy.cluster.hierarchy.linkage. Where distances are equal, more than one tree is right.
    """
    check_points("x", x, least=2)
    checks.option("method", method, *UPDATES)
    checks.option("metric", metric, *METRICS)
    if method == "ward" and metric != "euclidean":
        raise ValueError(f"metric: expected 'euclidean' for ward, got {metric!r}")
    d = distances(to_host(x).astype("float64"), metric)
    return _numbered(list(_merges(d, UPDATES[method])), len(x))


def leaf_order(tree: Array) -> Array:
    """The points in an order that keeps every cluster together, for the rows of a heat map.

    tree: (N − 1, 4), see linkage; the first cluster of each row comes before the second.  Returns (N,) int64.
    Raises ValueError for what is no such tree. scipy.cluster.hierarchy.leaves_list.
    """
    xp = checks.floating(tree=tree)
    if tree.ndim != 2 or tree.shape[1] != 4 or not len(tree):
        raise ValueError(f"tree: expected shape (N - 1, 4), got {tree.shape}")
    check_points("tree", tree)
    N = len(tree) + 1
    parts = [[int(a), int(b)] for a, b, _, _ in to_host(tree).tolist()]
    used = sorted(part for pair in parts for part in pair)
    if used != list(range(2 * N - 2)) or any(max(pair) >= N + t for t, pair in enumerate(parts)):
        raise ValueError("tree: expected each cluster to be merged once, after it was made")
    order, waiting = [], [2 * N - 2]
    while waiting:
        cluster = waiting.pop()
        if cluster < N:
            order.append(cluster)
        else:
            waiting += parts[cluster - N][::-1]
    return xp.asarray(order, dtype="int64")


def _merges(d: Array, update: Update) -> Iterator[tuple[int, int, float]]:
    """The merges in the order of the chain: two points, one of each cluster, and the distance of the clusters.

    d: (N, N), which is used up. A cluster is known by its last point; the rows of the others become infinite.
    """
    xp, N = array_module(d), len(d)
    points = xp.ones(N)
    d[xp.arange(N), xp.arange(N)] = xp.inf
    chain: list[int] = []
    for _ in range(N - 1):
        if not chain:
            chain = [item(points.argmax())]
        while True:
            a = chain[-1]
            b = item(d[a].argmin())
            if len(chain) > 1 and item(d[a, chain[-2]] <= d[a, b]):  # of equal ones the one come from, or it never ends
                b = chain[-2]
                break
            chain.append(b)
        del chain[-2:]
        a, b = min(a, b), max(a, b)
        height = item(d[a, b])
        merged = update(d[a], d[b], height, item(points[a]), item(points[b]), points)
        merged[a] = merged[b] = xp.inf
        d[b], d[:, b], d[a], d[:, a] = merged, merged, xp.inf, xp.inf
        points[b] += points[a]
        points[a] = 0
        yield a, b, height


def _numbered(merges: list[tuple[int, int, float]], N: int) -> Array:
    """The tree of merges: by distance, and the clusters numbered in the order in which they are made."""
    above, size = list(range(2 * N - 1)), [1] * N

    def top(number: int) -> int:
        """The cluster that a point or a cluster is in by now; the way there is made short."""
        way = [number]
        while above[way[-1]] != way[-1]:
            way.append(above[way[-1]])
        for passed in way:
            above[passed] = way[-1]
        return way[-1]

    rows = []
    for t, (a, b, height) in enumerate(sorted(merges, key=lambda merge: merge[2])):
        first, second = sorted((top(a), top(b)))
        size.append(size[first] + size[second])
        above[first] = above[second] = N + t
        rows.append([first, second, height, size[-1]])
    return as_array(rows).astype("float64")
