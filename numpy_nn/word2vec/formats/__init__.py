"""Word vectors in files: the ending of the name chooses the format.

    .txt, .vec     text as word2vec, gensim and fastText write it: "V D", then a word and D numbers a line
    .bin           the same with the numbers as float32, as word2vec and gensim write it
    .npz           NumPy's: the arrays vectors, counts and words, the last as JSON in UTF-8; can be mapped
    .safetensors   Hugging Face's: the tensors vectors and counts, and the words as JSON in the metadata; can be mapped

In .txt, .vec and .bin a space ends a word: words that hold white space, or nothing, are refused there. The other two
take any word, and keep the counts. All are read back equal to the last bit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.files import whole
from numpy_nn.functional import checks
from numpy_nn.word2vec.formats import binary, npz, safetensors, text
from numpy_nn.word2vec.formats.parts import Found, Given

__all__ = ["FORMATS", "load", "save"]


@dataclass(frozen=True)
class _Format:
    """prepare(words) checks everything and returns what writes it; read(file, …) returns what is in a file."""

    prepare: Callable[[Given], Callable[[BinaryIO], None]]
    read: Callable[..., Found]
    mapped: bool


_TEXT = _Format(text.prepare, text.read, False)
FORMATS = {
    ".txt": _TEXT,
    ".vec": _TEXT,
    ".bin": _Format(binary.prepare, binary.read, False),
    ".npz": _Format(npz.prepare, npz.read, True),
    ".safetensors": _Format(safetensors.prepare, safetensors.read, True),
}


def save(path: str | os.PathLike[str], words: Sequence[str], vectors: Array, counts: Array | None = None) -> None:
    """Write words (V), vectors (V, D) and counts (V,) to a file, whole or not at all; see WordVectors.save."""
    write = _format(path).prepare(Given(words, vectors, counts))
    with whole(path) as file:
        write(file)


def load(path: str | os.PathLike[str], mmap: bool = False, dtype: str | None = None, errors: str = "strict") -> Found:
    """The words, vectors and counts in a file, counts None where it has none; see WordVectors.load."""
    form = _format(path)
    checks.option("dtype", dtype, None, "float32", "float64")
    checks.option("errors", errors, "strict", "replace")
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: expected a file, found none")
    if mmap and not form.mapped:
        able = ", ".join(ending for ending, form in FORMATS.items() if form.mapped)
        raise ValueError(f"path: expected a name that ends in {able} to map, got {os.fspath(path)!r}: save it so first")
    with open(path, "rb") as file:
        try:
            words, vectors, counts = form.read(file, mmap=mmap, dtype=dtype, errors=errors)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
    if mmap and dtype not in (None, vectors.dtype.name):
        raise ValueError(f"dtype: expected {vectors.dtype}, as the mapped numbers are, got {dtype}")
    return words, vectors if dtype is None else _converted(vectors, dtype), counts


def _converted(vectors: Array, dtype: str) -> Array:
    try:
        with np.errstate(over="raise"):
            return vectors.astype(dtype, copy=False)
    except FloatingPointError:
        raise ValueError(f"dtype: expected one that holds the file's {vectors.dtype} numbers, got {dtype}") from None


def _format(path: str | os.PathLike[str]) -> _Format:
    ending = Path(path).suffix
    if ending not in FORMATS:
        raise ValueError(f"path: expected a name that ends in {', '.join(FORMATS)}, got {os.fspath(path)!r}")
    return FORMATS[ending]
