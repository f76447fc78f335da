"""Normalization over a batch, with statistics that are kept for later."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.standardization import affine, standardized


@formula
def batch_norm(
    x: Array,
    running_mean: Array | None,
    running_var: Array | None,
    weight: Array | None = None,
    bias: Array | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Array, Pullback]:
    """Every channel brought to mean 0 and variance 1: those of the batch in training, the running ones otherwise.

    y = x̂ w + b,  x̂ = (x − μ) / √(σ² + eps);   dw = Σ dy x̂,   db = Σ dy,   and with dx̂ = dy w
    dx = (dx̂ − mean dx̂ − x̂ mean(dx̂ x̂)) / √(σ² + eps) in training,   dx = dx̂ / √(σ² + eps) otherwise

    x: (N, C, ...), floating.  weight, bias: (C,) or None for 1 and 0.  eps: above 0 in training, at least 0 otherwise.
    running_mean, running_var: (C,); in training both may be None, or are changed in place, running ← momentum · new +
    (1 − momentum) · running, where the new variance is the unbiased one, Σ (x − μ)² / (n − 1).
    Returns y, like x, and backward(dy) -> dx, dweight, dbias (without those of None).
    Raises ValueError where shapes do not fit, for one value a channel in training, and without running statistics
    otherwise; TypeError for other dtypes.
    Ioffe & Szegedy 2015, algorithm 1; torch.nn.functional.batch_norm: an empty batch changes no statistics.
    """
    given = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    xp = checks.floating(x=x, optional=given)
    checks.option("training", training, True, False)
    momentum, eps = checks.number("momentum", momentum), checks.number("eps", eps, low=0)
    if x.ndim < 2:
        raise ValueError(f"x: expected shape (N, C, ...), got {x.shape}")
    C, n = x.shape[1], x.size // max(x.shape[1], 1)
    for name, array in given.items():
        if array is not None:
            checks.shape(name, array, (C,), "x's channels")
    if (running_mean is None) != (running_var is None) or (running_mean is None and not training):
        got = " and ".join("None" if array is None else "an array" for array in (running_mean, running_var))
        raise ValueError(f"running_mean: expected both it and running_var{' or none' if training else ''}, got {got}")
    if training and eps == 0:
        raise ValueError("eps: expected a number above 0 in training, got 0")
    if training and n == 1:
        raise ValueError(f"x: expected more than 1 value per channel in training, got shape {x.shape}")

    axes, of_channels = (0, *range(2, x.ndim)), (1, C) + (1,) * (x.ndim - 2)
    if training or running_mean is None or running_var is None:
        mean, var, xhat, standard_backward = standardized(x, axes, eps)
        if running_mean is not None and running_var is not None and x.size:
            running_mean[...] = momentum * mean.reshape(C) + (1 - momentum) * running_mean
            running_var[...] = momentum * var.reshape(C) * (n / (n - 1)) + (1 - momentum) * running_var
    else:
        scale = 1 / xp.sqrt(running_var + eps).reshape(of_channels)
        xhat, standard_backward = (x - running_mean.reshape(of_channels)) * scale, lambda dxhat: dxhat * scale
    return affine(xhat, standard_backward, weight, bias, of_channels)
