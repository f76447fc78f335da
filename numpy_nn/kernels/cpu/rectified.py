"""ReLU without a branch, into memory that is used again."""

from __future__ import annotations

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cpu.layout import plain
from numpy_nn.kernels.cpu.memory import empty, empty_like

BLOCK = 1 << 17
"""How many values are worked on at a time."""


@formula
def relu(x: Array) -> tuple[Array, Pullback]:
    """functional.relu: the larger of two numbers, and a gradient's bits times 1 or 0.

    y = max(x, 0);   dy/dx = 1 if x > 0 else 0

    A choice by branches would go wrong half of the time; the bits of an infinite gradient times 0 are still 0.
    Takes what functional.relu does, to which it hands over other arrays than those of NumPy.
    Returns what functional.relu returns, up to rounding. Raises what it raises.
    Nair & Hinton 2010; torch.nn.functional.relu.
    """
    if not plain(x):
        return F.relu(x)
    y = np.maximum(x.dtype.type(0), x, out=empty_like(x))  # of 0 and −0 the second

    def backward(dy: Array) -> Array:
        dx = empty_like(y)
        values, slopes, out = _flat(y, dy, dx)
        bits = f"i{x.dtype.itemsize}"
        passes = empty((min(BLOCK, len(values)),), bool)
        for begin in range(0, len(values), BLOCK):
            part = slice(begin, begin + BLOCK)
            value = values[part]
            passed = np.less_equal(value, 0, out=passes[: len(value)])
            np.logical_not(passed, out=passed)  # so that nan passes
            np.multiply(slopes[part].view(bits), passed, out=out[part].view(bits))
        return dx

    return y, backward


def _flat(y: Array, dy: Array, dx: Array) -> tuple[Array, Array, Array]:
    """The values of each in the order that y and dx lie in: (size,), dx as a view."""
    order = sorted(range(y.ndim), key=lambda axis: -y.strides[axis])
    return y.transpose(order).reshape(-1), dy.transpose(order).reshape(-1), dx.transpose(order).reshape(-1)
