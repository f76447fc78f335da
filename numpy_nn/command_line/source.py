"""What the command line trains on and tests on: digits, MNIST, Fashion-MNIST, a CSV file or an .npz file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from numpy_nn import data
from numpy_nn.backend import Array
from numpy_nn.command_line.settings import IMAGE_MODELS, IMAGES
from numpy_nn.random import Generator, randperm

NAMES = ("digits", *IMAGES)
CLOTHES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
TEST_SHARE = 0.2
"""Of a set that comes in one piece."""


@dataclass(frozen=True)
class Source:
    """Samples in three parts, ready to learn from, and how they were made ready.

    train, validation, test: x (N, features) float64, or images (N, 1, rows, columns) where the network sees them as
    such, and target (N,) int64.  classes: their names.
    shift, scale: x = (raw − shift) / scale, numbers for images, (features,) for tables.
    shape: rows and columns of an image, None where a sample is none.  checksum: of all samples and targets.
    """

    train: tuple[Array, Array]
    validation: tuple[Array, Array]
    test: tuple[Array, Array]
    classes: list[str]
    shift: Array
    scale: Array
    shape: tuple[int, int] | None
    checksum: int

    @property
    def sample(self) -> tuple[int, ...]:
        """The shape of a sample."""
        return self.train[0].shape[1:]

    def input(self) -> dict[str, Any]:
        """What a checkpoint must know to make new samples ready."""
        shape = None if self.shape is None else list(self.shape)
        made = {"shift": self.shift, "scale": self.scale, "shape": shape}
        return {**made, "classes": list(self.classes), "checksum": self.checksum}

    def check_same(self, path: str, made: Mapping[str, Any]) -> None:
        """Raise ValueError where the checkpoint at a path has learnt from other samples than these."""
        if made["checksum"] != self.checksum:
            raise ValueError(f"--data: expected the samples that {path} has learnt from, got others")


def read(settings: Mapping[str, Any], cure: str = "--download fetches them") -> Source:
    """The data that the settings name, split by their seed.

    cure: what helps where MNIST or Fashion-MNIST is not there.
    Raises FileNotFoundError, and ValueError for a file that cannot be read or a set too small to be split.
    """
    name = settings["data"]
    classes: list[str]
    if name == "digits":
        x, target = data.digits(np.float64)
        return _split(x * 16, target, list("0123456789"), settings, shape=(8, 8), scale=16.0)
    if name in NAMES:
        load, classes = (data.mnist, list("0123456789")) if name == "mnist" else (data.fashion_mnist, CLOTHES)
        options = {"root": settings["data_dir"], "download": settings["download"]}
        try:
            (images, labels), (test_images, test_labels) = (load(train=train, **options) for train in (True, False))
        except FileNotFoundError as error:
            raise FileNotFoundError(str(error).replace("download=True fetches them", cure)) from error
        x, target = _flat(images), labels.astype(np.int64)
        shape = images.shape[1], images.shape[2]
        test = _flat(test_images), test_labels.astype(np.int64)
        return _split(x, target, classes, settings, shape=shape, scale=255.0, test=test)
    if Path(name).suffix not in (".csv", ".npz"):
        raise ValueError(f"--data: expected {', '.join(NAMES)}, or a file ending in .csv or .npz, got {name!r}")
    x, target, classes = data.csv(name, settings["target"]) if name.endswith(".csv") else data.npz(name)
    if not 2 <= len(classes) <= len(x) / 2:
        raise ValueError(
            f"{name}: expected at least two classes, of two samples each on average, "
            f"got {len(classes)} in {len(x)} samples"
        )
    return _split(x.astype(np.float64), target, classes, settings)


def ready(raw: Array, made: Mapping[str, Any], settings: Mapping[str, Any]) -> Array:
    """New samples (N, features) made ready as those of a checkpoint were: (raw − shift) / scale, as its network takes
    them."""
    return _seen((raw - made["shift"]) / made["scale"], made["shape"], settings)


def _seen(x: Array, shape: Sequence[int] | None, settings: Mapping[str, Any]) -> Array:
    """Samples (N, features) as the network of the settings takes them: images of a shape as (N, 1, rows, columns)."""
    return x.reshape(len(x), 1, *shape) if shape and settings["model"] in IMAGE_MODELS else x


def _split(
    x: Array,
    target: Array,
    classes: list[str],
    settings: Mapping[str, Any],
    *,
    shape: tuple[int, int] | None = None,
    scale: float | None = None,
    test: tuple[Array, Array] | None = None,
) -> Source:
    """The parts, by a permutation from the settings' seed; tables are brought to mean 0 and standard deviation 1."""
    order = randperm(len(x), generator=Generator(settings["seed"]))
    checksum = crc32(np.ascontiguousarray(target).data, crc32(np.ascontiguousarray(x).data))
    if test is None:
        kept = round(len(x) * TEST_SHARE)
        test, order = (x[order[:kept]], target[order[:kept]]), order[kept:]
    kept = round(len(order) * settings["validation"])
    held, used = order[:kept], order[kept:]
    if not min(kept, len(used), len(test[0])):
        found = f"{len(used)}, {kept} and {len(test[0])}"
        raise ValueError(f"--data: expected enough samples for training, validation and test, got {found}")
    if scale is None:
        shift, spread = x[used].mean(axis=0), x[used].std(axis=0)
        spread[spread == 0] = 1.0  # a column that never changes
    else:
        shift, spread = np.zeros(()), np.asarray(scale)

    def made(x: Array, target: Array) -> tuple[Array, Array]:
        return _seen((x - shift) / spread, shape, settings), target

    return Source(
        train=made(x[used], target[used]),
        validation=made(x[held], target[held]),
        test=made(*test),
        classes=classes,
        shift=shift,
        scale=spread,
        shape=shape,
        checksum=checksum,
    )


def _flat(images: Array) -> Array:
    return images.reshape(len(images), -1).astype(np.float64)
