"""Training: the loop that every example shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

from numpy_nn.backend import Array, array_module, item
from numpy_nn.modules import Module
from numpy_nn.modules.layer import Layer
from numpy_nn.optim import Optimizer


class NonFiniteError(ValueError):
    """Training met a loss or a parameter that is nan or infinite."""


@dataclass(frozen=True)
class Epoch:
    """What one pass over the data gave: its number from 1, the mean loss of its steps, how many, and the seconds."""

    number: int
    loss: float
    steps: int
    seconds: float


def fit(
    model: Module,
    loader: Iterable[list[Array]],
    optimizer: Optimizer,
    criterion: Layer,
    epochs: int,
) -> Iterator[Epoch]:
    """Train a model, and hand back the account of every epoch as it ends.

    loader: gives batches [x, target] anew for every epoch.  criterion: a loss layer.  epochs: at least 1.
    Raises NonFiniteError, naming epoch, step and place, when a loss or a parameter becomes nan or infinite, ValueError
    for no epochs or a loader without batches.
    """
    if epochs < 1:
        raise ValueError(f"epochs: expected at least 1, got {epochs}")
    for number in range(1, epochs + 1):
        model.train()
        total, steps, start = 0.0, 0, perf_counter()
        for steps, (x, target) in enumerate(loader, start=1):
            loss = train_step(model, x, target, optimizer, criterion)
            if not abs(loss) < float("inf"):
                raise NonFiniteError(f"epoch {number}, step {steps}: the loss is {loss}{_first_nonfinite(model)}")
            total += loss
        if not steps:
            raise ValueError("loader: expected at least one batch, got none")
        if place := _first_nonfinite(model):
            raise NonFiniteError(f"epoch {number}, step {steps}: the loss is finite{place}")
        yield Epoch(number, total / steps, steps, perf_counter() - start)


def train_step(model: Module, x: Array, target: Array, optimizer: Optimizer, criterion: Layer) -> float:
    """Forward, loss, backward, update; returns the loss before the update.

    x, target: one batch, as the model and the criterion take them.
    """
    optimizer.zero_grad()
    loss = criterion(model(x), target)
    model.backward(criterion.backward())
    optimizer.step()
    return item(loss)  # last: by then a GPU has been given the whole step


def evaluate(model: Module, x: Array, target: Array) -> float:
    """The share of samples whose predicted class is the target: a number in [0, 1].

    x: (N, ...).  target: (N,), integers.  Raises ValueError where their lengths differ or are 0.
    """
    if len(x) != len(target) or not len(x):
        raise ValueError(f"target: expected as many as x has samples, at least 1; got {len(target)} for {len(x)}")
    return item((predict(model, x) == target).sum()) / len(target)


def predict(model: Module, x: Array) -> Array:
    """The most likely class of every sample, in evaluation mode; the model's mode is put back afterwards.

    x: (N, ...) -> (N,), int64.
    """
    mode = model.training
    model.eval()
    try:
        logits = model(x)
    finally:
        model.train(mode)
    return logits.argmax(axis=-1)


def _first_nonfinite(model: Module) -> str:
    """Names the first parameter that holds nan or infinity; empty where none does."""
    for name, parameter in model.named_parameters():
        if not item(array_module(parameter.data).isfinite(parameter.data).all()):
            return f"; first parameter that is not finite: {name}"
    return ""
