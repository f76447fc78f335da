"""Activations with a kink at 0: the identity above it, something smaller below."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula


@formula
def relu(x: Array) -> tuple[Array, Pullback]:
    """Rectified linear unit.

    y = max(x, 0);   dy/dx = 1 if x > 0 else 0

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    Nair & Hinton 2010. At ±0 the derivative is 0, −0 stays −0, and nan passes with derivative 1, as in
    torch.nn.functional.relu.
    """
    xp = checks.floating(x=x)
    y = xp.where(x < 0, 0, x)

    def backward(dy: Array) -> Array:
        return xp.where(y <= 0, 0, dy)

    return y, backward


@formula
def leaky_relu(x: Array, negative_slope: float = 0.01) -> tuple[Array, Pullback]:
    """Rectified linear unit that lets a little of the negative side through.

    y = x if x > 0 else negative_slope · x;   dy/dx = 1 if x > 0 else negative_slope

    x: any shape, floating.  negative_slope: float.  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes.
    Maas, Hannun & Ng 2013. At 0 and at nan the derivative is the slope, as in torch.nn.functional.leaky_relu.
    """
    xp = checks.floating(x=x)
    negative_slope = checks.number("negative_slope", negative_slope)
    y = xp.where(x > 0, x, negative_slope * x)

    def backward(dy: Array) -> Array:
        return xp.where(x > 0, dy, negative_slope * dy)

    return y, backward


@formula
def elu(x: Array, alpha: float = 1.0) -> tuple[Array, Pullback]:
    """Exponential linear unit.

    y = x if x > 0 else alpha (e^x − 1);   dy/dx = 1 if x > 0 else alpha e^x

    x: any shape, floating.  alpha: float.  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes.
    Clevert et al. 2016, eq. 1. At 0 the derivative is alpha, at nan it is 1, as in torch.nn.functional.elu.
    """
    xp = checks.floating(x=x)
    alpha = checks.number("alpha", alpha)
    y = xp.where(x <= 0, alpha * xp.expm1(x), x)

    def backward(dy: Array) -> Array:
        return xp.where(x <= 0, dy * (alpha * xp.exp(x)), dy)

    return y, backward
