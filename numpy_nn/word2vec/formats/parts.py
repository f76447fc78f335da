"""What the formats have in common: words as bytes, and the sizes that a header promises."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from numpy_nn.backend import Array

Found = tuple[list[str], Array, Array | None]
"""Words, vectors (V, D), counts (V,)."""

WORD_MOST = 10_000
"""How long a word may be in a file of rows, in bytes: what is longer is no word, and perhaps no such file."""

_NUMBERS = 1 << 12
_HEADER = re.compile(rb"\s*(\d{1,18})\s+(\d{1,18})\s*")
_HEADER_MOST = 100
_FASTTEXT_MODEL = (793712314).to_bytes(4, "little")
_WHITE = re.compile(r"[ \t\n\r\v\f\0]")


@dataclass(frozen=True)
class Given:
    """What is to be written: words, vectors (V, D), counts (V,) or None, on the host."""

    words: Sequence[str]
    vectors: Array
    counts: Array | None


def chunks(words: list[bytes], vectors: Array) -> Iterator[tuple[list[bytes], Array]]:
    """Words with their vectors, as many at a time as have some thousand numbers."""
    count = max(_NUMBERS // vectors.shape[1], 1)
    for start in range(0, len(words), count):
        yield words[start : start + count], vectors[start : start + count]


def encoded(words: Sequence[str]) -> list[bytes]:
    """The words in UTF-8. Raises ValueError for one that could not be read back from a row that a space divides."""
    for number, word in enumerate(words):
        if not word or _WHITE.search(word) or len(word.encode(errors="replace")) > WORD_MOST:
            raise ValueError(
                f"words: expected words without white space, as the format has them, got {word[:80]!r} as number "
                f"{number}; .npz and .safetensors take any"
            )
    return [utf8(word).encode() for word in words]


def utf8(text: str) -> str:
    """The text, if it can be written. Raises ValueError for half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"words: expected text that UTF-8 can hold, got {text[error.start]!r} in it") from None
    return text


def decoded(word: bytes, place: int, where: str, errors: str) -> str:
    """A word as text. place: of its first byte in the file.  where: its row, for the message of the ValueError."""
    try:
        return word.decode("utf-8", errors)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{where}: expected a word in UTF-8, found byte {word[error.start]:#04x} at {place + error.start} of the "
            'file; errors="replace" reads it'
        ) from None


def header(file: BinaryIO, size: int, least: int, each: int) -> tuple[int, int]:
    """V and D from the first line of a file of so many bytes.

    least, each: how many bytes a row takes at least: least + each · D, the last one less by one.
    Raises ValueError where there are no such numbers, or the file is too short for them.
    """
    line = file.readline(_HEADER_MOST)
    if line.startswith(_FASTTEXT_MODEL):
        raise ValueError("expected word vectors, found a model of fastText; what can be read is its .vec file")
    found = _HEADER.fullmatch(line)
    if not found:
        raise ValueError(
            f"line 1: expected two numbers, of words and of dimensions, found {line[:40]!r}; GloVe's files lack them"
        )
    V, D = int(found[1]), int(found[2])
    if not V or not D:
        raise ValueError(f"line 1: expected at least one word and one dimension, found {V} and {D}")
    if V * (least + each * D) - 1 > size - len(line):
        raise ValueError(
            f"line 1: expected at most as many vectors as the file has bytes for, found {V:,} of {D:,} numbers, which "
            f"take {V * (least + each * D):,} bytes or more, and {size - len(line):,} are left"
        )
    return V, D


def once(row: int, index: dict[str, int], word: str, where: str) -> str:
    """The word, noted in the index. Raises ValueError where it has come before."""
    if index.setdefault(word, row) != row:
        raise ValueError(f"{where}: expected every word once, found {word!r} again, first as word {index[word] + 1}")
    return word


def words_of(data: str | bytes) -> list[str]:
    """The words in a JSON list. Raises ValueError."""
    try:
        words = json.loads(data if isinstance(data, str) else data.decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"words: expected a list in JSON: {error}") from None
    if type(words) is not list or not set(map(type, words)) <= {str}:
        raise ValueError("words: expected a list of texts in JSON, found another")
    return words


def json_of(words: Sequence[str]) -> str:
    """The words as a JSON list. Raises ValueError for half a surrogate pair."""
    return utf8(json.dumps(list(words), ensure_ascii=False, separators=(",", ":")))
