"""What code must know while it runs to be captured as a CUDA graph, in which nothing can be asked of the device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Check = Callable[[Any], None]


class Recording:
    """A step that is being recorded: its arguments, and what the host does before each replay.

    checks: which argument to look at, and how.  preparations: called one after the other when nothing was found wrong.
    """

    def __init__(self, arguments: Sequence[Any]) -> None:
        self.arguments = arguments
        self.checks: list[tuple[int, Check]] = []
        self.preparations: list[Callable[[], None]] = []

    def postpone(self, name: str, array: Any, check: Check) -> None:
        """Check an argument of the step not now, when it holds nothing, but before each replay.

        Raises ValueError where the array is none of them: what is computed on the way is known in a replay only.
        """
        for place, argument in enumerate(self.arguments):
            if array is argument:
                self.checks.append((place, check))
                return
        raise ValueError(
            f"step: expected {name} to be one of its arguments where a graph is captured, got an array that it made, "
            "of which nothing can be checked before a replay"
        )


_recording: ContextVar[Recording | None] = ContextVar("recording", default=None)
_optimizers: ContextVar[list[Any] | None] = ContextVar("optimizers", default=None)


def recording() -> Recording | None:
    """The recording under way, in this thread or task; None where there is none."""
    return _recording.get()


@contextmanager
def recorded(arguments: Sequence[Any]) -> Iterator[Recording]:
    """What runs in the block is recorded, not run."""
    made = Recording(arguments)
    before = _recording.set(made)
    try:
        yield made
    finally:
        _recording.reset(before)


@contextmanager
def rehearsed() -> Iterator[list[Any]]:
    """Gives the optimizers that take a step in the block."""
    found: list[Any] = []
    before = _optimizers.set(found)
    try:
        yield found
    finally:
        _optimizers.reset(before)


def stepping(optimizer: Any) -> None:
    """Tell a rehearsal, if there is one, that an optimizer takes a step."""
    if (found := _optimizers.get()) is not None and optimizer not in found:
        found.append(optimizer)


def stay_on_device(what: str) -> None:
    """Raise ValueError while a step is recorded: what the host does, or is told, would be the same forever."""
    if _recording.get() is not None:
        raise ValueError(
            f"step: expected work on the device alone where a graph is captured, got {what}; what asks for a number, "
            "as item, clip_grad_norm_ and train_step do, and what is drawn at random, as by Dropout, has no place there"
        )
