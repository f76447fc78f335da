"""A text as the numbers of its words."""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import TemporaryFile, gettempdir
from typing import IO

import numpy as np

from numpy_nn.backend import Array

LIMIT = 1 << 26
"""How many numbers are kept in memory, 256 MiB of them."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """A text as numbers.

    ids: (n,) int32, read-only: the words' numbers, and −1 after each sentence, none of which is empty.
    words: how many of them are words, n less the sentences.
    """

    ids: Array
    words: int

    def check_pairs(self) -> None:
        """Raise ValueError where every sentence is a single word, which has none beside it to learn from."""
        if 2 * self.words <= self.ids.size:  # a −1 for each word
            raise ValueError(
                "sentences: expected at least one with two words of the vocabulary, got only sentences of one word"
            )


class Writer:
    """Collects numbers in memory, and from a limit on in an unnamed file, which is gone when nobody uses it any more.

    with Writer(limit) as writer:
        writer.write(ids)
        encoded = writer.finish()
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit, self._size, self._words = limit, 0, 0
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Writer:
        """Nothing is opened before it is needed."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file; an array of it stays."""
        if self._file is not None:
            self._file.close()

    def write(self, ids: Array) -> None:
        """Add whole sentences, (n,) int32, a −1 after each; those that are empty are left out."""
        ids = ids[(ids >= 0) | (np.roll(ids, 1) >= 0)]  # the last one is −1: so is what the first one is compared with
        self._size += ids.size
        self._words += int(np.count_nonzero(ids >= 0))
        if self._file is None and self._size > self._limit:
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115  (closed by __exit__)
            _append(self._file, self._memory)
            self._memory = bytearray()
        if self._file is None:
            self._memory += ids.data
        else:
            _append(self._file, ids.data)

    def finish(self) -> Encoded:
        """What was written. Raises ValueError where it was nothing."""
        if not self._words:
            raise ValueError(
                "sentences: expected at least one word of the vocabulary, got none (an iterator can be read only once)"
            )
        if self._file is None:
            return Encoded(np.frombuffer(memoryview(self._memory).toreadonly(), np.int32), self._words)
        return Encoded(np.asarray(np.memmap(self._file, np.int32, "r")), self._words)


def _append(file: IO[bytes], data: bytearray | memoryview) -> None:
    try:
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise OSError(
            error.errno, f"{error.strerror}: numbers of words are kept in {gettempdir()}; TMPDIR names another folder"
        ) from error
