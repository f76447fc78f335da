"""MT19937 (M. Matsumoto and T. Nishimura 1998): Python's own, which is at hand, or NumPy's where much is drawn.

Both are the same engine with the same state: 624 words, and the place of the next one to take; at 624 they are renewed.
NumPy's draws four times as fast, but importing numpy.random takes as long as drawing a million words with Python's.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np

from numpy_nn.backend import Array

WORDS = 624
"""In the state."""

PATIENCE = 1 << 20
"""How many words are drawn with Python's before NumPy's takes over."""


class MersenneTwister:
    """The engine, which begins anywhere: see restart."""

    def __init__(self) -> None:
        self._pythons = Random()
        self._numpys: Any = None
        self._drawn = 0

    def restart(self, words: Sequence[int] | Array, place: int) -> None:
        """Go on from a state. words: 624 below 2³².  place: of the next one; 624 for none of them."""
        if self._numpys is None:
            self._pythons.setstate((3, (*map(int, words), place), None))
        else:
            state = {"key": np.asarray(words, np.uint32), "pos": place}
            self._numpys.state = {"bit_generator": "MT19937", "state": state}

    def state(self) -> tuple[Array, int]:
        """The words, (624,) uint32, and the place."""
        if self._numpys is None:
            *words, place = self._pythons.getstate()[1]
            return np.array(words, np.uint32), place
        state = self._numpys.state["state"]
        return state["key"], state["pos"]

    def single(self, count: int) -> Array:
        """The next words: (count,) uint64, each below 2³²."""
        if self._waits(count):
            return self._bits(count).astype(np.uint64)
        return self._numpys.random_raw(count)

    def double(self, count: int) -> Array:
        """The next pairs of words: (count,) uint64, the high one first."""
        if self._waits(2 * count):
            high, low = self._bits(2 * count).reshape(count, 2).T
            return high.astype(np.uint64) << np.uint64(32) | low
        return np.random.Generator(self._numpys).integers(2**64, size=count, dtype=np.uint64)  # the high one first, too

    def _bits(self, count: int) -> Array:
        """The next words from Python's engine, which takes the first for the lowest bits."""
        return np.frombuffer(self._pythons.getrandbits(32 * count).to_bytes(4 * count, "little"), "<u4")

    def _waits(self, count: int) -> bool:
        """Whether so many more words may come from Python's engine; if not, NumPy's takes over where it stands."""
        self._drawn += count
        if self._numpys is None and self._drawn > PATIENCE:
            words, place = self.state()
            self._numpys = np.random.MT19937(0)
            self.restart(words, place)
        return self._numpys is None
