"""Rows of the optimizers and of their kernels: the options drawn, and S of one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests.strategies import seeds

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class OptimizerRow:
    """An optimizer with its textbook rule or, where it is the kernel of one, with the fast rule.

    scale(parameter, gradient, state after the step, options): S of the parameter and of each buffer after one step,
    all in float64, where parameter and state were the same on both sides before it.
    """

    name: str
    options: st.SearchStrategy[dict[str, Any]]
    scale: Callable[[np.ndarray, np.ndarray, Arrays, dict[str, Any]], Arrays]
    kernel_of: str | None = None

    @property
    def optimizer(self) -> str:
        return self.kernel_of or self.name

    @property
    def kernels(self) -> str:
        """The set whose rule it is."""
        return "fast" if self.kernel_of else "textbook"


def sgd_scale(p: np.ndarray, g: np.ndarray, state: Arrays, options: dict[str, Any]) -> Arrays:
    """Every term of p − lr (g + λ p + μ b), and of b, on absolute values."""
    g = np.abs(g) + options["weight_decay"] * np.abs(p)
    b = np.abs(state.get("momentum_buffer", np.zeros_like(p))) + 2 * g
    return {"momentum_buffer": b, "parameter": np.abs(p) + abs(options["lr"]) * (g + options["momentum"] * b)}


def adam_scale(p: np.ndarray, g: np.ndarray, state: Arrays, options: dict[str, Any]) -> Arrays:
    """m, v and the quotient m / (√v + eps); what cancels in v counts by how much it moves the root."""
    (beta1, beta2), t = options["betas"], float(state["step"])
    decay, lr = options["weight_decay"], abs(options["lr"])
    g = np.abs(g) + (0 if options["decoupled_weight_decay"] else decay * np.abs(p))
    m = np.abs(state["exp_avg"]) + 2 * (1 - beta1) * g
    v = state["exp_avg_sq"] + 2 * (1 - beta2) * g * g
    used = state.get("max_exp_avg_sq", state["exp_avg_sq"])
    tiny = np.finfo(np.float64).tiny
    scale = np.sqrt(used) / sqrt(1 - beta2**t) + options["eps"]
    with np.errstate(all="ignore"):
        quotient = m / np.maximum(scale, tiny) * (2 + v / np.maximum(used, tiny))
        step = np.nan_to_num(lr / (1 - beta1**t) * quotient)
    return {
        "exp_avg": m,
        "exp_avg_sq": v,
        "max_exp_avg_sq": v,
        "parameter": np.abs(p) * (2 + lr * decay) + step,
    }


RATES = (1e-3, 0.1, 1.0, 0.0)
DECAYS = (0.0, 0.01, 0.5)


def chosen(**values: tuple[Any, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Each option as often as not, so that a changed default is seen, with one of its values.

    They come from a drawn seed: Hypothesis' own draws leave some combinations out for hundreds of examples.
    """

    def choose(seed: int) -> dict[str, Any]:
        random = np.random.default_rng(seed)
        return {name: options[random.integers(len(options))] for name, options in values.items() if random.integers(2)}

    return seeds.map(choose)


@st.composite
def sgd_options(draw: st.DrawFn) -> dict[str, Any]:
    """Every combination that PyTorch allows: nesterov needs momentum, and no dampening."""
    options = draw(chosen(lr=RATES, momentum=(0.9, 0.5), weight_decay=DECAYS, maximize=(False, True)))
    if "momentum" in options:
        options |= draw(st.sampled_from([{}, {"nesterov": True}, {"dampening": 0.3}]))
    return options


ADAM = {
    "lr": RATES,
    "betas": ((0.9, 0.999), (0.5, 0.9), (0.0, 0.99)),
    "eps": (1e-8, 1e-3),
    "weight_decay": DECAYS,
    "amsgrad": (False, True),
    "maximize": (False, True),
}

OPTIMIZERS: dict[str, OptimizerRow] = {
    row.name: row
    for row in (
        OptimizerRow("optim.SGD", sgd_options(), sgd_scale),
        OptimizerRow("optim.Adam", chosen(**ADAM, decoupled_weight_decay=(False, True)), adam_scale),
        OptimizerRow("optim.AdamW", chosen(**ADAM), adam_scale),
        OptimizerRow("kernels.cpu.sgd", sgd_options(), sgd_scale, "optim.SGD"),
        OptimizerRow(
            "kernels.cpu.adam", chosen(**ADAM, decoupled_weight_decay=(False, True)), adam_scale, "optim.Adam"
        ),
    )
}
