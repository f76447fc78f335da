"""Formulas that only move values: no arithmetic, so their pullbacks move the gradients back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import prod
from typing import Any

from numpy_nn.backend import Array, is_array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula


@formula
def flatten(x: Array, start_dim: int = 0, end_dim: int = -1) -> tuple[Array, Pullback]:
    """Join dimensions start_dim to end_dim into one.

    y = x with its values in the same order;   dx = dy in x's shape

    x: any shape, floating.  Returns y (..., product of the joined lengths, ...) and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for dimensions out of range, ValueError for end_dim before start_dim.
    torch.flatten; a 0-d x becomes shape (1,).
    """
    checks.floating(x=x)
    checks.dimension(start_dim, x.ndim, "start_dim")
    checks.dimension(end_dim, x.ndim, "end_dim")
    start, end = (dim % max(x.ndim, 1) for dim in (start_dim, end_dim))
    if end < start:
        raise ValueError(f"end_dim: expected a dimension from start_dim {start_dim} on, got {end_dim}")
    joined = (*x.shape[:start], prod(x.shape[start : end + 1]), *x.shape[end + 1 :])
    return x.reshape(joined), lambda dy: dy.reshape(x.shape)


@formula
def reshape(x: Array, shape: tuple[int, ...]) -> tuple[Array, Pullback]:
    """The same values in another shape.

    y = x with its values in the same order;   dx = dy in x's shape

    x: any shape, floating.  shape: its lengths; one of them may be −1, and is then whatever is left over.
    Returns y of that shape and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError for a shape of another size.  torch.reshape.
    """
    checks.floating(x=x)
    lengths = tuple(checks.integer("shape", length, low=-1) for length in shape)
    known = prod(length for length in lengths if length != -1)
    fits = known == x.size if -1 not in lengths else lengths.count(-1) == 1 and known and x.size % known == 0
    if not fits:
        raise ValueError(f"shape: expected one for {x.size} values, got {lengths}")
    return x.reshape(lengths), lambda dy: dy.reshape(x.shape)


@formula
def transpose(x: Array, dim0: int, dim1: int) -> tuple[Array, Pullback]:
    """Two dimensions exchanged.

    y = x with dim0 and dim1 swapped;   dx = dy with dim0 and dim1 swapped

    x: any shape, floating.  Returns y and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for a dimension out of range.  torch.transpose.
    """
    checks.floating(x=x)
    axes = checks.dimension(dim0, x.ndim, "dim0") + checks.dimension(dim1, x.ndim, "dim1")
    if not axes:
        return x, lambda dy: dy
    return x.swapaxes(*axes), lambda dy: dy.swapaxes(*axes)


@formula
def permute(x: Array, dims: tuple[int, ...]) -> tuple[Array, Pullback]:
    """All dimensions in another order.

    y_(i of dims) = x_i;   dx = dy in the order before

    x: any shape, floating.  dims: for each dimension of y the one of x that it is.
    Returns y and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for a dimension out of range, ValueError unless each comes once.
    torch.permute.
    """
    checks.floating(x=x)
    axes = tuple(axis for dim in dims for axis in checks.dimension(dim, x.ndim, "dims"))
    if len(dims) != x.ndim or sorted(axes) != list(range(x.ndim)):
        raise ValueError(f"dims: expected each of {x.ndim} dimensions once, got {tuple(dims)}")
    before = tuple(sorted(range(x.ndim), key=axes.__getitem__))
    return x.transpose(axes), lambda dy: dy.transpose(before)


@formula
def cat(tensors: Sequence[Array], dim: int = 0) -> tuple[Array, Pullback]:
    """Arrays one behind the other along a dimension.

    y = [x₁, x₂, …];   dx_k = the part of dy where x_k stands

    tensors: arrays alike in everything but their length along dim, floating, of at least one dimension.
    Returns y and backward(dy) -> (dx₁, dx₂, …), a tuple, one for each.
    Raises TypeError for other dtypes, IndexError for dim out of range, ValueError for no arrays or shapes that do not
    fit.  torch.cat, which would pass over an array of shape (0,) among others; here it has to fit.
    """
    xp = _alike(tensors)
    first = tensors[0]
    if first.ndim == 0:
        raise ValueError("tensors: expected arrays of at least one dimension, got shape ()")
    (axis,) = checks.dimension(dim, first.ndim)
    for x in tensors:
        if (*x.shape[:axis], *x.shape[axis + 1 :]) != (*first.shape[:axis], *first.shape[axis + 1 :]):
            raise ValueError(f"tensors: expected shapes like {first.shape} but along dim {dim}, got {x.shape}")

    def backward(dy: Array) -> tuple[Array, ...]:
        ends = list(accumulate(x.shape[axis] for x in tensors))
        before = (slice(None),) * axis
        return tuple(dy[(*before, slice(end - x.shape[axis], end))] for x, end in zip(tensors, ends, strict=True))

    return xp.concatenate(list(tensors), axis=axis), backward


@formula
def stack(tensors: Sequence[Array], dim: int = 0) -> tuple[Array, Pullback]:
    """Arrays side by side along a new dimension.

    y_k = x_k;   dx_k = dy_k

    tensors: arrays of one shape, floating.  dim: where the new dimension stands in y.
    Returns y and backward(dy) -> (dx₁, dx₂, …), a tuple, one for each.
    Raises TypeError for other dtypes, IndexError for dim out of range, ValueError for no arrays or different shapes.
    torch.stack.
    """
    xp = _alike(tensors)
    for x in tensors:
        checks.shape("tensors", x, tensors[0].shape, "like the first")
    (axis,) = checks.dimension(dim, tensors[0].ndim + 1)
    before = (slice(None),) * axis
    return xp.stack(list(tensors), axis=axis), lambda dy: tuple(dy[(*before, k)] for k in range(len(tensors)))


def _alike(tensors: Sequence[Array]) -> Any:
    """The array library of a sequence of arrays, which share one floating dtype and one device."""
    if is_array(tensors) or not isinstance(tensors, Sequence):
        raise TypeError(f"tensors: expected a list or tuple of arrays, got {type(tensors).__name__}")
    if not tensors:
        raise ValueError("tensors: expected at least one array, got none")
    named: Any = {f"tensors[{k}]": x for k, x in enumerate(tensors)}
    return checks.floating(**named)
