"""Whether operations are recorded, and whether anybody wants the gradient of the input."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
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
    """Nothing is recorded: results need no gradient, whatever they are computed from, and layers keep no pullback.

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


@dataclass(slots=True)
class Forward:
    """A pass through a model. learning: whether a parameter that learns has taken part in it by now."""

    learning: bool


_forward: ContextVar[Forward | None] = ContextVar("forward", default=None)


@contextmanager
def no_input_grad() -> Iterator[None]:
    """Nobody wants the gradient of what the model is given here: what only leads to it is not computed.

        with nn.no_input_grad():
            y = model(x)
        model.backward(dy)                  # every parameter that learns gets the gradient it would have got; x none

    As in PyTorch, where an x that does not require grad decides this. Layers before the first one that learns keep
    nothing for backward and return None from it; that first one does not compute dx and returns None, too. First is
    what is called first, in one pass: a second pass inside the same `with` is treated as if it followed the first.
    In backward, RuntimeError where no parameter that took part learns: nothing would be changed by it.
    """
    token = _forward.set(Forward(learning=False))
    try:
        yield
    finally:
        _forward.reset(token)


def current_forward() -> Forward:
    """The pass under way; outside no_input_grad, one whose input counts as something that learns."""
    return _forward.get() or Forward(learning=True)
