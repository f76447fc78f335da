"""From many numbers to one: along some dimensions, or all."""

from __future__ import annotations

from math import prod

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.broadcasting import summed
from numpy_nn.functional.formula import Pullback, formula


@formula
def sum(x: Array, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> tuple[Array, Pullback]:
    """Sum along dimensions.

    y = Σ x;   dx = dy, for every term

    x: any shape, floating.  dim: one dimension, several, or None for all.  keepdim: leave length 1 where they were.
    Returns y and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for a dimension out of range, ValueError for one given twice.
    torch.sum: the sum of nothing is 0.
    """
    xp = checks.floating(x=x)
    axes, kept, shape = _reduced(x, dim, keepdim)
    return summed(x, axes).reshape(shape), lambda dy: xp.broadcast_to(dy.reshape(kept), x.shape).copy()


@formula
def mean(x: Array, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> tuple[Array, Pullback]:
    """Mean along dimensions.

    y = Σ x / n;   dx = dy / n, for every term

    x: any shape, floating.  dim: one dimension, several, or None for all.  keepdim: leave length 1 where they were.
    Returns y and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for a dimension out of range, ValueError for one given twice.
    torch.mean: the mean of nothing is nan.
    """
    xp = checks.floating(x=x)
    axes, kept, shape = _reduced(x, dim, keepdim)
    n = prod(x.shape[axis] for axis in axes)
    return summed(x, axes).reshape(shape) / n, lambda dy: xp.broadcast_to(dy.reshape(kept) / n, x.shape).copy()


@formula
def amax(x: Array, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> tuple[Array, Pullback]:
    """The largest along dimensions.

    y = max x;   dx = dy / k for the k terms that are equal to y, else 0

    x: any shape, floating.  dim: one dimension, several, or None for all.  keepdim: leave length 1 where they were.
    Returns y and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for a dimension out of range, ValueError for one given twice and where
    there is nothing to choose from.
    torch.amax: ties share the gradient; where one is nan, y and the gradients of all are nan.
    """
    checks.floating(x=x)
    axes, kept, shape = _reduced(x, dim, keepdim, choice=True)
    y = x.max(axis=axes, keepdims=True)
    return y.reshape(shape), _shared(x, y, axes, kept)


@formula
def amin(x: Array, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> tuple[Array, Pullback]:
    """The smallest along dimensions.

    y = min x;   dx = dy / k for the k terms that are equal to y, else 0

    x: any shape, floating.  dim: one dimension, several, or None for all.  keepdim: leave length 1 where they were.
    Returns y and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for a dimension out of range, ValueError for one given twice and where
    there is nothing to choose from.
    torch.amin: ties share the gradient; where one is nan, y and the gradients of all are nan.
    """
    checks.floating(x=x)
    axes, kept, shape = _reduced(x, dim, keepdim, choice=True)
    y = x.min(axis=axes, keepdims=True)
    return y.reshape(shape), _shared(x, y, axes, kept)


def _reduced(
    x: Array, dim: int | tuple[int, ...] | None, keepdim: bool, choice: bool = False
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The axes that a dim means, x's shape with length 1 in their place, and the shape of the result."""
    checks.option("keepdim", keepdim, True, False)
    axes = checks.dimensions(dim, x.ndim)
    if choice and 0 in (x.shape[axis] for axis in axes):
        raise ValueError(f"x: expected at least one value along dim {dim}, got shape {x.shape}")
    kept = tuple(1 if axis in axes else length for axis, length in enumerate(x.shape))
    return axes, kept, kept if keepdim else tuple(n for axis, n in enumerate(x.shape) if axis not in axes)


def _shared(x: Array, y: Array, axes: tuple[int, ...], kept: tuple[int, ...]) -> Pullback:
    """The pullback of a choice among many: dy shared evenly by all that are chosen."""

    def backward(dy: Array) -> Array:
        chosen = (x == y).astype(dy.dtype)
        return dy.reshape(kept) * chosen / chosen.sum(axis=axes, keepdims=True)

    return backward
