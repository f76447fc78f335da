"""Similarity, nearest neighbours and analogies as a PyTorch user writes them: all similarities at once, then sorted."""

from __future__ import annotations

import torch
from torch import Tensor


def unit(vectors: Tensor) -> Tensor:
    """Vectors scaled to length 1; 0 stays 0. F.normalize would leave what is shorter than 1e-12 shorter than 1."""
    scaled = vectors / torch.where((largest := vectors.abs().amax(-1, keepdim=True)) > 0, largest, 1)
    return torch.nn.functional.normalize(scaled, dim=-1)


def cosine_similarity(a: Tensor, b: Tensor) -> Tensor:
    """The cosine of the angle between every vector of one set (N, D) and every vector of another (M, D): (N, M)."""
    return unit(a) @ unit(b).T


def nearest_neighbours(
    queries: Tensor, vectors: Tensor, k: int, *, exclude: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Indices and similarities of the k vectors nearest to each query, (Q, k); of equal ones the lower index first."""
    return _highest(cosine_similarity(queries, vectors), k, exclude)


def analogy(
    vectors: Tensor,
    positive: Tensor,
    negative: Tensor,
    k: int = 1,
    *,
    method: str = "3cosadd",
    terms: Tensor | None = None,
    exclude: Tensor | None = None,
    eps: float = 1e-3,
) -> tuple[Tensor, Tensor]:
    """Indices and scores of the k vectors that answer each question best, (Q, k): numpy_nn.semantics.analogy."""
    if terms is None:
        terms = vectors
        exclude = torch.cat([positive, negative], dim=1) if exclude is None else exclude
    if method == "3cosadd":
        query = unit(terms[positive]).sum(1) - unit(terms[negative]).sum(1)
        return nearest_neighbours(query, vectors, k, exclude=exclude)
    shifted = (1 + cosine_similarity(terms, vectors)) / 2
    return _highest(shifted[positive].prod(1) / (shifted[negative].prod(1) + eps), k, exclude)


def _highest(scores: Tensor, k: int, exclude: Tensor | None) -> tuple[Tensor, Tensor]:
    """The k highest of each row, without the excluded ones; −1 excludes none."""
    if exclude is not None:
        out = torch.zeros(len(scores), scores.shape[1] + 1, dtype=torch.bool).scatter(1, exclude.long() + 1, True)
        scores = scores.masked_fill(out[:, 1:], -torch.inf)
    highest, indices = scores.sort(dim=1, descending=True, stable=True)
    return indices[:, :k], highest[:, :k]
