"""The networks that are compared, from the same few images and with as many updates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.command_line.transfer.images import Images

KINDS = ("scratch", "frozen", "tuned")
"""From scratch; a new head on frozen layers; and that one after fine-tuning. In this order they learn."""


@dataclass(frozen=True)
class Found:
    """What came out. accuracy, seconds: by kind, (numbers of images, repeats)."""

    images: list[int]
    accuracy: dict[str, Array]
    seconds: dict[str, Array]

    @property
    def gain(self) -> Array:
        """What fine-tuned finds more than from scratch, from the same images: (numbers of images, repeats)."""
        return self.accuracy["tuned"] - self.accuracy["scratch"]

    def record(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            "images": self.images,
            "accuracy": {kind: array.tolist() for kind, array in self.accuracy.items()},
            "seconds": {kind: array.round(3).tolist() for kind, array in self.seconds.items()},
        }


@dataclass(frozen=True)
class Comparison:
    """A network that has learnt before, and how others are to learn.

    transfer: a wing's Transfer.  fitted: images as the networks see them.  steps: updates of a new head; fine-tuning
    has half as many, and from scratch as many as the two together.
    """

    transfer: Any
    pretrained: Any
    fitted: Callable[[Images], Array]
    steps: int

    def run(
        self,
        pool: Images,
        test: Images,
        images: Sequence[int],
        repeats: int,
        seed: int,
        advance: Callable[[], object],
    ) -> Found:
        """Every network from so many images of each class, `repeats` times, each time from a seed of its own."""
        shape = len(images), repeats
        found = Found(list(images), *({kind: np.zeros(shape) for kind in KINDS} for _ in ("accuracy", "seconds")))
        x_test = self.fitted(test)
        for repeat in range(repeats):
            for place, number in enumerate(images):
                few = pool.few(number, seed + repeat)
                model, start = None, perf_counter()
                for kind in KINDS:
                    model = self._learnt(kind, model, few, seed + repeat)
                    found.seconds[kind][place, repeat] = perf_counter() - start
                    found.accuracy[kind][place, repeat] = self.transfer.accuracy(model, x_test, test.target)
                    start = perf_counter()
                    advance()
        return found

    def _learnt(self, kind: str, before: Any, few: Images, seed: int) -> Any:
        """A network of a kind; to be fine-tuned is the one before."""
        x, target = self.fitted(few), few.target
        if kind == "scratch":
            return self.transfer.learnt(x, target, self.steps + self.steps // 2, seed)
        if kind == "frozen":
            model = self.transfer.with_new_head(self.pretrained, int(target.max()) + 1, seed)
            self.transfer.train_head(model, x, target, self.steps, seed)
            return model
        self.transfer.fine_tune(before, x, target, self.steps // 2, seed)
        return before
