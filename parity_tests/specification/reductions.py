"""Rows of sum, mean, amax and amin."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, scales, seeds, shapes, values


@st.composite
def reductions(draw: st.DrawFn, choice: bool = False) -> Case:
    """Along no dimension, one, several or all, counted from either end; for a choice, with ties and nothing empty."""
    dtype, seed = draw(dtypes), draw(seeds)
    random, shape, ties = np.random.default_rng(seed), draw(shapes()), choice and draw(st.booleans())
    if choice:
        shape = tuple(max(side, 1) for side in shape)
    x = values(seed, shape, dtype, draw(scales), () if choice else awkward(dtype))
    if ties:
        x = np.asarray(random.integers(-1, 2, shape), dtype=dtype)
    kwargs: dict[str, Any] = {}
    if draw(st.booleans()):
        axes = random.permutation(max(x.ndim, 1))[: random.integers(1, max(x.ndim, 1), endpoint=True)]
        dims = tuple(int(axis - random.integers(2) * max(x.ndim, 1)) for axis in axes)
        kwargs["dim"] = dims[0] if random.random() < 0.5 else dims
        if draw(st.booleans()):
            kwargs["keepdim"] = bool(random.random() < 0.7)
    return Case((laid_out(x, draw(layouts)),), kwargs, seed=seed, dy_scale=draw(dy_scales), smooth=not ties)


def over(case: Case) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """The axes of a case, its shape with length 1 in their place, and how many terms there are."""
    x, dim = case.args[0], case.kwargs.get("dim")
    dims = range(x.ndim) if dim is None else dim if isinstance(dim, tuple) else (dim,)
    axes = tuple(axis % x.ndim for axis in dims) if x.ndim else ()
    kept = tuple(1 if axis in axes else side for axis, side in enumerate(x.shape))
    return axes, kept, int(np.prod([x.shape[axis] for axis in axes]))


def total_scale(mean: bool) -> Any:
    def scale(case: Case, dy: np.ndarray) -> Scale:
        x, (axes, kept, n) = case.args[0], over(case)
        divisor = max(n, 1) if mean else 1
        S = np.abs(x).sum(axis=axes, keepdims=case.kwargs.get("keepdim", False)) / divisor
        slope = np.broadcast_to(np.abs(dy).reshape(kept), x.shape) / divisor
        return Scale(S, (slope,), 4 + 2 * n)

    return scale


def choice_scale(case: Case, dy: np.ndarray) -> Scale:
    """The value is copied; dy is divided once."""
    x, (_, kept, _) = case.args[0], over(case)
    return Scale(np.zeros(()), (np.broadcast_to(np.abs(dy).reshape(kept), x.shape),), 4)


def _large() -> Case:
    return Case((values(0, (1000, 1000), np.float32),), {"dim": 1})


ROWS = [
    Row("functional.sum", reductions(), total_scale(mean=False), _large),
    Row("functional.mean", reductions(), total_scale(mean=True), _large),
    Row("functional.amax", reductions(choice=True), choice_scale, _large),
    Row("functional.amin", reductions(choice=True), choice_scale, _large),
]
