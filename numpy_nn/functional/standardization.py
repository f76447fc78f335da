"""What every normalization shares: mean 0 and variance 1 along some axes, then a weight and a bias."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import prod
from typing import Any

from numpy_nn.backend import Array, array_module
from numpy_nn.functional.broadcasting import summed, unbroadcast
from numpy_nn.functional.formula import Pullback


def standardized(x: Array, axes: tuple[int, ...], eps: float) -> tuple[Array, Array, Array, Callable[[Array], Array]]:
    """Mean, variance, x̂ and its pullback, along some axes, which stay with length 1.

    μ and σ depend on every x, and a shift or a stretch of all x changes no x̂: so neither is left in the gradient.
    """
    mean = mean_over(x, axes)
    centred = x - mean
    centred = centred - mean_over(centred, axes)  # the rounding of the mean, which a small variance would magnify
    var = mean_over(centred * centred, axes)
    scale = 1 / array_module(x).sqrt(var + eps)
    xhat = centred * scale

    def backward(dxhat: Array) -> Array:
        return scale * (dxhat - mean_over(dxhat, axes) - xhat * mean_over(dxhat * xhat, axes))

    return mean, var, xhat, backward


def affine(
    xhat: Array,
    standard_backward: Callable[[Array], Array],
    weight: Array | None,
    bias: Array | None,
    shape: tuple[int, ...],
) -> tuple[Array, Pullback]:
    """y = x̂ w + b, and the pullback of the whole: to x by that of x̂, and to those of weight and bias that are there.

    shape: that of weight and bias beside x̂.
    """
    w = None if weight is None else weight.reshape(shape)
    y = xhat.copy() if w is None else xhat * w
    y = y if bias is None else y + bias.reshape(shape)

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        gradients = [None if "x" in without else standard_backward(dy if w is None else dy * w)]
        if weight is not None:
            gradients.append(None if "weight" in without else unbroadcast(dy * xhat, shape).reshape(weight.shape))
        if bias is not None:
            gradients.append(None if "bias" in without else unbroadcast(dy, shape).reshape(bias.shape).copy())
        return tuple(gradients) if len(gradients) > 1 else gradients[0]

    return y, backward


def mean_over(x: Array, axes: tuple[int, ...]) -> Array:
    """The mean along some axes, which stay with length 1."""
    kept = tuple(1 if axis in axes else length for axis, length in enumerate(x.shape))
    n = prod(x.shape[axis] for axis in axes)
    return summed(x, axes).reshape(kept) / n
