"""Positive pointwise mutual information: how much oftener two words meet than chance has it."""

from __future__ import annotations

import math

from numpy_nn.backend import array_module, item, silent
from numpy_nn.functional import checks
from numpy_nn.semantics.sparse import SparseCSR


def ppmi(counts: SparseCSR, shift: float = 1.0, alpha: float = 0.75) -> SparseCSR:
    """What a word says about its context, in nats, where it says more than log shift, and nothing elsewhere.

    PMI(w, c) = log P(w, c) / (P(w) P_α(c)) = log (#(w, c) / (#(w) P_α(c))),    P_α(c) = #(c)^α / Σ #(c')^α
    PPMI(w, c) = max(PMI(w, c) − log shift, 0)

    #(w) is the sum of a row, #(c) of a column. With alpha < 1 rare contexts, whose counts are mostly chance, weigh
    less; with shift = k the matrix is what Skip-gram with k negative samples factors (Levy and Goldberg 2014).
    counts: (N, M), finite, none negative, not all 0.  shift: positive.  alpha: in [0, 1].
    Returns (N, M), of the dtype of counts; only positive numbers are kept. Computed in float64.
    Raises TypeError for anything but a SparseCSR and numbers, ValueError for others.
    Levy, Goldberg and Dagan 2015, sections 2.1 and 3.2.
    """
    _check_counts(counts)
    if not 0 < checks.number("shift", shift) < math.inf:
        raise ValueError(f"shift: expected a positive number, got {shift}")
    checks.probability("alpha", alpha)
    xp = array_module(counts.values)
    rows, columns = counts.row_indices, counts.col_indices
    context = counts.sum(0)
    with silent():  # a context that never occurs has log 0, and is never looked up
        smooth = xp.log(context) * alpha
        chance = smooth - xp.log(xp.where(context > 0, xp.exp(smooth), 0).sum())  # log P_α(c)
        word = xp.log(counts.sum(1))
        pmi = xp.log(counts.values.astype("float64", copy=False)) - word[rows] - chance[columns]
    pmi -= math.log(shift)
    kept = xp.flatnonzero(pmi > 0)
    keys = rows[kept] * counts.shape[1] + columns[kept]
    return SparseCSR.from_keys(keys, pmi[kept].astype(counts.dtype), counts.shape)


def _check_counts(counts: SparseCSR) -> None:
    if not isinstance(counts, SparseCSR):
        raise TypeError(f"counts: expected a SparseCSR, got {type(counts).__name__}")
    xp = array_module(counts.values)
    if not item((xp.isfinite(counts.values) & (counts.values >= 0)).all()):
        raise ValueError("counts: expected finite numbers, none negative")
    if not item(xp.any(counts.values > 0)):
        raise ValueError("counts: expected at least one pair of words, got none")
