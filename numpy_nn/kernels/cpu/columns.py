"""Convolution of any kernel: the windows of some rows at a time as a matrix that stays in the cache, then a product."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.windows import span
from numpy_nn.kernels.cpu.buffering import unbuffered
from numpy_nn.kernels.cpu.geometry import Geometry, blocks, geometry
from numpy_nn.kernels.cpu.layout import channels_first, channels_last, outputs_first, taps_first
from numpy_nn.kernels.cpu.memory import empty

PLACES = 512
"""How many windows are copied at a time."""


@formula
@unbuffered
def conv2d_columns(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[Array, Pullback]:
    """functional.conv2d by products of windows, of kernels of any size.

    Y = X W + b,  with a window of x in each row of X;   dX = dY Wᵀ,   dW = Xᵀ dY,   db = Σ dY

    Takes what functional.conv2d does, to which it hands over groups and images without a batch.
    Returns what functional.conv2d returns, up to rounding. Raises what it raises.
    Chellapilla et al. 2006, section 3, on channels that lie next to one another; torch.nn.functional.conv2d.
    """
    g = geometry(x, weight, bias, stride, padding, dilation, groups)
    if g is None:
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)
    return by_windows(x, weight, bias, g)


def by_windows(x: Array, weight: Array, bias: Array | None, g: Geometry) -> tuple[Array, Pullback]:
    """What conv2d_columns says, of arrays that g has checked. Returns y and its pullback."""
    image, W = channels_last(x), taps_first(weight).reshape(-1, g.O)
    y = empty((g.N, *g.places, g.O), g.dtype)
    for images, rows in blocks(g.N, g.places[0], g.places[1], PLACES):
        part = y[images, rows]
        np.dot(_windows(image, g, images, rows), W, out=part.reshape(-1, g.O))
        if bias is not None:
            part += bias

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        slope = channels_last(dy)
        dx = None if "x" in without else channels_first(_dx(slope, W, g))
        dweight = None if "weight" in without else _dweight(image, slope, g)
        if bias is None:
            return dx, dweight
        return dx, dweight, None if "bias" in without else dbias(slope)

    return channels_first(y), backward


def dbias(slope: Array) -> Array:
    """Σ dy over images and places. slope: dy, (N, OH, OW, O)."""
    rows = slope.reshape(-1, slope.shape[-1])
    return np.dot(np.ones(len(rows), slope.dtype), rows)


def _dweight(image: Array, slope: Array, g: Geometry) -> Array:
    """dW = Xᵀ dY, (O, C, KH, KW). image: (N, H, W, C).  slope: (N, OH, OW, O)."""
    total = np.zeros((g.kernel[0] * g.kernel[1] * g.C, g.O), g.dtype)
    for images, rows in blocks(g.N, g.places[0], g.places[1], PLACES):
        total += np.dot(_windows(image, g, images, rows).T, slope[images, rows].reshape(-1, g.O))
    return outputs_first(total.reshape(*g.kernel, g.C, g.O))


def _dx(slope: Array, W: Array, g: Geometry) -> Array:
    """dX = dY Wᵀ, each window added back to where it was seen: (N, H, W, C)."""
    dx = empty((g.N, *g.size, g.C), g.dtype)
    if g.is_kernel(1, 1) and g.size == g.places:
        np.dot(slope.reshape(-1, g.O), W.T, out=dx.reshape(-1, g.C))
        return dx
    (top, _), (left, _) = g.margins
    (H, width), (OH, OW) = g.size, g.places
    high, wide = (  # of the images with their padding, and with what the last taps' strides reach over
        max(n + before + after, d * (k - 1) + out * s)
        for n, (before, after), d, k, out, s in zip(
            g.size, g.margins, g.dilation, g.kernel, g.places, g.stride, strict=True
        )
    )
    for images, _ in blocks(g.N, 1, OH * OW, PLACES):
        n = images.stop - images.start
        dwindows = empty((n, OH, OW, *g.kernel, g.C), g.dtype)
        np.dot(slope[images].reshape(-1, g.O), W.T, out=dwindows.reshape(-1, W.shape[0]))
        padded = empty((n, high, wide, g.C), g.dtype)
        padded[...] = 0
        for i in range(g.kernel[0]):
            down = slice(i * g.dilation[0], i * g.dilation[0] + OH * g.stride[0], g.stride[0])
            for begin, end in _neighbours(g):
                across = slice(begin * g.dilation[1], begin * g.dilation[1] + OW * g.stride[1])
                places = padded[:, down, across].reshape(n, OH, OW, g.stride[1], g.C)
                places[:, :, :, : end - begin] += dwindows[:, :, :, i, begin:end]
        dx[images] = padded[:, top : top + H, left : left + width]
    return dx


def _neighbours(g: Geometry) -> Iterator[tuple[int, int]]:
    """Taps of one row, as many at a time as fit between a place and the next: they lie side by side in the image."""
    count, step = g.kernel[1], g.stride[1] if g.dilation[1] == 1 else 1
    for begin in range(0, count, step):
        yield begin, min(begin + step, count)


def _windows(image: Array, g: Geometry, images: slice, rows: slice) -> Array:
    """What the kernel sees at every place of these rows: (n · rows · OW, KH · KW · C)."""
    if g.is_kernel(1, 1) and g.size == g.places:
        return image[images, rows].reshape(-1, g.C)
    (top, _), (left, right) = g.margins
    begin = rows.start * g.stride[0] - top
    stop = (rows.stop - 1) * g.stride[0] + span(g.kernel, g.dilation)[0] - top
    seen = image[images, max(begin, 0) : max(stop, 0)]
    if begin < 0 or stop > g.size[0] or left or right:
        padded = empty((len(seen), stop - begin, g.size[1] + left + right, g.C), g.dtype)
        padded[...] = 0
        first = max(-begin, 0)
        padded[:, first : first + seen.shape[1], left : left + g.size[1]] = seen
        seen = padded
    n, down, across, channel = seen.strides
    shape = (len(seen), rows.stop - rows.start, g.places[1], *g.kernel, g.C)
    strides = (n, down * g.stride[0], across * g.stride[1], down * g.dilation[0], across * g.dilation[1], channel)
    matrix = empty(shape, g.dtype)
    np.copyto(matrix, np.lib.stride_tricks.as_strided(seen, shape, strides, writeable=False))
    return matrix.reshape(-1, g.kernel[0] * g.kernel[1] * g.C)
