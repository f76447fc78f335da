"""Activations made of straight lines: flat at both ends, or at one."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula


@formula
def hardtanh(x: Array, min_val: float = -1.0, max_val: float = 1.0) -> tuple[Array, Pullback]:
    """The identity between two bounds, flat beyond them.

    y = min_val if x < min_val, max_val if x > max_val, else x;   dy/dx = 1 if min_val < x < max_val else 0

    x: any shape, floating.  min_val, max_val: float, the first not above the second.
    Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError unless min_val <= max_val.
    Collobert 2004. At either bound the derivative is 0, at nan it is 1, as in torch.nn.functional.hardtanh.
    """
    xp = checks.floating(x=x)
    min_val, max_val = checks.number("min_val", min_val), checks.number("max_val", max_val)
    if not min_val <= max_val:
        raise ValueError(f"min_val: expected at most max_val = {max_val}, got {min_val}")
    y = xp.where(x < min_val, min_val, xp.where(x > max_val, max_val, x))

    def backward(dy: Array) -> Array:
        return xp.where((x <= min_val) | (x >= max_val), 0, dy)

    return y, backward


@formula
def relu6(x: Array) -> tuple[Array, Pullback]:
    """Rectified linear unit that goes no higher than 6, so that few bits can hold it.

    y = min(max(x, 0), 6);   dy/dx = 1 if 0 < x < 6 else 0

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    Krizhevsky 2010. At 0 and at 6 the derivative is 0, at nan it is 1, as in torch.nn.functional.relu6.
    """
    return hardtanh(x, 0.0, 6.0)


@formula
def hardsigmoid(x: Array) -> tuple[Array, Pullback]:
    """The sigmoid as three straight lines.

    y = min(max(x + 3, 0), 6) / 6;   dy/dx = 1/6 if −3 < x < 3 else 0

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    Courbariaux, Bengio & David 2015, in the width of Howard et al. 2019. At ±3 and at nan the derivative
    is 0, as in torch.nn.functional.hardsigmoid, whose 1/6 is that of float32 even in float64.
    """
    xp = checks.floating(x=x)
    y = _clipped(x)

    def backward(dy: Array) -> Array:
        return xp.where((x > -3) & (x < 3), dy / 6, 0)

    return y, backward


@formula
def hardswish(x: Array) -> tuple[Array, Pullback]:
    """The sigmoid linear unit with the sigmoid as three straight lines.

    y = x min(max(x + 3, 0), 6) / 6;   dy/dx = 0 if x <= −3, x / 3 + 1/2 if −3 < x < 3, else 1

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    Howard et al. 2019, section 5.2. At −3 the derivative is 0, at 3 and at nan it is 1; at −∞ the value is nan, as in
    torch.nn.functional.hardswish.
    """
    xp = checks.floating(x=x)
    y = x * _clipped(x)

    def backward(dy: Array) -> Array:
        return xp.where(x <= -3, 0, xp.where(x < 3, dy * (x / 3 + 0.5), dy))

    return y, backward


def _clipped(x: Array) -> Array:
    """min(max(x + 3, 0), 6) / 6."""
    xp = checks.floating(x=x)
    return xp.where(x < -3, 0, xp.where(x > 3, 6, x + 3)) / 6
