"""Cost against size: of training steps over batch, width, depth and threads, of a loss over the vocabulary."""

from __future__ import annotations

import os
from functools import partial
from itertools import takewhile

import numpy as np

from benchmarks import formulas, steps
from benchmarks.contest import Contest
from benchmarks.formulas import Subject
from benchmarks.networks import SGD, WIDE, Network, mlp, simple_net
from parity_tests.case import Case
from parity_tests.strategies import values

BATCHES = (1, 4, 16, 64, 256, 1024, 4096)
WIDTHS = (32, 64, 128, 256, 512, 1024, 2048)
DEPTHS = (1, 2, 4, 8, 16, 32)
VOCABULARIES = (500, 1000, 2000, 4000, 8000, 16_000, 32_000)


def threads() -> list[int]:
    """1, 2, 4, … of the cores that may be used."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return list(takewhile(lambda n: n <= cores, (1 << i for i in range(32))))


def contests() -> list[Contest]:
    """Every size of every axis."""
    step = partial(steps.contest, phase="step")
    return [
        *(step("SimpleNet, over the batch", simple_net(N, *SGD), size=N) for N in BATCHES),
        *(step("784-w-w-10, batch 64, over w", mlp((784, w, w, 10), 64, *SGD), size=w) for w in WIDTHS),
        *(step("784-128-…-128-10, batch 64, over hidden layers", deep(n), size=n) for n in DEPTHS),
        *(
            step("784-1024-1024-10, batch 256, over threads", mlp(WIDE, 256, *SGD), size=n, threads=n)
            for n in threads()
        ),
        *(vocabulary(V) for V in VOCABULARIES),
    ]


def deep(layers: int) -> Network:
    """So many hidden layers of 128."""
    return mlp((784, *[128] * layers, 10), 64, *SGD)


def vocabulary(V: int) -> Contest:
    """The full softmax of 256 words, of a vocabulary of V."""
    subject = Subject(
        "word2vec.softmax_loss, 256 words, over the vocabulary", "word2vec.softmax_loss", partial(case, V)
    )
    return formulas.contest(subject, phase="forward and backward", size=V)


def case(V: int) -> Case:
    """Vectors of 100 dimensions."""
    hidden, weight = values(0, (256, 100), np.float32), values(1, (V, 100), np.float32, 0.1)
    return Case((hidden, weight, np.random.default_rng(0).integers(0, V, 256)), wrt=(0, 1))


def exponent(costs: dict[int, float]) -> float | None:
    """b of cost = a sizeᵇ, by least squares of the logarithms over the upper half of the sizes, two at the least.

    Below, what a call costs of itself shows most. None for a single size.
    """
    if len(costs) < 2:
        return None
    sizes = sorted(costs)[-max(2, (len(costs) + 1) // 2) :]
    return float(np.polyfit(np.log(sizes), np.log([costs[size] for size in sizes]), 1)[0])
