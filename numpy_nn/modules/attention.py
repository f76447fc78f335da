"""Attention with several heads, as a layer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from numpy_nn import functional as F
from numpy_nn import init
from numpy_nn.backend import Array, DTypeLike, device_module
from numpy_nn.functional import checks
from numpy_nn.functional.attention import attend
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels import chosen
from numpy_nn.modules.layer import Layer
from numpy_nn.modules.layers import Linear
from numpy_nn.parameter import Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """A Linear under the name by which PyTorch prints the last projection of an attention layer."""


class MultiheadAttention(Layer):
    """Queries, keys and values seen by num_heads heads: see functional.multi_head_attention.

    in_proj_weight (3 embed_dim, embed_dim) starts as Xavier's uniform values, out_proj.weight as a Linear's, both
    biases as 0.
    query: (L, N, embed_dim), with batch_first (N, L, embed_dim), without a batch (L, embed_dim).  key, value: likewise.
    Returns y, like query, and the weights by which values were averaged, after dropout: (N, L, S), the mean over the
    heads, (N, num_heads, L, S) without average_attn_weights, None without need_weights. Weights are to be looked at:
    its backward takes the gradient of y alone, and returns dquery, dkey, dvalue. Where all three are one array x, dx is
    their sum.
    Raises ValueError unless num_heads divides embed_dim.  Not taken over from PyTorch: add_bias_kv, add_zero_attn, kdim
    and vdim.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        batch_first: bool = False,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        checks.integer("embed_dim", embed_dim, low=1)
        if embed_dim % checks.integer("num_heads", num_heads, low=1):
            raise ValueError(f"num_heads: expected a divisor of embed_dim {embed_dim}, got {num_heads}")
        checks.probability("dropout", dropout)
        checks.option("bias", bias, True, False)
        checks.option("batch_first", batch_first, True, False)
        dtype = checks.floating_dtype(dtype)
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.dropout, self.batch_first = dropout, batch_first
        xp = device_module(device)
        self.in_proj_weight = Parameter(xp.empty((3 * embed_dim, embed_dim), dtype=dtype))
        self.in_proj_bias = Parameter(xp.zeros(3 * embed_dim, dtype=dtype)) if bias else None
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)  # draws first
        init.xavier_uniform_(self.in_proj_weight)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data[...] = 0

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """The same as forward."""
        return self.forward(*inputs, **options)

    def forward(  # type: ignore[override]
        self,
        query: Array,
        key: Array,
        value: Array,
        key_padding_mask: Array | None = None,
        need_weights: bool = True,
        attn_mask: Array | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Array, Array | None]:
        """The output, and the weights or None."""
        checks.option("average_attn_weights", average_attn_weights, True, False)
        weights: list[Array] = []
        y = super().forward(query, key, value, key_padding_mask, need_weights, attn_mask, is_causal, weights)
        if not need_weights:
            return y, None
        return y, weights[0].mean(axis=-3) if average_attn_weights else weights[0]

    def formula(
        self,
        query: Array,
        key: Array,
        value: Array,
        key_padding_mask: Array | None,
        need_weights: bool,
        attn_mask: Array | None,
        is_causal: bool,
        weights: list[Array],
    ) -> tuple[Array, Pullback]:
        """functional.multi_head_attention with these parameters, in this layer's mode; the weights come as well."""

        def swap(x: Any) -> Any:  # (N, L, E) -> (L, N, E), and back
            return x.swapaxes(0, 1) if self.batch_first and getattr(x, "ndim", 0) == 3 else x

        y, backward = F.multi_head_attention(
            swap(query),
            swap(key),
            swap(value),
            self.in_proj_weight.data,
            None if self.in_proj_bias is None else self.in_proj_bias.data,
            self.out_proj.weight.data,
            None if self.out_proj.bias is None else self.out_proj.bias.data,
            self.num_heads,
            key_padding_mask=key_padding_mask,
            attn_mask=attn_mask,
            need_weights=need_weights,
            is_causal=is_causal,
            dropout_p=self.dropout,
            training=self.training,
            attn_output_weights=weights if need_weights else None,
            attention=chosen(attend),
        )

        def pullback(dy: Array, without: Collection[str] = ()) -> Any:
            dquery, dkey, dvalue, *own = backward(swap(dy), without)
            return (swap(dquery), swap(dkey), swap(dvalue), *own)

        return swap(y), pullback

    def _own(self) -> list[tuple[str, Parameter]]:
        """Its own parameters and those of out_proj, under the formula's names: its pullback gives gradients of both."""
        return super()._own() + [(f"out_proj_{name}", parameter) for name, parameter in self.out_proj._own()]
