"""The arguments of a formula, as they are given on the tape: arrays for the formula, places for the gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from inspect import signature
from numbers import Real
from typing import Any

from numpy_nn.autograd.graph import Leaf, Node, no_gradient
from numpy_nn.autograd.holder import Holder
from numpy_nn.backend import is_array
from numpy_nn.parameter import Parameter

DATA = frozenset({"target", "mask", "attn_mask", "key_padding_mask", "pos_weight", "running_mean", "running_var"})
"""Floating arguments that no formula gives a gradient for, wherever they stand."""


def held(value: Any) -> Any:
    """The array in a tensor or parameter; anything else as it is."""
    return value.data if isinstance(value, Holder | Parameter) else value


def plain(value: Any) -> Any:
    """An argument as the formula takes it: arrays for tensors and parameters, in a sequence too."""
    return type(value)(map(held, value)) if type(value) in (tuple, list) else held(value)


def place_of(value: Any) -> Node | Leaf | None:
    """Where the gradient of an argument goes: to the node it was computed by, to a leaf, or nowhere."""
    if isinstance(value, Parameter):
        return value if value.requires_grad else None
    return value.place if isinstance(value, Holder) else None


def places_of(formula: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Where the pullback's gradients go, one after the other, by the names of the arguments they belong to.

    They belong to the floating arguments in the order of the signature, without DATA.
    Raises RuntimeError for a tensor among DATA that requires grad.
    """
    places = {name: place_of(value) for name, value in _floating(formula, args, kwargs)}
    for name in DATA & places.keys():
        if places.pop(name) is not None:
            raise no_gradient(formula.__name__, name)
    return places


def grad_name(formula: Callable[..., Any]) -> str:
    """PyTorch's kind of name: LogSoftmaxBackward for log_softmax."""
    return "".join(map(str.capitalize, formula.__name__.split("_"))) + "Backward"


def _floating(formula: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The floating arguments of a call by name, in the order of the formula's signature."""
    given = dict(zip(_parameters(formula), args, strict=False)) | kwargs
    for name in _parameters(formula):
        value = given.get(name)
        if isinstance(value, tuple | list):
            yield from ((f"{name}[{k}]", part) for k, part in enumerate(value) if _is_floating(part))
        elif _is_floating(value):
            yield name, value


@cache
def _parameters(formula: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(signature(formula).parameters)


def _is_floating(value: Any) -> bool:
    array = held(value)
    return is_array(array) and not isinstance(array, Real) and array.dtype.kind in "fc"
