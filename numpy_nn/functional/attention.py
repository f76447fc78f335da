"""Attention: each query takes the average of the values, the more of one the better its key fits."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

from numpy_nn.backend import Array, array_module, device_of, is_array
from numpy_nn.functional import checks
from numpy_nn.functional.activations.softmax import softmax
from numpy_nn.functional.broadcasting import broadcast_shape
from numpy_nn.functional.dropout import dropout
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.matmul import matmul
from numpy_nn.random import Generator


@formula
def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Array | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    generator: Generator | None = None,
) -> tuple[Array, Pullback]:
    """The values, averaged by how well their keys fit each query.

    Y = P V,   P = dropout(softmax(Z)),   Z = scale Q Kᵀ + M;
    dV = Pᵀ dY,   dP = dY Vᵀ,   dZ = P (dP − Σ_s dP P),   dQ = scale dZ K,   dK = scale dZᵀ Q        (without dropout)

    query: Q (..., L, E), floating.  key: K (..., S, E).  value: V (..., S, D).  Leading dimensions, the heads among
    them, broadcast.  attn_mask: M, floating, or bool, where False stands for −∞; it broadcasts to (..., L, S).
    dropout_p: the probability that a weight is dropped, always: there is no training mode here.  is_causal: query l
    sees keys 0 to l alone; takes the place of attn_mask.  scale: 1 / √E where None.  generator: as in dropout.
    Returns y (..., L, D) and backward(dy) -> dquery, dkey, dvalue. A mask is data: it gets no gradient.
    Raises TypeError for other dtypes, ValueError for shapes that do not fit, attn_mask together with is_causal, and a
    dropout_p outside [0, 1].
    Vaswani et al. 2017, eq. 1; torch.nn.functional.scaled_dot_product_attention. A query that may see no key gets 0.
    Where a score is nan, so is y, as in PyTorch's textbook version; its fused one on the CPU may give 0.
    """
    xp = checks.floating(query=query, key=key, value=value)
    for name, array in (("query", query), ("key", key), ("value", value)):
        if array.ndim < 2:
            raise ValueError(f"{name}: expected shape (..., length, features), got {array.shape}")
    L, E = query.shape[-2:]
    S = key.shape[-2]
    if key.shape[-1] != E:
        raise ValueError(f"key: expected shape (..., {E}) for a query {query.shape}, got {key.shape}")
    if value.shape[-2] != S:
        raise ValueError(f"value: expected shape (..., {S}, features) for a key {key.shape}, got {value.shape}")
    batch = broadcast_shape("key", query.shape[:-2], key.shape[:-2])
    broadcast_shape("value", batch, value.shape[:-2])
    dropout_p = checks.probability("dropout_p", dropout_p)
    checks.option("is_causal", is_causal, True, False)
    scale = 1 / sqrt(max(E, 1)) if scale is None else checks.number("scale", scale)
    if is_causal and attn_mask is not None:
        raise ValueError("attn_mask: expected None with is_causal, got an array")

    mask = None
    if is_causal:
        mask = additive("is_causal", xp.tril(xp.ones((L, S), dtype=bool)), query, hides=False)
    elif attn_mask is not None:
        mask = additive("attn_mask", attn_mask, query, hides=False)
        if broadcast_shape("attn_mask", (*batch, L, S), mask.shape) != (*batch, L, S):
            raise ValueError(f"attn_mask: expected a shape that broadcasts to {(*batch, L, S)}, got {mask.shape}")
    y, _, backward = attend(query, key, value, mask, dropout_p, scale, generator)
    return y, backward


def attend(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    dropout_p: float,
    scale: float,
    generator: Generator | None,
    safe: bool = True,
) -> tuple[Array, Array, Pullback]:
    """The arithmetic of attention, for arrays that fit; the weights come too: y, P and the pullback of y.

    mask: M, floating, or None.  safe: a query that may see no key gets 0, else nan.
    Each step of backward undoes one of forward, in reverse.
    """
    z, z_backward = matmul(scale * query, key.swapaxes(-1, -2))  # (..., L, E) (..., E, S) -> (..., L, S)
    p, softmax_backward = softmax(z, -1) if mask is None else (_safe_softmax if safe else softmax)(z + mask, -1)
    in_order = array_module(p).ascontiguousarray(p)  # dropout draws in the order of memory, and PyTorch's is this one
    p, dropout_backward = dropout(in_order, dropout_p, generator=generator)
    y, y_backward = matmul(p, value)  # (..., L, S) (..., S, D) -> (..., L, D)

    def backward(dy: Array) -> tuple[Array, Array, Array]:
        dp, dvalue = y_backward(dy)  # dY Vᵀ and Pᵀ dY
        dz = softmax_backward(dropout_backward(dp))
        dscaled, dkey = z_backward(dz)  # dZ K and scale Qᵀ dZ
        return scale * dscaled, dkey.swapaxes(-1, -2), dvalue

    return y, p, backward


def _safe_softmax(z: Array, dim: int) -> tuple[Array, Pullback]:
    """softmax, but a row of −∞ alone becomes 0 and passes no gradient, where softmax gives nan."""
    xp = array_module(z)
    p, softmax_backward = softmax(z, dim)
    lost = (z.real == -inf).all(axis=dim, keepdims=True)
    return xp.where(lost, 0, p), lambda dp: xp.where(lost, 0, softmax_backward(dp))


def additive(name: str, mask: Array, query: Array, hides: bool) -> Array:
    """A mask as what is added to the scores: itself if it is floating; else −∞ where it is `hides`, and 0 elsewhere.

    Raises TypeError unless it is an array of bool or of the query's dtype, ValueError where it is on another device.
    """
    if not is_array(mask):
        raise TypeError(f"{name}: expected an array or None, got {type(mask).__name__}")
    dtype: Any = query.real.dtype
    if mask.dtype not in (bool, dtype):
        raise TypeError(f"{name}: expected bool, or {dtype} like query, got {mask.dtype}")
    if device_of(mask) != device_of(query):
        raise ValueError(f"{name}: expected an array on {device_of(query)} like query, got one on {device_of(mask)}")
    if mask.dtype != bool:
        return mask
    xp = array_module(query)
    return xp.where(mask == hides, xp.full((), -inf, dtype=dtype), xp.zeros((), dtype=dtype))
