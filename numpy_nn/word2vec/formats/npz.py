"""NumPy's .npz with three arrays: vectors (V, D), counts (V,) where there are any, and words, JSON as bytes (uint8).

    data = np.load("vectors.npz")    words = json.loads(bytes(data["words"]))

checkpoint.load reads it too. Nothing is compressed, so that the vectors can be mapped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.checkpoint import npy
from numpy_nn.checkpoint.archive import STORED, Archive
from numpy_nn.checkpoint.packing import Packer
from numpy_nn.word2vec.formats.parts import Found, Given, json_of, words_of


def prepare(given: Given) -> Callable[[BinaryIO], None]:
    """What writes the words, vectors and counts."""
    words = np.frombuffer(json_of(given.words).encode(), np.uint8)
    arrays = {"vectors": given.vectors, "words": words}
    if given.counts is not None:
        arrays["counts"] = given.counts

    def write(file: BinaryIO) -> None:
        packer = Packer(file)
        for name, array in arrays.items():
            packer.add(f"{name}.npy", npy.parts(array))
        packer.close()

    return write


def read(file: BinaryIO, *, mmap: bool, **_: Any) -> Found:
    """The words, vectors and counts in a file. Raises ValueError. Of mapped vectors the checksum is not looked at."""
    archive = Archive(file)
    vectors = _mapped(file, archive, "vectors.npy") if mmap else npy.read(archive.read("vectors.npy"))
    words = words_of(npy.read(archive.read("words.npy")).tobytes())
    return words, vectors, npy.read(archive.read("counts.npy")) if "counts.npy" in archive.records else None


def _mapped(file: BinaryIO, archive: Archive, name: str) -> Array:
    start, length, method = archive.extent(name)
    if method != STORED:
        raise ValueError(f"{name}: expected a record that is not compressed, to map, found a compressed one")
    mapped = npy.read(np.asarray(np.memmap(file, np.uint8, "r", start, (length,))))
    mapped.flags.writeable = False
    return mapped
