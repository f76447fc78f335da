"""Activations that learn."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.broadcasting import unbroadcast
from numpy_nn.functional.formula import Pullback, formula


@formula
def prelu(x: Array, weight: Array) -> tuple[Array, Pullback]:
    """Rectified linear unit with a learned slope below 0: one for all channels, or one for each.

    y = x if x > 0 else w x;   dx = dy if x > 0 else w dy;   dw = Σ (0 if x > 0 else x dy) over all that w multiplies

    x: any shape, floating; its channels are dimension 1.  weight: (), (1,) or (channels,), of x's dtype.
    Returns y, like x, and backward(dy) -> dx, like x, dweight, like weight.
    Raises TypeError for other dtypes, ValueError for another shape of weight.
    He et al. 2015, section 2.1. At 0 and at nan the derivative is the slope, as in torch.nn.functional.prelu.
    """
    xp = checks.floating(x=x, weight=weight)
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.shape not in ((), (1,), (channels,)):
        raise ValueError(f"weight: expected shape (1,) or ({channels},), a slope for each channel, got {weight.shape}")
    aligned = weight.size, *(1,) * (x.ndim - 2)  # broadcasts against dimension 1
    slope = weight.reshape(aligned if weight.size != 1 else ())
    y = xp.where(x > 0, x, slope * x)

    def backward(dy: Array) -> tuple[Array, Array]:
        dx = xp.where(x > 0, dy, slope * dy)
        dweight = unbroadcast(xp.where(x > 0, 0, x * dy), slope.shape)
        return dx, dweight.reshape(weight.shape)

    return y, backward
