"""A module that is one formula."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Any, TypeAlias

from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, pull
from numpy_nn.grad_mode import Forward, current_forward, is_grad_enabled
from numpy_nn.modules.module import Module
from numpy_nn.parameter import Parameter

_Call: TypeAlias = tuple[Pullback, list[str], list[tuple[str, Parameter]], bool]
"""What the backward of a call needs: the pullback, the names of what nobody wants the gradient of, the layer's own
parameters, and whether the gradient of the inputs is wanted."""


class Layer(Module):
    """A module that is one formula: it keeps the formula's pullback for the next backward.

    A layer defines `formula(*inputs)`, which returns the value and the pullback; the pullback's gradients are those of
    the inputs, then those of the layer's own parameters, in the order they were assigned. Inputs and parameters have
    the formula's names for them, so that its pullback can be told which gradients nobody wants. Backward reads what
    went in and what came out as they then are: change neither in place before.
    """

    _call: _Call | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What a copy, or a pickle, has: all but the pullback, which is of a call of this very layer."""
        return {name: value for name, value in self.__dict__.items() if name != "_call"}

    def formula(self, *inputs: Any) -> tuple[Array, Pullback]:
        """The layer's formula with its parameters filled in."""
        raise NotImplementedError(f"{type(self).__name__} does not define formula")

    def __call__(self, *inputs: Any) -> Any:
        """The same as forward, which looks at the layer's own parameters itself."""
        return self.forward(*inputs)

    def forward(self, *inputs: Any) -> Array:
        """The formula's value; its pullback is kept for backward, unless nobody will want anything from it."""
        current = current_forward()
        input_wanted = current.learning
        y, pullback = self.formula(*inputs)
        call: _Call | None = None
        if is_grad_enabled():
            own = self._own()
            without = [name for name, parameter in own if not parameter.requires_grad]
            current.learning |= len(without) < len(own)
            if not current.learning:
                pullback = _nothing(type(self).__name__, current)
            elif not input_wanted:
                without += _inputs(type(self).formula)
            call = pullback, without, own, input_wanted
        self.__dict__["_call"] = call  # past __setattr__, which takes longer than many a formula
        return y

    def backward(self, dy: Array | None = None) -> Any:
        """The gradient of the input; each parameter's gradient is added to its grad.

        dy: like the output; may be left out for a loss.  Returns None where no input has a gradient or nobody wants it
        (see no_input_grad), and a tuple where several have one.  Raises RuntimeError without a forward since the last
        backward, after one under no_grad, and where nothing learns.
        """
        call = self._call
        if call is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward: call the layer first; each call allows one backward, and one under "
                "no_grad allows none"
            )
        pullback, without, own, input_wanted = call
        gradients = pull(pullback, dy, without)
        self.__dict__["_call"] = None
        if gradients is None:
            return None
        if not isinstance(gradients, tuple):
            gradients = (gradients,)
        inputs = gradients[: len(gradients) - len(own)]
        for (_, parameter), gradient in zip(own, gradients[len(inputs) :], strict=True):
            if gradient is not None:
                parameter.accumulate(gradient)
        if not input_wanted:
            return None
        return inputs if len(inputs) > 1 else inputs[0] if inputs else None


def _nothing(name: str, current: Forward) -> Pullback:
    """The pullback of a layer before the first that learns: it keeps nothing and gives nothing."""

    def backward(dy: Array | None) -> None:
        if not current.learning:
            raise RuntimeError(
                f"{name}.backward: nothing learns, as no parameter that took part has requires_grad=True; "
                "unfreeze one with requires_grad_(), or call the model outside no_input_grad for the input's gradient"
            )

    return backward


@cache
def _inputs(formula: Callable[..., Any]) -> list[str]:
    """The names of the inputs of a layer's formula, which is a method."""
    return list(signature(formula).parameters)[1:]
