"""Maximum pooling, one place of all windows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import inf
from typing import Any

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.pooling_grid import Grid, grid_of
from numpy_nn.kernels.cpu.buffering import unbuffered
from numpy_nn.kernels.cpu.layout import plain
from numpy_nn.kernels.cpu.memory import empty_like
from numpy_nn.kernels.cpu.tiles import inside

BLOCK = 1 << 16
"""How many values are worked on at a time: whole images."""


@formula
@unbuffered
def max_pool2d(
    x: Array,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Pullback]:
    """functional.max_pool2d: the larger of two places of all windows, then of that and the next one.

    y_pq = max_ij x[p·stride + i·dilation − padding, q·stride + j·dilation − padding];   dx = Σ dy over the windows that
    a value is the first to equal the maximum of

    Takes what functional.max_pool2d does, to which it hands over images without a batch, windows that
    ceil_mode adds, and nan.
    Returns what functional.max_pool2d returns, up to rounding. Raises what it raises.
    torch.nn.functional.max_pool2d, without return_indices.
    """
    if not plain(x) or x.ndim != 4 or not x.size or ceil_mode is not False:
        return F.max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode)
    grid = grid_of(x, kernel_size, stride, padding, dilation, ceil_mode)
    taps = list(_taps(grid))
    apart = grid.kernel == grid.stride and grid.padding == (0, 0) and grid.dilation == (1, 1)
    together = max(BLOCK // (x.size // len(x)), 1)
    some = [slice(n, n + together) for n in range(0, len(x), together)]
    y = empty_like(x, (*x.shape[:2], *grid.out))
    for images in some:
        largest = y[images]
        largest[...] = -inf
        for places, under in taps:
            np.maximum(largest[places], x[images][under], out=largest[places])
    if np.isnan(y.max()):
        return F.max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode)

    def backward(dy: Array) -> Array:
        dx, bits = empty_like(x), f"i{x.dtype.itemsize}"
        for images in some:
            largest, slopes, back = y[images], dy[images], dx[images]
            taken = np.zeros_like(largest, bool)
            back[...] = 0
            for places, under in taps:
                wins = np.equal(largest[places], x[images][under])
                np.greater(wins, taken[places], out=wins)
                taken[places] |= wins
                if apart:
                    np.multiply(slopes[places].view(bits), wins, out=back[under].view(bits))
                else:
                    back[under] += (slopes[places].view(bits) * wins).view(x.dtype)
        return dx

    return y, backward


def _taps(grid: Grid) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """For each place of the kernel, row by row: the windows where it lies within the images, and what it sees there."""
    axes = zip(grid.size, grid.out, grid.kernel, grid.stride, grid.padding, grid.dilation, strict=True)
    along = [[_along(n, out, step, i * apart - p) for i in range(k)] for n, out, k, step, p, apart in axes]
    for (rows, high), (columns, wide) in product(*along):
        yield (..., rows, columns), (..., high, wide)


def _along(length: int, count: int, step: int, start: int) -> tuple[slice, slice]:
    """The windows p with start + p · step in [0, length), and these places."""
    begin, end = inside(length, start, step, count)
    first = start + step * begin
    return slice(begin, end), slice(first, first + step * max(end - begin - 1, 0) + (end > begin), step)
