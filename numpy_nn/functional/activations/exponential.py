"""Relatives of the exponential linear unit: the identity above 0, an exponential that levels off below."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.activations.rectified import elu
from numpy_nn.functional.formula import Pullback, formula

ALPHA = 1.6732632423543772
SCALE = 1.0507009873554805
"""The pair for which values of mean 0 and variance 1 keep both from layer to layer."""


@formula
def selu(x: Array) -> tuple[Array, Pullback]:
    """Scaled exponential linear unit, which normalises by itself.

    y = λ elu(x, α) with λ = 1.0507009873554805, α = 1.6732632423543772;   dy/dx = λ elu'(x, α)

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    Klambauer et al. 2017, eq. 2. At 0 the derivative is λα, at nan it is λ, as in torch.nn.functional.selu.
    """
    y, pullback = elu(x, ALPHA)
    return SCALE * y, lambda dy: pullback(SCALE * dy)


@formula
def celu(x: Array, alpha: float = 1.0) -> tuple[Array, Pullback]:
    """Exponential linear unit whose slope does not jump at 0, whatever alpha.

    y = x if x > 0 else alpha (e^(x / alpha) − 1);   dy/dx = 1 if x > 0 else e^(x / alpha)

    x: any shape, floating.  alpha: float, not 0.  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError for alpha = 0.
    Barron 2017. At nan the derivative is 1, as in torch.nn.functional.celu.
    """
    xp = checks.floating(x=x)
    alpha = checks.number("alpha", alpha)
    if alpha == 0:
        raise ValueError("alpha: expected a number other than 0, got 0")
    y = xp.where(x <= 0, alpha * xp.expm1(x / alpha), x)

    def backward(dy: Array) -> Array:
        return xp.where(x <= 0, dy * xp.exp(x / alpha), dy)

    return y, backward
