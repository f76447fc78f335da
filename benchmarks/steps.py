"""Training steps, whose gradients and whose optimizer's step were just shown to agree. Each block starts from there."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np

import numpy_nn as nn
from benchmarks import agreement, counting, rounding
from benchmarks.backends import NUMPY, kernels
from benchmarks.contest import Call, Contest, Side, Work, warmed
from benchmarks.networks import NETWORKS, Network, Ours, Theirs, our_gradients, their_gradients
from parity_tests.bounds import agree, unit
from parity_tests.case import tensor

SETTINGS: dict[str, dict[str, bool]] = {
    "torch-cpu-eager": {},
    "torch-cpu-channels_last": {"last": True, "fused": True},
    "torch-cpu-fused": {"fused": True},
    "torch-cpu-compiled": {"compiled": True, "fused": True},
}
"""Of PyTorch's backends."""


STEP_ONLY = ("ResNet-18, batch 32, 28²",)
"""Whose parts take long and would tell what those of another network tell already."""


def contests() -> list[Contest]:
    """Every network."""
    only = {name: {"phase": "step"} for name in STEP_ONLY}
    return [contest(name, network, **only.get(name, {})) for name, network in NETWORKS.items()]


def contest(name: str, network: Network, **options: Any) -> Contest:
    """A network's training step by every backend that it means something for; options are Contest's."""
    prepare = {
        **{backend: partial(ours, network, kernels(backend)) for backend in NUMPY},
        **{
            backend: partial(theirs, network, **setting)
            for backend, setting in SETTINGS.items()
            if network.images or not setting.get("last")
        },
    }
    return Contest(name, prepare, partial(work, network), **options)


def ours(network: Network, kernel_set: str) -> Side:
    """Training by numpy_nn. Raises Mismatch unless gradients, in both dtypes, and the optimizer's step agree."""
    nn.use_kernels(kernel_set)
    side, twin = Ours(network), Theirs(network)
    x, target = network.batches()[0]
    wide = network.ours().to(np.float64)
    wide.load_state_dict(side.model.state_dict())
    exact = exact_gradients(twin, x, target)
    far = target if network.target is None else target.astype(np.float64)
    found = our_gradients(side.model, side.criterion, x, target)
    agreement.in_float64(our_gradients(wide, side.criterion, x.astype(np.float64), far), exact)
    agreement.in_float32(found, exact)
    if type(side.model) is nn.SimpleNet:
        within_running_error(side.model, twin, found, exact, x, target)
    back = agreement.restart(side.model, side.optimizer)
    for key, p in side.model.named_parameters():
        p.grad = found[key]
    for p, their in zip(side.model.parameters(), twin.model.parameters(), strict=True):
        their.grad = tensor(np.asarray(p.grad))
    agreement.optimizer_step(network.optimizer, side.optimizer, twin.optimizer)

    def restart() -> None:
        nn.use_kernels(kernel_set)
        back()

    return phases(side, restart)


def within_running_error(
    model: nn.SimpleNet, twin: Theirs, found: dict[str, Any], exact: dict[str, Any], x: np.ndarray, target: np.ndarray
) -> None:
    """Raise Mismatch unless SimpleNet's loss and gradients are within the bound of their own rounding errors."""
    expected = their_gradients(twin.model, twin.criterion, tensor(x), tensor(target))
    for key, bound in rounding.simple_net(model.state_dict(), x, target).items():
        agree(f"SimpleNet {key}", found[key], expected[key], bound / unit(x.dtype), 1, exact[key])


def theirs(network: Network, **options: bool) -> Side:
    """Training by PyTorch. Raises Mismatch where another setting than the default does not do the same."""
    side = Theirs(network, **options)
    if options:
        plain = Theirs(network)
        x, target = network.batches()[0]
        exact = exact_gradients(plain, x, target)
        restart = agreement.restart(side.model, side.optimizer)
        loss = side.forward()
        loss.backward()
        gradients = {key: p.grad.numpy() for key, p in side.model.named_parameters()}
        agreement.in_float32({"loss": loss.detach().numpy(), **gradients}, exact)
        for p, their in zip(side.model.parameters(), plain.model.parameters(), strict=True):
            their.grad = p.grad.clone()
        agreement.optimizer_step(network.optimizer, side.optimizer, plain.optimizer)
        restart()
    made = phases(side, agreement.restart(side.model, side.optimizer))
    return warmed(made) if options.get("compiled") else made


def exact_gradients(twin: Theirs, x: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
    """PyTorch's in float64."""
    far = tensor(target) if target.dtype.kind == "i" else tensor(target).double()
    return their_gradients(deepcopy(twin.model).double(), twin.criterion, tensor(x).double(), far)


def phases(side: Ours | Theirs, restart: Callable[[], None]) -> Side:
    """Inference in evaluation mode; then in training mode the parts of a step, each the one before it and more."""

    def evaluating() -> None:
        restart()
        side.model.eval()

    def training() -> None:
        restart()
        side.model.train()

    parts = {name: Call(getattr(side, name), training) for name in ("forward", "gradients", "step")}
    return {"inference": Call(side.inference, evaluating), **parts}


def work(network: Network) -> dict[str, Work]:
    """What has to be done at the least."""
    side = Theirs(network)
    side.step()
    return counting.of_step(side.forward, list(map(tensor, network.batches()[0])), side.optimizer)
