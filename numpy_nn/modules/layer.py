"""A module that is one formula."""

from __future__ import annotations

from typing import Any

from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback
from numpy_nn.modules.module import Module


class Layer(Module):
    """A module that is one formula: it keeps the formula's pullback for the next backward.

    A layer defines `formula(*inputs)`, which returns the value and the pullback; the pullback's gradients are those of
    the inputs, then those of the layer's own parameters, in the order they were assigned.
    """

    _pullback: Pullback | None = None

    def formula(self, *inputs: Any) -> tuple[Array, Pullback]:
        """The layer's formula with its parameters filled in."""
        raise NotImplementedError(f"{type(self).__name__} does not define formula")

    def forward(self, *inputs: Any) -> Array:
        """The formula's value; its pullback is kept for backward."""
        y, self._pullback = self.formula(*inputs)
        return y

    def backward(self, dy: Array | None = None) -> Any:
        """The gradient of the input; each parameter's gradient is added to its grad.

        dy: like the output; may be left out for a loss.  Returns None where no input has a gradient, and a tuple where
        several have one.  Raises RuntimeError without a forward since the last backward.
        """
        if self._pullback is None:
            raise RuntimeError(f"{type(self).__name__}.backward: call the layer first; each call allows one backward")
        gradients = self._pullback(dy)
        self._pullback = None
        if not isinstance(gradients, tuple):
            gradients = (gradients,)
        parameters = [parameter for parameter in self._parameters.values() if parameter is not None]
        inputs = gradients[: len(gradients) - len(parameters)]
        for parameter, gradient in zip(parameters, gradients[len(inputs) :], strict=True):
            parameter.accumulate(gradient)
        return inputs if len(inputs) > 1 else inputs[0] if inputs else None
