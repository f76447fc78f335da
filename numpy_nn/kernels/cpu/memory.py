"""Memory for results and scratch: aligned to cache lines, and used again as soon as nobody refers to it.

NumPy aligns arrays to 16 bytes, so that each access of 64 bytes touches two cache lines, and asks the system for every
large array anew, which pays for each page of it. Here an array begins with a cache line, and when it and all views of
it are gone its memory waits for the next array of about that size. While anybody holds a view it is nobody else's:
results are never overwritten by a later call.
"""

from __future__ import annotations

from collections import defaultdict
from math import prod
from typing import Any

import numpy as np

from numpy_nn.backend import Array

LINE = 64
"""Bytes in a cache line, and in the widest register there is."""

PAGE = 1 << 12
"""Bytes that the system gives at a time, at the least."""

SMALL = 8 * PAGE
"""Smaller arrays, in bytes, are NumPy's own: for them neither lines nor pages make up for what the pool costs."""


class Pool:
    """Memory that comes back: `free` holds what nobody uses, by its size in bytes."""

    def __init__(self) -> None:
        self.free: defaultdict[int, list[_Memory]] = defaultdict(list)
        self.in_use = self.most = self.waiting = 0  # bytes: lent, the most ever lent at a time, and those in free

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """An array of any values, in C order, that begins with a cache line if it is not small."""
        dtype = np.dtype(dtype)
        if (needed := prod(shape) * dtype.itemsize) < SMALL:
            return np.empty(shape, dtype)
        size = _rounded(needed)
        try:
            memory = self.free[size].pop()
            self.waiting -= size
        except IndexError:
            if self.waiting > self.most:  # sizes that are asked for no more
                self.free.clear()
                self.waiting = 0
            memory = np.empty(size + LINE, np.uint8).view(_Memory)
            memory.pool, memory.begin = self, -memory.ctypes.data % LINE
        self.in_use += size
        self.most = max(self.most, self.in_use)
        return _Loan(shape, dtype, memory, memory.begin).view(np.ndarray)

    def take_back(self, memory: _Memory) -> None:
        """Keep memory for the next one who asks."""
        size = memory.size - LINE
        self.in_use -= size
        self.waiting += size
        self.free[size].append(memory)


class _Memory(np.ndarray[Any, Any]):
    """Some bytes of a pool, and where the first cache line in them begins.

    NumPy gives a view of a view the base of the latter, but goes no further down than to another type: so a loan stays
    the base of what is lent, and the memory that of the loan.
    """

    pool: Pool
    begin: int


class _Loan(np.ndarray[Any, Any]):
    """What an array out of a pool and all its views have as their base; the last of them gone, so is the loan."""

    base: _Memory

    def __del__(self) -> None:
        self.base.pool.take_back(self.base)


def _rounded(size: int) -> int:
    """A size of a page or more in pages and with at most four significant bits: few different ones, at most an eighth
    too large where they are large."""
    step = max(1 << (size.bit_length() - 4), PAGE)
    return -(-size // step) * step


POOL = Pool()


empty = POOL.empty
"""An array of any values out of the common pool."""


def empty_like(x: Array, shape: tuple[int, ...] | None = None) -> Array:
    """An array of any values, of x's dtype, and shape if no other is given, lying in memory in x's order of axes."""
    shape = x.shape if shape is None else shape
    if x.ndim <= 2 and x.flags.c_contiguous:  # which the rest would find out, too, but later
        return empty(shape, x.dtype)
    order = sorted(range(x.ndim), key=lambda axis: (-abs(x.strides[axis]), -x.shape[axis], axis))
    places = sorted(range(x.ndim), key=order.__getitem__)
    return empty(tuple(shape[axis] for axis in order), x.dtype).transpose(places)
