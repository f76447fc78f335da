"""Two implementations of one thing, timed in turn on one core, and only where they agree."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from threadpoolctl import threadpool_limits
from torch.utils.benchmark import Measurement, Timer

from parity_tests.bounds import Mismatch

BLOCK = 0.02
"""Seconds that one side runs before the other takes its turn: single calls in turn would evict each other's data."""

ROUNDS = 5
"""Blocks of each side at the least, so that there are quartiles."""


@dataclass(frozen=True)
class Side:
    """A call to time, and what brings back its start before each block, off the clock.

    Training on and on would kill units, whose momentum dies out in subnormal numbers, which are slow.
    """

    run: Callable[[], object]
    restart: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Contest:
    """One row of the report.

    prepare() -> ours, theirs. It raises Mismatch where the two do not agree, so that there is nothing to time then.
    """

    name: str
    prepare: Callable[[], tuple[Side, Side]]


@dataclass(frozen=True)
class Timed:
    """The times of both sides, one for each block: median and iqr are in seconds for one call."""

    name: str
    ours: Measurement
    theirs: Measurement

    @property
    def ratio(self) -> float:
        """torch / ours: above 1 numpy_nn is faster."""
        return self.theirs.median / self.ours.median


@dataclass(frozen=True)
class Refused:
    """A contest that failed parity, and how."""

    name: str
    reason: str


def race(contest: Contest, min_time: float) -> Timed | Refused:
    """Time both sides in alternating blocks, for min_time seconds together at the least."""
    try:
        sides = contest.prepare()
    except Mismatch as mismatch:
        return Refused(contest.name, str(mismatch))
    timers = [Timer("run()", "restart()", globals={"run": side.run, "restart": side.restart}) for side in sides]
    # blocked_autorange is also the warm-up
    counts = [max(1, round(BLOCK / timer.blocked_autorange(min_run_time=BLOCK).median)) for timer in timers]
    blocks: list[tuple[Measurement, ...]] = []
    spent = 0.0
    while len(blocks) < ROUNDS or spent < min_time:
        blocks.append(tuple(timer.timeit(count) for timer, count in zip(timers, counts, strict=True)))
        spent += sum(block.raw_times[0] for block in blocks[-1])
    ours, theirs = (Measurement.merge(times)[0] for times in zip(*blocks, strict=True))
    return Timed(contest.name, ours, theirs)


@contextmanager
def one_core() -> Iterator[int | None]:
    """One thread for NumPy's BLAS and for PyTorch, on one core where the system can pin; yields which, or None."""
    threads, core, allowed = torch.get_num_threads(), None, None
    if hasattr(os, "sched_setaffinity"):
        allowed = os.sched_getaffinity(0)
        core = max(allowed)  # the first one takes most interrupts
        os.sched_setaffinity(0, {core})
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield core
    finally:
        torch.set_num_threads(threads)
        if allowed is not None:
            os.sched_setaffinity(0, allowed)
