"""The form every formula takes: y, backward = formula(x, …)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeAlias

from numpy_nn.backend import Array, array_module, device_of, is_array, silent

P = ParamSpec("P")
Pullback: TypeAlias = Callable[..., Any]
"""backward(dy) -> the gradient of each floating input, in order; a single one is not wrapped in a tuple."""


def formula(function: Callable[P, tuple[Array, Pullback]]) -> Callable[P, tuple[Array, Pullback]]:
    """Let a function of arrays return proper arrays and a pullback that checks its dy.

    The function writes only arithmetic. Added here: overflow, 0/0 and nan pass silently, as in PyTorch; results are
    arrays even where NumPy would give a scalar; backward() without dy means dy = 1, for a y of no dimensions only.
    """

    @wraps(function)
    def evaluate(*args: P.args, **kwargs: P.kwargs) -> tuple[Array, Pullback]:
        with silent():
            y, pullback = function(*args, **kwargs)
        xp = array_module(y)
        y = xp.asarray(y)

        def backward(dy: Array | None = None) -> Any:
            dy = xp.ones_like(y) if dy is None and y.ndim == 0 else _checked(dy, y)
            with silent():
                gradients = pullback(dy)
            if isinstance(gradients, tuple):
                return tuple(xp.asarray(gradient) for gradient in gradients)
            return xp.asarray(gradients)

        return y, backward

    return evaluate


def _checked(dy: Array | None, y: Array) -> Array:
    """dy, if it is an array of y's shape, dtype and device."""
    if dy is None:
        raise ValueError(f"dy: can be left out for a scalar y only, y has shape {y.shape}")
    if not is_array(dy):
        raise TypeError(f"dy: expected an array, got {type(dy).__name__}")
    if device_of(dy) != device_of(y):
        raise ValueError(f"dy: expected an array on {device_of(y)} like y, got one on {device_of(dy)}")
    if dy.shape != y.shape:
        raise ValueError(f"dy: expected shape {y.shape} like y, got {dy.shape}")
    if dy.dtype != y.dtype:
        raise TypeError(f"dy: expected {y.dtype} like y, got {dy.dtype}")
    return dy
