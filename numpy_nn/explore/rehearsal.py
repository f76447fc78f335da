"""What the experiments share: a seed that leaves no trace, the digits parted in two, and a short training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from numpy_nn import data, random
from numpy_nn.backend import Array
from numpy_nn.modules import CrossEntropyLoss, Module
from numpy_nn.optim import Optimizer
from numpy_nn.random import Generator
from numpy_nn.training import train_step


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let the default stream start at a seed for the length of a `with`, and put it back afterwards."""
    before = random.get_rng_state()
    random.manual_seed(seed)
    try:
        yield
    finally:
        random.set_rng_state(before)


def parted_digits(seed: int, train: int) -> tuple[Array, Array, Array, Array]:
    """The bundled digits in an order drawn from the seed: images and targets to learn from, then those to test with.

    train: how many to learn from.  Returns (train, 64), (train,), (1797 − train, 64), (1797 − train,).
    Raises ImportError without scikit-learn.
    """
    images, target = data.digits()
    order = random.randperm(len(target), generator=Generator(seed))
    images, target = images[order], target[order]
    return images[:train], target[:train], images[train:], target[train:]


def epochs(
    model: Module, images: Array, target: Array, optimizer: Optimizer, count: int, batch_size: int = 32
) -> Iterator[float]:
    """Train by cross-entropy, `count` times through the samples in random order; the mean loss of each as it ends."""
    criterion = CrossEntropyLoss()
    loader = data.DataLoader(data.TensorDataset(images, target), batch_size=batch_size, shuffle=True)
    for _ in range(count):
        model.train()
        losses = [train_step(model, x, wanted, optimizer, criterion) for x, wanted in loader]
        model.eval()
        yield sum(losses) / len(losses)


def trained(model: Module, images: Array, target: Array, optimizer: Optimizer, count: int) -> None:
    """Train, where only the trained model matters; it is left in evaluation mode."""
    for _ in epochs(model, images, target, optimizer, count):
        pass
