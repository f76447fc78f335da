"""Batch normalization in blocks that stay in the cache, on channels that lie next to one another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cpu.buffering import unbuffered
from numpy_nn.kernels.cpu.layout import channels_first, channels_last, plain
from numpy_nn.kernels.cpu.memory import empty

BLOCK = 1 << 16
"""About how many values are worked on at a time."""

FAR = 16
"""A mean of up to four deviations costs four bits of a variance computed without it, and none of its float64 sums'."""

RUN = 1 << 11
"""Channels are repeated up to about this many times, so that an operation runs over long rows."""


@formula
@unbuffered
def batch_norm(
    x: Array,
    running_mean: Array | None,
    running_var: Array | None,
    weight: Array | None = None,
    bias: Array | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Array, Pullback]:
    """functional.batch_norm of images: in training two walks over x forwards, two over x and dy backwards.

    y = (x − μ) w / σ' + b,  σ' = √(σ² + eps);   dw = Σ dy (x − μ) / σ',   db = Σ dy,
    dx = (dy − mean dy − (x − μ) mean(dy (x − μ)) / σ'²) w / σ',  in evaluation dy w / σ'

    Each is computed as p x + q with p and q of the channel. Where a channel's mean is so far from 0 that this would
    cost digits, all channels are shifted by their mean first.
    Takes and changes what functional.batch_norm does, to which it hands over what is not images.
    Returns what functional.batch_norm returns, up to rounding. Raises what it raises.
    Ioffe & Szegedy 2015, algorithm 1; torch.nn.functional.batch_norm.
    """
    given = running_mean, running_var, weight, bias
    if not plain(x, *given) or not _usual(x, given, training, momentum, eps):
        return F.batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps)
    rows, dtype = Rows(channels_last(x)), x.dtype
    n = rows.n
    if training:
        mean, var = rows.moments()
        if not np.all(mean * mean <= FAR * var):
            rows.shift_by(np.where(np.isfinite(mean), mean, 0))
            mean, var = rows.moments()
        if running_mean is not None and running_var is not None:
            running_mean[...] = momentum * (mean + rows.shift) + (1 - momentum) * running_mean
            running_var[...] = momentum * var * (n / (n - 1)) + (1 - momentum) * running_var
    else:
        mean, var = (np.array(running, np.float64) for running in given[:2])
    scale = 1 / np.sqrt(var + eps)
    slope = scale if weight is None else scale * weight
    offset = -mean * slope if bias is None else bias - mean * slope
    y = rows.affine(slope.astype(dtype), offset.astype(dtype))

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        slopes, dx = channels_last(dy), None
        total = along = np.zeros(())
        if training or not {"weight", "bias"} <= {*without}:
            total, along = rows.sums(slopes)
            along -= mean * total  # Σ dy (x − μ)
        if "x" not in without and training:
            back = slope * scale * scale * along / n
            shift = total * slope / n - mean * back
            dx = rows.dx(slopes, slope.astype(dtype), back.astype(dtype), shift.astype(dtype))
        elif "x" not in without:
            dx = rows.times(slopes, slope.astype(dtype))
        gradients = [dx]
        if weight is not None:
            gradients.append(None if "weight" in without else (along * scale).astype(dtype))
        if bias is not None:
            gradients.append(None if "bias" in without else total.astype(dtype))
        return tuple(gradients) if len(gradients) > 1 else dx

    return y, backward


def _usual(x: Array, given: tuple[Array | None, ...], training: bool, momentum: float, eps: float) -> bool:
    """Whether these are images and all that goes with them, for which nothing is to be refused."""
    shapes = {array.shape for array in given if array is not None}
    running = [array is not None for array in given[:2]]
    return (
        ((training is True and running[0] == running[1]) or (training is False and all(running)))
        and (isinstance(momentum, int | float) and isinstance(eps, float) and eps > 0)
        and (x.ndim == 4 and x.size > x.shape[1] > 0)
        and shapes <= {x.shape[1:2]}
    )


class Rows:
    """Images (N, H, W, C) as n rows of C channels, and as long rows of several of these. shift is taken off them."""

    def __init__(self, images: Array) -> None:
        self.shape, self.C = images.shape, images.shape[3]
        self.n = images.size // self.C
        most = max(RUN // self.C, 1)
        self.repeats = min(self.n & -self.n, 1 << (most.bit_length() - 1))  # a power of 2 that divides n
        self.width = self.repeats * self.C
        self.long = images.reshape(-1, self.width)
        self.height = min(max(BLOCK // self.width, 1), len(self.long))
        self.scratch = empty((self.height, self.width), images.dtype)
        self.ones = np.ones(self.height, images.dtype)
        self.shift = np.zeros(self.C)
        self._wide_shift: Array | None = None

    def shift_by(self, mean: Array) -> None:
        """Take off about the mean, from now on."""
        wide = self.wide(mean.astype(self.long.dtype))
        self.shift, self._wide_shift = wide[: self.C].astype(np.float64), wide

    def wide(self, column: Array) -> Array:
        """The values of the channels, as often as there are rows in a long one."""
        return np.tile(column, self.repeats)

    def blocks(self, *images: Array) -> Iterator[tuple[Array, ...]]:
        """The same long rows of x and of others of its shape at a time, x shifted."""
        others = [other.reshape(-1, self.width) for other in images]
        for begin in range(0, len(self.long), self.height):
            part = slice(begin, begin + self.height)
            block = self.long[part]
            if self._wide_shift is not None:
                block = np.subtract(block, self._wide_shift, out=self.scratch[: len(block)])
            yield block, *(other[part] for other in others)

    def moments(self) -> tuple[Array, Array]:
        """Each channel's mean and biased variance, in float64."""
        total, squares = np.zeros(self.width), np.zeros(self.width)
        for (block,) in self.blocks():
            total += np.dot(self.ones[: len(block)], block)
            squares += np.einsum("ij,ij->j", block, block)
        mean = self.narrow(total) / self.n
        return mean, np.maximum(self.narrow(squares) / self.n - mean * mean, 0)

    def narrow(self, wide: Array) -> Array:
        """A sum over long rows as one over rows."""
        return wide.reshape(-1, self.C).sum(axis=0)

    def affine(self, p: Array, q: Array) -> Array:
        """p x + q: images (N, C, H, W)."""
        y, p, q = empty(self.shape, self.long.dtype), self.wide(p), self.wide(q)
        for block, out in self.blocks(y):
            np.multiply(block, p, out=out)
            out += q
        return channels_first(y)

    def sums(self, slopes: Array) -> tuple[Array, Array]:
        """Σ dy and Σ dy x of each channel, in float64."""
        total, along = np.zeros(self.width), np.zeros(self.width)
        for block, slope in self.blocks(slopes):
            total += np.dot(self.ones[: len(block)], slope)
            along += np.einsum("ij,ij->j", block, slope)
        return self.narrow(total), self.narrow(along)

    def dx(self, slopes: Array, p: Array, q: Array, r: Array) -> Array:
        """p dy − q x − r: images (N, C, H, W)."""
        dx, (p, q, r) = empty(self.shape, self.long.dtype), map(self.wide, (p, q, r))
        for block, slope, out in self.blocks(slopes, dx):
            part = np.multiply(block, q, out=self.scratch[: len(block)])
            part += r
            np.multiply(slope, p, out=out)
            out -= part
        return channels_first(dx)

    def times(self, slopes: Array, p: Array) -> Array:
        """p dy: images (N, C, H, W)."""
        dx, p = empty(self.shape, self.long.dtype), self.wide(p)
        np.multiply(slopes.reshape(self.long.shape), p, out=dx.reshape(self.long.shape))
        return channels_first(dx)
