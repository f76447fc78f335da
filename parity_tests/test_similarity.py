"""Similarity, nearest neighbours and analogies: against PyTorch, scikit-learn and gensim; exact, in little memory."""

from __future__ import annotations

import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import gensim.models
import numpy as np
import pytest
import sklearn.metrics.pairwise
import sklearn.neighbors
import torch
from hypothesis import given
from hypothesis import strategies as st

from numpy_nn import semantics
from numpy_nn.backend import to_device, to_host
from parity_tests.bounds import agree, unit
from parity_tests.strategies import dtypes, laid_out, layouts, scales, seeds
from parity_tests.test_cupy import needs_cupy
from torch_nn.semantics import similarity as torch_semantics

SOURCES = Path(semantics.__file__).parent
methods = st.sampled_from(["3cosadd", "3cosmul"])
blocks = st.integers(1, 40)


def vectors(seed: int, count: int, D: int, dtype: Any = np.float64, scale: float = 1.0) -> np.ndarray:
    """Vectors of all lengths, one in eight of them 0."""
    random = np.random.default_rng(seed)
    lengths = scale * 10 ** random.uniform(-3, 3, (count, 1)) * (random.random((count, 1)) > 1 / 8)
    return np.asarray(random.standard_normal((count, D)) * lengths, dtype=dtype)


def axes(seed: int, count: int, D: int, dtype: Any) -> np.ndarray:
    """Vectors along axes, up, down or 0: all similarities are −1, 0 or 1, exactly, and most are equal."""
    random = np.random.default_rng(seed)
    found = np.zeros((count, D), dtype)
    found[np.arange(count), random.integers(0, D, count)] = random.choice([-2.0, 0.0, 0.5, 4.0], count)
    return found


def roundings(D: int) -> int:
    """A unit vector is off by D/2 + 3 roundings, relatively; a product of two by D more; in both wings."""
    return 2 * (2 * (D // 2 + 3) + D + 2)


def absolute(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The similarities of the absolute values."""
    wide = [np.abs(x.astype(np.float64)) for x in (a, b)]
    return semantics.cosine_similarity(*wide)


def tensors(*arrays: np.ndarray) -> list[torch.Tensor]:
    return [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]


@given(seeds, st.integers(0, 7), st.integers(1, 7), st.integers(1, 9), dtypes, scales, layouts)
def test_cosine_similarity_is_pytorchs(seed, N, M, D, dtype, scale, layout) -> None:
    a, b = vectors(seed, N, D, dtype, scale), vectors(seed + 1, M, D, dtype, scale)
    before = a.copy(), b.copy()
    ours = semantics.cosine_similarity(laid_out(a, layout), laid_out(b, layout))
    theirs = torch_semantics.cosine_similarity(*tensors(a, b)).numpy()
    exact = torch_semantics.cosine_similarity(*(x.double() for x in tensors(a, b))).numpy()
    agree("cosine_similarity", ours, theirs, absolute(a, b), roundings(D), exact if dtype == np.float32 else None)
    np.testing.assert_array_equal(a, before[0], strict=True)
    np.testing.assert_array_equal(b, before[1], strict=True)


@given(seeds, st.integers(1, 9), dtypes)
def test_cosine_similarity_is_scikit_learns(seed, D, dtype) -> None:
    a, b = vectors(seed, 5, D, dtype), vectors(seed + 1, 4, D, dtype)
    expected = sklearn.metrics.pairwise.cosine_similarity(a.astype(np.float64), b.astype(np.float64))
    agree("cosine_similarity", semantics.cosine_similarity(a, b), expected.astype(dtype), absolute(a, b), roundings(D))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_length_is_too_small_or_too_large(dtype: Any) -> None:
    info = np.finfo(dtype)
    sizes = [info.smallest_subnormal, info.tiny, 1e-30, 1.0, 1e30, info.max]
    long = np.array([[size, 0, -size] for size in sizes], dtype=dtype)
    ones = np.ones((6, 6), dtype)
    agree("cosine_similarity", semantics.cosine_similarity(long, long), ones, ones, roundings(3) / 2)  # in one wing
    assert semantics.cosine_similarity(long, long * 0).tolist() == [[0] * 6] * 6
    assert np.isnan(semantics.cosine_similarity(np.array([[np.inf, 1], [np.nan, 1]], dtype), long[:, :2])).all()


@given(seeds, st.integers(1, 300), st.integers(1, 30), st.integers(1, 6), st.integers(0, 3), dtypes, blocks)
def test_of_equal_similarities_the_lower_index_is_nearer(seed, Q, V, D, E, dtype, block) -> None:
    """Where all similarities are exact, so are the answers: those of a stable sort of all, in both wings."""
    random = np.random.default_rng(seed)
    queries, table = axes(seed, Q, D, dtype), axes(seed + 1, V, D, dtype)
    E = min(E, V - 1)
    k = int(random.integers(1, V - E + 1))
    exclude = random.integers(-1, V, (Q, E)).astype(random.choice(["int64", "int32"])) if E else None
    index, found = semantics.nearest_neighbours(queries, table, k, exclude=exclude, block=block)
    left_out = None if exclude is None else torch.from_numpy(exclude)
    theirs, expected = torch_semantics.nearest_neighbours(*tensors(queries, table), k, exclude=left_out)
    np.testing.assert_array_equal(index, theirs.numpy(), strict=True)
    np.testing.assert_array_equal(found, expected.numpy(), strict=True)
    by_hand = (np.sign(queries) @ np.sign(table).T).tolist()
    for row, similarities in enumerate(by_hand):
        out = set() if exclude is None else set(exclude[row].tolist())
        order = sorted(set(range(V)) - out, key=lambda place: (-similarities[place], place))
        assert index[row].tolist() == order[:k]


@given(seeds, st.integers(0, 5), st.integers(1, 60), st.integers(1, 9), dtypes, blocks, scales)
def test_nearest_neighbours_are_pytorchs(seed, Q, V, D, dtype, block, scale) -> None:
    queries, table = vectors(seed, Q, D, dtype), vectors(seed + 1, V, D, dtype, scale)
    k = int(np.random.default_rng(seed).integers(1, V + 1))
    index, found = semantics.nearest_neighbours(queries, table, k, block=block)
    assert (index.shape, index.dtype) == ((Q, k), np.int64)
    _, theirs = torch_semantics.nearest_neighbours(*tensors(queries, table), k)
    S = np.broadcast_to(absolute(queries, table).max(axis=1, keepdims=True, initial=0), found.shape)
    exact = torch_semantics.nearest_neighbours(*(x.double() for x in tensors(queries, table)), k)[1].numpy()
    agree("similarities", found, theirs.numpy(), S, roundings(D), exact if dtype == np.float32 else None)
    every = semantics.cosine_similarity(queries.astype(np.float64), table.astype(np.float64))
    agree("of these indices", found, np.take_along_axis(every, index, 1).astype(dtype), S, roundings(D))
    assert all(len(set(row)) == k for row in index.tolist())
    assert (np.diff(found) <= 0).all()


@given(seeds, st.integers(2, 30), st.integers(2, 9))
def test_nearest_neighbours_are_scikit_learns(seed, V, D) -> None:
    random = np.random.default_rng(seed)
    queries, table = random.standard_normal((4, D)), random.standard_normal((V, D))
    k = int(random.integers(1, V + 1))
    model = sklearn.neighbors.NearestNeighbors(n_neighbors=k, metric="cosine", algorithm="brute").fit(table)
    distances, expected = model.kneighbors(queries)
    index, found = semantics.nearest_neighbours(queries, table, k)
    np.testing.assert_array_equal(index, expected)
    agree("similarities", found, 1 - distances, np.ones(found.shape) * D, roundings(D))


def test_neighbours_of_many_take_little_memory() -> None:
    """1.2 GB of similarities, of which no more than some megabytes are there at any time."""
    table = np.random.default_rng(0).standard_normal((100_000, 8), dtype=np.float32)
    index, _ = semantics.nearest_neighbours(table[:40], table, 3)
    tracemalloc.start()
    try:
        all_at_once, found = semantics.nearest_neighbours(np.tile(table[:40], (75, 1)), table, 3)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 24 << 20
    assert (all_at_once[:, 0] == np.tile(np.arange(40), 75)).all()
    np.testing.assert_array_equal(all_at_once, np.tile(index, (75, 1)))
    ones = np.ones(3000, np.float32)
    agree("similarities", found[:, 0], ones, ones, 2 * (8 / 2 + 3) + 2)  # of two unit vectors, and of their product


def questions(seed: int, V: int, P: int, N: int, Q: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Questions of words that are all different."""
    random = np.random.default_rng(seed)
    words = np.array([random.permutation(V)[: P + N] for _ in range(Q)])
    return words[:, :P], words[:, P:]


@given(seeds, st.integers(7, 40), st.integers(2, 9), st.integers(1, 3), st.integers(0, 2), methods, dtypes, blocks)
def test_analogies_are_pytorchs(seed, V, D, P, N, method, dtype, block) -> None:
    table = np.random.default_rng(seed).standard_normal((V, D)).astype(dtype)
    positive, negative = questions(seed, V, P, N)
    k = int(np.random.default_rng(seed).integers(1, V - P - N + 1))
    index, scores = semantics.analogy(table, positive, negative, k, method=method, block=block)
    _, theirs = torch_semantics.analogy(*tensors(table, positive, negative), k, method=method)
    wide = tensors(table.astype(np.float64), positive, negative)
    exact = torch_semantics.analogy(*wide, k, method=method)[1].numpy()
    S, factor = analogy_scale(table.astype(np.float64), positive, negative, exact, method)
    agree("scores", scores, theirs.numpy(), S, factor, exact if dtype == np.float32 else None)
    for row, asked in zip(index.tolist(), np.hstack([positive, negative]).tolist(), strict=True):
        assert not set(row) & set(asked)
        assert len(set(row)) == k
    assert (np.diff(scores) <= 0).all()


def analogy_scale(table, positive, negative, scores, method: str, eps: float = 1e-3) -> tuple[np.ndarray, float]:
    """What one rounding of each similarity makes of a score, at most, and how many there are."""
    D, terms = table.shape[1], positive.shape[1] + negative.shape[1]
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    if method == "3cosadd":
        query = unit[positive].sum(1) - unit[negative].sum(1)
        worst = 1 + terms / np.linalg.norm(query, axis=1, keepdims=True)  # what is lost where terms cancel
        return np.broadcast_to(worst * np.sqrt(D), scores.shape), 4 * roundings(D)
    against = ((1 + unit[negative] @ unit.T) / 2).prod(1) + eps
    least = against.min(axis=1, keepdims=True)
    return np.broadcast_to((1 / least + 1 / least**2) * np.sqrt(D), scores.shape), 2 * terms * roundings(D)


@given(seeds, st.integers(7, 40), methods, st.booleans())
def test_analogies_are_gensims(seed, V, method, several) -> None:
    """gensim's eps is 1e-6."""
    random = np.random.default_rng(seed)
    table = random.standard_normal((V, 6)).astype(np.float32)
    positive, negative = questions(seed, V, 2 if several else 1, 1)
    model = gensim.models.KeyedVectors(6)
    model.add_vectors(list(map(str, range(V))), table)
    ask = model.most_similar if method == "3cosadd" else model.most_similar_cosmul
    index, scores = semantics.analogy(table, positive, negative, V - 1 - positive.shape[1], method=method, eps=1e-6)
    theirs = np.zeros_like(scores)
    for row in range(len(positive)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # gensim's, of its own
            answers = ask(*(list(map(str, part[row])) for part in (positive, negative)), topn=V)
        expected = {int(word): score for word, score in answers}
        assert set(expected) == set(index[row].tolist())
        theirs[row] = [expected[word] for word in index[row].tolist()]
    S, factor = analogy_scale(table.astype(np.float64), positive, negative, scores, method, 1e-6)
    agree("scores", scores, theirs, S, 2 * factor)


def test_man_is_to_king_as_woman_to_queen() -> None:
    """By hand: king − man + woman = (0, 0, 2) + …, with a distractor that is nearer to king than the answer is."""
    words = ["man", "woman", "king", "queen", "prince", "table"]
    table = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 1, 0.1], [0, 0, 0, 1]], float)
    positive, negative = np.array([[words.index("king"), words.index("woman")]]), np.array([[words.index("man")]])
    for method in ("3cosadd", "3cosmul"):
        index, scores = semantics.analogy(table, positive, negative, 3, method=method)
        assert words[index[0, 0]] == "queen"
    root = np.sqrt(0.5)
    queen = (1 + root) / 2 * (1 + 0.5) / 2 / (0.5 + 1e-3)  # cos with woman √½, with king ½, with man 0
    assert scores[0, 0] == pytest.approx(queen, rel=32 * unit(table.dtype), abs=0)  # of three cosines, and queen


def test_terms_may_be_other_vectors_and_then_nothing_is_left_out() -> None:
    table, terms = np.eye(3), np.eye(3)[::-1].copy()
    one = np.array([[0]])
    nothing = np.zeros((1, 0), np.int64)
    for method in ("3cosadd", "3cosmul"):
        assert semantics.analogy(table, one, nothing, 1, method=method, terms=terms)[0] == 2
        assert semantics.analogy(table, one, nothing, method=method)[0].tolist() == [[1]]  # one answer by default
        assert semantics.analogy(table, one, nothing, 3, method=method, exclude=nothing)[0].tolist() == [[0, 1, 2]]


def test_no_question_has_no_answer() -> None:
    nobody = np.zeros((0, 2), np.int64)
    for method in ("3cosadd", "3cosmul"):
        index, scores = semantics.analogy(np.eye(5), nobody, nobody[:, :1], 2, method=method)
        assert index.shape == scores.shape == (0, 2)
    assert semantics.cosine_similarity(np.eye(2)[:0], np.eye(2)).shape == (0, 2)


# CuPy


@pytest.mark.parametrize("method", ["3cosadd", "3cosmul"])
def test_the_double_of_cupy_gives_the_same(method: str) -> None:
    table = vectors(3, 50, 6, np.float32)
    positive, negative = questions(3, 50, 2, 1)
    there = [to_device(array, "strict") for array in (table, positive, negative)]
    ours = semantics.analogy(table, positive, negative, 4, method=method, block=16)
    for here, strict in zip(ours, semantics.analogy(*there, 4, method=method, block=16), strict=True):
        np.testing.assert_array_equal(to_host(strict), here, strict=True)
    similar = semantics.cosine_similarity(there[0], there[0])
    np.testing.assert_array_equal(to_host(similar), semantics.cosine_similarity(table, table), strict=True)


@needs_cupy
@pytest.mark.parametrize("name", ["similarity.py", "analogy.py"])
def test_cupy_has_what_is_asked_of_it(name: str) -> None:
    from parity_tests.cupy_namespace import problems

    assert problems((SOURCES / name).read_text(), dtypes_only=True) == []


# Bad input

two, three = np.ones((4, 2)), np.ones((4, 3))
nan = np.array([[1.0, 2.0], [0.0, np.nan], [np.inf, 1.0]])
one = np.array([[0]])
nobody = np.zeros((1, 0), np.int64)


def neighbours(*args: Any, **options: Any) -> Any:
    return semantics.nearest_neighbours(*args, **options)


REFUSED = {
    "lists": (TypeError, "a: expected an array, got list", lambda: semantics.cosine_similarity([[1.0]], two)),
    "integers": (TypeError, "b: expected float32", lambda: semantics.cosine_similarity(two, two.astype(int))),
    "two dtypes": (TypeError, "b: expected float64 like a", lambda: semantics.cosine_similarity(two, two.astype("f4"))),
    "lengths": (ValueError, r"b: expected shape \(4, 2\)", lambda: semantics.cosine_similarity(two, three)),
    "one vector": (ValueError, "a: expected vectors as rows", lambda: semantics.cosine_similarity(two[0], two)),
    "no components": (ValueError, "at least one component", lambda: semantics.cosine_similarity(two[:, :0], two)),
    "devices": (ValueError, "b: .* on cpu like a", lambda: semantics.cosine_similarity(two, to_device(two, "strict"))),
    "nan among queries": (ValueError, "queries: expected finite .* in row 1", lambda: neighbours(nan, two, 1)),
    "nan among vectors": (ValueError, "vectors: .* in row 1", lambda: neighbours(two, nan, 1)),
    "infinity": (ValueError, "vectors: .* in row 2", lambda: neighbours(two, nan[[0, 0, 2]], 1, block=2)),
    "k = 0": (ValueError, "k: expected at least 1, got 0", lambda: neighbours(two, two, 0)),
    "k > V": (ValueError, "k: expected at most 4, of 4 vectors without 0", lambda: neighbours(two, two, 5)),
    "k is no integer": (TypeError, "k: expected an integer", lambda: neighbours(two, two, 1.5)),
    "block = 0": (ValueError, "block: expected at least 1", lambda: neighbours(two, two, 1, block=0)),
    "k > V - E": (ValueError, "at most 3, of 4 .* 1, got 4", lambda: neighbours(two[:1], two, 4, exclude=one)),
    "floats excluded": (TypeError, "exclude: expected int64", lambda: neighbours(two, two, 1, exclude=two)),
    "excluded rows": (ValueError, r"exclude: expected shape \(4, E\)", lambda: neighbours(two, two, 1, exclude=one)),
    "excluded 4": (IndexError, "exclude: .* got 4", lambda: neighbours(two[:1], two, 1, exclude=one + 4)),
    "excluded -2": (IndexError, "exclude: .* got -2", lambda: neighbours(two[:1], two, 1, exclude=one - 2)),
    "method": (ValueError, "method: expected one of '3cosadd'", lambda: semantics.analogy(two, one, one, 1, method="")),
    "nothing asked": (ValueError, "positive: expected at least one", lambda: semantics.analogy(two, nobody, one)),
    "no such term": (IndexError, "negative: .* got 4", lambda: semantics.analogy(two, one, one + 4)),
    "rows of terms": (ValueError, "negative: expected a row for each", lambda: semantics.analogy(two, one, one[:0])),
    "terms as floats": (TypeError, "positive: expected int64", lambda: semantics.analogy(two, two, one)),
    "other terms": (
        TypeError,
        "terms: expected float64",
        lambda: semantics.analogy(two, one, one, terms=two.astype("f4")),
    ),
    "eps < 0": (ValueError, "eps: expected a number of at least 0", lambda: semantics.analogy(two, one, one, eps=-1)),
    "nan among terms": (ValueError, "terms: expected finite", lambda: semantics.analogy(nan, one + 1, one)),
    "nan, 3cosmul": (ValueError, "terms: .*finite", lambda: semantics.analogy(nan, one + 1, one, method="3cosmul")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_space_is_refused(what: str) -> None:
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call()
