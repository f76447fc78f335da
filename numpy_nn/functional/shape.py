"""Formulas that only move values: no arithmetic, so their pullbacks move the gradients back."""

from __future__ import annotations

from math import prod

from numpy_nn.backend import Array
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
