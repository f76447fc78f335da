"""What word2vec draws: gensim's probabilities, tables in which every word has its share, and windows as loops give."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from gensim.models import Word2Vec
from hypothesis import given
from hypothesis import strategies as st

from numpy_nn import random
from numpy_nn.backend import to_device, to_host
from numpy_nn.word2vec import sampling
from parity_tests.bounds import unit
from parity_tests.strategies import seeds

U = unit(np.dtype(np.float64))
SAMPLES = st.sampled_from([1e-1, 1e-2, 1e-3, 1e-5])
EXPONENTS = st.sampled_from([0.75, 1.0, 0.0, -0.5, 2.0])
INTEGERS = st.sampled_from([np.int32, np.int64])


def zipf(seed: int, words: int = 40) -> np.ndarray:
    """Counts as texts have them, decreasing."""
    counts = np.random.default_rng(seed).pareto(0.8, words) * 10 + 1
    return np.sort(np.minimum(counts, 1e7).astype(np.int64))[::-1].copy()


def gensim(counts: np.ndarray, **settings) -> Word2Vec:
    """A model of gensim's with a vocabulary of words 0, 1, … of these counts."""
    model = Word2Vec(min_count=1, vector_size=1, **settings)
    model.build_vocab_from_freq({str(word): count for word, count in enumerate(counts.tolist())})
    return model


# Which words are kept


@given(seeds, SAMPLES)
def test_a_word_is_kept_with_gensims_probability(seed, sample):
    counts = zipf(seed)
    model = gensim(counts, sample=sample)
    theirs = np.array([model.wv.get_vecattr(str(word), "sample_int") for word in range(counts.size)])
    ours = sampling.keep_probability(counts, sample)
    assert ours.dtype == np.float64
    assert (ours.max() <= 1) & (ours.min() > 0)
    # gensim cuts the probability off to 32 bits; either side rounds it eight times at most
    assert (abs(ours * (2**32 - 1) - theirs) <= 1 + 16 * U * 2**32).all()


@given(seeds, SAMPLES)
def test_a_word_is_kept_with_word2vecs_probability(seed, sample):
    counts = zipf(seed).tolist()
    expected = []
    for count in counts:
        ratio = sample * sum(counts) / count
        expected.append(min(1.0, (math.sqrt(1 / ratio) + 1) * ratio))
    # a share, a quotient, a root, a sum and a product: eight roundings at most, on either side
    np.testing.assert_allclose(sampling.keep_probability(np.array(counts), sample), expected, rtol=16 * U, atol=0)


def test_a_sample_of_zero_keeps_all_and_a_thousandth_is_the_default():
    counts = np.array([10**6, 10, 1])
    assert sampling.keep_probability(counts, 0).tolist() == [1, 1, 1]
    assert sampling.keep_probability(counts, 0).dtype == np.float64
    assert sampling.keep_probability(counts).tolist() == sampling.keep_probability(counts, 1e-3).tolist()
    assert sampling.keep_probability(counts, 1).tolist() == [1, 1, 1]


def test_a_frequent_word_is_kept_less_often():
    kept = sampling.keep_probability(np.array([4000, 3000, 2000, 1000]), 0.1)  # t / f is 1/4, 1/3, 1/2, 1
    assert kept.tolist() == [0.5 + 0.25, pytest.approx(math.sqrt(1 / 3) + 1 / 3, rel=16 * U, abs=0), 1, 1]


# Noise


@given(seeds, EXPONENTS)
def test_noise_is_gensims(seed, exponent):
    counts = zipf(seed)
    theirs = gensim(counts, ns_exponent=exponent).cum_table
    ours = sampling.noise(counts, exponent)
    assert ours.dtype == np.float64
    # gensim rounds the sums to 31 bits; each power, sum and quotient is rounded on either side
    assert (abs(np.cumsum(ours) * (2**31 - 1) - theirs) <= 0.5 + 4 * counts.size * U * 2**31).all()


@given(seeds, EXPONENTS)
def test_noise_is_a_power_of_the_counts(seed, exponent):
    counts = zipf(seed).tolist()
    weights = [count**exponent for count in counts]
    expected = [weight / math.fsum(weights) for weight in weights]
    np.testing.assert_allclose(sampling.noise(np.array(counts), exponent), expected, rtol=4 * len(counts) * U, atol=0)


def test_noise_does_not_overflow():
    counts = np.array([2**62, 2**31, 1])
    assert sampling.noise(counts, 100.0).tolist() == [1, 0, 0]
    assert sampling.noise(counts, -100.0).tolist() == [0, 0, 1]
    assert sampling.noise(counts).tolist() == sampling.noise(counts, 0.75).tolist()


def shares(counts: np.ndarray, size: int, exponent: float) -> np.ndarray:
    """max(1, c p), with the c that makes them size together, found by halving until no number is between the two."""
    p = sampling.noise(counts, exponent)
    low, high = 0.0, float(size) / p.max() + 1
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(1, middle * p).sum() < size else (low, middle)
    return np.maximum(1, high * p)


@given(seeds, st.sampled_from([40, 41, 60, 500, 5000]), EXPONENTS)
def test_every_word_has_its_share_of_the_table(seed, size, exponent):
    counts = zipf(seed)
    table = sampling.noise_table(counts, size, exponent, generator=random.Generator(seed))
    assert (table.dtype, table.shape) == (np.int32, (size,))
    entries = np.bincount(table, minlength=counts.size)
    assert entries.size == counts.size
    assert entries.min() >= 1
    rounded = 8 * counts.size * U * size  # p, on either side, as above; c p is at most size
    assert (abs(entries - shares(counts, size, exponent)) < 1 + rounded).all()


@given(seeds, st.integers(1, 60))
def test_words_of_equal_counts_share_the_table_evenly(seed, words):
    entries = np.bincount(sampling.noise_table(np.full(words, 7), 3 * words, generator=random.Generator(seed)))
    assert entries.tolist() == [3] * words
    assert np.bincount(sampling.noise_table(np.full(words, 7), words)).tolist() == [1] * words


@given(seeds)
def test_the_table_is_ordered_by_what_is_drawn(seed):
    counts = zipf(seed)
    table = sampling.noise_table(counts, 300, generator=random.Generator(seed))
    drawn = random.random_(300, generator=random.Generator(seed)).tolist()
    in_order = sorted(table.tolist())
    assert table.tolist() == [in_order[place] for place in sorted(range(300), key=drawn.__getitem__)]
    random.manual_seed(seed)
    assert table.tolist() == sampling.noise_table(counts, 300).tolist()
    assert table.tolist() != sampling.noise_table(counts, 300).tolist()


def test_the_table_has_four_million_entries_of_counts_to_three_quarters():
    counts = np.array([160_000, 10_000, 1])
    table = sampling.noise_table(counts)
    assert table.size == 2**22
    assert Counter(table.tolist()) == {0: 3_727_856, 1: 465_982, 2: 466}  # 8000 : 1000 : 1


# Windows


@st.composite
def texts(draw: st.DrawFn, window: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of words with ends of sentences, several in a row and none at the end among them; and widths."""
    seed, most = draw(seeds), draw(st.integers(0, 4)) if window is None else window
    generator = np.random.default_rng(seed)
    n = int(generator.integers(0, 30))
    ids = np.where(generator.random(n) < 0.2, -1, generator.integers(0, 9, n))
    return ids.astype(draw(INTEGERS)), generator.integers(0, most + 1, n).astype(draw(INTEGERS))


def around(ids: list[int], i: int, width: int) -> dict[int, int]:
    """The words around a word by their distance."""
    found = {}
    for j in range(i - width, i + width + 1):
        if 0 <= j < len(ids) and j != i and all(word >= 0 for word in ids[min(i, j) : max(i, j) + 1]):
            found[j - i] = ids[j]
    return found


@given(texts())
def test_windows_are_what_nested_loops_give(text):
    ids, widths = text
    expected = [
        (word, context)
        for i, word in enumerate(ids.tolist())
        for context in around(ids.tolist(), i, int(widths[i])).values()
    ]
    centers, contexts = sampling.windows(ids, widths)
    assert centers.dtype == contexts.dtype == ids.dtype
    assert list(zip(centers.tolist(), contexts.tolist(), strict=True)) == expected


@given(texts(window=3), st.integers(3, 5), st.sampled_from([-1, 9, 2**31 - 1]))
def test_a_context_matrix_is_what_nested_loops_give(text, window, pad):
    ids, widths = text
    offsets = [*range(-window, 0), *range(1, window + 1)]
    expected = []
    for i in range(ids.size):
        found = around(ids.tolist(), i, int(widths[i]))
        expected.append([found.get(offset, pad) for offset in offsets])
    matrix = sampling.context_matrix(ids, widths, window, pad)
    assert (matrix.dtype, matrix.shape) == (ids.dtype, (ids.size, 2 * window))
    assert matrix.tolist() == expected


def test_windows_of_a_sentence():
    ids, widths = np.array([3, 1, 4, -1, 5, -1]), np.array([2, 1, 1, 9, 9, 9])
    centers, contexts = sampling.windows(ids, widths)
    assert centers.tolist() == [3, 3, 1, 1, 4]
    assert contexts.tolist() == [1, 4, 3, 4, 1]


def test_the_array_double_gives_the_same():
    counts, (ids, widths) = zipf(1), (np.array([3, 1, 4, -1, 5, 9]), np.array([2, 1, 1, 1, 2, 2]))
    there = [to_device(array, "strict") for array in (counts, ids, widths)]
    for call in (sampling.keep_probability, sampling.noise):
        assert to_host(call(there[0])).tolist() == call(counts).tolist()
    tables = [sampling.noise_table(one, 99, generator=random.Generator(1)) for one in (counts, there[0])]
    assert tables[0].tolist() == to_host(tables[1]).tolist()
    for ours, same in zip(sampling.windows(ids, widths), sampling.windows(*there[1:]), strict=True):
        assert ours.tolist() == to_host(same).tolist()
    matrix = sampling.context_matrix(*there[1:], 2, -1)
    assert to_host(matrix).tolist() == sampling.context_matrix(ids, widths, 2, -1).tolist()


c, n, w = np.array([3, 2, 1]), np.array([0, 1, -1]), np.array([1, 1, 1])
REFUSED = {
    "keep, list": (TypeError, "counts: expected an array of int64 or int32", lambda: sampling.keep_probability([1])),
    "keep, floats": (TypeError, "counts: expected int64 or int32, got float", lambda: sampling.keep_probability(c / 2)),
    "keep, none": (ValueError, "counts: expected shape .V,. with", lambda: sampling.keep_probability(c[:0])),
    "keep, matrix": (ValueError, "counts: expected shape .V,. with", lambda: sampling.keep_probability(c[None])),
    "keep, zero": (ValueError, "counts: expected at least 1, got 0", lambda: sampling.keep_probability(c - 1)),
    "keep, sample": (ValueError, "sample: expected a number of at least 0", lambda: sampling.keep_probability(c, -1)),
    "keep, nan": (ValueError, "sample: expected a number of", lambda: sampling.keep_probability(c, math.nan)),
    "noise, zero": (ValueError, "counts: expected at least 1, got 0", lambda: sampling.noise(c - 1)),
    "noise, inf": (ValueError, "exponent: expected a finite number", lambda: sampling.noise(c, math.inf)),
    "noise, text": (TypeError, "exponent: expected a number", lambda: sampling.noise(c, "1")),
    "table, small": (ValueError, "size: expected at least 3, an entry for each", lambda: sampling.noise_table(c, 2)),
    "table, size": (TypeError, "size: expected an integer", lambda: sampling.noise_table(c, 9.0)),
    "windows, floats": (TypeError, "ids: expected int32 or int64", lambda: sampling.windows(n / 1, w)),
    "windows, list": (TypeError, "widths: expected an array", lambda: sampling.windows(n, [1, 1, 1])),
    "windows, few": (ValueError, r"widths: expected shape \(3,\)", lambda: sampling.windows(n, w[:2])),
    "windows, matrix": (ValueError, r"ids: expected shape \(n,\)", lambda: sampling.windows(n[None], w[None])),
    "windows, below 0": (ValueError, "widths: expected at least 0, got -1", lambda: sampling.windows(n, w - 2)),
    "windows, devices": (ValueError, "array on cpu like ids", lambda: sampling.windows(n, to_device(w, "strict"))),
    "matrix, window": (ValueError, "window: expected at least 1, got 0", lambda: sampling.context_matrix(n, w, 0, -1)),
    "matrix, wide": (IndexError, r"widths: .* in \[0, 3\), got 3", lambda: sampling.context_matrix(n, w + 2, 2, -1)),
    "matrix, pad": (
        ValueError,
        "pad: expected a number that fits int32, got 2147483648",
        lambda: sampling.context_matrix(n.astype(np.int32), w, 1, 2**31),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_sampled_is_refused(what):
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call()
