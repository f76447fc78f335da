"""From one loss per element to the loss: none, mean or sum."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback


def reduce(losses: Array, reduction: str, count: Array | int | None = None) -> tuple[Array, Pullback]:
    """The reduced loss, and its pullback to one number for each element (or one for all, to be broadcast).

    none: y = l, dl = dy;   sum: y = Σ l, dl = dy;   mean: y = Σ l / count, dl = dy / count

    losses: any shape.  reduction: "none", "mean" or "sum".  count: what the mean divides by, the number of elements by
    default; a count of 0 gives nan, as in PyTorch.  Raises ValueError for another reduction.
    """
    checks.option("reduction", reduction, "none", "mean", "sum")
    if reduction == "none":
        return losses, lambda dy: dy
    if reduction == "sum":
        return losses.sum(), lambda dy: dy
    divisor = losses.size if count is None else count
    return losses.sum() / divisor, lambda dy: dy / divisor
