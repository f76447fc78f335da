"""What is timed: formulas, optimizers, and training steps of SimpleNet, each behind its proof of parity."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
import torch

import numpy_nn as nn
import torch_nn
from benchmarks import rounding
from benchmarks.timing import Contest, Side
from numpy_nn import functional as F
from parity_tests import witnesses
from parity_tests.bounds import agree, unit
from parity_tests.case import resolve, tensor
from parity_tests.optimizer_machine import ROUNDINGS
from parity_tests.specification import FORMULAS, OPTIMIZERS, Row
from parity_tests.strategies import values
from torch_nn.twins import TWINS

PARAMETERS = 1_000_000
BATCHES = (1, 32, 256, 1024)
CLASSES = 10


def formulas() -> list[Contest]:
    """Forward and backward of every row of the specification, at its large size."""
    return [Contest(row.short, partial(formula, row)) for row in FORMULAS.values()]


def formula(row: Row) -> tuple[Side, Side]:
    """A formula on the arrays it was just shown to agree on."""
    case = row.large()
    witnesses.pytorch(row, case)
    compute, twin = resolve(row.name), TWINS[row.name]
    moved = case.mapped(tensor)
    leaves = [moved.given(where).requires_grad_() for where in case.wrt]
    dy = case.upstream(case.call(compute)[0].shape)
    dy_tensor = tensor(dy)

    def ours() -> None:
        _, backward = case.call(compute)
        backward(dy)

    def theirs() -> None:
        torch.autograd.grad(moved.call(twin), leaves, dy_tensor)

    return Side(ours), Side(theirs)


def optimizers() -> list[Contest]:
    """One step on one parameter of a million numbers."""
    rows: dict[str, tuple[str, dict[str, Any]]] = {
        "SGD with momentum": ("optim.SGD", {"momentum": 0.9}),
        "Adam": ("optim.Adam", {}),
        "AdamW": ("optim.AdamW", {}),
    }
    return [
        Contest(f"{label}, {PARAMETERS}", partial(optimizer, name, options, PARAMETERS))
        for label, (name, options) in rows.items()
    ]


def optimizer(name: str, options: dict[str, Any], size: int) -> tuple[Side, Side]:
    """An optimizer whose second step, from PyTorch's state after the first, was just shown to agree."""
    their_parameter = torch.nn.Parameter(tensor(values(0, (size,), np.float32)))
    twin = TWINS[name]([their_parameter], **options)
    their_parameter.grad = tensor(values(1, (size,), np.float32))
    twin.step()
    our_parameter = nn.Parameter(their_parameter.detach().numpy().copy())
    stepper = resolve(name)([our_parameter], **options)
    stepper.load_state_dict(twin.state_dict())
    our_parameter.grad = values(2, (size,), np.float32)
    their_parameter.grad = tensor(our_parameter.grad)
    step_agrees(name, stepper, twin)
    return Side(stepper.step), Side(twin.step)


def step_agrees(name: str, stepper: Any, twin: Any) -> None:
    """Take one step on both sides from equal parameters, gradients and states; raise Mismatch where they part.

    The bound is one step's, as in the parity suite.
    """
    (group,), (their_group,) = stepper.param_groups, twin.param_groups
    exact = [torch.nn.Parameter(p.detach().double()) for p in their_group["params"]]
    for wide, narrow in zip(exact, their_group["params"], strict=True):
        wide.grad = narrow.grad.double()
    oracle = type(twin)(exact)
    oracle.load_state_dict(deepcopy(twin.state_dict()))  # PyTorch would share the tensors
    before = [p.data.astype(np.float64) for p in group["params"]]
    for side in (stepper, twin, oracle):
        side.step()
    for start, our, their, wide in zip(before, group["params"], their_group["params"], exact, strict=True):
        found = {"parameter": our.data, **stepper.state[our]}
        expected, known = (
            {key: x.detach().numpy() for key, x in {"parameter": p, **side.state[p]}.items()}
            for side, p in ((twin, their), (oracle, wide))
        )
        state = {key: x.astype(np.float64) for key, x in expected.items()}
        S = OPTIMIZERS[name].scale(start, our.grad.astype(np.float64), state, group)
        for key in found.keys() - {"step"}:
            agree(f"{name} {key}", found[key], expected[key], S[key], ROUNDINGS, known[key])


def steps() -> list[Contest]:
    """A training step of SimpleNet through the public API: model, loss, backward, optimizer."""
    rows: dict[str, dict[str, Any]] = {"SGD": {"lr": 0.01}, "Adam": {}}
    return [
        Contest(f"SimpleNet, {label}, batch {N}", partial(step, f"optim.{label}", options, N))
        for label, options in rows.items()
        for N in BATCHES
    ]


def step(name: str, options: dict[str, Any], N: int) -> tuple[Side, Side]:
    """Training whose first gradients and first step were just shown to agree. Each block starts from there."""
    random = np.random.default_rng(0)
    images = list(random.random((16, N, 784), dtype=np.float32))
    targets = list(random.integers(0, CLASSES, (16, N)))
    nn.manual_seed(0)
    model, twin = nn.SimpleNet(), torch_nn.SimpleNet()
    twin.load_state_dict({key: tensor(array) for key, array in model.state_dict().items()})
    stepper = resolve(name)(model.parameters(), **options)
    their_stepper = TWINS[name](twin.parameters(), **options)

    wide = nn.SimpleNet(dtype=np.float64)
    wide.load_state_dict(model.state_dict())
    gradients_agree(wide, deepcopy(twin).double(), images[0].astype(np.float64), targets[0])
    gradients_agree(model, twin, images[0], targets[0])
    for our, their in zip(model.parameters(), twin.parameters(), strict=True):
        their.grad = tensor(our.grad)
    step_agrees(name, stepper, their_stepper)

    our_batches = cycle(zip(images, targets, strict=True))
    their_batches = cycle([(tensor(x), tensor(target)) for x, target in zip(images, targets, strict=True)])

    def ours() -> None:
        x, target = next(our_batches)
        stepper.zero_grad()
        _, backward = F.cross_entropy(model(x), target)
        model.backward(backward())
        stepper.step()

    def theirs() -> None:
        x, target = next(their_batches)
        their_stepper.zero_grad()
        torch.nn.functional.cross_entropy(twin(x), target).backward()
        their_stepper.step()

    return Side(ours, restart(model, stepper)), Side(theirs, restart(twin, their_stepper))


def restart(model: Any, stepper: Any) -> Callable[[], None]:
    """What brings a model and its optimizer, of either library, back to where they are now."""
    weights, state = deepcopy(model.state_dict()), deepcopy(stepper.state_dict())

    def back() -> None:
        model.load_state_dict(weights)
        stepper.load_state_dict(deepcopy(state))  # PyTorch would share the tensors

    return back


def gradients_agree(model: nn.SimpleNet, twin: torch_nn.SimpleNet, x: np.ndarray, target: np.ndarray) -> None:
    """Compute loss and gradients on both sides; raise Mismatch where they part by more than rounding explains.

    float64 proves the formulas, to some ten digits. float32 proves the arithmetic, but its bound is wide: a thousandth
    of the units lie so near to ReLU's kink that the worst rounding would push them over it.
    """
    loss, backward = F.cross_entropy(model(x), target)
    model.backward(backward())
    found = {"loss": loss, **{key: parameter.grad for key, parameter in model.named_parameters()}}
    expected = twin_gradients(twin, tensor(x), tensor(target))
    exact, rounded_sides = {}, 2
    if x.dtype == np.float32:
        exact, rounded_sides = twin_gradients(deepcopy(twin).double(), tensor(x).double(), tensor(target)), 1
    bounds = rounding.simple_net(model.state_dict(), x, target)
    for key, ours in found.items():
        S = bounds[key] / unit(x.dtype)
        agree(f"SimpleNet {key} in {x.dtype}", ours, expected[key], S, rounded_sides, exact.get(key))


def twin_gradients(twin: torch.nn.Module, x: torch.Tensor, target: torch.Tensor) -> dict[str, np.ndarray]:
    """The loss, and each parameter's gradient by its name."""
    twin.zero_grad()
    loss = torch.nn.functional.cross_entropy(twin(x), target)
    loss.backward()
    return {"loss": loss.detach().numpy(), **{key: p.grad.numpy() for key, p in twin.named_parameters()}}


GROUPS: dict[str, Callable[[], list[Contest]]] = {"formulas": formulas, "optimizers": optimizers, "steps": steps}
