"""Words and their vectors: what is near, what answers an analogy, and how they are kept in files."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from numpy_nn.backend import Array, array_module, as_array, item, to_host
from numpy_nn.functional import checks
from numpy_nn.modules import Embedding
from numpy_nn.semantics.analogy import analogy
from numpy_nn.semantics.similarity import cosine_similarity
from numpy_nn.word2vec import formats
from numpy_nn.word2vec.errors import UnknownWordError

Term = str | Array
"""A word, or a vector (D,)."""


class WordVectors:
    """A vector for every word.

    words: the words, each once, the most frequent first if counts are known.  vectors: (V, D), float32 or float64, on
    any device; kept as it is, not copied.  counts: (V,) integers, how often each word occurred, or None.  index: the
    row of each word.  `"king" in vectors`, `vectors["king"]`, `len(vectors)`.
    Raises TypeError and ValueError where these do not fit together, and for a word that comes twice.
    """

    def __init__(self, words: Sequence[str], vectors: Array, counts: Array | None = None) -> None:
        checks.floating(vectors=vectors)
        if vectors.ndim != 2 or not vectors.size:
            raise ValueError(f"vectors: expected shape (V, D), neither of them 0, got {vectors.shape}")
        self.words = list(words)
        self.vectors = vectors
        self.counts = None if counts is None else _checked_counts(counts, len(vectors))
        if len(self.words) != len(vectors):
            raise ValueError(f"words: expected {len(vectors)}, one for each vector, got {len(self.words)}")
        if odd := [word for word in self.words if type(word) is not str][:1]:
            raise TypeError(f"words: expected texts, got {odd[0]!r}")
        self.index = {word: row for row, word in enumerate(self.words)}
        if len(self.index) != len(self.words):
            row, word = next((row, word) for row, word in enumerate(self.words) if self.index[word] != row)
            raise ValueError(f"words: expected each once, got {word!r} as number {row} and {self.index[word]}")

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __getitem__(self, word: str) -> Array:
        """The vector of a word, (D,). Raises UnknownWordError, a KeyError."""
        return self.vectors[self._row(word)]

    def __repr__(self) -> str:
        return f"WordVectors({len(self):,} words, {self.vectors.shape[1]} dimensions, {self.vectors.dtype})"

    def similarity(self, a: Term, b: Term) -> float:
        """The cosine similarity of two words, or vectors (D,). Raises UnknownWordError."""
        first, second = (self._vector(term)[None] for term in (a, b))
        return float(item(cosine_similarity(first, second)))

    def most_similar(
        self,
        positive: Term | Sequence[Term],
        negative: Term | Sequence[Term] = (),
        topn: int = 10,
        method: str = "3cosadd",
    ) -> list[tuple[str, float]]:
        """The words that are nearest to the positive terms and far from the negative ones, with their scores.

            vectors.most_similar("king")    vectors.most_similar(["king", "woman"], ["man"])

        positive, negative: words and vectors (D,), one or several.  topn: how many; fewer where there are not so many.
        method: "3cosadd", the score a cosine similarity, or "3cosmul"; see semantics.analogy.
        Words that are asked with are no answers.  Raises UnknownWordError, ValueError for another method or topn.
        """
        checks.integer("topn", topn, low=1)
        return [(self.words[row], score) for row, score in self._answers(positive, negative, topn, method)]

    def rank(
        self, word: str, positive: Term | Sequence[Term], negative: Term | Sequence[Term] = (), method: str = "3cosadd"
    ) -> int:
        """The place of a word among all answers that most_similar would give, 1 for the nearest.

        Raises UnknownWordError, ValueError for a word that is asked with, which has no place.
        """
        row = self._row(word)
        for place, (found, _) in enumerate(self._answers(positive, negative, len(self), method), 1):
            if found == row:
                return place
        raise ValueError(f"word: expected one that is not asked with, got {word!r}")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write words and vectors to a file, whole or not at all; see word2vec.formats for what the endings mean.

        path: ends in .txt or .vec, .bin, .npz or .safetensors. The last two keep the counts.
        Raises ValueError for another ending, and for words or numbers that the format cannot hold.
        """
        counts = None if self.counts is None else to_host(self.counts)
        formats.save(path, self.words, to_host(self.vectors), counts)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        mmap: bool = False,
        *,
        dtype: str | None = None,
        errors: str = "strict",
    ) -> WordVectors:
        """The words and vectors in a file that `save`, word2vec, gensim or fastText wrote, on the CPU.

        path: its ending names the format, see word2vec.formats.  mmap: leave the vectors of a .npz or .safetensors file
        where they are; the system reads the rows that are asked for, and they cannot be changed.  dtype: "float32" or
        "float64"; None is the file's own, float32 for text.  errors: "strict", or "replace" to read words that are not
        UTF-8 with U+FFFD in the place of what is wrong.
        Raises FileNotFoundError, and ValueError where the file is damaged, cut short, too long or something else. No
        more memory is taken than the file has bytes for, whatever it declares.
        """
        found = formats.load(path, mmap, dtype, errors)
        try:
            return cls(*found)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}: {error}") from error

    def embedding(self, freeze: bool = True) -> Embedding:
        """A layer that gives the vectors of word numbers, and shares them; frozen unless freeze is False."""
        return Embedding.from_pretrained(self.vectors, freeze=freeze)

    def _row(self, word: str) -> int:
        try:
            return self.index[word]
        except (KeyError, TypeError):
            raise UnknownWordError(word, self.words) from None

    def _vector(self, term: Term) -> Array:
        if isinstance(term, str):
            return self[term]
        checks.floating(vectors=self.vectors, optional={"vector": term})
        checks.shape("vector", term, self.vectors.shape[1:], "like every word's")
        return term

    def _answers(
        self, positive: Term | Sequence[Term], negative: Term | Sequence[Term], topn: int, method: str
    ) -> list[tuple[int, float]]:
        """Rows and scores of the best answers to one question."""
        xp = array_module(self.vectors)
        given = [_terms(part) for part in (positive, negative)]
        if not given[0]:
            raise ValueError("positive: expected at least one word or vector, got none")
        both = given[0] + given[1]
        terms = xp.stack([self._vector(term) for term in both])
        asked = sorted({self.index[term] for term in both if isinstance(term, str)})
        if len(asked) == len(self):
            return []
        numbers = xp.arange(len(both), dtype="int64")[None]
        found, scores = analogy(
            self.vectors,
            numbers[:, : len(given[0])],
            numbers[:, len(given[0]) :],
            min(topn, len(self) - len(asked)),
            method=method,
            terms=terms,
            exclude=xp.asarray(np.array([asked], dtype=np.int64)),
        )
        return list(zip(to_host(found)[0].tolist(), to_host(scores)[0].tolist(), strict=True))


def _terms(given: Term | Sequence[Term]) -> list[Term]:
    """One term or several, as several; an array of two dimensions is several vectors."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, Sequence):
        return list(given)
    vectors = as_array(given)
    return [vectors[row] for row in range(len(vectors))] if vectors.ndim == 2 else [vectors]


def _checked_counts(counts: Array, words: int) -> Array:
    counts = as_array(counts)
    if counts.dtype.kind not in "iu":
        raise TypeError(f"counts: expected integers, got {counts.dtype}")
    checks.shape("counts", counts, (words,), "one for each vector")
    if (least := item(counts.min())) < 0:
        raise ValueError(f"counts: expected none below 0, got {least}")
    return counts.astype("int64", copy=False)
