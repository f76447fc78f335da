"""Adding rows to a matrix where some of them are the same row."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np

from numpy_nn.backend import Array

Add = Callable[[Array, Array, float | Array], None]


def adder(matrix: Array, size: int, factors: Array | None = None) -> Add:
    """A function add(rows, values, rate): matrix[rows[i]] += rate · factors[rows[i]] · values[i], each repeat counted.

    matrix: (V, D), C-contiguous, D even.  size: how many rows are added at a time.  factors: (V,) like the matrix, by
    default 1.  rows: (size,) int64 in [0, V).  values: (size, D) contiguous, like the matrix, which may be used up.
    rate: a number, or one for each row.

    With SciPy the sum is a product with a sparse matrix, whose column i has its one number in row rows[i]: 25 to 45 ns
    a row. Without, see _folded: three times as long.
    """
    scale = np.empty(size, matrix.dtype)
    multiply = product(matrix, size) or _folded(matrix)

    def add(rows: Array, values: Array, rate: float | Array) -> None:
        if isinstance(rate, float):
            scale.fill(rate)
        else:
            scale[:] = rate
        if factors is not None:
            np.multiply(scale, factors[rows], out=scale)
        multiply(rows, values, scale)

    return add


def product(matrix: Array, size: int) -> Callable[[Array, Array, Array], None] | None:
    """What does matrix[rows[i]] += scale[i] · values[i] by SciPy; None without it, or where it has moved its own.

    matrix: (V, D), C-contiguous.  size: how many rows are added at a time, int64 in [0, V).
    """
    try:
        multiply = import_module("scipy.sparse._sparsetools").csc_matvecs
    except (ImportError, AttributeError):
        return None
    V, D = matrix.shape
    ends, flat = np.arange(size + 1), matrix.reshape(-1)
    return lambda rows, values, scale: multiply(V, size, D, ends, rows, scale, values, flat)


def _folded(matrix: Array) -> Callable[[Array, Array, Array], None]:
    """The same: the last occurrence of a row stands for it, the others are added to that one, and it to the matrix."""
    last = np.empty(len(matrix), np.int64)
    pairs = np.result_type(matrix.dtype, np.complex64)  # two numbers in one, for half the additions of add.at

    def add(rows: Array, values: Array, scale: Array) -> None:
        values *= scale[:, None]
        places = np.arange(len(rows))
        last[rows] = places
        stands = last[rows]
        again = stands != places
        np.add.at(values.view(pairs), stands[again], values.view(pairs)[again])
        matrix[rows[~again]] += values[~again]

    return add
