"""The images of a transfer: many of the source, few of the target, and others to test on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from numpy_nn import data
from numpy_nn.backend import Array
from numpy_nn.random import Generator, randperm

SETS = ("digits", "mnist", "fashion-mnist")
TESTED = 2000
"""How many images of the target are tested on, or a third where there are fewer than three times as many."""

MEAN, STD = (np.array(three)[:, None, None] for three in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
"""Of ImageNet's colours, to which networks from torchvision are used."""


@dataclass(frozen=True)
class Images:
    """Images x (N, rows, columns), float32 in [0, 1], with their classes target (N,), int64, numbered from 0."""

    x: Array
    target: Array

    def __len__(self) -> int:
        return len(self.x)

    def chosen(self, rows: Array) -> Images:
        """The images in these rows."""
        return Images(self.x[rows], self.target[rows])

    def few(self, number: int, seed: int) -> Images:
        """So many of each class, drawn from a seed: of one seed, those that fewer would be and others."""
        order = randperm(len(self), generator=Generator(seed))
        rows = [order[self.target[order] == c][:number] for c in range(int(self.target.max()) + 1)]
        return self.chosen(np.sort(np.concatenate(rows)))

    @property
    def fewest(self) -> int:
        """How many images the class with the fewest has."""
        return int(np.bincount(self.target).min())

    def fitted(self, channels: int, side: int) -> Array:
        """The images (N, channels, side, side): enlarged by a whole number, black around them, grey in every channel.

        Three channels are brought to ImageNet's mean and deviation. Raises ValueError where side is too small.
        """
        largest = max(self.x.shape[1:])
        factor = side // largest
        if not factor:
            raise ValueError(f"--side: expected at least {largest}, the side of the images, got {side}")
        x = self.x.repeat(factor, axis=1).repeat(factor, axis=2)
        margins = [((side - length) // 2, side - length - (side - length) // 2) for length in x.shape[1:]]
        x = np.pad(x, [(0, 0), *margins])[:, None].repeat(channels, axis=1)
        return (x - MEAN) / STD if channels == 3 else x


def source_images(name: str, classes: Sequence[int], folder: str | None, download: bool) -> Images:
    """The images that are learnt from before: of a set in halves, those of the training half."""
    return _of_classes(*_read(name, True, folder, download), classes)


def target_images(name: str, classes: Sequence[int], folder: str | None, download: bool, seed: int) -> list[Images]:
    """What the few are drawn from, and what is tested on: parts of the test half, which no source has."""
    images = _of_classes(*_read(name, False, folder, download), classes)
    order = randperm(len(images), generator=Generator(seed))
    kept = min(TESTED, len(images) // 3)
    return [images.chosen(order[kept:]), images.chosen(order[:kept])]


def class_numbers(option: str, text: str) -> list[int]:
    """ "0-4" or "1,3,7-9" as numbers. Raises ValueError for anything else, fewer than two, or none of a set's."""
    try:
        parts = [[int(end) for end in part.split("-")] for part in text.split(",")]
        numbers = sorted({number for part in parts for number in range(part[0], part[-1] + 1)})
    except ValueError:
        numbers = []
    if len(numbers) < 2 or not 0 <= numbers[0] <= numbers[-1] <= 9:
        raise ValueError(f"{option}: expected two classes or more between 0 and 9, such as 0-4 or 1,3,7, got {text!r}")
    return numbers


def _read(name: str, train: bool, folder: str | None, download: bool) -> tuple[Array, Array]:
    if name == "digits":
        x, target = data.digits(np.float32)
        return x.reshape(-1, 8, 8), target
    load = data.mnist if name == "mnist" else data.fashion_mnist
    try:
        images, labels = load(None if folder is None else Path(folder, name), train=train, download=download)
    except FileNotFoundError as error:
        raise FileNotFoundError(str(error).replace("download=True", "--download")) from error
    return images / np.float32(255), labels.astype(np.int64)


def _of_classes(x: Array, target: Array, classes: Sequence[int]) -> Images:
    """The images of some classes, which are numbered anew."""
    rows = np.isin(target, classes)
    return Images(x[rows], np.searchsorted(classes, target[rows]))
