"""Agglomerative clustering by its definition: merge the two nearest clusters until one is left."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from torch_nn.semantics.similarity import cosine_similarity

BETWEEN: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "single": lambda d, a, b: d[a][:, b].min(),
    "complete": lambda d, a, b: d[a][:, b].max(),
    "average": lambda d, a, b: d[a][:, b].mean(),
}


def linkage(x: Tensor, method: str = "average", metric: str = "euclidean") -> Tensor:
    """The tree of clusters, (N − 1, 4): the two merged, their distance, how many points they have; N³ work."""
    x = x.double()
    d = (
        1 - cosine_similarity(x, x)
        if metric == "cosine"
        else torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
    )
    members = {i: torch.tensor([i]) for i in range(len(x))}
    tree: list[list[float]] = []
    while len(members) > 1:
        pairs = [(a, b) for a in members for b in members if a < b]
        apart = [
            _ward(x[members[a]], x[members[b]]) if method == "ward" else BETWEEN[method](d, members[a], members[b])
            for a, b in pairs
        ]
        nearest = int(torch.stack(apart).argmin())
        a, b = pairs[nearest]
        merged = torch.cat([members.pop(a), members.pop(b)])
        members[len(x) + len(tree)] = merged
        tree.append([a, b, apart[nearest].item(), len(merged)])
    return torch.tensor(tree, dtype=torch.float64)


def leaf_order(tree: Tensor) -> Tensor:
    """The points in the order of the tree, the first cluster of each row before the second."""
    leaves = {i: [i] for i in range(len(tree) + 1)}
    for t, (a, b, _, _) in enumerate(tree.tolist()):
        leaves[len(tree) + 1 + t] = leaves[int(a)] + leaves[int(b)]
    return torch.tensor(leaves[2 * len(tree)])


def _ward(a: Tensor, b: Tensor) -> Tensor:
    """How far two clusters are apart: √(2 |A| |B| / (|A| + |B|)) times the distance of their means."""
    weight = 2 * len(a) * len(b) / (len(a) + len(b))
    return (weight * (a.mean(0) - b.mean(0)).square().sum()).sqrt()
