"""A training step as a CUDA graph: captured once, then replayed by one launch in place of dozens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from inspect import signature
from typing import Any, NoReturn

from numpy_nn.backend import Array, array_module, device_of, is_array
from numpy_nn.capturing import recorded, rehearsed
from numpy_nn.optim import Optimizer


def capture(step: Callable[..., Any], check: bool = True) -> Captured:
    """A step that does what this one does, on a GPU by replaying a CUDA graph of it; elsewhere it runs the step itself.

        def step(x, target):
            optimizer.zero_grad()
            loss = criterion(model(x), target)
            model.backward(criterion.backward())
            optimizer.step()
            return loss

        step = training.capture(step)
        for x, target in loader:
            loss = step(x, target)

    step: takes arrays; returns an array, several, or None. What else it depends on is what it was when it was captured,
    but for parameters and buffers, which change in place, and the options of its optimizers: where one is another than
    before, by a schedule say, the step is captured anew.
    check: look at indices, as the classes that cross entropy is given, before each replay, for which the device is
    waited for. Without, an index out of range does anything.

    The first call runs the step as it is, the second captures it, and what it cannot capture it refuses before anything
    is changed: ValueError for an optimizer whose own rule counts its steps (Adam's kernel is told their number), a
    schedule within the step, gradients from before it, masks drawn on the host, what waits for the device, and CuPy's
    own products of matrices, which cannot be captured: Linear has a kernel for small ones, kernels.cuda.linear.
    Raises ValueError for arguments of other shapes, dtypes or devices than the first, TypeError for what is no array,
    and for a step that is no function.
    NVIDIA, CUDA C++ Programming Guide, "CUDA Graphs"; cupy.cuda.Stream.begin_capture; torch.cuda.graph.
    """
    if not callable(step):
        raise TypeError(f"step: expected a function of arrays, got {type(step).__name__}")
    return Captured(step, check)


class Captured:
    """A step, and from the second call on its graph: see `capture`.

    graph: CuPy's; None where there is none.  captures: how often the step has been captured.
    """

    def __init__(self, step: Callable[..., Any], check: bool = True) -> None:
        self.step, self.check = step, check
        self.graph: Any = None
        self.captures = 0
        self._buffers: list[Array] = []

    def __call__(self, *arrays: Array) -> Any:
        """What the step returns; of what a replay gives a copy, which later calls leave as it is."""
        if not arrays or not all(map(is_array, arrays)):
            raise TypeError(f"step: expected arrays, got {', '.join(type(x).__name__ for x in arrays) or 'nothing'}")
        xp = array_module(arrays[0])
        if not self._buffers:
            return self._rehearse(xp, arrays) if hasattr(xp, "cuda") else self.step(*arrays)
        self._check_alike(arrays)
        if self.graph is None or not _same(self._ground, _ground(self._optimizers)):
            self._record(xp)
        if self.check:
            for place, holds in self._checks:
                holds(arrays[place])
        for prepare in self._preparations:
            prepare()
        for buffer, array in zip(self._buffers, arrays, strict=True):
            buffer[...] = array
        self.graph.launch()
        return _copied(self._result)

    def _rehearse(self, xp: Any, arrays: Sequence[Array]) -> Any:
        """Run the step as it is, on the stream and in the memory of the capture to come: kernels are compiled."""
        self._stream, self._pool = xp.cuda.Stream(non_blocking=True), xp.cuda.MemoryPool()
        current = xp.cuda.get_current_stream()
        self._stream.wait_event(current.record())
        with rehearsed() as self._optimizers, xp.cuda.using_allocator(self._pool.malloc), self._stream:
            result = self.step(*arrays)
        current.wait_event(self._stream.record())
        self._buffers = [array.copy() for array in arrays]
        return result

    def _record(self, xp: Any) -> None:
        """Capture the step, nothing of which runs. All it allocates is the graph's, for as long as this lives."""
        self.graph, self._ground = None, _ground(self._optimizers)
        counts = [_counts(optimizer) for optimizer in self._optimizers]
        with recorded(self._buffers) as recording, _fresh(self._optimizers):
            with xp.cuda.using_allocator(self._pool.malloc), self._stream:
                graph, self._result = _graph(self._stream, self.step, self._buffers)
            if not _same(self._ground, _ground(self._optimizers)):
                _refuse("options that stay, and arrays that change in place", "a step that puts others in their place")
            for optimizer, count in zip(self._optimizers, counts, strict=True):
                if _counts(optimizer) != count:
                    name = type(optimizer).__name__
                    _refuse("an optimizer whose kernel is told the number of a step", f"{name}, whose own rule counts")
        self.graph, self._checks, self._preparations = graph, recording.checks, recording.preparations
        self.captures += 1

    def _check_alike(self, arrays: Sequence[Array]) -> None:
        """Raise ValueError unless arguments are what the first ones were, but for their values."""
        if len(arrays) != len(self._buffers):
            raise ValueError(f"step: expected {len(self._buffers)} arrays, as in the first call, got {len(arrays)}")
        for number, (array, buffer) in enumerate(zip(arrays, self._buffers, strict=True)):
            found, expected = ((x.shape, x.dtype.name, device_of(x)) for x in (array, buffer))
            if found != expected:
                raise ValueError(
                    f"{_name(self.step, number)}: expected shape {expected[0]} of {expected[1]} on {expected[2]}, as "
                    f"in the first call, got {found[0]} of {found[1]} on {found[2]}"
                )


def _graph(stream: Any, step: Callable[..., Any], buffers: Sequence[Array]) -> tuple[Any, Any]:
    """The graph of a step on a stream, and what the step returned, in which the graph will put values."""
    stream.begin_capture()
    try:
        result = step(*buffers)
        _check_result(result)
    except BaseException as error:
        with suppress(Exception):  # CUDA's, that the capture is invalid
            stream.end_capture()
        if isinstance(error, NotImplementedError | RuntimeError):  # CuPy's of its libraries, and CUDA's
            _refuse("what a CUDA graph can hold", f"{type(error).__name__}: {error}", error)
        raise
    return stream.end_capture(), result


@contextmanager
def _fresh(optimizers: Iterable[Optimizer]) -> Iterator[None]:
    """Gradients there were cannot be added to; where the block fails, everything is again what it was."""
    parameters = [p for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]]
    before = [(p, p.data, p.grad) for p in parameters]
    states = [(optimizer, {p: dict(state) for p, state in optimizer.state.items()}) for optimizer in optimizers]
    groups = [(group, dict(group)) for optimizer in optimizers for group in optimizer.param_groups]
    old = _Old()
    for p in parameters:
        p._grad = old
    done = False
    try:
        yield
        done = True
    finally:
        for p, data, gradient in before:
            if not done or p._grad is old:
                p.data, p._grad = data, gradient
        if not done:
            for optimizer, state in states:
                optimizer.state = state
            for group, options in groups:
                group.update(options)


class _Old:
    """In place of a gradient from before the step, to which a replay would not add what the step adds."""

    def _refused(self, *others: Any) -> NoReturn:
        _refuse("zero_grad in it, before backward", "gradients from before the step")

    __add__ = __neg__ = __getattr__ = _refused


def _ground(optimizers: Iterable[Optimizer]) -> tuple[list[Any], list[Array]]:
    """What a graph takes for granted: options of the optimizers, and where parameters and states lie."""
    options: list[Any] = []
    arrays: list[Array] = []
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            options.append({name: value for name, value in group.items() if name != "params"})
            arrays += (p.data for p in group["params"])
        for state in optimizer.state.values():
            arrays += filter(is_array, state.values())
    return options, arrays


def _counts(optimizer: Optimizer) -> list[Any]:
    """What is no array in an optimizer's state."""
    return [value for state in optimizer.state.values() for value in state.values() if not is_array(value)]


def _same(before: tuple[list[Any], list[Array]], now: tuple[list[Any], list[Array]]) -> bool:
    """Whether options are equal, and arrays the same."""
    return before[0] == now[0] and list(map(id, before[1])) == list(map(id, now[1]))


def _copied(result: Any) -> Any:
    """Copies of what a step returns."""
    if isinstance(result, tuple | list):
        kind = type(result)
        return getattr(kind, "_make", kind)(map(_copied, result))  # a namedtuple takes its parts one by one
    return None if result is None else result.copy()


def _check_result(result: Any) -> None:
    """Raise TypeError for anything but an array, several of them, and None."""
    if isinstance(result, tuple | list):
        for part in result:
            _check_result(part)
    elif result is not None and not is_array(result):
        raise TypeError(f"step: expected it to return arrays or None, got {type(result).__name__}")


def _name(step: Callable[..., Any], number: int) -> str:
    """The name of an argument."""
    with suppress(ValueError, IndexError):
        return list(signature(step).parameters)[number]
    return f"argument {number}"


def _refuse(expected: str, got: str, cause: BaseException | None = None) -> NoReturn:
    raise ValueError(f"step: expected {expected}, where a graph is captured, got {got}") from cause
