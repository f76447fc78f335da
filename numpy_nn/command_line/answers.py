"""How samples, classes and numbers of things are printed."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.functional import checks


def probabilities(scores: Array) -> Array:
    """softmax of the scores, in float64, for what is printed."""
    shifted = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def check_top(top: int, classes: Sequence[str]) -> None:
    """Raise ValueError for fewer than one class, or more than there are."""
    if checks.integer("--top", top, low=1) > len(classes):
        raise ValueError(f"--top: expected at most {len(classes)}, the number of classes, got {top}")


def counted(number: int, thing: str) -> str:
    """1 word, 2 words."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def width(text: str) -> int:
    """How many columns of a terminal a text takes; a Korean syllable takes two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def padded(text: str, columns: int) -> str:
    """A text with spaces behind it, so that it takes so many columns."""
    return text + " " * (columns - width(text))
