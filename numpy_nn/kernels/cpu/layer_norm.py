"""Layer normalization, some rows at a time: each sum along a row is a product with a vector, the rest is in place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import prod
from typing import Any

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cpu.buffering import BUFFER, unbuffered
from numpy_nn.kernels.cpu.elementwise import slices
from numpy_nn.kernels.cpu.layout import contiguous, plain
from numpy_nn.kernels.cpu.memory import empty

BLOCK = 1 << 16
"""About how many values are worked on at a time."""


@formula
@unbuffered
def layer_norm(
    x: Array,
    normalized_shape: Sequence[int],
    weight: Array | None = None,
    bias: Array | None = None,
    eps: float = 1e-5,
) -> tuple[Array, Pullback]:
    """functional.layer_norm of the rows of a matrix.

    y = x̂ w + b,  x̂ = (x − μ) / σ',  σ' = √(σ² + eps);   dw = Σ dy x̂,   db = Σ dy,
    dx = (dy w − (x̂ m + k)) / σ',  m = mean(dy x̂ w),  k = mean(dy w)

    dy x̂ is formed once: summed down its columns it is dw, weighed by w along its rows it is m.
    Takes what functional.layer_norm does, to which it hands over eps = 0 and arrays without values.
    Returns what functional.layer_norm returns, up to rounding. Raises what it raises.
    Ba, Kiros & Hinton 2016, eq. 4; torch.nn.functional.layer_norm.
    """
    if not plain(x, weight, bias) or not _usual(x, normalized_shape, weight, bias, eps):
        return F.layer_norm(x, normalized_shape, weight, bias, eps)
    D, dtype = prod(normalized_shape), x.dtype
    _leave_rows(D)
    rows = contiguous(x).reshape(-1, D)
    w = np.ones(D, dtype) if weight is None else weight.reshape(D)
    y, xhat, scale = empty(rows.shape, dtype), empty(rows.shape, dtype), empty((len(rows), 1), dtype)
    blocks = slices(len(rows), D, BLOCK)
    height = len(rows[blocks[0]])
    across, down = np.ones(D, dtype), np.ones(height, dtype)
    for block in blocks:
        row, hat, out = rows[block], xhat[block], y[block]
        mean = np.dot(row, across) / D
        np.subtract(row, mean[:, None], out=hat)
        hat -= (np.dot(hat, across) / D)[:, None]  # the rounding of the mean
        var = np.vecdot(hat, hat) / D
        scale[block, 0] = 1 / np.sqrt(var + eps)
        hat *= scale[block]
        np.multiply(hat, w, out=out)
        if bias is not None:
            out += bias.reshape(D)

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        _leave_rows(D)
        slopes = contiguous(dy).reshape(rows.shape)
        dx = None if "x" in without else empty(rows.shape, dtype)
        dweight, dbias = np.zeros(D), np.zeros(D)
        room = empty((height, D), dtype)
        for block in blocks:
            slope, hat = slopes[block], xhat[block]
            part = room[: len(slope)]
            np.multiply(slope, hat, out=part)  # dy x̂
            dweight += np.dot(down[: len(slope)], part)
            dbias += np.dot(down[: len(slope)], slope)
            if dx is not None:
                out = dx[block]
                m, k = np.dot(part, w) / D, np.dot(slope, w) / D
                np.multiply(hat, m[:, None], out=part)
                part += k[:, None]
                np.multiply(slope, w, out=out)
                out -= part
                out *= scale[block]
        gradients = [None if dx is None else dx.reshape(x.shape)]
        for name, learned, total in (("weight", weight, dweight), ("bias", bias, dbias)):
            if learned is not None:
                gradients.append(None if name in without else total.astype(dtype).reshape(learned.shape))
        return tuple(gradients) if len(gradients) > 1 else gradients[0]

    return y.reshape(x.shape), backward


def _leave_rows(D: int) -> None:
    """NumPy's buffers no longer than a row, so that it leaves rows where they are; short ones it had better gather."""
    if D >= BUFFER // 2:
        np.setbufsize(min(BUFFER, D // 16 * 16))


def _usual(x: Array, normalized_shape: Sequence[int], weight: Array | None, bias: Array | None, eps: float) -> bool:
    """Whether x ends with that shape, weight and bias have it, and there is nothing to refuse or to divide by 0."""
    if not isinstance(normalized_shape, tuple | list) or not all(type(size) is int for size in normalized_shape):
        return False
    shape = tuple(normalized_shape)
    return (
        (isinstance(eps, float) and eps > 0 and x.size > 0)
        and (0 < len(shape) <= x.ndim and x.shape[x.ndim - len(shape) :] == shape)
        and {array.shape for array in (weight, bias) if array is not None} <= {shape}
    )
