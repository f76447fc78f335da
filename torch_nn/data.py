"""The same data as tensors, for torch.utils.data, and torchvision's transforms in plain PyTorch: that is not needed.

The transforms follow the documentation of torchvision.transforms.v2; images are tensors (..., H, W).
"""

from __future__ import annotations

import gzip
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset


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


mnist = fashion_mnist = idx_images
"""Both from their folders; this wing downloads nothing."""


class TransformedDataset(Dataset):
    """A dataset whose samples, or whose first and second parts, pass through functions."""

    def __init__(self, dataset: Any, transform: Callable, target_transform: Callable | None = None) -> None:
        self.dataset = dataset
        self.transform = transform
        self.target_transform = target_transform or (lambda target: target)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        sample = self.dataset[index]
        if not isinstance(sample, tuple):
            return self.transform(sample)
        if len(sample) == 1:
            return (self.transform(sample[0]),)
        return self.transform(sample[0]), self.target_transform(sample[1]), *sample[2:]


class Compose:
    """Several transforms, one after the other."""

    def __init__(self, transforms: Sequence[Callable]) -> None:
        self.transforms = transforms

    def __call__(self, x: Any) -> Any:
        for transform in self.transforms:
            x = transform(x)
        return x


class ToDtype:
    """Another dtype; with scale, integers from 0 to their largest become floats from 0 to 1."""

    def __init__(self, dtype: torch.dtype, scale: bool = False) -> None:
        self.dtype = dtype
        self.scale = scale

    def __call__(self, image: Tensor) -> Tensor:
        integral = not image.is_floating_point() and image.dtype != torch.bool
        factor = 1 / torch.iinfo(image.dtype).max if self.scale and integral else 1
        return image.to(self.dtype).mul(factor)


class Normalize:
    """(x - mean) / std, channel by channel."""

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        self.mean = mean
        self.std = std

    def __call__(self, image: Tensor) -> Tensor:
        mean, std = (torch.tensor(values, dtype=image.dtype).reshape(-1, 1, 1) for values in (self.mean, self.std))
        return image.sub(mean).div(std)


class Pad:
    """A border: of one width, of left and right and top and bottom, or of left, top, right, bottom."""

    def __init__(self, padding: int | Sequence[int], fill: float = 0, padding_mode: str = "constant") -> None:
        sides = [padding] if isinstance(padding, int) else list(padding)
        self.left, self.top, self.right, self.bottom = sides * (4 // len(sides))
        self.fill = fill
        self.padding_mode = padding_mode

    def __call__(self, image: Tensor) -> Tensor:
        widths = [self.left, self.right, self.top, self.bottom]
        if self.padding_mode == "constant":
            return F.pad(image, widths, value=self.fill)
        if self.padding_mode == "symmetric":
            H, W = image.shape[-2:]
            image = torch.cat(
                [image[..., : self.top, :].flip(-2), image, image[..., H - self.bottom :, :].flip(-2)], -2
            )
            return torch.cat([image[..., : self.left].flip(-1), image, image[..., W - self.right :].flip(-1)], -1)
        mode = {"edge": "replicate", "reflect": "reflect"}[self.padding_mode]
        planes = image.reshape(
            1, -1, *image.shape[-2:]
        ).double()  # there is no padding of integers, nor of two dimensions
        padded = F.pad(planes, widths, mode=mode)
        return padded.reshape(*image.shape[:-2], *padded.shape[-2:]).to(image.dtype)


class CenterCrop:
    """The middle of the image, with zeros around it where it is smaller."""

    def __init__(self, size: int | Sequence[int]) -> None:
        self.height, self.width = (size, size) if isinstance(size, int) else size

    def __call__(self, image: Tensor) -> Tensor:
        lacking = max(self.height - image.shape[-2], 0), max(self.width - image.shape[-1], 0)
        image = F.pad(image, [lacking[1] // 2, (lacking[1] + 1) // 2, lacking[0] // 2, (lacking[0] + 1) // 2])
        top = round((image.shape[-2] - self.height) / 2.0)
        left = round((image.shape[-1] - self.width) / 2.0)
        return image[..., top : top + self.height, left : left + self.width]


class RandomCrop:
    """A part of the image at a random place, after padding it."""

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] = 0,
        pad_if_needed: bool = False,
        fill: float = 0,
        padding_mode: str = "constant",
    ) -> None:
        self.height, self.width = (size, size) if isinstance(size, int) else size
        self.pad = Pad(padding, fill, padding_mode)
        self.pad_if_needed = pad_if_needed

    def __call__(self, image: Tensor) -> Tensor:
        pad = Pad((self.pad.left, self.pad.top, self.pad.right, self.pad.bottom), self.pad.fill, self.pad.padding_mode)
        height, width = image.shape[-2] + pad.top + pad.bottom, image.shape[-1] + pad.left + pad.right
        if self.pad_if_needed and height < self.height:
            pad.top, pad.bottom = pad.top + self.height - height, pad.bottom + self.height - height
        if self.pad_if_needed and width < self.width:
            pad.left, pad.right = pad.left + self.width - width, pad.right + self.width - width
        image = pad(image)
        height, width = image.shape[-2:]
        top = torch.randint(0, height - self.height + 1, ()).item() if height > self.height else 0
        left = torch.randint(0, width - self.width + 1, ()).item() if width > self.width else 0
        return image[..., top : top + self.height, left : left + self.width]


class RandomHorizontalFlip:
    """The image mirrored left to right with probability p."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, image: Tensor) -> Tensor:
        return image.flip(-1) if torch.rand(1) < self.p else image


def _read(folder: Path, name: str, dimensions: int) -> Tensor:
    """A file of unsigned bytes: the header 00 00 08 dimensions, each dimension as a big-endian int32, the bytes."""
    plain, zipped = folder / name, folder / f"{name}.gz"
    content = plain.read_bytes() if plain.is_file() else gzip.decompress(zipped.read_bytes())
    start = 4 + 4 * dimensions
    shape = [int.from_bytes(content[at : at + 4]) for at in range(4, start, 4)]
    if content[:4] != bytes([0, 0, 8, dimensions]) or len(content) != start + math.prod(shape):
        raise ValueError(f"{folder / name}: not an IDX file of {dimensions} dimensions of bytes")
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)[start:].reshape(shape)
