"""What a trained model says, and how often it is right."""

from __future__ import annotations

from numpy_nn.backend import Array, array_module, device_of, is_array, item
from numpy_nn.functional import checks
from numpy_nn.grad_mode import no_grad
from numpy_nn.modules import Module


def scores(model: Module, x: Array, batch_size: int | None = None) -> Array:
    """The model's output in evaluation mode; the model's mode is put back afterwards.

    x: (N, ...).  batch_size: how many samples go through at once, which bounds the memory; all if None.
    Returns the outputs stacked, (N, ...); the layers keep nothing for a backward.  Raises TypeError where x is no array
    or batch_size no integer, ValueError for an x of no dimensions and a batch_size below 1.
    """
    if not is_array(x):
        raise TypeError(f"x: expected an array, got {type(x).__name__}")
    if x.ndim == 0:
        raise ValueError("x: expected an array of samples, got shape ()")
    size = len(x) if batch_size is None else checks.integer("batch_size", batch_size, low=1)
    mode = model.training
    model.eval()
    try:
        with no_grad():
            if len(x) <= size:
                return model(x)
            return array_module(x).concatenate([model(x[start : start + size]) for start in range(0, len(x), size)])
    finally:
        model.train(mode)


def predict(model: Module, x: Array, batch_size: int | None = None) -> Array:
    """The most likely class of every sample, in evaluation mode; the model's mode is put back afterwards.

    x: (N, ...) -> (N,), int64.  batch_size: as in `scores`.
    """
    return scores(model, x, batch_size).argmax(axis=-1)


def evaluate(model: Module, x: Array, target: Array, batch_size: int | None = None) -> float:
    """The share of samples whose predicted class is the target: a number in [0, 1].

    x: (N, ...).  target: (N,), integers.  batch_size: as in `scores`.
    Raises ValueError where N differs or is 0, or devices differ, TypeError for other dtypes.
    """
    if not is_array(x):
        raise TypeError(f"x: expected an array, got {type(x).__name__}")
    if not x.shape or not len(x):
        raise ValueError(f"x: expected at least one sample, got shape {x.shape}")
    checks.indices("target", target, "int64", "int32", "uint8")
    if device_of(target) != device_of(x):
        raise ValueError(f"target: expected an array on {device_of(x)} like x, got one on {device_of(target)}")
    checks.shape("target", target, x.shape[:1], "a class for each sample of x")
    return item((predict(model, x, batch_size) == target).sum()) / len(target)
