"""Raw bytes as numbers."""

from __future__ import annotations

from typing import Literal

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.checkpoint.errors import CheckpointError


def numbers(data: Array, dtype: str, order: Literal["<", ">"] = "<") -> Array:
    """The numbers that bytes stand for, one-dimensional, in the machine's byte order; a view where that is the file's.

    data: uint8, one-dimensional.  dtype: a NumPy name, or "bfloat16", the upper half of a float32, which is widened to
    that.  order: "<" or ">".
    Raises CheckpointError where the bytes are no whole number of numbers, or a bool is neither 0 nor 1.
    """
    wide = dtype == "bfloat16"
    stored = np.dtype("uint16" if wide else dtype).newbyteorder(order)
    if len(data) % stored.itemsize:
        raise CheckpointError(f"expected {dtype} numbers of {stored.itemsize} bytes, found {len(data)} bytes")
    if stored.kind == "b" and len(data) and data.max() > 1:
        raise CheckpointError(f"expected bool to be stored as 0 or 1, found {data.max()}")
    found = data.view(stored)
    if wide:
        return (found.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return found.astype(stored.newbyteorder("="), copy=False)
