"""The affine map in one launch forwards and one for each gradient, for sizes at which launches are what costs."""

from __future__ import annotations

from collections.abc import Collection
from math import prod
from typing import Any

from numpy_nn import functional as F
from numpy_nn.backend import Array, array_module
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cuda.launch import flat, launch, plain

TILE = 16
"""A block computes so many rows, and as many columns, of a product."""

LARGE = 1 << 27
"""From so many multiply-adds on, cuBLAS's arithmetic is worth more than the launches saved: an estimate."""


@formula
def linear(x: Array, weight: Array, bias: Array | None = None) -> tuple[Array, Pullback]:
    """functional.linear in one launch, where CuPy's own product and sum take two, and more time on the host each.

    y = x Wᵀ + b;   dx = dy W,   dW = Σ dyᵀ x,   db = Σ dy

    Takes what functional.linear does, to which it hands over large products, which are cuBLAS's, empty ones, other
    arrays than those of CuPy, and what is to be refused. Unlike cuBLAS's, its products can be captured as a graph.
    Returns what functional.linear returns, up to rounding. Raises what it raises.
    Rumelhart, Hinton & Williams 1986, eq. 1 and 6; torch.nn.functional.linear.
    """
    if not _small(x, weight, bias):
        return F.linear(x, weight, bias)
    xp, (out, into), N = array_module(x), weight.shape, prod(x.shape[:-1])
    rows, matrix = flat(x), flat(weight)
    y = xp.empty((*x.shape[:-1], out), x.dtype)
    added = matrix if bias is None else flat(bias)
    _product(rows, (into, 1), matrix, (1, into), y, (N, out, into), added, int(bias is not None))

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        slopes, dx = flat(dy), None
        if "x" not in without:
            dx = xp.empty(x.shape, x.dtype)
            _product(slopes, (out, 1), matrix, (into, 1), dx, (N, into, out), matrix, 0)
        dweight, dbias = xp.empty(weight.shape, x.dtype), xp.empty(out, x.dtype)
        _product(slopes, (1, out), rows, (into, 1), dweight, (out, into, N), matrix, 0, dbias)
        return (dx, dweight) if bias is None else (dx, dweight, dbias)

    return y, backward


def _small(x: Array, weight: Array, bias: Array | None) -> bool:
    """Whether it is one of the calls that the kernel is written for."""
    return (
        plain(x, weight, bias)
        and weight is not None
        and weight.ndim == 2
        and x.ndim > 0
        and x.shape[-1] == weight.shape[1]
        and (bias is None or bias.shape == weight.shape[:1])
        and 0 < x.size * weight.shape[0] < LARGE
    )


def _product(
    a: Array,
    a_steps: tuple[int, int],
    b: Array,
    b_steps: tuple[int, int],
    c: Array,
    sizes: tuple[int, int, int],
    bias: Array,
    biased: int,
    sums: Array | None = None,
) -> None:
    """c = a b + bias, (M, K) (K, N) -> (M, N) of sizes (M, N, K), and the sums of a's rows.

    a, b: one number after the other, with the steps from a row to the next and from a column to the next.
    """
    M, N, _ = sizes
    blocks = -(-M // TILE) * -(-N // TILE)
    kept = (c, 0) if sums is None else (sums, 1)
    launch(c, "linear.cu", "product", blocks, a, *a_steps, b, *b_steps, bias, biased, c, *kept, *sizes)
