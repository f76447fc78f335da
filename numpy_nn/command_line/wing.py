"""What the command line asks of a wing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from numpy_nn.backend import Array
from numpy_nn.command_line.source import Source
from numpy_nn.training import Callback

Settings = Mapping[str, Any]
"""The arguments of a training run, by name; see settings.DEFAULTS."""


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
        """What the network of the settings, with the parameters of the state, says of x (N, features), on the host."""

    def save(self, state: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
        """Write a checkpoint."""

    def load(self, path: str | os.PathLike[str]) -> dict[str, Any]:
        """Read a checkpoint."""


def sizes(settings: Settings, source: Source) -> list[int]:
    """The features in, of every hidden layer, and out."""
    return [source.features, *settings["layers"], len(source.classes)]


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
