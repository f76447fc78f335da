"""What this core can do at the most: a large product of matrices, and copies of arrays of many sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.contest import Work

SIDE = 1536
"""Of the matrices: a product long enough for the last digit of its speed not to matter."""

SIZES = tuple(1 << exponent for exponent in range(14, 29, 2))
"""Bytes that a copy reads and writes: from what fits into the nearest cache to what fits into none."""

TRIES = 9


@dataclass(frozen=True)
class Floor:
    """flops: floating-point operations a second.  copies: (bytes read and written, bytes a second), by size."""

    flops: float
    copies: list[tuple[float, float]]

    def bandwidth(self, size: float) -> float:
        """Bytes a second of a copy that reads and writes so many bytes."""
        sizes, speeds = zip(*self.copies, strict=True)
        return float(np.interp(np.log(size), np.log(sizes), speeds))

    def of(self, work: Work) -> float:
        """Seconds that the work takes at the least: that of its products, or that of its bytes if it is more.

        Bytes count as if all of them lay in the nearest cache that holds them.
        """
        moving = work.bytes / self.bandwidth(work.bytes) if work.bytes else 0.0
        return max(work.flops / self.flops, moving)

    def saved(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def measure() -> Floor:
    """The best of several tries each, in float32."""
    random = np.random.default_rng(0)
    a, b = (random.standard_normal((SIDE, SIDE), np.float32) for _ in range(2))
    product = np.empty_like(a)
    seconds = _best(lambda: np.dot(a, b, out=product), 1)
    return Floor(2 * SIDE**3 / seconds, [(size, _copy(size)) for size in SIZES])


def _copy(size: int) -> float:
    """Bytes a second."""
    source = np.ones(size // 8, np.float32)
    target = np.empty_like(source)
    return size / _best(lambda: np.copyto(target, source), max(1, (1 << 24) // size))


def _best(run: Callable[[], object], count: int) -> float:
    """Seconds of a call, in the fastest of several blocks."""
    best = np.inf
    for _ in range(TRIES):
        start = perf_counter()
        for _ in range(count):
            run()
        best = min(best, (perf_counter() - start) / count)
    return best
