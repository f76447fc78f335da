"""The same network, by hand and in PyTorch, trained on the same data from the same seed with nothing copied across."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import isqrt
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

import numpy_nn as nn
import torch_nn
from numpy_nn import backend
from numpy_nn.command_line.settings import DEFAULTS
from numpy_nn.command_line.wing import network_of
from parity_tests.bounds import unit

OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"momentum": 0.9}),
    "adam": ("Adam", {}),
    "adamw": ("AdamW", {}),
}
RATES = {"sgd": 0.1, "adam": 3e-3, "adamw": 3e-3}
IMAGE_RATES = {"sgd": 0.01, "adam": 1e-3, "adamw": 1e-3}
"""Of the networks for images, whose training makes one rounding grow the more, the larger the rate.

LeNet, MNIST, Adam, batches of 32, seed 0: by so much the weights are apart, and PyTorch's own from those of a run that
starts one rounding off.

    epochs   rate 0.003, PyTorch's own   rate 0.001
    1        1.2e-10     1.0e-10         6.8e-13
    2        1.3e-07     1.0e-07         1.3e-12

The Vision Transformer's furthest weights are the biases of the keys, which the softmax takes away again: their gradient
is nothing but rounding, which Adam divides by its own size.
"""
TEST_DIGITS = 360
"""How many of the 1,797 digits are kept for the test: those that come last in the shuffle."""
BATCH = 256
"""How many test samples go through at once, which bounds the memory."""
FLOAT64_BOUND = 1e-10
"""What every weight may be off by after a whole run in float64."""


@dataclass(frozen=True)
class Settings:
    """What to train, on what, and how. data: "digits" or "mnist", the latter from the folder data_dir.

    model: "simple", "lenet" (on mnist), "resnet18" or "vit", as in `train --model`; width is of the last two.
    """

    data: str = "digits"
    data_dir: str | None = None
    seed: int = 0
    epochs: int = 30
    batch_size: int = 32
    lr: float | None = None
    optimizer: str = "adam"
    dtype: str = "float64"
    device: str = "cpu"
    hidden_features: int = 128
    dropout: float = 0.2
    model: str = "simple"
    width: int = 8

    @property
    def rate(self) -> float:
        """The learning rate: lr, or what suits the network and the optimizer."""
        rates = RATES if self.model == "simple" else IMAGE_RATES
        return rates[self.optimizer] if self.lr is None else self.lr

    def images(self, x: Any) -> Any:
        """Samples (N, features), of either wing, as the network takes them: to most, images (N, 1, rows, columns)."""
        side = isqrt(x.shape[1])
        return x if self.model == "simple" else x.reshape(-1, 1, side, side)

    def network(self, models: Any, x: Any, dtype: Any, device: str = "cpu") -> Any:
        """The network, from numpy_nn or torch_nn, for such samples."""
        given = {"model": self.model, "layers": [self.hidden_features], "dropout": self.dropout, "width": self.width}
        return network_of(models, DEFAULTS | given | {"device": device}, x.shape[1:], 10, dtype)


@dataclass(frozen=True)
class Row:
    """One epoch: both losses, both test accuracies, the largest difference of any weight, milliseconds per step."""

    epoch: int
    losses: tuple[float, float]
    accuracies: tuple[float, float]
    difference: float
    milliseconds: tuple[float, float]


@dataclass
class Side:
    """One of the two: its model, its training as it goes on, and what it is tested on."""

    model: Any
    epochs: Iterator[Any]
    evaluate: Callable[[], float]
    predict: Callable[[], Any]
    images: Any
    target: Any


@dataclass
class Lockstep:
    """A run. Iterate it for a row per epoch; afterwards `bound` is what the weights may be off by."""

    settings: Settings
    rows: list[Row] = field(default_factory=list)
    bound: float = FLOAT64_BOUND

    def __post_init__(self) -> None:
        self.ours, self.theirs = by_hand(self.settings), in_torch(self.settings)
        self.start = {name: value.clone() for name, value in self.theirs.model.state_dict().items()}

    def __iter__(self) -> Iterator[Row]:
        for ours, theirs in zip(self.ours.epochs, self.theirs.epochs, strict=True):
            row = Row(
                epoch=ours.number,
                losses=(ours.loss, theirs.loss),
                accuracies=(self.ours.evaluate(), self.theirs.evaluate()),
                difference=difference(self.ours.model.state_dict(), self.theirs.model.state_dict()),
                milliseconds=(1e3 * ours.seconds / ours.steps, 1e3 * theirs.seconds / theirs.steps),
            )
            self.rows.append(row)
            yield row
        if self.settings.dtype == "float32":
            self.bound = self.float32_bound()

    @property
    def holds(self) -> bool:
        """Whether every weight ended within its bound and, in float64, every test image got the same class."""
        agree = np.mean(backend.to_host(self.ours.predict()) == self.theirs.predict().numpy())
        return self.rows[-1].difference <= self.bound and (self.settings.dtype == "float32" or bool(agree == 1))

    def float32_bound(self) -> float:
        """max(4 E, c u S): E is what one rounding of the start makes of PyTorch's own run.

        The weights start one unit in the last place off, each up or down by chance; everything else is the same. S is
        the largest weight; each of the c steps rounds it once.
        """
        disturbed = in_torch(self.settings, start={name: _one_ulp_off(value) for name, value in self.start.items()})
        steps = sum(epoch.steps for epoch in disturbed.epochs)
        weights = {name: value.numpy() for name, value in disturbed.model.state_dict().items()}
        S = max(float(np.abs(value).max()) for value in weights.values() if value.dtype.kind == "f")
        return max(4 * difference(weights, self.theirs.model.state_dict()), steps * unit(np.dtype(np.float32)) * S)


def _one_ulp_off(value: torch.Tensor) -> torch.Tensor:
    if not value.is_floating_point():
        return value  # how many batches a normalization has seen
    direction = np.random.default_rng(0).choice([-np.inf, np.inf], value.shape)
    return torch.from_numpy(np.nextafter(value.numpy(), direction.astype(np.float32)))


def difference(ours: dict[str, Any], theirs: dict[str, torch.Tensor]) -> float:
    """The largest difference of any weight."""
    return max(
        float(np.abs(backend.to_host(ours[name]).astype(np.float64) - theirs[name].double().numpy()).max())
        for name in theirs
    )


def by_hand(settings: Settings) -> Side:
    """The network of numpy_nn, ready to train."""
    nn.manual_seed(settings.seed)
    if settings.data == "digits":
        images, target = nn.data.digits(settings.dtype)
        order = nn.random.randperm(len(images))
        train, test = order[:-TEST_DIGITS], order[-TEST_DIGITS:]
        x, t, test_x, test_t = images[train], target[train], images[test], target[test]
    else:
        (x, t), (test_x, test_t) = (nn.data.idx_images(settings.data_dir, train=train) for train in (True, False))
        x, test_x = (i.reshape(len(i), -1).astype(settings.dtype) / 255 for i in (x, test_x))
        t, test_t = t.astype(np.int64), test_t.astype(np.int64)
    x, t, test_x, test_t = (backend.to_device(array, settings.device) for array in (x, t, test_x, test_t))

    x, test_x = settings.images(x), settings.images(test_x)
    model = settings.network(nn, x, settings.dtype, settings.device)
    name, options = OPTIMIZERS[settings.optimizer]
    optimizer = getattr(nn.optim, name)(model.parameters(), lr=settings.rate, **options)
    loader = nn.data.DataLoader(nn.data.TensorDataset(x, t), settings.batch_size, shuffle=True)
    return Side(
        model,
        nn.training.fit(model, loader, optimizer, nn.CrossEntropyLoss(), settings.epochs),
        lambda: nn.training.evaluate(model, test_x, test_t, BATCH),
        lambda: nn.training.predict(model, test_x, BATCH),
        test_x,
        test_t,
    )


def in_torch(settings: Settings, start: dict[str, torch.Tensor] | None = None) -> Side:
    """The network of torch_nn, ready to train; from other weights than its own where start gives them."""
    dtype = getattr(torch, settings.dtype)
    torch.manual_seed(settings.seed)
    if settings.data == "digits":
        images, target = torch_nn.data.digits(dtype)
        order = torch.randperm(len(images))
        train, test = order[:-TEST_DIGITS], order[-TEST_DIGITS:]
        x, t, test_x, test_t = images[train], target[train], images[test], target[test]
    else:
        (x, t), (test_x, test_t) = (torch_nn.data.idx_images(settings.data_dir, train=train) for train in (True, False))
        x, test_x = (i.flatten(1).to(dtype) / 255 for i in (x, test_x))
        t, test_t = t.long(), test_t.long()

    x, test_x = settings.images(x), settings.images(test_x)
    model = settings.network(torch_nn, x, dtype)
    if start is not None:
        model.load_state_dict(start)
    name, options = OPTIMIZERS[settings.optimizer]
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=settings.rate, **options)
    loader = DataLoader(TensorDataset(x, t), settings.batch_size, shuffle=True)
    return Side(
        model,
        torch_nn.training.fit(model, loader, optimizer, torch.nn.CrossEntropyLoss(), settings.epochs),
        lambda: torch_nn.training.evaluate(model, test_x, test_t),
        lambda: torch_nn.training.predict(model, test_x),
        test_x,
        test_t,
    )
