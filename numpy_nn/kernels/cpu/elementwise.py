"""Functions of one number, some values at a time: all steps on a block, in place, before the next block's turn comes.

Written as arithmetic on whole arrays, each step makes a new array, and a large one travels through memory each time.
A block stays in the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy_nn.backend import Array, memory_order
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels.cpu.memory import empty, empty_like

BLOCK = 1 << 16
"""How many values are worked on at a time."""

Steps = Callable[..., Any]
"""steps(a, b, …) computes on the same values of several arrays, and writes the last."""


def elementwise(x: Array, value: Steps, slope: Steps) -> tuple[Array, Pullback]:
    """y by value(x, y), and dx by slope(y, dy, dx): for a function whose derivative can be told from its value."""
    y = like(x)
    in_blocks(value, x, y)

    def backward(dy: Array) -> Array:
        dx = like(y)
        in_blocks(slope, y, dy, dx)
        return dx

    return y, backward


def gated(x: Array, gate: Steps, slope: Steps) -> tuple[Array, Pullback]:
    """y = x g and its gate g by gate(x, g, y), and dx by slope(x, g, dy, dx)."""
    g, y = like(x), like(x)
    in_blocks(gate, x, g, y)

    def backward(dy: Array) -> Array:
        dx = like(g)
        in_blocks(slope, x, g, dy, dx)
        return dx

    return y, backward


def like(x: Array) -> Array:
    """An array of any values that lies in memory like x."""
    return empty(x.shape, x.dtype) if x.flags.c_contiguous else empty_like(x)


def in_blocks(steps: Steps, *arrays: Array) -> None:
    """steps(…) on the same block of each array, one block after the other; those that are written are out of `like`."""
    size = arrays[0].size
    if size <= BLOCK:
        steps(*arrays)
        return
    flat = _flat(arrays)
    for begin in range(0, size, BLOCK):
        steps(*(values[begin : begin + BLOCK] for values in flat))


def slices(count: int, each: int, most: int) -> list[slice]:
    """A matrix of so many rows, of `each` values each, cut into some with about `most` values together."""
    height = max(most // each, 1)
    return [slice(begin, begin + height) for begin in range(0, count, height)]


def _flat(arrays: tuple[Array, ...]) -> list[Array]:
    """The values of each in the order in which the last lies in memory, (size,): a view of what lies like it."""
    if all(array.flags.c_contiguous for array in arrays):
        return [array.reshape(-1) for array in arrays]
    order = memory_order(arrays[-1])
    return [array.transpose(order).reshape(-1) for array in arrays]
