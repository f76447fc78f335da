"""One step of training."""

from __future__ import annotations

from numpy_nn.backend import Array, array_module, item
from numpy_nn.grad_mode import no_input_grad
from numpy_nn.modules import Module
from numpy_nn.modules.layer import Layer
from numpy_nn.optim import Optimizer
from numpy_nn.training.nonfinite import NonFiniteError, origin


def train_step(model: Module, x: Array, target: Array, optimizer: Optimizer, criterion: Layer) -> float:
    """Forward, loss, backward, update; returns the loss before the update.

    x, target: one batch, as the model and the criterion take them.
    Raises NonFiniteError, before the update, where the loss is nan or infinite.
    """
    optimizer.zero_grad()
    loss = add_gradients(model, x, target, criterion)
    optimizer.step()
    return loss


def add_gradients(model: Module, x: Array, target: Array, criterion: Layer, share: float = 1.0) -> float:
    """Forward, loss, backward: the gradients of share · loss are added to those there are; returns the loss.

    Raises NonFiniteError where the loss is nan or infinite, with the parameter, batch or layer it came from, and
    RuntimeError where nothing in the model learns.
    """
    with no_input_grad():
        prediction = model(x)
    loss = criterion(prediction, target)
    model.backward(criterion.backward(None if share == 1 else array_module(loss).full_like(loss, share)))
    value: float = item(loss)  # not before: a GPU is waited for here, and has been given most of the step by now
    if not abs(value) < float("inf"):
        raise NonFiniteError(f"the loss is {value}{origin(model, x)}")
    return value
