"""Activations in which one part of the input decides how much of the other passes."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.activations.smooth import sigmoid
from numpy_nn.functional.formula import Pullback, formula


@formula
def glu(x: Array, dim: int = -1) -> tuple[Array, Pullback]:
    """Gated linear unit: one half of the features, each weighted by a probability made from the other half.

    x = (a, b) along dim,  y = a σ(b);   da = dy σ(b),   db = dy a σ(b) (1 − σ(b)),   dx = (da, db)

    x: (..., 2 n, ...), floating.  dim: the dimension that is halved.
    Returns y, (..., n, ...), and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for dim out of range, ValueError for an odd length or no dimension.
    Dauphin et al. 2017, eq. 1; torch.nn.functional.glu.
    """
    xp = checks.floating(x=x)
    axes = checks.dimension(dim, x.ndim)
    if not axes or x.shape[axes[0]] % 2:
        raise ValueError(f"x: expected an even length in dimension {dim}, got shape {x.shape}")
    (axis,), n = axes, x.shape[axes[0]] // 2
    before = (slice(None),) * axis
    a, b = x[(*before, slice(n))], x[(*before, slice(n, None))]
    gate, gate_backward = sigmoid(b)

    def backward(dy: Array) -> Array:
        return xp.concatenate([dy * gate, gate_backward(dy * a)], axis=axis)

    return a * gate, backward
