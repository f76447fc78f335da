"""The largest singular values of a matrix and their directions, without the others."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from numpy_nn.backend import Array, array_module, device_of, is_array, item, to_device
from numpy_nn.functional import checks
from numpy_nn.random import Generator, randn
from numpy_nn.semantics.sparse import SparseCSR

Matrix: TypeAlias = Array | SparseCSR


class SVD(NamedTuple):
    """A ≈ U diag(S) Vᵀ: U (N, q) and V (M, q) with orthonormal columns, S (q,), falling."""

    U: Array
    S: Array
    V: Array


def svd_lowrank(
    A: Matrix, q: int, niter: int = 5, *, oversampling: int = 10, generator: Generator | None = None
) -> SVD:
    """The q largest singular values and vectors, by subspace iteration from a random start.

    Q ← orth(A Ω);   niter times  Q ← orth(A orth(Aᵀ Q));   QᵀA = W diag(S) Vᵀ,   U = Q W

    Ω: (M, q + oversampling), at most min(N, M) wide, standard normal; for N < M the same is done to Aᵀ. The part of A
    beyond the directions kept is damped by (σ_j / σ_q)^(2 niter + 1), so the result is exact where the rank is at most
    q + oversampling. Sign: in each column of V the number of the largest magnitude is positive, the first of several.

    A: (N, M), floating and finite, dense or SparseCSR.  q: in [1, min(N, M)].  niter, oversampling: at least 0.
    generator: draws Ω on the host; None is the default stream, and the draws are torch.svd_lowrank's.
    Returns U, S, V of A's dtype and device.
    Raises TypeError for another dtype, ValueError for another shape, a rank that A has not room for, nan or infinity.
    Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1; torch.svd_lowrank(A, q + oversampling, niter), cut.
    """
    N, M = _checked(A)
    if checks.integer("q", q, low=1) > min(N, M):
        raise ValueError(f"q: expected a rank of at most {min(N, M)} for shape {(N, M)}, got {q}")
    checks.integer("niter", niter, low=0)
    wide = min(q + checks.integer("oversampling", oversampling, low=0), N, M)
    across = _transposed(A)
    tall, flat = (A, across) if N >= M else (across, A)
    values = A.values if isinstance(A, SparseCSR) else A
    xp = array_module(values)
    Omega = to_device(randn(min(N, M), wide, dtype=values.dtype, generator=generator), device_of(values))
    Q, _ = xp.linalg.qr(tall @ Omega)
    for _ in range(niter):
        Q, _ = xp.linalg.qr(flat @ Q)
        Q, _ = xp.linalg.qr(tall @ Q)
    V, S, W = xp.linalg.svd(flat @ Q, full_matrices=False)  # (QᵀA)ᵀ = V diag(S) Wᵀ
    U, V = Q @ W.T[:, :q], V[:, :q]
    U, V = (U, V) if N >= M else (V, U)
    U, V = signed(U, V)
    return SVD(U, S[:q], V)


def svd_vectors(A: Matrix, size: int, p: float = 0.5, niter: int = 5, *, generator: Generator | None = None) -> Array:
    """A vector of so many numbers for each row of a matrix: W = U diag(S^p).

    p = 1 keeps the inner products of the rows, as the SVD does; p = 0.5, and 0, which is U itself, give better word
    vectors.
    A, size, niter, generator: as A, q, niter, generator of svd_lowrank.  Returns (N, size).
    Levy, Goldberg and Dagan 2015, section 3.3 (eigenvalue weighting).
    """
    U, S, _ = svd_lowrank(A, size, niter, generator=generator)
    return U * S ** checks.number("p", p, low=0)


def signed(U: Array, V: Array) -> tuple[Array, Array]:
    """Both, with the sign of each pair of columns chosen so that V's number of the largest magnitude is positive."""
    xp = array_module(V)
    largest = xp.take_along_axis(V, abs(V).argmax(axis=0)[None], axis=0)  # (M, q) -> (1, q)
    sign = xp.where(largest < 0, -1, 1).astype(V.dtype)
    return U * sign, V * sign


def _transposed(A: Matrix) -> Matrix:
    return A.t() if isinstance(A, SparseCSR) else A.T


def _checked(A: Matrix) -> tuple[int, int]:
    """The shape of a matrix that is one."""
    values = A.values if isinstance(A, SparseCSR) else A
    if not isinstance(A, SparseCSR) and not is_array(A):
        raise TypeError(f"A: expected an array or a SparseCSR, got {type(A).__name__}")
    xp = checks.floating(A=values)
    if len(A.shape) != 2:
        raise ValueError(f"A: expected shape (N, M), got {A.shape}")
    if not item(xp.isfinite(values).all()):
        raise ValueError("A: expected finite numbers, got nan or infinity")
    return A.shape
