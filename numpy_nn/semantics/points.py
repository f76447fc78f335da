"""Points in a space: what the methods ask of them, and how far apart they are."""

from __future__ import annotations

import math
from typing import Any

from numpy_nn.backend import Array, array_module, item
from numpy_nn.functional import checks
from numpy_nn.semantics.similarity import unit

METRICS = ("euclidean", "cosine")


def check_points(name: str, x: Array, least: int = 1) -> Any:
    """The array library of points (N, D), at least so many, floating, their squared distances finite; else an error."""
    xp = checks.floating(optional=None, **{name: x})
    if x.ndim != 2 or not x.shape[1]:
        raise ValueError(f"{name}: expected shape (N, D), got {x.shape}")
    if len(x) < least:
        raise ValueError(f"{name}: expected at least {least} points, got {len(x)}")
    if not item(xp.isfinite(x).all()):
        raise ValueError(f"{name}: expected finite numbers, got nan or infinity")
    largest, most = item(abs(x).max()), math.sqrt(float(xp.finfo(x.dtype).max) / x.size) / 2
    if largest > most:
        raise ValueError(f"{name}: expected numbers up to {most:.0e}, whose squares can be added, got {largest}")
    return xp


def squared_distances(x: Array) -> Array:
    """The squared distance of every two points, |x_i − x_j|², (N, N): symmetric to the bit, and exactly 0 from itself.

    x: (N, D). From differences, since |x_i|² + |x_j|² − 2 x_i·x_j would lose what tells near points apart.
    """
    d = array_module(x).empty((len(x), len(x)), dtype=x.dtype)
    for i in range(len(x)):
        difference = x - x[i]
        d[i] = (difference * difference).sum(axis=1)
    return d


def distances(x: Array, metric: str = "euclidean") -> Array:
    """The distance of every two points, (N, N).

    euclidean   |x_i − x_j|
    cosine      1 − cos(x_i, x_j) = |u_i − u_j|² / 2,   u = x / |x|

    x: (N, D).  metric: one of the two.  Raises ValueError for another, and for the cosine of a point that is 0.
    scipy.spatial.distance.pdist.
    """
    xp = array_module(x)
    checks.option("metric", metric, *METRICS)
    if metric == "euclidean":
        return xp.sqrt(squared_distances(x))
    if not item((x != 0).any(axis=1).all()):
        raise ValueError("x: expected points other than 0 for the cosine, which has no direction there")
    return squared_distances(unit(x)) / 2
