"""Normalization of every example by itself: over a layer or a group of channels, or to root mean square 1."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.standardization import affine, mean_over, standardized


@formula
def layer_norm(
    x: Array,
    normalized_shape: Sequence[int],
    weight: Array | None = None,
    bias: Array | None = None,
    eps: float = 1e-5,
) -> tuple[Array, Pullback]:
    """Every example brought to mean 0 and variance 1, over its last dimensions.

    y = x̂ w + b,  x̂ = (x − μ) / √(σ² + eps)
    dx = (dx̂ − mean dx̂ − x̂ mean(dx̂ x̂)) / √(σ² + eps),  dx̂ = dy w;   dw = Σ dy x̂,   db = Σ dy

    x: (..., *normalized_shape), floating.  weight, bias: normalized_shape, or None for 1 and 0.  eps: at least 0.
    Returns y, like x, and backward(dy) -> dx, dweight, dbias (without those of None).
    Raises ValueError where shapes do not fit or eps is below 0, TypeError for other dtypes.
    Ba, Kiros & Hinton 2016, eq. 4; torch.nn.functional.layer_norm: where all values are equal, y is the bias.
    """
    checks.floating(x=x, optional={"weight": weight, "bias": bias})
    shape, axes = _trailing(x, normalized_shape, weight, bias)
    _, _, xhat, standard_backward = standardized(x, axes, checks.number("eps", eps, low=0))
    return affine(xhat, standard_backward, weight, bias, shape)


@formula
def group_norm(
    x: Array, num_groups: int, weight: Array | None = None, bias: Array | None = None, eps: float = 1e-5
) -> tuple[Array, Pullback]:
    """Every example brought to mean 0 and variance 1, a group of neighbouring channels at a time.

    y = x̂ w + b,  x̂ = (x − μ) / √(σ² + eps)
    dx = (dx̂ − mean dx̂ − x̂ mean(dx̂ x̂)) / √(σ² + eps),  dx̂ = dy w;   dw = Σ dy x̂,   db = Σ dy

    x: (N, C, ...), floating.  num_groups: divides C.  weight, bias: (C,) or None for 1 and 0.  eps: at least 0.
    Returns y, like x, and backward(dy) -> dx, dweight, dbias (without those of None).
    Raises ValueError where shapes do not fit, for one value a group of one example, and for eps below 0; TypeError for
    other dtypes.
    Wu & He 2018, eq. 7; torch.nn.functional.group_norm.
    """
    checks.floating(x=x, optional={"weight": weight, "bias": bias})
    num_groups, eps = checks.integer("num_groups", num_groups, low=1), checks.number("eps", eps, low=0)
    if x.ndim < 2 or x.shape[1] % num_groups:
        raise ValueError(f"x: expected shape (N, C, ...) with C a multiple of {num_groups}, got {x.shape}")
    N, C = x.shape[:2]
    for name, array in (("weight", weight), ("bias", bias)):
        if array is not None:
            checks.shape(name, array, (C,), "x's channels")
    if x.size == num_groups:
        raise ValueError(f"x: expected more than 1 value for {num_groups} groups each, got shape {x.shape}")

    groups = (N, num_groups, C // num_groups * prod(x.shape[2:]))
    _, _, xhat, standard_backward = standardized(x.reshape(groups), (2,), eps)
    return affine(
        xhat.reshape(x.shape),
        lambda dxhat: standard_backward(dxhat.reshape(groups)).reshape(x.shape),
        weight,
        bias,
        (1, C) + (1,) * (x.ndim - 2),
    )


@formula
def rms_norm(
    x: Array, normalized_shape: Sequence[int], weight: Array | None = None, eps: float | None = None
) -> tuple[Array, Pullback]:
    """Every example divided by its root mean square, over its last dimensions.

    y = x̂ w,  x̂ = x / √(mean x² + eps);   dx = (dx̂ − x̂ mean(dx̂ x̂)) / √(mean x² + eps),  dx̂ = dy w;   dw = Σ dy x̂

    x: (..., *normalized_shape), floating.  weight: normalized_shape, or None for 1.
    eps: at least 0, or None for the distance from 1 to the dtype's next number.
    Returns y, like x, and backward(dy) -> dx, dweight (no dweight where weight is None).
    Raises ValueError where shapes do not fit or eps is below 0, TypeError for other dtypes.
    Zhang & Sennrich 2019, eq. 4; torch.nn.functional.rms_norm.
    """
    xp = checks.floating(x=x, optional={"weight": weight})
    shape, axes = _trailing(x, normalized_shape, weight, None)
    eps = float(xp.finfo(x.dtype).eps) if eps is None else checks.number("eps", eps, low=0)
    scale = 1 / xp.sqrt(mean_over(x * x, axes) + eps)
    xhat = x * scale
    return affine(xhat, lambda dxhat: scale * (dxhat - xhat * mean_over(dxhat * xhat, axes)), weight, None, shape)


def _trailing(
    x: Array, normalized_shape: Sequence[int], weight: Array | None, bias: Array | None
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The normalized shape and its axes in x, once it is known that x ends with it and weight and bias have it."""
    if not isinstance(normalized_shape, tuple | list):
        raise TypeError(f"normalized_shape: expected a tuple of integers, got {normalized_shape!r}")
    shape = tuple(checks.integer("normalized_shape", size, low=0) for size in normalized_shape)
    if not shape:
        raise ValueError("normalized_shape: expected at least one size, got ()")
    if x.shape[-len(shape) :] != shape:
        raise ValueError(f"x: expected shape (..., {', '.join(map(str, shape))}), got {x.shape}")
    for name, array in (("weight", weight), ("bias", bias)):
        if array is not None:
            checks.shape(name, array, shape, "normalized_shape")
    return shape, tuple(range(x.ndim - len(shape), x.ndim))
