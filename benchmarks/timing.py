"""Several ways to do one thing, timed in turn on one core, and only where they agree.

The clock is torch.utils.benchmark's, which waits for PyTorch's GPU; for another, the call that is timed has a wait. The
Timer there warms up by two calls before every block, which for calls of seconds would triple the time; here a block's
warm-up is part of its setup, for short calls only.
"""

from __future__ import annotations

import os
import time
import timeit
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import copy_context

import torch
from threadpoolctl import threadpool_limits
from torch.utils.benchmark import timer as clock

from benchmarks.contest import Call, Contest, NotCaptured, Side, nothing
from benchmarks.floor import Floor
from benchmarks.results import Row
from parity_tests.bounds import Mismatch

BLOCK = 0.02
"""Seconds that one side runs before the next takes its turn: single calls in turn would evict each other's data."""

REST = 0.1
"""Seconds between blocks of several threads: those of the one side wait for more work, at full speed, while the other
side begins. OpenBLAS's give up after 2²⁶ cycles."""

ROUNDS = 7
"""Blocks of each side at the least, so that there are quartiles."""

FEW, LONG = 5, 1.0
"""So many, where a round of all sides takes longer than these seconds."""

SHORT = 20e-6
"""A block is never shorter: the clock itself takes a part of a microsecond."""


def measured(contest: Contest, backends: Iterable[str], min_time: float, floor: Floor) -> list[Row]:
    """The rows of a contest, one for each phase, for min_time seconds of each backend at the least.

    Kernel sets and random streams that a side sets for itself end with it.
    """
    return copy_context().run(_measured, contest, [b for b in backends if b in contest.prepare], min_time, floor)


def _measured(contest: Contest, backends: list[str], min_time: float, floor: Floor) -> list[Row]:
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False  # as CuPy has it
    sides: dict[str, Side] = {}
    problems: dict[str, str] = {}
    for backend in backends:
        try:
            side = contest.prepare[backend]()
            if side is not None:
                sides[backend] = side
        except Mismatch as mismatch:
            problems[backend] = f"refused: {mismatch}"
        except NotCaptured as error:
            problems[backend] = f"not captured: {error}"
        except torch._dynamo.exc.TorchDynamoException as error:
            problems[backend] = f"not compiled: {str(error).splitlines()[0]}"
    if not sides:
        return [Row(contest.name, "", "s", problems=problems, size=contest.size)]
    work, rows = contest.work(), []
    for phase in max(sides.values(), key=len):
        if contest.phase not in (None, phase):
            continue
        calls = {backend: side[phase] for backend, side in sides.items() if phase in side}
        values, share = race(calls, min_time, REST if contest.threads > 1 else 0.0)
        own = work.get(phase)
        row = Row(contest.name, phase, "s", values, problems, contest.size, share)
        if own is not None:
            row.flops, row.bytes = own.flops, own.bytes
            row.floor = floor.of(own) if contest.threads == 1 else None  # measured on one core
        rows.append(row)
    return rows


def race(calls: dict[str, Call], min_time: float, rest: float = 0.0) -> tuple[dict[str, list[float]], float]:
    """Seconds of one call, one number a block, by backend; and the share of the processor that all blocks got.

    rest: seconds before each block.
    """
    block = max(SHORT, min(BLOCK, min_time / ROUNDS))
    counts = {backend: _count(call, block) for backend, call in calls.items()}
    values: dict[str, list[float]] = {backend: [] for backend in calls}
    total = spent = busy = 0.0
    rounds = 0
    while rounds < (FEW if total > LONG * rounds else ROUNDS) or total < min_time * len(calls):
        rounds += 1
        for backend, call in calls.items():
            if rest:
                time.sleep(rest)
            wall, cpu = _block(call, counts[backend])
            values[backend].append(wall / counts[backend])
            total += wall
            if call.wait is nothing:  # who waits for a GPU leaves the processor to others
                spent, busy = spent + wall, busy + cpu
    return values, busy / spent if spent else 1.0


def _count(call: Call, block: float) -> int:
    """How many calls fill a block; this is also the warm-up, after which calls that are long are not timed again."""
    once, _ = _block(call, 1)
    if once < LONG / 10:
        once, _ = _block(call, 1)
    if once < block:
        tries = max(1, round(block / 4 / once))
        once = _block(call, tries)[0] / tries
    return max(1, round(block / once))


def _block(call: Call, count: int) -> tuple[float, float]:
    """Wall and processor seconds of so many calls. Before several, two more warm up the caches."""
    cpu: list[float] = []

    def both() -> float:
        call.wait()
        cpu.append(time.process_time())
        return clock()

    setup = "restart()" + ("; run(); run()" if count > 1 else "")
    wall = timeit.Timer("run()", setup, both, {"run": call.run, "restart": call.restart}).timeit(count)
    return wall, cpu[1] - cpu[0]


@contextmanager
def pinned(count: int = 1) -> Iterator[list[int] | None]:
    """So many threads for NumPy's BLAS and for PyTorch, on as many cores where the system can pin.

    Yields which cores, or None.
    """
    threads, chosen, allowed = torch.get_num_threads(), None, None
    if hasattr(os, "sched_setaffinity"):
        allowed = os.sched_getaffinity(0)
        chosen = sorted(allowed)[-count:]  # the first one takes most interrupts
        os.sched_setaffinity(0, chosen)
    torch.set_num_threads(count)
    try:
        with threadpool_limits(count):
            yield chosen
    finally:
        torch.set_num_threads(threads)
        if allowed is not None:
            os.sched_setaffinity(0, allowed)
