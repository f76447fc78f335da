"""Where the time of a step goes: python -m benchmarks profile [--corpus FILE]"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from time import perf_counter
from typing import Any
from unittest.mock import patch

from benchmarks import floor
from benchmarks.grid import Grid
from benchmarks.networks import NETWORKS, Network, Ours
from benchmarks.steps import work
from benchmarks.timing import pinned
from benchmarks.word2vec.text import Text
from numpy_nn.data import text
from numpy_nn.modules.layer import Layer
from numpy_nn.word2vec import Settings, Vocabulary, Word2Vec
from numpy_nn.word2vec.fast import blocks, machine, skip_gram, trainer

STEPS = ("SimpleNet, SGD, batch 32", "ResNet-18, batch 32, 28²")
BETWEEN = "between the parts"


class Watch:
    """Adds up seconds by what they were spent on; what a watched call spends in another counts for the other alone."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.calls: defaultdict[str, int] = defaultdict(int)
        self._inner = [0.0]

    def watched(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, whose time goes to a name."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            start = perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                took = perf_counter() - start
                self.seconds[name] += took - self._inner.pop()
                self.calls[name] += 1
                self._inner[-1] += took

        return timed

    def each(self, steps: int) -> dict[str, float]:
        """Seconds in one of so many steps, the most first."""
        return {name: s / steps for name, s in sorted(self.seconds.items(), key=lambda part: -part[1])}


def of_network(network: Network, seconds: float = 3.0) -> dict[str, float]:
    """What a network's training step spends on each kind of layer, forwards and backwards, and on the optimizer."""
    side, watch = Ours(network), Watch()
    for layer in (*side.model.modules(), side.criterion):
        if isinstance(layer, Layer):
            for way in ("forward", "backward"):
                vars(layer)[way] = watch.watched(f"{type(layer).__name__} {way}", getattr(layer, way))
    vars(side.optimizer)["step"] = watch.watched(f"{type(side.optimizer).__name__} step", side.optimizer.step)
    run = watch.watched(BETWEEN, side.step)
    run()  # memory is asked for, caches are filled
    watch.seconds.clear()
    watch.calls.clear()
    end = perf_counter() + seconds
    while not watch.calls or perf_counter() < end:
        run()
    return watch.each(watch.calls[BETWEEN])


def of_skip_gram(learnt: Text) -> dict[str, float]:
    """What a step of the fast trainer spends on a text, read once."""
    watch = Watch()
    learner = trainer.Trainer(Word2Vec(learnt.vocabulary, Settings(epochs=1)), learnt.encoded)

    def adder(*args: Any) -> Callable[..., Any]:
        return watch.watched("adding rows to the matrices", machine_adder(*args))

    machine_adder, step = machine.adder, "products and slopes"
    parts = {
        "cutting the text into blocks": [(blocks.Blocks, "run"), (skip_gram.SkipGram, "begin")],
        "gathering rows of the matrices": [(skip_gram.SkipGram, "gather")],
        step: [(skip_gram.SkipGram, "step")],
    }
    with ExitStack() as patches:
        for module in (machine, skip_gram):
            patches.enter_context(patch.object(module, "adder", adder))
        for name, places in parts.items():
            for owner, method in places:
                patches.enter_context(patch.object(owner, method, watch.watched(name, getattr(owner, method))))
        watch.watched(BETWEEN, learner.work)(lambda words: None)
    return watch.each(watch.calls[step])


def table(title: str, parts: dict[str, float], notes: Sequence[str] = ()) -> Grid:
    """Parts with their time and share, and all of them together."""
    total = sum(parts.values())
    rows = [[name, microseconds(s), f"{s / total:.0%}"] for name, s in parts.items()]
    return Grid(title, ["", "µs a step", "share"], [*rows, ["together", microseconds(total), "100%"]], list(notes))


def microseconds(seconds: float) -> str:
    """To four digits, thousands apart."""
    return f"{float(f'{1e6 * seconds:.4g}'):,.15g}"


def main(argv: Sequence[str]) -> int:
    """Show where the time of three steps goes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks profile", description=__doc__)
    parser.add_argument("--corpus", metavar="FILE", help="what Skip-gram reads; by default Python's own documentation")
    arguments = parser.parse_args(argv)
    try:
        learnt = Text.read(arguments.corpus, 5) if arguments.corpus else builtin()
    except (OSError, ValueError) as error:
        parser.error(f"--corpus: {error}")
    with pinned():
        limits = floor.measure()
        for name in STEPS:
            least = limits.of(work(NETWORKS[name])["step"])
            note = f"The arithmetic and the bytes of this step take {microseconds(least)} µs on this core at the least."
            table(name, of_network(NETWORKS[name]), [note]).show()
        title = f"Skip-gram, {learnt.encoded.words:,} words of {len(learnt.vocabulary):,}"
        table(title, of_skip_gram(learnt)).show()
    return 0


def builtin() -> Text:
    """The text that every Python carries."""
    sentences = text.Corpus(text.topics.text())
    vocabulary = Vocabulary.build(sentences, 5)
    return Text(vocabulary, vocabulary.encode(sentences))
