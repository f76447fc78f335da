"""The IDX files in which MNIST and its relatives are published."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from numpy_nn.backend import Array

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_MOST = 1032  # deflate writes at most 258 bytes for every 2 bits
_CHUNK = 1 << 20


def read_idx(path: str | os.PathLike[str], mmap: bool = False) -> Array:
    """The array in an IDX file, plain or compressed with gzip.

    Layout: two zero bytes; the type, one byte; the number of dimensions, one byte; each dimension, four bytes;
    the numbers in C order. Everything is big-endian. Types: 0x08 uint8, 0x09 int8, 0x0B int16, 0x0C int32,
    0x0D float32, 0x0E float64.

    path: the file; whether it is compressed is seen from its first bytes, not from its name.
    mmap: leave the numbers in the file, see memmap_npy; not of a compressed file, and of single bytes only, as others
    lie in an order that few machines calculate in.
    Returns an array of the file's shape and type, in the machine's byte order; read-only if mapped.
    Raises FileNotFoundError, and ValueError where the file is damaged, cut short or too long. No more memory is taken
    than the file has bytes for, whatever its header declares. LeCun, Cortes and Burges, The MNIST database.
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        zipped = file.peek(2).startswith(_GZIP_MAGIC)
        if mmap and zipped:
            raise ValueError(f"{path}: expected an uncompressed file to map, found a compressed one")
        if mmap:
            return _map(file, size, path)
        if not zipped:
            return _parse(file, size, path)
        try:
            return _parse(gzip.GzipFile(fileobj=file), size * _GZIP_MOST, path)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"{path}: expected a whole gzip file, found a damaged one: {error}") from error


def idx_images(folder: str | os.PathLike[str], train: bool = True) -> tuple[Array, Array]:
    """The images and labels of MNIST, or of a set published like it, from a folder that holds its files.

    folder: where train-images-idx3-ubyte, train-labels-idx1-ubyte (train=True), t10k-images-idx3-ubyte and
    t10k-labels-idx1-ubyte (train=False) are, each with or without .gz.
    Returns images (N, rows, columns) and labels (N,), both uint8.
    Raises FileNotFoundError where one is missing, ValueError where one is damaged or the two do not fit together.
    """
    prefix = "train" if train else "t10k"
    images = _read_bytes(_find(folder, f"{prefix}-images-idx3-ubyte"), dimensions=3)
    labels = _read_bytes(_find(folder, f"{prefix}-labels-idx1-ubyte"), dimensions=1)
    if len(images) != len(labels):
        raise ValueError(f"{folder}: expected a label for each image, found {len(images)} images, {len(labels)} labels")
    return images, labels


def _header(
    stream: BinaryIO | gzip.GzipFile, most: int, path: str | os.PathLike[str]
) -> tuple[np.dtype[Any], tuple[int, ...], int, str]:
    """The type and shape that a stream of at most `most` bytes declares, the bytes they take, and this in words."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        types = ", ".join(f"{code:02x}" for code in _DTYPES)
        raise ValueError(
            f"{path}: expected an IDX header, 00 00, one of {types}, and dimensions, found {magic.hex(' ')!r}"
        )
    dtype, dimensions = np.dtype(_DTYPES[magic[2]]), magic[3]
    header = stream.read(4 * dimensions)
    if len(header) < 4 * dimensions:
        raise ValueError(f"{path}: expected {dimensions} dimensions of 4 bytes, found {len(header)} bytes")
    shape = tuple(np.frombuffer(header, ">u4").tolist())
    declared = math.prod(shape) * dtype.itemsize
    expected = f"{path}: expected {declared} bytes of {dtype.name} for shape {shape}"
    if (room := most - 4 - len(header)) < declared:
        raise ValueError(f"{expected}, found room for {room} at most")
    return dtype, shape, declared, expected


def _map(file: BinaryIO, size: int, path: str | os.PathLike[str]) -> Array:
    """The array in an open file of `size` bytes, left there."""
    dtype, shape, declared, expected = _header(file, size, path)
    if dtype.itemsize > 1:
        raise ValueError(f"{path}: expected single bytes to map, found {dtype.name}")
    start = file.tell()
    if start + declared != size:
        raise ValueError(f"{expected}, found more")
    return np.asarray(np.memmap(path, dtype, "r", start, shape)) if declared else np.empty(shape, dtype)


def _parse(stream: BinaryIO | gzip.GzipFile, most: int, path: str | os.PathLike[str]) -> Array:
    """The array in a stream of at most `most` bytes."""
    dtype, shape, declared, expected = _header(stream, most, path)
    data = bytearray()
    while len(data) <= declared and (chunk := stream.read(min(_CHUNK, declared + 1 - len(data)))):
        data += chunk
    if len(data) != declared:
        raise ValueError(f"{expected}, found {'more' if len(data) > declared else len(data)}")
    try:
        return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
    except ValueError as error:
        raise ValueError(f"{path}: expected a shape that NumPy can hold, found {shape}: {error}") from error


def _find(folder: str | os.PathLike[str], name: str) -> Path:
    for candidate in (Path(folder, name), Path(folder, f"{name}.gz")):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"{folder}: expected {name} or {name}.gz, found neither")


def _read_bytes(path: Path, dimensions: int) -> Array:
    array = read_idx(path)
    if array.dtype != np.uint8 or array.ndim != dimensions:
        raise ValueError(f"{path}: expected {dimensions} dimensions of uint8, found {array.ndim} of {array.dtype}")
    return array
