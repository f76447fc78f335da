"""Where something is to be written: tried before anything long is computed for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from numpy_nn import pictures
from numpy_nn.files import whole


class _Tried(Exception):
    """Ends a trial, so that nothing is written."""


def writable(path: str | Path) -> None:
    """Make the folder of a file, and raise ValueError or OSError where the file cannot be written."""
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with suppress(_Tried), whole(path):
            raise _Tried
    except OSError as error:
        if error.strerror is None:
            raise
        raise ValueError(f"{path}: expected a file that can be written, got: {error.strerror}") from error


def given(option: str, path: str | Path | None, check: Callable[[str | Path], None] = writable) -> None:
    """Check the file that an option names, if it names one; the option stands before what is wrong with it."""
    try:
        if path is not None:
            check(path)
    except (OSError, ValueError) as error:
        raise ValueError(f"{option}: {error}") from error


def drawable(path: str | Path) -> None:
    """Make the folder of a picture, and raise what drawing it would raise: before something long is computed for it."""
    pictures.check(path)
    writable(path)
