"""What every layer and every network does: forward and backward, modes, freezing, moving, saving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from numpy_nn.backend import Array, DTypeLike, device_module
from numpy_nn.functional import checks
from numpy_nn.grad_mode import current_forward, is_grad_enabled
from numpy_nn.modules import state_dicts
from numpy_nn.modules.tree import Tree, dotted
from numpy_nn.parameter import moved


class Module(Tree):
    """A part of a network: parameters and submodules, found under the names they are assigned to.

    A network writes `forward` and, layer by layer in reverse, `backward`:

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc1, self.relu, self.fc2 = nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)
            def forward(self, x):
                return self.fc2(self.relu(self.fc1(x)))
            def backward(self, dy):
                return self.fc1.backward(self.relu.backward(self.fc2.backward(dy)))

    A backward returns None where nobody wants the gradient of its input (see no_input_grad), and then a layer called
    before it takes None as well. A network that adds two gradients does so only where neither is None.
    """

    training: bool
    _frozen = False

    def __init__(self) -> None:
        super().__init__()
        self.training = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "requires_grad":
            raise AttributeError(
                f"requires_grad: a {type(self).__name__} has none of its own to set, its parameters do; call "
                f"requires_grad_({value}), which sets it for each of them"
            )
        super().__setattr__(name, value)

    def __call__(self, *inputs: Any) -> Any:
        """The same as forward."""
        if self._parameters and is_grad_enabled():  # each module below speaks for itself
            current_forward().learning |= self._learns()
        return self.forward(*inputs)

    def forward(self, *inputs: Any) -> Any:
        """The output of the module. Every module defines its own."""
        raise NotImplementedError(f"{type(self).__name__} does not define forward")

    def backward(self, dy: Array) -> Any:
        """The gradient of the input from that of the output; adds into each parameter's grad on the way."""
        raise NotImplementedError(f"{type(self).__name__} does not define backward")

    def _learns(self) -> bool:
        """Whether a parameter of this very module learns."""
        return any(parameter.requires_grad for _, parameter in self._own())

    def train(self, mode: bool = True) -> Self:
        """Set training mode (dropout drops) here and below, except in what is frozen, which stays in evaluation mode.

        Raises ValueError unless mode is True or False.
        """
        checks.option("mode", mode, True, False)
        for module in self.modules():
            module.training = mode and not module._frozen
        return self

    def eval(self) -> Self:
        """Set evaluation mode (dropout passes) here and below."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let every parameter learn, or (False) none. ValueError unless requires_grad is True or False.

        As in PyTorch the mode is another matter: in training mode dropout goes on dropping, and a BatchNorm whose
        parameters do not learn goes on changing its running statistics. See freeze.
        """
        checks.option("requires_grad", requires_grad, True, False)
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def freeze(self) -> Self:
        """Let nothing here or below change: no parameter learns, and train() leaves everything in evaluation mode.

        So dropout drops nothing and running statistics stand still: the same input always gives the same output.
        """
        for module in self.modules():
            module._frozen = True
        return self.eval().requires_grad_(False)

    def unfreeze(self) -> Self:
        """Let every parameter here and below learn again; the mode is evaluation until the next train()."""
        for module in self.modules():
            module._frozen = False
        return self.requires_grad_()

    def zero_grad(self) -> None:
        """Forget every gradient."""
        for parameter in self.parameters():
            parameter.grad = None

    def to(self, *targets: DTypeLike) -> Self:
        """Move every parameter to a device ("cpu", "cuda") or convert it to a dtype (float32, float64), or both.

        Raises ValueError for an unknown device, TypeError for a dtype that is not floating; nothing is moved then.
        """
        device: str | None = None
        dtype: np.dtype[Any] | None = None
        for target in targets:
            if isinstance(target, str) and not target.startswith("float"):
                device_module(target)
                device = target
            else:
                dtype = checks.floating_dtype(target)
        for module in self.modules():
            for parameter in module._parameters.values():
                if parameter is not None:
                    parameter.to(device, dtype)
            for name, buffer in module._buffers.items():
                if buffer is not None:
                    setattr(module, name, moved(buffer, device, dtype if buffer.dtype.kind == "f" else None))
        return self

    def state_dict(self) -> dict[str, Array]:
        """Every parameter's and buffer's array under PyTorch's key. The arrays are the module's own, not copies."""
        own: dict[str, Array] = {}
        for prefix, module in self._named_places():
            own |= {dotted(prefix, name): p.data for name, p in module._parameters.items() if p is not None}
            own |= {dotted(prefix, name): buffer for name, buffer in module._buffers.items() if buffer is not None}
        return own

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> state_dicts.IncompatibleKeys:
        """Copy arrays (or CPU tensors) into the parameters and buffers of the same names.

        strict: every key must match. Returns the keys that did not. Raises ValueError with every missing, unexpected
        and misshapen key named, and TypeError for a value that is no array of numbers; nothing is changed then.
        """
        return state_dicts.load(self.state_dict(), state_dict, strict, type(self).__name__)
