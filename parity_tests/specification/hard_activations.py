"""Rows of the activations that are flat, straight or exponential by parts, and of those that shrink."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from parity_tests.specification.activations import pointwise_row

LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772

lambds = st.sampled_from([0.5, 0.25, 0.0])


def _ones(x: np.ndarray, **options: float) -> np.ndarray:
    return np.ones_like(x)


def _size(x: np.ndarray, **options: float) -> np.ndarray:
    return np.abs(x)


def _third(x: np.ndarray) -> np.ndarray:
    """min(max(x + 3, 0), 6) / 6."""
    return np.clip(x + 3, 0, 6) / 6


def _celu_y(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """The exponent z = x / alpha is rounded by u |z|, which multiplies e^z."""
    z = np.minimum(x / alpha, 0)
    return np.where(x > 0, x, alpha * (np.abs(np.expm1(z)) + np.abs(z) * np.exp(z)))


def _celu_dx(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    z = np.minimum(x / alpha, 0)
    return np.exp(z) * (1 + np.abs(z))


ROWS = [
    pointwise_row(
        "selu",
        lambda x: LAMBDA * np.where(x > 0, x, ALPHA * np.abs(np.expm1(x))),
        lambda x: LAMBDA * np.where(x > 0, 1.0, ALPHA * np.exp(x)),
        8,
    ),
    pointwise_row("celu", _celu_y, _celu_dx, 8, alpha=st.sampled_from([1.0, 0.5, 2.5])),
    pointwise_row(
        "hardtanh",
        lambda x, min_val=-1.0, max_val=1.0: np.abs(np.clip(x, min_val, max_val)),
        _ones,
        1,
        kinks=(-2.0, -1.0, 0.25, 0.5, 1.0, 3.0),
        min_val=st.sampled_from([-1.0, -2.0, 0.25]),
        max_val=st.sampled_from([1.0, 0.5, 3.0]),
    ),
    pointwise_row("relu6", lambda x: np.clip(x, 0, 6), _ones, 1, kinks=(0.0, 6.0)),
    pointwise_row("hardsigmoid", _third, lambda x: np.full_like(x, 1 / 6), 4, kinks=(-3.0, 3.0)),
    pointwise_row(
        "hardswish",
        lambda x: np.abs(x) * _third(x),
        lambda x: np.where(np.abs(x) < 3, np.abs(x) / 3 + 0.5, 1.0),
        4,
        kinks=(-3.0, 3.0),
    ),
    pointwise_row(
        "threshold",
        lambda x, threshold, value: np.where(x > threshold, np.abs(x), abs(value)),
        _ones,
        1,
        kinks=(0.0, 0.5, -1.0),
        required={"threshold": (0.0, 0.5, -1.0), "value": (0.0, 20.0, -3.0)},
    ),
    pointwise_row(
        "rrelu",
        _size,
        _ones,
        4,
        required={"training": (True, False)},
        lower=st.sampled_from([1 / 8, 0.0, -0.5]),
        upper=st.sampled_from([1 / 3, 0.5, 0.9]),
    ),
    pointwise_row("hardshrink", _size, _ones, 1, kinks=(-0.5, 0.5, 0.25, 0.0), lambd=lambds | st.just(-1.0)),
    pointwise_row("softshrink", _size, _ones, 1, kinks=(-0.5, 0.5, 0.25, 0.0), lambd=lambds),
    pointwise_row("tanhshrink", lambda x: np.abs(x) + np.abs(np.tanh(x)), lambda x: 1 + np.tanh(x) ** 2, 8),
]
