"""Sentences of Python's own documentation, and which document each is from: a text with labels to learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from math import log

import numpy as np

from numpy_nn import random
from numpy_nn.backend import Array
from numpy_nn.data.text import topics
from numpy_nn.data.text.tokenizers import words
from numpy_nn.random import Generator

WORDS = 30
"""The most of a sentence that is read."""


@dataclass(frozen=True)
class Sentences:
    """Sentences as rows of a table of vectors, (n, WORDS), and the topic of each, (n,)."""

    rows: Array
    topic: Array


def documents() -> Iterator[list[list[str]]]:
    """The documentation, document by document, each a list of sentences of lower-case words."""
    document: list[list[str]] = []
    for sentence in topics.text():
        if sentence:
            document.append([word.lower() for word in words(sentence)])
        elif document:
            yield document
            document = []


def shuffled(document: list[list[str]], generator: Generator) -> list[list[str]]:
    """The sentences of a document in random order."""
    return [document[place] for place in random.randperm(len(document), generator=generator)]


def as_rows(documents: Iterable[list[list[str]]], row: dict[str, int]) -> Sentences:
    """The sentences of documents, in which words without a row are left out; each filled up with the padding row."""
    rows, labels = [], []
    for topic, document in enumerate(documents):
        for sentence in document:
            known = [row[word] for word in sentence if word in row][:WORDS]
            rows.append(known + [len(row)] * (WORDS - len(known)))
            labels.append(topic)
    return Sentences(np.array(rows), np.array(labels))


def telling(documents: list[list[list[str]]], row: dict[str, int], most: int) -> list[list[str]]:
    """For each document the words that set it apart most: p log(p / q), q a word's share of all the documents.

    Half of the places where a word stands must be in the document.
    """
    counts = [Counter(chain(*document)) for document in documents]
    total = sum(counts, Counter[str]())
    found: list[list[str]] = []
    for count in counts:
        own = [word for word, n in count.items() if word in row and 2 * n > total[word]]
        lift = {word: count[word] * log(count[word] * total.total() / (total[word] * count.total())) for word in own}
        best = sorted(own, key=lambda word: (-lift[word], word))
        found.append(best[:most])
    return found
