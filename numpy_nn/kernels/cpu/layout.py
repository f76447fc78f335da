"""Images with their channels next to one another in memory: PyTorch's shape (N, C, H, W), lying as (N, H, W, C).

A pixel is then a row of a matrix, and a convolution a product of such rows with the weight. NumPy's arithmetic keeps
the order that its operands lie in, so that a whole network stays in it once its first layer has brought it about.
"""

from __future__ import annotations

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.kernels.cpu.memory import empty


def plain(x: Array, *others: Array | None) -> bool:
    """Whether these are NumPy arrays of float32, or all of float64, in this machine's order of bytes; None may be one
    of the others."""
    if type(x) is not np.ndarray or x.dtype not in (np.float32, np.float64):
        return False
    for array in others:
        if array is not None and (type(array) is not np.ndarray or array.dtype != x.dtype):
            return False
    return True


def channels_last(x: Array) -> Array:
    """x (N, C, H, W) as an array (N, H, W, C) in C order: a view where it lies in memory like that, else a copy."""
    return contiguous(x.transpose(0, 2, 3, 1))


def channels_first(x: Array) -> Array:
    """An array (N, H, W, C) in PyTorch's shape (N, C, H, W), a view."""
    return x.transpose(0, 3, 1, 2)


def taps_first(weight: Array) -> Array:
    """A weight (O, C, KH, KW) as an array (KH, KW, C, O) in C order: a view where it lies like that, else a copy."""
    return contiguous(weight.transpose(2, 3, 1, 0))


def outputs_first(weight: Array) -> Array:
    """An array (KH, KW, C, O) in PyTorch's shape of a weight (O, C, KH, KW), a view."""
    return weight.transpose(3, 2, 0, 1)


def contiguous(x: Array) -> Array:
    """x in C order, itself or a copy."""
    if x.flags.c_contiguous:
        return x
    copy = empty(x.shape, x.dtype)
    np.copyto(copy, x)
    return copy


def finite(*arrays: Array | None) -> bool:
    """Whether there is no nan and no infinity, and no value so large that its square is one."""
    flat = (array.ravel("K") for array in arrays if array is not None)
    return all(bool(np.isfinite(np.dot(values, values))) for values in flat)
