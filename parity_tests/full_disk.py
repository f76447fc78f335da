"""A disk without room, which says so when a file is to be written for good."""

from __future__ import annotations

import errno
import os


def full(descriptor: int) -> None:
    """What os.fsync does there."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
