"""Rows of the activations in which more than one number makes one: a learned slope, a gate."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from scipy.special import expit

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, scales, seeds, shapes, values


@st.composite
def prelu_cases(draw: st.DrawFn) -> Case:
    """One slope for all or one for each channel; without a dimension 1 there is one channel."""
    dtype, seed, on_kinks = draw(dtypes), draw(seeds), draw(st.booleans())
    special = awkward(dtype) if on_kinks else ()
    shape = draw(shapes(0, 4))
    x = laid_out(values(seed, shape, dtype, draw(scales), special), draw(layouts))
    channels = shape[1] if len(shape) > 1 and draw(st.booleans()) else 1
    weight = laid_out(values(seed + 1, (channels,), dtype), draw(layouts))
    return Case((x, weight), wrt=(0, 1), seed=seed, dy_scale=draw(dy_scales), smooth=not on_kinks)


def prelu_scale(case: Case, dy: np.ndarray) -> Scale:
    """One product each; the slope's gradient is a sum of n terms, as many as it was used for."""
    x, weight = case.args
    slope = np.where(x > 0, 1.0, np.abs(weight).reshape(-1, *(1,) * (x.ndim - 2)) if x.ndim > 1 else np.abs(weight[0]))
    terms = np.where(x > 0, 0, np.abs(x * dy))
    others = tuple(range(x.ndim)) if len(weight) == 1 else tuple(axis for axis in range(x.ndim) if axis != 1)
    n = x.size / max(len(weight), 1)
    return Scale(np.abs(x) * slope, (np.abs(dy) * slope, terms.sum(axis=others).reshape(-1) * (1 + n)), 2)


@st.composite
def glu_cases(draw: st.DrawFn) -> Case:
    """An even length along any dimension, counted from either end; the default is as often left out as given."""
    dtype, seed = draw(dtypes), draw(seeds)
    half = draw(shapes(1, 3, 3))
    dim = draw(st.integers(-len(half), len(half) - 1))
    shape = tuple(2 * n if axis == dim % len(half) else n for axis, n in enumerate(half))
    special = awkward(dtype) if draw(st.booleans()) else ()
    x = laid_out(values(seed, shape, dtype, draw(scales), special), draw(layouts))
    left_out = dim == -1 and draw(st.booleans())
    return Case((x,), {} if left_out else {"dim": dim}, seed=seed, dy_scale=draw(dy_scales))


def glu_scale(case: Case, dy: np.ndarray) -> Scale:
    """1 − σ is off by u."""
    dim = case.kwargs.get("dim", -1)
    a, b = np.split(np.abs(case.args[0]), 2, dim)[0], np.split(case.args[0], 2, dim)[1]
    gate = expit(b)
    dx = np.concatenate([np.abs(dy) * gate, np.abs(dy) * a * gate], axis=dim)
    return Scale(a * gate, (dx,), 12)


ROWS = [
    Row(
        "functional.prelu",
        prelu_cases(),
        prelu_scale,
        lambda: Case((values(0, (64, 128, 100), np.float32), values(1, (128,), np.float32)), wrt=(0, 1)),
    ),
    Row("functional.glu", glu_cases(), glu_scale, lambda: Case((values(0, (1000, 1000), np.float32),))),
]
