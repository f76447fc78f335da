"""Checkpoints as the command line meets them: from train, or changed by somebody."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from numpy_nn.command_line.settings import IMAGE_MODELS, checked
from numpy_nn.command_line.source import ready
from numpy_nn.command_line.wing import Wing

LARGEST = 2**16
"""Pixels of an image; more, which a changed checkpoint may ask for, are not tried."""


def read_saved(wing: Wing, path: str) -> dict[str, Any]:
    """A checkpoint that train wrote, with settings that are possible. Raises ValueError for another one."""
    saved = wing.load(path)
    missing = [name for name in ("settings", "input", "model") if not isinstance(saved, dict) or name not in saved]
    if missing:
        raise ValueError(f"{path}: expected a checkpoint that train wrote, got one without {', '.join(missing)}")
    with fitting(path):
        made = {name: saved["input"][name] for name in ("shift", "scale", "shape", "classes", "checksum")}
        made |= {name: np.asarray(made[name]) for name in ("shift", "scale")}
        return {**saved, "settings": checked(saved["settings"]), "input": made}


def read_network(wing: Wing, path: str, device: str) -> dict[str, Any]:
    """A checkpoint that train wrote, whose network has been tried on one sample; it also says how many `features`.

    Raises ValueError for another one, or without the device.
    """
    saved = read_saved(wing, path)
    wing.check_device(device)
    with fitting(path), np.errstate(all="ignore"):
        made, settings = saved["input"], saved["settings"] | {"device": device}
        features = _features(settings, made["shape"], saved["model"])
        scores = wing.scores(settings, saved["model"], ready(np.zeros((1, features)), made, settings))
        if scores.shape != (1, len(made["classes"])) or not np.isfinite(scores).all():
            raise ValueError(f"expected a finite score for each of {len(made['classes'])} classes")
    return {**saved, "settings": settings, "features": features}


def _features(settings: Mapping[str, Any], shape: Sequence[int] | None, state: Mapping[str, Any]) -> int:
    """How many numbers a sample of a network has. Raises ValueError where it learnt from images, but of no shape."""
    if shape is None and settings["model"] not in IMAGE_MODELS:
        return int(next(array.shape[1] for name, array in state.items() if name.endswith("weight")))
    if shape is None or not 0 < math.prod(shape) <= LARGEST:
        raise ValueError(f"expected images of 1 to {LARGEST} pixels, got {shape}")
    return math.prod(shape)


@contextmanager
def fitting(path: str) -> Iterator[None]:
    """Whatever goes wrong in the block is put down to the content of the checkpoint at a path: ValueError says so."""
    try:
        yield
    except Exception as error:
        why = " ".join(str(error).split())
        raise ValueError(f"{path}: expected a checkpoint as train writes it, got another: {why}") from error
