"""Losses for predicted numbers."""

from __future__ import annotations

from typing import Any

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.losses.reduction import reduce


@formula
def mse_loss(x: Array, target: Array, reduction: str = "mean") -> tuple[Array, Pullback]:
    """Mean squared error.

    l = (x − t)²;   dl/dx = 2 (x − t)

    x: any shape, floating.  target: like x.  reduction: "none", "mean" or "sum".
    Returns the loss (0-d, or like x for "none") and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError for other shapes or reductions.
    torch.nn.functional.mse_loss, without broadcasting.
    """
    error, _ = _error(x, target)
    loss, spread = reduce(error * error, reduction)
    return loss, lambda dy: spread(dy) * (2 * error)


@formula
def l1_loss(x: Array, target: Array, reduction: str = "mean") -> tuple[Array, Pullback]:
    """Mean absolute error.

    l = |x − t|;   dl/dx = sign(x − t), 0 where they are equal

    x: any shape, floating.  target: like x.  reduction: "none", "mean" or "sum".
    Returns the loss (0-d, or like x for "none") and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError for other shapes or reductions.
    torch.nn.functional.l1_loss, without broadcasting; the derivative at nan is 0, as there.
    """
    error, _ = _error(x, target)
    sign = _sign(error)
    loss, spread = reduce(sign * error, reduction)  # sign(d) d = |d|
    return loss, lambda dy: spread(dy) * sign


@formula
def smooth_l1_loss(x: Array, target: Array, reduction: str = "mean", beta: float = 1.0) -> tuple[Array, Pullback]:
    """Squared error near the target, absolute error far from it.

    l = d² / 2β if |d| < β else |d| − β/2,  d = x − t;   dl/dx = d / β if |d| < β else sign(d)

    x: any shape, floating.  target: like x.  reduction: "none", "mean" or "sum".  beta: where the two parts meet, not
    negative; 0 makes it l1_loss.
    Returns the loss (0-d, or like x for "none") and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError for other shapes, reductions or a negative beta.
    Girshick 2015, eq. 3; torch.nn.functional.smooth_l1_loss, without broadcasting.
    """
    beta = checks.number("beta", beta, low=0)
    error, xp = _error(x, target)
    sign = _sign(error)
    size = sign * error  # = |d|
    if beta == 0:
        losses, slope = size, sign
    else:
        far = size >= beta
        losses = xp.where(far, size - 0.5 * beta, 0.5 * error * error / beta)
        slope = xp.where(far, sign, error / beta)
    loss, spread = reduce(losses, reduction)
    return loss, lambda dy: spread(dy) * slope


def _error(x: Array, target: Array) -> tuple[Array, Any]:
    """x − target, once both are known to be alike, and their array library."""
    xp = checks.floating(x=x, target=target)
    checks.shape("target", target, x.shape, "like x")
    return x - target, xp


def _sign(error: Array) -> Array:
    """−1, 0 or 1; 0 at nan, where NumPy's sign is nan and PyTorch's is 0."""
    return (error > 0).astype(error.dtype) - (error < 0).astype(error.dtype)
