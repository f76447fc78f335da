"""What every formula of two operands shares: shapes that stretch to fit, and gradients summed back to them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from math import prod
from numbers import Real
from typing import Any

from numpy_nn.backend import Array, array_module, is_array
from numpy_nn.functional import checks


def operands(x: Array, other: Any, name: str = "other") -> Any:
    """The second operand, once it is known to go with x: an array of x's kind that broadcasts, or a Python number.

    name: what it is called.  Raises TypeError for anything else or another dtype, ValueError for another device or
    shapes that do not fit.
    """
    if isinstance(other, Real) or not is_array(other):  # NumPy's scalars are numbers here: they do not widen x
        checks.floating(x=x)
        return checks.number(name, other)
    checks.floating(x=x, **{name: other})
    broadcast_shape(name, x.shape, other.shape)
    return other


def both(x: Array, dx: Array, other: Any, dother: Callable[[], Array]) -> Any:
    """The gradients of two operands, each summed back to its operand's shape; that of x alone where other is a number.

    dother: computes the other gradient, if there is to be one.
    """
    dx = unbroadcast(dx, x.shape)
    return (dx, unbroadcast(dother(), other.shape)) if is_array(other) else dx


def broadcast_shape(name: str, x: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that two shapes stretch to: aligned at the right, a 1 takes the other's length.

    Raises ValueError, naming the second as `name`, where two lengths differ and neither is 1.
    """
    pairs = list(zip_longest(reversed(x), reversed(other), fillvalue=1))
    if any(a != b and a != 1 and b != 1 for a, b in pairs):
        raise ValueError(f"{name}: expected a shape that broadcasts with {x}, got {other}")
    return tuple(b if a == 1 else a for a, b in reversed(pairs))


def unbroadcast(dy: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of an operand that was stretched from `shape` to dy's shape: summed over its copies.

    y_ij = x_j  =>  dx_j = Σ_i dy_ij
    """
    added = dy.ndim - len(shape)
    axes = tuple(i for i in range(dy.ndim) if i < added or shape[i - added] == 1 != dy.shape[i])
    return summed(dy, axes).reshape(shape) if axes else dy


def summed(x: Array, axes: tuple[int, ...]) -> Array:
    """The sum over some axes, which disappear.

    They are brought to the end of memory first: there NumPy adds in pairs, and n terms lose log n roundings, not n.
    """
    kept = tuple(axis for axis in range(x.ndim) if axis not in axes)
    shape = tuple(x.shape[axis] for axis in kept)
    moved = array_module(x).ascontiguousarray(x.transpose(kept + axes))
    return moved.reshape(prod(shape), prod(x.shape[axis] for axis in axes)).sum(axis=1).reshape(shape)
