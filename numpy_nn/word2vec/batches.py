"""A text as batches of what is learned from: words, and the words around them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from numpy_nn import random
from numpy_nn.backend import Array
from numpy_nn.word2vec.encoded import Encoded
from numpy_nn.word2vec.sampling import context_matrix, keep_probability, windows
from numpy_nn.word2vec.settings import Settings

RUN = 1 << 16
"""How much of a text is thinned out at once."""


class Batch(NamedTuple):
    """B words to be guessed.

    inputs: what they are guessed from: for Skip-gram (B,), a word each; for CBOW (Σ lengths,), the words around the
    first, then those around the second, and so on.  lengths: (B,), how many words are around each, for CBOW; else None.
    target: (B,), the words themselves.  begin, end: the words of the text, over all epochs, that were read before the
    batch and that will have been after it.
    """

    inputs: Array
    lengths: Array | None
    target: Array
    begin: int
    end: int


def batches(
    encoded: Encoded, counts: Array, settings: Settings, size: int, generator: random.Generator
) -> Iterator[Batch]:
    """The text, epochs times over, by so many consecutive words at once.

        for each run of the text:                            RUN words or fewer, up to the end of a sentence
            keep each word with its probability              one uniform value for each number of the run, float64
            for each `size` consecutive numbers of what is left:
                draw the window's width of each              one integer from 1 to window for each
                yield the words around each

    Windows reach over the borders of batches, but not over those of sentences, nor of runs: a sentence longer than RUN
    is cut. Where nothing is around a word, it is passed over.

    counts: (V,), how often each word occurs, by which frequent ones are thinned out.
    """
    keep = keep_probability(counts, settings.sample)
    read = 0
    for _ in range(settings.epochs):
        for ids in runs(encoded.ids):
            drawn = random.uniform(ids.size, dtype=np.float64, generator=generator)
            places = np.flatnonzero((ids < 0) | (drawn < keep[ids]))
            before = read + np.cumsum(ids >= 0) - (ids >= 0)  # words read before each
            bounds = [read, *before[places[size::size]].tolist()]
            read += int(np.count_nonzero(ids >= 0))
            for number, (begin, end) in enumerate(pairwise([*bounds, read])):
                inputs, lengths, target = _around(ids[places], number * size, size, settings, generator)
                if target.size:
                    yield Batch(inputs, lengths, target, begin, end)


def runs(ids: Array) -> Iterator[Array]:
    """The text in runs of at most RUN numbers, which end with a sentence unless one is longer."""
    start = 0
    while start < ids.size:
        run = ids[start : start + RUN]
        if start + RUN < ids.size and (ends := np.flatnonzero(run < 0)).size:
            run = run[: ends[-1] + 1]
        yield run
        start += run.size


def _around(
    ids: Array, start: int, size: int, settings: Settings, generator: random.Generator
) -> tuple[Array, Array | None, Array]:
    """inputs, lengths and target for the words from start on. Those beside them are seen, but have a width of 0."""
    stop, window = min(start + size, ids.size), settings.window
    low, high = max(start - window, 0), min(stop + window, ids.size)
    widths = np.zeros(high - low, np.int64)
    widths[start - low : stop - low] = (
        random.randint(1, window + 1, stop - start, generator=generator) if settings.dynamic_window else window
    )
    if not settings.cbow:
        center, context = windows(ids[low:high], widths)
        return center, None, context
    around = context_matrix(ids[low:high], widths, window, pad=-1)  # (high - low, 2 window)
    lengths = (around >= 0).sum(axis=1)
    return around[around >= 0], lengths[lengths > 0], ids[low:high][lengths > 0]
