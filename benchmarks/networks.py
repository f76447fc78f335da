"""Networks that are trained, by numpy_nn and by PyTorch in its settings, through the public API of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
import torch

import numpy_nn as nn
import torch_nn
from benchmarks.formulas import channels_last
from parity_tests.case import resolve, tensor
from torch_nn.twins import TWINS

BATCHES = 4
"""So many are drawn, and come in turn."""


@dataclass(frozen=True)
class Network:
    """A network and how it is trained.

    ours, theirs: make it.  shape: of one sample.  N: the size of a batch.  optimizer, options: its name, and what it is
    told.  target: the shape of one, for the mean squared error; None for classes and the cross entropy.
    images: channels_last means something.
    """

    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    shape: tuple[int, ...]
    N: int
    optimizer: str = "optim.SGD"
    options: dict[str, Any] = field(default_factory=lambda: {"lr": 0.01, "momentum": 0.9})
    target: tuple[int, ...] | None = None
    images: bool = False
    classes: int = 10

    def batches(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Inputs and targets."""
        random, found = np.random.default_rng(0), []
        for _ in range(BATCHES):
            x = random.standard_normal((self.N, *self.shape), np.float32)
            if self.target is None:
                found.append((x, random.integers(0, self.classes, self.N)))
            else:
                found.append((x, random.standard_normal((self.N, *self.target), np.float32)))
        return found

    @property
    def criterion(self) -> str:
        """The loss layer's name, in both libraries."""
        return "CrossEntropyLoss" if self.target is None else "MSELoss"


class Ours:
    """A network of numpy_nn in training."""

    def __init__(self, network: Network) -> None:
        nn.manual_seed(0)
        self.model = network.ours()
        self.criterion = getattr(nn, network.criterion)()
        self.optimizer = resolve(network.optimizer)(self.model.parameters(), **network.options)
        self.batches = cycle(network.batches())

    def inference(self) -> Any:
        """What the model says, without a thought of training."""
        with nn.no_grad():
            return self.model(next(self.batches)[0])

    def forward(self) -> Any:
        """The loss."""
        x, target = next(self.batches)
        with nn.no_input_grad():
            y = self.model(x)
        return self.criterion(y, target)

    def gradients(self) -> None:
        """Forward and backward."""
        self.optimizer.zero_grad()
        self.forward()
        self.model.backward(self.criterion.backward())

    def step(self) -> None:
        """A training step."""
        self.gradients()
        self.optimizer.step()


class Theirs:
    """The same network, from the same weights, in training by PyTorch.

    fused: the optimizer's steps are fused.  last: images lie with their channels last.  compiled: by torch.compile.
    """

    def __init__(self, network: Network, fused: bool = False, last: bool = False, compiled: bool = False) -> None:
        nn.manual_seed(0)
        self.model = network.theirs()
        self.model.load_state_dict({key: tensor(x) for key, x in network.ours().state_dict().items()})
        if last:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.called = self.model
        if compiled:
            torch.compiler.reset()
            self.called = torch.compile(self.model)
        self.criterion = getattr(torch.nn, network.criterion)()
        self.optimizer = TWINS[network.optimizer](self.model.parameters(), **network.options, fused=fused)
        place = channels_last if last else np.asarray
        self.batches: Iterator[Any] = cycle([(tensor(place(x)), tensor(y)) for x, y in network.batches()])

    def inference(self) -> torch.Tensor:
        """What the model says, without a thought of training."""
        with torch.no_grad():
            return self.called(next(self.batches)[0])

    def forward(self) -> torch.Tensor:
        """The loss."""
        x, target = next(self.batches)
        return self.criterion(self.called(x), target)

    def gradients(self) -> None:
        """Forward and backward."""
        self.optimizer.zero_grad()
        self.forward().backward()

    def step(self) -> None:
        """A training step."""
        self.gradients()
        self.optimizer.step()


def our_gradients(model: Any, criterion: Any, x: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
    """The loss, and each parameter's gradient by its name, of a copy: running statistics stay."""
    model = deepcopy(model)
    loss = criterion(model(x), target)
    model.backward(criterion.backward())
    return {"loss": np.asarray(loss), **{key: np.asarray(p.grad) for key, p in model.named_parameters()}}


def their_gradients(model: Any, criterion: Any, x: torch.Tensor, target: torch.Tensor) -> dict[str, np.ndarray]:
    """The same, by PyTorch."""
    model = deepcopy(model)
    loss = criterion(model(x), target)
    loss.backward()
    return {"loss": loss.detach().numpy(), **{key: p.grad.numpy() for key, p in model.named_parameters()}}


SGD, ADAM = ("optim.SGD", {"lr": 0.01}), ("optim.Adam", {})
WIDE = (784, 1024, 1024, 10)


def simple_net(N: int, optimizer: str, options: dict[str, Any]) -> Network:
    """784-128-10."""
    return Network(nn.SimpleNet, torch_nn.SimpleNet, (784,), N, optimizer, options)


def mlp(sizes: tuple[int, ...], N: int, optimizer: str, options: dict[str, Any]) -> Network:
    """Fully connected layers of these sizes."""
    ours, theirs = (partial(library.MLP, *sizes) for library in (nn, torch_nn))
    return Network(ours, theirs, sizes[:1], N, optimizer, options, classes=sizes[-1])


def attention_block(N: int, L: int, width: int) -> Network:
    """A transformer's layer on N sequences of L steps, 8 heads."""
    size = {"d_model": width, "nhead": 8, "dim_feedforward": 4 * width, "dropout": 0.0, "batch_first": True}
    ours, theirs = (partial(library.TransformerEncoderLayer, **size) for library in (nn, torch.nn))
    return Network(ours, theirs, (L, width), N, *ADAM, target=(L, width))


def resnet(N: int, channels: int, size: int) -> Network:
    """ResNet-18 for small images."""
    ours, theirs = (partial(library.ResNet18, 10, channels, "small") for library in (nn, torch_nn))
    return Network(ours, theirs, (channels, size, size), N, images=True)


NETWORKS: dict[str, Network] = {
    "16-16-4, SGD, batch 1": mlp((16, 16, 4), 1, *SGD),
    **{
        f"SimpleNet, {label}, batch {N}": simple_net(N, *rule)
        for label, rule in (("SGD", SGD), ("Adam", ADAM))
        for N in (1, 32, 256, 1024)
    },
    **{
        f"784-1024-1024-10, {label}, batch {N}": mlp(WIDE, N, *rule)
        for label, rule in (("SGD", SGD), ("Adam", ADAM))
        for N in (32, 256)
    },
    "LeNet, batch 64": Network(nn.LeNet, torch_nn.LeNet, (1, 28, 28), 64, images=True),
    "ResNet-18, batch 32, 28²": resnet(32, 1, 28),
    "ResNet-18, batch 32, 32²": resnet(32, 3, 32),
    "attention block, 8 × 128 × 256": attention_block(8, 128, 256),
}
"""What is trained, by its name in the report."""
