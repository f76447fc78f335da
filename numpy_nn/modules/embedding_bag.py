"""A layer for texts: many words in, one vector out."""

from __future__ import annotations

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array, DTypeLike
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback
from numpy_nn.modules.layer import Layer
from numpy_nn.modules.layers import Embedding


class EmbeddingBag(Layer):
    """A table of vectors, looked up a bag at a time, each bag made one vector: see functional.embedding_bag.

    weight (num_embeddings, embedding_dim) starts as N(0, 1), its padding row as 0.
    indices: (B, L), or (n,) with offsets (B,).  per_sample_weights: like indices, for mode "sum".
    y: (B, embedding_dim).  Its backward returns the gradient of per_sample_weights, None where there are none.
    Raises ValueError for sizes below 0, another mode or a padding_idx outside the table.  Not taken over from PyTorch:
    scale_grad_by_freq and sparse.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        *,
        mode: str = "mean",
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        checks.option("mode", mode, "sum", "mean", "max")
        checks.option("include_last_offset", include_last_offset, True, False)
        table = Embedding(num_embeddings, embedding_dim, padding_idx, device=device, dtype=dtype)
        self.num_embeddings, self.embedding_dim, self.padding_idx = num_embeddings, embedding_dim, table.padding_idx
        self.max_norm, self.norm_type = max_norm, norm_type
        self.mode, self.include_last_offset = mode, include_last_offset
        self.weight = table.weight

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Array,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        *,
        mode: str = "mean",
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> EmbeddingBag:
        """An EmbeddingBag over a table that exists already, which it shares; frozen unless freeze is False.

        embeddings: (num_embeddings, embedding_dim), floating. The padding row keeps its values.
        """
        table = Embedding.from_pretrained(embeddings, freeze, padding_idx)
        layer = cls(0, 0, max_norm, norm_type, mode=mode, include_last_offset=include_last_offset)
        layer.weight, layer.padding_idx = table.weight, table.padding_idx
        layer.num_embeddings, layer.embedding_dim = embeddings.shape
        return layer

    def formula(
        self, indices: Array, offsets: Array | None = None, per_sample_weights: Array | None = None
    ) -> tuple[Array, Pullback]:
        """functional.embedding_bag with this table."""
        y, backward = F.embedding_bag(
            indices,
            self.weight.data,
            offsets,
            max_norm=self.max_norm,
            norm_type=self.norm_type,
            mode=self.mode,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )
        return y, backward if per_sample_weights is None else lambda dy: backward(dy)[::-1]  # the input's comes first

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type}"
        text += f", mode={self.mode!r}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        return text
