"""Transforms of images: arrays (..., H, W), such as (C, H, W), on any device.

Names and arguments are those of torchvision.transforms.v2, and so are the draws: from one seed the same crops and
flips, and the same bits. A transform makes a new array or a view, and leaves the image as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from numpy_nn.backend import Array, DTypeLike, array_module, is_array
from numpy_nn.random import rand, randint

_MODES = "constant", "edge", "reflect", "symmetric"


class Compose:
    """Several transforms, one after the other.  transforms: at least one function, else ValueError, TypeError."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = list(transforms)
        if not self.transforms:
            raise ValueError("transforms: expected at least one, got none")
        for place, transform in enumerate(self.transforms):
            if not callable(transform):
                raise TypeError(f"transforms[{place}]: expected a function, got {type(transform).__name__}")

    def __call__(self, x: Any) -> Any:
        """x after every transform, in order."""
        for transform in self.transforms:
            x = transform(x)
        return x


class ToDtype:
    """Another dtype; with scale, integers from 0 to their largest, m, become floats from 0 to 1.

    y = x (1 / m), with 1 / m rounded to dtype: 1 / 255 for uint8.  Floats are not scaled.

    dtype: any; with scale float32 or float64, else ValueError.
    """

    def __init__(self, dtype: DTypeLike, scale: bool = False) -> None:
        self.dtype = np.dtype(dtype)
        self.scale = scale
        if scale and self.dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype: expected float32 or float64 to scale to, got {self.dtype}")

    def __call__(self, image: Array) -> Array:
        """The image, transformed."""
        y = _image(image).astype(self.dtype)
        if self.scale and image.dtype.kind in "iu":
            y *= 1 / np.iinfo(image.dtype).max
        return y


class Normalize:
    """y = (x − mean) / std, channel by channel, each step rounded to the image's dtype.

    mean, std: a number for every channel, or one for all, std nowhere 0, else ValueError.
    The image: (..., C, H, W), floating, else ValueError, TypeError.
    """

    def __init__(self, mean: float | Sequence[float], std: float | Sequence[float]) -> None:
        self.mean, self.std = np.asarray(mean, np.float64), np.asarray(std, np.float64)
        for name, values in (("mean", self.mean), ("std", self.std)):
            if values.ndim > 1 or not values.size:
                raise ValueError(f"{name}: expected a number or one for every channel, got shape {values.shape}")
        if not self.std.all():
            raise ValueError(f"std: expected no 0, got {std!r}")

    def __call__(self, image: Array) -> Array:
        """The image, transformed."""
        if _image(image).dtype.kind != "f":
            raise TypeError(f"image: expected a floating dtype, got {image.dtype}; ToDtype makes one")
        channels = image.shape[-3] if image.ndim > 2 else 0
        if not channels or not {self.mean.size, self.std.size} <= {1, channels}:
            raise ValueError(
                f"image: expected shape (..., C, H, W) with C = {max(self.mean.size, self.std.size)}, got {image.shape}"
            )
        xp = array_module(image)
        mean, std = (xp.asarray(values.reshape(-1, 1, 1).astype(image.dtype)) for values in (self.mean, self.std))
        return (image - mean) / std


class Pad:
    """A border around the image.

    padding: its width, of all sides; of left and right, top and bottom; or of left, top, right, bottom.
    fill: the number in it, which the image's dtype must hold.  padding_mode: "constant", or "edge" (the outermost
    pixels), "reflect" (the image mirrored at them), "symmetric" (mirrored behind them), no wider than there are pixels.
    Raises ValueError, TypeError otherwise.
    """

    def __init__(self, padding: int | Sequence[int], fill: float = 0, padding_mode: str = "constant") -> None:
        self.padding = _sides(padding)
        self.fill = fill
        if padding_mode not in _MODES:
            raise ValueError(f"padding_mode: expected one of {', '.join(_MODES)}, got {padding_mode!r}")
        self.padding_mode = padding_mode

    def __call__(self, image: Array) -> Array:
        """The image, transformed."""
        return _padded(_image(image), self.padding, self.fill, self.padding_mode)


class CenterCrop:
    """The middle of the image, with zeros around it where the image is smaller.

    size: (height, width), or one number for both.  An odd pixel too many is taken so that the upper left corner lies at
    an even place: Python rounds halves to even.
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = _size(size)

    def __call__(self, image: Array) -> Array:
        """The image, transformed."""
        height, width = _image(image).shape[-2:]
        below, beside = max(self.size[0] - height, 0), max(self.size[1] - width, 0)
        image = _padded(image, (beside // 2, below // 2, (beside + 1) // 2, (below + 1) // 2), 0, "constant")
        top, left = (round((have - want) / 2) for have, want in zip(image.shape[-2:], self.size, strict=True))
        return _crop(image, top, left, self.size)


class RandomCrop:
    """A part of the image at a random place, after padding it.

    Drawn: the top, where the image is higher than the part; then the left, where it is wider; one randint each.

    size: (height, width), or one number for both.  padding, fill, padding_mode: as for Pad.  pad_if_needed: make a
    smaller image large enough by padding each two opposite sides with what lacks.
    Raises ValueError for an image that stays smaller.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] | None = None,
        pad_if_needed: bool = False,
        fill: float = 0,
        padding_mode: str = "constant",
    ) -> None:
        self.size = _size(size)
        self.pad = Pad(0 if padding is None else padding, fill, padding_mode)
        self.pad_if_needed = pad_if_needed

    def __call__(self, image: Array) -> Array:
        """The image, transformed."""
        left, top, right, bottom = self.pad.padding
        height, width = _image(image).shape[-2] + top + bottom, image.shape[-1] + left + right
        if self.pad_if_needed:
            below, beside = max(self.size[0] - height, 0), max(self.size[1] - width, 0)
            left, top, right, bottom = left + beside, top + below, right + beside, bottom + below
            height, width = height + 2 * below, width + 2 * beside
        spare = height - self.size[0], width - self.size[1]
        if min(spare) < 0:
            raise ValueError(f"image: expected at least {self.size} with its padding, got {(height, width)}")
        image = _padded(image, (left, top, right, bottom), self.pad.fill, self.pad.padding_mode)
        y, x = (int(randint(0, pixels + 1, ())) if pixels else 0 for pixels in spare)
        return _crop(image, y, x, self.size)


class RandomHorizontalFlip:
    """The image mirrored left to right with probability p: where a float32 uniform draw lies below p.

    p: in [0, 1], else ValueError.
    """

    def __init__(self, p: float = 0.5) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"p: expected a probability in [0, 1], got {p!r}")
        self.p = p

    def __call__(self, image: Array) -> Array:
        """The image, transformed."""
        image = _image(image)
        return image[..., ::-1].copy() if rand(1)[0] < self.p else image


def _image(image: Array) -> Array:
    if not is_array(image):
        raise TypeError(f"image: expected an array, got {type(image).__name__}")
    if image.ndim < 2:
        raise ValueError(f"image: expected shape (..., H, W), got {image.shape}")
    return image


def _ints(name: str, value: int | Sequence[int], counts: tuple[int, ...], low: int) -> list[int]:
    values = list(value) if isinstance(value, Sequence) else [value]
    if len(values) not in counts or not all(isinstance(number, int) and number >= low for number in values):
        raise ValueError(f"{name}: expected {' or '.join(map(str, counts))} ints >= {low}, got {value!r}")
    return values


def _size(size: int | Sequence[int]) -> tuple[int, int]:
    height, width = _ints("size", size, (1, 2), low=1) * (2 if isinstance(size, int) or len(size) == 1 else 1)
    return height, width


def _sides(padding: int | Sequence[int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom."""
    sides = _ints("padding", padding, (1, 2, 4), low=0)
    left, top, right, bottom = sides * (4 // len(sides))
    return left, top, right, bottom


def _crop(image: Array, top: int, left: int, size: tuple[int, int]) -> Array:
    return image[..., top : top + size[0], left : left + size[1]]


def _padded(image: Array, padding: tuple[int, int, int, int], fill: float, mode: str) -> Array:
    if not any(padding):
        return image
    left, top, right, bottom = padding
    H, W = image.shape[-2:]
    spare = {"constant": None, "edge": None, "reflect": 1, "symmetric": 0}[mode]
    if spare is not None and (max(top, bottom) > H - spare or max(left, right) > W - spare):
        raise ValueError(f"padding: expected at most {H - spare} rows and {W - spare} columns, got {padding}")
    options = {}
    if mode == "constant":
        if image.dtype.kind in "iu" and not _holds(image.dtype, fill):
            raise ValueError(f"fill: expected a number that {image.dtype} holds, got {fill!r}")
        options = {"constant_values": fill}
    widths = ((0, 0),) * (image.ndim - 2) + ((top, bottom), (left, right))
    result: Array = array_module(image).pad(image, widths, mode, **options)
    return result


def _holds(dtype: np.dtype[Any], number: float) -> bool:
    return float(number).is_integer() and bool(np.iinfo(dtype).min <= number <= np.iinfo(dtype).max)
