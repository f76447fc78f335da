"""Losses of one number and its target, without branches and some values at a time."""

from __future__ import annotations

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.losses.reduction import reduce
from numpy_nn.kernels.cpu.elementwise import Steps, in_blocks, like
from numpy_nn.kernels.cpu.layout import plain
from numpy_nn.kernels.cpu.memory import empty


@formula
def binary_cross_entropy_with_logits(
    x: Array,
    target: Array,
    weight: Array | None = None,
    reduction: str = "mean",
    pos_weight: Array | None = None,
) -> tuple[Array, Pullback]:
    """functional.binary_cross_entropy_with_logits, both signs of x computed alike.

    l = (1 − t) x + log(1 + e^−|x|) − min(x, 0);   dl/dx = 1 / (1 + e^−x) − t

    Takes what functional.binary_cross_entropy_with_logits does, to which it hands over weights, and what is to be
    refused. Returns what that returns, up to rounding. Raises what it raises.
    torch.nn.functional.binary_cross_entropy_with_logits.
    """
    if not _usual(x, target) or weight is not None or pos_weight is not None:
        return F.binary_cross_entropy_with_logits(x, target, weight, reduction, pos_weight)

    def value(x: Array, target: Array, losses: Array) -> None:
        np.abs(x, out=losses)
        np.negative(losses, out=losses)
        np.exp(losses, out=losses)
        np.log1p(losses, out=losses)
        term = np.minimum(x, 0, out=empty(x.shape, x.dtype))
        losses -= term
        np.subtract(1, target, out=term)
        term *= x
        losses += term

    def slope(x: Array, target: Array, dx: Array) -> None:
        np.negative(x, out=dx)
        np.exp(dx, out=dx)  # may overflow: 1 / ∞ is 0
        dx += 1
        np.divide(1, dx, out=dx)
        dx -= target

    return _reduced(x, target, reduction, value, slope)


@formula
def smooth_l1_loss(x: Array, target: Array, reduction: str = "mean", beta: float = 1.0) -> tuple[Array, Pullback]:
    """functional.smooth_l1_loss, near and far from the target computed alike.

    l = m (|d| − m/2) / β,  d = x − t,  m = min(|d|, β);   dl/dx = d / β, at least −1 and at most 1

    Takes what functional.smooth_l1_loss does, to which it hands over β = 0, others as extreme, and what is to be
    refused.
    Returns what functional.smooth_l1_loss returns, up to rounding. Raises what it raises.
    Girshick 2015, eq. 3, where β = 1; torch.nn.functional.smooth_l1_loss.
    """
    if not _usual(x, target) or type(beta) is not float or not 1e-30 < beta < 1e30:
        return F.smooth_l1_loss(x, target, reduction, beta)

    def value(x: Array, target: Array, losses: Array) -> None:
        np.subtract(x, target, out=losses)
        np.abs(losses, out=losses)
        near = np.minimum(losses, beta, out=empty(x.shape, x.dtype))
        near /= 2
        losses -= near
        near *= 2 / beta
        losses *= near

    def slope(x: Array, target: Array, dx: Array) -> None:
        np.subtract(x, target, out=dx)
        dx /= beta
        np.clip(dx, -1, 1, out=dx)

    return _reduced(x, target, reduction, value, slope)


def _usual(x: Array, target: Array) -> bool:
    """Whether these are arrays of the same shape and dtype, with something in them."""
    return plain(x, target) and x.shape == target.shape and x.size > 0


def _reduced(x: Array, target: Array, reduction: str, value: Steps, slope: Steps) -> tuple[Array, Pullback]:
    """The reduced loss by value(x, target, losses), and dx by slope(x, target, dx) times what of dy comes to each."""
    losses = like(x)
    in_blocks(value, x, target, losses)
    loss, spread = reduce(losses, reduction)

    def backward(dy: Array) -> Array:
        dx, share = like(x), spread(dy)

        def steps(x: Array, target: Array, share: Array, dx: Array) -> None:
            slope(x, target, dx)
            dx *= share

        if reduction == "none":
            in_blocks(steps, x, target, share, dx)
        else:
            in_blocks(lambda x, target, dx: steps(x, target, share, dx), x, target, dx)
        return dx

    return loss, backward
