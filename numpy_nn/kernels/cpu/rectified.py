"""Activations with a kink at 0, without a branch: which side a random number is on is guessed wrong half of the time.

Each value is the larger of two, and each gradient dy times a slope that is told from y.
"""

from __future__ import annotations

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cpu.elementwise import elementwise
from numpy_nn.kernels.cpu.layout import plain


@formula
def relu(x: Array) -> tuple[Array, Pullback]:
    """functional.relu: the larger of two numbers, and a gradient's bits or none of them.

    y = max(x, 0);   dy/dx = 1 if x > 0 else 0

    The bits of an infinite gradient, and those of nan, are gone where x is not above 0.
    Takes what functional.relu does, to which it hands over other arrays than those of NumPy.
    Returns what functional.relu returns, up to rounding. Raises what it raises.
    Nair & Hinton 2010; torch.nn.functional.relu.
    """
    if not plain(x):
        return F.relu(x)
    bits = np.int32 if x.dtype == np.float32 else np.int64

    def value(x: Array, y: Array) -> None:
        np.maximum(0, x, out=y)  # of 0 and −0 the second

    def slope(y: Array, dy: Array, dx: Array) -> None:
        mask: Array = dx.view(bits)
        np.less_equal(y, 0, out=mask, casting="unsafe")  # 1 where no gradient passes; nan lets it pass
        mask -= 1  # 0 there, and elsewhere −1, which is all bits
        mask &= dy.view(bits)

    return elementwise(x, value, slope)


@formula
def leaky_relu(x: Array, negative_slope: float = 0.01) -> tuple[Array, Pullback]:
    """functional.leaky_relu: the larger of two numbers.

    y = max(x, a x)  for a slope a of 0 < a <= 1;   dy/dx = max(a, 1 if y > 0 else 0)

    Takes what functional.leaky_relu does, to which it hands over other slopes.
    Returns what functional.leaky_relu returns, up to rounding. Raises what it raises.
    Maas, Hannun & Ng 2013; torch.nn.functional.leaky_relu.
    """
    if not plain(x) or not isinstance(negative_slope, float) or not 0 < x.dtype.type(negative_slope) <= 1:
        return F.leaky_relu(x, negative_slope)
    a = float(negative_slope)

    def value(x: Array, y: Array) -> None:
        np.multiply(x, a, out=y)
        np.maximum(x, y, out=y)

    def slope(y: Array, dy: Array, dx: Array) -> None:
        np.greater(y, 0, out=dx)
        np.maximum(dx, a, out=dx)
        dx *= dy

    return elementwise(x, value, slope)


@formula
def elu(x: Array, alpha: float = 1.0) -> tuple[Array, Pullback]:
    """functional.elu: the larger of two numbers, as e^x − 1 is nowhere below x.

    y = max(e^min(x, 0) − 1, x);   dy/dx = min(y, 0) + 1          for alpha = 1

    The slope far below 0, which is nearly 0, is thus off by a rounding of 1.
    Takes what functional.elu does, to which it hands over any other alpha.
    Returns what functional.elu returns, up to rounding. Raises what it raises.
    Clevert et al. 2016, eq. 1; torch.nn.functional.elu.
    """
    if not plain(x) or not isinstance(alpha, float) or alpha != 1:
        return F.elu(x, alpha)

    def value(x: Array, y: Array) -> None:
        np.minimum(x, 0, out=y)
        np.expm1(y, out=y)
        np.maximum(y, x, out=y)  # of 0 and −0 the second

    def slope(y: Array, dy: Array, dx: Array) -> None:
        np.fmin(y, 0, out=dx)  # 0 at nan
        dx += 1
        dx *= dy

    return elementwise(x, value, slope)
