"""The row of embedding."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.row import Row
from parity_tests.strategies import dtypes, dy_scales, laid_out, layouts, scales, seeds, shapes, values


@st.composite
def embedding_cases(draw: st.DrawFn) -> Case:
    """Few rows, so that indices repeat; every option. PyTorch's gradient is the derivative for the plain call only."""
    dtype, seed = draw(dtypes), draw(seeds)
    V, D = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    weight = laid_out(values(seed, (V, D), dtype, draw(scales)), draw(st.sampled_from(["C", "F"])))
    index_dtype = draw(st.sampled_from([np.int64, np.int32]))
    indices = np.random.default_rng(seed).integers(0, V, draw(shapes(0, 3, 4))).astype(index_dtype)
    kwargs: dict[str, Any] = {}
    if draw(st.booleans()):
        kwargs["padding_idx"] = draw(st.integers(-V, V - 1))
    if draw(st.booleans()):
        kwargs["scale_grad_by_freq"] = True
    if draw(st.booleans()):
        kwargs["max_norm"] = draw(st.sampled_from([1.0, 0.1, 50.0]))
        kwargs |= draw(st.sampled_from([{}, {"norm_type": 2.0}, {"norm_type": 1.0}, {"norm_type": 3.0}]))
        weight = np.ascontiguousarray(weight)  # PyTorch renormalises contiguous tables only
    return Case(
        (laid_out(indices, draw(layouts)), weight),
        kwargs,
        wrt=(1,),
        seed=seed,
        dy_scale=draw(dy_scales),
        smooth=not kwargs,
        changes=(1,) if "max_norm" in kwargs else (),
    )


def embedding_scale(case: Case, dy: np.ndarray) -> Scale:
    """A value is copied, or scaled by a norm of D terms; a gradient sums as many terms as its index occurs."""
    indices, weight = case.args
    dweight = np.zeros_like(weight)
    np.add.at(dweight, indices.reshape(-1), np.abs(dy).reshape(-1, weight.shape[1]))
    return Scale(np.abs(weight)[indices], (dweight,), 4 + max(indices.size, 2 * weight.shape[1]))


ROWS = [
    Row(
        "functional.embedding",
        embedding_cases(),
        embedding_scale,
        lambda: Case(
            (np.random.default_rng(0).integers(0, 10_000, 4096), values(0, (10_000, 100), np.float32)), wrt=(1,)
        ),
    )
]
