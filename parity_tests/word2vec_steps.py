"""Steps of the fast trainer of word vectors beside the same steps in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import torch_nn
from numpy_nn import word2vec
from numpy_nn.backend import to_device, to_host
from numpy_nn.word2vec import Settings, Vocabulary
from numpy_nn.word2vec.encoded import Encoded
from numpy_nn.word2vec.fast import blocks, trainer
from parity_tests.bounds import Mismatch
from parity_tests.lockstep import FLOAT64_BOUND

WORDS = 40


def text(seed: int = 0, size: int = 120) -> Encoded:
    """Sentences of 1 to 60 words, frequent ones far more frequent than rare ones."""
    drawn = np.random.default_rng(seed)
    sentences = [np.minimum(drawn.zipf(1.3, drawn.integers(1, 61)) - 1, WORDS - 1) for _ in range(size)]
    ids = np.concatenate([[*sentence, -1] for sentence in sentences]).astype(np.int32)
    return Encoded(ids, int((ids >= 0).sum()))


def model_of(encoded: Encoded, **settings: Any) -> word2vec.Word2Vec:
    counts = np.maximum(np.bincount(encoded.ids[encoded.ids >= 0], minlength=WORDS), 1)
    chosen = Settings(**{"vector_size": 10, "window": 3, "epochs": 2, "dtype": "float64", "sample": 0.05} | settings)
    return word2vec.Word2Vec(Vocabulary([str(word) for word in range(WORDS)], counts), chosen)


class Twin:
    """A step in PyTorch: the loss of one block after the other by its definition, its gradient, a step of SGD."""

    def __init__(self, model: word2vec.Word2Vec, factors: Any) -> None:
        self.settings = model.settings
        self.input, self.output = (torch.tensor(to_host(w), requires_grad=True) for w in (model.input, model.output))
        once = np.ones(WORDS)
        self.factors = [torch.tensor(once if factor is None else factor)[:, None] for factor in factors]

    def step(self, run: blocks.Run, number: int, rate: float) -> None:
        contexts, outputs = (torch.from_numpy(x[number].copy()) for x in (run.contexts, run.outputs))
        x, y = self.input[contexts], self.output[outputs]
        loss = self.cbow(run, number, x, y) if self.settings.cbow else self.skip_gram(run, number, x, y)
        gradients = torch.autograd.grad(loss, (self.input, self.output))
        with torch.no_grad():
            for matrix, gradient, factor in zip((self.input, self.output), gradients, self.factors, strict=True):
                matrix -= rate * factor * gradient

    def nearness(self, run: blocks.Run, number: int, drawn: bool) -> torch.Tensor:
        """The weight of each pair (blocks, centres, contexts) by its definition: windows as drawn, or their mean."""
        w, T = self.settings.window, run.near.shape[2]
        sentences, widths = run.sentences[number], run.widths[number]
        weight = torch.zeros(len(sentences), T, sentences.shape[1], dtype=torch.float64)
        for block, center, context in np.ndindex(*weight.shape):
            distance = abs(center + w - context)
            if 1 <= distance <= w and sentences[block, center + w] == sentences[block, context]:
                mean = (w + 1 - distance) / w if self.settings.dynamic_window else 1.0
                weight[block, center, context] = float(distance <= widths[block, center]) if drawn else mean
        return weight

    def skip_gram(self, run: blocks.Run, number: int, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        T, w = run.near.shape[2], self.settings.window
        near = self.nearness(run, number, drawn=False)
        share = self.settings.negative / (y.shape[1] - T)
        noise = near.sum(dim=2)[:, None, :].expand(-1, y.shape[1] - T, -1) * share
        right = torch_nn.word2vec.block_loss(x, y[:, :T], near, 1)
        return right + torch_nn.word2vec.block_loss(x[:, w : w + T], y[:, T:], noise, 0)

    def cbow(self, run: blocks.Run, number: int, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        T = run.near.shape[2]
        inside = self.nearness(run, number, drawn=True)
        count = inside.sum(dim=2, keepdim=True)
        total = inside @ x
        hidden = total + (total / count.clamp(min=1) - total).detach()  # the mean's value, the sum's gradient
        there = (count > 0).double()
        loss = -(there[..., 0] * torch.nn.functional.logsigmoid((hidden * y[:, :T]).sum(dim=2))).sum()
        for block, center in np.ndindex(*hidden.shape[:2]):  # a group is a place of every block, modulo their number
            noise = y[center % len(y), T:]
            scores = noise @ hidden[block, center]
            share = there[block, center, 0] * self.settings.negative / len(noise)
            loss = loss - share * torch.nn.functional.logsigmoid(-scores).sum()
        return loss


def compare(model: word2vec.Word2Vec, encoded: Encoded, most: int = 10**9) -> int:
    """Train on both sides, every matrix compared after every step; returns the number of steps. Raises Mismatch."""
    ours = trainer.Trainer(model, encoded)
    theirs = Twin(model, (ours.input_factors, ours.output_factors))
    machine = ours.machine()
    done, D = 0, model.settings.vector_size
    for number in range(model.settings.epochs * len(ours.blocks.starts)):
        run = ours.blocks.run(number)
        if run is None:
            raise Mismatch(f"run {number} has no words")
        machine.begin(run)
        for step in range(len(run.near)):
            rate = model.settings.rate(done / 200)
            machine.step(step, rate)
            theirs.step(run, step, rate)
            for mine, his in ((to_host(ours.input), theirs.input), (2 * to_host(ours.output), theirs.output)):
                if not (off := np.abs(mine[:, :D] - his.detach().numpy()).max()) <= FLOAT64_BOUND:
                    raise Mismatch(f"after step {done + 1} a vector is off by {off:.1e}")
                if mine[:, D:].any():
                    raise Mismatch("what fills a row up to a cache line does not stay 0")
            done += 1
            if done == most:
                return done
    return done


def first_step(model: word2vec.Word2Vec, encoded: Encoded) -> trainer.Trainer:
    """A trainer that has taken one step."""
    taken = trainer.Trainer(model, encoded)
    machine, run = taken.machine(), taken.blocks.run(0)
    if run is None:
        raise Mismatch("the first run has no words")
    machine.begin(run)
    machine.step(0, model.settings.alpha)
    return taken


def learnt(model: word2vec.Word2Vec) -> word2vec.Word2Vec:
    """The model with numbers in its matrices as they are after some training."""
    model.output[:] = np.random.default_rng(0).uniform(-0.5, 0.5, model.output.shape)
    model.input *= model.settings.vector_size
    return model


def moved(model: word2vec.Word2Vec, device: str) -> word2vec.Word2Vec:
    """The model with its matrices on a device."""
    model.input, model.output = (to_device(matrix, device) for matrix in (model.input, model.output))
    return model
