"""Words are counted and numbered as gensim counts and numbers them, and a text is its words' numbers."""

from __future__ import annotations

import errno
import pickle
import re
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
import pytest
from gensim.models import Word2Vec
from hypothesis import assume, given
from hypothesis import strategies as st

from numpy_nn.data.text import Corpus
from numpy_nn.word2vec import UnknownWordError, Vocabulary, encoded, vocabulary
from numpy_nn.word2vec.errors import near_in_spelling

WORDS = ["가", "나", "the", "a", "x", "y"]
SENTENCES = st.lists(st.lists(st.sampled_from(WORDS), max_size=8), max_size=12)
TEXT = [["b", "a", "c"], ["a", "c"], ["a", "d", "c", "b"]]


def build(*arguments, chunk: int = 3, **named) -> Vocabulary:
    """Vocabulary.build with few words at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary, "_CHUNK", chunk)
        return Vocabulary.build(*arguments, **named)


# Counting


@given(SENTENCES, st.integers(1, 4), st.integers(1, 30))
def test_words_and_counts_are_gensims(sentences, min_count, chunk):
    theirs = Word2Vec(min_count=min_count, vector_size=1)
    theirs.build_vocab(sentences)
    assume(len(theirs.wv) > 1)
    ours = build(sentences, min_count, chunk=chunk)
    assert sorted(ours.words) == sorted(theirs.wv.index_to_key)  # gensim orders words of the same count as it happens
    assert ours.counts.dtype == np.int64
    assert ours.counts.tolist() == [theirs.wv.get_vecattr(word, "count") for word in ours.words]
    assert ours.counts.tolist() == theirs.wv.expandos["count"].tolist()
    assert ours.index == {word: number for number, word in enumerate(ours.words)}
    assert ours.total == sum(ours.counts.tolist())
    assert len(ours) == len(ours.words)


@given(SENTENCES, st.integers(2, 6))
def test_the_most_frequent_are_kept_and_of_equals_the_first(sentences, max_size):
    counted = Counter(word for sentence in sentences for word in sentence)
    assume(len(counted) > 1)
    ours = build(sentences, 1, max_size)
    assert list(zip(ours.words, ours.counts.tolist(), strict=True)) == counted.most_common(max_size)
    same = Vocabulary.from_counts(counted, 1, max_size)
    assert (same.words, same.counts.tolist()) == (ours.words, ours.counts.tolist())


def test_five_occurrences_are_needed_by_default():
    text = [["a"] * 5, ["b"] * 4, ["c"] * 6]
    assert Vocabulary.build(text).words == ["c", "a"]
    assert Vocabulary.from_counts({"a": 1, "b": 2}).words == ["b", "a"]
    assert Vocabulary.from_counts({"a": 1, "b": 2, "c": 3}, min_count=2).words == ["c", "b"]


def test_any_iterable_of_sentences_is_counted_once():
    for sentences in (iter(TEXT), (tuple(sentence) for sentence in TEXT), Corpus(["b a c", "a c", "a d c b"])):
        ours = build(sentences, 1)
        assert (ours.words, ours.counts.tolist()) == (["a", "c", "b", "d"], [3, 3, 2, 1])


def test_a_word_has_a_number():
    ours = build(TEXT, 1)
    assert [ours[word] for word in ours.words] == [0, 1, 2, 3]
    assert "a" in ours
    assert "z" not in ours
    assert repr(ours) == "Vocabulary(4 words of 9: a, c, b, d)"
    assert repr(Vocabulary(list("abcdef"), [1] * 6)) == "Vocabulary(6 words of 6: a, b, c, d, e, …)"


# Numbers


def numbered(ours: Vocabulary, sentences: list[list[str]]) -> list[int]:
    """Word for word, sentence for sentence."""
    ids = []
    for sentence in sentences:
        known = [ours.words.index(word) for word in sentence if word in ours.words]
        if known:
            ids += [*known, -1]
    return ids


def encode(ours: Vocabulary, sentences: list[list[str]], limit: int, chunk: int) -> encoded.Encoded:
    """Vocabulary.encode with few words at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary, "_CHUNK", chunk)
        return ours.encode(sentences, limit)


@given(SENTENCES, st.integers(1, 12), st.integers(0, 40))
def test_a_text_is_its_words_numbers(sentences, chunk, limit):
    ours = Vocabulary(["the", "가", "a", "z"], [4, 3, 2, 1])
    expected = numbered(ours, sentences)
    assume(expected)
    found = encode(ours, sentences, limit, chunk)
    assert found.ids.dtype == np.int32
    assert found.ids.tolist() == expected
    assert found.words == len(expected) - expected.count(-1)
    assert not found.ids.flags.writeable


@pytest.mark.parametrize(("limit", "mapped"), [(0, True), (11, True), (12, False)])
def test_many_numbers_lie_in_a_file_without_a_name(limit, mapped, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ours = build(TEXT, 1)
    found = encode(ours, TEXT, limit, 1)
    assert isinstance(found.ids.base, np.memmap) == mapped
    assert list(tmp_path.iterdir()) == []
    assert found.ids.tolist() == numbered(ours, TEXT)


def test_no_more_than_a_chunk_of_a_text_is_in_memory():
    class Sentence(list):
        """A list that can be watched."""

        __hash__ = object.__hash__

    alive: weakref.WeakSet[Sentence] = weakref.WeakSet()
    most = 0

    def read() -> Iterator[list[str]]:
        nonlocal most
        for number in range(100):
            sentence = Sentence([f"w{number % 7}"] * 2)
            alive.add(sentence)
            most = max(most, len(alive))
            yield sentence
            del sentence

    ours = build(read(), 1, chunk=4)
    encode(ours, read(), 0, 4)
    assert most <= 4


def test_the_bar_moves_by_every_word(monkeypatch):
    moved = []

    @contextmanager
    def bar(what: str, unit: str) -> Iterator[Callable[[int], None]]:
        moved.append([what])
        yield moved[-1].append

    monkeypatch.setattr(vocabulary, "bar", bar)
    encode(build(TEXT, 1), [*TEXT, ["unknown"], []], 0, 3)
    assert moved == [["Counting words", 3, 6, 0], ["Numbering words", 3, 6, 1]]


def test_a_full_disk_is_named(monkeypatch):
    monkeypatch.setattr(encoded, "TemporaryFile", lambda buffering: open("/dev/full", "wb", buffering))  # noqa: SIM115
    with pytest.raises(OSError, match=f"numbers of words are kept in {tempfile.gettempdir()}; TMPDIR names") as caught:
        build(TEXT, 1).encode(TEXT, limit=0)
    assert caught.value.errno == errno.ENOSPC


# A further text


@given(SENTENCES, SENTENCES, st.integers(1, 3))
def test_a_further_text_adds_its_words_behind(first, second, min_count):
    before, after = (Counter(word for sentence in text for word in sentence) for text in (first, second))
    assume(len(before) > 1 and after)
    old = build(first, 1)
    kept = list(old.words), old.counts.tolist()
    new = old.extended(second, min_count)
    assert (old.words, old.counts.tolist()) == kept
    added = [word for word, count in after.most_common() if count >= min_count and word not in before]
    assert new.words == old.words + added
    assert new.counts.tolist() == [before[word] + after[word] for word in new.words]
    assert [new[word] for word in new.words] == list(range(len(new)))


def test_new_words_come_by_count():
    new = Vocabulary(["a", "b"], [2, 1]).extended([["c", "d", "b"], ["d", "e"]], 1)
    assert (new.words, new.counts.tolist()) == (["a", "b", "d", "c", "e"], [2, 2, 2, 1, 1])


def test_five_occurrences_are_needed_of_a_new_word_by_default():
    old = Vocabulary(["a", "b"], [2, 1])
    assert old.extended([["c"] * 5 + ["d"] * 4 + ["b"]]).words == ["a", "b", "c"]


# What is no vocabulary

two = Vocabulary(["a", "b"], [2, 1])
REFUSED = {
    "nothing": (ValueError, "sentences: expected at least two different words, got none", lambda: build([], 1)),
    "no words": (ValueError, "sentences: expected at least two different words, got none", lambda: build([[], []], 1)),
    "one word": (ValueError, "expected at least two different words, got only 'a'", lambda: build([["a", "a"]], 1)),
    "min_count above all": (
        ValueError,
        r"min_count: expected at most 3, with which two words stay, got 9 \(the highest count is 3, of 'a'\)",
        lambda: build(TEXT, 9),
    ),
    "min_count above all but one": (
        ValueError,
        r"min_count: expected at most 1, .*, got 2 \(the highest count is 2, of 'x'\)",
        lambda: build([["y", "x", "x"]], 2),
    ),
    "min_count 0": (ValueError, "min_count: expected at least 1, got 0", lambda: build(TEXT, 0)),
    "min_count 1.5": (TypeError, "min_count: expected an integer, got 1.5", lambda: build(TEXT, 1.5)),
    "max_size 1": (ValueError, "max_size: expected at least 2, got 1", lambda: build(TEXT, 1, 1)),
    "a string": (TypeError, "sentences: expected lists of words, got 'a b'; Corpus reads a file", lambda: build("a b")),
    "a number": (TypeError, "sentences: expected lists of words, got 3", lambda: build(3)),
    "strings": (TypeError, "expected lists of words, got str among them; Corpus cuts strings", lambda: build(["a b"])),
    "numbers": (TypeError, "sentences: expected words to be strings, got 1", lambda: build([["a", 1]], 1)),
    "counts, one": (ValueError, "expected at least two different words, got only 'a'", lambda: counts({"a": 3})),
    "counts, floats": (TypeError, "counts: expected an integer, got 1.5", lambda: counts({"a": 3, "b": 1.5})),
    "counts, numbers": (TypeError, "counts: expected words to be strings, got 1", lambda: counts({1: 3, "b": 1})),
    "counts, min_count": (ValueError, "min_count: expected at most 1, .* got 2", lambda: counts({"a": 3, "b": 1}, 2)),
    "encode, nothing": (ValueError, "at least one word of the vocabulary, got none", lambda: two.encode([])),
    "encode, others": (ValueError, "at least one word of the vocabulary, got none", lambda: two.encode([["c"], []])),
    "encode, strings": (TypeError, "expected lists of words, got str among them", lambda: two.encode(["a"])),
    "encode, limit": (ValueError, "limit: expected at least 0, got -1", lambda: two.encode([["a"]], -1)),
    "extended, nothing": (ValueError, "sentences: expected at least one word, got none", lambda: two.extended([[]])),
    "extended, min_count": (ValueError, "min_count: expected at least 1, got 0", lambda: two.extended(TEXT, 0)),
    "new, one": (ValueError, r"words: expected at least two, got \['a'\]", lambda: Vocabulary(["a"], [1])),
    "new, twice": (ValueError, "words: expected each word once, got 'a' twice", lambda: Vocabulary("aba", [1, 1, 1])),
    "new, numbers": (TypeError, "words: expected words to be strings, got 3", lambda: Vocabulary(["a", 3], [1, 1])),
    "new, few counts": (ValueError, r"counts: expected shape \(2,\)", lambda: Vocabulary(["a", "b"], [1])),
    "new, floats": (TypeError, "counts: expected integers, got float64", lambda: Vocabulary(["a", "b"], [1.0, 2.0])),
    "new, zero": (ValueError, "counts: expected at least 1, got 0", lambda: Vocabulary(["a", "b"], [1, 0])),
}


def counts(*arguments) -> Vocabulary:
    return Vocabulary.from_counts(*arguments)


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_vocabulary_is_refused(what):
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call()


def test_a_list_of_counts_stays_its_owners():
    mine = np.array([2, 1])
    ours = Vocabulary(["a", "b"], mine)
    mine[0] = 7
    assert ours.counts.tolist() == [2, 1]


# Words that are not there


def test_an_unknown_word_is_named_with_what_is_near_to_it():
    ours = Vocabulary.from_counts({f"w{n:05}": 9 for n in range(2000)} | {"king": 3, "kin": 2, "queen": 1})
    message = "word: expected one of the 2,003 words of the vocabulary, got 'kign' (near in spelling: king, kin)"
    with pytest.raises(UnknownWordError, match=f"^{re.escape(message)}$") as caught:
        ours["kign"]
    assert isinstance(caught.value, KeyError)
    assert caught.value.__cause__ is None
    assert str(pickle.loads(pickle.dumps(caught.value))) == message
    with pytest.raises(UnknownWordError, match=r"2,003 words of the vocabulary, got 3$"):
        ours[3]
    with pytest.raises(UnknownWordError, match=r"got 'zebra'$"):
        ours["zebra"]


def test_near_is_what_is_spelled_so():
    assert near_in_spelling("King", ["kin", "king", "King's"]) == ["king", "kin", "King's"]
    assert near_in_spelling("강아쥐", ["망치", "강아지", "고양이"]) == ["강아지"]
    assert near_in_spelling("갓", ["고", "강", "a"]) == ["강"]
    assert near_in_spelling("ab", ["abc", "b", "ac", "ba", "xy", "abcd"], count=9) == ["abc", "b", "ac", "ba"]
    assert near_in_spelling("a", ["b", "A", "ab"]) == ["A"]
    assert near_in_spelling("", ["a", "b"]) == []


@cache
def slips(a: str, b: str) -> int:
    """The definition."""
    if not a or not b:
        return len(a) + len(b)
    found = min(slips(a[:-1], b) + 1, slips(a, b[:-1]) + 1, slips(a[:-1], b[:-1]) + (a[-1] != b[-1]))
    if len(a) > 1 and len(b) > 1 and (a[-1], a[-2]) == (b[-2], b[-1]):
        found = min(found, slips(a[:-2], b[:-2]) + 1)
    return found


SPELLED = st.text(st.sampled_from("abc"), max_size=6)


@given(SPELLED, st.lists(SPELLED, max_size=20, unique=True), st.integers(1, 5))
def test_the_nearest_have_the_fewest_slips(word, words, count):
    most = min(2, len(word) // 2)
    near = sorted((slips(word, other), place) for place, other in enumerate(words) if slips(word, other) <= most)
    assert near_in_spelling(word, words, count) == [words[place] for _, place in near[:count]]
