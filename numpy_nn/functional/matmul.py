"""The product of matrices, vectors, and stacks of them."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.broadcasting import broadcast_shape, unbroadcast
from numpy_nn.functional.formula import Pullback, formula


@formula
def matmul(x: Array, other: Array) -> tuple[Array, Pullback]:
    """Product of matrices, vectors, or stacks of matrices.

    Y = A B;   dA = dY Bᵀ,   dB = Aᵀ dY, each summed over the copies that broadcasting made

    x: (..., n, m) or (m,), floating.  other: (..., m, p) or (m,).  Leading dimensions broadcast; a vector is a row on
    the left, a column on the right, and that dimension is missing in y.
    Returns y (..., n, p) and backward(dy) -> dx, dother, like x and other.
    Raises TypeError for other dtypes, ValueError for shapes that do not fit.  torch.matmul.
    """
    xp = checks.floating(x=x, other=other)
    for name, array in (("x", x), ("other", other)):
        if array.ndim == 0:
            raise ValueError(f"{name}: expected at least one dimension, got shape ()")
    A = x if x.ndim > 1 else x[None, :]
    B = other if other.ndim > 1 else other[:, None]
    if A.shape[-1] != B.shape[-2]:
        raise ValueError(f"other: expected {A.shape[-1]} rows for an x of shape {x.shape}, got shape {other.shape}")
    batch = broadcast_shape("other", A.shape[:-2], B.shape[:-2])
    full = (*batch, A.shape[-2], B.shape[-1])
    y = xp.matmul(A, B)
    rows = full[-2:-1] if x.ndim > 1 else ()
    columns = full[-1:] if other.ndim > 1 else ()

    def backward(dy: Array) -> tuple[Array, Array]:
        dY = dy.reshape(full)
        dA = unbroadcast(xp.matmul(dY, B.swapaxes(-1, -2)), A.shape)  # (..., n, p) (..., p, m) -> (..., n, m)
        dB = unbroadcast(xp.matmul(A.swapaxes(-1, -2), dY), B.shape)  # (..., m, n) (..., n, p) -> (..., m, p)
        return dA.reshape(x.shape), dB.reshape(other.shape)

    return y.reshape((*batch, *rows, *columns)), backward
