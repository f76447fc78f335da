"""Rows of the activations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import pi, sqrt
from types import MappingProxyType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.special import expit

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


def pointwise_row(
    name: str,
    y: Callable[..., np.ndarray],
    dx: Callable[..., np.ndarray],
    roundings: int,
    kinks: tuple[float, ...] = (0.0,),
    required: Mapping[str, tuple[Any, ...]] = MappingProxyType({}),
    **options: st.SearchStrategy[Any],
) -> Row:
    """A row of a function of one number; y and dx are S for the value and for the derivative.

    required: the options that are always given, and one of which values.  options: those that may be left out.
    """

    def scale(case: Case, dy: np.ndarray) -> Scale:
        x = case.args[0]
        with np.errstate(all="ignore"):
            return Scale(y(x, **case.kwargs), (np.abs(dy) * dx(x, **case.kwargs),), roundings)

    always = {name: st.sampled_from(some) for name, some in required.items()}
    return Row(
        name=f"functional.{name}",
        cases=pointwise(kinks, st.fixed_dictionaries(always, optional=options)),
        scale=scale,
        large=lambda: Case((values(0, (1000, 1000), np.float32),), {name: some[0] for name, some in required.items()}),
    )


def _softplus_tanh(x: np.ndarray) -> np.ndarray:
    return np.tanh(np.logaddexp(0, x))


def _mish_dx(x: np.ndarray) -> np.ndarray:
    """t + |x| σ (1 − t²), the last taken as 1 + t² until t is 1 exactly."""
    t = _softplus_tanh(x)
    return t + np.where(x < 20, np.abs(x) * expit(x) * (1 + t * t), 0)


def _tanh_slope(x: np.ndarray) -> np.ndarray:
    return sqrt(2 / pi) * (1 + 3 * 0.044715 * x * x)


def _gelu_dx(x: np.ndarray, approximate: str = "none") -> np.ndarray:
    """Φ + |x| φ, the exponent −x²/2 rounded; or the tanh form with 1 − t² taken as 1 + t² until t is 1 exactly."""
    if approximate == "none":
        return 1 + np.abs(x) * np.exp(-0.5 * x * x) / sqrt(2 * pi) * (1 + 0.5 * x * x)
    u = sqrt(2 / pi) * (np.abs(x) + 0.044715 * np.abs(x) ** 3)
    return 1 + np.where(u < 20, np.abs(x) * _tanh_slope(x), 0)


slopes = st.sampled_from([0.01, 0.3, 0.0, -0.5, 2.0])
alphas = st.sampled_from([1.0, 0.5, 2.5, -1.5, 0.0])
betas = st.sampled_from([1.0, 0.5, 3.0])


@st.composite
def along_a_dimension(draw: st.DrawFn) -> Case:
    """A call of softmax or log_softmax: ties, equal rows and logits of ±1e4 among the values."""
    dtype, seed = draw(dtypes), draw(seeds)
    special = (*awkward(dtype), 1.0, 1.0, -2.0) if draw(st.booleans()) else ()
    x = values(seed, draw(shapes()), dtype, draw(scales), special)
    bound = max(x.ndim, 1)
    return Case(
        args=(laid_out(x, draw(layouts)),),
        kwargs={"dim": draw(st.integers(-bound, bound - 1))},
        seed=seed,
        dy_scale=draw(dy_scales),
    )


def softmax_parts(x: np.ndarray, axis: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """|x − max|, log Σ e^(x − max), and the softmax."""
    keep: dict[str, Any] = {"axis": axis, "keepdims": True}
    depth = x.max(**keep) - x
    total = np.exp(-depth).sum(**keep)
    return depth, np.log(total), np.exp(-depth) / total


def softmax_scale(case: Case, dy: np.ndarray) -> Scale:
    """The exponent x − max is rounded by u |x − max|, which multiplies e^(x − max)."""
    x, axis = case.args[0], case.kwargs["dim"] if case.args[0].ndim else None
    if not x.size:
        return Scale(x, (x,), 1)
    depth, _, p = softmax_parts(x, axis)
    y = p * (1 + depth)
    inner = (np.abs(dy) * y).sum(axis=axis, keepdims=True)
    return Scale(y, (y * (np.abs(dy) + inner),), 2 * (4 + _length(x, axis)))


def log_softmax_scale(case: Case, dy: np.ndarray) -> Scale:
    """y is off by u (|x − max| + |log Σ| + n), and so is e^y relative to itself."""
    x, axis = case.args[0], case.kwargs["dim"] if case.args[0].ndim else None
    if not x.size:
        return Scale(x, (x,), 1)
    depth, log_total, p = softmax_parts(x, axis)
    y = depth + log_total + 1
    dx = np.abs(dy) + p * y * np.abs(dy).sum(axis=axis, keepdims=True)
    return Scale(y, (dx,), 2 * (4 + _length(x, axis)))


def softmin_scale(case: Case, dy: np.ndarray) -> Scale:
    """That of the softmax of −x."""
    return softmax_scale(replace(case, args=(-case.args[0],)), dy)


def _length(x: np.ndarray, axis: int | None) -> int:
    return x.size if axis is None else x.shape[axis]


def _along(name: str, scale: Callable[[Case, np.ndarray], Scale]) -> Row:
    def large() -> Case:
        return Case((values(0, (256, 1000), np.float32),), {"dim": 1})

    return Row(f"functional.{name}", along_a_dimension(), scale, large)


ROWS = [
    pointwise_row("relu", lambda x: np.abs(x), lambda x: np.ones_like(x), 1),
    pointwise_row(
        "leaky_relu",
        lambda x, negative_slope=0.01: np.abs(x) * max(1, abs(negative_slope)),
        lambda x, negative_slope=0.01: np.full_like(x, max(1, abs(negative_slope))),
        2,
        negative_slope=slopes,
    ),
    pointwise_row(
        "elu",
        lambda x, alpha=1.0: np.where(x > 0, x, np.abs(alpha * np.expm1(x))),
        lambda x, alpha=1.0: np.where(x > 0, 1.0, abs(alpha) * np.exp(x)),
        8,
        alpha=alphas,
    ),
    pointwise_row("sigmoid", expit, expit, 8),
    pointwise_row("tanh", lambda x: np.abs(np.tanh(x)), lambda x: 1 + np.tanh(x) ** 2, 8),
    pointwise_row(
        "softplus",
        lambda x, beta=1.0, threshold=20.0: np.logaddexp(0, beta * x) / beta * (1 + np.abs(beta * x)),
        lambda x, beta=1.0, threshold=20.0: expit(beta * x) * (1 + np.abs(beta * x)),
        8,
        kinks=(20.0, 40.0, 20 / 3, 0.0, 5.0),
        beta=betas,
        threshold=st.sampled_from([20.0, 5.0]),
    ),
    pointwise_row(
        "gelu",
        lambda x, approximate="none": np.abs(x),
        _gelu_dx,
        16,
        approximate=st.sampled_from(["none", "tanh"]),
    ),
    pointwise_row("silu", lambda x: np.abs(x) * expit(x), lambda x: expit(x) * (1 + 2 * np.abs(x)), 8),
    pointwise_row("mish", lambda x: np.abs(x) * _softplus_tanh(x), _mish_dx, 16),
    pointwise_row("logsigmoid", lambda x: np.logaddexp(0, -x), lambda x: expit(-x), 8),
    pointwise_row(
        "softsign",
        lambda x: np.abs(x) / (1 + np.abs(x)),
        lambda x: 2 / (1 + np.abs(x)),  # PyTorch takes 1 / (1 + |x|) − |x| / (1 + |x|)²
        8,
    ),
    _along("softmax", softmax_scale),
    _along("log_softmax", log_softmax_scale),
    _along("softmin", softmin_scale),
]
