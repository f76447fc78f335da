"""What the command line asks of a wing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from numpy_nn.backend import Array
from numpy_nn.command_line.settings import SHAPES
from numpy_nn.command_line.source import Source
from numpy_nn.training import Callback

Settings = Mapping[str, Any]
"""The arguments of a training run, by name; see settings.DEFAULTS."""


class Opened(NamedTuple):
    """A trained network and samples on its device, to look into: with interpret, from the wing's layers.

    to_host: brings an array of theirs back as NumPy's.
    """

    interpret: Any
    layers: Any
    model: Any
    x: Any
    to_host: Callable[[Any], Array]


class Wing(Protocol):
    """A network by hand or in PyTorch; what is handed over is NumPy arrays and plain data."""

    name: str
    endings: tuple[str, ...]
    """Of the checkpoints that it reads and writes."""

    def check_device(self, device: str) -> None:
        """Raise ValueError where there is no such device."""

    def trainer(self, settings: Settings, source: Source, callbacks: Sequence[Callback]) -> Any:
        """A trainer made from the settings' seed."""

    def scores(self, settings: Settings, state: Mapping[str, Any], x: Array) -> Array:
        """What the network of the settings, with the parameters of the state, says of x (N, ...), on the host."""

    def opened(self, settings: Settings, state: Mapping[str, Any], x: Array) -> Opened:
        """The network of the settings, with the parameters of the state, and x (N, ...) as it takes it."""

    def transfer(self, settings: Settings, sample: Sequence[int], head: tuple[str, ...]) -> Any:
        """Transfer learning between networks of the settings, for samples of a shape; head: their last layers."""

    def save(self, state: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
        """Write a checkpoint."""

    def load(self, path: str | os.PathLike[str]) -> dict[str, Any]:
        """Read a checkpoint."""


def network_of(models: Any, settings: Settings, sample: Sequence[int], classes: int, dtype: Any) -> Any:
    """The network of the settings, from numpy_nn or torch_nn, which have the same names.

    sample: the shape of one sample, (features,) or (1, rows, columns).  dtype: as the wing knows it.
    Raises ValueError for a network that does not fit into memory.
    """
    try:
        return _network(models, settings, sample, classes, {"device": settings["device"], "dtype": dtype})
    except (MemoryError, RuntimeError) as error:  # NumPy's and PyTorch's
        name = "layers" if settings["model"] in SHAPES["layers"] else "width"
        asked = settings["width"] if name == "width" else [*sample, *settings["layers"], classes]
        raise ValueError(f"--{name}: expected a network that fits into memory, got {asked}") from error


def _network(models: Any, settings: Settings, sample: Sequence[int], classes: int, place: dict[str, Any]) -> Any:
    match settings["model"]:
        case "simple":
            return models.SimpleNet(*sample, *settings["layers"], classes, settings["dropout"], **place)
        case "lenet":
            return models.LeNet(classes, sample[0], settings["dropout"], **place)
        case "resnet18":
            return models.ResNet18(classes, sample[0], settings["stem"], settings["width"], **place)
        case "vit":
            return _vit(models, settings, sample, classes, place)
        case _:
            options = {"activation": settings["activation"], "dropout": settings["dropout"]}
            return models.MLP(*sample, *settings["layers"], classes, **options, **place)


def _vit(models: Any, settings: Settings, sample: Sequence[int], classes: int, place: dict[str, Any]) -> Any:
    channels, rows, columns = sample
    patch, width = settings["patch"], settings["width"]
    if rows != columns or rows % patch:
        raise ValueError(f"--patch: expected squares that fill an image of {rows}×{columns}, got {patch}×{patch}")
    sizes = (rows, patch, settings["depth"], settings["heads"], width, 4 * width)
    options = {"dropout": settings["dropout"], "num_classes": classes, "in_channels": channels}
    return models.VisionTransformer(*sizes, **options, **place)


def described(settings: Settings, source: Source, parameters: int) -> str:
    """The network of the settings in words; parameters: how many numbers it learns."""
    sizes = "-".join(map(str, (*source.sample, *settings["layers"], len(source.classes))))
    match settings["model"]:
        case "simple":
            return f"simple {sizes}"
        case "lenet":
            return f"lenet, {parameters:,} parameters"
        case "resnet18":
            return f"resnet18, {settings['stem']} stem, width {settings['width']}, {parameters:,} parameters"
        case "vit":
            shape = f"patches of {settings['patch']}, width {settings['width']}, depth {settings['depth']}"
            return f"vit, {shape}, {settings['heads']} heads, {parameters:,} parameters"
        case _:
            return f"{sizes}, {settings['activation']}"


def optimizer_of(optim: Any, settings: Settings, parameters: Iterable[Any]) -> Any:
    """The optimizer of the settings, from numpy_nn.optim or torch.optim, which have the same names."""
    options = {"lr": settings["lr"], "weight_decay": settings["weight_decay"]}
    match settings["optimizer"]:
        case "sgd":
            return optim.SGD(parameters, momentum=settings["momentum"], **options)
        case "adam":
            return optim.Adam(parameters, **options)
        case _:
            return optim.AdamW(parameters, **options)


def schedule_of(lr_scheduler: Any, settings: Settings, optimizer: Any, batches: int) -> tuple[Any, str]:
    """The scheduler of the settings, from the optim.lr_scheduler of either, and whether it steps per epoch or step."""
    epochs = settings["epochs"]
    match settings["schedule"]:
        case "step":
            return lr_scheduler.StepLR(optimizer, max(1, epochs // 3)), "epoch"
        case "exponential":
            return lr_scheduler.ExponentialLR(optimizer, 0.95), "epoch"
        case "linear":
            return lr_scheduler.LinearLR(optimizer), "epoch"
        case "cosine":
            return lr_scheduler.CosineAnnealingLR(optimizer, epochs), "epoch"
        case "warm-restarts":
            return lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 5, T_mult=2), "epoch"
        case "one-cycle":
            updates = -(-batches // settings["accumulate"])
            return lr_scheduler.OneCycleLR(optimizer, settings["lr"], total_steps=epochs * updates), "step"
        case "plateau":
            return lr_scheduler.ReduceLROnPlateau(optimizer, patience=5), "epoch"
        case _:
            return None, "epoch"
