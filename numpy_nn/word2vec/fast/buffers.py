"""Memory that the processor reads in whole cache lines."""

from __future__ import annotations

from math import prod

import numpy as np

from numpy_nn.backend import Array

LINE = 64
"""Bytes in a cache line, and in an AVX-512 register. NumPy aligns to 16."""


def aligned(shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
    """Zeros that begin with a cache line."""
    size = prod(shape) * dtype.itemsize
    memory = np.zeros(size + LINE, np.uint8)
    begin = -memory.ctypes.data % LINE
    return memory[begin : begin + size].view(dtype).reshape(shape)
