"""The fast trainer: blocks in, vectors out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Lock
from typing import Any

import numpy as np

from numpy_nn.backend import Array, device_of, item, silent, to_device
from numpy_nn.training.nonfinite import NonFiniteError
from numpy_nn.word2vec import sampling
from numpy_nn.word2vec.encoded import Encoded
from numpy_nn.word2vec.fast.blocks import NOISE, STREAMS, TOKENS, Blocks, Run, nearness
from numpy_nn.word2vec.fast.buffers import LINE, aligned
from numpy_nn.word2vec.fast.cbow import CBOW
from numpy_nn.word2vec.fast.machine import Machine
from numpy_nn.word2vec.fast.skip_gram import SkipGram
from numpy_nn.word2vec.settings import Settings
from numpy_nn.word2vec.textbook import Model

LIMIT = 1e3
"""A vector with a number beyond is not learning any more; those that do stay below ten."""

CAP = 2.0
"""How often a word may be expected in a step before its rate is lowered in proportion: all its occurrences are learnt
from at the same vector, and too many of them at once overshoot."""


class Trainer:
    """Trains two matrices on the runs of a text.

    input, output: (V, D'), aligned, D' = D rounded up to whole cache lines; the columns beyond D stay 0. Where the
    model's are on a GPU, (V, D) there. The output is kept at half its size, as SkipGram and CBOW take it.
    """

    def __init__(self, model: Model, encoded: Encoded) -> None:
        """Copies the model's matrices; `finish` writes them back."""
        encoded.check_pairs()
        if model.settings.cbow and device_of(model.input) != "cpu":
            raise ValueError(
                "cbow: expected False with vectors on a GPU, where the textbook trainer alone has it, got True"
            )
        self.model, self.settings = model, model.settings
        self.blocks = Blocks(encoded.ids, model.vocabulary.counts, model.settings)
        self.total = encoded.words * model.settings.epochs
        self.input, self.output = _padded(model.input), _padded(model.output)
        self.output *= 0.5
        self.output_factors = self.input_factors = _factors(model.vocabulary.counts, model.settings)
        if model.frozen is not None:
            learning = (~model.frozen).astype(self.settings.floating)
            self.input_factors = learning if self.input_factors is None else learning * self.input_factors
        self.read = 0
        self._numbers, self._lock = iter(range(model.settings.epochs * len(self.blocks.starts))), Lock()

    def machine(self) -> Machine | Any:
        """What takes the steps: on a GPU, kernels.cuda.skipgram does."""
        factors = self.input_factors, self.output_factors
        if device_of(self.input) != "cpu":
            launched = import_module("numpy_nn.kernels.cuda.skipgram")
            shares = nearness(1, self.settings)[0, self.settings.window :]
            return launched.SkipGram(self.input, self.output, shares, self.settings.negative, *factors)
        return (CBOW if self.settings.cbow else SkipGram)(self.input, self.output, self.settings, *factors)

    def work(self, advance: Callable[[int], None]) -> None:
        """Take runs and train on them until none is left. Several threads may do so at once.

        Raises NonFiniteError where vectors diverge.
        """
        machine = self.machine()
        with silent():  # what diverges is found and said below
            while (number := self._next()) is not None:
                if (run := self.blocks.run(number)) is not None:
                    self._learn(machine, run)
                    with self._lock:
                        self.read += run.words
                        advance(run.words)

    def _learn(self, machine: Machine | Any, run: Run) -> None:
        """The steps of a run, each at the rate of the words read until then."""
        machine.begin(run)
        steps, before = len(run.near), self.read
        for step in range(steps):
            rate = self.settings.rate((before + run.words * step / steps) / self.total)
            machine.step(step, rate)
        for matrix, rows in ((self.input, run.contexts[-1]), (self.output, run.outputs[-1])):
            self._check(matrix[to_device(rows, device_of(matrix))])

    def _check(self, vectors: Array) -> None:
        """Raise NonFiniteError where one of these vectors has left all bounds."""
        if not item(abs(vectors).max()) < LIMIT:  # nan is below nothing
            rate, alpha = self.settings.rate(self.read / self.total), self.settings.alpha
            raise NonFiniteError(
                f"word {self.read:,} of {self.total:,}: the vectors diverge at learning rate {rate:.3g}; "
                f"try a smaller alpha than {alpha:g}"
            )

    def finish(self) -> None:
        """Write the matrices back to the model. Raises NonFiniteError where they have diverged."""
        D = self.settings.vector_size
        self._check(self.input)
        self._check(self.output)
        self.output *= 2
        self.model.input, self.model.output = self.input[:, :D], self.output[:, :D]

    def _next(self) -> int | None:
        with self._lock:
            return next(self._numbers, None)


def train(model: Model, encoded: Encoded, advance: Callable[[int], None]) -> None:
    """Train the model's input and output on a text.

    With one worker every number follows from the seed. More are threads that share the matrices and do not wait for
    each other (Recht et al. 2011): faster, as NumPy works outside Python's lock, and never twice the same.
    advance: told how many words were read, after each run.  Raises NonFiniteError where training diverges; the model is
    then as it was.
    """
    trainer = Trainer(model, encoded)
    if model.settings.workers == 1:
        trainer.work(advance)
    else:
        with ThreadPoolExecutor(model.settings.workers) as pool:
            for done in [pool.submit(trainer.work, advance) for _ in range(model.settings.workers)]:
                done.result()
    trainer.finish()


def _padded(matrix: Array) -> Array:
    """A copy, aligned, each row filled up with zeros to whole cache lines; a GPU's, as it is."""
    if device_of(matrix) != "cpu":
        return matrix.copy()
    rows, D = matrix.shape
    line = LINE // matrix.dtype.itemsize
    padded = aligned((rows, -(-D // line) * line), matrix.dtype)
    padded[:, :D] = matrix
    return padded


def _factors(counts: Array, settings: Settings) -> Array | None:
    """What each word's rate is multiplied by: below 1 for a word too frequent in a step.

    None where all are 1, as they are in any text of some size.
    """
    kept = counts * sampling.keep_probability(counts, settings.sample)
    share, noise = kept / kept.sum(), sampling.noise(counts, settings.noise_exponent)
    contexts = (TOKENS + 2 * settings.window) * share
    outputs = TOKENS * share + NOISE * noise
    factors = np.minimum(1.0, CAP / (STREAMS * np.maximum(contexts, outputs)))
    return None if (factors == 1).all() else factors.astype(settings.floating)
