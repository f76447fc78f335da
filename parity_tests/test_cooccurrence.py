"""Counts of neighbours, what they say, and the sparse matrix that holds them: by loops, by SciPy and by PyTorch."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st

import torch_nn.semantics
from numpy_nn.backend import to_device, to_host
from numpy_nn.semantics import SparseCSR, cooccurrence, ppmi
from parity_tests.bounds import unit, within
from parity_tests.strategies import dtypes, seeds

U = unit(np.dtype(np.float64))
WEIGHTINGS = st.sampled_from(["flat", "harmonic", "linear"])
TEXTS = (seeds, st.integers(1, 7), st.integers(1, 9), WEIGHTINGS)


def drawn_text(seed: int, V: int) -> np.ndarray:
    """Up to 40 ids, in sentences of a few words, empty ones among them."""
    random = np.random.default_rng(seed)
    ids = random.integers(0, V, random.integers(0, 41))
    return np.where(random.random(ids.shape) < 0.15, -1, ids).astype(random.choice([np.int32, np.int64]))


def weight_of(weighting: str, distance: int, window: int) -> Fraction:
    return {"flat": Fraction(1), "harmonic": Fraction(1, distance), "linear": Fraction(window + 1 - distance, window)}[
        weighting
    ]


def counted(ids: np.ndarray, V: int, window: int, weighting: str) -> np.ndarray:
    """The counts by their definition, every place held against every other one, in fractions."""
    counts = [[Fraction(0)] * V for _ in range(V)]
    for i, a in enumerate(ids.tolist()):
        for j, b in enumerate(ids.tolist()):
            if i != j and abs(i - j) <= window and (ids[min(i, j) : max(i, j) + 1] >= 0).all():
                counts[a][b] += weight_of(weighting, abs(i - j), window)
    return np.array(counts, np.float64)


@given(*TEXTS)
def test_counts_are_those_of_the_definition_rounded_once(seed, V, window, weighting):
    ids = drawn_text(seed, V)
    found = cooccurrence(ids, V, window, weighting)
    expected = counted(ids, V, window, weighting)
    np.testing.assert_array_equal(found.to_dense(), expected, strict=True)
    assert found.nnz == np.count_nonzero(expected)


@given(*TEXTS)
def test_counts_are_pytorchs(seed, V, window, weighting):
    ids = drawn_text(seed, V)
    found = cooccurrence(ids, V, window, weighting).to_dense()
    theirs = torch_nn.semantics.cooccurrence(torch.as_tensor(ids.astype(np.int64)), V, window, weighting)
    within("counts", found, theirs.to_dense().numpy(), 2 * len(ids) * U * found)


@given(*TEXTS, st.integers(1, 12))
def test_no_cut_of_the_text_changes_a_bit(seed, V, window, weighting, block):
    ids = drawn_text(seed, V)
    cuts = np.sort(np.random.default_rng(seed).integers(0, len(ids) + 1, 4))
    whole, parts = (
        cooccurrence(text, V, window, weighting, block=size)
        for text, size in ((ids, 1000), (np.split(ids, cuts), block))
    )
    for name in ("crow_indices", "col_indices", "values"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name), strict=True)


def test_neighbours_are_five_to_a_side_by_default_and_count_alike():
    found = cooccurrence(np.arange(8), 8).to_dense()
    assert found[0].tolist() == [0, 1, 1, 1, 1, 1, 0, 0]
    assert np.array_equal(found, found.T)


def test_a_word_beside_itself_is_its_own_neighbour_twice():
    assert cooccurrence(np.array([0, 0, -1, 1]), 2).to_dense().tolist() == [[2, 0], [0, 0]]


def test_a_window_too_wide_for_whole_numbers_rounds_as_any_sum_does():
    found = cooccurrence(np.arange(50), 50, 49, "harmonic").to_dense()
    assert found[0, 1:].tolist() == [1 / d for d in range(1, 50)]


def test_a_million_words_make_a_matrix_of_a_few_pairs():
    found = cooccurrence(np.array([999_999, 0, -1, 999_998, 999_999]), 1_000_000)
    assert (found.nnz, found.shape) == (4, (1_000_000, 1_000_000))
    assert [found.row(i)[0].tolist() for i in (0, 999_998, 999_999)] == [[999_999], [999_999], [0, 999_998]]


@given(seeds, st.integers(1, 7), st.sampled_from([1.0, 5.0, 0.5]), st.sampled_from([0.75, 1.0, 0.0, 0.3]), dtypes)
def test_ppmi_is_that_of_its_definition_and_pytorchs(seed, V, shift, alpha, dtype):
    counts = drawn_counts(seed, V).astype(dtype)
    found = ppmi(SparseCSR.from_dense(counts), shift, alpha)
    assert found.dtype == dtype
    assert (found.values > 0).all()
    expected, bound = np.zeros(counts.shape), np.zeros(counts.shape)
    whole = math.fsum(math.pow(c, alpha) for c in counts.sum(0, np.float64) if c)
    for (i, j), count in np.ndenumerate(counts):
        row, column = float(counts[i].sum(dtype=np.float64)), float(counts[:, j].sum(dtype=np.float64))
        if count:
            logs = [math.log(count), math.log(row), alpha * math.log(column), math.log(whole), math.log(shift)]
            expected[i, j] = max(logs[0] - logs[1] - logs[2] + logs[3] - logs[4], 0)
            # each logarithm off by 4 u of itself, and by the relative error of sums of V terms and of a power
            bound[i, j] = 4 * U * sum(map(abs, logs)) + U * (4 * V + 8 * abs(logs[2]))
    bound += unit(np.dtype(dtype)) * expected
    within("ppmi", found.to_dense(), expected, bound)
    theirs = torch_nn.semantics.ppmi(torch.from_numpy(counts), shift, alpha).numpy()
    within("ppmi by PyTorch", found.to_dense(), theirs, 2 * bound)


def drawn_counts(seed: int, V: int) -> np.ndarray:
    """Counts of many sizes, half of them 0, with now and then a word or a context that never occurs; never all 0."""
    random = np.random.default_rng(seed)
    counts = random.integers(1, 4, (V, V + 1)) * 10 ** random.integers(0, 4, (V, V + 1)) * (random.random(V + 1) < 0.5)
    counts[random.integers(V)] *= random.integers(2)
    counts[-1, -1] += 1
    return counts


def test_ppmi_is_shifted_by_nothing_and_smoothed_by_three_quarters_by_default():
    counts = SparseCSR.from_dense(drawn_counts(3, 5).astype(float))
    np.testing.assert_array_equal(ppmi(counts).to_dense(), ppmi(counts, 1.0, 0.75).to_dense(), strict=True)


def test_ppmi_keeps_only_what_is_positive():
    even = ppmi(SparseCSR.from_dense(np.ones((2, 2))), 1.0, 1.0)
    assert (even.nnz, even.to_dense().tolist()) == (0, [[0, 0], [0, 0]])


# The matrix


def drawn_matrix(seed: int, dtype: type = np.float64) -> np.ndarray:
    """A matrix of up to 6 × 7, two thirds of it 0; whole numbers, so that every sum is exact."""
    random = np.random.default_rng(seed)
    shape = random.integers(1, 7), random.integers(1, 8)
    return (random.integers(-9, 10, shape) * (random.random(shape) < 0.35)).astype(dtype)


@given(seeds, dtypes)
def test_the_matrix_is_scipys_and_pytorchs(seed, dtype):
    dense = drawn_matrix(seed, dtype)
    ours, theirs = SparseCSR.from_dense(dense), scipy.sparse.csr_array(dense)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # PyTorch calls its compressed rows a beta
        compressed = torch.from_numpy(dense).to_sparse_csr()
    np.testing.assert_array_equal(ours.crow_indices, compressed.crow_indices().numpy(), strict=True)
    np.testing.assert_array_equal(ours.col_indices, compressed.col_indices().numpy())
    np.testing.assert_array_equal(ours.values, compressed.values().numpy(), strict=True)
    np.testing.assert_array_equal(ours.to_dense(), dense, strict=True)
    np.testing.assert_array_equal(ours.row_indices, theirs.tocoo().coords[0])
    transposed = ours.t()
    np.testing.assert_array_equal(transposed.crow_indices, theirs.T.tocsr().indptr)
    np.testing.assert_array_equal(transposed.col_indices, theirs.T.tocsr().sorted_indices().indices)
    np.testing.assert_array_equal(transposed.to_dense(), dense.T, strict=True)
    x = np.random.default_rng(seed).integers(-9, 10, (dense.shape[1], 3)).astype(dtype)
    np.testing.assert_array_equal(ours @ x, theirs @ x, strict=True)
    np.testing.assert_array_equal(ours @ x, (compressed @ torch.from_numpy(x)).numpy(), strict=True)
    for dim in (0, 1, -1):
        np.testing.assert_array_equal(ours.sum(dim), dense.sum(dim, dtype=np.float64), strict=True)
    for i in range(len(dense)):
        columns, values = ours.row(i)
        assert columns.tolist() == np.flatnonzero(dense[i]).tolist()
        assert values.tolist() == dense[i][columns].tolist()


@given(seeds)
def test_what_falls_on_one_place_is_added_up(seed):
    random = np.random.default_rng(seed)
    n, shape = random.integers(0, 30), (int(random.integers(1, 5)), int(random.integers(1, 6)))
    rows, columns, values = random.integers(0, shape[0], n), random.integers(0, shape[1], n), random.integers(1, 9, n)
    ours = SparseCSR.from_coo(rows, columns, values.astype(float), shape)
    theirs = torch.sparse_coo_tensor(np.stack([rows, columns]), values * 1.0, shape, check_invariants=True).coalesce()
    assert ours.nnz == theirs.values().numel()
    np.testing.assert_array_equal(ours.to_dense(), theirs.to_dense().numpy(), strict=True)


def test_the_matrix_moves_and_changes_its_dtype():
    ours = SparseCSR.from_dense(drawn_matrix(1))
    there = ours.to("strict").astype("float32")
    assert (there.device, there.dtype, there.to("cpu").device) == ("strict", np.float32, "cpu")
    np.testing.assert_array_equal(to_host(there.to_dense()), drawn_matrix(1).astype(np.float32), strict=True)


@given(*TEXTS)
def test_the_array_double_gives_the_same(seed, V, window, weighting):
    ids = drawn_text(seed, V)
    there = cooccurrence(to_device(ids, "strict"), V, window, weighting, block=7)
    here = cooccurrence(ids, V, window, weighting, block=7)
    pairs = [(there.to_dense(), here.to_dense()), (there.t().to_dense(), here.t().to_dense())]
    x = np.random.default_rng(seed).standard_normal((V, 2))
    pairs += [(there @ to_device(x, "strict"), here @ x), (there.sum(1), here.sum(1))]
    if here.nnz:
        pairs += [(ppmi(there).to_dense(), ppmi(here).to_dense())]
    for ours, expected in pairs:
        np.testing.assert_array_equal(to_host(ours), expected, strict=True)


start, columns, values = np.array([0, 1, 2]), np.array([0, 1]), np.ones(2)
eye = SparseCSR(start, columns, values, (2, 2))
ids = np.array([0, 1, -1])
REFUSED = {
    "ids, a list of numbers": (TypeError, "ids: expected an array of int32", lambda: cooccurrence([0, 1], 2)),
    "ids, floats": (TypeError, "ids: expected int32 or int64", lambda: cooccurrence(ids * 1.0, 2)),
    "ids, a table": (ValueError, r"ids: expected shape \(n,\)", lambda: cooccurrence(ids[None], 2)),
    "ids, none": (ValueError, "at least one array", lambda: cooccurrence([], 2)),
    "ids, no word": (IndexError, r"ids: expected indices in \[-1, 1\), got 1", lambda: cooccurrence(ids, 1)),
    "ids, below -1": (IndexError, r"\[-1, 2\), got -2", lambda: cooccurrence(ids - 1, 2)),
    "no words": (ValueError, "num_words: expected at least 1", lambda: cooccurrence(ids, 0)),
    "window": (ValueError, "window: expected at least 1", lambda: cooccurrence(ids, 2, 0)),
    "window, half": (TypeError, "window: expected an integer", lambda: cooccurrence(ids, 2, 1.5)),
    "block": (ValueError, "block: expected at least 1", lambda: cooccurrence(ids, 2, block=0)),
    "weighting": (ValueError, "weighting: expected one of 'flat'", lambda: cooccurrence(ids, 2, weighting="square")),
    "counts, dense": (TypeError, "counts: expected a SparseCSR, got ndarray", lambda: ppmi(np.eye(2))),
    "counts, negative": (ValueError, "none negative", lambda: ppmi(eye.with_values(-values))),
    "counts, nan": (ValueError, "finite", lambda: ppmi(eye.with_values(values * np.nan))),
    "counts, none": (ValueError, "at least one pair", lambda: ppmi(eye.with_values(values * 0))),
    "counts of one word": (ValueError, "at least one pair", lambda: ppmi(cooccurrence(np.array([0]), 1))),
    "shift": (ValueError, "shift: expected a positive", lambda: ppmi(eye, 0)),
    "shift, nan": (ValueError, "shift: expected a positive", lambda: ppmi(eye, math.nan)),
    "alpha": (ValueError, "alpha: expected a number between 0 and 1", lambda: ppmi(eye, 1.0, 1.5)),
    "values, whole": (TypeError, "values: expected float32", lambda: SparseCSR(start, columns, columns, (2, 2))),
    "values, a table": (ValueError, "values: expected shape", lambda: SparseCSR(start, columns, np.eye(2), (2, 2))),
    "starts, bytes": (TypeError, "crow_indices: expected int64", lambda: SparseCSR(start > 0, columns, values, (2, 2))),
    "starts, too few": (
        ValueError,
        r"crow_indices: expected shape \(3,\)",
        lambda: SparseCSR(start[1:], columns, values, (2, 2)),
    ),
    "starts, falling": (
        ValueError,
        "crow_indices: expected numbers that rise from 0 to 2",
        lambda: SparseCSR(np.array([0, 2, 1, 2]), columns, values, (3, 2)),
    ),
    "starts, from 1": (
        ValueError,
        "crow_indices: expected numbers that rise",
        lambda: SparseCSR(np.array([1, 1, 2]), columns, values, (2, 2)),
    ),
    "starts, too short": (
        ValueError,
        "crow_indices: expected numbers that rise",
        lambda: SparseCSR(np.array([0, 1, 1]), columns, values, (2, 2)),
    ),
    "columns, too many": (
        ValueError,
        r"col_indices: expected shape \(2,\)",
        lambda: SparseCSR(start, np.arange(3), values, (2, 2)),
    ),
    "columns, out of range": (IndexError, "col_indices", lambda: SparseCSR(start, columns, values, (2, 1))),
    "columns, out of order": (
        ValueError,
        "col_indices: expected to increase",
        lambda: SparseCSR(np.array([0, 2]), columns[::-1], values, (1, 2)),
    ),
    "columns, twice": (
        ValueError,
        "col_indices: expected to increase",
        lambda: SparseCSR(np.array([0, 2]), columns * 0, values, (1, 2)),
    ),
    "columns, elsewhere": (
        ValueError,
        "col_indices: expected an array on cpu",
        lambda: SparseCSR(start, to_device(columns, "strict"), values, (2, 2)),
    ),
    "dense, a row": (ValueError, r"x: expected shape \(N, M\)", lambda: SparseCSR.from_dense(values)),
    "rows, out of range": (IndexError, "rows", lambda: SparseCSR.from_coo(columns, columns, values, (1, 2))),
    "rows, too many": (ValueError, "rows: expected", lambda: SparseCSR.from_coo(start, columns, values, (3, 2))),
    "row": (IndexError, r"i: expected a row in \[0, 2\), got 2", lambda: eye.row(2)),
    "product, rows": (ValueError, r"x: expected shape \(2, K\)", lambda: eye @ np.ones((3, 1))),
    "product, a vector": (ValueError, r"x: expected shape \(2, K\)", lambda: eye @ values),
    "product, dtype": (TypeError, "x: expected float64 like values", lambda: eye @ np.eye(2, dtype=np.float32)),
    "product, device": (ValueError, "x: expected an array on cpu", lambda: eye @ to_device(np.eye(2), "strict")),
    "dtype": (TypeError, "dtype: expected float32", lambda: eye.astype("int64")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_counted_is_refused(what: str) -> None:
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call()
