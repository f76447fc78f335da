"""The command line's networks in PyTorch. Of numpy_nn it takes what is asked, read and printed, and no arithmetic."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

import torch_nn
from numpy_nn.command_line.source import Source
from numpy_nn.command_line.wing import Opened, Settings, network_of, optimizer_of, schedule_of
from numpy_nn.files import whole
from torch_nn import interpret, training
from torch_nn.transfer import Transfer


class InTorch:
    """The same networks in PyTorch: train one, ask it, look into it."""

    name = "torch_nn"
    endings = (".pth", ".pt")

    def check_device(self, device: str) -> None:
        """Raise ValueError where there is no such device."""
        if device == "cuda" and not torch.cuda.is_available():
            raise ValueError('device: got "cuda", expected a machine with a CUDA GPU and its driver')

    def trainer(self, settings: Settings, source: Source, callbacks: Sequence[Any]) -> training.Trainer:
        """A trainer made from the settings' seed."""
        torch.manual_seed(settings["seed"])
        model = _network(settings, source.sample, len(source.classes))
        loader = DataLoader(TensorDataset(*_tensors(settings, *source.train)), settings["batch_size"], shuffle=True)
        optimizer = optimizer_of(optim, settings, model.parameters())
        scheduler, per = schedule_of(optim.lr_scheduler, settings, optimizer, len(loader))
        return training.Trainer(
            model,
            loader,
            optimizer,
            nn.CrossEntropyLoss(),
            scheduler=scheduler,
            schedule_per=per,
            max_norm=settings["clip"],
            accumulate=settings["accumulate"],
            validation=_tensors(settings, *source.validation),
            callbacks=callbacks,
        )

    def scores(self, settings: Settings, state: Mapping[str, Any], x: np.ndarray) -> np.ndarray:
        """What the network of the settings, with the parameters of the state, says of x (N, ...), on the host."""
        opened = self.opened(settings, state, x)
        return training.scores(opened.model, opened.x, 256).cpu().numpy()

    def opened(self, settings: Settings, state: Mapping[str, Any], x: np.ndarray) -> Opened:
        """The network of the settings, with the parameters of the state, and x (N, ...) as it takes it."""
        model = _network(settings, x.shape[1:], len(list(state.values())[-1]))  # the last bias has a number a class
        model.load_state_dict(state)
        x = torch.from_numpy(x).to(settings["device"], getattr(torch, settings["dtype"]))
        return Opened(interpret, nn, model, x, lambda tensor: tensor.cpu().numpy())

    def transfer(self, settings: Settings, sample: Sequence[int], head: tuple[str, ...]) -> Transfer:
        """Transfer learning between networks of the settings, for samples of a shape; head: their last layers."""
        options = {name: settings[name] for name in ("batch_size", "lr", "tuning", "device", "dtype")}
        return Transfer(lambda classes: _network(settings, sample, classes), head, **options)

    def save(self, state: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
        """Write a checkpoint whole or not at all."""
        content = BytesIO()  # on a full disk, torch.save itself would hide what the system says
        torch.save(_with_tensors(state), content)
        with whole(path) as file:
            file.write(content.getbuffer())

    def load(self, path: str | os.PathLike[str]) -> dict[str, Any]:
        """Read a checkpoint of either wing. Raises ValueError for another ending than .pth or .pt, or a damaged one."""
        if Path(path).suffix not in self.endings:
            raise ValueError(f"{path}: expected a name ending in .pth or .pt, which are PyTorch's own")
        if not Path(path).is_file():
            raise FileNotFoundError(f"{path}: expected a file, found none")
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # of all kinds: KeyError, EOFError and UnpicklingError among them
            raise ValueError(
                f"{path}: expected plain data and tensors, as torch.save writes them, got other"
            ) from error


def _with_tensors(value: Any) -> Any:
    """Nested data with tensors for arrays, which torch.load takes without executing anything."""
    if isinstance(value, Mapping):
        return {name: _with_tensors(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_tensors(part) for part in value]
    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value


def _tensors(settings: Settings, x: np.ndarray, target: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    device, dtype = settings["device"], getattr(torch, settings["dtype"])
    return torch.from_numpy(x).to(device, dtype), torch.from_numpy(target).to(device)


def _network(settings: Settings, sample: Sequence[int], classes: int) -> nn.Module:
    return network_of(torch_nn, settings, sample, classes, getattr(torch, settings["dtype"]))
