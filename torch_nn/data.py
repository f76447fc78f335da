"""The same data as tensors, for torch.utils.data.TensorDataset and DataLoader."""

from __future__ import annotations

import gzip
import math
import os
from pathlib import Path

import torch
from torch import Tensor


def digits(dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """scikit-learn's handwritten digits: images (1797, 64) in [0, 1], targets (1797,) of int64."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return torch.from_numpy(bunch.data).div(16).to(dtype), torch.from_numpy(bunch.target).long()


def idx_images(folder: str | os.PathLike[str], train: bool = True) -> tuple[Tensor, Tensor]:
    """MNIST, or a set published like it: images (N, rows, columns) and labels (N,), both uint8."""
    prefix = "train" if train else "t10k"
    images = _read(Path(folder), f"{prefix}-images-idx3-ubyte", dimensions=3)
    labels = _read(Path(folder), f"{prefix}-labels-idx1-ubyte", dimensions=1)
    if len(images) != len(labels):
        raise ValueError(f"{folder}: {len(images)} images, {len(labels)} labels")
    return images, labels


def _read(folder: Path, name: str, dimensions: int) -> Tensor:
    """A file of unsigned bytes: the header 00 00 08 dimensions, each dimension as a big-endian int32, the bytes."""
    plain, zipped = folder / name, folder / f"{name}.gz"
    content = plain.read_bytes() if plain.is_file() else gzip.decompress(zipped.read_bytes())
    start = 4 + 4 * dimensions
    shape = [int.from_bytes(content[at : at + 4]) for at in range(4, start, 4)]
    if content[:4] != bytes([0, 0, 8, dimensions]) or len(content) != start + math.prod(shape):
        raise ValueError(f"{folder / name}: not an IDX file of {dimensions} dimensions of bytes")
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)[start:].reshape(shape)
