"""Training: the loop that every example shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

from numpy_nn.backend import Array, array_module, device_of, is_array, item
from numpy_nn.functional import checks
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
    for no epochs or a loader without batches, TypeError for batches of another form.
    """
    checks.integer("epochs", epochs, low=1)
    for number in range(1, epochs + 1):
        model.train()
        total, steps, start = 0.0, 0, perf_counter()
        for steps, batch in enumerate(loader, start=1):
            if not isinstance(batch, list | tuple) or len(batch) != 2:
                raise TypeError(f"loader: expected batches [x, target], got {type(batch).__name__} in step {steps}")
            try:
                total += train_step(model, batch[0], batch[1], optimizer, criterion)
            except NonFiniteError as error:
                raise NonFiniteError(f"epoch {number}, step {steps}: {error}") from None
        if not steps:
            raise ValueError("loader: expected at least one batch, got none")
        if place := _first_nonfinite(model):
            raise NonFiniteError(f"epoch {number}, step {steps}: the loss is finite{place}")
        yield Epoch(number, total / steps, steps, perf_counter() - start)


def train_step(model: Module, x: Array, target: Array, optimizer: Optimizer, criterion: Layer) -> float:
    """Forward, loss, backward, update; returns the loss before the update.

    x, target: one batch, as the model and the criterion take them.
    Raises NonFiniteError, before the update, where the loss is nan or infinite.
    """
    optimizer.zero_grad()
    loss = criterion(model(x), target)
    model.backward(criterion.backward())
    value: float = item(loss)  # not before: a GPU is waited for here, and has been given most of the step by now
    if not abs(value) < float("inf"):
        raise NonFiniteError(f"the loss is {value}{_first_nonfinite(model)}")
    optimizer.step()
    return value


def evaluate(model: Module, x: Array, target: Array) -> float:
    """The share of samples whose predicted class is the target: a number in [0, 1].

    x: (N, ...).  target: (N,), integers.  Raises ValueError where N differs or is 0, or devices differ, TypeError for
    other dtypes.
    """
    if not is_array(x):
        raise TypeError(f"x: expected an array, got {type(x).__name__}")
    if not x.shape or not len(x):
        raise ValueError(f"x: expected at least one sample, got shape {x.shape}")
    checks.indices("target", target, "int64", "int32", "uint8")
    if device_of(target) != device_of(x):
        raise ValueError(f"target: expected an array on {device_of(x)} like x, got one on {device_of(target)}")
    checks.shape("target", target, x.shape[:1], "a class for each sample of x")
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
