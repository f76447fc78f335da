"""Optimizers alone: one step on one parameter of many numbers, or on all parameters of a network."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch

import numpy_nn as nn
import torch_nn
from benchmarks import agreement, counting
from benchmarks.backends import CUPY, NUMPY, device, kernels, our_wait, their_wait
from benchmarks.contest import Call, Contest, Side, Work
from numpy_nn.backend import to_device
from parity_tests.case import resolve, tensor
from parity_tests.strategies import values
from torch_nn.twins import TWINS

RULES: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD with momentum": ("optim.SGD", {"momentum": 0.9}),
    "Adam": ("optim.Adam", {}),
    "AdamW": ("optim.AdamW", {}),
}

SHAPES: dict[str, list[tuple[int, ...]]] = {
    "10⁴ numbers": [(10_000,)],
    "10⁶ numbers": [(1_000_000,)],
    "10⁷ numbers": [(10_000_000,)],
    "ResNet-18's parameters": [tuple(p.shape) for p in torch_nn.ResNet18(10, 1, "small", width=16).parameters()],
}


def contests() -> list[Contest]:
    """Every rule on every parameter."""
    return [contest(f"{rule}, {what}", *RULES[rule], shapes) for rule in RULES for what, shapes in SHAPES.items()]


def contest(label: str, name: str, options: dict[str, Any], shapes: list[tuple[int, ...]]) -> Contest:
    """An optimizer on parameters of these shapes."""
    given = name, options, shapes
    prepare = {
        **{backend: partial(ours, kernels(backend), *given, on=device(backend)) for backend in (*NUMPY, *CUPY)},
        "torch-cpu-eager": partial(theirs, *given),
        "torch-cpu-fused": partial(theirs, *given, fused=True),
        "torch-cuda-eager": partial(theirs, *given, on="cuda"),
        "torch-cuda-fused": partial(theirs, *given, fused=True, on="cuda"),
    }
    return Contest(label, prepare, partial(work, *given))


@lru_cache(3)
def drawn(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers that are drawn once."""
    return values(seed, shape, np.float32)


def twin(
    name: str, options: dict[str, Any], shapes: list[tuple[int, ...]], fused: bool = False, on: str = "cpu"
) -> Any:
    """PyTorch's optimizer after its first step, the gradients of the second one in place."""
    parameters = [torch.nn.Parameter(tensor(drawn(0, shape)).to(on)) for shape in shapes]
    stepper = TWINS[name](parameters, **options, fused=fused)
    for seed in (1, 2):
        for p in parameters:
            p.grad = tensor(drawn(seed, tuple(p.shape))).to(on)
        if seed == 1:
            stepper.step()
    return stepper


def ours(kernel_set: str, name: str, options: dict[str, Any], shapes: list[tuple[int, ...]], on: str = "cpu") -> Side:
    """An optimizer whose second step, from PyTorch's state after the first, was just shown to agree."""
    nn.use_kernels(kernel_set)
    expected = twin(name, options, shapes)
    theirs = expected.param_groups[0]["params"]
    parameters = [nn.Parameter(to_device(p.detach().numpy().copy(), on)) for p in theirs]
    stepper = resolve(name)(parameters, **options)
    stepper.load_state_dict(expected.state_dict())
    for our, their in zip(parameters, theirs, strict=True):
        our.grad = to_device(their.grad.numpy().copy(), on)
    agreement.optimizer_step(name, stepper, expected)
    return {"step": Call(stepper.step, lambda: nn.use_kernels(kernel_set), our_wait(on))}


def theirs(
    name: str, options: dict[str, Any], shapes: list[tuple[int, ...]], fused: bool = False, on: str = "cpu"
) -> Side:
    """PyTorch's; the fused one, and one on a GPU, after its step was shown to be that of the one that is neither."""
    stepper = twin(name, options, shapes, fused, on)
    if fused or on != "cpu":
        agreement.optimizer_step(name, stepper, twin(name, options, shapes))
    return {"step": Call(stepper.step, wait=their_wait(on))}


def work(name: str, options: dict[str, Any], shapes: list[tuple[int, ...]]) -> dict[str, Work]:
    """What has to be moved at the least."""
    return {"step": counting.of_update(twin(name, options, shapes))}
