"""The text that all contenders train on: cut into words and numbered once, and handed on as files."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from numpy_nn.data.text import Corpus
from numpy_nn.word2vec import Encoded, Vocabulary


@dataclass(frozen=True)
class Text:
    """A text as numbers, and the words they are of."""

    vocabulary: Vocabulary
    encoded: Encoded

    @classmethod
    def read(cls, corpus: str, min_count: int) -> Text:
        """A file or folder as `words` cuts it, in small letters; words that are rarer than min_count are left out.

        Raises FileNotFoundError, or ValueError where it holds no text or too little of it.
        """
        sentences = Corpus(corpus)
        vocabulary = Vocabulary.build(sentences, min_count)
        return cls(vocabulary, vocabulary.encode(sentences))

    def save(self, folder: Path) -> None:
        """Write it where `load` finds it."""
        np.save(folder / "ids.npy", self.encoded.ids)
        np.save(folder / "counts.npy", self.vocabulary.counts)
        (folder / "words.txt").write_text("\n".join(self.vocabulary.words), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Text:
        """What was saved."""
        ids, counts = np.load(folder / "ids.npy"), np.load(folder / "counts.npy")
        words = (folder / "words.txt").read_text("utf-8").split("\n")
        return cls(Vocabulary(words, counts), Encoded(ids, int(np.count_nonzero(ids >= 0))))

    def share(self, words: int) -> Text:
        """The first sentences, up to the one in which so many words are full; the vocabulary stays."""
        ids = self.encoded.ids
        read = np.cumsum(ids >= 0)
        end = int(np.searchsorted(read, min(words, self.encoded.words)))
        end += int(np.argmax(ids[end:] < 0)) + 1
        return Text(self.vocabulary, Encoded(ids[:end].copy(), int(read[end - 1])))

    def sentences(self) -> list[list[str]]:
        """The words again, as gensim wants them. Each is the same object wherever it occurs, which saves memory."""
        words = np.array(self.vocabulary.words, object)
        ids = self.encoded.ids
        starts = [0, *(np.flatnonzero(ids < 0) + 1).tolist()]
        return [words[ids[a : b - 1]].tolist() for a, b in pairwise(starts)]
