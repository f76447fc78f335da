"""A binary tree with frequent words near its root."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.functional import checks


class Huffman(NamedTuple):
    """The way from the root of a tree to each of V words, along its V − 1 inner nodes.

    points: (V, L) int32, the inner nodes on the way, the root (V − 2) first.  codes: (V, L) int8, at each of them 0 or
    1, the branch that is taken.  lengths: (V,) int32, how many there are; beyond them stand zeros. L is the longest.
    """

    points: Array
    codes: Array
    lengths: Array


def tree(counts: Array) -> Huffman:
    """The tree in which Σ counts · lengths is smallest: the two rarest nodes are joined until one is left.

    Of the two, the rarer gets the branch 0. Of equally frequent nodes, an inner one comes before a word, the older
    inner one first, and of words the later first, as in word2vec.c: the codes are the same as there, bit for bit.

    counts: (V,) int64 or int32, at least 1, in any order; at least two. Raises TypeError or ValueError for others.
    Huffman 1952.
    """
    checks.indices("counts", counts, "int64", "int32")
    if counts.ndim != 1 or counts.size < 2:
        raise ValueError(f"counts: expected shape (V,) with at least two words, got {counts.shape}")
    if counts.min() < 1:
        raise ValueError(f"counts: expected at least 1, got {counts.min()}")
    parent, branch = _join(counts)
    return _ways(parent, branch, counts.size)


def _join(counts: Array) -> tuple[Array, Array]:
    """The parent of each node and the branch to it there, (2V − 1,): the words, then the inner nodes, the root last.

    Words are taken from the rarest on, and inner nodes in the order they are made in, which is that of their counts:
    so the rarest node is always the next of one of two queues.
    """
    V = counts.size
    order = np.argsort(-counts, kind="stable")[::-1].tolist()  # the rarest first
    count = [*counts.tolist(), *[0] * (V - 1)]
    parent, branch = np.zeros(2 * V - 1, np.int64), np.zeros(2 * V - 1, np.int8)
    word, inner = 0, V
    for made in range(V, 2 * V - 1):
        for which in (0, 1):
            if word < V and (inner == made or count[order[word]] < count[inner]):
                node, word = order[word], word + 1
            else:
                node, inner = inner, inner + 1
            parent[node], branch[node] = made, which
            count[made] += count[node]
    return parent, branch


def _ways(parent: Array, branch: Array, V: int) -> Huffman:
    """The ways down, from all ways up at once."""
    root, node = 2 * V - 2, np.arange(V)
    up, taken, lengths = [], [], np.zeros(V, np.int32)
    while (below := node != root).any():
        taken.append(branch[node])
        node = np.where(below, parent[node], root)
        up.append((node - V).astype(np.int32))
        lengths += below
    step = lengths[:, None] - 1 - np.arange(len(up))  # which step up the k-th down is, < 0 beyond the end
    word = np.arange(V)[:, None]
    points = np.where(step >= 0, np.stack(up, 1)[word, step], 0)
    codes = np.where(step >= 0, np.stack(taken, 1)[word, step], 0)
    return Huffman(points, codes, lengths)
