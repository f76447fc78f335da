"""Training steps, whose gradients and whose optimizer's step were just shown to agree. Each block starts from there."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np

import numpy_nn as nn
from benchmarks import agreement, counting, rounding
from benchmarks.backends import CUPY, NUMPY, device, kernels, our_wait, their_wait
from benchmarks.contest import Call, Contest, NotCaptured, Side, Work, nothing, warmed
from benchmarks.networks import NETWORKS, Network, Ours, Theirs, our_gradients, their_gradients
from numpy_nn.backend import to_host
from parity_tests.bounds import agree, unit
from parity_tests.case import tensor

SETTINGS: dict[str, dict[str, Any]] = {
    "torch-cpu-eager": {},
    "torch-cpu-channels_last": {"last": True, "fused": True},
    "torch-cpu-fused": {"fused": True},
    "torch-cpu-compiled": {"compiled": True, "fused": True},
    "torch-cuda-eager": {"device": "cuda"},
    "torch-cuda-fused": {"device": "cuda", "fused": True},
    "torch-cuda-compiled": {"device": "cuda", "compiled": True, "fused": True},
    "torch-cuda-graph": {"device": "cuda", "captured": True, "fused": True},
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
        **{backend: partial(ours, network, kernels(backend), device(backend)) for backend in (*NUMPY, *CUPY)},
        "cupy-graph": partial(ours, network, "fast", "cuda", captured=True),
        **{
            backend: partial(theirs, network, **setting)
            for backend, setting in SETTINGS.items()
            if network.images or not setting.get("last")
        },
    }
    return Contest(name, prepare, partial(work, network), **options)


def ours(network: Network, kernel_set: str, on: str = "cpu", captured: bool = False) -> Side:
    """Training by numpy_nn. Raises Mismatch unless gradients, in both dtypes, and the optimizer's step agree."""
    nn.use_kernels(kernel_set)
    side, twin = Ours(network, on), Theirs(network)
    x, target = network.batches()[0]
    wide = network.ours().to(on, np.float64)
    wide.load_state_dict(side.model.state_dict())
    exact = exact_gradients(twin, x, target)
    far = target if network.target is None else target.astype(np.float64)
    found = our_gradients(side.model, side.criterion, *side.on_device(x, target))
    wider = side.on_device(x.astype(np.float64), far)
    agreement.in_float64(our_gradients(wide, side.criterion, *wider), exact)
    agreement.in_float32(found, exact)
    if type(side.model) is nn.SimpleNet:
        within_running_error(side.model, twin, found, exact, x, target)
    back = agreement.restart(side.model, side.optimizer)
    for (key, p), their in zip(side.model.named_parameters(), twin.model.parameters(), strict=True):
        (p.grad,) = side.on_device(found[key])
        their.grad = tensor(found[key])
    agreement.optimizer_step(network.optimizer, side.optimizer, twin.optimizer)

    def restart() -> None:
        nn.use_kernels(kernel_set)
        back()

    return graph(network, kernel_set, on) if captured else phases(side, restart, our_wait(on))


def graph(network: Network, kernel_set: str, on: str) -> Side:
    """The same step as a graph. Raises NotCaptured where it cannot be one, Mismatch where it does something else."""
    sides = [Ours(network, on, captured) for captured in (True, False)]
    side, plain = sides
    for _ in range(3):
        try:
            side.step()
        except ValueError as error:
            raise NotCaptured(str(error)) from None
        plain.step()
    for (key, p), other in zip(side.model.named_parameters(), plain.model.parameters(), strict=True):
        agreement.within_roundings(f"{key} after three steps", to_host(p.data), to_host(other.data))
    back = agreement.restart(side.model, side.optimizer)  # to a state that is there: none can begin in a graph

    def restart() -> None:
        nn.use_kernels(kernel_set)
        back()
        side.step()  # captures it anew where the optimizer's state is another
        side.step()

    wait = our_wait(on)
    return {"transfer": Call(side.transfer, wait=wait), "step": Call(side.step, restart, wait)}


def within_running_error(
    model: nn.SimpleNet, twin: Theirs, found: dict[str, Any], exact: dict[str, Any], x: np.ndarray, target: np.ndarray
) -> None:
    """Raise Mismatch unless SimpleNet's loss and gradients are within the bound of their own rounding errors."""
    expected = their_gradients(twin.model, twin.criterion, tensor(x), tensor(target))
    weights = {key: to_host(weight) for key, weight in model.state_dict().items()}
    for key, bound in rounding.simple_net(weights, x, target).items():
        agree(f"SimpleNet {key}", found[key], expected[key], bound / unit(x.dtype), 1, exact[key])


def theirs(network: Network, captured: bool = False, **options: Any) -> Side:
    """Training by PyTorch. Raises Mismatch where another setting than the default does not do the same."""
    side = Theirs(network, **options)
    if options:
        plain = Theirs(network)
        x, target = network.batches()[0]
        exact = exact_gradients(plain, x, target)
        restart = agreement.restart(side.model, side.optimizer)
        loss = side.forward()
        loss.backward()
        gradients = {key: p.grad.cpu().numpy() for key, p in side.model.named_parameters()}
        agreement.in_float32({"loss": loss.detach().cpu().numpy(), **gradients}, exact)
        for p, their in zip(side.model.parameters(), plain.model.parameters(), strict=True):
            their.grad = p.grad.detach().cpu().clone()
        agreement.optimizer_step(network.optimizer, side.optimizer, plain.optimizer)
        restart()
    wait = their_wait(side.device)
    if captured:  # whose buffers stay where they are: training goes on and on
        side = Theirs(network, **options, captured=True)
        return {"transfer": Call(side.transfer, wait=wait), "step": Call(side.step, wait=wait)}
    made = phases(side, agreement.restart(side.model, side.optimizer), wait)
    return warmed(made) if options.get("compiled") else made


def exact_gradients(twin: Theirs, x: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
    """PyTorch's in float64."""
    far = tensor(target) if target.dtype.kind == "i" else tensor(target).double()
    return their_gradients(deepcopy(twin.model).double(), twin.criterion, tensor(x).double(), far)


def phases(side: Ours | Theirs, restart: Callable[[], None], wait: Callable[[], object] = nothing) -> Side:
    """Inference in evaluation mode; then in training mode the parts of a step, each the one before it and more.

    Elsewhere than on the CPU, first of all a batch's way there.
    """

    def evaluating() -> None:
        restart()
        side.model.eval()

    def training() -> None:
        restart()
        side.model.train()

    parts = {name: Call(getattr(side, name), training, wait) for name in ("forward", "gradients", "step")}
    made = {"inference": Call(side.inference, evaluating, wait), **parts}
    return made if side.device == "cpu" else {"transfer": Call(side.transfer, wait=wait), **made}


def work(network: Network) -> dict[str, Work]:
    """What has to be done at the least."""
    side = Theirs(network)
    side.step()
    return counting.of_step(side.forward, list(map(tensor, network.batches()[0])), side.optimizer)
