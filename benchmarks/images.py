"""Contests on images: convolutions and what stands between them, and training steps of LeNet and ResNet-18.

Each is timed with the textbook formulas and with the fast kernels, against PyTorch as it comes, and the fast kernels
also against PyTorch with its channels last in memory, its strongest setting on a CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
import torch

import numpy_nn as nn
import torch_nn
from benchmarks.contests import restart
from benchmarks.timing import Contest, Side
from numpy_nn import functional as F
from parity_tests import witnesses
from parity_tests.bounds import Mismatch, unit
from parity_tests.case import Case, resolve, tensor
from parity_tests.specification import FORMULAS
from parity_tests.strategies import values
from torch_nn.twins import TWINS

SIDES = (("textbook", "default"), ("fast", "default"), ("fast", "channels_last"))
"""The kernels on our side, and the memory format on PyTorch's."""


def convolution(N: int, C: int, size: int, O: int, kernel: int, stride: int) -> Case:  # noqa: E741
    """N images of C channels and that size, seen by O kernels with half their size as padding."""
    shapes = ((N, C, size, size), (O, C, kernel, kernel))
    x, weight = (values(seed, shape, np.float32) for seed, shape in enumerate(shapes))
    return Case((x, weight / np.float32(kernel * C**0.5)), {"stride": stride, "padding": kernel // 2}, wrt=(0, 1))


def normalization(N: int, C: int, size: int) -> Case:
    """Batch normalization in training, with weight and bias and without running statistics."""
    learned = {"weight": values(1, (C,), np.float32), "bias": values(2, (C,), np.float32)}
    running = {"running_mean": None, "running_var": None}
    return Case((values(0, (N, C, size, size), np.float32),), {**running, **learned, "training": True}, (0, *learned))


def pooled(N: int, C: int, size: int, **options: int) -> Case:
    """Maximum pooling."""
    return Case((values(0, (N, C, size, size), np.float32),), options)


CASES: dict[str, tuple[str, Callable[[], Case]]] = {
    "conv 3×3, 64 to 64 at 56²": ("conv2d", partial(convolution, 8, 64, 56, 64, 3, 1)),
    "conv 3×3, 128 to 128 at 14²": ("conv2d", partial(convolution, 32, 128, 14, 128, 3, 1)),
    "conv 3×3, 512 to 512 at 4²": ("conv2d", partial(convolution, 32, 512, 4, 512, 3, 1)),
    "conv 1×1, 64 to 256 at 56²": ("conv2d", partial(convolution, 8, 64, 56, 256, 1, 1)),
    "conv 3×3 stride 2, 64 to 128 at 56²": ("conv2d", partial(convolution, 8, 64, 56, 128, 3, 2)),
    "BatchNorm, 64 at 28²": ("batch_norm", partial(normalization, 32, 64, 28)),
    "max pool 2×2, 64 at 28²": ("max_pool2d", partial(pooled, 32, 64, 28, kernel_size=2)),
    "max pool 3×3 stride 2, 64 at 56²": ("max_pool2d", partial(pooled, 8, 64, 56, kernel_size=3, stride=2, padding=1)),
    "ReLU, 64 at 28²": ("relu", lambda: Case((values(0, (32, 64, 28, 28), np.float32),))),
}


@dataclass(frozen=True)
class Network:
    """A network to train: make(library) builds it, of numpy_nn or torch_nn; images of that shape, in batches of N."""

    make: Callable[[Any], Any]
    shape: tuple[int, ...]
    N: int


NETWORKS = {
    "LeNet step, batch 64": Network(lambda library: library.LeNet(), (1, 28, 28), 64),
    "ResNet-18 step, batch 32, 28²": Network(lambda library: library.ResNet18(10, 1, "small"), (1, 28, 28), 32),
    "ResNet-18 step, batch 32, 32²": Network(lambda library: library.ResNet18(10, 3, "small"), (3, 32, 32), 32),
}


def images() -> list[Contest]:
    """Every case and every network, once for each pair of sides."""
    rows: dict[str, Callable[..., tuple[Side, Side]]] = {
        **{name: partial(formula, *case) for name, case in CASES.items()},
        **{name: partial(step, network) for name, network in NETWORKS.items()},
    }
    return [
        Contest(f"{name}: {kernels} | {memory_format}", partial(prepare, kernels, memory_format))
        for name, prepare in rows.items()
        for kernels, memory_format in SIDES
    ]


def formula(name: str, make: Callable[[], Case], kernels: str, memory_format: str) -> tuple[Side, Side]:
    """Forward and backward of a formula that was just shown to agree; images lie as each side prefers them."""
    case = make()
    kernel = f"kernels.cpu.{name}" if kernels == "fast" else f"functional.{name}"
    last = case.mapped(lambda x: channels_last(x) if x.ndim == 4 else x)
    our_case = last if kernels == "fast" else case
    their_case = last if memory_format == "channels_last" else case
    witnesses.pytorch(replace(FORMULAS[kernel], large=make), our_case)
    compute, twin = resolve(kernel), TWINS[kernel]
    moved = their_case.mapped(tensor)
    leaves = [moved.given(where).requires_grad_() for where in case.wrt]
    dy = case.upstream(case.call(resolve(f"functional.{name}"))[0].shape)
    our_dy, their_dy = (channels_last(dy) if side is last else dy for side in (our_case, their_case))
    dy_tensor = tensor(their_dy)

    def ours() -> None:
        _, backward = our_case.call(compute)
        backward(our_dy)

    def theirs() -> None:
        torch.autograd.grad(moved.call(twin), leaves, dy_tensor)

    return Side(ours), Side(theirs)


def channels_last(x: np.ndarray) -> np.ndarray:
    """The same values, with the second axis last in memory."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


def step(network: Network, kernels: str, memory_format: str) -> tuple[Side, Side]:
    """A training step whose gradients were just shown to agree. Each block starts from there."""
    ours, model, stepper = our_step(network, kernels)
    theirs, twin, their_stepper = their_step(network, memory_format)
    x, target = batches(network)[0]
    exact = twin_gradients(deepcopy(twin).double(), as_images(x, memory_format).double(), tensor(target))
    wide = network.make(nn).to(np.float64)
    wide.load_state_dict(model.state_dict())
    with nn.use_kernels(kernels):
        agree_in_float64(gradients(wide, x.astype(np.float64), target), exact)
        agree_in_float32(gradients(model, x, target), exact)
    back, their_back = restart(model, stepper), restart(twin, their_stepper)
    return Side(ours, back), Side(theirs, their_back)


ROUNDINGS = 1 << 14
"""How many roundings of its largest value a gradient may be off by: some for every layer that it came through."""

KINKS = 0.05
"""What float32 may change of all gradients together, by their norm: where the rounding decides on which side of ReLU's
kink a unit falls, what comes through it is another. PyTorch's own two memory formats differ by 0.01 at times."""


def agree_in_float64(ours: dict[str, np.ndarray], exact: dict[str, np.ndarray]) -> None:
    """Raise Mismatch unless the loss and every gradient are PyTorch's up to ROUNDINGS: this proves the formulas."""
    for key, expected in exact.items():
        within_roundings(f"{key} in float64", ours[key], expected)


def agree_in_float32(ours: dict[str, np.ndarray], exact: dict[str, np.ndarray]) -> None:
    """Raise Mismatch unless the loss is PyTorch's up to ROUNDINGS, and the gradients together are up to KINKS.

    That each kernel computes in float32 what it should is the business of its row in the specification.
    """
    within_roundings("loss", ours["loss"], exact["loss"])
    learned = [key for key in exact if key != "loss"]
    error, size = (
        np.sqrt(sum(float(np.square(array, dtype=np.float64).sum()) for array in arrays))
        for arrays in ([ours[key] - exact[key] for key in learned], [exact[key] for key in learned])
    )
    if not error <= KINKS * size:
        raise Mismatch(f"gradients: off by {error:.3g} of {size:.3g}, with a bound of {KINKS * size:.3g}")


def within_roundings(what: str, ours: np.ndarray, exact: np.ndarray) -> None:
    """Raise Mismatch unless an array is off by at most ROUNDINGS of its largest value."""
    error, bound = np.abs(ours - exact).max(), ROUNDINGS * unit(ours.dtype) * np.abs(exact).max()
    if not error <= bound:
        raise Mismatch(f"{what}: off by {error:.3g} with a bound of {bound:.3g}")


def batches(network: Network) -> list[tuple[np.ndarray, np.ndarray]]:
    """Four batches of images and targets."""
    random = np.random.default_rng(0)
    return [
        (random.standard_normal((network.N, *network.shape), np.float32), random.integers(0, 10, network.N))
        for _ in range(4)
    ]


def our_step(network: Network, kernels: str) -> tuple[Callable[[], None], Any, Any]:
    """A training step with these kernels, the model and the optimizer."""
    nn.manual_seed(0)
    model = network.make(nn)
    stepper = nn.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    given = cycle(batches(network))

    def run() -> None:
        x, target = next(given)
        with nn.use_kernels(kernels):
            stepper.zero_grad()
            with nn.no_input_grad():
                logits = model(x)
            _, backward = F.cross_entropy(logits, target)
            model.backward(backward())
            stepper.step()

    return run, model, stepper


def their_step(network: Network, memory_format: str) -> tuple[Callable[[], None], Any, Any]:
    """The same in PyTorch, from the same seed, with this memory format."""
    torch.manual_seed(0)
    twin = network.make(torch_nn)
    if memory_format == "channels_last":
        twin = twin.to(memory_format=torch.channels_last)
    stepper = torch.optim.SGD(twin.parameters(), lr=0.01, momentum=0.9)
    given = cycle([(as_images(x, memory_format), tensor(target)) for x, target in batches(network)])

    def run() -> None:
        x, target = next(given)
        stepper.zero_grad()
        torch.nn.functional.cross_entropy(twin(x), target).backward()
        stepper.step()

    return run, twin, stepper


def as_images(x: np.ndarray, memory_format: str) -> torch.Tensor:
    """A tensor of images in a memory format."""
    return tensor(channels_last(x) if memory_format == "channels_last" else x)


def gradients(model: Any, x: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
    """The loss, and each parameter's gradient by its name, of a copy: running statistics stay."""
    model = deepcopy(model)
    loss, backward = F.cross_entropy(model(x), target)
    model.backward(backward())
    return {"loss": loss, **{key: parameter.grad for key, parameter in model.named_parameters()}}


def twin_gradients(twin: Any, x: torch.Tensor, target: torch.Tensor) -> dict[str, np.ndarray]:
    """The same, by PyTorch."""
    twin = deepcopy(twin)
    loss = torch.nn.functional.cross_entropy(twin(x), target)
    loss.backward()
    return {"loss": loss.detach().numpy(), **{key: p.grad.numpy() for key, p in twin.named_parameters()}}
