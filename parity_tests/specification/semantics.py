"""The row of t-SNE's divergence."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.row import Row
from parity_tests.strategies import dtypes, dy_scales, laid_out, layouts, seeds, values


@st.composite
def divergence_cases(draw: st.DrawFn) -> Case:
    """A map of a few points, far apart or all but one, and probabilities with zeros, now and then exaggerated."""
    dtype, seed, N = draw(dtypes), draw(seeds), draw(st.integers(2, 7))
    y = values(seed, (N, draw(st.integers(1, 3))), dtype, draw(st.sampled_from([1.0, 1e-4, 30.0])))
    p = probabilities(seed, N) * draw(st.sampled_from([1.0, 1.0, 12.0]))
    return Case((laid_out(y, draw(layouts)), p.astype(dtype)), seed=seed, dy_scale=draw(dy_scales))


def probabilities(seed: int, N: int) -> np.ndarray:
    """Joint probabilities of N points, some of them 0."""
    random = np.random.default_rng(seed)
    p = random.random((N, N)) ** 4 * (random.random((N, N)) < 0.8)
    p = np.triu(p, 1) + 1e-3 * np.eye(N, k=1)
    return (p + p.T) / (2 * p.sum())


def divergence_scale(case: Case, dy: np.ndarray) -> Scale:
    """An s is off by the roundings of D squares; a q by those and by the N² of their sum."""
    y, p = case.args
    N, D = y.shape
    square = ((y[:, None] - y) ** 2).sum(2)
    s = (1 - np.eye(N)) / (1 + square)
    q = s / s.sum()
    logs = np.where(p > 0, np.abs(np.log(np.where(p > 0, p, 1))) + np.log1p(square) + 1, 0)
    loss = (p * logs).sum() + np.abs(np.log(s.sum())) + 1
    w = (p + q) * s
    pull = 4 * (w.sum(1)[:, None] * np.abs(y) + w @ np.abs(y)) * np.abs(dy)
    return Scale(np.asarray(loss), (pull,), 8 + 4 * D + N * N)


def _large() -> Case:
    return Case((values(0, (1000, 2), np.float32), probabilities(0, 1000).astype(np.float32)))


ROWS = [Row("semantics.tsne_divergence", divergence_cases(), divergence_scale, _large)]
