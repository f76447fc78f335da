"""Saving and loading: the ending of the name chooses the format."""

from __future__ import annotations

import io
import os
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from numpy_nn.checkpoint import plain
from numpy_nn.checkpoint.errors import CheckpointError

FORMATS = {".npz": "npz", ".safetensors": "safe_tensors", ".pth": "pth", ".pt": "pth"}
"""The module of each ending."""


def save(obj: Any, path: str | os.PathLike[str]) -> None:
    """Write nested plain data and arrays to a file, whole or not at all.

    obj: dicts (also OrderedDict, Counter) with str or int keys, lists, tuples, None, bool, int, float, str, bytes,
    arrays of any device; what model.state_dict(), optimizer.state_dict(), scheduler.state_dict() and
    Generator.get_state() return. NumPy numbers are written as Python numbers; arrays must be of bool, integers,
    floats or complex numbers.
    path: its ending names the format.

    .pth, .pt      what torch.save writes; torch.load reads it into the same structure, with tensors for arrays. Arrays
                   that overlap in memory still do after loading, except for reversed ones, which are copied, and ones
                   of different dtypes; strides are kept.
    .safetensors   every array as a tensor of its own; the structure in the metadata. Not complex128.
    .npz           every array as numpy.save writes it; the structure in an entry of its own, structure.json, unless
                   obj is a dict of arrays, which gives just what numpy.savez would.

    Raises TypeError or ValueError, with the place in obj, for what cannot be written, ValueError for another ending,
    ImportError for .safetensors without that library, FileNotFoundError without the folder; the file that was there
    before stays then.
    """
    from numpy_nn.files import whole  # whose locks and the like nobody waits for who only reads

    prepare = _format(path).prepare
    write = prepare(plain.copied(obj))
    with whole(path) as file:
        write(file)


def load(path: str | os.PathLike[str]) -> Any:
    """The data in a file that `save`, torch.save, numpy.savez or safetensors wrote; nothing in it is executed.

    path: its ending names the format.
    Tensors come as writable arrays of the same dtype and strides; bfloat16, which NumPy has not, as float32 of exactly
    the same values; nn.Parameter as its array; torch.Size as a tuple; torch.dtype and torch.device as their names, such
    as "torch.float32" and "cpu". The _metadata of a PyTorch state_dict is left out. A .safetensors or .npz file without
    a structure comes as a dict of arrays. What torch.save wrote without checksums (set_crc32_options) is refused.

    Raises CheckpointError, a ValueError, for a file that is damaged, hostile, or holds anything but plain data,
    ValueError for another ending, ImportError for .safetensors without that library, FileNotFoundError.
    """
    read = _format(path).read
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: expected a file, found none")
    with open(path, "rb") as file:
        try:
            return read(file)
        except CheckpointError as error:
            raise CheckpointError(f"{path}: {error}") from error


def loads(data: bytes, ending: str) -> Any:
    """What `load` returns for a file of these bytes and this ending."""
    return form(ending).read(io.BytesIO(data))


def _format(path: str | os.PathLike[str]) -> ModuleType:
    ending = Path(path).suffix
    if ending not in FORMATS:
        raise ValueError(f"path: expected a name that ends in {', '.join(FORMATS)}, got {os.fspath(path)!r}")
    return form(ending)


def form(ending: str) -> ModuleType:
    """The module of an ending, imported when it is first asked for.

    Its prepare(data) checks everything and returns what writes it to a file; its read(file) returns the data.
    """
    return import_module(f"numpy_nn.checkpoint.{FORMATS[ending]}")
