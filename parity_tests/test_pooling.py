"""What pooling refuses, and where it goes on when PyTorch does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import numpy_nn.functional as F

X = np.arange(32, dtype=np.float32).reshape(2, 1, 4, 4)

WINDOWS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"kernel_size": 5}, ValueError, r"kernel_size: expected one that fits x \(2, 1, 4, 4\) padded by \(0, 0\), got"),
    ({"kernel_size": 0}, ValueError, "kernel_size: expected at least 1, got 0"),
    ({"kernel_size": 2.0}, TypeError, "kernel_size: expected an integer, got 2.0"),
    ({"kernel_size": (2, 2, 2)}, ValueError, r"kernel_size: expected an integer or 2 of them, got \(2, 2, 2\)"),
    ({"kernel_size": 2, "stride": 0}, ValueError, "stride: expected at least 1, got 0"),
    ({"kernel_size": 2, "stride": -1}, ValueError, "stride: expected at least 1, got -1"),
    ({"kernel_size": 2, "padding": -1}, ValueError, "padding: expected at least 0, got -1"),
    (
        {"kernel_size": (2, 3), "padding": (1, 2)},
        ValueError,
        r"padding: expected at most half of kernel_size \(2, 3\), got \(1, 2\)",
    ),
    ({"kernel_size": 2, "ceil_mode": None}, ValueError, "ceil_mode: expected one of True, False, got None"),
]

REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    *(
        (lambda name=name, options=options: getattr(F, name)(X, **options), error, message)
        for options, error, message in WINDOWS
        for name in ("max_pool2d", "avg_pool2d")
    ),
    *(
        (lambda name=name, options=options: getattr(nn, name)(**options)(X), error, message)
        for options, error, message in WINDOWS
        for name in ("MaxPool2d", "AvgPool2d")
    ),
    *(
        (
            lambda name=name: getattr(F, name)(X[0, 0], 2),
            ValueError,
            r"x: expected shape \(N, C, H, W\) or .* got \(4, 4\)",
        )
        for name in ("max_pool2d", "avg_pool2d", "adaptive_avg_pool2d")
    ),
    *(
        (lambda name=name: getattr(F, name)(X[:, :, :0], 2), ValueError, r"x: expected shape .* got \(2, 1, 0, 4\)")
        for name in ("max_pool2d", "avg_pool2d", "adaptive_avg_pool2d")
    ),
    (lambda: F.max_pool2d([[1.0]], 2), TypeError, "x: expected an array, got list"),
    (lambda: F.max_pool2d(X.astype(int), 2), TypeError, "x: expected float32 or float64, got int64"),
    (lambda: F.max_pool2d(X, 2, dilation=0), ValueError, "dilation: expected at least 1, got 0"),
    (lambda: F.max_pool2d(X, 2, dilation=4), ValueError, "kernel_size: expected one that fits x"),
    (lambda: nn.MaxPool2d(2, dilation=0), ValueError, "dilation: expected at least 1, got 0"),
    (lambda: nn.MaxPool2d(2, return_indices=True), ValueError, "return_indices: expected one of False, got True"),
    (
        lambda: F.avg_pool2d(X, 2, count_include_pad=2),
        ValueError,
        "count_include_pad: expected one of True, False, got 2",
    ),
    (lambda: F.avg_pool2d(X, 2, divisor_override=0), ValueError, "divisor_override: expected an integer other than 0"),
    (lambda: F.avg_pool2d(X, 2, divisor_override=2.0), TypeError, "divisor_override: expected an integer, got 2.0"),
    (lambda: nn.AvgPool2d(2, count_include_pad=2), ValueError, "count_include_pad: expected one of True, False, got 2"),
    (lambda: F.adaptive_avg_pool2d(X, -1), ValueError, "output_size: expected at least 0, got -1"),
    (
        lambda: F.adaptive_avg_pool2d(X, (1, 2, 3)),
        ValueError,
        r"output_size: expected an integer or two, got \(1, 2, 3\)",
    ),
    (lambda: F.adaptive_avg_pool2d(X, None), TypeError, "output_size: expected an integer, got None"),
    (lambda: F.adaptive_avg_pool2d(X, 1.0), TypeError, "output_size: expected an integer, got 1.0"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED, ids=[f"{n} {row[2]}" for n, row in enumerate(REFUSED)])
def test_it_refuses(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}"):
        call()


def test_a_window_that_sees_nothing_is_less_than_all_and_has_no_gradient() -> None:
    """PyTorch gives −∞, too, but its gradient would be written outside the image."""
    x = np.ones((1, 1, 1), np.float32)
    options = {"kernel_size": 2, "padding": 1, "dilation": 2}
    y, backward = F.max_pool2d(x, **options)
    assert y.tolist() == torch.nn.functional.max_pool2d(torch.from_numpy(x), **options).tolist() == [[[-np.inf]]]
    assert backward(np.ones_like(y)).tolist() == [[[0]]]


def test_an_output_of_nothing_has_a_gradient_of_zeros() -> None:
    """For which PyTorch's backward raises."""
    y, backward = F.adaptive_avg_pool2d(X, (0, 2))
    assert y.shape == torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(X), (0, 2)).shape == (2, 1, 0, 2)
    assert not backward(y).any()


@pytest.mark.parametrize("call", [lambda x: F.max_pool2d(x, 2), lambda x: F.adaptive_avg_pool2d(x, 1)])
def test_images_without_a_batch_are_a_batch_of_one(call: Callable[[np.ndarray], Any]) -> None:
    (y, backward), (alone, alone_backward) = call(X[:1]), call(X[0])
    np.testing.assert_array_equal(alone, y[0])
    np.testing.assert_array_equal(alone_backward(alone), backward(y)[0])
