"""The most memory that a few training steps take, each network and each backend in a process of its own.

Every process imports both libraries, so that what they take themselves is on both sides.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy_nn as nn
from benchmarks.backends import NUMPY, device, kernels
from benchmarks.contest import wanted
from benchmarks.networks import NETWORKS, Ours, Theirs
from benchmarks.peak import peak_memory
from benchmarks.processes import said
from benchmarks.results import Row
from benchmarks.steps import SETTINGS, contest

STEPS = 3
TRAINED = (
    "SimpleNet, Adam, batch 256",
    "LeNet, batch 64",
    "ResNet-18, batch 32, 28²",
    "ResNet-18, batch 32, 32²",
    "attention block, 8 × 128 × 256",
)


def rows(backends: Sequence[str], only: Sequence[str] = ()) -> Iterator[Row]:
    """A row for each network that is wanted, of those backends that it means something for."""
    for name in (name for name in TRAINED if wanted(name, only)):
        sides = contest(name, NETWORKS[name]).prepare
        able = [backend for backend in backends if backend in sides and device(backend) == "cpu"]
        yield Row(name, "peak memory", "B", {backend: [peak(name, backend)] for backend in able})


def peak(name: str, backend: str) -> int:
    """What a process of its own says."""
    return said(["-m", "benchmarks.memory", name, backend])


def main(argv: Sequence[str]) -> None:
    """Train a network by a backend, and print the peak in bytes."""
    name, backend = argv
    if backend in NUMPY:
        nn.use_kernels(kernels(backend))
        side: Ours | Theirs = Ours(NETWORKS[name])
    else:
        side = Theirs(NETWORKS[name], **SETTINGS[backend])
    for _ in range(STEPS):
        side.step()
    print(peak_memory())


if __name__ == "__main__":
    main(sys.argv[1:])
