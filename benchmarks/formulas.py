"""Formulas: forward, backward and both, on the arrays that were just shown to agree.

Every row of the specification is here at its large size, and once more some that are much used at other sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks import agreement, counting
from benchmarks.backends import our_wait, their_wait
from benchmarks.contest import Call, Contest, Side, Work, warmed
from numpy_nn.backend import to_device
from numpy_nn.kernels import cuda
from numpy_nn.kernels.cpu import FAST
from numpy_nn.kernels.sizes import LEAST
from parity_tests import witnesses
from parity_tests.case import Case, resolve, tensor
from parity_tests.specification import FORMULAS, Row
from parity_tests.strategies import values
from torch_nn.twins import TWINS

KERNELS = {
    f"functional.{formula.__name__}": (f"kernels.cpu.{kernel.__name__}", LEAST[formula.__name__])
    for formula, kernel in FAST.items()
}
"""By a formula's name that of its kernel, and from how many values on it is taken."""


UPSTREAM = 9
"""The seed of the upstream gradient: drawn with the seed of x it would be x, and its sign no surprise."""


@dataclass(frozen=True)
class Subject:
    """A call of a formula.

    name: in functional, or with its module.  images: arrays of 4 axes are images, and channels_last means something.
    """

    label: str
    name: str
    make: Callable[[], Case]
    images: bool = False

    @property
    def formula(self) -> str:
        """The formula's dotted name."""
        return self.name if "." in self.name else f"functional.{self.name}"


def contests() -> list[Contest]:
    """Every formula of the specification, and those of OTHERS."""
    rows = [row for row in FORMULAS.values() if not row.name.startswith("kernels.")]
    every = [Subject(row.short, row.short, partial(large, row)) for row in rows]
    return [contest(subject) for subject in [*every, *OTHERS]]


def large(row: Row) -> Case:
    """The call of a row that is worth timing."""
    return replace(row.large(), seed=UPSTREAM)


def contest(subject: Subject, **options: Any) -> Contest:
    """A formula, its kernel where it has one of this size, and its twin in the settings that mean something for it.

    options: Contest's.
    """
    prepare: dict[str, Callable[[], Side | None]] = {
        "numpy-fast": partial(fast, subject),
        "numpy-textbook": partial(ours, subject, subject.formula),
        "torch-cpu-eager": partial(theirs, subject),
        "torch-cpu-compiled": partial(theirs, subject, compiled=True),
        "cupy-fast": partial(on_gpu, subject),
        "cupy-textbook": partial(ours, subject, subject.formula, "cuda"),
        "torch-cuda-eager": partial(theirs, subject, on="cuda"),
        "torch-cuda-compiled": partial(theirs, subject, compiled=True, on="cuda"),
    }
    if subject.images:
        prepare["torch-cpu-channels_last"] = partial(theirs, subject, last=True)
    return Contest(subject.label, prepare, partial(work, subject), **options)


def kernel_of(subject: Subject) -> str | None:
    """The name of the kernel that a layer would run in place of a formula; None where it would run the formula."""
    name, least = KERNELS.get(subject.formula, (None, 0))
    return name if name is not None and subject.make().args[0].size >= least else None


def fast(subject: Subject) -> Side | None:
    """The kernel of a formula; None where it would be the formula."""
    name = kernel_of(subject)
    return None if name is None else ours(subject, name)


def on_gpu(subject: Subject) -> Side | None:
    """The kernel of a formula for a GPU; None where there is none."""
    found = next((kernel for formula, kernel in cuda.FAST.items() if formula is resolve(subject.formula)), None)
    return None if found is None else ours(subject, f"kernels.cuda.{found.__name__}", "cuda")


def ours(subject: Subject, name: str, on: str = "cpu") -> Side:
    """A formula, or the kernel of one, after its witness has seen it agree. Raises Mismatch."""
    host, compute = subject.make(), resolve(name)
    place = channels_last if subject.images and name != subject.formula and on == "cpu" else np.asarray
    host = host.mapped(place)
    row = FORMULAS[subject.formula if name not in FORMULAS else name]
    witnesses.pytorch(replace(row, name=name, textbook=subject.formula), host, on)

    def transfer() -> Case:
        return host.mapped(lambda x: to_device(x, on))

    case = transfer()
    y, backward = case.call(compute)
    dy = to_device(place(host.upstream(y.shape)), on)

    def both() -> None:
        _, pullback = case.call(compute)
        pullback(dy)

    wait = our_wait(on)
    made = {
        "forward": Call(lambda: case.call(compute), wait=wait),
        "backward": Call(lambda: backward(dy), wait=wait),
        "forward and backward": Call(both, wait=wait),
    }
    return made if on == "cpu" else {"transfer": Call(transfer, wait=wait), **made}


def theirs(subject: Subject, compiled: bool = False, last: bool = False, on: str = "cpu") -> Side:
    """The twin. Raises Mismatch where another setting than the default does not do the same."""
    call, given, leaves, dy = moved(subject, compiled, last, on)
    if compiled or last or on != "cpu":
        plain, _, their_leaves, their_dy = moved(subject)
        found, expected = results(call, leaves, dy), results(plain, their_leaves, their_dy)
        for what, (x, exact) in enumerate(zip(found, expected, strict=True)):
            agreement.within_roundings(f"gradient {what - 1}" if what else "value", x, exact)
    wait = their_wait(on)
    forward, both = Call(call, wait=wait), Call(lambda: torch.autograd.grad(call(), leaves, dy), wait=wait)
    if compiled:  # what was compiled goes back once only
        return warmed({"forward": forward, "forward and backward": both})
    y = call()
    backward = Call(lambda: torch.autograd.grad(y, leaves, dy, retain_graph=True), wait=wait)
    made = {"forward": forward, "backward": backward, "forward and backward": both}
    if on == "cpu":
        return made
    host = [x.detach().cpu() for x in given]
    return {"transfer": Call(lambda: [x.to(on) for x in host], wait=wait), **made}


def results(call: Callable[[], torch.Tensor], leaves: list[torch.Tensor], dy: torch.Tensor) -> list[np.ndarray]:
    """The value and the gradients, from the same seed each time."""
    torch.manual_seed(0)
    y = call()
    return [y.detach().cpu().numpy(), *(gradient.cpu().numpy() for gradient in torch.autograd.grad(y, leaves, dy))]


def moved(
    subject: Subject, compiled: bool = False, last: bool = False, on: str = "cpu"
) -> tuple[Callable[[], torch.Tensor], list[torch.Tensor], list[torch.Tensor], torch.Tensor]:
    """The twin's call, all tensors it is given, those of them that get a gradient, and the upstream gradient."""
    case = subject.make()
    place = channels_last if last else np.asarray
    given: list[torch.Tensor] = []

    def on_torch(x: np.ndarray) -> torch.Tensor:
        given.append(tensor(place(x)).to(on))
        return given[-1]

    there = case.mapped(on_torch)
    leaves = [there.given(where).requires_grad_() for where in case.wrt]
    twin: Any = TWINS[subject.formula]
    if compiled:
        torch.compiler.reset()
        twin = torch.compile(twin)
    y = there.call(twin)
    dy = tensor(place(case.upstream(tuple(y.shape)))).to(on)
    return lambda: there.call(twin), given, leaves, dy


LOOKED_UP = (
    "embedding",
    "embedding_bag",
    "getitem",
    "word2vec.negative_sampling_loss",
    "word2vec.hierarchical_softmax_loss",
)
"""These read some rows of what they are given; those are not counted, nor is the rest."""


def work(subject: Subject) -> dict[str, Work]:
    """What has to be done at the least."""
    call, given, leaves, dy = moved(subject)
    return counting.of_formula(call, [] if subject.name in LOOKED_UP else given, leaves, dy)


def channels_last(x: np.ndarray) -> np.ndarray:
    """Images with the same values, the second axis last in memory; what has not four axes stays as it is."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2) if x.ndim == 4 else x


def classification(N: int, C: int) -> Case:
    """Logits and the classes they should have shown."""
    target = np.random.default_rng(1).integers(0, C, N)
    return Case((values(0, (N, C), np.float32), target))


def looked_up(zipf: bool) -> Case:
    """4096 words of a vocabulary of 10,000, each as frequent as the next, or as 1 / rank."""
    weights = 1 / np.arange(1, 10_001) if zipf else np.ones(10_000)
    words = np.random.default_rng(1).choice(10_000, 4096, p=weights / weights.sum())
    return Case((words, values(0, (10_000, 100), np.float32)), wrt=(1,))


OTHERS = [
    *(
        Subject(f"cross_entropy, ({N}, {C})", "cross_entropy", partial(classification, N, C))
        for N, C in ((256, 10), (1024, 10), (1024, 50_000))
    ),
    *(Subject(f"embedding, {'Zipf' if zipf else 'uniform'}", "embedding", partial(looked_up, zipf)) for zipf in (0, 1)),
]
"""Sizes and distributions that change who wins."""
