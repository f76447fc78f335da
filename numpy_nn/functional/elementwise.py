"""Functions of one number, and choices between two."""

from __future__ import annotations

from numbers import Real
from typing import Any

from numpy_nn.backend import Array, array_module, device_of, is_array
from numpy_nn.functional import checks
from numpy_nn.functional.broadcasting import broadcast_shape, unbroadcast
from numpy_nn.functional.formula import Pullback, formula


@formula
def exp(x: Array) -> tuple[Array, Pullback]:
    """Exponential function.

    y = e^x;   dx = dy · y

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    torch.exp.
    """
    xp = checks.floating(x=x)
    y = xp.exp(x)
    return y, lambda dy: dy * y


@formula
def log(x: Array) -> tuple[Array, Pullback]:
    """Natural logarithm.

    y = log x;   dx = dy / x

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    torch.log: −inf at 0, with gradient ±inf; nan below 0, with gradient dy / x all the same.
    """
    xp = checks.floating(x=x)
    return xp.log(x), lambda dy: dy / x


@formula
def sqrt(x: Array) -> tuple[Array, Pullback]:
    """Square root.

    y = √x;   dx = dy / 2y

    x: any shape, floating.  Returns y, like x, and backward(dy) -> dx, like x.  Raises TypeError for other dtypes.
    torch.sqrt: 0 at 0, with gradient inf; nan below 0.
    """
    xp = checks.floating(x=x)
    y = xp.sqrt(x)
    return y, lambda dy: dy / (2 * y)


@formula
def maximum(x: Array, other: Array) -> tuple[Array, Pullback]:
    """The larger of two operands, element by element.

    y = x if x > other else other;   dx = dy if x > other, ½ dy where they are equal, else 0;   dother = dy − dx

    x, other: floating, of shapes that broadcast.
    Returns y, of their common shape, and backward(dy) -> dx, dother.
    Raises TypeError for other dtypes, ValueError for shapes that do not fit.
    torch.maximum: where either is nan, y is nan and both get dy.
    """
    xp = checks.floating(x=x, other=other)
    broadcast_shape("other", x.shape, other.shape)
    return xp.maximum(x, other), _split(x, other, x < other, x > other)


@formula
def minimum(x: Array, other: Array) -> tuple[Array, Pullback]:
    """The smaller of two operands, element by element.

    y = x if x < other else other;   dx = dy if x < other, ½ dy where they are equal, else 0;   dother = dy − dx

    x, other: floating, of shapes that broadcast.
    Returns y, of their common shape, and backward(dy) -> dx, dother.
    Raises TypeError for other dtypes, ValueError for shapes that do not fit.
    torch.minimum: where either is nan, y is nan and both get dy.
    """
    xp = checks.floating(x=x, other=other)
    broadcast_shape("other", x.shape, other.shape)
    return xp.minimum(x, other), _split(x, other, x > other, x < other)


@formula
def where(condition: Array, x: Any, other: Any) -> tuple[Array, Pullback]:
    """One operand where a condition holds, the other elsewhere.

    y = x if condition else other;   dx = dy if condition else 0,   dother = 0 if condition else dy

    condition: bool.  x, other: floating, or one of them a number.  All of shapes that broadcast.
    Returns y, of their common shape, and backward(dy) -> dx, dother (without that of a number).
    Raises TypeError for other dtypes, ValueError for shapes that do not fit.
    torch.where. What is not chosen gets gradient 0, and its nan or inf leaves no trace.
    """
    both = ("x", x), ("other", other)
    given: dict[str, Any] = {n: value for n, value in both if is_array(value) and not isinstance(value, Real)}
    x, other = (value if name in given else checks.number(name, value) for name, value in both)
    if not given:
        raise TypeError("other: expected an array where x is a number, got a number")
    xp = checks.floating(**given)
    checks.indices("condition", condition, "bool")
    device = device_of(next(iter(given.values())))
    if device_of(condition) != device:
        raise ValueError(f"condition: expected an array on {device}, got one on {device_of(condition)}")
    shape = condition.shape
    for name, array in given.items():
        shape = broadcast_shape(name, shape, array.shape)

    def backward(dy: Array) -> Any:
        chosen = {"x": (dy, 0), "other": (0, dy)}
        gradients = [unbroadcast(xp.where(condition, *chosen[name]), array.shape) for name, array in given.items()]
        return tuple(gradients) if len(gradients) > 1 else gradients[0]

    return xp.where(condition, x, other), backward


def _split(x: Array, other: Array, x_loses: Array, other_loses: Array) -> Pullback:
    """The pullback of a choice: all of dy to the winner, half to each where neither loses and they are equal."""

    def backward(dy: Array) -> tuple[Array, Array]:
        xp = array_module(dy)
        share = xp.where(x == other, dy / 2, dy)
        dx, dother = xp.where(x_loses, 0, share), xp.where(other_loses, 0, share)
        return unbroadcast(dx, x.shape), unbroadcast(dother, other.shape)

    return backward
