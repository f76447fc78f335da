"""Processes that are killed while they save, at every step and at any moment.

`python -m parity_tests.killing FILE` prints what was found as JSON. It is a process of its own because it forks.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import random
import signal
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from numpy_nn import checkpoint, files

KILLS = 60
SIZE = 20_000


def save(number: int, path: Path) -> None:
    """Write a version."""
    checkpoint.save({"number": number, "all": np.full(SIZE, number)}, path)


def version(path: Path) -> int:
    """Which version the file is; −1 unless all of it is of one."""
    state = checkpoint.load(path)
    return state["number"] if np.array_equal(state["all"], np.full(SIZE, state["number"])) else -1


def leftovers(path: Path) -> int:
    """How many unfinished files there are."""
    return sum(name.endswith(".part") for name in os.listdir(path.parent))


def forked(work: Callable[[], None]) -> int:
    """A process that does some work; its number."""
    gc.collect()  # what is left of others' processes would complain in this one
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def at_every_step(path: Path) -> list[dict[str, Any]]:
    """Replace version 0 by 1, killed before step 0, before step 1 … until it gets through."""
    found: list[dict[str, Any]] = []
    while not found or found[-1]["killed"]:
        save(0, path)
        left = leftovers(path)
        status = os.waitpid(forked(lambda: dying(len(found), path)), 0)[1]
        found.append({"version": version(path), "killed": os.WIFSIGNALED(status), "left": left})
    return found


def dying(step: int, path: Path) -> None:
    """Save version 1, but die before a step: opening, locking, writing, flushing, closing, renaming."""
    left = step

    def mortal(real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return real(*args, **kwargs)

        return call

    class File:
        """An unbuffered file, mortal in what changes it."""

        def __init__(self, *args: Any) -> None:
            self.file = open(*args, buffering=0)  # noqa: SIM115

        def __getattr__(self, name: str) -> Any:
            real = getattr(self.file, name)
            return mortal(real) if name in ("write", "flush", "close") else real

        def __enter__(self) -> File:
            return self

        def __exit__(self, *_: Any) -> None:
            self.close()

    files.open = mortal(File)  # type: ignore[attr-defined]
    for module, name in ((os, "fsync"), (os, "replace"), (os, "fchmod"), (os, "open"), (fcntl, "flock")):
        setattr(module, name, mortal(getattr(module, name)))
    save(1, path)


def at_any_moment(path: Path) -> list[dict[str, Any]]:
    """Save one version after the other, killed at a time that is drawn, over and over; the last that was reported."""
    chance, last, found = random.Random(path.suffix), 0, []
    save(0, path)
    for _ in range(KILLS):
        reading, writing = os.pipe()
        child = forked(lambda first=last + 1, end=writing: saving(first, path, end))  # type: ignore[misc]
        os.close(writing)
        done = os.read(reading, 4)  # the first save is done: the clock starts
        time.sleep(chance.random() * 0.004)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := os.read(reading, 4096):
            done += more
        os.close(reading)
        last = struct.unpack("<I", done[-4:])[0]
        found.append({"version": version(path), "last": last, "left": leftovers(path)})
        last = found[-1]["version"]
    return found


def saving(number: int, path: Path, end: int) -> None:
    """Save versions for ever, and report each when it is done."""
    while True:
        save(number, path)
        os.write(end, struct.pack("<I", number))
        number += 1


if __name__ == "__main__":
    target = Path(sys.argv[1])
    print(json.dumps({"steps": at_every_step(target), "moments": at_any_moment(target)}))
