"""Where something is to be written: tried before anything long is computed for it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from numpy_nn import pictures
from numpy_nn.command_line.typed import as_typed
from numpy_nn.files import whole


class _Tried(Exception):
    """Ends a trial, so that nothing is written."""


def writable(option: str, path: str | Path | None) -> None:
    """Make the folder of the file that an option names, if it names one. ValueError where it cannot be written."""
    if path is None:
        return
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with suppress(_Tried), whole(path):
            raise _Tried
    except OSError as error:
        problem = (
            error if error.strerror is None else f"{path}: expected a file that can be written, got: {error.strerror}"
        )
        raise ValueError(f"{option}: {problem}") from error


def drawable(option: str, path: str | Path | None) -> None:
    """The same of a picture, and raise what drawing it would raise: before something long is computed for it."""
    if path is not None:
        with as_typed(path=option):
            pictures.check(path)
    writable(option, path)
