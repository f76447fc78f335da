"""What is drawn in word2vec: which words are kept, which noise, and how wide a window.

Every function here is told what was drawn, or draws from a generator that is given, on the host.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from numpy_nn import random
from numpy_nn.backend import Array, array_module, device_of, item, to_device
from numpy_nn.functional import checks

TABLE_SIZE = 1 << 22
"""The entries of a table of noise."""

_ROUNDING = 1e-9  # a share this little below 1 is 1


def keep_probability(counts: Array, sample: float = 1e-3) -> Array:
    """With which probability an occurrence of a word is kept, so that frequent words are thinned out.

    p = min(1, √(t / f) + t / f),   f = count / Σ counts

    counts: (V,) integers of at least 1.  sample: t, the share above which a word is thinned out, a little above it in
    truth (p < 1 from f = 2.62 t on); 0 keeps all. Returns (V,) float64.
    Raises TypeError or ValueError for other counts, and for a negative sample.
    Mikolov et al. 2013b, section 2.3, has √(t / f); this is what word2vec.c and gensim compute.
    """
    xp = _check_counts(counts)
    sample = checks.number("sample", sample, low=0)
    if sample == 0:
        return xp.ones(counts.shape)
    ratio = sample / (counts / counts.sum())
    return xp.minimum(xp.sqrt(ratio) + ratio, 1.0)


def noise(counts: Array, exponent: float = 0.75) -> Array:
    """The distribution that negative samples are drawn from.

    p = count^exponent / Σ count^exponent

    counts: (V,) integers of at least 1.  exponent: 1 draws words as often as they occur, 0 all equally often, below 0
    rare ones more often. Returns (V,) float64.  Raises TypeError or ValueError for other arguments.
    Mikolov et al. 2013b, section 2.2.
    """
    _check_counts(counts)
    exponent = checks.number("exponent", exponent)
    if not isfinite(exponent):
        raise ValueError(f"exponent: expected a finite number, got {exponent}")
    largest = counts.max() if exponent >= 0 else counts.min()
    weight = (counts / largest) ** exponent  # at most 1: no power overflows
    return weight / weight.sum()


def noise_table(
    counts: Array,
    size: int = TABLE_SIZE,
    exponent: float = 0.75,
    *,
    generator: random.Generator | None = None,
) -> Array:
    """Words in random order, each as often as its share of `noise` asks for: a slice of it is a sample.

    A word whose share is below one entry has one; what is left is shared out among the others in proportion to their
    p, each getting the whole number below or above its share.

    size: entries, at least V.  generator: which the order is drawn from, size wide draws; by default the stream of
    manual_seed. Returns (size,) int32, each word in it at least once.
    Raises ValueError where there are more words than entries, and as noise does.
    """
    p = noise(counts, exponent)
    xp, words = array_module(counts), counts.shape[0]
    if checks.integer("size", size) < words:
        raise ValueError(f"size: expected at least {words:,}, an entry for each word, got {size:,}")
    share, rare = size * p, xp.zeros(words, bool)
    while item((below := (share < 1 - _ROUNDING) & ~rare).any()):
        rare = rare | below
        common = xp.where(rare, 0.0, p)
        share = common * ((size - rare.sum()) / common.sum())
    ends = xp.floor(xp.cumsum(xp.maximum(share, 1.0)) + 0.5)  # word j has the entries from ends[j - 1] to ends[j]
    in_order = xp.searchsorted(ends.astype(xp.int64), xp.arange(size), side="right").astype(xp.int32)
    drawn = to_device(random.random_(size, generator=generator), device_of(counts))
    bits = size.bit_length()  # the lowest bits of each draw become its place: sorting numbers is faster than argsort
    return in_order[xp.sort((drawn >> bits << bits) | xp.arange(size)) & ((1 << bits) - 1)]


def windows(ids: Array, widths: Array) -> tuple[Array, Array]:
    """Every word with every word around it, up to each one's own width: the pairs that Skip-gram learns from.

        for i in range(n):
            for j in range(i - widths[i], i + widths[i] + 1):
                if 0 <= j < n and j != i, both are words, and no −1 lies between them:
                    yield ids[i], ids[j]

    in this order.  ids: (n,) int32 or int64, −1 at the end of each sentence, as in Encoded, with what was not kept
    taken out.  widths: (n,) int32 or int64, at least 0; the width at a −1 does not matter.
    Returns centers and contexts, both (pairs,) like ids.  Raises TypeError, ValueError or IndexError for others.
    """
    xp = _check_windows(ids, widths)
    contexts = _around(ids, widths, item(widths.max()) if ids.size else 0, -1)
    there = xp.flatnonzero(contexts >= 0)
    return ids[there // max(contexts.shape[1], 1)], contexts.reshape(-1)[there]


def context_matrix(ids: Array, widths: Array, window: int, pad: int) -> Array:
    """The words around every word, a row for each place in the text: what CBOW takes the mean of.

    row i = [ids[i − window], …, ids[i − 1], ids[i + 1], …, ids[i + window]]

    with pad for each that is farther than widths[i], outside the text or in another sentence; a row at a −1 is all pad.

    ids, widths: as in windows, and no width larger than window.  window: at least 1.  pad: any integer that fits.
    Returns (n, 2 window), like ids.  Raises TypeError, ValueError or IndexError for others.
    """
    xp = _check_windows(ids, widths)
    checks.in_range("widths", widths, checks.integer("window", window, low=1) + 1)
    most = xp.iinfo(ids.dtype).max
    if not -most <= checks.integer("pad", pad) <= most:
        raise ValueError(f"pad: expected a number that fits {ids.dtype}, got {pad}")
    return _around(ids, widths, window, pad)


def _around(ids: Array, widths: Array, window: int, pad: int) -> Array:
    """See context_matrix; window may be 0."""
    xp = array_module(ids)
    sentence = xp.cumsum(ids < 0)  # both words, and no −1 between: the same number
    offsets = xp.concatenate([xp.arange(-window, 0), xp.arange(1, window + 1)])
    places = xp.arange(ids.size)[:, None] + offsets  # (n, 2 window)
    inside = (places >= 0) & (places < ids.size) & (xp.abs(offsets) <= widths[:, None])
    places = xp.clip(places, 0, max(ids.size - 1, 0))
    words = ids[places]
    inside &= (words >= 0) & (ids >= 0)[:, None] & (sentence[places] == sentence[:, None])
    return xp.where(inside, words, xp.asarray(pad, dtype=ids.dtype))


def _check_counts(counts: Array) -> Any:
    checks.indices("counts", counts, "int64", "int32")
    if counts.ndim != 1 or not counts.size:
        raise ValueError(f"counts: expected shape (V,) with at least one word, got {counts.shape}")
    if (least := item(counts.min())) < 1:
        raise ValueError(f"counts: expected at least 1, got {least}")
    return array_module(counts)


def _check_windows(ids: Array, widths: Array) -> Any:
    checks.indices("ids", ids, "int32", "int64")
    checks.indices("widths", widths, "int32", "int64")
    if device_of(ids) != device_of(widths):
        raise ValueError(f"widths: expected an array on {device_of(ids)} like ids, got one on {device_of(widths)}")
    if ids.ndim != 1:
        raise ValueError(f"ids: expected shape (n,), got {ids.shape}")
    checks.shape("widths", widths, ids.shape, "like ids")
    if widths.size and (least := item(widths.min())) < 0:
        raise ValueError(f"widths: expected at least 0, got {least}")
    return array_module(ids)
