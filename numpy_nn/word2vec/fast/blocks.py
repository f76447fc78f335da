"""A text in blocks: what the fast trainer learns from in one step, drawn for many steps at once.

The words that subsampling kept are cut into STREAMS parts of equal length, far apart in the text, so that a step does
not see one subject only. A step takes a block from each: the next TOKENS words, its centres, with the `window` words
before and after them, its contexts. NOISE words for every TOKENS centres are drawn with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numpy_nn import random
from numpy_nn.backend import Array
from numpy_nn.word2vec import sampling
from numpy_nn.word2vec.settings import Settings

STREAMS, TOKENS, NOISE, BAND = 8, 24, 16, 8
"""Chosen by measurement: more streams leave the cache, fewer noise words cost quality, and both longer and shorter
blocks cost time. BAND centres at a time are compared with the words near them; it divides TOKENS."""

RUN = 1 << 18
"""How many words are read before they are cut into streams."""


def nearness(centers: int, settings: Settings) -> Array:
    """The share of windows that hold a context: (w + 1 − d) / w at distance d from 1 to w, 0 elsewhere.

    Windows that are not drawn hold all of them, with a share of 1.

    Returns (centers, centers + 2 window) float64; row t is for the centre in column t + window.
    """
    window = settings.window
    distance = np.abs(np.arange(centers)[:, None] + window - np.arange(centers + 2 * window))
    share = (window + 1 - distance) / window if settings.dynamic_window else 1.0
    return np.where((distance >= 1) & (distance <= window), share, 0.0)


@dataclass(frozen=True)
class Run:
    """Some steps: S of them, each of B blocks with T centres, L = T + 2 window contexts and N noise words.

    contexts: (S, B, L) rows of the input matrix.  outputs: (S, B, T + N) rows of the output matrix, centres first.
    sentences: (S, B, L) the number of each context's sentence, a number of its own where there is no word.
    near: (S, B, T) Σ of the nearness of the words of its sentence to each centre; 0 where there is none.
    widths: (S, B, T) a window drawn for each centre; CBOW needs it.  words: of the text, kept or not.
    """

    contexts: Array
    outputs: Array
    sentences: Array
    near: Array
    widths: Array
    words: int

    def bands(self, settings: Settings) -> Array:
        """The sentences of BAND centres at a time and of their contexts: (S, B, T / BAND, BAND + 2 window), a view."""
        S, B, T = self.near.shape
        step, stream, place = self.sentences.strides
        shape = S, B, T // BAND, BAND + 2 * settings.window
        return as_strided(self.sentences, shape, (step, stream, BAND * place, place))


class Blocks:
    """The runs of a text. Each draws from a generator of its own, so that it does not matter who takes it, or when."""

    def __init__(self, ids: Array, counts: Array, settings: Settings) -> None:
        """See Encoded for ids, and Vocabulary for counts."""
        self.settings = settings
        self._ids = ids
        self._keep = sampling.keep_probability(counts, settings.sample).astype(np.float32)
        size = max(min(sampling.TABLE_SIZE, NOISE * len(ids)), len(counts))
        noise = sampling.noise_table(counts, size, settings.noise_exponent, generator=random.Generator(settings.seed))
        self._table = noise.astype(np.int64)
        self.starts = range(0, len(ids), RUN)

    def run(self, number: int) -> Run | None:
        """The run of a number from 0 to epochs · len(starts) − 1; None where subsampling left no word."""
        draw = np.random.Generator(np.random.SFC64([self.settings.seed, number]))
        start = self.starts[number % len(self.starts)]
        ids = self._ids[start : start + RUN]
        words = ids >= 0
        sentences = np.cumsum(~words, dtype=np.int32)
        kept = np.flatnonzero(words & (draw.random(len(ids), dtype=np.float32) < self._keep[ids]))
        if not kept.size:
            return None
        return self._cut(ids[kept], sentences[kept], int(np.count_nonzero(words)), draw)

    def _cut(self, ids: Array, sentences: Array, words: int, draw: np.random.Generator) -> Run:
        """Streams side by side, and blocks along them."""
        w, T = self.settings.window, TOKENS
        steps = -(-len(ids) // (STREAMS * T))
        length = steps * T  # of a stream
        text = np.zeros(STREAMS * length + 2 * w, np.int64)  # where there is no word, any row does: its weight is 0
        text[w : w + len(ids)] = ids
        owner = -1 - np.arange(len(text), dtype=np.int32)
        owner[w : w + len(ids)] = sentences
        near = np.zeros(len(text))
        near[w : w + len(ids)] = _near(sentences, self.settings)

        def blocks(x: Array, width: int) -> Array:
            stride = x.strides[0]
            return as_strided(x, (steps, STREAMS, width), (T * stride, length * stride, stride))

        contexts = np.ascontiguousarray(blocks(text, T + 2 * w))
        outputs = np.empty((steps, STREAMS, T + NOISE), np.int64)
        outputs[..., :T] = contexts[..., w : w + T]
        begin, size = draw.integers(len(self._table)), steps * STREAMS * NOISE
        noise = self._table.take(np.arange(begin, begin + size), mode="wrap")
        outputs[..., T:] = noise.reshape(steps, STREAMS, NOISE)
        widths = draw.integers(1 if self.settings.dynamic_window else w, w + 1, (steps, STREAMS, T), np.int32)
        near = np.ascontiguousarray(blocks(near[w:], T))
        return Run(contexts, outputs, blocks(owner, T + 2 * w), near, widths, words)


def _near(sentences: Array, settings: Settings) -> Array:
    """Σ of nearness over the words of a place's own sentence. sentences: (n,), equal numbers lie together."""
    w = settings.window
    side = np.cumsum(np.concatenate([[0.0], nearness(1, settings)[0, w + 1 :]]))  # of 0, 1, … w words on a side
    near = np.full(len(sentences), 2 * side[w])
    starts = np.flatnonzero(np.diff(sentences, prepend=sentences[0] - 1))
    lengths = np.diff(starts, append=len(sentences))
    for d in range(w):  # so many words lie between a place and its sentence's start, or end
        there = lengths > d
        near[starts[there] + d] -= side[w] - side[d]
        near[(starts + lengths)[there] - 1 - d] -= side[w] - side[d]
    return near
