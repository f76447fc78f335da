"""How good word vectors are: by analogies, and by people's judgements of similarity.

In both, words are looked for as gensim does: among the `top` first rows of the vocabulary; with ignore_case, large and
small letters are the same, and of several rows that are then the same word the first one is taken.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from numpy_nn.backend import Array, array_module, to_host
from numpy_nn.data.text.lines import lines_of_file
from numpy_nn.functional import checks
from numpy_nn.semantics.analogy import analogy
from numpy_nn.semantics.similarity import unit
from numpy_nn.word2vec.correlation import spearman
from numpy_nn.word2vec.vectors import WordVectors


@dataclass(frozen=True)
class Section:
    """The analogies of one kind: how many were answered right, were asked, and were skipped for unknown words."""

    name: str
    correct: int
    asked: int
    skipped: int

    @property
    def accuracy(self) -> float:
        """correct / asked; nan where nothing was asked."""
        return self.correct / self.asked if self.asked else math.nan


@dataclass(frozen=True)
class Analogies:
    """The result by section, in the file's order, and of all together."""

    sections: tuple[Section, ...]
    total: Section


@dataclass(frozen=True)
class Similarity:
    """Spearman's rho between the vectors' similarities and people's; the pairs it rests on, and those left out."""

    rho: float
    pairs: int
    missing: int


def analogies(
    vectors: WordVectors,
    path: str | os.PathLike[str],
    *,
    top: int | None = 30_000,
    ignore_case: bool = True,
    unknown: str = "skip",
    method: str = "3cosadd",
) -> Analogies:
    """How many analogies are answered right: of "a b c d", whether d is nearest to b − a + c.

    path: a text file; ": name" begins a section, each other line is a question of four words. Mikolov et al. 2013,
    Efficient Estimation of Word Representations in Vector Space, section 4.1.
    top: how many words of the vocabulary take part; 30,000 as in word2vec's compute-accuracy, None for all.
    ignore_case: see above; no form of a, b or c is an answer.  unknown: "skip" leaves out a question that holds a word
    that does not take part, as word2vec and gensim do; "wrong" counts it as wrong.  method: see semantics.analogy.
    Raises FileNotFoundError, and ValueError, with the line, where the file holds something else, or no question.
    """
    checks.option("unknown", unknown, "skip", "wrong")
    known = _Words(vectors, top, ignore_case)
    names: list[str] = []
    counts: list[list[int]] = []  # of each section: correct, asked, skipped
    questions: list[list[list[int]]] = []  # of each question the rows of its four words
    sections: list[int] = []
    for line, text in enumerate(lines_of_file(_file(path)), 1):
        words = text.split()
        if text.startswith(":"):
            names.append(text[1:].strip())
            counts.append([0, 0, 0])
        elif words:
            if not names or len(words) != 4:
                expected = "four words" if names else "a section such as ': family' before the first question"
                raise ValueError(f"{path}, line {line}: expected {expected}, found {text[:80]!r}")
            rows = [known.rows(word) for word in words]
            counts[-1][1 if all(rows) or unknown == "wrong" else 2] += 1
            if all(rows) and rows[3] not in rows[:3]:
                questions.append(rows)
                sections.append(len(names) - 1)
    if not any(map(sum, counts)):
        raise ValueError(f"{path}: expected analogies, found none")
    for section, rows, answer in zip(sections, questions, _answers(known.vectors, questions, method), strict=True):
        counts[section][0] += answer in rows[3]
    found = tuple(Section(name, *count) for name, count in zip(names, counts, strict=True))
    return Analogies(found, Section("total", *map(sum, zip(*counts, strict=True))))


def similarity(
    vectors: WordVectors,
    path: str | os.PathLike[str],
    *,
    top: int | None = None,
    ignore_case: bool = True,
    unknown: str = "skip",
) -> Similarity:
    """How the similarities of pairs of words go with people's judgements of them: Spearman's rho.

    path: a text file; a line is two words and a number, divided by tabs as in WordSim-353 and SimLex-999, and one that
    begins with # says nothing.  top: how many words of the vocabulary take part, None for all.  ignore_case: see above.
    unknown: "skip" leaves out a pair with a word that does not take part; "zero" gives it the similarity 0; gensim's
    dummy4unknown=False and True.
    Returns rho, nan where all of one side are equal; the pairs that it rests on; the pairs with unknown words.
    Raises FileNotFoundError, and ValueError, with the line, where the file holds something else, or no pair that can be
    used.
    """
    checks.option("unknown", unknown, "skip", "zero")
    known = _Words(vectors, top, ignore_case)
    judged: list[float] = []
    places: list[int] = []
    pairs: list[tuple[int, int]] = []
    missing = 0
    for line, text in enumerate(lines_of_file(_file(path)), 1):
        if not text.strip() or text.startswith("#"):
            continue
        try:
            a, b, judgement = text.split("\t")
            value = float(judgement)
            if not math.isfinite(value):
                raise ValueError
        except ValueError:
            raise ValueError(
                f"{path}, line {line}: expected two words and a number, divided by tabs, found {text[:80]!r}"
            ) from None
        first, second = known.rows(a), known.rows(b)
        if first and second:
            places.append(len(judged))
            pairs.append((first[0], second[0]))
        else:
            missing += 1
        if (first and second) or unknown == "zero":
            judged.append(value)
    if not judged:
        raise ValueError(f"{path}: expected pairs of words of the vocabulary, found {missing} pairs of others")
    ours = np.zeros(len(judged))
    ours[places] = _cosines(known.vectors, pairs)
    return Similarity(spearman(np.array(judged), ours), len(judged), missing)


class _Words:
    """The words that take part, and their vectors."""

    def __init__(self, vectors: WordVectors, top: int | None, ignore_case: bool) -> None:
        words = vectors.words if top is None else vectors.words[: checks.integer("top", top, low=1)]
        self.vectors = vectors.vectors[: len(words)]
        self._ignore_case = ignore_case
        self._rows: dict[str, list[int]] = {}
        for row, word in enumerate(words):
            self._rows.setdefault(word.upper() if ignore_case else word, []).append(row)

    def rows(self, word: str) -> list[int]:
        """The rows of all forms of a word, the most frequent first; none of an unknown word."""
        return self._rows.get(word.upper() if self._ignore_case else word, [])


def _answers(vectors: Array, questions: Sequence[list[list[int]]], method: str) -> list[int]:
    """The row that answers each question best, but for all forms of the three words it is asked with."""
    if not questions:
        return []
    xp = array_module(vectors)
    a, b, c = (np.array([rows[word][0] for rows in questions]) for word in range(3))
    asked = [rows[0] + rows[1] + rows[2] for rows in questions]
    exclude = np.full((len(asked), max(map(len, asked))), -1)
    for row, left_out in zip(exclude, asked, strict=True):
        row[: len(left_out)] = left_out
    positive, negative, left_out = (xp.asarray(part) for part in (np.stack([b, c], axis=1), a[:, None], exclude))
    answers, _ = analogy(vectors, positive, negative, 1, method=method, exclude=left_out)
    return to_host(answers)[:, 0].tolist()


def _cosines(vectors: Array, pairs: Sequence[tuple[int, int]]) -> Array:
    """The cosine similarity of each pair of rows, (P,)."""
    rows = array_module(vectors).asarray(np.array(pairs, dtype=np.int64).reshape(-1, 2))
    return to_host((unit(vectors[rows[:, 0]]) * unit(vectors[rows[:, 1]])).sum(axis=1))


def _file(path: str | os.PathLike[str]) -> Path:
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: expected a file, found none")
    return Path(path)
