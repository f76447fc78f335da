"""A transformer's layer: attention, then a perceptron, each added to what came in."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpy_nn.backend import Array, DTypeLike
from numpy_nn.functional import checks
from numpy_nn.modules.activations import GELU, ReLU
from numpy_nn.modules.attention import MultiheadAttention
from numpy_nn.modules.layers import Dropout, Linear
from numpy_nn.modules.module import Module
from numpy_nn.modules.normalization import LayerNorm


class TransformerEncoderLayer(Module):
    """Every step of a sequence looks at all of them, then is thought over by itself.

    h = norm1(x + looks(x)),   y = norm2(h + thinks(h));   with norm_first  h = x + looks(norm1(x)), and so y
    looks = dropout1(self_attn(·, ·, ·)),   thinks = dropout2(linear2(dropout(activation(linear1(·)))))

    src: x (L, N, d_model), with batch_first (N, L, d_model), without a batch (L, d_model) -> y: like x.
    src_mask, src_key_padding_mask, is_causal: see MultiheadAttention.  activation: "relu" or "gelu".
    Raises ValueError for another activation, and unless nhead divides d_model.
    Vaswani et al. 2017, section 3.1; torch.nn.TransformerEncoderLayer, whose activation may be any function.
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        checks.option("activation", activation, "relu", "gelu")
        checks.option("norm_first", norm_first, True, False)
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, device=device, dtype=dtype
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, device, dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, device, dtype)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, device=device, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, device=device, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self._activation = (ReLU() if activation == "relu" else GELU(),)  # in a tuple: PyTorch does not print it

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """The same as forward: it has no parameters but those of its layers."""
        return self.forward(*inputs, **options)

    def forward(
        self,
        src: Array,
        src_mask: Array | None = None,
        src_key_padding_mask: Array | None = None,
        is_causal: bool = False,
    ) -> Array:
        """Two branches, each normalized before it, or with what it was added to."""

        def looks(x: Array) -> Array:
            attended, _ = self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)
            return self.dropout1(attended)

        def thinks(x: Array) -> Array:
            return self.dropout2(self.linear2(self.dropout(self._activation[0](self.linear1(x)))))

        if self.norm_first:
            h = src + looks(self.norm1(src))
            return h + thinks(self.norm2(h))
        h = self.norm1(src + looks(src))
        return self.norm2(h + thinks(h))

    def backward(self, dy: Array) -> Any:
        """The forward's steps in reverse; what is added in forward gets the same gradient in each part."""

        def unthink(d: Array) -> Any:
            dhidden = self.dropout.backward(self.linear2.backward(self.dropout2.backward(d)))
            return self.linear1.backward(self._activation[0].backward(dhidden))

        def unlook(d: Array) -> Any:
            dlooks = self.self_attn.backward(self.dropout1.backward(d))
            return None if dlooks is None else added(*dlooks)  # as query, as key and as value

        if self.norm_first:
            dh = added(dy, self.norm2.backward(unthink(dy)))
            return added(dh, self.norm1.backward(unlook(dh)))
        dsum = self.norm2.backward(dy)
        dsum = self.norm1.backward(added(dsum, unthink(dsum)))
        return added(dsum, unlook(dsum))


def added(*gradients: Array | None) -> Any:
    """The gradient of what went several ways: the sum of theirs; None where one is None, as then nobody wants it."""
    if any(gradient is None for gradient in gradients):
        return None
    first, *others = gradients
    for gradient in others:
        first = first + gradient  # type: ignore[operator]
    return first
