"""Directions: vectors brought to length 1, and the cosine of the angle between two."""

from __future__ import annotations

from math import inf

from numpy_nn.backend import Array, array_module
from numpy_nn.functional import checks
from numpy_nn.functional.broadcasting import broadcast_shape, summed, unbroadcast
from numpy_nn.functional.formula import Pullback, formula


@formula
def normalize(
    x: Array, p: float = 2.0, dim: int | tuple[int, ...] | None = 1, eps: float = 1e-12
) -> tuple[Array, Pullback]:
    """Vectors divided by their length, so that only their direction is left.

    y = x / d,  d = max(n, eps),  n = ‖x‖_p;   dx = (dy − (Σ dy y) ∂n/∂x) / d, without the second term where n < eps

    x: any shape, floating.  p: which norm, at least 1 or infinity.  dim: the dimension that a vector lies along,
    several of them, or None for all.  eps: at least 0, keeps a zero vector zero; its gradient is dy / eps.
    Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, IndexError for a dimension out of range, ValueError for another p or eps.
    torch.nn.functional.normalize, for norms: PyTorch also takes a p below 1.
    """
    xp = checks.floating(x=x)
    p, eps = checks.number("p", p, low=1), checks.number("eps", eps, low=0)
    axes = checks.dimensions(dim, x.ndim)
    n = _norm(x, p, axes)
    d = xp.maximum(n, eps)
    y = x / d

    def backward(dy: Array) -> Array:
        along = summed(dy * y, axes).reshape(n.shape)  # Σ dy y, with length 1 where the sum was
        return (dy - xp.where(n < eps, 0, along * _norm_slope(x, n, p, axes))) / d

    return y, backward


@formula
def cosine_similarity(x1: Array, x2: Array, dim: int = 1, eps: float = 1e-8) -> tuple[Array, Pullback]:
    """Cosine of the angle between two vectors: 1 for the same direction, 0 for a right angle, −1 for opposite ones.

    y = Σ a b,  a = x₁ / max(‖x₁‖, eps),  b = x₂ / max(‖x₂‖, eps)
    dx₁ = dy (b − y x₁ / ‖x₁‖) / max(‖x₁‖, eps), with 0 for x₁ / ‖x₁‖ at 0;   dx₂ likewise, a for b

    x1, x2: floating, of shapes that broadcast.  dim: the dimension of the common shape that vectors lie along, which is
    missing in y.  eps: at least 0; the least that a length is taken for.
    Returns y and backward(dy) -> dx1, dx2.
    Raises TypeError for other dtypes, IndexError for a dimension out of range, ValueError for shapes that do not fit
    and a negative eps.
    torch.nn.functional.cosine_similarity: below eps its gradient is not the derivative, which has no second term there.
    """
    xp = checks.floating(x1=x1, x2=x2)
    eps = checks.number("eps", eps, low=0)
    shape = broadcast_shape("x2", x1.shape, x2.shape)
    axes = checks.dimension(dim, len(shape))
    sides = [(x, _norm(x, 2, axes)) for x in (xp.broadcast_to(x1, shape), xp.broadcast_to(x2, shape))]
    (a, b), lengths = zip(*((x / xp.maximum(n, eps), xp.maximum(n, eps)) for x, n in sides), strict=True)
    y = summed(a * b, axes)

    def backward(dy: Array) -> tuple[Array, Array]:
        along, dy = (part.reshape(lengths[0].shape) for part in (y, dy))  # the dimension is back, with length 1
        dx1, dx2 = (
            dy * (other - along * _norm_slope(x, n, 2, axes)) / length
            for (x, n), other, length in zip(sides, (b, a), lengths, strict=True)
        )
        return unbroadcast(dx1, x1.shape), unbroadcast(dx2, x2.shape)

    return y, backward


def _norm(x: Array, p: float, axes: tuple[int, ...]) -> Array:
    """(Σ |x|^p)^(1/p) along some axes, which stay with length 1; the largest |x| for p = ∞."""
    xp = array_module(x)
    kept = tuple(1 if axis in axes else length for axis, length in enumerate(x.shape))
    if p == 2:
        return xp.sqrt(summed(x * x, axes).reshape(kept))
    size = xp.where(x < 0, -x, x)  # = |x|
    if p < inf:
        return xp.power(summed(xp.power(size, p), axes).reshape(kept), 1 / p)
    if 0 in (x.shape[axis] for axis in axes):
        raise ValueError(f"x: expected at least one value in each vector for p = inf, got shape {x.shape}")
    return size.max(axis=axes, keepdims=True)


def _norm_slope(x: Array, n: Array, p: float, axes: tuple[int, ...]) -> Array:
    """∂n/∂x = sign(x) (|x| / n)^(p−1), 0 where n is 0; for p = ∞ shared evenly by all whose |x| is n."""
    xp = array_module(x)
    if p == 2:
        return xp.where(n == 0, 0, x / n)
    size, sign = xp.where(x < 0, -x, x), (x > 0).astype(x.dtype) - (x < 0).astype(x.dtype)
    if p < inf:
        return xp.where(n == 0, 0, sign * xp.power(size / n, p - 1))
    largest = (size == n).astype(x.dtype)
    return sign * largest / largest.sum(axis=axes, keepdims=True)
