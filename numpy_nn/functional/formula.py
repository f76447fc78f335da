"""The form every formula takes: y, backward = formula(x, …)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeAlias

from numpy_nn.backend import Array, alike, array_module, as_array, device_of, is_array, silent
from numpy_nn.functional.watching import watching

P = ParamSpec("P")
Pullback: TypeAlias = Callable[..., Any]
"""backward(dy) -> the gradient of each floating input, in order; a single one is not wrapped in a tuple.

backward(dy, without) -> the same, but the gradients of the arguments named in without may be None. A formula whose
gradients are costly leaves them out; the others need not take `without` at all.

It reads the arguments and y as they are when it is called: change none of them in place before.
"""


def formula(function: Callable[P, tuple[Array, Pullback]]) -> Callable[P, tuple[Array, Pullback]]:
    """Let a function of arrays return proper arrays and a pullback that checks its dy.

    The function writes only arithmetic. Added here: overflow, 0/0 and nan pass silently, as in PyTorch; results are
    arrays even where NumPy would give a scalar; backward() without dy means dy = 1, for a y of no dimensions only; the
    names in backward(dy, without) go to a pullback that takes them.
    """

    silently = silent()(function)

    @wraps(function)
    def evaluate(*args: P.args, **kwargs: P.kwargs) -> tuple[Array, Pullback]:
        if (ran := watching.get()) is not None:  # as `note` does, without a call in every formula
            ran.note(function)
        y, pullback = silently(*args, **kwargs)
        y = as_array(y)

        def backward(dy: Array | None = None, without: Collection[str] = ()) -> Any:
            dy = array_module(y).ones_like(y) if dy is None and y.ndim == 0 else _checked(dy, y)
            return _arrays(_silent_pull(pullback, dy, without))

        return y, backward

    return evaluate


def _arrays(gradients: Any) -> Any:
    """Each gradient an array, where NumPy has made it a scalar; or None."""
    if isinstance(gradients, tuple):
        return tuple([None if gradient is None else as_array(gradient) for gradient in gradients])
    return None if gradients is None else as_array(gradients)


def pull(pullback: Pullback, dy: Array | None, without: Collection[str] = ()) -> Any:
    """What a pullback gives; one that can leave gradients out is told which nobody wants."""
    if without and _takes_without(pullback):
        return pullback(dy, without)
    return pullback(dy)


_silent_pull = silent()(pull)


def _takes_without(pullback: Pullback) -> bool:
    code = getattr(pullback, "__code__", None)  # inspect.signature would say the same, in more time than many pullbacks
    return "without" in (code.co_varnames[: code.co_argcount] if code else signature(pullback).parameters)


def _checked(dy: Array | None, y: Array) -> Array:
    """dy, if it is an array of y's shape, dtype and device."""
    if alike(dy, y):
        return dy  # type: ignore[return-value]
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
