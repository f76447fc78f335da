"""The binary format of word2vec and gensim: "V D" and a newline; then each word, a space, and D float32, little-endian.

word2vec.c ends each vector with a newline, gensim does not; both are read, the second is written.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from numpy_nn.word2vec.formats.parts import WORD_MOST, Found, Given, chunks, decoded, encoded, header, once

_CHUNK = 1 << 20


def prepare(given: Given) -> Callable[[BinaryIO], None]:
    """What writes the words and vectors. Raises TypeError unless they are float32."""
    words, vectors = encoded(given.words), given.vectors
    if vectors.dtype != np.float32:
        raise TypeError(f'vectors: expected float32, all that .bin has, got {vectors.dtype}; use .astype("float32")')

    def write(file: BinaryIO) -> None:
        file.write(b"%d %d\n" % vectors.shape)
        for some, rows in chunks(words, vectors):
            pairs = zip(some, rows.astype("<f4"), strict=True)
            file.write(b"".join(word + b" " + row.tobytes() for word, row in pairs))

    return write


def read(file: BinaryIO, *, errors: str, **_: Any) -> Found:
    """The words and vectors in a file; no counts. Raises ValueError."""
    V, D = header(file, os.fstat(file.fileno()).st_size, 2, 4)
    vectors = np.empty((V, D), np.float32)
    words: list[str] = []
    index: dict[str, int] = {}
    data, at, start = b"", 0, file.tell()  # data[at] is byte start + at of the file
    for row in range(V):
        while (space := data.find(b" ", at)) < 0 or len(data) - space <= 4 * D:
            more = file.read(max(_CHUNK, 4 * D))
            if not more or (space < 0 and len(data) - at > WORD_MOST):
                what = "the end" if not more else f"no space in {len(data) - at} bytes"
                raise ValueError(f"expected {V} words, as line 1 says, found {what} after {row}")
            data, at, start = data[at:] + more, 0, start + at
        word = data[at:space].lstrip(b"\n")
        where = f"word {row + 1}"
        if not word or len(word) > WORD_MOST:
            raise ValueError(f"{where}: expected 1 to {WORD_MOST} bytes, found {len(word)} at {start + at} of the file")
        words.append(once(row, index, decoded(word, start + space - len(word), where, errors), where))
        vectors[row] = np.frombuffer(data, "<f4", D, space + 1)
        at = space + 1 + 4 * D
    if (data[at:] + file.read(2)).strip(b"\n"):
        raise ValueError(f"expected the end after {V} words, as line 1 says, found more at {start + at} of the file")
    return words, vectors, None
