"""The training loop of every PyTorch tutorial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Epoch:
    """What one pass over the data gave: its number from 1, the mean loss of its steps, how many, and the seconds."""

    number: int
    loss: float
    steps: int
    seconds: float


def fit(
    model: nn.Module,
    loader: Iterable[list[Tensor]],
    optimizer: torch.optim.Optimizer,
    criterion: nn.Module,
    epochs: int,
) -> Iterator[Epoch]:
    """Train a model, and hand back the account of every epoch as it ends."""
    for number in range(1, epochs + 1):
        model.train()
        total, steps, start = 0.0, 0, perf_counter()
        for x, target in loader:
            steps += 1
            total += train_step(model, x, target, optimizer, criterion)
        yield Epoch(number, total / steps, steps, perf_counter() - start)


def train_step(
    model: nn.Module, x: Tensor, target: Tensor, optimizer: torch.optim.Optimizer, criterion: nn.Module
) -> float:
    """Forward, loss, backward, update; returns the loss before the update."""
    optimizer.zero_grad()
    loss = criterion(model(x), target)
    loss.backward()
    optimizer.step()
    return loss.item()


def predict(model: nn.Module, x: Tensor) -> Tensor:
    """The most likely class of every sample, in evaluation mode; the model's mode is put back afterwards."""
    mode = model.training
    model.eval()
    with torch.no_grad():
        classes = model(x).argmax(dim=-1)
    model.train(mode)
    return classes


def evaluate(model: nn.Module, x: Tensor, target: Tensor) -> float:
    """The share of samples whose predicted class is the target."""
    return (predict(model, x) == target).sum().item() / len(target)
