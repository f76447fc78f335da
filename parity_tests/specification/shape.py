"""Rows of the formulas that only move values: reshape, transpose, permute, cat, stack and getitem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case, tensor
from parity_tests.specification.row import Row
from parity_tests.strategies import dtypes, dy_scales, laid_out, layouts, pointwise, seeds, shapes, values


@st.composite
def reshape_cases(draw: st.DrawFn) -> Case:
    """The lengths in another order, cut in two or joined, one of them now and then left to be found."""
    case = draw(pointwise())
    random, sides = np.random.default_rng(case.seed), list(case.args[0].shape)
    random.shuffle(sides)
    if random.random() < 0.5:
        sides.insert(int(random.integers(len(sides) + 1)), 1)
    if len(sides) > 1 and random.random() < 0.5:
        sides[:2] = [sides[0] * sides[1]]
    if sides and random.random() < 0.5 and case.args[0].size:
        sides[int(random.integers(len(sides)))] = -1
    return replace(case, kwargs={"shape": tuple(sides)})


@st.composite
def transpose_cases(draw: st.DrawFn) -> Case:
    """Any two dimensions, counted from either end."""
    case = draw(pointwise())
    bound = max(case.args[0].ndim, 1)
    dims = draw(st.tuples(*[st.integers(-bound, bound - 1)] * 2))
    return replace(case, kwargs={"dim0": dims[0], "dim1": dims[1]})


@st.composite
def permute_cases(draw: st.DrawFn) -> Case:
    """Any order, counted from either end."""
    case = draw(pointwise())
    random, ndim = np.random.default_rng(case.seed), case.args[0].ndim
    return replace(case, kwargs={"dims": tuple(int(d - ndim * random.integers(2)) for d in random.permutation(ndim))})


@st.composite
def sequences(draw: st.DrawFn, along: bool) -> Case:
    """One to three arrays of one shape; of different lengths along a dimension that they have, where there is one."""
    dtype, seed, count = draw(dtypes), draw(seeds), draw(st.integers(1, 3))
    shape = draw(shapes(1 if along else 0, 3, 3))
    bound = len(shape) + (not along)
    dim = draw(st.integers(-bound, bound - 1))
    sides = [list(shape) for _ in range(count)]
    if along:
        for side, length in zip(sides, np.random.default_rng(seed).integers(0, 4, count), strict=True):
            side[dim] = int(length)
        sides[0][dim] += 1 if len(shape) == 1 else 0  # PyTorch passes over an array of shape (0,)
    arrays = tuple(laid_out(values(seed + i, tuple(s), dtype), draw(layouts)) for i, s in enumerate(sides))
    kwargs = {} if dim == 0 and draw(st.booleans()) else {"dim": dim}
    return Case(arrays, kwargs, wrt=tuple(range(count)), seed=seed, dy_scale=draw(dy_scales), packed=True)


@st.composite
def index_cases(draw: st.DrawFn) -> Case:
    """Integers, slices, new dimensions and an Ellipsis beside arrays of integers, which repeat, or a mask."""
    case = draw(pointwise())
    x, random = case.args[0], np.random.default_rng(case.seed)
    arrays = draw(st.sampled_from(["none", "integers", "mask"]))
    together = (int(random.integers(0, 5)),) if random.random() < 0.6 else (2, 3)
    masked = int(random.integers(0, x.ndim)) if arrays == "mask" and x.ndim else -1
    index: list[Any] = []
    for axis, side in enumerate(x.shape):
        if axis == masked:
            index.append(random.random(side) < 0.6)
        elif arrays == "integers" and side and random.random() < 0.6:
            shape = together if random.random() < 0.7 else together[-1:]
            index.append(random.integers(-side, side, shape).astype(random.choice([np.int64, np.int32])))
        elif side and random.random() < 0.3:
            index.append(int(random.integers(-side, side)))
        else:
            start, stop = (int(bound) for bound in random.integers(-side - 1, side + 2, 2))
            index.append(slice(None) if random.random() < 0.4 else slice(start, stop, int(random.integers(1, 3))))
    if random.random() < 0.3 and index:
        start = int(random.integers(len(index)))
        index[start : start + int(random.integers(3))] = [Ellipsis]
    if random.random() < 0.3:
        index.insert(int(random.integers(len(index) + 1)), None)
    return replace(case, kwargs={"index": index[0] if len(index) == 1 and random.random() < 0.5 else tuple(index)})


def index_scale(case: Case, dy: np.ndarray) -> Scale:
    """A gradient is the sum of those of the places that its element was picked for."""
    x = case.args[0]
    index = case.mapped(tensor).kwargs["index"]
    places = torch.arange(x.size).reshape(x.shape)[index].numpy()
    dx = np.zeros(x.size)
    np.add.at(dx, places.reshape(-1), np.abs(dy).reshape(-1))
    return Scale(np.zeros(()), (dx.reshape(x.shape),), 2 * dy.size)


def moved(back: Callable[[Case, np.ndarray], Any]) -> Callable[[Case, np.ndarray], Scale]:
    """Nothing is rounded. back: |dy| as the gradient, or gradients."""

    def scale(case: Case, dy: np.ndarray) -> Scale:
        gradients = back(case, np.abs(dy))
        return Scale(np.zeros(()), tuple(gradients) if isinstance(gradients, list) else (gradients,), 0)

    return scale


def _parts(case: Case, dy: np.ndarray) -> list[np.ndarray]:
    axis = case.kwargs.get("dim", 0)
    return np.split(dy, np.cumsum([x.shape[axis] for x in case.args])[:-1], axis)


def _large(**options: Any) -> Callable[[], Case]:
    return lambda: Case((values(0, (256, 28, 28), np.float32),), options)


def _large_sequence() -> Case:
    arrays = tuple(values(i, (500, 1000), np.float32) for i in range(2))
    return Case(arrays, {"dim": 1}, wrt=(0, 1), packed=True)


ROWS = [
    Row(
        "functional.reshape",
        reshape_cases(),
        moved(lambda case, dy: dy.reshape(case.args[0].shape)),
        _large(shape=(256, 784)),
    ),
    Row(
        "functional.transpose",
        transpose_cases(),
        moved(lambda case, dy: np.swapaxes(dy, case.kwargs["dim0"], case.kwargs["dim1"]) if dy.ndim else dy),
        _large(dim0=0, dim1=2),
    ),
    Row(
        "functional.permute",
        permute_cases(),
        moved(lambda case, dy: dy.transpose(np.argsort(np.array(case.kwargs["dims"], dtype=int) % max(dy.ndim, 1)))),
        _large(dims=(2, 0, 1)),
    ),
    Row("functional.cat", sequences(along=True), moved(_parts), _large_sequence),
    Row(
        "functional.stack",
        sequences(along=False),
        moved(lambda case, dy: list(np.moveaxis(dy, case.kwargs.get("dim", 0), 0))),
        _large_sequence,
    ),
    Row(
        "functional.getitem",
        index_cases(),
        index_scale,
        lambda: Case(
            (values(0, (10_000, 100), np.float32),), {"index": np.random.default_rng(0).integers(0, 10_000, 4096)}
        ),
    ),
]
