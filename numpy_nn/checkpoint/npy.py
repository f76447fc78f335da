"""One array as numpy.save writes it.

Layout (numpy.lib.format): b"\\x93NUMPY", two bytes of version, the length of the header (2 bytes; 4 from version 2 on),
the header, a Python dict such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } padded with spaces; then
the numbers. The header is matched here, not evaluated.
"""

from __future__ import annotations

import io
import math
import re

import numpy as np
from numpy.lib import format as npy_format

from numpy_nn.backend import Array
from numpy_nn.checkpoint.dtypes import numbers
from numpy_nn.checkpoint.errors import CheckpointError
from numpy_nn.checkpoint.plain import DTYPES

_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(
    rb"\{\s*'descr':\s*'([<>|][a-zA-Z]\d{1,2})',\s*'fortran_order':\s*(True|False),\s*"
    rb"'shape':\s*\(((?:\d{1,19},\s*)*(?:\d{1,19})?)\),?\s*\}\s*"
)
_TYPES = {np.dtype(name).str[1:]: name for name in DTYPES}
_HEADER_MOST = 10_000


def parts(array: Array) -> tuple[bytes, Array]:
    """The header and the numbers of a .npy file."""
    array = np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")
    header = io.BytesIO()
    npy_format.write_array_header_1_0(header, npy_format.header_data_from_array_1_0(array))
    return header.getvalue(), array.reshape(-1)


def read(data: Array) -> Array:
    """The array in the bytes (uint8) of a .npy file, of which it is a view. Raises CheckpointError."""
    start = data[:12].tobytes()
    wide = start[6:7] != b"\1"
    offset = 12 if wide else 10
    if start[:6] != _MAGIC or start[6:8] not in (b"\1\0", b"\2\0", b"\3\0") or len(data) < offset:
        raise CheckpointError(f"expected a .npy file, found one that starts with {start[:8].hex(' ')}")
    length = int.from_bytes(start[8:offset], "little")
    if length > min(_HEADER_MOST, len(data) - offset):
        raise CheckpointError(f"expected a header of at most {_HEADER_MOST} bytes, found one of {length}")
    header = data[offset : offset + length].tobytes()
    found = _HEADER.fullmatch(header)
    if not found or found[1][1:].decode() not in _TYPES:
        raise CheckpointError(f"expected numbers of some shape, found {header.strip()[:80]!r}")
    shape = tuple(int(side) for side in found[3].split(b",") if side.strip())
    dtype = np.dtype(_TYPES[found[1][1:].decode()])
    body = data[offset + length :]
    if len(body) != (declared := math.prod(shape) * dtype.itemsize):
        raise CheckpointError(f"expected {declared} bytes for shape {shape}, found {len(body)}")
    if (offset + length) % dtype.itemsize:
        body = body.copy()  # aligned
    flat = numbers(body, dtype.name, ">" if found[1][:1] == b">" else "<")
    try:
        return flat.reshape(shape, order="F" if found[2] == b"True" else "C")
    except ValueError as error:
        raise CheckpointError(f"expected a shape that NumPy can hold, found {shape}: {error}") from None
