"""Activations with a derivative everywhere."""

from __future__ import annotations

from math import pi, sqrt

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.normal import normal_cdf, normal_pdf


@formula
def sigmoid(x: Array) -> tuple[Array, Pullback]:
    """Logistic function: any number to a probability.

    y = 1 / (1 + e^−x);   dy/dx = y (1 − y)

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    Written with e^−|x|, which cannot overflow: below −88.7 in float32 it gives the tiny true value where
    torch.sigmoid gives 0.
    """
    checks.floating(x=x)
    y = _sigmoid(x)

    def backward(dy: Array) -> Array:
        return dy * (y * (1 - y))

    return y, backward


@formula
def tanh(x: Array) -> tuple[Array, Pullback]:
    """Hyperbolic tangent: any number to (−1, 1), centred on 0.

    y = (e^x − e^−x) / (e^x + e^−x);   dy/dx = 1 − y²

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    LeCun et al. 1998, section 4.4; torch.tanh.
    """
    xp = checks.floating(x=x)
    y = xp.tanh(x)

    def backward(dy: Array) -> Array:
        return dy * (1 - y * y)

    return y, backward


@formula
def softplus(x: Array, beta: float = 1.0, threshold: float = 20.0) -> tuple[Array, Pullback]:
    """Smooth approximation of ReLU.

    y = log(1 + e^(βx)) / β, or x itself where βx > threshold;   dy/dx = σ(βx), or 1 there

    x: any shape, floating.  beta, threshold: float, beta not 0.  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError for beta = 0.
    Dugas et al. 2000, eq. 4; the linear part is torch.nn.functional.softplus's.
    """
    xp = checks.floating(x=x)
    beta, threshold = checks.number("beta", beta), checks.number("threshold", threshold)
    if beta == 0:
        raise ValueError("beta: expected a number other than 0, got 0")
    linear = beta * x > threshold
    y = xp.where(linear, x, xp.log1p(xp.exp(beta * x)) / beta)

    def backward(dy: Array) -> Array:
        return xp.where(linear, dy, dy * _sigmoid(beta * x))

    return y, backward


@formula
def gelu(x: Array, approximate: str = "none") -> tuple[Array, Pullback]:
    """Gaussian error linear unit: x weighted by the probability that a standard normal variable lies below it.

    "none":  y = x Φ(x);                dy/dx = Φ(x) + x φ(x)
    "tanh":  y = ½ x (1 + t),           dy/dx = ½ (1 + t) + ½ x (1 − t²) u',
             t = tanh(u), u = √(2/π) (x + 0.044715 x³), u' = √(2/π) (1 + 3 · 0.044715 x²)

    x: any shape, floating.  approximate: "none" or "tanh".  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError for another approximate.
    Hendrycks & Gimpel 2016, section 2. At −∞ nan, as in torch.nn.functional.gelu.
    """
    xp = checks.floating(x=x)
    checks.option("approximate", approximate, "none", "tanh")
    if approximate == "none":
        cdf = normal_cdf(x)
        return x * cdf, lambda dy: dy * (cdf + x * normal_pdf(x))

    slope, cubic = sqrt(2 / pi), 0.044715
    t = xp.tanh(slope * (x + cubic * x * x * x))

    def backward(dy: Array) -> Array:
        du = slope * (1 + 3 * cubic * x * x)
        return dy * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * du)

    return 0.5 * x * (1 + t), backward


@formula
def silu(x: Array) -> tuple[Array, Pullback]:
    """Sigmoid linear unit, also called swish.

    y = x σ(x);   dy/dx = σ(x) (1 + x (1 − σ(x)))

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    Elfwing, Uchibe & Doya 2018, eq. 1. At −∞ nan, as in torch.nn.functional.silu.
    """
    checks.floating(x=x)
    s = _sigmoid(x)

    def backward(dy: Array) -> Array:
        return dy * (s * (1 + x * (1 - s)))

    return x * s, backward


@formula
def mish(x: Array) -> tuple[Array, Pullback]:
    """A smooth relative of SiLU: x weighted by the tangent of its softplus.

    y = x t,  t = tanh(log(1 + e^x)) = n / (n + 2),  n = (1 + e^x)² − 1;   dy/dx = t + x (1 − t²) σ(x)

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    Misra 2020. At −∞ nan, as in torch.nn.functional.mish.
    """
    xp = checks.floating(x=x)
    w = xp.exp(xp.where(x < 0, x, -x))  # e^−|x|; where x >= 0, n and 2 are multiplied by w²
    n = xp.where(x < 0, w * (w + 2), 1 + 2 * w)
    t = n / (n + xp.where(x < 0, 2, 2 * w * w))

    def backward(dy: Array) -> Array:
        return dy * (t + x * (1 - t * t) * _sigmoid(x))

    return x * t, backward


@formula
def logsigmoid(x: Array) -> tuple[Array, Pullback]:
    """The logarithm of the sigmoid, without forming the sigmoid first.

    y = −log(1 + e^−x) = min(x, 0) − log(1 + e^−|x|);   dy/dx = σ(−x)

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    torch.nn.functional.logsigmoid.
    """
    xp = checks.floating(x=x)
    y = xp.where(x < 0, x, 0) - xp.log1p(xp.exp(xp.where(x < 0, x, -x)))
    return y, lambda dy: dy * _sigmoid(-x)


@formula
def softsign(x: Array) -> tuple[Array, Pullback]:
    """A slower hyperbolic tangent: it reaches ±1 as 1/|x|, not as e^−|x|.

    y = x / (1 + |x|);   dy/dx = 1 / (1 + |x|)²

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    Bergstra et al. 2009. At ±∞ value and derivative are nan, as in torch.nn.functional.softsign, which takes the
    derivative as a difference that loses its digits far from 0.
    """
    xp = checks.floating(x=x)
    size = 1 + xp.where(x < 0, -x, x)
    y = x / size

    def backward(dy: Array) -> Array:
        return xp.where(xp.isnan(y), y, dy / size / size)

    return y, backward


def _sigmoid(x: Array) -> Array:
    """σ(x) = 1 / (1 + e^−x) where x >= 0 and e^x / (1 + e^x) below, so that nothing overflows."""
    xp = checks.floating(x=x)
    small = xp.exp(xp.where(x < 0, x, -x))  # e^−|x|
    return xp.where(x < 0, small, 1) / (1 + small)
