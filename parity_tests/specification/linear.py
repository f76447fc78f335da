"""Rows of linear, dropout and flatten."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.row import Row
from parity_tests.strategies import (
    awkward,
    dtypes,
    dy_scales,
    laid_out,
    layouts,
    pointwise,
    scales,
    seeds,
    shapes,
    values,
)


@st.composite
def linear_cases(draw: st.DrawFn) -> Case:
    """Any leading dimensions, with and without bias, empty batches and empty features too."""
    dtype, seed = draw(dtypes), draw(seeds)
    leading, in_features, out_features = draw(shapes(0, 3, 4)), draw(st.integers(0, 6)), draw(st.integers(0, 6))
    scale = draw(scales)
    sizes = [(*leading, in_features), (out_features, in_features), (out_features,)]
    arrays = [
        laid_out(values(seed + i, shape, dtype, scale, awkward(dtype)), draw(layouts)) for i, shape in enumerate(sizes)
    ]
    count = 3 if draw(st.booleans()) else 2
    return Case(tuple(arrays[:count]), wrt=tuple(range(count)), seed=seed, dy_scale=draw(dy_scales))


def linear_scale(case: Case, dy: np.ndarray) -> Scale:
    """A product of n terms is off by at most n u times the product of absolute values, in any order of summation."""
    x, weight, *bias = map(np.abs, case.args)
    dy = np.abs(dy)
    N = prod(x.shape[:-1])
    rows, drows = x.reshape(N, x.shape[-1]), dy.reshape(N, len(weight))
    y = x @ weight.T + (bias[0] if bias else 0)
    gradients = (dy @ weight, drows.T @ rows, drows.sum(axis=0))[: len(case.args)]
    return Scale(y, gradients, 2 * (1 + max(N, *weight.shape)))


def dropout_scale(case: Case, dy: np.ndarray) -> Scale:
    """One division and one product."""
    p = case.kwargs.get("p", 0.5)
    kept = 1 / (1 - p) if p < 1 else 1.0
    return Scale(np.abs(case.args[0]) * kept, (np.abs(dy) * kept,), 4)


@st.composite
def dropout_cases(draw: st.DrawFn) -> Case:
    """The mask is drawn in the order of memory, so some run backwards along every axis."""
    options = {"p": st.sampled_from([0.1, 0.5, 0.9, 0.0, 1.0]), "training": st.booleans()}
    case = draw(pointwise(options=st.fixed_dictionaries({}, optional=options)))
    return replace(case, args=(np.asarray(np.flip(case.args[0])),)) if draw(st.booleans()) else case


@st.composite
def flatten_cases(draw: st.DrawFn) -> Case:
    """Any two dimensions in order, counted from either end; a default is as often left out as given."""
    case = draw(pointwise())
    ndim = max(case.args[0].ndim, 1)
    start, end = sorted(draw(st.tuples(st.integers(0, ndim - 1), st.integers(0, ndim - 1))))
    negative = draw(st.booleans())
    case.kwargs.update(start_dim=start - ndim if negative else start, end_dim=end if negative else end - ndim)
    for name, default in (("start_dim", 0), ("end_dim", -1)):
        if case.kwargs[name] == default and draw(st.booleans()):
            del case.kwargs[name]
    return case


ROWS = [
    Row(
        "functional.linear",
        linear_cases(),
        linear_scale,
        lambda: Case(
            (values(0, (256, 784), np.float32), values(1, (128, 784), np.float32), values(2, (128,), np.float32)),
            wrt=(0, 1, 2),
        ),
    ),
    Row(
        "functional.dropout",
        dropout_cases(),
        dropout_scale,
        lambda: Case((values(0, (1000, 1000), np.float32),), {"p": 0.5}),
    ),
    Row(
        "functional.flatten",
        flatten_cases(),
        lambda case, dy: Scale(np.zeros(()), (np.abs(dy).reshape(case.args[0].shape),), 0),
        lambda: Case((values(0, (256, 28, 28), np.float32),), {"start_dim": 1}),
    ),
]
