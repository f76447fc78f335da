"""Layers that are not activations: Linear, Embedding, CosineSimilarity, Dropout, Flatten."""

from __future__ import annotations

from math import sqrt

import numpy as np

from numpy_nn import functional as F
from numpy_nn import init
from numpy_nn.backend import Array, DTypeLike, device_module
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels import chosen, empty_weight
from numpy_nn.kernels.choice import chosen_on_gpu
from numpy_nn.modules.layer import Layer
from numpy_nn.parameter import Parameter


class Linear(Layer):
    """y = x Wᵀ + b: see functional.linear.

    weight (out_features, in_features) and bias (out_features,) start as U(−1/√in_features, 1/√in_features).
    x: (..., in_features) -> y: (..., out_features).  Raises ValueError for sizes below 0.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        checks.integer("in_features", in_features, low=0)
        checks.integer("out_features", out_features, low=0)
        checks.option("bias", bias, True, False)
        dtype = checks.floating_dtype(dtype)
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(empty_weight((out_features, in_features), device, dtype))
        if in_features and out_features:
            init.kaiming_uniform_(self.weight, a=sqrt(5))
        self.bias = Parameter(device_module(device).empty(out_features, dtype=dtype)) if bias else None
        if self.bias is not None:
            bound = 1 / sqrt(in_features) if in_features else 0.0
            init.uniform_(self.bias, -bound, bound)

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.linear with this weight and bias."""
        bias = self.bias
        return chosen_on_gpu(F.linear, x)(x, self.weight.data, None if bias is None else bias.data)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Embedding(Layer):
    """A table of vectors, looked up by index: see functional.embedding.

    weight (num_embeddings, embedding_dim) starts as N(0, 1), its padding row as 0.
    indices: (...) int64 or int32 -> y: (..., embedding_dim).  Raises ValueError for sizes below 0 or a padding_idx
    outside the table.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        checks.integer("num_embeddings", num_embeddings, low=0)
        checks.integer("embedding_dim", embedding_dim, low=0)
        checks.row("padding_idx", padding_idx, num_embeddings)
        if padding_idx is not None:
            padding_idx %= num_embeddings
        dtype = checks.floating_dtype(dtype)
        self.num_embeddings, self.embedding_dim, self.padding_idx = num_embeddings, embedding_dim, padding_idx
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.weight = Parameter(device_module(device).empty((num_embeddings, embedding_dim), dtype=dtype))
        init.normal_(self.weight)
        if padding_idx is not None:
            self.weight.data[padding_idx] = 0

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Array,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
    ) -> Embedding:
        """An Embedding over a table that exists already, which it shares; frozen unless freeze is False.

        embeddings: (num_embeddings, embedding_dim), floating. The padding row keeps its values.
        """
        checks.floating(embeddings=embeddings)
        if embeddings.ndim != 2:
            raise ValueError(f"embeddings: expected shape (num_embeddings, embedding_dim), got {embeddings.shape}")
        checks.row("padding_idx", padding_idx, len(embeddings))
        layer = cls(0, 0, None, max_norm, norm_type, scale_grad_by_freq)
        layer.weight = Parameter(embeddings, requires_grad=not freeze)
        layer.num_embeddings, layer.embedding_dim = embeddings.shape
        layer.padding_idx = None if padding_idx is None else padding_idx % len(embeddings)
        return layer

    def formula(self, indices: Array) -> tuple[Array, Pullback]:
        """functional.embedding with this table."""
        return chosen(F.embedding)(
            indices, self.weight.data, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq
        )

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type}"
        if self.scale_grad_by_freq:
            text += f", scale_grad_by_freq={self.scale_grad_by_freq}"
        return text


class CosineSimilarity(Layer):
    """The cosine of the angle between two vectors: see functional.cosine_similarity.

    x1, x2: floating, of shapes that broadcast -> y: their common shape without dim.  Its backward returns dx1, dx2.
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps

    def formula(self, x1: Array, x2: Array) -> tuple[Array, Pullback]:
        """functional.cosine_similarity along this dimension."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class Dropout(Layer):
    """Silences each element with probability p while training: see functional.dropout.

    x: any shape, floating -> y: like x.  Raises ValueError for p outside [0, 1].
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        checks.probability("p", p)
        self.p = p

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.dropout in this layer's mode."""
        return F.dropout(x, self.p, self.training)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"p={self.p}, inplace=False"


class Flatten(Layer):
    """Dimensions start_dim to end_dim joined into one; its backward splits them again.

    x: any shape, floating -> y: (..., product of the joined dimensions, ...).  Raises IndexError for dimensions out of
    range.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.flatten of these dimensions."""
        return F.flatten(x, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
