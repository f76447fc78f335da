"""Activations that take something away, most often from what is near 0; and the plain threshold."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula


@formula
def threshold(x: Array, threshold: float, value: float) -> tuple[Array, Pullback]:
    """What is above a threshold, and a fixed value in place of the rest.

    y = x if x > threshold else value;   dy/dx = 1 if x > threshold else 0

    x: any shape, floating.  threshold, value: float.  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes.
    torch.nn.functional.threshold: at the threshold the value, with derivative 0; nan passes with derivative 1.
    """
    xp = checks.floating(x=x)
    below = x <= checks.number("threshold", threshold)
    y = xp.where(below, checks.number("value", value), x)
    return y, lambda dy: xp.where(below, 0, dy)


@formula
def hardshrink(x: Array, lambd: float = 0.5) -> tuple[Array, Pullback]:
    """Zero in place of everything small.

    y = 0 if −lambd <= x <= lambd else x;   dy/dx = 0 there, else 1

    x: any shape, floating.  lambd: float.  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes.
    Donoho & Johnstone 1994, hard thresholding. At ±lambd value and derivative are 0, nan passes with derivative 1, and
    with a lambd below 0 it is the identity, as in torch.nn.functional.hardshrink.
    """
    xp = checks.floating(x=x)
    lambd = checks.number("lambd", lambd)
    small = (x >= -lambd) & (x <= lambd)
    return xp.where(small, 0, x), lambda dy: xp.where(small, 0, dy)


@formula
def softshrink(x: Array, lambd: float = 0.5) -> tuple[Array, Pullback]:
    """Everything moved towards 0 by the same length, and no further than 0.

    y = x − lambd if x > lambd, x + lambd if x < −lambd, else 0;   dy/dx = 0 where y is, else 1

    x: any shape, floating.  lambd: float, at least 0.  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError for a lambd below 0.
    Donoho & Johnstone 1994, soft thresholding: y minimises (x − y)² / 2 + lambd |y|. At ±lambd the derivative is 0, and
    nan passes with derivative 1, as in torch.nn.functional.softshrink.
    """
    xp = checks.floating(x=x)
    lambd = checks.number("lambd", lambd, low=0)
    small = (x >= -lambd) & (x <= lambd)
    y = xp.where(small, 0, xp.where(x < 0, x + lambd, x - lambd))
    return y, lambda dy: xp.where(small, 0, dy)


@formula
def tanhshrink(x: Array) -> tuple[Array, Pullback]:
    """What the hyperbolic tangent leaves over.

    y = x − tanh x;   dy/dx = tanh² x

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    torch.nn.functional.tanhshrink. Near 0, where y is about x³/3, the difference loses its digits, here as there.
    """
    xp = checks.floating(x=x)
    t = xp.tanh(x)
    return x - t, lambda dy: dy * (t * t)
