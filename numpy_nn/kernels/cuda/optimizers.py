"""The rules of optimizers in one launch for each parameter, which walks over it, its gradient and its state once."""

from __future__ import annotations

from math import sqrt
from typing import Any

from numpy_nn.backend import Array, array_module, memory_order
from numpy_nn.kernels.cuda.launch import flat, for_each, launch, plain


def fits(parameter: Array, gradient: Array, state: dict[str, Any]) -> bool:
    """Whether the rules here can be used: CuPy arrays of one dtype, the parameter and its state in one piece each.

    The pieces are in one order; the gradient lies in memory as it will.
    """
    buffers = [array for name, array in state.items() if name != "step"]
    order = memory_order(parameter)
    return plain(parameter, gradient, *buffers) and all(
        array.transpose(*order).flags.c_contiguous for array in (parameter, *buffers)
    )


def sgd(parameter: Array, gradient: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
    """optim.SGD's update.

    g ← g + λ p;   b ← g at first, then μ b + (1 − d) g;   p ← p − lr (g + μ b) (nesterov), or p − lr b

    parameter, gradient, state: what fits. group: as in optim.SGD; state and parameter are changed in place. Returns
    nothing. Raises KeyError for a group without SGD's options.
    torch.optim.SGD.
    """
    momentum, first = float(group["momentum"]), "momentum_buffer" not in state
    if momentum != 0 and first:
        state["momentum_buffer"] = array_module(parameter).empty_like(parameter)
    velocity = parameter if momentum == 0 else state["momentum_buffer"]
    p, g, b = _vectors(parameter, gradient, velocity)
    numbers = float(group["lr"]), momentum, float(1 - group["dampening"]), float(group["weight_decay"])
    launch(p, "optimizers.cu", "sgd", for_each(p.size), p, g, b, *numbers, int(group["nesterov"]), int(first), p.size)


def adam(parameter: Array, gradient: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
    """optim.Adam's update, and AdamW's.

    m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²;   p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps)

    parameter, gradient, state: what fits. group: as in optim.Adam; state and parameter are changed in place. Returns
    nothing. Raises KeyError for a group without Adam's options.
    Kingma & Ba 2015, algorithm 1; torch.optim.Adam.
    """
    (beta1, beta2), lr, decay, amsgrad = group["betas"], group["lr"], group["weight_decay"], group["amsgrad"]
    decoupled = group["decoupled_weight_decay"]
    if not state:
        state["step"] = 0
        for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if amsgrad else 2]:
            state[name] = array_module(parameter).zeros_like(parameter)
    state["step"] += 1
    means = state["exp_avg"], state["exp_avg_sq"], state["max_exp_avg_sq" if amsgrad else "exp_avg_sq"]
    p, g, m, v, largest = _vectors(parameter, gradient, *means)
    shrink, added = (1 - lr * decay, 0) if decoupled else (1, decay)
    step, root = lr / (1 - beta1 ** state["step"]), sqrt(1 - beta2 ** state["step"])
    numbers = map(float, (shrink, added, beta1, 1 - beta1, beta2, 1 - beta2, step, root, group["eps"]))
    launch(p, "optimizers.cu", "adam", for_each(p.size), p, g, m, v, largest, *numbers, int(amsgrad), p.size)


def _vectors(parameter: Array, *others: Array) -> list[Array]:
    """The values of each in the order in which the parameter lies, (n,): a view of what lies like it, else a copy."""
    order = memory_order(parameter)
    return [flat(array.transpose(*order)) for array in (parameter, *others)]
