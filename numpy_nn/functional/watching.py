"""What ran: formulas, kernels and rules of optimizers, counted while somebody watches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any


class Ran(Counter[str]):
    """How often each function was called, by its place in numpy_nn; printed, a line for each, in order of first calls.

    A kernel that hands over to the formula is counted, and the formula too.
    """

    def note(self, function: Callable[..., Any]) -> None:
        """Count a call of a function."""
        self[f"{function.__module__.removeprefix('numpy_nn.')}.{function.__qualname__}"] += 1

    def __str__(self) -> str:
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:<{width}}  {count}" for name, count in self.items())


watching: ContextVar[Ran | None] = ContextVar("watching", default=None)


def note(function: Callable[..., Any]) -> None:
    """Count a call of a function, if anybody watches."""
    if (ran := watching.get()) is not None:
        ran.note(function)
