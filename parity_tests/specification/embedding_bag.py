"""The row of embedding_bag."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.row import Row
from parity_tests.strategies import dtypes, dy_scales, laid_out, layouts, scales, seeds, values


@st.composite
def embedding_bag_cases(draw: st.DrawFn) -> Case:
    """Bags of one length, or of any, none among them; few rows, so that indices repeat, and that maxima tie."""
    dtype, seed = draw(dtypes), draw(seeds)
    random = np.random.default_rng(seed)
    V, D, B, L = (int(random.integers(1, high)) for high in (6, 5, 5, 5))
    integer = draw(st.sampled_from([np.int64, np.int32]))
    kwargs: dict[str, Any] = {}
    if draw(st.booleans()):
        shape: tuple[int, ...] = (B * bool(random.random() < 0.9), L)
    else:
        lengths = random.integers(0, 4, B)
        shape = (int(lengths.sum()),)
        bounds = np.concatenate([[0], np.cumsum(lengths)]).astype(draw(st.sampled_from([np.int64, np.int32])))
        kwargs["include_last_offset"] = bool(random.random() < 0.5)
        kwargs["offsets"] = bounds if kwargs["include_last_offset"] else bounds[:-1]
        if not kwargs["include_last_offset"] and random.random() < 0.5:
            del kwargs["include_last_offset"]
    mode = draw(st.sampled_from(["sum", "mean", "max", ""]))
    if mode:
        kwargs["mode"] = mode
    if random.random() < 0.4:
        kwargs["padding_idx"] = int(random.integers(-V, V))
    weight = laid_out(values(seed, (V, D), dtype, draw(scales)), draw(st.sampled_from(["C", "F"])))
    if mode == "max" and random.random() < 0.5:
        weight = np.round(weight)
    wrt: tuple[int | str, ...] = (1,)
    if mode == "sum" and random.random() < 0.5:
        kwargs["per_sample_weights"] = values(seed + 1, shape, dtype)
        wrt = (1, "per_sample_weights")
    elif random.random() < 0.3:
        kwargs |= {"max_norm": float(random.choice([1.0, 0.1, 50.0])), "norm_type": float(random.choice([1.0, 2.0]))}
        weight = np.ascontiguousarray(weight)  # PyTorch renormalises contiguous tables only
    indices = laid_out(random.integers(0, V, shape).astype(integer), draw(layouts))
    plain = mode != "max" and not kwargs.keys() & {"padding_idx", "max_norm"}  # else the gradient is not the derivative
    changes = (1,) if "max_norm" in kwargs else ()
    return Case((indices, weight), kwargs, wrt, seed, draw(dy_scales), smooth=plain, changes=changes)


def embedding_bag_scale(case: Case, dy: np.ndarray) -> Scale:
    """Sums of products over a bag, and over the places of a row; norms of D terms before."""
    indices, weight = case.args
    B, D = dy.shape
    if indices.ndim == 2:
        bag = np.repeat(np.arange(B), indices.shape[1])
    else:
        bag = np.searchsorted(case.kwargs["offsets"][:B], np.arange(indices.size), side="right") - 1
    ids, weight, dy = indices.reshape(-1), np.abs(weight), np.abs(dy)
    s = np.abs(case.kwargs.get("per_sample_weights", np.ones(ids.size))).reshape(-1, 1)
    y, dweight = np.zeros((B, D)), np.zeros_like(weight)
    np.add.at(y, bag, s * weight[ids])
    np.add.at(dweight, ids, s * dy[bag])
    ds = (weight[ids] * dy[bag]).sum(axis=1).reshape(indices.shape)
    return Scale(y, (dweight, ds)[: len(case.wrt)], 8 + 2 * max(ids.size, 2 * D))


def _large() -> Case:
    random = np.random.default_rng(0)
    return Case((random.integers(0, 10_000, (1024, 10)), values(0, (10_000, 100), np.float32)), wrt=(1,))


ROWS = [Row("functional.embedding_bag", embedding_bag_cases(), embedding_bag_scale, _large)]
