"""What a model is made of and what one pass through it costs, without changing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from numpy_nn.backend import Array, DTypeLike, device_module, device_of
from numpy_nn.functional import checks
from numpy_nn.modules import Module
from numpy_nn.summary.passing import pass_through
from numpy_nn.summary.table import Part, Summary
from numpy_nn.summary.tree import parts

__all__ = ["Part", "Summary", "summary"]

Shape: TypeAlias = tuple[int, ...]


def summary(
    model: Module,
    input_shape: Shape | Sequence[Shape],
    dtype: DTypeLike | Sequence[DTypeLike] | None = None,
) -> Summary:
    """The layers of a model with the shapes they give, their parameters and their multiply-adds, and the totals.

        print(nn.summary(nn.ResNet18(), (1, 3, 224, 224)))

    A multiply-add is one term of a sum of products: of inputs and weights, of queries and keys. What is done to each
    number by itself (activations, normalisation, pooling, sums of branches) is not counted.
    input_shape: the shape of the input, samples first; for several inputs a list of shapes.  dtype: that of the input,
    or a list; the model's own by default.
    A copy of the model is called with zeros, in evaluation mode: the model stays as it is, and so does the random
    stream.
    Raises TypeError for a model that is none, ValueError or TypeError for an input that the model does not take, with
    the layer that refuses it.
    """
    if not isinstance(model, Module):
        raise TypeError(f"model: expected a module, got {type(model).__name__}")
    shapes: list[object] = list(input_shape) if _several(input_shape) else [input_shape]
    own = next((parameter.data for parameter in model.parameters()), np.empty(0, np.float32))
    usual = own.dtype if dtype is None else dtype
    dtypes: list[Any] = list(usual) if isinstance(usual, list | tuple) else [usual] * len(shapes)
    if len(dtypes) != len(shapes):
        raise ValueError(f"dtype: expected one for each of {len(shapes)} inputs, got {len(dtypes)}")
    inputs = [_zeros(shape, kind, device_of(own)) for shape, kind in zip(shapes, dtypes, strict=True)]
    return Summary(tuple(parts(model, pass_through(model, inputs))), sum(x.nbytes for x in inputs))


def _several(input_shape: object) -> bool:
    """Whether these are several shapes."""
    return isinstance(input_shape, list | tuple) and bool(input_shape) and isinstance(input_shape[0], list | tuple)


def _zeros(shape: object, dtype: Any, device: str) -> Array:
    """An input. Raises TypeError unless the shape is a sequence of integers, ValueError where one is below 0."""
    if not isinstance(shape, list | tuple):
        raise TypeError(f"input_shape: expected a tuple of integers, got {shape!r}")
    sides = tuple(checks.integer("input_shape", side, low=0) for side in shape)
    try:
        return device_module(device).zeros(sides, dtype=np.dtype(dtype))
    except TypeError as error:
        raise TypeError(f"dtype: expected a dtype, got {dtype!r}") from error
