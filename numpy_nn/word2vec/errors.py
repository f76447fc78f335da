"""A word that the vocabulary does not have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.data.text.hangul import decompose


class UnknownWordError(KeyError):
    """A word was asked for that is not there; the message names those that are spelled nearly so.

    word: what was asked for.  words: the vocabulary. It is searched when the message is read, not before.
    """

    def __init__(self, word: object, words: Sequence[str]) -> None:
        super().__init__(word, words)
        self.word, self.words = word, words

    def __str__(self) -> str:
        """What was expected, what was got, and what is near."""
        near = near_in_spelling(self.word, self.words) if isinstance(self.word, str) else []
        hint = f" (near in spelling: {', '.join(near)})" if near else ""
        return f"word: expected one of the {len(self.words):,} words of the vocabulary, got {self.word!r}{hint}"


def near_in_spelling(word: str, words: Sequence[str], count: int = 3) -> list[str]:
    """The words that are at most two slips of the pen from one, the nearest first, then in the order of `words`.

    A slip is a letter too many, too few, another or swapped with its neighbour: one in words of up to three letters,
    none in those of one. Large and small letters are equal, and Hangul is compared letter by letter (강 has three).
    """
    asked = _spelling(word)
    most = min(2, len(asked) // 2)
    near = [(text, place) for place, text in enumerate(map(_spelling, words)) if abs(len(text) - len(asked)) <= most]
    if not near:
        return []
    slips = _slips(asked, [text for text, _ in near])
    return [words[near[nearest][1]] for nearest in np.argsort(slips, kind="stable")[:count] if slips[nearest] <= most]


def _spelling(word: str) -> str:
    return decompose(word.lower())


def _slips(asked: str, texts: list[str]) -> Array:
    """How many slips lead from one word to each of several, (n,).

    d[i, j] = min(d[i − 1, j] + 1,  d[i, j − 1] + 1,  d[i − 1, j − 1] + [aᵢ ≠ bⱼ],  d[i − 2, j − 2] + 1 if swapped)

    for the first i letters of one and the first j of the other. Optimal string alignment: Damerau 1964.
    """
    lengths = np.array([len(text) for text in texts])
    width = int(lengths.max())
    b = np.array(texts, f"U{max(width, 1)}").view(np.uint32).reshape(len(texts), -1).T  # (width, n), a letter a row
    a = [ord(letter) for letter in asked]
    d = np.zeros((len(a) + 1, width + 1, len(texts)), np.int32)
    d[:, 0] = np.arange(len(a) + 1)[:, None]
    d[0] = np.arange(width + 1)[:, None]
    for i in range(1, len(a) + 1):
        for j in range(1, width + 1):
            replaced = d[i - 1, j - 1] + (b[j - 1] != a[i - 1])
            d[i, j] = np.minimum(np.minimum(d[i - 1, j], d[i, j - 1]) + 1, replaced)
            if i > 1 and j > 1:
                swapped = (b[j - 1] == a[i - 2]) & (b[j - 2] == a[i - 1])
                d[i, j] = np.where(swapped, np.minimum(d[i, j], d[i - 2, j - 2] + 1), d[i, j])
    return d[len(a), lengths, np.arange(len(texts))]
