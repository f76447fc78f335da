"""What is timed: one thing, done by several backends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias


def nothing() -> None:
    """No start to bring back."""


@dataclass(frozen=True)
class Call:
    """What is called again and again, what brings back its start before each block, off the clock, and what waits for
    a device, before the clock is looked at.

    Training on and on would kill units, whose momentum dies out in subnormal numbers, which are slow.
    """

    run: Callable[[], object]
    restart: Callable[[], object] = nothing
    wait: Callable[[], object] = nothing


class NotCaptured(Exception):
    """What cannot be a CUDA graph, and why."""


Side: TypeAlias = dict[str, Call]
"""What a backend does, by phase: "forward", "backward", …"""


def wanted(name: str, only: Sequence[str]) -> bool:
    """Whether a name holds one of these, or nothing is said."""
    return not only or any(part in name for part in only)


def warmed(side: Side) -> Side:
    """A side after one call of each phase, at which PyTorch compiles."""
    for call in side.values():
        call.restart()
        call.run()
    return side


@dataclass(frozen=True)
class Work:
    """What any program has to do: floating-point operations of its products, and bytes that it reads or writes.

    Only what the result depends on is counted, each array once, so that this is a floor: elementwise arithmetic and
    what is kept for the backward are left out.
    """

    flops: float
    bytes: float

    def __add__(self, other: Work) -> Work:
        return Work(self.flops + other.flops, self.bytes + other.bytes)


@dataclass(frozen=True)
class Contest:
    """A row of a report for each phase.

    prepare: by backend, what makes its side. It raises Mismatch where the side does not agree with PyTorch, so that
    there is nothing to time then. A backend that is not in it, or gives None, has no way of its own to do this.
    work: what makes the work of each phase.  phase: the only one to be timed; None for all.
    size: where the thing is one of several sizes.  threads: how many may be used.
    """

    name: str
    prepare: dict[str, Callable[[], Side | None]]
    work: Callable[[], dict[str, Work]] = dict
    phase: str | None = None
    size: int | None = None
    threads: int = 1
