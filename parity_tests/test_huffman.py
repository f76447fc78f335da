"""The tree is gensim's where no two nodes are equal, word2vec.c's where they are, and always the cheapest."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from gensim.models import Word2Vec
from hypothesis import given
from hypothesis import strategies as st

from numpy_nn.word2vec import huffman
from parity_tests.strategies import seeds

INTEGERS = st.sampled_from([np.int32, np.int64])


def ways(tree: huffman.Huffman) -> list[tuple[list[int], list[int]]]:
    """Each word's points and codes, without what fills them up."""
    return [
        (tree.points[word, :length].tolist(), tree.codes[word, :length].tolist())
        for word, length in enumerate(tree.lengths.tolist())
    ]


@given(seeds, st.integers(2, 60))
def test_the_ways_are_gensims_where_no_two_nodes_are_equal(seed, words):
    counts = np.unique(np.random.default_rng(seed).integers(1, 2**50, words))[::-1].copy()
    model = Word2Vec(min_count=1, vector_size=1, hs=1, negative=0)
    model.build_vocab_from_freq({str(word): count for word, count in enumerate(counts.tolist())})
    theirs = [[model.wv.get_vecattr(str(word), what).tolist() for what in ("point", "code")] for word in range(words)]
    ours = huffman.tree(counts)
    assert [list(way) for way in ways(ours)] == theirs
    assert (ours.points.dtype, ours.codes.dtype, ours.lengths.dtype) == (np.int32, np.int8, np.int32)


def cost(counts: list[int]) -> int:
    """What the words' ways cost at least: the sum of all that is joined."""
    heapq.heapify(counts)
    total = 0
    while len(counts) > 1:
        joined = heapq.heappop(counts) + heapq.heappop(counts)
        heapq.heappush(counts, joined)
        total += joined
    return total


@given(seeds, st.integers(2, 60), st.sampled_from([1, 3, 100]), INTEGERS)
def test_no_tree_is_cheaper(seed, words, most, dtype):
    counts = np.random.default_rng(seed).integers(1, most + 1, words).astype(dtype)
    tree = huffman.tree(counts)
    assert int(counts @ tree.lengths) == cost(counts.tolist())
    assert tree.points.shape == tree.codes.shape == (words, tree.lengths.max())
    filled = np.arange(tree.points.shape[1]) < tree.lengths[:, None]
    assert not tree.points[~filled].any()
    assert not tree.codes[~filled].any()
    assert follow(ways(tree)) == set(range(words))


def follow(found: list[tuple[list[int], list[int]]]) -> set[int]:
    """The words that are reached by their codes in a tree that the ways agree on."""
    branches: dict[tuple[int, int], int | str] = {}
    for word, (points, codes) in enumerate(found):
        assert points[0] == len(found) - 2
        for place, code, following in zip(points, codes, [*points[1:], f"word {word}"], strict=True):
            assert branches.setdefault((place, code), following) == following
    assert len(branches) == 2 * (len(found) - 1)
    return {int(end[5:]) for end in branches.values() if isinstance(end, str)}


def test_equal_nodes_are_joined_in_word2vecs_order():
    assert ways(huffman.tree(np.array([2, 2, 1, 1]))) == [
        ([2], [0]),
        ([2, 1], [1, 1]),
        ([2, 1, 0], [1, 0, 1]),
        ([2, 1, 0], [1, 0, 0]),
    ]
    assert ways(huffman.tree(np.array([1, 1, 1]))) == [([1], [0]), ([1, 0], [1, 1]), ([1, 0], [1, 0])]


@given(seeds, st.integers(2, 30))
def test_words_may_come_in_any_order(seed, words):
    random = np.random.default_rng(seed)
    counts = random.permutation(100)[:words] + 1
    order = np.argsort(-counts)
    assert ways(huffman.tree(counts[order])) == [ways(huffman.tree(counts))[word] for word in order]


def test_doubling_counts_make_the_longest_ways():
    tree = huffman.tree(2 ** np.arange(62)[::-1])
    assert tree.lengths.tolist() == [*range(1, 62), 61]


c = np.array([2, 1])
REFUSED = {
    "list": (TypeError, "counts: expected an array of int64 or int32, got list", [2, 1]),
    "floats": (TypeError, "counts: expected int64 or int32, got float64", c / 2),
    "one word": (ValueError, r"counts: expected shape \(V,\) with at least two words, got \(1,\)", c[:1]),
    "matrix": (ValueError, r"counts: expected shape \(V,\) with at least two words, got \(1, 2\)", c[None]),
    "zero": (ValueError, "counts: expected at least 1, got 0", c - 1),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_makes_no_tree_is_refused(what):
    error, message, counts = REFUSED[what]
    with pytest.raises(error, match=message):
        huffman.tree(counts)
