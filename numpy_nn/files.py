"""Files that are whole or not there at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows, where a file that someone holds open cannot be removed anyway
    fcntl = None  # type: ignore[assignment]


@contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file to write to, which takes the place of `path` when the block ends without an error.

        with whole("model.npz") as file:
            file.write(data)

    Until then it has another name in the same folder, `.model.npz.….part`. It is flushed to the disk before it is
    renamed, and the folder after that: whenever the process or the machine dies, `path` holds all of the old content
    or all of the new. An error in the block removes the unfinished file. One that a killed process left behind is
    removed by the next `whole` of the same path; one that another process is still writing is told apart by its lock.

    A new file gets the permissions that the umask leaves; one that is replaced keeps its own. A symbolic link stays,
    and the file it points to is replaced. Raises FileNotFoundError without the folder, IsADirectoryError for a folder.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(f"{path}: expected the name of a file, got a folder")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{path}: expected a folder {target.parent}, found none")
    _remove_unfinished(target)
    unfinished, file = _create(target)
    try:
        with file:
            if target.exists() and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
            if fcntl is not None:
                os.replace(unfinished, target)  # still locked: unlocked, it would pass for a leftover
        if fcntl is None:
            os.replace(unfinished, target)  # Windows does not rename a file that is open
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text as UTF-8, whole or not at all. Raises what `whole` raises."""
    with whole(path) as file:
        file.write(text.encode())


def _create(target: Path) -> tuple[Path, BinaryIO]:
    """A new file beside the target, locked for as long as it is open."""
    while True:
        unfinished = target.with_name(f".{target.name}.{os.urandom(8).hex()}.part")
        file = open(unfinished, "xb")  # noqa: SIM115  (closed by whole)
        if fcntl is None:
            return unfinished, file
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:  # nobody took it for a leftover before it was locked
            return unfinished, file
        file.close()


def _remove_unfinished(target: Path) -> None:
    """Remove what killed processes left of the target; what is locked is being written."""
    with os.scandir(target.parent) as entries:
        names = [entry.name for entry in entries]
    for name in names:
        if name.startswith(f".{target.name}.") and name.endswith(".part"):
            leftover = target.with_name(name)
            with suppress(OSError), open(leftover, "rb") as file:
                if fcntl is not None:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    leftover.unlink()
            if fcntl is None:
                with suppress(OSError):
                    leftover.unlink()


def _sync_folder(folder: Path) -> None:
    """Let the new name reach the disk."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
