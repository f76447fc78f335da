"""Batches made ahead, by threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from weakref import finalize

from numpy_nn.random import Generator, default_stream

_END = object()  # in a worker's queue of tasks: no more will follow


class Prefetch(Iterator[Any]):
    """fetch(indices) for each of an iterator's indices, in order, up to `ahead` per worker before they are asked for.

    Task i is worker i mod `workers`' own, and what that draws by default comes from a stream with the seed `seed` + its
    number: so the draws do not depend on which thread is faster. The indices are drawn in the thread that iterates,
    `ahead` times `workers` of them at the start and one more for each batch handed out.
    The threads end with the pass, or when nobody holds this object any longer.
    """

    def __init__(
        self, fetch: Callable[[Any], Any], indices: Iterator[Any], workers: int, ahead: int, seed: int
    ) -> None:
        self._indices = indices
        self._tasks: list[SimpleQueue[Any]] = [SimpleQueue() for _ in range(workers)]
        self._results: list[SimpleQueue[Any]] = [SimpleQueue() for _ in range(workers)]
        self._sent = self._received = 0
        # The threads know the queues, not this object: so it can be dropped while they wait.
        self._end = finalize(self, _end, self._tasks)
        self._threads = [
            Thread(
                target=copy_context().run,
                args=(_work, fetch, tasks, results, seed + number),
                name=f"DataLoader worker {number}",
                daemon=True,
            )
            for number, (tasks, results) in enumerate(zip(self._tasks, self._results, strict=True))
        ]
        for thread in self._threads:
            thread.start()
        for _ in range(workers * ahead):
            self._send()

    def __next__(self) -> Any:
        if self._received == self._sent:
            self._end()
            for thread in self._threads:
                thread.join()
            raise StopIteration
        batch, error = self._results[self._received % len(self._results)].get()
        self._received += 1
        self._send()
        if error is None:
            return batch
        try:
            raise error
        finally:
            del error  # it holds this frame, which holds the threads

    def _send(self) -> None:
        """The next task to its worker, if there is one."""
        with suppress(StopIteration):
            self._tasks[self._sent % len(self._tasks)].put(next(self._indices))
            self._sent += 1


def _work(fetch: Callable[[Any], Any], tasks: SimpleQueue[Any], results: SimpleQueue[Any], seed: int) -> None:
    with default_stream(Generator(seed)):
        while (indices := tasks.get()) is not _END:
            try:
                results.put((fetch(indices), None))
            except BaseException as error:
                results.put((None, error))


def _end(queues: list[SimpleQueue[Any]]) -> None:
    """Make each worker stop after the task it is at."""
    for tasks in queues:
        with suppress(Empty):
            while True:
                tasks.get_nowait()
        tasks.put(_END)
