"""Losses for a yes or no."""

from __future__ import annotations

from numpy_nn.backend import Array, array_module, item
from numpy_nn.functional import checks
from numpy_nn.functional.activations import sigmoid
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.losses.reduction import reduce

SMALLEST_SLOPE_DIVISOR = 9.999999960041972e-13
"""1e-12 rounded to float32, which PyTorch uses for float64 too."""


@formula
def binary_cross_entropy(
    x: Array, target: Array, weight: Array | None = None, reduction: str = "mean"
) -> tuple[Array, Pullback]:
    """Cross entropy of a predicted probability.

    l = −w (t log x + (1 − t) log(1 − x)),  each log at least −100;   dl/dx = w (x − t) / max(x (1 − x), 1e-12)

    x: any shape, floating, in [0, 1].  target: like x, in [0, 1].  weight: broadcastable to x, or None.
    reduction: "none", "mean" or "sum".  Returns the loss (0-d, or like x for "none") and backward(dy) -> dx, like x.
    Raises ValueError for values outside [0, 1], other shapes or reductions, TypeError for other dtypes.
    torch.nn.functional.binary_cross_entropy, whose clamps keep both finite at 0 and 1.
    """
    xp = checks.floating(x=x, target=target, optional={"weight": weight})
    checks.shape("target", target, x.shape, "like x")
    _in_unit_interval("x", x)
    _in_unit_interval("target", target)
    w = 1 if weight is None else _broadcast("weight", weight, x)
    log_x = xp.maximum(xp.log(x), -100)
    log_rest = xp.maximum(xp.log1p(-x), -100)
    loss, spread = reduce(-w * (target * log_x + (1 - target) * log_rest), reduction)

    def backward(dy: Array) -> Array:
        return spread(dy) * w * ((x - target) / xp.maximum(x * (1 - x), SMALLEST_SLOPE_DIVISOR))

    return loss, backward


@formula
def binary_cross_entropy_with_logits(
    x: Array,
    target: Array,
    weight: Array | None = None,
    reduction: str = "mean",
    pos_weight: Array | None = None,
) -> tuple[Array, Pullback]:
    """Cross entropy of a predicted log-odds x, that is of the probability σ(x), without overflow.

    l = w ((1 − t) x + v log(1 + e^−x)),  v = 1 + (pos_weight − 1) t;   dl/dx = w ((1 − t) − v σ(−x))

    x: any shape, floating.  target: like x.  weight, pos_weight: broadcastable to x, or None.
    reduction: "none", "mean" or "sum".  Returns the loss (0-d, or like x for "none") and backward(dy) -> dx, like x.
    Raises ValueError for other shapes or reductions, TypeError for other dtypes.
    torch.nn.functional.binary_cross_entropy_with_logits; log(1 + e^−x) = log(1 + e^−|x|) + max(−x, 0).
    """
    xp = checks.floating(x=x, target=target, optional={"weight": weight, "pos_weight": pos_weight})
    checks.shape("target", target, x.shape, "like x")
    w = 1 if weight is None else _broadcast("weight", weight, x)
    v = 1 if pos_weight is None else 1 + (_broadcast("pos_weight", pos_weight, x) - 1) * target
    opposite = xp.where(x < 0, -x, 0)  # max(−x, 0)
    log_term = xp.log1p(xp.exp(xp.where(x < 0, x, -x))) + opposite
    loss, spread = reduce(w * ((1 - target) * x + v * log_term), reduction)

    def backward(dy: Array) -> Array:
        opposite_probability, _ = sigmoid(-x)
        return spread(dy) * w * ((1 - target) - v * opposite_probability)

    return loss, backward


def _in_unit_interval(name: str, x: Array) -> None:
    """Raise ValueError unless every value is in [0, 1]; nan is not."""
    xp = array_module(x)
    if x.dtype.kind == "f" and not item(xp.all((x >= 0) & (x <= 1))):
        raise ValueError(f"{name}: expected values between 0 and 1, got {item(x.min())} to {item(x.max())}")


def _broadcast(name: str, array: Array, x: Array) -> Array:
    """The array, if it broadcasts to x's shape."""
    lengths = zip(array.shape[::-1], x.shape[::-1], strict=False)
    if array.ndim > x.ndim or any(length not in (1, full) for length, full in lengths):
        raise ValueError(f"{name}: expected a shape that broadcasts to {x.shape}, got {array.shape}")
    return array
