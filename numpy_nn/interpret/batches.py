"""How many images go through a network at once where a method asks about many versions of each."""

from __future__ import annotations

from collections.abc import Iterator

TOGETHER = 32
"""A network asked about one image at a time is several times slower; about all at once, it needs that much memory."""


def batches(versions: int, samples: int) -> Iterator[slice]:
    """Slices of so many versions of so many samples, each with TOGETHER images at most, or one version of each."""
    step = max(1, TOGETHER // max(1, samples))
    for first in range(0, versions, step):
        yield slice(first, min(first + step, versions))
