"""Attention with several heads, each of which looks at the input in its own way."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import prod, sqrt
from typing import Any

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.attention import additive, attend
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.linear import linear
from numpy_nn.random import Generator


@formula
def multi_head_attention(
    query: Array,
    key: Array,
    value: Array,
    in_proj_weight: Array,
    in_proj_bias: Array | None,
    out_proj_weight: Array,
    out_proj_bias: Array | None,
    num_heads: int,
    *,
    key_padding_mask: Array | None = None,
    attn_mask: Array | None = None,
    need_weights: bool = True,
    is_causal: bool = False,
    dropout_p: float = 0.0,
    training: bool = True,
    attn_output_weights: list[Array] | None = None,
    generator: Generator | None = None,
    attention: Callable[..., tuple[Array, Any, Pullback]] = attend,
) -> tuple[Array, Pullback]:
    """Attention of H heads: queries, keys and values projected, split among the heads, attended, joined, projected.

    y = W_o [head₁, …, head_H] + b_o,   head_h = attention(q_h, k_h, v_h),   q = W_q x_q + b_q, and k and v like it;
    back the same way: each projection and the attention undone by its own pullback, in reverse

    query: (L, N, E), floating, or without a batch (L, E).  key, value: the same with S for L.
    in_proj_weight: (3E, E): W_q, W_k and W_v.  in_proj_bias: (3E,) or None.  out_proj_weight: W_o, (E, E).
    out_proj_bias: (E,) or None.  num_heads: H, a divisor of E.
    key_padding_mask: (N, S), or without a batch (S,).  attn_mask: (L, S), or (N H, L, S), without a batch (H, L, S).
    Masks are bool, where True hides a key, or floating, to be added to the scores.
    need_weights: as in PyTorch, a query that may see no key gets nan with it, and attends to 0 without.
    is_causal: says that attn_mask, which it needs, is causal; what counts is attn_mask.
    dropout_p: the probability that a weight is dropped while training.  generator: as in dropout.
    attn_output_weights: a list, to which the heads' weights are appended, (N, H, L, S), without a batch (H, L, S).
    attention: what the heads attend by: functional.attention.attend, or something faster in its place.
    Returns y, like query, and backward(dy, without=()) -> dquery, dkey, dvalue, din_proj_weight, din_proj_bias,
    dout_proj_weight, dout_proj_bias (no gradient of a bias that is None). Masks are data: they get no gradient.
    Raises TypeError for other dtypes, ValueError for shapes that do not fit, and for is_causal without attn_mask.
    Vaswani et al. 2017, section 3.2.2; torch.nn.functional.multi_head_attention_forward.
    """
    xp = _checked(query, key, value, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias, num_heads)
    for name, choice in (("need_weights", need_weights), ("is_causal", is_causal), ("training", training)):
        checks.option(name, choice, True, False)
    dropout_p = checks.probability("dropout_p", dropout_p)
    if is_causal and attn_mask is None:
        raise ValueError("attn_mask: expected a causal mask with is_causal, got None")
    mask = _mask(key_padding_mask, attn_mask, query, key, num_heads)
    *batch, E = query.shape[1:]  # [N], or [] without a batch

    def split(x: Array) -> Array:  # (L, N, E) -> (N, H, L, E/H)
        parts = x.reshape(len(x), *batch, num_heads, E // num_heads)
        return parts.transpose(*range(1, parts.ndim - 1), 0, -1)

    def join(parts: Array) -> Array:  # (N, H, L, E/H) -> (L, N, E)
        x = parts.transpose(-2, *range(parts.ndim - 2), -1)
        return x.reshape(len(x), *batch, E)

    weights = in_proj_weight.reshape(3, E, E)
    shifts = [None] * 3 if in_proj_bias is None else in_proj_bias.reshape(3, E)
    q, q_backward = linear(query, weights[0], shifts[0])
    k, k_backward = linear(key, weights[1], shifts[1])
    v, v_backward = linear(value, weights[2], shifts[2])
    p_drop, scale = (dropout_p if training else 0.0), 1 / sqrt(E // num_heads)
    heads, p, heads_backward = attention(
        split(q), split(k), split(v), mask, p_drop, scale, generator, safe=not need_weights
    )
    y, y_backward = linear(join(heads), out_proj_weight, out_proj_bias)
    if attn_output_weights is not None:
        attn_output_weights.append(p)

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        def not_of(x: str, weight: str) -> list[str]:  # what of a projection nobody wants, by linear's names
            return [name for name, ours in (("x", x), ("weight", weight)) if ours in without]

        djoined, *dout_proj = y_backward(dy, not_of("", "out_proj_weight"))
        dq, dk, dv = map(join, heads_backward(split(djoined)))
        dquery, *dq_proj = q_backward(dq, not_of("query", "in_proj_weight"))
        dkey, *dk_proj = k_backward(dk, not_of("key", "in_proj_weight"))
        dvalue, *dv_proj = v_backward(dv, not_of("value", "in_proj_weight"))
        parts = zip(dq_proj, dk_proj, dv_proj, strict=True)
        din_proj = [None if part[0] is None else xp.concatenate(part) for part in parts]
        return (dquery, dkey, dvalue, *din_proj, *dout_proj)

    return y, backward


def _checked(
    query: Array,
    key: Array,
    value: Array,
    in_proj_weight: Array,
    in_proj_bias: Array | None,
    out_proj_weight: Array,
    out_proj_bias: Array | None,
    num_heads: int,
) -> Any:
    """The array library of the floating arguments, whose dtypes and shapes fit."""
    xp = checks.floating(
        query=query,
        key=key,
        value=value,
        in_proj_weight=in_proj_weight,
        out_proj_weight=out_proj_weight,
        optional={"in_proj_bias": in_proj_bias, "out_proj_bias": out_proj_bias},
    )
    if query.ndim not in (2, 3):
        raise ValueError(f"query: expected shape (L, N, E) or (L, E), got {query.shape}")
    E = query.shape[-1]
    if key.ndim != query.ndim or key.shape[1:] != query.shape[1:]:
        expected = ", ".join(map(str, ("S", *query.shape[1:])))
        raise ValueError(f"key: expected shape ({expected}) for a query {query.shape}, got {key.shape}")
    checks.shape("value", value, key.shape, "like key")
    if checks.integer("num_heads", num_heads, low=1) > E or E % num_heads:
        raise ValueError(f"num_heads: expected a divisor of the query's {E} features, got {num_heads}")
    why = f"for a query of {E} features"
    checks.shape("in_proj_weight", in_proj_weight, (3 * E, E), why)
    checks.shape("out_proj_weight", out_proj_weight, (E, E), why)
    if in_proj_bias is not None:
        checks.shape("in_proj_bias", in_proj_bias, (3 * E,), why)
    if out_proj_bias is not None:
        checks.shape("out_proj_bias", out_proj_bias, (E,), why)
    return xp


def _mask(
    key_padding_mask: Array | None,
    attn_mask: Array | None,
    query: Array,
    key: Array,
    H: int,
) -> Array | None:
    """Both masks as one that broadcasts to the scores (N, H, L, S), to which it is added; None without a mask."""
    mask, L, S, batch = None, len(query), len(key), query.shape[1:-1]
    if attn_mask is not None:
        mask = additive("attn_mask", attn_mask, query, hides=True)
        each = prod(batch) * H
        if mask.shape not in ((L, S), (each, L, S)):
            raise ValueError(f"attn_mask: expected shape {(L, S)} or {(each, L, S)}, got {mask.shape}")
        mask = mask if mask.ndim == 2 else mask.reshape(*batch, H, L, S)
    if key_padding_mask is not None:
        padding = additive("key_padding_mask", key_padding_mask, query, hides=True)
        checks.shape("key_padding_mask", padding, (*batch, S), "a value for each key")
        padding = padding[..., None, None, :]
        mask = padding if mask is None else mask + padding
    return mask
