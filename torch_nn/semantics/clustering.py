"""k-means with torch.cdist and index_add_."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Clusters(NamedTuple):
    """Centres, labels, inertia and steps taken."""

    centers: Tensor
    labels: Tensor
    inertia: float
    iterations: int


def kmeans(
    x: Tensor,
    k: int,
    *,
    start: Tensor | None = None,
    n_init: int = 10,
    max_iter: int = 300,
    tol: float = 1e-4,
    generator: torch.Generator | None = None,
) -> Clusters:
    """The best of several runs of Lloyd's algorithm, or the one from a start."""
    starts = [start] if start is not None else (x[kmeans_plus_plus(x, k, generator=generator)] for _ in range(n_init))
    enough = tol * x.var(0, correction=0).mean().item()
    return min((lloyd(x, centers, max_iter, enough) for centers in starts), key=lambda found: found.inertia)


def kmeans_plus_plus(x: Tensor, k: int, *, generator: torch.Generator | None = None) -> Tensor:
    """Points to start from, each drawn in proportion to its squared distance from those before it."""
    u = torch.rand(k, dtype=torch.float64, generator=generator)
    chosen = [int(u[0] * len(x))]
    for draw in u[1:]:
        nearest = (x[:, None] - x[chosen]).double().square().sum(2).amin(1)
        share = nearest.cumsum(0)
        chosen.append(int(torch.searchsorted(share, draw * share[-1], right=True)))
    return torch.tensor(chosen)


def lloyd(x: Tensor, centers: Tensor, max_iter: int, enough: float) -> Clusters:
    """Lloyd's steps from a start; an empty cluster takes the point furthest from its centre."""
    labels, steps, settled = torch.cdist(x, centers).argmin(1), 0, False
    while not settled and steps < max_iter:
        before, given = labels, labels.clone()
        empty = (labels.bincount(minlength=len(centers)) == 0).nonzero()[:, 0]
        distance = (x - centers[labels]).double().square().sum(1)
        for cluster, point in zip(empty, distance.sort(descending=True, stable=True).indices, strict=False):
            given[point] = cluster if distance[point] > 0 else given[point]
        counts = given.bincount(minlength=len(centers))[:, None]
        sums = torch.zeros_like(centers).index_add_(0, given, x)
        moved = torch.where(counts > 0, sums / counts.clamp(min=1), centers)
        shift, centers = (moved - centers).square().sum(), moved
        labels = torch.cdist(x, centers).argmin(1)
        settled = torch.equal(labels, before) or shift.item() <= enough
        steps += 1
    return Clusters(centers, labels, (x - centers[labels]).double().square().sum().item(), steps)
