"""What a kernel sees as it moves over an image, and how what it gives back is added up again.

pad and crop are each other's adjoint, as are windows and overlap_add: Σ windows(x) · w = Σ x · overlap_add(w). The
others turn images and windows into matrices and back, for the products of a convolution. All work on any number of
axes: images are (N, C, *size), their windows (N, C, *places, *kernel).
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TypeAlias

from numpy_nn.backend import Array, array_module

Sizes: TypeAlias = tuple[int, ...]
"""An integer for each axis of an image."""

Margins: TypeAlias = tuple[tuple[int, int], ...]
"""How much stands before an image and after it, along each axis."""


def pad(x: Array, margins: Margins) -> Array:
    """Images (N, C, *size) with zeros round them."""
    return array_module(x).pad(x, ((0, 0), (0, 0), *margins))


def crop(x: Array, margins: Margins) -> Array:
    """Images (N, C, *size) without what is round them, as a view."""
    inside = (slice(before, length - after) for (before, after), length in zip(margins, x.shape[2:], strict=True))
    return x[:, :, *inside]


def span(kernel: Sizes, dilation: Sizes) -> Sizes:
    """How much of an image a kernel covers, its taps dilation apart."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def windows(x: Array, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """What is under a kernel at every place of the images: w[…, p, i] = x[…, p·stride + i·dilation], along each axis.

    x: (N, C, *size).  Returns a view (N, C, *places, *kernel), places being ⌊(size − span) / stride⌋ + 1.
    """
    sliding = array_module(x).lib.stride_tricks.sliding_window_view
    every = sliding(x, span(kernel, dilation), axis=tuple(range(2, x.ndim)))
    steps = (slice(None, None, step) for step in (*stride, *dilation))
    return every[:, :, *steps]


def overlap_add(w: Array, size: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """Windows laid back to where they were seen: x[…, h] = Σ w[…, p, i] over p·stride + i·dilation = h, on each axis.

    w: (N, C, *places, *kernel).  Returns (N, C, *size).
    """
    axes = len(size)
    taps = w.transpose(*range(2 + axes, w.ndim), *range(2 + axes))  # (*kernel, N, C, *places)
    kernel, places = taps.shape[:axes], w.shape[2 : 2 + axes]
    x = array_module(w).zeros((*w.shape[:2], *size), dtype=w.dtype)
    for tap in product(*map(range, kernel)):
        under = (slice(i * d, i * d + s * n, s) for i, d, s, n in zip(tap, dilation, stride, places, strict=True))
        x[:, :, *under] += taps[tap]
    return x


def columns(w: Array, groups: int) -> Array:
    """The windows of each group as the columns of a matrix: (groups, C/groups · kernel, N · places)."""
    axes = w.ndim // 2 - 1
    places, kernel = range(2, 2 + axes), range(2 + axes, w.ndim)
    height = prod(w.shape[axis] for axis in (1, *kernel)) // groups
    return w.transpose(1, *kernel, 0, *places).reshape(groups, height, prod(w.shape[axis] for axis in (0, *places)))


def from_columns(matrix: Array, kernel: Sizes, N: int, places: Sizes) -> Array:
    """The windows (N, C, *places, *kernel) that are columns of a matrix, as a view."""
    axes = len(kernel)
    w = matrix.reshape(prod(matrix.shape[:2]) // prod(kernel), *kernel, N, *places)  # (C, *kernel, N, *places)
    return w.transpose(1 + axes, 0, *range(2 + axes, w.ndim), *range(1, 1 + axes))


def rows(x: Array, groups: int) -> Array:
    """The channels of each group as the rows of a matrix: (groups, C/groups, N · size)."""
    N, C, *size = x.shape
    return x.swapaxes(0, 1).reshape(groups, C // groups, N * prod(size))


def from_rows(matrix: Array, N: int, size: Sizes) -> Array:
    """The images (N, C, *size) whose channels are rows of a matrix."""
    images = matrix.reshape(prod(matrix.shape[:2]), N, *size).swapaxes(0, 1)
    return array_module(matrix).ascontiguousarray(images)
