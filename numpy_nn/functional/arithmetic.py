"""Sums, products, quotients and powers of two operands, which broadcast."""

from __future__ import annotations

from typing import Any

from numpy_nn.backend import Array, array_module, is_array
from numpy_nn.functional import checks
from numpy_nn.functional.broadcasting import both, operands
from numpy_nn.functional.formula import Pullback, formula


@formula
def add(x: Array, other: Any) -> tuple[Array, Pullback]:
    """Sum of two operands.

    y = x + other;   dx = dy,   dother = dy, each summed back to its operand's shape

    x: any shape, floating.  other: a number, or an array that broadcasts with x.
    Returns y, of their common shape, and backward(dy) -> dx, dother (no dother where other is a number).
    Raises TypeError for other dtypes, ValueError for shapes that do not fit.  torch.add, without alpha.
    """
    other = operands(x, other)
    return x + other, lambda dy: both(x, dy, other, lambda: dy)


@formula
def sub(x: Array, other: Any) -> tuple[Array, Pullback]:
    """Difference of two operands.

    y = x − other;   dx = dy,   dother = −dy, each summed back to its operand's shape

    x: any shape, floating.  other: a number, or an array that broadcasts with x.
    Returns y, of their common shape, and backward(dy) -> dx, dother (no dother where other is a number).
    Raises TypeError for other dtypes, ValueError for shapes that do not fit.  torch.sub, without alpha.
    """
    other = operands(x, other)
    return x - other, lambda dy: both(x, dy, other, lambda: -dy)


@formula
def mul(x: Array, other: Any) -> tuple[Array, Pullback]:
    """Product of two operands, element by element.

    y = x · other;   dx = dy · other,   dother = dy · x, each summed back to its operand's shape

    x: any shape, floating.  other: a number, or an array that broadcasts with x.
    Returns y, of their common shape, and backward(dy) -> dx, dother (no dother where other is a number).
    Raises TypeError for other dtypes, ValueError for shapes that do not fit.  torch.mul.
    """
    other = operands(x, other)
    return x * other, lambda dy: both(x, dy * other, other, lambda: dy * x)


@formula
def div(x: Array, other: Any) -> tuple[Array, Pullback]:
    """Quotient of two operands, element by element.

    y = x / other;   dx = dy / other,   dother = −dy · x / other², each summed back to its operand's shape

    x: any shape, floating.  other: a number, or an array that broadcasts with x.
    Returns y, of their common shape, and backward(dy) -> dx, dother (no dother where other is a number).
    Raises TypeError for other dtypes, ValueError for shapes that do not fit.
    torch.div, without rounding_mode: x / 0 is ±inf or nan.
    """
    other = operands(x, other)
    y = x / other
    return y, lambda dy: both(x, dy / other, other, lambda: -dy * (y / other))


@formula
def neg(x: Array) -> tuple[Array, Pullback]:
    """The opposite number.

    y = −x;   dx = −dy

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    torch.neg: −(+0) is −0.
    """
    checks.floating(x=x)
    return -x, lambda dy: -dy


@formula
def pow(x: Array, exponent: Any) -> tuple[Array, Pullback]:
    """Power of one operand by the other, element by element.

    y = x^e;   dx = dy · e x^(e−1), 0 where e = 0;   de = dy · y log x, 0 where x = 0 and e >= 0

    x: any shape, floating.  exponent: a number, or an array that broadcasts with x.
    Returns y, of their common shape, and backward(dy) -> dx, dexponent (no dexponent where exponent is a number).
    Raises TypeError for other dtypes, ValueError for shapes that do not fit.
    torch.pow: 0⁰ = 1; below 0 a fractional power is nan, and so is the gradient of every exponent, because log x is.
    The number 0.5 is a square root, so that (−inf)^0.5 is nan and (−0)^0.5 is −0; in an array it is inf and 0.
    """
    e = operands(x, exponent, "exponent")
    y = _power(x, e)

    def backward(dy: Array) -> Any:
        xp = array_module(x)
        dx = xp.where(xp.asarray(e == 0), 0, dy * (e * _power(x, e - 1)))
        return both(x, dx, e, lambda: xp.where((x == 0) & (e >= 0), 0, dy * (y * xp.log(x))))

    return y, backward


def _power(x: Array, e: Any) -> Array:
    """x^e, by roots where e is the number ±½, as PyTorch takes it."""
    xp = array_module(x)
    if not is_array(e) and abs(e) == 0.5:
        return xp.sqrt(x) if e > 0 else 1 / xp.sqrt(x)
    return xp.power(x, e)
