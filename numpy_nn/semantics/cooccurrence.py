"""How often words stand near one another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from numpy_nn.backend import Array, array_module, is_array
from numpy_nn.functional import checks
from numpy_nn.progress import bar
from numpy_nn.semantics.sparse import SparseCSR, summed

WEIGHTINGS = ("flat", "harmonic", "linear")
BLOCK = 2**20
"""How many words are paired at once."""


def cooccurrence(
    ids: Any, num_words: int, window: int = 5, weighting: str = "flat", *, block: int = BLOCK
) -> SparseCSR:
    """How often each word has each other one within a window on either side, counted sentence by sentence.

    C[a, b] = Σ_i Σ_j [w_i = a] [w_j = b] weight(|i − j|)   over places i ≠ j of one sentence with |i − j| ≤ window

    flat       weight(d) = 1
    harmonic   weight(d) = 1 / d                         as GloVe counts
    linear     weight(d) = (window + 1 − d) / window     what the drawn windows of word2vec come to on average

    Symmetric. Counted as whole numbers of 1/lcm(1, …, window) or 1/window, so that no cut of the text into blocks or
    arrays changes a bit, as long as the sums stay below 2⁵³. Memory: some 70 bytes for each pair of words that occurs.

    ids: (n,) int32 or int64, in [0, num_words), −1 after each sentence; or such arrays one after the other, in which a
    sentence may go on.  num_words: the size V of the vocabulary.  weighting: one of the three.  block: words at once.
    Returns (V, V), float64.
    Raises TypeError for other arrays, IndexError for an id that is no word, ValueError for another option.
    Pennington et al. 2014, section 4.2 (harmonic); Levy et al. 2015, section 3.1 (linear).
    """
    V = checks.integer("num_words", num_words, low=1)
    checks.integer("window", window, low=1)
    checks.integer("block", block, low=1)
    checks.option("weighting", weighting, *WEIGHTINGS)
    unit, weights = _weights(window, weighting)
    parts: list[tuple[Array, Array]] = []
    distinct = 0
    with bar("counting neighbours", ids.size if is_array(ids) else None, "words") as advance:
        for words, new in _blocks(ids, V, window, block):
            parts += _pairs(words, new, V, weights)
            if sum(len(keys) for keys, _ in parts) > 2 * max(distinct, 2 * block):  # so that each is sorted few times
                parts = [_merged(parts)]
                distinct = len(parts[0][0])
            advance(new)
    if not parts:
        raise ValueError("ids: expected at least one array, got none")
    keys, counts = _merged(parts)
    return _mirrored(keys, counts / unit, V)


def _weights(window: int, weighting: str) -> tuple[int, list[float]]:
    """The unit that is counted in, and how many of it each distance from 1 to the window counts."""
    distances = range(1, window + 1)
    if weighting == "harmonic":
        common = math.lcm(*distances)
        unit = common if common < 2**53 else 1  # beyond it the sums are rounded as any others
        return unit, [unit / d for d in distances]
    if weighting == "linear":
        return window, [float(window + 1 - d) for d in distances]
    return 1, [1.0] * window


def _blocks(ids: Any, V: int, window: int, block: int) -> Iterator[tuple[Array, int]]:
    """The ids, a block at a time, each behind the last `window` ids before it; and how many of them are new."""
    before = None
    arrays: Iterable[Array] = [ids] if is_array(ids) else ids
    for array in arrays:
        checks.indices("ids", array, "int32", "int64")
        if array.ndim != 1:
            raise ValueError(f"ids: expected shape (n,), got {array.shape}")
        xp = array_module(array)
        for start in range(0, max(len(array), 1), block):
            part = array[start : start + block].astype("int64")
            checks.in_range("ids", part, V, low=-1)
            words = part if before is None else xp.concatenate([before, part])
            yield words, len(part)
            before = words[-window:]


def _pairs(words: Array, new: int, V: int, weights: list[float]) -> list[tuple[Array, Array]]:
    """For each distance the pairs whose second word is new, numbered V · smaller + larger, and their weights."""
    xp, n = array_module(words), len(words)
    sentence = xp.cumsum(words < 0)
    found = []
    for distance, weight in enumerate(weights, 1):
        start = max(n - new, distance)
        stop = max(n, start)
        left, right = slice(start - distance, stop - distance), slice(start, stop)
        together = (words[left] >= 0) & (words[right] >= 0) & (sentence[left] == sentence[right])
        places = xp.flatnonzero(together)
        a, b = words[left][places], words[right][places]
        keys, counts = xp.unique(xp.minimum(a, b) * V + xp.maximum(a, b), return_counts=True)
        found.append((keys, counts * weight))
    return found


def _merged(parts: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Several lists of keys and counts as one, in which each key stands once."""
    xp = array_module(parts[0][0])
    return summed(xp.concatenate([keys for keys, _ in parts]), xp.concatenate([counts for _, counts in parts]))


def _mirrored(keys: Array, counts: Array, V: int) -> SparseCSR:
    """The symmetric matrix of pairs that were counted once; a word beside itself is its own neighbour twice."""
    xp = array_module(keys)
    low, high = keys // V, keys % V
    counts = xp.where(low == high, 2 * counts, counts)
    apart = xp.flatnonzero(low != high)
    keys = xp.concatenate([keys, high[apart] * V + low[apart]])
    counts = xp.concatenate([counts, counts[apart]])
    order = xp.argsort(keys)
    return SparseCSR.from_keys(keys[order], counts[order], (V, V))
