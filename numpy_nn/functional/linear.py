"""The affine map of a fully connected layer."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from math import prod
from typing import Any

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula


@formula
def linear(x: Array, weight: Array, bias: Array | None = None) -> tuple[Array, Pullback]:
    """Weighted sums of the inputs, plus a bias.

    y = x Wᵀ + b;   dx = dy W,   dW = Σ dyᵀ x,   db = Σ dy,   the sums over all leading dimensions

    x: (..., in_features), floating.  weight: (out_features, in_features).  bias: (out_features,) or None.
    Returns y (..., out_features) and backward(dy, without=()) -> dx, dweight, dbias (no dbias where bias is None); of
    "x" and "weight", those named in without are not computed but None.
    Raises ValueError where shapes do not fit, TypeError for other dtypes.
    Rumelhart, Hinton & Williams 1986, eq. 1 and 6; torch.nn.functional.linear.
    """
    xp = checks.floating(x=x, weight=weight, optional={"bias": bias})
    if weight.ndim != 2:
        raise ValueError(f"weight: expected shape (out_features, in_features), got {weight.shape}")
    out_features, in_features = weight.shape
    if x.ndim == 0 or x.shape[-1] != in_features:
        raise ValueError(f"x: expected shape (..., {in_features}) for a weight {weight.shape}, got {x.shape}")
    if bias is not None:
        checks.shape("bias", bias, (out_features,), "weight's out_features")

    N = prod(x.shape[:-1])
    rows = x.reshape(N, in_features)  # (..., in) -> (N, in)
    y = rows.dot(weight.T)  # (N, in) (in, out) -> (N, out)
    if bias is not None:
        y = y + bias

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        drows = dy.reshape(N, out_features)
        dx = None if "x" in without else drows.dot(weight).reshape(x.shape)  # (N, out) (out, in) -> (N, in)
        dweight = None if "weight" in without else rows.T.dot(drows).T  # (in, N) (N, out) -> (in, out), turned
        if bias is None:
            return dx, dweight
        dbias = _ones(xp, N, dy.dtype).dot(drows)  # a product with ones: the sum over rows, but more accurate
        return dx, dweight, dbias

    return y.reshape(*x.shape[:-1], out_features), backward


@lru_cache(maxsize=8)
def _ones(xp: Any, count: int, dtype: Any) -> Array:
    """So many ones; the same array again and again, which nobody may change."""
    return xp.ones(count, dtype=dtype)
