"""Counts of neighbours and what they say, as sparse tensors that PyTorch adds up."""

from __future__ import annotations

import torch
from torch import Tensor


@torch.sparse.check_sparse_tensor_invariants()
def cooccurrence(ids: Tensor, num_words: int, window: int = 5, weighting: str = "flat") -> Tensor:
    """How often words stand near one another, (V, V) sparse; −1 in ids ends a sentence."""
    sentence = (ids < 0).cumsum(0)
    total = torch.sparse_coo_tensor(size=(num_words, num_words), dtype=torch.float64)
    for distance in range(1, min(window, len(ids) - 1) + 1):
        weight = {"flat": 1.0, "harmonic": 1 / distance, "linear": (window + 1 - distance) / window}[weighting]
        left, right = ids[:-distance], ids[distance:]
        together = (left >= 0) & (right >= 0) & (sentence[:-distance] == sentence[distance:])
        pairs = torch.stack([left[together], right[together]])
        counted = torch.sparse_coo_tensor(
            pairs, torch.full((pairs.shape[1],), weight, dtype=torch.float64), total.shape
        )
        total = total + counted + counted.T
    return total.coalesce()


def ppmi(counts: Tensor, shift: float = 1.0, alpha: float = 0.75) -> Tensor:
    """Positive pointwise mutual information of counts (N, M), sparse or dense; the result is dense."""
    dense = counts.to_dense().double()
    context = dense.sum(0) ** alpha * (dense.sum(0) > 0)
    expected = dense.sum(1, keepdim=True) * (context / context.sum())
    return torch.relu(torch.log(dense / (shift * expected)).nan_to_num(-torch.inf))
