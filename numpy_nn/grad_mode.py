"""Whether operations are recorded, and whether anybody wants the gradient of the input."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextvars import ContextVar
from functools import partial, wraps
from inspect import isgeneratorfunction
from typing import Any, ClassVar

_enabled: ContextVar[bool] = ContextVar("grad_enabled", default=True)


def is_grad_enabled() -> bool:
    """Whether operations are recorded here and now: in this thread, or this task."""
    return _enabled.get()


class _Mode:
    """Gives a variable another value, for the length of a `with` or of each call of a function."""

    _variable: ClassVar[ContextVar[Any]]
    _before: list[Any]

    def _value(self) -> Any:
        """What the variable is to be."""
        raise NotImplementedError

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
        self._before.append(self._variable.get())
        self._variable.set(self._value())

    def __exit__(self, *error: object) -> None:
        self._variable.set(self._before.pop())


class no_grad(_Mode):
    """Nothing is recorded: results need no gradient, whatever they are computed from, and layers keep no pullback.

    with no_grad(): …     or     @no_grad() above a function     or     @no_grad
    torch.no_grad.
    """

    _variable = _enabled

    def _value(self) -> bool:
        return False


class enable_grad(_Mode):
    """Operations are recorded again, inside no_grad.

    with enable_grad(): …     or     @enable_grad() above a function     or     @enable_grad
    torch.enable_grad.
    """

    _variable = _enabled

    def _value(self) -> bool:
        return True


class Forward:
    """A pass through a model. learning: whether a parameter that learns has taken part in it by now."""

    __slots__ = ("learning",)

    def __init__(self, learning: bool) -> None:
        self.learning = learning


_forward: ContextVar[Forward | None] = ContextVar("forward", default=None)


class no_input_grad(_Mode):
    """Nobody wants the gradient of what the model is given here: what only leads to it is not computed.

        with nn.no_input_grad():            # or @no_input_grad() above a function
            y = model(x)
        model.backward(dy)                  # every parameter that learns gets the gradient it would have got; x none

    As in PyTorch, where an x that does not require grad decides this. Layers before the first one that learns keep
    nothing for backward and return None from it; that first one does not compute dx and returns None, too. First is
    what is called first, in one pass: a second pass inside the same `with` is treated as if it followed the first.
    In backward, RuntimeError where no parameter that took part learns: nothing would be changed by it.
    """

    _variable = _forward

    def _value(self) -> Forward:
        return Forward(learning=False)


def current_forward() -> Forward:
    """The pass under way; outside no_input_grad, one whose input counts as something that learns."""
    return _forward.get() or Forward(learning=True)
