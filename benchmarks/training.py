"""Training SimpleNet on MNIST from the first step to an accuracy on the test images: seconds, steps, wrong answers.

All backends start from the same weights and see the same batches in the same order, PyTorch's from its seed. Before
anything is timed, the gradients and the optimizer's step are shown to be PyTorch's (steps.py), and the first losses of
this very training, which come after many steps, to agree.

The images lie in memory as float32, normalized, before the clock starts. On the clock are the order of each epoch,
drawn anew, the picking of each batch, in the fastest way that either library has (indexing, and index_select, which
takes PyTorch half of the time of indexing), the steps, and the test images after every so many steps. Whole runs of all
backends alternate.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch

import numpy_nn as nn
from benchmarks import agreement, steps
from benchmarks.backends import BASE, NUMPY, device, kernels
from benchmarks.contest import wanted
from benchmarks.networks import Ours, Theirs, simple_net
from benchmarks.results import Row
from parity_tests.bounds import Mismatch
from parity_tests.case import tensor

TIMES = 5
SEED = 1
"""Of the order of the samples."""

FIRST = 50
"""So many losses are compared."""

EPOCHS = 30
"""After so many a run that has not got there is given up."""

ANSWERED = 1000
"""So many test images are looked at together."""

Data: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Images and labels, then images and labels to test."""


@dataclass(frozen=True)
class Course:
    """N: the size of a batch.  optimizer, options: its name, and what it is told.  target: the accuracy to reach.

    every: after so many steps the test images are looked at.
    """

    N: int
    optimizer: str
    options: dict[str, Any]
    every: int
    target: float = 0.97


COURSES = {
    "SimpleNet, SGD, batch 32": Course(32, "optim.SGD", {"lr": 0.1}, 500),
    "SimpleNet, SGD, batch 256": Course(256, "optim.SGD", {"lr": 0.2}, 100),
    "SimpleNet, Adam, batch 256": Course(256, "optim.Adam", {"lr": 0.002}, 100),
}
"""What is trained, by its name in the report.

At these rates rounding errors stay what they are. At 0.5, PyTorch's own losses in float32 are soon others than in
float64, and there is no saying that two trainings are the same.
"""


def rows(backends: Sequence[str], only: Sequence[str] = ()) -> Iterator[Row]:
    """For each course that is wanted its seconds, steps and wrong answers; without MNIST, that it is missing."""
    courses = {name: course for name, course in COURSES.items() if wanted(name, only)}
    able = [name for name in backends if device(name) == "cpu" and not steps.SETTINGS.get(name, {}).get("last")]
    if not courses:
        return
    try:
        data = mnist()
    except FileNotFoundError as error:
        for name in courses:
            yield Row(name, "time", "s", problems=dict.fromkeys(able, f"not measured: {error}"))
        return
    for name, course in courses.items():
        yield from copy_context().run(measured, name, course, able, data)


def mnist() -> Data:
    """Its images as rows of mean 0 and deviation 1, of the folder that NN_DATA names.

    Raises FileNotFoundError where it names none, or MNIST is not in it.
    """
    if "NN_DATA" not in os.environ:
        raise FileNotFoundError("NN_DATA: expected the name of a folder with mnist/*.gz, got none")
    (x, y), (test_x, test_y) = (nn.data.mnist(Path(os.environ["NN_DATA"], "mnist"), train) for train in (True, False))
    x, test_x = (images.reshape(len(images), -1).astype(np.float32) for images in (x, test_x))
    mean, deviation = x.mean(dtype=np.float64), x.std(dtype=np.float64)
    x, test_x = ((images - np.float32(mean)) / np.float32(deviation) for images in (x, test_x))
    return x, y.astype(np.int64), test_x, test_y.astype(np.int64)


def measured(name: str, course: Course, backends: Sequence[str], data: Data) -> list[Row]:
    """The rows of a course. A backend whose training is not PyTorch's is refused."""
    runs: dict[str, Training] = {}
    problems: dict[str, str] = {}
    expected = Training(BASE, course, data).losses(FIRST)
    for backend in backends:
        try:
            shown(course, backend)
            run = Training(backend, course, data)
            agreement.within_roundings(f"the first {FIRST} losses", run.losses(FIRST), expected)
            run()  # warms up, and says whether it gets there
        except (Mismatch, NotReached) as error:
            problems[backend] = f"{'refused' if isinstance(error, Mismatch) else 'not reached'}: {error}"
        else:
            runs[backend] = run
    seconds: dict[str, list[float]] = {backend: [] for backend in runs}
    spent = busy = 0.0
    for _ in range(TIMES if runs else 0):
        for backend, run in runs.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            seconds[backend].append(time.perf_counter() - wall)
            spent, busy = spent + seconds[backend][-1], busy + time.process_time() - cpu
    share = busy / spent if spent else 1.0
    taken, wrong = ({backend: [getattr(run, what)] for backend, run in runs.items()} for what in ("taken", "wrong"))
    return [
        Row(name, f"time to {course.target:.0%}", "s", seconds, problems, share=share),
        Row(name, "steps", "", taken),
        Row(name, f"wrong of {len(data[3])}", "", wrong),
    ]


def shown(course: Course, backend: str) -> None:
    """Raise Mismatch unless gradients and the optimizer's step are PyTorch's."""
    network = simple_net(course.N, course.optimizer, course.options)
    if backend in NUMPY:
        steps.ours(network, kernels(backend))
    else:
        steps.theirs(network, **steps.SETTINGS[backend])


class NotReached(Exception):
    """Training ended below the accuracy that was to be reached."""


class Training:
    """A course by a backend, which begins anew whenever it is called, and is over when the accuracy is reached.

    taken: how many steps that took.  wrong: how many test images were not recognized then.
    """

    taken = wrong = 0.0

    def __init__(self, backend: str, course: Course, data: Data) -> None:
        self.course, self.count = course, len(data[1]) // course.N  # of batches in an epoch; what is left sits it out
        network = simple_net(course.N, course.optimizer, course.options)
        if backend in NUMPY:
            nn.use_kernels(kernels(backend))
            side: Ours | Theirs = Ours(network)
            self.use: Callable[[], object] = partial(nn.use_kernels, kernels(backend))
            self.data: Sequence[Any] = data
            self.orders = partial(our_orders, len(data[1]))
            self.pick = np.ndarray.__getitem__
            self.answer: Callable[[Any], Any] = side.model
            self.unrecorded: Callable[[], Any] = nn.no_grad
        else:
            side = Theirs(network, **steps.SETTINGS[backend])
            self.use = lambda: None
            self.data = [tensor(array) for array in data]
            self.orders = partial(their_orders, len(data[1]))
            self.pick = their_pick
            self.answer = side.called
            self.unrecorded = torch.no_grad
        self.side, self.back = side, agreement.restart(side.model, side.optimizer)

    def restart(self) -> None:
        """Back to the first weights and the first batch."""
        self.use()
        self.back()
        self.side.model.train()
        self.side.batches = self.batches()

    def batches(self) -> Iterator[Any]:
        """Images and labels of one epoch after the other, each in another order."""
        images, labels, N = *self.data[:2], self.course.N
        for order in self.orders():
            for start in range(0, self.count * N, N):
                places = order[start : start + N]
                yield self.pick(images, places), self.pick(labels, places)

    def losses(self, count: int) -> np.ndarray:
        """The first losses of the training."""
        self.restart()
        found = []
        for batch in islice(self.batches(), count):
            self.side.batches = iter([batch] * 2)
            found.append(agreement.array(self.side.forward()))
            self.side.step()
        return np.array(found, np.float32)

    def __call__(self) -> None:
        """Train. Raises NotReached."""
        self.restart()
        labels = len(self.data[3])
        for number in range(1, EPOCHS * self.count + 1):
            self.side.step()
            if number % self.course.every == 0:
                self.taken, self.wrong = float(number), float(labels - self.right())
                if labels - self.wrong >= self.course.target * labels:
                    return
        raise NotReached(f"{1 - self.wrong / labels:.2%} after {EPOCHS} epochs")

    def right(self) -> int:
        """How many test images are recognized."""
        _, _, x, target = self.data
        self.side.model.eval()
        with self.unrecorded():
            pieces = (slice(i, i + ANSWERED) for i in range(0, len(x), ANSWERED))
            right = sum((self.answer(x[piece]).argmax(1) == target[piece]).sum() for piece in pieces)
        self.side.model.train()
        return int(right)


def our_orders(n: int) -> Iterator[np.ndarray]:
    """The order of n samples, epoch by epoch."""
    generator = nn.Generator(SEED)
    while True:
        yield nn.random.randperm(n, generator=generator)


def their_orders(n: int) -> Iterator[torch.Tensor]:
    """The same, by PyTorch."""
    generator = torch.Generator().manual_seed(SEED)
    while True:
        yield torch.randperm(n, generator=generator)


def their_pick(array: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """The rows at some places."""
    return array.index_select(0, places)
