"""Scores to probabilities, and to their logarithms."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula


@formula
def softmax(x: Array, dim: int) -> tuple[Array, Pullback]:
    """Scores to positive numbers that sum to 1 along one dimension.

    y_i = e^(x_i) / Σ_j e^(x_j);   dx = y (dy − Σ_j dy_j y_j)          since ∂y_j/∂x_i = y_j (δ_ij − y_i)

    x: any shape, floating.  dim: the dimension that is normalised.  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for dim out of range.
    Bridle 1990. A row with +∞ or of −∞ alone gives nan, as in torch.nn.functional.softmax. dim has no default here:
    PyTorch's implicit choice is deprecated.
    """
    xp = checks.floating(x=x)
    axis = checks.dimension(dim, x.ndim)
    if x.size == 0:
        return x.copy(), lambda dy: dy.copy()
    powers = xp.exp(x - x.max(axis=axis, keepdims=True))  # the maximum cancels in the quotient, and nothing overflows
    y = powers / powers.sum(axis=axis, keepdims=True)

    def backward(dy: Array) -> Array:
        return y * (dy - (dy * y).sum(axis=axis, keepdims=True))

    return y, backward


@formula
def log_softmax(x: Array, dim: int) -> tuple[Array, Pullback]:
    """The logarithm of softmax, without forming the softmax first.

    y_i = x_i − m − log Σ_j e^(x_j − m),  m = max_j x_j;   dx = dy − e^y Σ_j dy_j

    x: any shape, floating.  dim: the dimension that is normalised.  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for dim out of range.
    torch.nn.functional.log_softmax, but dim has no default: PyTorch's implicit choice is deprecated.
    """
    xp = checks.floating(x=x)
    axis = checks.dimension(dim, x.ndim)
    if x.size == 0:
        return x.copy(), lambda dy: dy.copy()
    shifted = x - x.max(axis=axis, keepdims=True)
    y = shifted - xp.log(xp.exp(shifted).sum(axis=axis, keepdims=True))

    def backward(dy: Array) -> Array:
        return dy - xp.exp(y) * dy.sum(axis=axis, keepdims=True)

    return y, backward


@formula
def softmin(x: Array, dim: int) -> tuple[Array, Pullback]:
    """The softmax in which the smallest number counts most.

    y = softmax(−x);   dx = −softmax'(−x) dy

    x: any shape, floating.  dim: the dimension that is normalised.  Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for dim out of range.
    torch.nn.functional.softmin, but dim has no default: PyTorch's implicit choice is deprecated.
    """
    checks.floating(x=x)
    y, pullback = softmax(-x, dim)
    return y, lambda dy: -pullback(dy)
