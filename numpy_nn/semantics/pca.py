"""The directions in which points differ most."""

from __future__ import annotations

from typing import NamedTuple

from numpy_nn.backend import Array, item
from numpy_nn.functional import checks
from numpy_nn.semantics.points import check_points
from numpy_nn.semantics.svd import signed


class PCA(NamedTuple):
    """Principal components: mean (D,), components (k, D), and the variance along each, (k,), falling, and its share."""

    mean: Array
    components: Array
    explained_variance: Array
    explained_variance_ratio: Array

    def transform(self, x: Array) -> Array:
        """Where points lie along the components, z = (x − mean) componentsᵀ.  x: (N, D).  Returns (N, k)."""
        self._check("x", x, self.components.shape[1])
        return (x - self.mean) @ self.components.T

    def inverse_transform(self, z: Array) -> Array:
        """The points of the space that lie there, x = z components + mean.  z: (N, k).  Returns (N, D)."""
        self._check("z", z, self.components.shape[0])
        return z @ self.components + self.mean

    def _check(self, name: str, x: Array, width: int) -> None:
        checks.floating(mean=self.mean, optional={name: x})
        if x.ndim != 2 or x.shape[1] != width:
            raise ValueError(f"{name}: expected shape (N, {width}), got {x.shape}")


def pca(x: Array, n_components: int = 2) -> PCA:
    """The principal components of points, by the singular value decomposition of their differences from the mean.

    x − mean = U diag(S) Vᵀ;   components = Vᵀ,   explained variance S² / (N − 1),   its share S² / Σ S²

    The sign of each component is such that its number of the largest magnitude is positive, the first of several.
    x: (N, D), floating and finite, at least 2 points.  n_components: at most min(N, D).
    Raises TypeError for other dtypes, ValueError for other shapes, points that are all one, and more components.
    Jolliffe 2002, chapter 3; sklearn.decomposition.PCA.
    """
    xp = check_points("x", x, least=2)
    if checks.integer("n_components", n_components, low=1) > min(x.shape):
        raise ValueError(f"n_components: expected at most {min(x.shape)} for shape {x.shape}, got {n_components}")
    mean = x.mean(axis=0)
    U, S, Vt = xp.linalg.svd(x - mean, full_matrices=False)
    _, V = signed(U, Vt.T)
    variance = S * S / (len(x) - 1)
    total = variance.sum()
    if not item(total) > 0:
        raise ValueError("x: expected points that differ, got the same one again and again")
    k = n_components
    return PCA(mean, V.T[:k], variance[:k], variance[:k] / total)
