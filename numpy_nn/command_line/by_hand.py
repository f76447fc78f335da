"""The command line's networks by hand."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy_nn as nn
from numpy_nn import checkpoint, data, interpret, optim, training
from numpy_nn.backend import Array, device_module, to_device, to_host
from numpy_nn.checkpoint.store import FORMATS
from numpy_nn.command_line.source import Source
from numpy_nn.command_line.wing import Opened, Settings, network_of, optimizer_of, schedule_of
from numpy_nn.kernels import use_kernels
from numpy_nn.training import Callback, Trainer
from numpy_nn.transfer import Transfer


class ByHand:
    """Neural networks written by hand in NumPy: train one, ask it, look into it."""

    name = "numpy_nn"
    endings = tuple(FORMATS)

    def check_device(self, device: str) -> None:
        """Raise ValueError where there is no such device."""
        device_module(device)

    def trainer(self, settings: Settings, source: Source, callbacks: Sequence[Callback]) -> Trainer:
        """A trainer made from the settings' seed."""
        nn.manual_seed(settings["seed"])
        model = network_of(nn, settings, source.sample, len(source.classes), settings["dtype"])
        x, target = (to_device(array, settings["device"]) for array in source.train)
        dataset = data.TensorDataset(x.astype(settings["dtype"]), target)
        loader = data.DataLoader(dataset, batch_size=settings["batch_size"], shuffle=True)
        optimizer = optimizer_of(optim, settings, model.parameters())
        scheduler, per = schedule_of(optim.lr_scheduler, settings, optimizer, len(loader))
        held, classes = (to_device(array, settings["device"]) for array in source.validation)
        return Trainer(
            model,
            loader,
            optimizer,
            nn.CrossEntropyLoss(),
            scheduler=scheduler,
            schedule_per=per,
            max_norm=settings["clip"],
            accumulate=settings["accumulate"],
            validation=(held.astype(settings["dtype"]), classes),
            callbacks=callbacks,
            bar=True,
        )

    def scores(self, settings: Settings, state: Mapping[str, Any], x: Array) -> Array:
        """What the network of the settings, with the parameters of the state, says of x (N, ...), on the host."""
        opened = self.opened(settings, state, x)
        with use_kernels(settings["kernels"]):
            return to_host(training.scores(opened.model, opened.x, 256))

    def opened(self, settings: Settings, state: Mapping[str, Any], x: Array) -> Opened:
        """The network of the settings, with the parameters of the state, and x (N, ...) as it takes it."""
        classes = len(list(state.values())[-1])  # the last bias has a number for each
        model = network_of(nn, settings, x.shape[1:], classes, settings["dtype"])
        model.load_state_dict(state)
        return Opened(interpret, nn, model, to_device(x, settings["device"]).astype(settings["dtype"]), to_host)

    def transfer(self, settings: Settings, sample: Sequence[int], head: tuple[str, ...]) -> Transfer:
        """Transfer learning between networks of the settings, for samples of a shape; head: their last layers."""
        options = {name: settings[name] for name in ("batch_size", "lr", "tuning", "device", "dtype")}
        return Transfer(lambda classes: network_of(nn, settings, sample, classes, settings["dtype"]), head, **options)

    def save(self, state: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
        """Write a checkpoint, in the format that the ending names."""
        checkpoint.save(state, path)

    def load(self, path: str | os.PathLike[str]) -> dict[str, Any]:
        """Read a checkpoint of either wing."""
        return checkpoint.load(path)
