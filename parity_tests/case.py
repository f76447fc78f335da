"""One call of one formula, carried out by hand and by PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

import numpy_nn as nn
from numpy_nn import backend
from torch_nn.twins import TWINS


@dataclass(frozen=True)
class Case:
    """What a formula is called with.

    args: arrays by position.  kwargs: options by name, arrays among them.  wrt: which args get a gradient, by their
    place, and which kwargs, by their name.
    seed: set in both random streams before each call, and the source of the upstream gradient.
    dy_scale: the size of that gradient.  smooth: no argument lies on a kink, so that derivatives can be taken by
    differences.  changes: which args the formula changes in place, by contract.  packed: the formula takes the args as
    one sequence.  drawn_as: the dtype that the upstream gradient is rounded to, where it is not that of the args.
    """

    args: tuple[np.ndarray, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    wrt: tuple[int | str, ...] = (0,)
    seed: int = 0
    dy_scale: float = 1.0
    smooth: bool = True
    changes: tuple[int, ...] = ()
    packed: bool = False
    drawn_as: np.dtype | None = None

    @property
    def dtype(self) -> np.dtype:
        return self.given(self.wrt[0]).dtype

    def given(self, where: int | str) -> Any:
        """An argument by its place, or an option by its name."""
        return self.kwargs[where] if isinstance(where, str) else self.args[where]

    def upstream(self, shape: tuple[int, ...]) -> np.ndarray:
        """The gradient of the final loss with respect to the value: drawn, never all ones."""
        drawn = np.random.default_rng(self.seed).standard_normal(shape) * self.dy_scale
        return np.asarray(drawn).astype(self.drawn_as or self.dtype).astype(self.dtype)

    def mapped(self, change: Callable[[np.ndarray], Any]) -> Case:
        """The same call with every array changed, those in a tuple too."""

        def changed(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple(map(changed, value))
            return change(value) if isinstance(value, np.ndarray) else value

        kwargs = {name: changed(value) for name, value in self.kwargs.items()}
        return replace(self, args=tuple(change(arg) for arg in self.args), kwargs=kwargs)

    def call(self, function: Callable[..., Any]) -> Any:
        """What a function gives for the args and options."""
        return function(self.args, **self.kwargs) if self.packed else function(*self.args, **self.kwargs)

    def widened(self) -> Case:
        """The same call in float64, its upstream gradient rounded as it was."""
        wide = self.mapped(lambda x: x.astype(np.float64, order="K") if x.dtype.kind == "f" else x)
        return replace(wide, drawn_as=self.dtype)


@dataclass(frozen=True)
class Result:
    """What a call gave: its value, and the gradients of the args it was differentiated by."""

    y: np.ndarray
    gradients: tuple[np.ndarray, ...]

    def named(self) -> list[tuple[str, np.ndarray]]:
        return [("y", self.y), *((f"gradient {number}", g) for number, g in enumerate(self.gradients))]


def resolve(name: str) -> Any:
    """The public object of numpy_nn under a dotted name, looked up anew so that a planted bug is seen."""
    found: Any = nn
    for part in name.split("."):
        found = getattr(found, part)
    return found


def by_hand(name: str, case: Case, device: str = "cpu") -> Result:
    """The call, by numpy_nn on a device; arguments that the formula may change are copied first."""
    nn.manual_seed(case.seed)
    args = [arg.copy(order="K") if i in case.changes else arg for i, arg in enumerate(case.args)]
    moved = replace(case, args=tuple(args)).mapped(lambda x: backend.to_device(x, device))
    y, backward = moved.call(resolve(name))
    dy = backend.to_device(case.upstream(y.shape).astype(backend.to_host(y).dtype), device)
    gradients = backward(dy)
    if not isinstance(gradients, tuple):
        gradients = (gradients,)
    return Result(backend.to_host(y), tuple(backend.to_host(gradient) for gradient in gradients))


def by_torch(name: str, case: Case) -> Result:
    """The call, by the PyTorch twin and autograd."""
    torch.manual_seed(case.seed)
    moved = case.mapped(tensor)
    leaves = [moved.given(where).requires_grad_() for where in case.wrt]
    args = [arg.clone() if i in case.changes else arg for i, arg in enumerate(moved.args)]
    y = replace(moved, args=tuple(args)).call(TWINS[name])
    gradients = torch.autograd.grad(y, leaves, torch.from_numpy(case.upstream(tuple(y.shape))))
    return Result(y.detach().numpy(), tuple(gradient.numpy() for gradient in gradients))


def tensor(x: np.ndarray) -> torch.Tensor:
    """A tensor of its own with x's values, lying in memory in x's order of axes; PyTorch has no negative strides."""
    return torch.from_numpy(x.copy(order="K"))
