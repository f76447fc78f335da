"""The .safetensors format, through Hugging Face's library; the structure of the data is in its metadata.

Layout: the length of the header, 8 bytes; the header, JSON with dtype, shape and place of each tensor, and strings
under "__metadata__"; the numbers, little-endian, in C order. https://github.com/huggingface/safetensors
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.checkpoint import structure
from numpy_nn.checkpoint.dtypes import numbers
from numpy_nn.checkpoint.errors import CheckpointError

STRUCTURE = "numpy_nn"
"""The key of the structure in the metadata."""

_DTYPES = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "U16": "uint16",
    "I16": "int16",
    "U32": "uint32",
    "I32": "int32",
    "U64": "uint64",
    "I64": "int64",
    "F16": "float16",
    "BF16": "bfloat16",
    "F32": "float32",
    "F64": "float64",
    "C64": "complex64",
}
_WRITTEN = frozenset(_DTYPES.values()) - {"bfloat16"}


def prepare(data: Any) -> Callable[[BinaryIO], None]:
    """What writes plain data to a file. Raises ValueError where it is too large, TypeError for complex128."""
    library = _library(".numpy")
    text, arrays = structure.taken_apart(data, _allowed)
    for name, array in arrays.items():
        if array.dtype.name not in _WRITTEN:
            raise TypeError(f"{name}: expected an array of a dtype that .safetensors has, got {array.dtype.name}")

    def write(file: BinaryIO) -> None:
        tensors = {name: np.asarray(array, array.dtype.newbyteorder("<"), order="C") for name, array in arrays.items()}
        file.write(library.save(tensors, metadata={STRUCTURE: text}))

    return write


def read(file: BinaryIO) -> Any:
    """The data in a file; a dict of arrays where it has no structure. Raises CheckpointError."""
    library = _library()
    content = file.read()
    try:
        tensors = library.deserialize(content)
    except (library.SafetensorError, ValueError, OverflowError) as error:
        raise CheckpointError(f"expected a .safetensors file: {error}") from None
    header = _header(content)
    del content  # the tensors are copies
    arrays: dict[str, Array] = {}
    found = dict(tensors)
    for name in (name for name in header if name != "__metadata__"):
        tensor = found.pop(name)
        if tensor["dtype"] not in _DTYPES:
            raise CheckpointError(f"{name}: expected one of {', '.join(_DTYPES)}, found {tensor['dtype']}")
        try:
            flat = numbers(np.frombuffer(tensor["data"], np.uint8), _DTYPES[tensor["dtype"]])
            arrays[name] = flat.reshape(tensor["shape"])
        except (ValueError, OverflowError) as error:
            raise CheckpointError(f"{name}: {error}") from None
    text = (header.get("__metadata__") or {}).get(STRUCTURE)
    return arrays if text is None else structure.put_together(text, arrays)


def _header(content: bytes) -> dict[str, Any]:
    """The header once more: the library has found it right, but returns neither metadata nor order."""
    text = content[8 : 8 + int.from_bytes(content[:8], "little")].decode()
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise CheckpointError("expected every name once, found one twice")
    return found


def _allowed(name: str) -> bool:
    """Whether a tensor may be called that in the header."""
    return name != "__metadata__" and name.isprintable()


def _library(part: str = "") -> Any:
    try:
        return import_module("safetensors" + part)
    except ImportError as error:
        raise ImportError('.safetensors needs the library of that name: pip install "numpy_nn[data]"') from error
