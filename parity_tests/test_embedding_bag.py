"""What embedding_bag refuses, and that bags of one length are bags of any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpy_nn.functional as F
from numpy_nn.backend import to_device
from parity_tests import strict

strict.install()

TABLE = np.arange(10, dtype=np.float32).reshape(5, 2)
ROWS = np.array([[0, 1], [2, 2]])
FLAT = ROWS.reshape(-1)
STARTS = np.array([0, 2])

REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: F.embedding_bag([[0]], TABLE), TypeError, "indices: expected an array of int64 or int32, got list"),
    (lambda: F.embedding_bag(ROWS * 1.0, TABLE), TypeError, "indices: expected int64 or int32, got float64"),
    (lambda: F.embedding_bag(ROWS + 3, TABLE), IndexError, r"indices: expected indices in \[0, 5\), got 5"),
    (lambda: F.embedding_bag(ROWS - 1, TABLE), IndexError, r"indices: expected indices in \[0, 5\), got -1"),
    (lambda: F.embedding_bag(ROWS, None), TypeError, "weight: expected an array, got NoneType"),
    (lambda: F.embedding_bag(ROWS, TABLE.astype(int)), TypeError, "weight: expected float32 or float64, got int64"),
    (lambda: F.embedding_bag(ROWS, TABLE[0]), ValueError, r"weight: expected shape \(num_.* got \(2,\)"),
    (lambda: F.embedding_bag(FLAT, TABLE), ValueError, r"indices: expected shape \(B, L\), .* \(4,\) without offsets"),
    (lambda: F.embedding_bag(ROWS, TABLE, STARTS), ValueError, r"indices: expected .* got \(2, 2\) with offsets"),
    (lambda: F.embedding_bag(ROWS[None], TABLE), ValueError, r"indices: expected .* got \(1, 2, 2\) without offsets"),
    (lambda: F.embedding_bag(FLAT, TABLE, [0, 2]), TypeError, "offsets: expected an array of int64 or int32, got list"),
    (lambda: F.embedding_bag(FLAT, TABLE, STARTS * 1.0), TypeError, "offsets: expected int64 or int32, got float64"),
    (lambda: F.embedding_bag(FLAT, TABLE, ROWS), ValueError, r"offsets: expected shape \(B,\), got \(2, 2\)"),
    (
        lambda: F.embedding_bag(FLAT, TABLE, STARTS + 1),
        ValueError,
        r"offsets: expected to begin with 0 .* got \[1, 3\]",
    ),
    (lambda: F.embedding_bag(FLAT, TABLE, STARTS[:0]), ValueError, r"offsets: expected to begin with 0 .* got \[\]"),
    (lambda: F.embedding_bag(FLAT, TABLE, STARTS * 3), ValueError, r"offsets: expected none below .* got \[0, 6, 4\]"),
    (
        lambda: F.embedding_bag(FLAT, TABLE, np.array([0, 3, 1])),
        ValueError,
        r"offsets: expected none below the one before it, got \[0, 3, 1, 4\]",
    ),
    (
        lambda: F.embedding_bag(FLAT, TABLE, STARTS, include_last_offset=True),
        ValueError,
        r"offsets: expected to begin with 0 and to end by 4, got \[0, 2\]",
    ),
    (
        lambda: F.embedding_bag(FLAT[:0], TABLE, STARTS[:0], include_last_offset=True),
        ValueError,
        r"offsets: expected to begin with 0 and to end by 0, got \[\]",
    ),
    (
        lambda: F.embedding_bag(FLAT, TABLE, STARTS, include_last_offset=2),
        ValueError,
        "include_last_offset: expected one of True, False, got 2",
    ),
    (lambda: F.embedding_bag(ROWS, TABLE, mode="min"), ValueError, "mode: expected one of 'sum', 'mean', 'max', got"),
    (
        lambda: F.embedding_bag(ROWS, TABLE, per_sample_weights=TABLE[:2]),
        ValueError,
        "per_sample_weights: expected None unless mode is \"sum\", got an array for 'mean'",
    ),
    (
        lambda: F.embedding_bag(ROWS, TABLE, mode="sum", per_sample_weights=TABLE),
        ValueError,
        r"per_sample_weights: expected shape \(2, 2\) \(like indices\), got \(5, 2\)",
    ),
    (
        lambda: F.embedding_bag(ROWS, TABLE, mode="sum", per_sample_weights=TABLE[:2].astype(float)),
        TypeError,
        "per_sample_weights: expected float32 like weight, got float64",
    ),
    (lambda: F.embedding_bag(ROWS, TABLE, padding_idx=5), ValueError, r"padding_idx: expected a row .* got 5"),
    (lambda: F.embedding_bag(ROWS, TABLE, max_norm=-1), ValueError, "max_norm: expected a number of at least 0, got"),
    (lambda: F.embedding_bag(ROWS, to_device(TABLE, "strict")), ValueError, "indices: expected an array on strict"),
    (
        lambda: F.embedding_bag(to_device(FLAT, "strict"), to_device(TABLE, "strict"), STARTS),
        ValueError,
        "offsets: expected an array on strict",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED, ids=[row[2] for row in REFUSED])
def test_it_refuses(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}"):
        call()


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_of_one_length_are_bags_of_any(mode: str) -> None:
    y, backward = F.embedding_bag(ROWS, TABLE, mode=mode)
    same, same_backward = F.embedding_bag(FLAT, TABLE, STARTS, mode=mode)
    dy = np.array([[1, 2], [4, 8]], np.float32)
    assert np.array_equal(y, same)
    assert np.array_equal(backward(dy), same_backward(dy))


def test_rows_without_columns_are_empty_bags() -> None:
    y, backward = F.embedding_bag(np.empty((3, 0), np.int64), TABLE)
    assert np.array_equal(y, np.zeros((3, 2)))
    assert np.array_equal(backward(np.ones((3, 2), np.float32)), np.zeros((5, 2)))


def test_nothing_is_scaled_down_where_the_call_is_refused() -> None:
    table = TABLE.copy()
    with pytest.raises(ValueError, match="offsets"):
        F.embedding_bag(FLAT, table, STARTS + 1, max_norm=0.1)
    assert np.array_equal(table, TABLE)
