"""Scores to probabilities, and to their logarithms, some rows at a time, each sum along a row a product with ones.

A row's largest score is taken off so that no power overflows, and cancels. Where all scores are moderate none does
anyway, and to find the largest of each row, and to take it off, takes longer than the powers themselves.
"""

from __future__ import annotations

from math import inf

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cpu.buffering import unbuffered
from numpy_nn.kernels.cpu.elementwise import slices
from numpy_nn.kernels.cpu.layout import contiguous, plain
from numpy_nn.kernels.cpu.memory import empty

BLOCK = 1 << 16
"""About how many values are worked on at a time."""

FAR = 30.0
"""Scores up to this size are moderate: powers up to 1e13, down to 1e-13, are summed without harm."""

NEAR = 8.0
"""The same for a logarithm: it is rounded as a number of the largest score's size, and has to be right to about 1."""


@formula
@unbuffered
def softmax(x: Array, dim: int) -> tuple[Array, Pullback]:
    """functional.softmax along the last dimension.

    y_i = e^(x_i − c) / Σ_j e^(x_j − c);   dx = y (dy − Σ_j dy_j y_j);          any c of a row cancels

    Takes what functional.softmax does, to which it hands over other dimensions.
    Returns what functional.softmax returns, up to rounding. Raises what it raises.
    Bridle 1990; torch.nn.functional.softmax.
    """
    if not _usual(x, dim):
        return F.softmax(x, dim)
    rows = contiguous(x).reshape(-1, x.shape[-1])
    y, ones = empty(rows.shape, x.dtype), np.ones(x.shape[-1], x.dtype)
    blocks = slices(*rows.shape, BLOCK)
    for block in blocks:
        row, out = rows[block], y[block]
        np.exp(row if within(row, FAR) else lowered(row, out), out=out)
        out *= (1 / np.dot(out, ones))[:, None]

    def backward(dy: Array) -> Array:
        slopes, dx = contiguous(dy).reshape(rows.shape), empty(rows.shape, x.dtype)
        for block in blocks:
            np.subtract(slopes[block], np.vecdot(slopes[block], y[block])[:, None], out=dx[block])
            dx[block] *= y[block]
        return dx.reshape(x.shape)

    return y.reshape(x.shape), backward


@formula
@unbuffered
def log_softmax(x: Array, dim: int) -> tuple[Array, Pullback]:
    """functional.log_softmax along the last dimension.

    y_i = x_i − c − log Σ_j e^(x_j − c);   dx = dy − e^y Σ_j dy_j;          any c of a row cancels

    Takes what functional.log_softmax does, to which it hands over other dimensions.
    Returns what functional.log_softmax returns, up to rounding. Raises what it raises.
    torch.nn.functional.log_softmax.
    """
    if not _usual(x, dim):
        return F.log_softmax(x, dim)
    rows = contiguous(x).reshape(-1, x.shape[-1])
    y, ones = empty(rows.shape, x.dtype), np.ones(x.shape[-1], x.dtype)
    blocks = slices(*rows.shape, BLOCK)
    for block in blocks:
        row, out = rows[block], y[block]
        if not within(row, NEAR):
            row = lowered(row, out)
        np.subtract(row, np.log(np.dot(np.exp(row), ones))[:, None], out=out)

    def backward(dy: Array) -> Array:
        slopes, dx = contiguous(dy).reshape(rows.shape), empty(rows.shape, x.dtype)
        for block in blocks:
            slope, out = slopes[block], dx[block]
            np.exp(y[block], out=out)
            out *= np.dot(slope, ones)[:, None]
            np.subtract(slope, out, out=out)
        return dx.reshape(x.shape)

    return y.reshape(x.shape), backward


def lowered(z: Array, out: Array) -> Array:
    """z, the largest value of each row taken off; a row of −∞ stays what it is."""
    largest = z.max(axis=-1, keepdims=True)
    largest[largest == -inf] = 0
    return np.subtract(z, largest, out=out)


def within(z: Array, most: float) -> bool:
    """Whether no value is larger than that, either way; nan is."""
    return bool(z.min() >= -most and z.max() <= most)


def _usual(x: Array, dim: int) -> bool:
    """Whether dim is the last dimension, and there is something along it."""
    return plain(x) and type(dim) is int and x.ndim > 0 and dim in (-1, x.ndim - 1) and x.size > 0
