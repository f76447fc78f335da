"""What is in a checkpoint, as rows to print."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, nan, sqrt
from typing import Any

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.checkpoint import plain
from numpy_nn.checkpoint.store import load

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Statistics:
    """What the numbers of an array look like, nan left out: mean, standard deviation (divided by N), extremes.

    zeros: the share of zeros.  nans: how many are nan. Of complex numbers their absolute values are taken. Without a
    number that is not nan, the first four are nan.
    """

    mean: float
    std: float
    min: float
    max: float
    zeros: float
    nans: int


@dataclass(frozen=True)
class Row:
    """A leaf of nested data: its name, such as "state/0/exp_avg", and an array or the value itself."""

    name: str
    array: Array | None = field(repr=False, compare=False)
    value: Any

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of the array; None where the value is none."""
        return None if self.array is None else self.array.shape

    @property
    def dtype(self) -> str:
        """The dtype of the array, or the type of the value."""
        return type(self.value).__name__ if self.array is None else self.array.dtype.name

    @cached_property
    def statistics(self) -> Statistics | None:
        """The statistics of the array, computed when they are first asked for; None where the value is no array."""
        return None if self.array is None else _statistics(self.array)


def describe(obj: Any) -> list[Row]:
    """A row for every leaf of nested plain data, in order; an empty container is a leaf.

    obj: what `save` takes.  Raises TypeError and ValueError as it does.
    """
    return list(_rows(plain.copied(obj), ""))


def inspect(path: str | os.PathLike[str]) -> list[Row]:
    """A row for every leaf of what is in a file. Raises what `load` raises."""
    return describe(load(path))


def _rows(value: Any, name: str) -> Iterator[Row]:
    if isinstance(value, dict | list | tuple) and value:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _rows(inner, f"{name}/{key}" if name else str(key))
    elif isinstance(value, np.ndarray):
        yield Row(name, value, None)
    else:
        yield Row(name, None, value)


def _statistics(array: Array) -> Statistics:
    count = zeros = 0
    total, low, high = 0.0, inf, -inf
    with np.errstate(all="ignore"):
        for piece in _pieces(array):
            count += piece.size
            zeros += int((piece == 0).sum())
            total += float(piece.sum())
            if piece.size:
                low, high = min(low, float(piece.min())), max(high, float(piece.max()))
        if not count:
            return Statistics(nan, nan, nan, nan, 0.0, array.size)
        mean = total / count
        squares = sum(float(((piece - mean) ** 2).sum()) for piece in _pieces(array))
    return Statistics(mean, sqrt(squares / count), low, high, zeros / array.size, array.size - count)


def _pieces(array: Array) -> Iterator[Array]:
    """The numbers that are not nan in float64, a piece at a time: a copy of the whole may be more than memory holds."""
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    for start in range(0, array.size, _CHUNK):
        part = np.asarray(flat[start : start + _CHUNK])
        wide = (np.abs(part) if part.dtype.kind == "c" else part).astype(np.float64)
        yield wide[~np.isnan(wide)]
