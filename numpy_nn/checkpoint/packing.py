"""Writing a ZIP file the way PyTorch does: stored, with the data of every record at a multiple of 64 bytes.

The layout is in archive.py. Numbers of 4 GiB and more stand in an extra field, and all ones in their place.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np

from numpy_nn.backend import Array

ALIGNMENT = 64

_FULL = 0xFFFFFFFF
_FULL_FROM = _FULL
_MOST_RECORDS = 0xFFFF
_VERSION, _FLAGS, _TIME, _DATE = 45, 0x800, 0, 33  # with 64-bit numbers; names in UTF-8; the first day there is


class Packer:
    """A ZIP file in the making; `close` writes its directory. The same records give the same file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._place = 0
        self._directory: list[bytes] = []

    def add(self, name: str, parts: Iterable[bytes | Array]) -> None:
        """Write a record: bytes, and arrays that lie in memory as they are to be written."""
        pieces = [part if isinstance(part, bytes) else part.view(np.uint8).data for part in parts]
        title, size, crc = name.encode(), sum(map(len, pieces)), 0
        for piece in pieces:
            crc = zlib.crc32(piece, crc)
        (short, *_), wide = _wide(size, size)
        start, (offset, *_), wide_start = self._place, *_wide(self._place)
        padding = -(start + 30 + len(title) + len(wide) + 4) % ALIGNMENT
        extra = wide + struct.pack("<2sH", b"FB", padding) + b"Z" * padding  # the field that PyTorch pads with
        common = _VERSION, _FLAGS, 0, _TIME, _DATE, crc, short, short, len(title)
        self._write(struct.pack("<4s5H3I2H", b"PK\3\4", *common, len(extra)) + title + extra)
        for piece in pieces:
            self._write(piece)
        _, field = _wide(*((size, size) if wide else ()), *((start,) if wide_start else ()))
        entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", _VERSION, *common, len(field), 0, 0, 0, 0, offset)
        self._directory.append(entry + title + field)

    def close(self) -> None:
        """Write the directory."""
        start, count = self._place, len(self._directory)
        for entry in self._directory:
            self._write(entry)
        end, length = self._place, self._place - start
        if max(start, length) >= _FULL_FROM or count >= _MOST_RECORDS:
            numbers = 44, _VERSION, _VERSION, 0, 0, count, count, length, start
            self._write(struct.pack("<4sQ2H2I4Q", b"PK\6\6", *numbers))
            self._write(struct.pack("<4sIQI", b"PK\6\7", 0, end, 1))
            start, length, count = _FULL, _FULL, _MOST_RECORDS
        self._write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, length, start, 0))

    def _write(self, data: bytes | memoryview) -> None:
        self._file.write(data)
        self._place += len(data)


def _wide(*numbers: int) -> tuple[list[int], bytes]:
    """Numbers as 32 bits hold them, and the extra field with those for which 32 bits are too few."""
    large = [number for number in numbers if number >= _FULL_FROM]
    field = struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    return [_FULL if number >= _FULL_FROM else number for number in numbers], field
