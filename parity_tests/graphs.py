"""A stand-in for CuPy's streams and graphs, on the strict array and the emulated kernels, for machines without a GPU.

While a stream captures, every operation is noted with its arguments, and none has happened: what it would have changed
is put back, what it would have computed is nan or −1, and asking for a number is refused, as are copies from the host
and the products that CuPy leaves to cuBLAS. A launch does it all again, into the same arrays. Streams stand in one
queue: only a GPU can show that they wait for one another, and that memory which a graph uses is given to nobody else.
Facts: CuPy 14.2, cuda/stream.pyx, cuda/graph.pyx; cupy_backends/cuda/libs/cublas.pyx, setStream: NotImplementedError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from numpy_nn import backend
from parity_tests import emulation
from parity_tests.strict import StrictArray, StrictFunction, StrictModule, strict

CUBLAS = frozenset({"dot", "matmul", "__matmul__", "inner", "outer", "tensordot", "einsum", "vdot"})

events: list[str] = []
"""What was asked of streams and graphs, in order."""


class Graph:
    """Operations, each of which can be done again."""

    def __init__(self) -> None:
        self.again: list[Callable[[], None]] = []
        self.undo: list[Callable[[], None]] = []

    def launch(self) -> None:
        """Do them, in order."""
        events.append("launch")
        with backend.silent():
            for operation in self.again:
                operation()


class Stream:
    """A stream: what runs is in its `with`, or in that of none."""

    capturing: Graph | None = None

    def __init__(self, non_blocking: bool = False) -> None:
        self.non_blocking = non_blocking

    def __enter__(self) -> Stream:
        events.append("enter")
        return self

    def __exit__(self, *error: object) -> None:
        events.append("exit")

    def record(self) -> Stream:
        """An event."""
        return self

    def wait_event(self, event: Stream) -> None:
        """Wait for what the other stream has been given so far."""
        assert event is not self
        events.append("wait")

    def begin_capture(self) -> None:
        """From here on nothing happens."""
        assert self.non_blocking, "the default stream cannot be captured"
        assert Stream.capturing is None
        events.append("begin")
        Stream.capturing = Graph()

    def end_capture(self) -> Graph:
        """What would have happened."""
        graph, Stream.capturing = Stream.capturing, None
        assert graph is not None
        events.append("end")
        for undo in reversed(graph.undo):
            undo()
        return graph


class MemoryPool:
    """Memory."""

    def malloc(self, size: int) -> None:
        """Never asked."""
        raise AssertionError


@contextmanager
def using_allocator(malloc: Callable[..., Any]) -> Iterator[None]:
    """Memory comes from there."""
    assert isinstance(malloc.__self__, MemoryPool)  # type: ignore[attr-defined]
    events.append("allocator")
    yield


class Device:
    """The only one."""

    def synchronize(self) -> None:
        """Wait for all streams."""
        events.append("synchronize")


CUDA = SimpleNamespace(
    Stream=Stream, MemoryPool=MemoryPool, using_allocator=using_allocator, get_current_stream=Stream, Device=Device
)


def noted(function: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
    """A function that is noted while a stream captures. name: what it is called; else its first argument knows."""

    def call(*args: Any, **kwargs: Any) -> Any:
        graph = Stream.capturing
        called = name or args[0].__name__
        if graph is None or called in ("empty", "empty_like"):  # memory is there before any operation
            return function(*args, **kwargs)
        refused(called, args)
        given = arrays([*args, *kwargs.values()])
        before = [array.copy() for array in given]
        Stream.capturing = None  # what it calls itself is a part of it
        try:
            result = function(*args, **kwargs)
        finally:
            Stream.capturing = graph
        for array, old in zip(given, before, strict=True):
            if array.tobytes() != old.tobytes():
                graph.undo.append(partial(np.copyto, array, old))
        made = arrays([result])
        fresh = [k for k, array in enumerate(made) if not any(np.may_share_memory(array, other) for other in given)]
        for k in fresh:
            graph.undo.append(partial(made[k].fill, np.nan if made[k].dtype.kind == "f" else -1))

        def again() -> None:
            values = arrays([function(*args, **kwargs)])
            for k in fresh:
                made[k][...] = values[k]

        graph.again.append(again)
        return result

    return call


def refused(name: str, args: tuple[Any, ...]) -> None:
    """Raise what CuPy and CUDA raise while a stream captures."""
    if name in CUBLAS:
        raise NotImplementedError("calling cuBLAS API during stream capture is currently unsupported")
    if name == "asnumpy" or (name in ("array", "asarray", "frombuffer") and not arrays(args)):
        raise RuntimeError("cudaErrorStreamCaptureUnsupported: operation not permitted when stream is capturing")


def arrays(values: Any) -> list[np.ndarray]:
    """All arrays in arguments or a result, one whose method is called among them."""
    found = []
    for value in values:
        if isinstance(value, StrictArray):
            found.append(value._array)
        elif isinstance(value, StrictFunction) and isinstance(getattr(value._function, "__self__", None), np.ndarray):
            found.append(value._function.__self__)
        elif isinstance(value, list | tuple):
            found += arrays(value)
    return found


class Launched(emulation.RawKernel):
    """A kernel that is not run while a stream captures; arrays that it finds in a table are known from then on."""

    known: ClassVar[dict[int, tuple[int, emulation.Copy]]] = {}

    def __call__(self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]) -> None:
        if Stream.capturing is not None:
            Stream.capturing.again.append(partial(self, grid, block, args))
            return
        self.known.update({copy.address: (key, copy) for key, copy in emulation.pointed.items()})
        cells = [cell for arg in args if isinstance(arg, np.ndarray) for cell in np.frombuffer(arg, "i8").tolist()]
        emulation.pointed.clear()
        emulation.pointed.update(self.known[cell] for cell in cells if cell in self.known)
        super().__call__(grid, block, args)


METHODS = [name for name, value in vars(StrictArray).items() if getattr(value, "__name__", "") == "operate"]
METHODS += ["__getitem__", "__setitem__", "take"]


@contextmanager
def graphed() -> Iterator[list[str]]:
    """Strict arrays are those of a GPU with streams and graphs for this long; gives what is asked of these."""
    Stream.capturing = None
    events.clear()
    Launched.known.clear()
    with pytest.MonkeyPatch.context() as patch, emulation.emulated(Launched):
        patch.setattr(StrictFunction, "__call__", noted(StrictFunction.__call__))
        for name in METHODS:
            patch.setattr(StrictArray, name, noted(getattr(StrictArray, name), name))
        for name in ("array", "asarray", "asnumpy", "take", "take_along_axis"):
            patch.setattr(StrictModule, name, noted(getattr(StrictModule, name), name))
        patch.setitem(vars(strict), "cuda", CUDA)
        yield events
