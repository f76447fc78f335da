"""Activations with a derivative everywhere, in the fewest steps that keep their digits."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cpu.elementwise import elementwise, gated
from numpy_nn.kernels.cpu.layout import plain

LOGIT = (
    1.756276222865259e-09,
    -1.3226623949601487e-07,
    3.964772711859139e-06,
    -5.5306314660722746e-05,
    -3.259474889001296e-05,
    0.03633308441204529,
    0.7978849414892483,
)
"""P, from its highest power on, for which ½ (1 + tanh(x P(x²))) comes within 3e-8 of Φ(x), half a rounding of float32.

Fitted to ½ log(Φ / (1 − Φ)) / x on (0, 6) by least squares, weighted anew until the largest error of Φ was smallest
(Lawson 1961). Beyond 6 it goes on growing, so that Φ becomes 0 or 1.
"""


@formula
def sigmoid(x: Array) -> tuple[Array, Pullback]:
    """functional.sigmoid, which overflows on purpose: 1 / ∞ is 0.

    y = 1 / (2 + (e^−x − 1));   dy/dx = y (1 − y)

    NumPy computes e^x − 1 faster than e^x.
    Takes what functional.sigmoid does, to which it hands over other arrays than those of NumPy.
    Returns what functional.sigmoid returns, up to rounding; the subnormal numbers among it are 0, as in torch.sigmoid.
    Raises what it raises.
    """
    if not plain(x):
        return F.sigmoid(x)
    return elementwise(x, _sigmoid, _sigmoid_slope)


@formula
def tanh(x: Array) -> tuple[Array, Pullback]:
    """functional.tanh.

    y = (e^x − e^−x) / (e^x + e^−x);   dy/dx = 1 − y²

    Takes what functional.tanh does, to which it hands over other arrays than those of NumPy.
    Returns what functional.tanh returns, up to rounding. Raises what it raises.
    LeCun et al. 1998, section 4.4; torch.tanh.
    """
    if not plain(x):
        return F.tanh(x)

    def slope(y: Array, dy: Array, dx: Array) -> None:
        np.multiply(y, y, out=dx)
        np.subtract(1, dx, out=dx)
        dx *= dy

    return elementwise(x, lambda x, y: np.tanh(x, out=y), slope)


@formula
def silu(x: Array) -> tuple[Array, Pullback]:
    """functional.silu.

    y = x g,  g = σ(x);   dy/dx = g (1 + x (1 − g))

    Takes what functional.silu does, to which it hands over other arrays than those of NumPy.
    Returns what functional.silu returns, up to rounding. Raises what it raises.
    Elfwing, Uchibe & Doya 2018, eq. 1; torch.nn.functional.silu.
    """
    if not plain(x):
        return F.silu(x)

    def gate(x: Array, g: Array, y: Array) -> None:
        _sigmoid(x, g)
        np.multiply(x, g, out=y)

    def slope(x: Array, g: Array, dy: Array, dx: Array) -> None:
        np.subtract(1, g, out=dx)
        dx *= x
        dx += 1
        dx *= g
        dx *= dy

    return gated(x, gate, slope)


@formula
def gelu(x: Array, approximate: str = "none") -> tuple[Array, Pullback]:
    """functional.gelu, its Φ written as a hyperbolic tangent in float32.

    "none":  y = x g,  g = Φ(x) = ½ (1 + tanh(x P(x²)));              dy/dx = g + x φ(x)
    "tanh":  y = x g,  g = ½ (1 + tanh(u)),  u = √(2/π) (x + 0.044715 x³);   dy/dx = g (1 + 2 x u' (1 − g))

    Takes what functional.gelu does, to which it hands over the exact form of float64.
    Returns what functional.gelu returns, up to rounding. Raises what it raises.
    Hendrycks & Gimpel 2016, section 2; torch.nn.functional.gelu.
    """
    exact = isinstance(approximate, str) and approximate == "none"
    if not plain(x) or (exact and x.dtype != np.float32) or (not exact and approximate != "tanh"):
        return F.gelu(x, approximate)
    root = sqrt(2 / pi)
    powers = LOGIT if exact else (0.044715 * root, root)

    def gate(x: Array, g: Array, y: Array) -> None:
        np.multiply(x, x, out=y)
        np.multiply(y, powers[0], out=g)
        for power in powers[1:-1]:
            g += power
            g *= y
        g += powers[-1]
        g *= x
        np.tanh(g, out=g)
        g += 1
        g *= 0.5
        np.multiply(x, g, out=y)

    def slope(x: Array, g: Array, dy: Array, dx: Array) -> None:
        np.multiply(x, x, out=dx)
        dx *= -0.5
        np.exp(dx, out=dx)
        dx *= x
        dx *= 1 / sqrt(2 * pi)
        dx += g
        dx *= dy

    def tanh_slope(x: Array, g: Array, dy: Array, dx: Array) -> None:
        np.multiply(x, x, out=dx)
        dx *= 6 * 0.044715 * root
        dx += 2 * root
        dx *= x
        dx *= 1 - g
        dx += 1
        dx *= g
        dx *= dy

    return gated(x, gate, slope if exact else tanh_slope)


def _sigmoid(x: Array, y: Array) -> None:
    np.negative(x, out=y)
    np.expm1(y, out=y)
    y += 2
    np.divide(1, y, out=y)


def _sigmoid_slope(y: Array, dy: Array, dx: Array) -> None:
    np.subtract(1, y, out=dx)
    dx *= y
    dx *= dy
