"""How many multiply-adds each kind of layer takes: one rule each.

What is not listed takes none: it works on each number by itself, compares, or looks up.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from numpy_nn import modules
from numpy_nn.backend import Array
from numpy_nn.modules import Layer


def _linear(layer: Any, inputs: tuple[Any, ...], y: Array) -> int:
    """Each output is a sum over in_features."""
    return y.size * layer.in_features


def _convolution(layer: Any, inputs: tuple[Any, ...], y: Array) -> int:
    """Each output is a sum over the channels of its group and the kernel; zeros of the padding count."""
    return y.size * prod(layer.weight.shape[1:])


def _transposed_convolution(layer: Any, inputs: tuple[Any, ...], y: Array) -> int:
    """Each input goes into the channels of its group, over the kernel; what falls outside the output counts."""
    return inputs[0].size * prod(layer.weight.shape[1:])


def _attention(layer: Any, inputs: tuple[Any, ...], y: Array) -> int:
    """Four projections of E × E; then each query meets S keys, and its weights S values."""
    query, key, value = inputs[:3]
    S = key.shape[1 if layer.batch_first and key.ndim == 3 else 0]
    projections = (query.size + key.size + value.size + y.size) * layer.embed_dim
    return projections + 2 * query.size * S


def _similarity(layer: Any, inputs: tuple[Any, ...], y: Array) -> int:
    """Three products of two vectors: one with the other, and each with itself."""
    x1, x2 = inputs
    return 3 * prod(np.broadcast_shapes(x1.shape, x2.shape))


RULES: dict[type[Layer], Callable[[Any, tuple[Any, ...], Array], int]] = {
    modules.Linear: _linear,
    modules.Conv1d: _convolution,
    modules.Conv2d: _convolution,
    modules.ConvTranspose2d: _transposed_convolution,
    modules.MultiheadAttention: _attention,
    modules.CosineSimilarity: _similarity,
}


def multiply_adds(layer: Layer, inputs: tuple[Any, ...], y: Array) -> int | None:
    """How many a call of the layer took; None for a layer of somebody else's, for which there is no rule."""
    for kind in type(layer).__mro__:
        if kind in RULES:
            return RULES[kind](layer, inputs, y)
    return 0 if type(layer).__module__.startswith("numpy_nn.") else None
