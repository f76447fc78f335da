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


class Pool:
    """Memory that comes back: `free` holds what nobody uses, by its size in bytes."""

    def __init__(self) -> None:
        self.free: defaultdict[int, list[Array]] = defaultdict(list)
        self.in_use = self.most = self.waiting = 0  # bytes: lent, the most ever lent at a time, and those in free

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """An array of any values, in C order, that begins with a cache line."""
        dtype = np.dtype(dtype)
        size = _rounded(prod(shape) * dtype.itemsize)
        try:
            memory = self.free[size].pop()
            self.waiting -= size
        except IndexError:
            if self.waiting > self.most:  # sizes that are asked for no more
                self.free.clear()
                self.waiting = 0
            memory = np.empty(size + LINE, np.uint8)
        return np.asarray(_Loan(self, memory, size, shape, dtype))

    def take_back(self, memory: Array, size: int) -> None:
        """Keep memory for the next one who asks."""
        self.in_use -= size
        self.waiting += size
        self.free[size].append(memory)


class _Loan:
    """What an array out of a pool and all its views have as their base; the last of them gone, so is the loan."""

    def __init__(self, pool: Pool, memory: Array, size: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.pool, self.memory, self.size = pool, memory, size
        begin = memory.ctypes.data
        self.__array_interface__ = {
            "version": 3,
            "data": (begin + -begin % LINE, False),
            "shape": shape,
            "typestr": dtype.str,
        }
        pool.in_use += size
        pool.most = max(pool.most, pool.in_use)

    def __del__(self) -> None:
        self.pool.take_back(self.memory, self.size)


def _rounded(size: int) -> int:
    """A size in bytes with at most four significant bits and at least a page: few different ones, at most an eighth
    too large."""
    step = 1 << max(size.bit_length() - 4, 12)
    return max(-(-size // step), 1) * step


POOL = Pool()


def empty(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array of any values out of the common pool."""
    return POOL.empty(shape, dtype)


def empty_like(x: Array, shape: tuple[int, ...] | None = None) -> Array:
    """An array of any values, of x's dtype, and shape if no other is given, lying in memory in x's order of axes."""
    shape = x.shape if shape is None else shape
    order = sorted(range(x.ndim), key=lambda axis: (-abs(x.strides[axis]), -x.shape[axis], axis))
    places = sorted(range(x.ndim), key=order.__getitem__)
    return empty(tuple(shape[axis] for axis in order), x.dtype).transpose(places)
