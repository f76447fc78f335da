"""Adam, and Adam with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Any

from numpy_nn.backend import Array, array_module
from numpy_nn.functional import checks
from numpy_nn.kernels import cpu
from numpy_nn.optim.optimizer import Optimizer, State
from numpy_nn.parameter import Parameter


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square.

    g ← g + λ p
    m ← β₁ m + (1 − β₁) g;        v ← β₂ v + (1 − β₂) g²
    p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps)        (amsgrad: with the largest v so far)

    lr: learning rate.  betas: (β₁, β₂).  eps: keeps the quotient finite, outside the root.  weight_decay: λ.
    amsgrad: never let the scale grow back.  maximize: climb instead (g is negated before weight decay).
    decoupled_weight_decay: as AdamW has it.
    Raises ValueError for options out of range.
    Kingma & Ba 2015, algorithm 1; Reddi, Kale & Kumar 2018 for amsgrad; torch.optim.Adam.
    """

    fast_update = staticmethod(cpu.adam)

    def __init__(
        self,
        params: Iterable[Parameter] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def check(self, group: dict[str, Any], loaded: bool = False) -> None:
        """Raise ValueError where an option of a group is out of range."""
        super().check(group, loaded)
        checks.option("decoupled_weight_decay", group["decoupled_weight_decay"], True, False)
        checks.option("amsgrad", group["amsgrad"], True, False)
        if not isinstance(group["betas"], tuple | list) or len(group["betas"]) != 2:
            raise ValueError(f"betas: expected two numbers, got {group['betas']!r}")
        for number, beta in enumerate(group["betas"]):
            if not 0 <= checks.number(f"betas[{number}]", beta) < 1 and not (loaded and number == 0):
                raise ValueError(f"betas[{number}]: expected a number in [0, 1), got {beta}")

    def check_state(self, names: set[str], group: dict[str, Any]) -> None:
        """The step and two running means, and with amsgrad the largest of the second."""
        needed = {"step", "exp_avg", "exp_avg_sq"} | ({"max_exp_avg_sq"} if group["amsgrad"] else set())
        if not needed <= names <= needed | {"max_exp_avg_sq"}:
            raise ValueError(f"state: expected {', '.join(sorted(needed))}, got {', '.join(sorted(names))}")

    def decay(self, parameter: Parameter, gradient: Array, group: dict[str, Any]) -> Array:
        """Weight decay: p ← p (1 − lr λ) where it is decoupled, and g as it is; else g + λ p."""
        if group["decoupled_weight_decay"]:
            parameter.data *= 1 - group["lr"] * group["weight_decay"]
            return gradient
        return gradient + group["weight_decay"] * parameter.data

    def update(self, parameter: Parameter, gradient: Array, state: State, group: dict[str, Any]) -> None:
        """One step of the rule."""
        xp = array_module(parameter.data)
        beta1, beta2 = group["betas"]
        if not state:
            state["step"] = 0
            state["exp_avg"] = xp.zeros_like(parameter.data)
            state["exp_avg_sq"] = xp.zeros_like(parameter.data)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = xp.zeros_like(parameter.data)
        state["step"] += 1
        t, m, v = state["step"], state["exp_avg"], state["exp_avg_sq"]

        g = gradient if group["weight_decay"] == 0 else self.decay(parameter, gradient, group)
        if beta1 > 0.5:
            m += (1 - beta1) * (g - m)  # = β₁ m + (1 − β₁) g
        else:
            m[...] = g - beta1 * (g - m)  # the same, nearer to g
        v *= beta2
        v += (1 - beta2) * g * g
        if group["amsgrad"]:
            v = xp.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        scale = xp.sqrt(v) / sqrt(1 - beta2**t) + group["eps"]
        parameter.data -= group["lr"] / (1 - beta1**t) * m / scale


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameter itself and does not pass through the running means.

    p ← p (1 − lr λ), then Adam's step with the plain gradient

    Options as in Adam, but weight_decay is 0.01 by default.  Raises ValueError for options out of range.
    Loshchilov & Hutter 2019, algorithm 2; torch.optim.AdamW.
    """

    def __init__(
        self,
        params: Iterable[Parameter] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """As of every optimizer; a state of Adam's is taken over, and its weight decay is decoupled from then on."""
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
