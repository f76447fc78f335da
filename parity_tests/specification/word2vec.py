"""Rows of word2vec's objectives."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from numpy_nn.word2vec import huffman
from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.activations import softmax_parts
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, seeds, values


@st.composite
def objective_cases(draw: st.DrawFn, kind: str) -> Case:
    """Few words, so that targets, negatives and nodes repeat, and negatives are targets; now and then no batch."""
    dtype, seed = draw(dtypes), draw(seeds)
    random = np.random.default_rng(seed)
    B, V, D, n = (int(random.integers(low, high)) for low, high in ((0, 6), (1, 6), (0, 5), (0, 5)))
    scale = draw(st.sampled_from([1.0, 1.0, 1e-3, 30.0]))  # a score's rounding is far below 1, where p is decided
    hidden, weight = (
        laid_out(values(seed + i, shape, dtype, scale, awkward(dtype)), draw(layouts))
        for i, shape in enumerate([(B, D), (V, D)])
    )
    integer = np.int64 if kind == "softmax" else draw(st.sampled_from([np.int64, np.int32]))

    def drawn(below: int, *shape: int, dtype: Any = integer) -> np.ndarray:
        return laid_out(np.asarray(random.integers(0, below, shape)).astype(dtype), draw(layouts))

    if kind == "softmax":
        data = (drawn(V, B),)
    elif kind == "negative":
        data = (drawn(V, B), drawn(V, B, n))
    else:
        codes = drawn(2, B, n, dtype=draw(st.sampled_from([np.int8, np.int64])))
        data = (drawn(V, B, n), codes, drawn(n + 1, B))
    reduction = str(random.choice(["none", "mean", "sum", ""]))
    kwargs = {"reduction": reduction} if reduction else {}
    defined = B > 0 or reduction != "mean"  # the mean of nothing is nan
    return Case((hidden, weight, *data), kwargs, (0, 1), seed, draw(dy_scales), smooth=defined)


@st.composite
def block_cases(draw: st.DrawFn) -> Case:
    """Few and small blocks, now and then none; weights of 0 among others."""
    dtype, seed = draw(dtypes), draw(seeds)
    random = np.random.default_rng(seed)
    B, L, M, D = (int(random.integers(0, high)) for high in (4, 5, 5, 6))
    scale = draw(st.sampled_from([1.0, 1.0, 1e-3, 30.0]))
    x, y = (
        laid_out(values(seed + i, shape, dtype, scale, awkward(dtype)), draw(layouts))
        for i, shape in enumerate([(B, L, D), (B, M, D)])
    )
    weight = np.abs(values(seed + 2, (B, M, L), dtype)) * (random.random((B, M, L)) < 0.7)
    weight = laid_out(weight.astype(dtype), draw(layouts))
    return Case((x, y, weight), {"target": int(random.integers(2))}, (0, 1), seed, draw(dy_scales))


def block_scale(case: Case, dy: np.ndarray) -> Scale:
    """As logistic_scale."""
    x, y, weight = case.args
    x, y = np.abs(x), np.abs(y)
    S = np.matmul(y, x.swapaxes(1, 2))
    ds = np.abs(dy) * weight * (1 + S)
    loss = np.asarray((weight * (np.log(2) + S)).sum())
    factor = 2 * (16 + x.shape[2] + S.size)
    return Scale(loss, (np.matmul(ds.swapaxes(1, 2), y), np.matmul(ds, x)), factor)


def _spread(case: Case, dy: np.ndarray, per_vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """S of the reduced loss from S of each vector's, and |dy| as it comes to each vector, (B, 1)."""
    reduction, B = case.kwargs.get("reduction", "sum"), len(per_vector)
    size = np.abs(np.broadcast_to(dy, (B,)))[:, None] / (max(B, 1) if reduction == "mean" else 1)
    y = per_vector if reduction == "none" else np.asarray(per_vector.sum() / (max(B, 1) if reduction == "mean" else 1))
    return y, size


def logistic_scale(case: Case, dy: np.ndarray) -> Scale:
    """A score is a sum of D terms, off by D u |h|·|w|, and so are the loss and its slope, whose derivatives are < 1."""
    hidden, weight = np.abs(case.args[0]), np.abs(case.args[1])
    data = case.args[2:]
    rows = np.concatenate([data[0][:, None], data[1]], axis=1) if len(data) == 2 else data[0]
    w = weight[rows]
    S = np.einsum("bd,bnd->bn", hidden, w)
    losses = np.log(2) + S  # log(1 + e^±s)
    slopes = 1 + S
    y, size = _spread(case, dy, losses.sum(axis=1))
    ds = size * slopes
    dweight = np.zeros_like(weight)
    np.add.at(dweight, rows, ds[:, :, None] * hidden[:, None, :])
    factor = 2 * (16 + hidden.shape[1] + rows.size)
    return Scale(y, (np.einsum("bn,bnd->bd", ds, w), dweight), factor)


def softmax_scale(case: Case, dy: np.ndarray) -> Scale:
    """Scores of D terms, off by D u |W| |h|, which come into the loss and into p as they are."""
    hidden, weight, target = case.args
    V = len(weight)
    magnitude = np.abs(hidden) @ np.abs(weight).T  # (B, V)
    depth, log_total, p = softmax_parts(hidden @ weight.T, 1)
    right = np.arange(V) == target[:, None]
    spread = magnitude.max(axis=1, keepdims=True, initial=0.0)
    losses = (right * (depth + log_total + 1)).sum(axis=1) + 2 * spread[:, 0]
    y, size = _spread(case, dy, losses)
    dz = size * (right + p * (1 + depth + log_total + 2 * spread))
    factor = 2 * (16 + hidden.shape[1] + V + len(hidden))
    return Scale(y, (dz @ np.abs(weight), dz.T @ np.abs(hidden)), factor)


def _large_block() -> Case:
    """The blocks of a step of word2vec.fast, eight times."""
    B, L, M, D = 64, 34, 40, 100
    x, y = values(0, (B, L, D), np.float32, 0.3), values(1, (B, M, D), np.float32, 0.3)
    return Case((x, y, np.abs(values(2, (B, M, L), np.float32))), {"target": 1}, wrt=(0, 1))


def _large(kind: str) -> Case:
    """A batch of the size that a training of 10,000 words and 100 dimensions takes."""
    B, V, D = (256 if kind == "softmax" else 4096), 10_000, 100
    random = np.random.default_rng(0)
    hidden, weight = values(0, (B, D), np.float32), values(1, (V, D), np.float32, 0.1)
    if kind == "softmax":
        return Case((hidden, weight, random.integers(0, V, B)), wrt=(0, 1))
    if kind == "negative":
        return Case((hidden, weight, random.integers(0, V, B), random.integers(0, V, (B, 5))), wrt=(0, 1))
    points, codes, lengths = huffman.tree(np.arange(V, 0, -1))
    words = random.integers(0, V, B)
    return Case((hidden, weight[: V - 1], points[words], codes[words], lengths[words]), wrt=(0, 1))


ROWS = [
    Row("word2vec.softmax_loss", objective_cases("softmax"), softmax_scale, lambda: _large("softmax")),
    Row("word2vec.negative_sampling_loss", objective_cases("negative"), logistic_scale, lambda: _large("negative")),
    Row(
        "word2vec.hierarchical_softmax_loss",
        objective_cases("hierarchical"),
        logistic_scale,
        lambda: _large("hierarchical"),
    ),
    Row("word2vec.block_loss", block_cases(), block_scale, _large_block),
]
