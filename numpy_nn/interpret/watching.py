"""Seeing what passes through a network, and leaving the network as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from numpy_nn.backend import Array
from numpy_nn.modules import Module


@dataclass
class Passage:
    """What went through a module, a call each: what it gave, and the gradient of the score with respect to that."""

    outputs: list[Any] = field(default_factory=list)
    gradients: list[Any] = field(default_factory=list)


@contextmanager
def watched(module: Module) -> Iterator[Passage]:
    """Note what a module gives and which gradient comes back to it, while the block runs.

    with watched(model.conv2) as seen:
        model.backward(one_class(model(x), 3))
    A, dA = seen.outputs[0], seen.gradients[0]
    """
    seen, forward, backward = Passage(), module.forward, module.backward

    def seeing_forward(*inputs: Any) -> Any:
        output = forward(*inputs)
        seen.outputs.append(output)
        return output

    def seeing_backward(dy: Array, *rest: Any) -> Any:
        seen.gradients.append(dy)
        return backward(dy, *rest)

    with replaced(module, forward=seeing_forward, backward=seeing_backward):
        yield seen


@contextmanager
def replaced(module: Module, **methods: Callable[..., Any]) -> Iterator[None]:
    """This one module, and no other of its class, has other methods while the block runs; errors end that too."""
    own = vars(module)
    before = {name: own[name] for name in methods if name in own}
    own.update(methods)
    try:
        yield
    finally:
        for name in methods:
            del own[name]
        own.update(before)


@contextmanager
def undisturbed(model: Module) -> Iterator[None]:
    """The model in evaluation mode, with no gradient for its parameters, and as it was when the block ends."""
    modes = [(module, module.training) for module in model.modules()]
    learning = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    try:
        model.eval()
        for parameter, _ in learning:
            parameter.requires_grad = False
        yield
    finally:
        for module, mode in modes:
            module.training = mode
        for parameter, requires_grad in learning:
            parameter.requires_grad = requires_grad


def named_layer(model: Module, name: str) -> Module:
    """The module of a dotted name, as named_modules has it. Raises ValueError, with all there are, for another name."""
    layers = dict(model.named_modules())
    if name not in layers:
        raise ValueError(f"layer: expected one of {', '.join(filter(None, layers))}, got {name!r}")
    return layers[name]
