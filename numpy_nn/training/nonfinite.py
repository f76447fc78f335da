"""Where a nan or an infinity came from."""

from __future__ import annotations

from copy import deepcopy

from numpy_nn import random
from numpy_nn.backend import Array, array_module, is_array, item
from numpy_nn.modules import Module


class NonFiniteError(ValueError):
    """Training met a loss or a parameter that is nan or infinite."""


def finite(x: Array) -> bool:
    """Whether an array holds neither nan nor infinity. Waits for the device."""
    return x.dtype.kind not in "fc" or bool(item(array_module(x).isfinite(x).all()))


def first_parameter(model: Module) -> str:
    """Names the first parameter that holds nan or infinity; empty where none does."""
    for name, parameter in model.named_parameters():
        if not finite(parameter.data):
            return f"; first parameter that is not finite: {name}"
    return ""


def origin(model: Module, x: Array) -> str:
    """Names the parameter, or else the batch or the layer, from which nan or infinity comes; empty where none does.

    The batch goes once more through a copy of the model, each of its layers watched; the random stream is put back.
    """
    if place := first_parameter(model):
        return place
    if is_array(x) and not finite(x):
        return "; the batch itself is not finite"
    found: list[str] = []
    copy = deepcopy(model)
    for name, module in copy.named_modules():
        if not any(module.children()):
            _watch(module, name, found)
    before = random.get_rng_state()
    try:
        copy(x)
    finally:
        random.set_rng_state(before)
    return f"; first layer whose output is not finite: {found[0]}" if found else ""


def _watch(module: Module, name: str, found: list[str]) -> None:
    """Let a module note its name where it gives nan or infinity."""
    forward = module.forward

    def watched(*inputs: Array) -> Array:
        y: Array = forward(*inputs)
        if not finite(y):
            found.append(name)
        return y

    module.__dict__["forward"] = watched
