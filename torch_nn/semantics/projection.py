"""Singular vectors and principal components, with PyTorch's own decompositions."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class PCA(NamedTuple):
    """Principal components of points."""

    mean: Tensor
    components: Tensor
    explained_variance: Tensor
    explained_variance_ratio: Tensor


def svd_lowrank(A: Tensor, q: int, niter: int = 5, *, oversampling: int = 10) -> tuple[Tensor, Tensor, Tensor]:
    """The q largest singular values and vectors by torch.svd_lowrank, drawn from the default stream."""
    U, S, V = torch.svd_lowrank(A, min(q + oversampling, *A.shape), niter)
    U, V = signed(U[:, :q], V[:, :q])
    return U, S[:q], V


def svd_vectors(A: Tensor, size: int, p: float = 0.5, niter: int = 5) -> Tensor:
    """A vector for each row of a matrix, the singular values weighted by a power."""
    U, S, _ = svd_lowrank(A, size, niter)
    return U * S**p


def pca(x: Tensor, n_components: int = 2) -> PCA:
    """Principal components by torch.linalg.svd."""
    mean, k = x.mean(0), n_components
    U, S, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    components = signed(U, Vh.T)[1].T
    variance = S.square() / (len(x) - 1)
    return PCA(mean, components[:k], variance[:k], variance[:k] / variance.sum())


def signed(U: Tensor, V: Tensor) -> tuple[Tensor, Tensor]:
    """Both with V's number of the largest magnitude positive in each column."""
    sign = torch.where(V.gather(0, V.abs().argmax(0, keepdim=True)) < 0, -1.0, 1.0).to(V.dtype)
    return U * sign, V * sign
