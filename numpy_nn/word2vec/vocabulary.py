"""The words of a text, numbered by how often they occur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.progress import bar
from numpy_nn.word2vec.encoded import LIMIT, Encoded, Writer
from numpy_nn.word2vec.errors import UnknownWordError

Sentences = Iterable[list[str]]
"""Lists of words, one after the other: a Corpus, or a list of lists."""

_CHUNK = 1 << 16  # words at a time


class Vocabulary:
    """Words, their numbers, which are the rows of their vectors, and how often each occurs.

    words: (V,) different strings, at least two.  counts: as many integers of at least 1; kept as (V,) int64.
    `index` gives a word's number, `total` is the sum of the counts.
    Raises TypeError or ValueError for anything else.
    """

    def __init__(self, words: Sequence[str], counts: Sequence[int] | Array) -> None:
        self.words = list(words)
        _only_strings("words", self.words)
        self.index = {word: number for number, word in enumerate(self.words)}
        if len(self.words) < 2:
            raise ValueError(f"words: expected at least two, got {self.words or 'none'}")
        if len(self.index) < len(self.words):
            twice = next(word for number, word in enumerate(self.words) if self.index[word] != number)
            raise ValueError(f"words: expected each word once, got {twice!r} twice")
        self.counts = np.asarray(counts)
        checks.shape("counts", self.counts, (len(self.words),), "a count for each word")
        if self.counts.dtype.kind not in "iu":
            raise TypeError(f"counts: expected integers, got {self.counts.dtype}")
        if self.counts.min() < 1:
            raise ValueError(f"counts: expected at least 1, got {self.counts.min()}")
        self.counts = self.counts.astype(np.int64)
        self.total = int(self.counts.sum())

    @classmethod
    def build(cls, sentences: Sentences, min_count: int = 5, max_size: int | None = None) -> Vocabulary:
        """The words that occur at least min_count times, the most frequent first, at most max_size of them.

        Of words that occur equally often, the one that comes first in the text comes first. The text is read once and
        never in memory as a whole. Raises TypeError where a sentence is no list of strings, and ValueError where
        fewer than two words stay.
        """
        _check_limits(min_count, max_size)
        return cls._most_frequent(_count(sentences), min_count, max_size)

    @classmethod
    def from_counts(cls, counts: Mapping[str, int], min_count: int = 1, max_size: int | None = None) -> Vocabulary:
        """The same from counts; of words that occur equally often, the first in the mapping comes first."""
        _check_limits(min_count, max_size)
        _only_strings("counts", counts)
        return cls._most_frequent(
            {word: checks.integer("counts", n) for word, n in counts.items()}, min_count, max_size
        )

    @classmethod
    def _most_frequent(cls, counts: Mapping[str, int], min_count: int, max_size: int | None) -> Vocabulary:
        ordered = _by_count(counts)
        if len(ordered) < 2:
            only = f"only {ordered[0][0]!r}" if ordered else "none"
            raise ValueError(f"sentences: expected at least two different words, got {only}")
        (most, highest), (_, second) = ordered[:2]
        if second < min_count:
            raise ValueError(
                f"min_count: expected at most {second:,}, with which two words stay, got {min_count:,} "
                f"(the highest count is {highest:,}, of {most!r})"
            )
        kept = [(word, n) for word, n in ordered if n >= min_count][:max_size]
        return cls([word for word, _ in kept], [n for _, n in kept])

    def extended(self, sentences: Sentences, min_count: int = 5) -> Vocabulary:
        """A vocabulary with a further text in it: the words here keep their numbers, their counts are added up.

        New words that occur at least min_count times in that text follow, the most frequent first. A word that was
        dropped from this vocabulary is new, its former occurrences are not known. Raises as build does; no new word
        need be there, but at least one word of the text known.
        """
        checks.integer("min_count", min_count, low=1)
        counts = _count(sentences)
        if not counts:
            raise ValueError("sentences: expected at least one word, got none")
        new = [(word, n) for word, n in _by_count(counts) if n >= min_count and word not in self.index]
        again = self.counts + np.array([counts[word] for word in self.words])
        return Vocabulary(self.words + [word for word, _ in new], [*again.tolist(), *(n for _, n in new)])

    def encode(self, sentences: Sentences, limit: int = LIMIT) -> Encoded:
        """The text as numbers: see Encoded. Words outside the vocabulary are left out, sentences of none too.

        limit: from how many numbers on they lie in a temporary file rather than in memory.
        Raises TypeError where a sentence is no list, and ValueError where no word is in the vocabulary.
        """
        end, unknown = object(), -2
        numbers: dict[object, int] = {end: -1}
        numbers.update(self.index)
        with Writer(checks.integer("limit", limit, low=0)) as writer, bar("Numbering words", unit="words") as advance:
            for chunk in _chunks(sentences):
                flat: list[object] = []
                for sentence in chunk:
                    flat += sentence
                    flat.append(end)
                ids = np.array([numbers.get(word, unknown) for word in flat], np.int32)
                writer.write(ids[ids != unknown])
                advance(len(flat) - len(chunk))
            return writer.finish()

    def __len__(self) -> int:
        """The number of words."""
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        """Whether a word is there."""
        return word in self.index

    def __getitem__(self, word: str) -> int:
        """A word's number. Raises UnknownWordError, a KeyError."""
        try:
            return self.index[word]
        except KeyError:
            raise UnknownWordError(word, self.words) from None

    def __repr__(self) -> str:
        """The sizes and the first words."""
        shown = [*self.words[:5], "…"] if len(self) > 5 else self.words
        return f"Vocabulary({len(self):,} words of {self.total:,}: {', '.join(shown)})"


def _count(sentences: Sentences) -> Counter[str]:
    """How often each word occurs, in the order of first occurrence."""
    counts: Counter[str] = Counter()
    with bar("Counting words", unit="words") as advance:
        for chunk in _chunks(sentences):
            counts.update(chain.from_iterable(chunk))
            advance(sum(map(len, chunk)))
    _only_strings("sentences", counts)
    return counts


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Words and counts, the most frequent first; of equals, in their order."""
    return sorted(counts.items(), key=lambda item: -item[1])


def _chunks(sentences: Sentences) -> Iterator[list[list[str]]]:
    """The sentences, some at a time."""
    if isinstance(sentences, str) or not isinstance(sentences, Iterable):
        raise TypeError(f"sentences: expected lists of words, got {sentences!r:.60}; Corpus reads a file")
    chunk: list[list[str]] = []
    size = 0
    for sentence in sentences:
        if not isinstance(sentence, list | tuple):
            raise TypeError(
                f"sentences: expected lists of words, got {type(sentence).__name__} among them; Corpus cuts strings"
            )
        chunk.append(sentence)
        size += len(sentence)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    yield chunk


def _only_strings(name: str, words: Iterable[object]) -> None:
    for word in words:
        if not isinstance(word, str):
            raise TypeError(f"{name}: expected words to be strings, got {word!r}")


def _check_limits(min_count: int, max_size: int | None) -> None:
    checks.integer("min_count", min_count, low=1)
    if max_size is not None:
        checks.integer("max_size", max_size, low=2)
