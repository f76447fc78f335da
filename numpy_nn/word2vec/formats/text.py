"""The text format of word2vec, gensim and fastText (.vec): "V D", then a line for each word, divided by spaces."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, BinaryIO

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.word2vec.formats.parts import WORD_MOST, Found, Given, chunks, decoded, encoded, header, once

_NUMBER_MOST = 400
"""How many characters a number may have; 1e308 written out has 309."""


def prepare(given: Given) -> Callable[[BinaryIO], None]:
    """What writes the words and vectors, each number with the fewest digits that are read back as the same number."""
    words = encoded(given.words)

    def write(file: BinaryIO) -> None:
        file.write(b"%d %d\n" % given.vectors.shape)
        for some, rows in chunks(words, given.vectors):
            lines = (word + b" " + b" ".join(row) for word, row in zip(some, _digits(rows), strict=True))
            file.write(b"\n".join(lines) + b"\n")

    return write


def _digits(rows: Array) -> list[list[bytes]]:
    """The numbers in text.

    Readers, this one and gensim's among them, take a number for a float64 and round that to float32. Of one float32,
    7.0385307e-26, the shortest digits then give its neighbour; it gets nine.
    """
    text = rows.astype("S")
    wrong = text.astype(np.float64).astype(rows.dtype) != rows
    for row, column in zip(*np.nonzero(wrong & ~np.isnan(rows)), strict=True):
        text[row, column] = b"%.9g" % rows[row, column]
    return text.tolist()


def read(file: BinaryIO, *, dtype: str | None, errors: str, **_: Any) -> Found:
    """The words and vectors in a file, float32 if dtype does not say otherwise; no counts. Raises ValueError."""
    V, D = header(file, os.fstat(file.fileno()).st_size, 2, 2)
    vectors = np.empty((V, D), dtype or "float32")
    words: list[str] = []
    index: dict[str, int] = {}
    for row, (place, line) in enumerate(islice(_lines(file, WORD_MOST + _NUMBER_MOST * D), V)):
        where = f"line {row + 2}"
        word, *numbers = line.split(b" ")
        if len(numbers) != D or not word:
            raise ValueError(f"{where}: expected a word and {D} numbers, found {len(numbers)} behind {word[:80]!r}")
        try:
            with np.errstate(over="raise"):
                vectors[row] = numbers
        except FloatingPointError:
            raise ValueError(f"{where}: expected numbers that {vectors.dtype} holds, found larger ones") from None
        except ValueError:
            raise ValueError(f"{where}: expected {D} numbers, found {_odd(numbers)!r} among them") from None
        words.append(once(row, index, decoded(word, place, where, errors), where))
    if len(words) < V:
        raise ValueError(f"expected {V} words, as line 1 says, found the end after {len(words)}")
    for number, (_place, line) in enumerate(_lines(file, WORD_MOST), V + 2):
        if line:
            raise ValueError(f"line {number}: expected the end after {V} words, as line 1 says, found {line[:40]!r}")
    return words, vectors, None


def _lines(file: BinaryIO, most: int) -> Iterator[tuple[int, bytes]]:
    """The lines of a file up to its end, without white space at theirs, and where each begins."""
    place = file.tell()
    while line := file.readline(most):
        yield place, line.rstrip()
        place += len(line)


def _odd(numbers: list[bytes]) -> bytes:
    """The first that is no number."""
    for text in numbers:
        try:
            float(text)
        except ValueError:
            return text[:40]
    return b""
