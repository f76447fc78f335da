"""A Word2Vec model: the words, the two matrices, and how they are trained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.progress import bar
from numpy_nn.random import Generator, uniform
from numpy_nn.word2vec import fast, textbook
from numpy_nn.word2vec.settings import Settings
from numpy_nn.word2vec.vectors import WordVectors
from numpy_nn.word2vec.vocabulary import Sentences, Vocabulary


class Word2Vec:
    """Words and their vectors, which further text changes.

    input: (V, D), the word vectors; they start between −1/(2D) and 1/(2D), drawn from the seed.  output: (V, D), what
    they are compared with, or (V − 1, D) for hierarchical softmax, a row for each inner node of the tree; it starts
    at 0.  frozen: (V,) bool, the words whose vectors stay as they are; None where all learn.
    """

    def __init__(self, vocabulary: Vocabulary, settings: Settings) -> None:
        """An untrained model."""
        self.vocabulary, self.settings = vocabulary, settings
        rows = len(vocabulary) - (settings.objective == "hierarchical")
        self.input = _start(len(vocabulary), settings)
        self.output = np.zeros((rows, settings.vector_size), settings.floating)
        self.frozen: Array | None = None

    @classmethod
    def from_vectors(cls, vectors: WordVectors, settings: Settings) -> Word2Vec:
        """A model that goes on from word vectors. Where they come without counts, each word counts once.

        Raises ValueError for settings of another vector_size.
        """
        if vectors.vectors.shape[1] != settings.vector_size:
            size = vectors.vectors.shape[1]
            raise ValueError(f"vector_size: expected {size} like vectors, got {settings.vector_size}")
        counts = np.ones(len(vectors), np.int64) if vectors.counts is None else np.maximum(vectors.counts, 1)
        model = cls(Vocabulary(vectors.words, counts), settings)
        model.input[:] = vectors.vectors
        return model

    @property
    def vectors(self) -> WordVectors:
        """The word vectors, as they are now."""
        return WordVectors(self.vocabulary.words, self.input, self.vocabulary.counts)

    def freeze(self, words: Iterable[str]) -> None:
        """Let the vectors of these words, and of no others, stay as they are. Raises UnknownWordError."""
        if isinstance(words, str):
            raise TypeError(f"words: expected several words, got the string {words!r}")
        frozen = np.zeros(len(self.vocabulary), bool)
        frozen[[self.vocabulary[word] for word in words]] = True
        self.frozen = frozen if frozen.any() else None

    def extend(self, sentences: Sentences, min_count: int = 5) -> None:
        """Take the words of a further text in: their vectors start as all did, and follow those that are there.

        Raises ValueError for hierarchical softmax: in another tree, the vectors of the inner nodes mean nothing.
        """
        if self.settings.objective == "hierarchical":
            raise ValueError("extend: expected an objective without a tree of words, got 'hierarchical'")
        self.vocabulary = self.vocabulary.extended(sentences, min_count)
        new = len(self.vocabulary) - len(self.input)
        start = _start(len(self.vocabulary), self.settings)[len(self.input) :]
        self.input = np.concatenate([self.input, start])
        self.output = np.concatenate([self.output, np.zeros_like(start)])
        if self.frozen is not None:
            self.frozen = np.concatenate([self.frozen, np.zeros(new, bool)])

    def train(self, sentences: Sentences, **settings: Any) -> None:
        """Learn from a text; words outside the vocabulary are left out.

        settings: what is to be other than in `self.settings`, from now on, if all ends well.  A bar shows how far
        it is.
        Raises TypeError or ValueError for a setting, ValueError where no word is known, and NonFiniteError where
        training diverges; with the fast trainer the model is then as it was.
        """
        changed = replace(self.settings, **settings)
        for name in ("vector_size", "objective", "dtype"):
            if (was := getattr(self.settings, name)) != (got := getattr(changed, name)):
                raise ValueError(f"{name}: expected {was!r}, which the model was made with, got {got!r}")
        encoded = self.vocabulary.encode(sentences)
        before, self.settings = self.settings, changed
        trainer = fast if changed.trainer == "fast" else textbook
        try:
            with bar("Training", encoded.words * changed.epochs, "words") as advance:
                trainer.train(self, encoded, advance)
        except BaseException:
            self.settings = before
            raise


def train(
    sentences: Sentences, vocabulary: Vocabulary | None = None, *, min_count: int = 5, **settings: Any
) -> Word2Vec:
    """Word vectors from a text.

        model = word2vec.train(data.text.Corpus("wiki.txt"), vector_size=100, epochs=5)
        model.vectors.most_similar("king")

    sentences: lists of words, read once for each of: the vocabulary, if none is given, and the text as numbers.
    vocabulary: its words get a vector; by default those that occur at least min_count times.  settings: see Settings.
    Raises TypeError or ValueError for other arguments, NonFiniteError where training diverges.
    Mikolov et al. 2013a, 2013b.
    """
    chosen = Settings(**settings)
    if vocabulary is None and isinstance(sentences, Iterator):
        kind = type(sentences).__name__
        raise TypeError(f"sentences: expected lists of words that can be read twice, got a {kind}; list() keeps them")
    model = Word2Vec(Vocabulary.build(sentences, min_count) if vocabulary is None else vocabulary, chosen)
    model.train(sentences)
    return model


def _start(words: int, settings: Settings) -> Array:
    """Vectors as they start, drawn from the seed."""
    half = 0.5 / settings.vector_size
    shape = words, settings.vector_size
    return uniform(shape, -half, half, dtype=settings.floating, generator=Generator(settings.seed))
