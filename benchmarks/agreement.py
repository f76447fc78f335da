"""What must hold of a training step before it is timed: its gradients and the optimizer's step are PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import torch

from numpy_nn.backend import is_array, to_host
from numpy_nn.parameter import Parameter
from parity_tests.bounds import Mismatch, agree, unit
from parity_tests.optimizer_machine import ROUNDINGS as OPTIMIZER_ROUNDINGS
from parity_tests.specification import OPTIMIZERS
from torch_nn.twins import TWINS

ROUNDINGS = 1 << 14
"""How many roundings of its largest value a gradient may be off by: some for every layer that it came through."""

KINKS = 0.05
"""What float32 may change of all gradients together, by their norm: where the rounding decides on which side of ReLU's
kink a unit falls, what comes through it is another. PyTorch's own two memory formats differ by 0.01 at times."""


def in_float64(found: dict[str, np.ndarray], exact: dict[str, np.ndarray]) -> None:
    """Raise Mismatch unless the loss and every gradient are PyTorch's up to ROUNDINGS: this proves the formulas."""
    for key, expected in exact.items():
        within_roundings(f"{key} in float64", found[key], expected)


def in_float32(found: dict[str, np.ndarray], exact: dict[str, np.ndarray]) -> None:
    """Raise Mismatch unless the loss is PyTorch's up to ROUNDINGS, and the gradients together are up to KINKS.

    That each kernel computes in float32 what it should is the business of its row in the specification.
    """
    within_roundings("loss in float32", found["loss"], exact["loss"])
    learned = [key for key in exact if key != "loss"]
    error, size = (
        np.sqrt(sum(float(np.square(array, dtype=np.float64).sum()) for array in arrays))
        for arrays in ([found[key] - exact[key] for key in learned], [exact[key] for key in learned])
    )
    if not error <= KINKS * size:
        raise Mismatch(f"gradients in float32: off by {error:.3g} of {size:.3g}, with a bound of {KINKS * size:.3g}")


def within_roundings(what: str, found: np.ndarray, exact: np.ndarray) -> None:
    """Raise Mismatch unless an array is off by at most ROUNDINGS of its largest value."""
    error, bound = np.abs(found - exact).max(), ROUNDINGS * unit(found.dtype) * np.abs(exact).max()
    if not error <= bound:
        raise Mismatch(f"{what}: off by {error:.3g} with a bound of {bound:.3g}")


def optimizer_step(name: str, stepper: Any, twin: Any) -> None:
    """Take one step on both sides from equal parameters, gradients and states; raise Mismatch where they part.

    stepper: an optimizer of numpy_nn, or one of PyTorch's settings.  twin: PyTorch's as it comes.
    The bound is one step's, as in the parity suite.
    """
    (group,), (their_group,) = stepper.param_groups, twin.param_groups
    exact = [torch.nn.Parameter(p.detach().double()) for p in their_group["params"]]
    for wide, narrow in zip(exact, their_group["params"], strict=True):
        wide.grad = narrow.grad.double()
    oracle = TWINS[name](exact)
    oracle.load_state_dict(deepcopy(twin.state_dict()))  # PyTorch would share the tensors
    before = [np.asarray(array(p), np.float64) for p in group["params"]]
    gradients = [np.asarray(array(p.grad), np.float64) for p in group["params"]]
    for side in (stepper, twin, oracle):
        side.step()
    sides = zip(*map(arrays, (stepper, twin, oracle)), strict=True)
    for start, gradient, (found, expected, wide) in zip(before, gradients, sides, strict=True):
        state = {key: x.astype(np.float64) for key, x in expected.items()}
        S = OPTIMIZERS[name].scale(start, gradient, state, group)
        for key in found.keys() - {"step"}:
            agree(f"{name} {key}", found[key], expected[key], S[key], OPTIMIZER_ROUNDINGS, wide[key])


def arrays(stepper: Any) -> list[dict[str, np.ndarray]]:
    """Each parameter of an optimizer, of either library, with its state."""
    (group,), state = stepper.param_groups, stepper.state_dict()["state"]
    return [
        {"parameter": array(p), **{key: array(value) for key, value in state.get(number, {}).items()}}
        for number, p in enumerate(group["params"])
    ]


def array(values: Any) -> np.ndarray:
    """What a parameter, a tensor or an array of any device holds."""
    values = values.data if isinstance(values, Parameter) else values
    if isinstance(values, torch.Tensor):
        return values.detach().cpu().numpy()
    return to_host(values) if is_array(values) else np.asarray(values)


def restart(model: Any, stepper: Any) -> Callable[[], None]:
    """What brings a model and its optimizer, of either library, back to where they are now."""
    weights, state = deepcopy(model.state_dict()), deepcopy(stepper.state_dict())

    def back() -> None:
        model.load_state_dict(weights)
        stepper.load_state_dict(deepcopy(state))  # PyTorch would share the tensors

    return back
