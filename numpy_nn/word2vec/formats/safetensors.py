"""The .safetensors format: tensors "vectors" (V, D) and "counts" (V,), and the words as a JSON list in the metadata.

    with safe_open("vectors.safetensors", "numpy") as file: words = json.loads(file.metadata()["words"])

Layout: the length of the header, 8 bytes; the header, JSON with dtype, shape and place of each tensor, and texts under
"__metadata__"; the numbers, little-endian, in C order. https://github.com/huggingface/safetensors
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.word2vec.formats.parts import Found, Given, json_of, words_of

HEADER_MOST = 100_000_000
"""How long a header may be, in bytes: as long as the format's own library takes it."""

_DTYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}


@dataclass(frozen=True)
class _Tensor:
    """A tensor in the header: its dtype, shape, and the first byte and the one after the last."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    end: int


def prepare(given: Given) -> Callable[[BinaryIO], None]:
    """What writes the words, vectors and counts. Raises ValueError where the words are too many for a header."""
    arrays = {"vectors": given.vectors} if given.counts is None else {"vectors": given.vectors, "counts": given.counts}
    codes = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
    described: dict[str, Any] = {"__metadata__": {"words": json_of(given.words)}}
    place = 0
    for name, array in arrays.items():
        offsets = [place, place := place + array.nbytes]
        described[name] = {"dtype": codes[array.dtype], "shape": array.shape, "data_offsets": offsets}
    header = json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode()
    header += b" " * (-(8 + len(header)) % 64)  # so that the numbers begin at a multiple of 64
    if len(header) > HEADER_MOST:
        raise ValueError(f"words: expected at most {HEADER_MOST:,} bytes of them, got {len(header):,}; .npz takes more")

    def write(file: BinaryIO) -> None:
        file.write(len(header).to_bytes(8, "little") + header)
        for array in arrays.values():
            file.write(np.asarray(array, array.dtype.newbyteorder("<"), order="C").reshape(-1).view(np.uint8).data)

    return write


def read(file: BinaryIO, *, mmap: bool, **_: Any) -> Found:
    """The words, vectors and counts in a file. Raises ValueError."""
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > min(HEADER_MOST, size - 8):
        raise ValueError(f"expected a .safetensors file, found a header of {length:,} bytes in a file of {size:,}")
    tensors, words = _parsed(file.read(length))
    place = 0
    for tensor in sorted(tensors.values(), key=lambda tensor: tensor.start):
        if tensor.start != place:
            raise ValueError(f"header: expected a tensor at byte {place} of the numbers, found one at {tensor.start}")
        place = tensor.end
    if place != size - 8 - length:
        raise ValueError(f"header: expected {size - 8 - length:,} bytes of numbers, as the file has, found {place:,}")
    if "vectors" not in tensors or words is None:
        raise ValueError(f"header: expected a tensor vectors and metadata words, found {', '.join(tensors)[:80]}")
    arrays = {
        name: _array(file, 8 + length, tensors[name], mmap and name == "vectors")
        for name in ("vectors", "counts")
        if name in tensors
    }
    return words_of(words), arrays["vectors"], arrays.get("counts")


def _parsed(header: bytes) -> tuple[dict[str, _Tensor], str | None]:
    """The tensors of a header, and the words in the metadata. Raises ValueError."""
    try:
        described = json.loads(header.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"header: expected JSON: {error}") from None
    if type(described) is not dict:
        raise ValueError("header: expected a JSON object, found another value")
    metadata = described.pop("__metadata__", {})
    words = metadata.get("words") if type(metadata) is dict else None
    return {name: _tensor(name, value) for name, value in described.items()}, words if type(words) is str else None


def _tensor(name: str, value: Any) -> _Tensor:
    match value:
        case {"dtype": str(code), "shape": list(shape), "data_offsets": [int(start), int(end)]} if code in _DTYPES:
            dtype = np.dtype(_DTYPES[code])
            sound = all(type(side) is int and 0 <= side < 1 << 60 for side in shape) and len(shape) <= 2
            if sound and start >= 0 and end - start == math.prod(shape) * dtype.itemsize:
                return _Tensor(dtype, tuple(shape), start, end)
    raise ValueError(
        f"{name[:80]}: expected a dtype of {', '.join(_DTYPES)}, a shape, and the place of as many numbers, found "
        f"{str(value)[:100]}"
    )


def _array(file: BinaryIO, start: int, tensor: _Tensor, mmap: bool) -> Array:
    """A tensor's numbers, in the machine's byte order."""
    if mmap and 0 not in tensor.shape:
        return np.asarray(np.memmap(file, tensor.dtype, "r", start + tensor.start, tensor.shape))
    array = np.empty(tensor.shape, tensor.dtype)
    file.seek(start + tensor.start)
    if file.readinto(array.reshape(-1).view(np.uint8).data) != array.nbytes:  # type: ignore[attr-defined]
        raise ValueError(f"expected {array.nbytes:,} bytes of numbers, found fewer")
    return array.astype(tensor.dtype.newbyteorder("="), copy=False)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("expected every name once, found one twice")
    return found
