"""Word vectors: what is near, what answers, what place a word has, and the layer they make."""

from __future__ import annotations

from typing import Any

import gensim.models
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
from numpy_nn.backend import to_device
from numpy_nn.word2vec import UnknownWordError, WordVectors
from parity_tests.bounds import unit
from parity_tests.strategies import dtypes, seeds
from parity_tests.test_similarity import roundings

WORDS = ["man", "woman", "king", "queen", "prince", "table"]
TABLE = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 1, 0.1], [0, 0, 0, 1]])
ROYAL = WordVectors(WORDS, TABLE, np.array([60, 50, 40, 30, 20, 10]))


def drawn(seed: int, V: int = 12, D: int = 5, dtype: Any = np.float32) -> WordVectors:
    words = [f"w{row}" for row in range(V)]
    return WordVectors(words, np.random.default_rng(seed).standard_normal((V, D)).astype(dtype))


def test_a_word_has_a_row() -> None:
    assert len(ROYAL) == 6
    assert "king" in ROYAL
    assert "kign" not in ROYAL
    assert ROYAL["queen"].tolist() == [0, 1, 1, 0]
    assert ROYAL.index["queen"] == 3
    assert np.shares_memory(ROYAL["queen"], TABLE)
    assert repr(ROYAL) == "WordVectors(6 words, 4 dimensions, float64)"


def test_an_unknown_word_is_told_with_what_is_near() -> None:
    for ask in (
        lambda word: ROYAL[word],
        lambda word: ROYAL.similarity("man", word),
        lambda word: ROYAL.similarity(word, "man"),
        lambda word: ROYAL.most_similar(word),
        lambda word: ROYAL.most_similar("man", [word]),
        lambda word: ROYAL.rank(word, "man"),
        lambda word: ROYAL.rank("man", word),
    ):
        with pytest.raises(UnknownWordError) as caught:
            ask("quen")
        assert str(caught.value).startswith("word: expected one of the 6 words of the vocabulary, got 'quen' (near in")
        assert "queen" in str(caught.value)
    with pytest.raises(KeyError):
        ROYAL[["man"]]  # type: ignore[index]


@given(seeds, dtypes)
def test_similarity_is_the_cosine(seed, dtype) -> None:
    vectors = drawn(seed, dtype=dtype)
    a, b = vectors["w1"].astype(np.float64), vectors["w2"].astype(np.float64)
    expected = a @ b / np.sqrt((a @ a) * (b @ b))
    for given_terms in (("w1", "w2"), ("w2", "w1"), (vectors["w1"], "w2"), ("w1", vectors["w2"])):
        ours = vectors.similarity(*given_terms)
        assert type(ours) is float
        assert abs(ours - expected) <= roundings(5) * unit(np.dtype(dtype))


@given(seeds, dtypes, st.sampled_from(["3cosadd", "3cosmul"]), st.integers(1, 3), st.integers(0, 2), st.integers(1, 14))
def test_most_similar_are_the_best_answers_and_rank_is_their_place(seed, dtype, method, P, N, topn) -> None:
    vectors = drawn(seed, dtype=dtype)
    asked = [f"w{row}" for row in np.random.default_rng(seed).integers(0, 12, P + N)]
    answers = vectors.most_similar(asked[:P], asked[P:], topn, method)
    assert len(answers) == min(topn, 12 - len(set(asked)))
    assert not {word for word, _ in answers} & set(asked)
    scores = [score for _, score in answers]
    assert scores == sorted(scores, reverse=True)
    for place, (word, _) in enumerate(answers, 1):
        assert vectors.rank(word, asked[:P], asked[P:], method) == place
    rest = set(vectors.words) - set(asked) - {word for word, _ in answers}
    assert all(vectors.rank(word, asked[:P], asked[P:], method) > len(answers) for word in rest)


@given(seeds)
def test_most_similar_is_gensims(seed) -> None:
    vectors = drawn(seed, V=11)  # so that all answers are given
    model = gensim.models.KeyedVectors(5)
    model.add_vectors(vectors.words, vectors.vectors)
    for positive, negative in (("w1", []), (["w1", "w2"], ["w3"]), (["w1"], ["w3", "w4"])):
        ours, theirs = dict(vectors.most_similar(positive, negative)), dict(model.most_similar(positive, negative))
        assert ours.keys() == theirs.keys()
        query = np.sum([vectors[word] / np.linalg.norm(vectors[word]) for word in np.atleast_1d(positive)], axis=0)
        query = query - sum(vectors[word] / np.linalg.norm(vectors[word]) for word in negative)
        lost = 1 + 3 / np.linalg.norm(query)  # where terms cancel
        assert all(abs(ours[word] - theirs[word]) <= roundings(5) * lost * unit(query.dtype) for word in ours)


def test_king_minus_man_plus_woman() -> None:
    for method in ("3cosadd", "3cosmul"):
        assert ROYAL.most_similar(["king", "woman"], ["man"], 1, method)[0][0] == "queen"
        assert ROYAL.rank("queen", ["king", "woman"], ["man"], method) == 1
    (first, nearest), (second, near) = ROYAL.most_similar("king", topn=2)
    assert (first, second) == ("prince", "man")
    # two squares, their sum, its root and a quotient for each vector, a product and a sum of these
    assert nearest == pytest.approx(2 / np.sqrt(2 * 2.01), rel=8 * unit(TABLE.dtype), abs=0)
    assert near == pytest.approx(np.sqrt(0.5), rel=8 * unit(TABLE.dtype), abs=0)
    assert [ROYAL.rank(word, "king") for word in ("prince", "man", "queen", "woman", "table")] == [1, 2, 3, 4, 5]


def test_one_term_may_be_a_word_or_a_vector_or_several_of_either() -> None:
    expected = ROYAL.most_similar(["king"])
    assert ROYAL.most_similar("king") == ROYAL.most_similar(("king",), []) == expected
    by_vector = [("king", pytest.approx(1, rel=8 * unit(TABLE.dtype), abs=0)), *expected]
    assert ROYAL.most_similar(ROYAL["king"]) == by_vector  # a vector is no word to leave out
    assert ROYAL.most_similar([ROYAL["king"]]) == by_vector
    assert ROYAL.most_similar(ROYAL["king"][None]) == by_vector
    assert ROYAL.most_similar(["king", ROYAL["woman"]], [ROYAL["man"]])[0][0] == "queen"


def test_ten_are_given_by_default_and_fewer_where_there_are_not_so_many() -> None:
    assert len(drawn(0, V=30).most_similar("w3")) == 10
    assert len(ROYAL.most_similar("king")) == 5
    assert ROYAL.most_similar(WORDS) == []


def test_the_layer_shares_the_vectors_and_is_frozen_unless_told_otherwise() -> None:
    vectors = drawn(1)
    layer = vectors.embedding()
    assert type(layer) is nn.Embedding
    assert np.shares_memory(layer.weight.data, vectors.vectors)
    assert not layer.weight.requires_grad
    assert vectors.embedding(freeze=False).weight.requires_grad
    np.testing.assert_array_equal(layer(np.array([3, 1])), vectors.vectors[[3, 1]], strict=True)


def test_the_double_of_cupy_gives_the_same() -> None:
    there = WordVectors(WORDS, to_device(TABLE, "strict"), to_device(ROYAL.counts, "strict"))
    assert there.similarity("king", "queen") == ROYAL.similarity("king", "queen")
    for method in ("3cosadd", "3cosmul"):
        question = (["king", "woman"], ["man"], 3, method)
        assert there.most_similar(*question) == ROYAL.most_similar(*question)
    assert there.rank("queen", there["queen"]) == 1


@pytest.mark.parametrize("dtype", ["int32", "uint8", "int64"])
def test_counts_are_whole_numbers_of_64_bits(dtype: str) -> None:
    vectors = WordVectors(("a", "b"), np.eye(2), np.array([5, 3], dtype))
    assert vectors.words == ["a", "b"]
    np.testing.assert_array_equal(vectors.counts, np.array([5, 3]), strict=True)
    assert WordVectors(["a"], np.ones((1, 1))).counts is None


eye = np.eye(2)
REFUSED = {
    "no array": (TypeError, "vectors: expected an array", lambda: WordVectors(["a"], [[1.0]])),
    "integers": (TypeError, "vectors: expected float32 or", lambda: WordVectors(["a", "b"], eye.astype(int))),
    "one dimension": (ValueError, r"vectors: expected shape \(V, D\)", lambda: WordVectors(["a", "b"], eye[0])),
    "no words": (ValueError, r"vectors: expected shape", lambda: WordVectors([], eye[:0])),
    "no dimensions": (ValueError, r"vectors: expected shape", lambda: WordVectors(["a", "b"], eye[:, :0])),
    "too few words": (ValueError, "words: expected 2, one for each vector, got 1", lambda: WordVectors(["a"], eye)),
    "twice": (ValueError, "words: .* once, got 'a' as number 0 and 1", lambda: WordVectors(["a", "a"], eye)),
    "no texts": (TypeError, r"words: expected texts, got \[\]", lambda: WordVectors(["a", []], eye)),
    "counts": (ValueError, r"counts: expected shape \(2,\)", lambda: WordVectors("ab", eye, np.arange(3))),
    "part counts": (TypeError, "counts: expected integers", lambda: WordVectors("ab", eye, eye[0])),
    "negative counts": (ValueError, "counts: .* got -1", lambda: WordVectors("ab", eye, np.array([1, -1]))),
    "topn": (ValueError, "topn: expected at least 1, got 0", lambda: ROYAL.most_similar("king", topn=0)),
    "method": (ValueError, "method: expected one of", lambda: ROYAL.most_similar("king", method="cosine")),
    "nothing": (ValueError, "positive: expected at least one word or", lambda: ROYAL.most_similar([], ["king"])),
    "other vectors": (ValueError, r"vector: expected shape \(4,\)", lambda: ROYAL.most_similar(eye[0])),
    "float32": (TypeError, "vector: expected float64", lambda: ROYAL.most_similar(TABLE[0].astype(np.float32))),
    "rank of asked": (ValueError, "not asked with, got 'king'", lambda: ROYAL.rank("king", "king")),
    "nan": (ValueError, "expected finite", lambda: WordVectors(["a", "b"], eye * [[np.nan], [1]]).most_similar("b")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_vectors_of_words_is_refused(what: str) -> None:
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call()
