"""Reading a ZIP file of which nothing is believed before it is checked.

Layout (PKWARE, APPNOTE.TXT 6.3.10, section 4.3): for every record a local header (30 bytes, name, extra field) and its
data; then the directory, with a header for every record (46 bytes, name, extra field, comment); then, in large files,
a 64-bit end record and its locator; then the end record (22 bytes), which says where the directory is.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import BinaryIO, NamedTuple

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.checkpoint.errors import CheckpointError

STORED, DEFLATED = 0, 8
DIRECTORY_MOST = 1 << 24
INFLATED_MOST = 1 << 26, 100
"""Compressed records may come to 64 MiB in all, plus 100 times the size of the file."""

_LOCAL = struct.Struct("<4s2x2H16x2H")  # signature, flags, method; length of name, of extra field
_ENTRY = struct.Struct("<4s4x2H4x3I3H8xI")  # …, flags, method, crc, sizes, lengths, offset
_END = struct.Struct("<4s2HHHIIH")
_LOCATOR = struct.Struct("<4sIQI")
_END_64 = struct.Struct("<4sQ4xIIQQQQ")
_ENCRYPTED = 1


class Record(NamedTuple):
    """One record: how it is stored, its checksum, its size in the file and afterwards, and where its header is."""

    method: int
    crc: int
    compressed: int
    size: int
    header: int


class Archive:
    """The records of a ZIP file, by name, in the file's order. Each is read when it is asked for.

    Raises CheckpointError where the directory is damaged, a name is absolute, leads out of the archive or comes twice,
    records overlap, are encrypted, or are compressed in another way than deflate.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, os.SEEK_END)
        start, length, count = self._directory()
        self.records = dict(self._entries(start, length, count))
        if len(self.records) != count:
            raise CheckpointError("expected every record once, found two of the same name")
        self._starts = self._data_starts(start)
        most, times = INFLATED_MOST
        self._inflated_left = most + times * self._size

    def read(self, name: str) -> Array:
        """The bytes of a record, uint8. Raises CheckpointError where there is none, or it is damaged or too large."""
        start, length, method = self.extent(name)
        record, data = self.records[name], self._bytes(start, length)
        if method == DEFLATED:
            data = self._inflated(data, name, record.size)
        if zlib.crc32(data) != record.crc:
            raise CheckpointError(f"{name}: expected the checksum {record.crc:08x}, found {zlib.crc32(data):08x}")
        return np.frombuffer(data, np.uint8)

    def extent(self, name: str) -> tuple[int, int, int]:
        """Where the data of a record starts, its length in the file, and how it is stored. Raises CheckpointError."""
        if name not in self.records:
            raise CheckpointError(f"expected a record {name!r}, found none")
        record = self.records[name]
        return self._starts[name], record.compressed, record.method

    def _bytes(self, start: int, length: int) -> bytearray:
        if not 0 <= start <= start + length <= self._size:
            raise CheckpointError(f"expected {length} bytes at {start}, found a file of {self._size}")
        data = bytearray(length)
        self._file.seek(start)
        if self._file.readinto(data) != length:  # type: ignore[attr-defined]
            raise CheckpointError(f"expected {length} bytes at {start}, found fewer")
        return data

    def _inflated(self, data: bytearray, name: str, size: int) -> bytearray:
        self._inflated_left -= size
        if self._inflated_left < 0:
            raise CheckpointError(f"{name}: expected compressed records of a reasonable size, found {size} bytes more")
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            inflated = stream.decompress(data, size + 1)
        except zlib.error as error:
            raise CheckpointError(f"{name}: expected compressed data, found damage: {error}") from None
        if len(inflated) != size:
            raise CheckpointError(f"{name}: expected {size} bytes, found {len(inflated)}")
        return bytearray(inflated)

    def _directory(self) -> tuple[int, int, int]:
        """Where the directory starts, its length, and how many records it has."""
        end = self._size - _END.size
        if end < 0:
            raise CheckpointError(f"expected a ZIP file, found {self._size} bytes")
        mark, *disks, count, total, length, start, comment = _END.unpack(self._bytes(end, _END.size))
        if mark != b"PK\5\6" or comment or disks != [0, 0] or count != total:
            raise CheckpointError("expected a ZIP file, found no directory at its end; perhaps it was cut short")
        if end >= _LOCATOR.size + _END_64.size:
            mark, _, place, _ = _LOCATOR.unpack(self._bytes(end - _LOCATOR.size, _LOCATOR.size))
            if mark == b"PK\6\7":
                end -= _LOCATOR.size + _END_64.size
                mark, *_, count, _, length, start = _END_64.unpack(self._bytes(end, _END_64.size))
                if mark != b"PK\6\6" or place != end:
                    raise CheckpointError("expected a 64-bit ZIP file, found a damaged end of it")
        if start + length != end or length > DIRECTORY_MOST:
            raise CheckpointError(f"expected a directory that ends at {end}, found {length} bytes at {start}")
        return start, length, count

    def _entries(self, start: int, length: int, count: int) -> list[tuple[str, Record]]:
        directory = bytes(self._bytes(start, length))
        found: list[tuple[str, Record]] = []
        place = 0
        for _ in range(count):
            if place + _ENTRY.size > length:
                raise CheckpointError(f"expected {count} records in the directory, found {len(found)}")
            mark, flags, method, crc, compressed, size, *lengths, header = _ENTRY.unpack_from(directory, place)
            name_end = place + _ENTRY.size + lengths[0]
            extra = directory[name_end : name_end + lengths[1]]
            if mark != b"PK\1\2":
                raise CheckpointError(f"expected {count} records in the directory, found {len(found)}")
            name = _name(directory[place + _ENTRY.size : name_end])
            size, compressed, header = _wide(extra, size, compressed, header)
            if flags & _ENCRYPTED or method not in (STORED, DEFLATED):
                raise CheckpointError(f"{name}: expected a record stored or deflated, found method {method}")
            if method == STORED and compressed != size:
                raise CheckpointError(f"{name}: expected {size} bytes stored as they are, found {compressed}")
            found.append((name, Record(method, crc, compressed, size, header)))
            place = name_end + lengths[1] + lengths[2]
        if place != length:
            raise CheckpointError(f"expected a directory of {place} bytes, found {length}")
        return found

    def _data_starts(self, end: int) -> dict[str, int]:
        """Where the data of each record starts, after its local header; every record ends before the next begins."""
        starts = {}
        for name, record in sorted(self.records.items(), key=lambda item: -item[1].header):
            mark, _, _, *lengths = _LOCAL.unpack(self._bytes(record.header, _LOCAL.size))
            starts[name] = record.header + _LOCAL.size + sum(lengths)
            if mark != b"PK\3\4" or starts[name] + record.compressed > end:
                raise CheckpointError(f"{name}: expected {record.compressed} bytes of its own, found fewer")
            if self._bytes(record.header + _LOCAL.size, lengths[0]) != name.encode():
                raise CheckpointError(f"{name}: expected a header of the same name, found another")
            end = record.header
        return starts


def _name(data: bytes) -> str:
    """The name of a record, if no reader could take it for a place outside of the archive."""
    try:
        name = data.decode()
    except UnicodeDecodeError:
        raise CheckpointError(f"expected names in UTF-8, found {data[:80]!r}") from None
    if not is_plain(name):
        raise CheckpointError(f"expected names of records inside the archive, found {name[:80]!r}")
    return name


def is_plain(name: str) -> bool:
    """Whether every reader of ZIP files takes the name of a record for the same place in the archive."""
    inside = all(part not in ("", ".", "..") for part in name.split("/"))
    return inside and not any(character in "\\:" or ord(character) < 32 for character in name)


def _wide(extra: bytes, *values: int) -> tuple[int, ...]:
    """Size, compressed size and offset, with the 64-bit ones from the extra field where a 32-bit one is full."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 1:
            field = iter(struct.unpack_from(f"<{min(length, len(extra) - 4) // 8}Q", extra, 4))
            return tuple(next(field, value) if value == 0xFFFFFFFF else value for value in values)
        extra = extra[4 + length :]
    return values
