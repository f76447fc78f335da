"""How far two rankings agree."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from numpy_nn.backend import Array
from numpy_nn.functional import checks


def spearman(x: Array, y: Array) -> float:
    """Spearman's rank correlation: Pearson's, of ranks.

    rho = Σ (r_i − r̄) (s_i − s̄) / √(Σ (r_i − r̄)² Σ (s_i − s̄)²),  r and s the ranks of x and y

    Equal values share the mean of their ranks. The sums are exact.
    x, y: (N,), real.  Returns a number from −1 to 1; nan where all of one side are equal, or there is a nan.
    Raises ValueError for other shapes.  scipy.stats.spearmanr.
    """
    checks.shape("y", y, (x.size,), "a value for each of x")
    r, s = (_doubled_ranks(values) - (len(values) + 1) for values in (x, y))
    products, squares = int(r @ s), int(r @ r) * int(s @ s)
    return products / math.sqrt(squares) if squares and not np.isnan(x + y).any() else math.nan


def _doubled_ranks(values: Array) -> npt.NDArray[np.int64]:
    """Twice the rank of each value, from 1 on, equal values sharing the mean of theirs: a whole number."""
    _, number, count = np.unique(values, return_inverse=True, return_counts=True)
    return (2 * count.cumsum() - count + 1)[number]
