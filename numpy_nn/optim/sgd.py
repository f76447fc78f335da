"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from numpy_nn.backend import Array, array_module
from numpy_nn.functional import checks
from numpy_nn.kernels import cpu
from numpy_nn.optim.optimizer import Optimizer, State
from numpy_nn.parameter import Parameter


class SGD(Optimizer):
    """Stochastic gradient descent with momentum.

    g ← g + λ p;   b ← g at first, then μ b + (1 − d) g;   g ← g + μ b (nesterov) or b;   p ← p − lr g

    lr: learning rate.  momentum: μ.  dampening: d.  weight_decay: λ.  nesterov: look ahead by one step of momentum;
    needs momentum > 0 and no dampening.  maximize: climb instead (g is negated before weight decay).
    Raises ValueError for options out of range.
    Sutskever et al. 2013, section 2, with the learning rate outside the velocity as in torch.optim.SGD.
    """

    fast_update = staticmethod(cpu.sgd)

    def __init__(
        self,
        params: Iterable[Parameter] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: dict[str, Any], loaded: bool = False) -> None:
        """Raise ValueError where an option of a group is out of range."""
        super().check(group, loaded)
        checks.number("dampening", group["dampening"])
        checks.option("nesterov", group["nesterov"], True, False)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError(
                "nesterov: expected momentum > 0 and dampening 0 with it, "
                f"got momentum {group['momentum']} and dampening {group['dampening']}"
            )

    def check_state(self, names: set[str], group: dict[str, Any]) -> None:
        """A velocity at most."""
        if not names <= {"momentum_buffer"}:
            raise ValueError(f"state: expected momentum_buffer, got {', '.join(sorted(names))}")

    def update(self, parameter: Parameter, gradient: Array, state: State, group: dict[str, Any]) -> None:
        """One step of the rule."""
        g, momentum = gradient, group["momentum"]
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * parameter.data
        if momentum != 0:
            if "momentum_buffer" not in state:
                # array, which copies even a scalar into an array; the first step is not dampened
                state["momentum_buffer"] = array_module(g).array(g)
            else:
                b = state["momentum_buffer"]
                b *= momentum
                b += (1 - group["dampening"]) * g
            b = state["momentum_buffer"]
            g = g + momentum * b if group["nesterov"] else b
        parameter.data -= group["lr"] * g
