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
from numpy_nn import training
from numpy_nn.backend import to_device, to_host
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
    """A network of numpy_nn in training.

    device: where.  captured: the step is, as a graph; it does not look at the classes then, as PyTorch's does not.
    """

    def __init__(self, network: Network, device: str = "cpu", captured: bool = False) -> None:
        nn.manual_seed(0)
        self.model = network.ours().to(device)
        self.criterion = getattr(nn, network.criterion)()
        self.optimizer = resolve(network.optimizer)(self.model.parameters(), **network.options)
        self.device, batches = device, network.batches()
        self.host, self.batches = cycle(batches), cycle([self.on_device(*batch) for batch in batches])
        self.trained = training.capture(self._train, check=False) if captured else self._train

    def on_device(self, *arrays: np.ndarray) -> tuple[Any, ...]:
        """A batch, where the network is."""
        return tuple(to_device(array, self.device) for array in arrays)

    def transfer(self) -> Any:
        """A batch from the host to the device."""
        return self.on_device(*next(self.host))

    def inference(self) -> Any:
        """What the model says, without a thought of training."""
        with nn.no_grad():
            return self.model(next(self.batches)[0])

    def forward(self) -> Any:
        """The loss."""
        return self._loss(*next(self.batches))

    def gradients(self) -> None:
        """Forward and backward."""
        self._gradients(*next(self.batches))

    def step(self) -> None:
        """A training step."""
        self.trained(*next(self.batches))

    def _loss(self, x: Any, target: Any) -> Any:
        with nn.no_input_grad():
            y = self.model(x)
        return self.criterion(y, target)

    def _gradients(self, x: Any, target: Any) -> None:
        self.optimizer.zero_grad()
        self._loss(x, target)
        self.model.backward(self.criterion.backward())

    def _train(self, x: Any, target: Any) -> None:
        self._gradients(x, target)
        self.optimizer.step()


class Theirs:
    """The same network, from the same weights, in training by PyTorch.

    fused: the optimizer's steps are fused.  last: images lie with their channels last.  compiled: by torch.compile.
    device: where.  captured: the step is, as a CUDA graph.
    """

    def __init__(
        self,
        network: Network,
        fused: bool = False,
        last: bool = False,
        compiled: bool = False,
        device: str = "cpu",
        captured: bool = False,
    ) -> None:
        nn.manual_seed(0)
        self.model = network.theirs()
        self.model.load_state_dict({key: tensor(x) for key, x in network.ours().state_dict().items()})
        self.model = self.model.to(device)
        if last:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.called = self.model
        if compiled:
            torch.compiler.reset()
            self.called = torch.compile(self.model)
        self.criterion = getattr(torch.nn, network.criterion)()
        options = network.options | ({"capturable": True} if captured and network.optimizer != "optim.SGD" else {})
        self.optimizer = TWINS[network.optimizer](self.model.parameters(), **options, fused=fused)
        place = channels_last if last else np.asarray
        batches = [(tensor(place(x)), tensor(y)) for x, y in network.batches()]
        self.device, self.host = device, cycle(batches)
        self.batches: Iterator[Any] = cycle([(x.to(device), y.to(device)) for x, y in batches])
        self.replayed: Callable[[torch.Tensor, torch.Tensor], None] | None = None
        if captured:
            self.replayed = graph(self.trained, *next(self.batches))

    def transfer(self) -> Any:
        """A batch from the host to the device."""
        x, target = next(self.host)
        return x.to(self.device), target.to(self.device)

    def inference(self) -> torch.Tensor:
        """What the model says, without a thought of training."""
        with torch.no_grad():
            return self.called(next(self.batches)[0])

    def forward(self) -> torch.Tensor:
        """The loss."""
        return self.loss(*next(self.batches))

    def loss(self, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Of a batch."""
        return self.criterion(self.called(x), target)

    def gradients(self) -> None:
        """Forward and backward."""
        self.optimizer.zero_grad()
        self.forward().backward()

    def trained(self, x: torch.Tensor, target: torch.Tensor) -> None:
        """By a batch."""
        self.optimizer.zero_grad()
        self.loss(x, target).backward()
        self.optimizer.step()

    def step(self) -> None:
        """A training step."""
        (self.replayed or self.trained)(*next(self.batches))


def graph(
    step: Callable[[torch.Tensor, torch.Tensor], None], x: torch.Tensor, target: torch.Tensor
) -> Callable[[torch.Tensor, torch.Tensor], None]:
    """A step of PyTorch's as a CUDA graph, after three that warm up, as torch.cuda.CUDAGraph wants it."""
    buffers = x.clone(), target.clone()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step(*buffers)
    torch.cuda.current_stream().wait_stream(side)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        step(*buffers)

    def replay(*batch: torch.Tensor) -> None:
        for buffer, given in zip(buffers, batch, strict=True):
            buffer.copy_(given)
        captured.replay()

    return replay


def our_gradients(model: Any, criterion: Any, x: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
    """The loss, and each parameter's gradient by its name, of a copy: running statistics stay."""
    model = deepcopy(model)
    loss = criterion(model(x), target)
    model.backward(criterion.backward())
    return {"loss": to_host(loss), **{key: to_host(p.grad) for key, p in model.named_parameters()}}


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
