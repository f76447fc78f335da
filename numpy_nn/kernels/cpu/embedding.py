"""The gradient of a table of vectors, by SciPy's sparse product, or by NumPy's fast loop over single numbers."""

from __future__ import annotations

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cpu.layout import contiguous, plain
from numpy_nn.kernels.cpu.memory import empty
from numpy_nn.kernels.cpu.rows import product

MANY = 1 << 10
"""From how many vectors on SciPy is worth its import."""

BLOCK = 1 << 8
"""How many vectors NumPy adds at a time: the places of their values stay in the cache."""


@formula
def embedding(
    indices: Array,
    weight: Array,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
) -> tuple[Array, Pullback]:
    """functional.embedding, whose gradient is a sparse product, or is added up two numbers at a time.

    y = W[i];   dW[v] = Σ dy over the places where i = v

    With many indices, and SciPy, that is a product with a matrix that has a 1 in each column, in the row of its index.
    Else np.add.at counts every repeated index. On a table it goes through each row anew, but on a row of single numbers
    it has a loop of its own, ten times as fast; a complex number is two of them, which addition does not mix.
    Takes what functional.embedding does, to which it hands over max_norm, scale_grad_by_freq and what is to be refused.
    Returns what functional.embedding returns, bit for bit. Raises what it raises.
    Bengio et al. 2003, section 2; torch.nn.functional.embedding.
    """
    if not _usual(indices, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq):
        return F.embedding(indices, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    rows = indices.reshape(-1).astype(np.int64)  # a copy, as nobody looks again whether they are rows of the table
    y = weight.take(indices, axis=0, out=empty((*indices.shape, weight.shape[1]), weight.dtype), mode="clip")

    def backward(dy: Array) -> Array:
        dweight = empty(weight.shape, weight.dtype)
        dweight.fill(0)
        slopes = contiguous(dy).reshape(-1, weight.shape[1])
        multiply = product(dweight, rows.size) if rows.size >= MANY else None
        if multiply is None:
            _add(dweight, rows, slopes)
        else:
            multiply(rows, slopes, np.ones(rows.size, weight.dtype))
        if padding_idx is not None:
            dweight[padding_idx] = 0
        return dweight

    return y, backward


def _add(matrix: Array, rows: Array, values: Array) -> None:
    """matrix[rows[i]] += values[i], each repeat counted."""
    sums, terms = _pairs(matrix), _pairs(values)
    width = sums.size // len(matrix)  # of a row
    starts, across = rows[:, None] * width, np.arange(width)
    for begin in range(0, len(rows), BLOCK):
        end = begin + BLOCK
        np.add.at(sums, (starts[begin:end] + across).reshape(-1), terms[begin * width : end * width])


def _pairs(x: Array) -> Array:
    """The values in one row, as complex numbers of two each where a vector has an even number of them; a view."""
    return x.reshape(-1).view(f"c{2 * x.itemsize}") if x.shape[-1] % 2 == 0 else x.reshape(-1)


def _usual(
    indices: Array,
    weight: Array,
    padding_idx: int | None,
    max_norm: float | None,
    norm_type: float,
    scale_grad_by_freq: bool,
) -> bool:
    """Whether these are indices of a table, all in range, for which nothing is to be refused or scaled."""
    return (
        (plain(weight) and weight.ndim == 2 and weight.size > 0 and weight.flags.c_contiguous)
        and (type(indices) is np.ndarray and indices.dtype in (np.int64, np.int32) and indices.size > 0)
        and (padding_idx is None or (type(padding_idx) is int and -len(weight) <= padding_idx < len(weight)))
        and (max_norm is None and type(norm_type) is float and scale_grad_by_freq is False)
        and int(indices.view(f"u{indices.dtype.itemsize}").max()) < len(weight)  # negative ones are the largest then
    )
