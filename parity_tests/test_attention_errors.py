"""What attention refuses: its formulas and its layer, by name, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpy_nn as nn
import numpy_nn.functional as F
from numpy_nn.backend import to_device
from parity_tests import strict

strict.install()

Q, K = np.zeros((2, 4), np.float32), np.zeros((3, 4), np.float32)
MASK = np.zeros((2, 3), bool)
HEADS = {
    "in_proj_weight": np.zeros((12, 4), np.float32),
    "in_proj_bias": np.zeros(12, np.float32),
    "out_proj_weight": np.zeros((4, 4), np.float32),
    "out_proj_bias": np.zeros(4, np.float32),
    "num_heads": 2,
}


def sdpa(query: Any = Q, key: Any = K, value: Any = K, attn_mask: Any = None, **options: Any) -> Callable[[], Any]:
    return lambda: F.scaled_dot_product_attention(query, key, value, attn_mask, **options)


def mha(query: Any = Q, key: Any = K, value: Any = K, **options: Any) -> Callable[[], Any]:
    return lambda: F.multi_head_attention(query, key, value, **(HEADS | options))


def layer(*args: Any, **options: Any) -> Callable[[], Any]:
    return lambda: nn.MultiheadAttention(*args, **options)


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (sdpa([[0.0]]), TypeError, "query: expected an array, got list"),
    (sdpa(Q.astype(int)), TypeError, "query: expected float32 or float64, got int64"),
    (sdpa(key=None), TypeError, "key: expected an array, got NoneType"),
    (sdpa(value=K.astype(float)), TypeError, "value: expected float32 like query, got float64"),
    (sdpa(key=to_device(K, "strict")), ValueError, "key: expected an array on cpu like query, got one on strict"),
    (sdpa(Q[0]), ValueError, r"query: expected shape \(..., length, features\), got \(4,\)"),
    (sdpa(key=K[:, :2]), ValueError, r"key: expected shape \(..., 4\) for a query \(2, 4\), got \(3, 2\)"),
    (sdpa(value=Q), ValueError, r"value: expected shape \(..., 3, features\) for a key \(3, 4\), got \(2, 4\)"),
    (
        sdpa(np.stack([Q] * 2), np.stack([K] * 3), K),
        ValueError,
        r"key: expected a shape that broadcasts with \(2,\), got \(3,\)",
    ),
    (sdpa(attn_mask=[[True] * 3] * 2), TypeError, "attn_mask: expected an array or None, got list"),
    (sdpa(attn_mask=MASK.astype(int)), TypeError, "attn_mask: expected bool, or float32 like query, got int64"),
    (sdpa(attn_mask=MASK.astype(float)), TypeError, "attn_mask: expected bool, or float32 like query, got float64"),
    (sdpa(attn_mask=to_device(MASK, "strict")), ValueError, "attn_mask: expected an array on cpu like query, got one"),
    (sdpa(attn_mask=MASK.T), ValueError, r"attn_mask: expected a shape that broadcasts with \(2, 3\), got \(3, 2\)"),
    (
        sdpa(attn_mask=np.stack([MASK] * 2)),
        ValueError,
        r"attn_mask: expected a shape that broadcasts to \(2, 3\), got \(2, 2, 3\)",
    ),
    (sdpa(attn_mask=MASK, is_causal=True), ValueError, "attn_mask: expected None with is_causal, got an array"),
    (sdpa(is_causal=1.5), ValueError, "is_causal: expected one of True, False, got 1.5"),
    (sdpa(dropout_p=1.5), ValueError, "dropout_p: expected a number between 0 and 1, got 1.5"),
    (sdpa(scale="1"), TypeError, "scale: expected a number, got '1'"),
    (mha(Q[0]), ValueError, r"query: expected shape \(L, N, E\) or \(L, E\), got \(4,\)"),
    (mha(Q[None, None]), ValueError, r"query: expected shape \(L, N, E\) or \(L, E\), got \(1, 1, 2, 4\)"),
    (mha(Q[:, None]), ValueError, r"key: expected shape \(S, 1, 4\) for a query \(2, 1, 4\), got \(3, 4\)"),
    (mha(key=K[:, :2]), ValueError, r"key: expected shape \(S, 4\) for a query \(2, 4\), got \(3, 2\)"),
    (mha(value=Q), ValueError, r"value: expected shape \(3, 4\) \(like key\), got \(2, 4\)"),
    (mha(value=K.astype(float)), TypeError, "value: expected float32 like query, got float64"),
    (mha(num_heads=3), ValueError, "num_heads: expected a divisor of the query's 4 features, got 3"),
    (mha(num_heads=0), ValueError, "num_heads: expected at least 1, got 0"),
    (mha(num_heads=2.0), TypeError, "num_heads: expected an integer, got 2.0"),
    (mha(in_proj_weight=K), ValueError, r"in_proj_weight: expected shape \(12, 4\) \(for a query of 4 fea.* \(3, 4\)"),
    (mha(in_proj_bias=K[0]), ValueError, r"in_proj_bias: expected shape \(12,\) .* got \(4,\)"),
    (mha(out_proj_weight=K), ValueError, r"out_proj_weight: expected shape \(4, 4\) .* got \(3, 4\)"),
    (mha(out_proj_bias=K), ValueError, r"out_proj_bias: expected shape \(4,\) .* got \(3, 4\)"),
    (mha(in_proj_weight=None), TypeError, "in_proj_weight: expected an array, got NoneType"),
    (mha(attn_mask=MASK.T), ValueError, r"attn_mask: expected shape \(2, 3\) or \(2, 2, 3\), got \(3, 2\)"),
    (mha(attn_mask=MASK[None]), ValueError, r"attn_mask: expected shape \(2, 3\) or \(2, 2, 3\), got \(1, 2, 3\)"),
    (mha(attn_mask=MASK * 1), TypeError, "attn_mask: expected bool, or float32 like query, got int64"),
    (mha(key_padding_mask=MASK), ValueError, r"key_padding_mask: expected shape \(3,\) .* got \(2, 3\)"),
    (mha(key_padding_mask=MASK[0] * 1), TypeError, "key_padding_mask: expected bool, or float32 like query, got int"),
    (mha(is_causal=True), ValueError, "attn_mask: expected a causal mask with is_causal, got None"),
    (mha(dropout_p=-1), ValueError, "dropout_p: expected a number between 0 and 1, got -1"),
    (mha(need_weights="no"), ValueError, "need_weights: expected one of True, False, got 'no'"),
    (mha(training=2), ValueError, "training: expected one of True, False, got 2"),
    (layer(5, 2), ValueError, "num_heads: expected a divisor of embed_dim 5, got 2"),
    (layer(0, 1), ValueError, "embed_dim: expected at least 1, got 0"),
    (layer(4, 0), ValueError, "num_heads: expected at least 1, got 0"),
    (layer(4.0, 2), TypeError, "embed_dim: expected an integer, got 4.0"),
    (layer(4, 2, 2.0), ValueError, "dropout: expected a number between 0 and 1, got 2.0"),
    (layer(4, 2, bias=None), ValueError, "bias: expected one of True, False, got None"),
    (layer(4, 2, batch_first=1.5), ValueError, "batch_first: expected one of True, False, got 1.5"),
    (layer(4, 2, dtype=int), TypeError, "dtype: expected float32 or float64, got int64"),
    (
        lambda: nn.MultiheadAttention(4, 2)(Q, K, K, average_attn_weights=2),
        ValueError,
        "average_attn_weights: expected one of True, False, got 2",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED, ids=[row[2] for row in REFUSED])
def test_it_refuses(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}"):
        call()


def test_a_dy_of_the_weights_is_refused() -> None:
    """The gradient is that of the output alone."""
    layer = nn.MultiheadAttention(4, 2)
    _, weights = layer(Q, K, K)
    with pytest.raises(ValueError, match=r"^dy: expected shape \(2, 4\) like y, got \(2, 3\)"):
        layer.backward(weights)
