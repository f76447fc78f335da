"""Whether operations are recorded."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextvars import ContextVar
from functools import partial, wraps
from inspect import isgeneratorfunction
from typing import Any

_enabled: ContextVar[bool] = ContextVar("grad_enabled", default=True)


def is_grad_enabled() -> bool:
    """Whether operations are recorded here and now: in this thread, or this task."""
    return _enabled.get()


class _GradMode:
    """Sets whether operations are recorded, for the length of a `with` or of each call of a function."""

    enabled: bool
    _before: list[bool]

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """A context manager; or, as the decorator written without parentheses, the decorated function."""
        self = super().__new__(cls)
        self._before = []
        return self if function is None else self(function)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if isgeneratorfunction(function):
            return wraps(function)(self._each_step(function))

        @wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            with type(self)():
                return function(*args, **kwargs)

        return called

    def _each_step(self, function: Callable[..., Generator[Any, Any, Any]]) -> Callable[..., Any]:
        """The generator function, of which each step is taken in this mode, and the caller's is put back in between."""

        def generating(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            steps = function(*args, **kwargs)
            step: Callable[[], Any] = partial(next, steps)
            while True:
                try:
                    with type(self)():
                        value = step()
                except StopIteration as end:
                    return end.value
                try:
                    step = partial(steps.send, (yield value))
                except BaseException as error:  # GeneratorExit among them, which closes the steps, too
                    step = partial(steps.throw, error)

        return generating

    def __enter__(self) -> None:
        self._before.append(_enabled.get())
        _enabled.set(self.enabled)

    def __exit__(self, *error: object) -> None:
        _enabled.set(self._before.pop())


class no_grad(_GradMode):
    """Nothing is recorded: results need no gradient, whatever they are computed from.

    with no_grad(): …     or     @no_grad() above a function     or     @no_grad
    torch.no_grad.
    """

    enabled = False


class enable_grad(_GradMode):
    """Operations are recorded again, inside no_grad.

    with enable_grad(): …     or     @enable_grad() above a function     or     @enable_grad
    torch.enable_grad.
    """

    enabled = True
