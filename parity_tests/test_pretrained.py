"""Layers over tables of vectors that exist already; a bag's layer from its start; what directions refuse."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
import numpy_nn.functional as F
from parity_tests.bounds import agree
from parity_tests.strategies import seeds

TABLE = np.arange(10, dtype=np.float32).reshape(5, 2)
KINDS = ("Embedding", "EmbeddingBag")
MODES = st.sampled_from(["sum", "mean", "max"])


@given(seeds, st.integers(1, 20), st.integers(1, 20), st.booleans())
def test_a_bags_layer_starts_as_pytorchs_from_the_seed(seed, num_embeddings, embedding_dim, padding):
    padding_idx = -1 if padding else None
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    ours = nn.EmbeddingBag(num_embeddings, embedding_dim, padding_idx=padding_idx)
    theirs = torch.nn.EmbeddingBag(num_embeddings, embedding_dim, padding_idx=padding_idx)
    np.testing.assert_array_almost_equal_nulp(ours.weight.data, theirs.weight.detach().numpy(), 4)
    assert ours.padding_idx == theirs.padding_idx
    assert not padding or not ours.weight.data[-1].any()


@given(seeds, st.sampled_from(KINDS), MODES, st.booleans(), st.sampled_from([None, 0, 2, -1]))
def test_a_pretrained_layer_is_pytorchs_in_training_and_in_print(seed, kind, mode, freeze, padding_idx):
    """One forward and one backward, with a norm that cuts some rows; frozen, the table gets no gradient."""
    table = np.random.default_rng(seed).standard_normal((5, 3))
    options: dict[str, Any] = {"freeze": freeze, "padding_idx": padding_idx, "max_norm": 1.5, "norm_type": 2.0}
    options |= {"mode": mode} if kind == "EmbeddingBag" else {}
    ours = getattr(nn, kind).from_pretrained(table.copy(), **options)
    theirs = getattr(torch.nn, kind).from_pretrained(torch.from_numpy(table.copy()), **options)
    indices = np.random.default_rng(seed + 1).integers(0, 5, (3, 4))
    y, expected = ours(indices), theirs(torch.from_numpy(indices))
    cut = np.abs(theirs.weight.detach().numpy())
    agree("weight", ours.weight.data, theirs.weight.detach().numpy(), cut, 16)
    agree("y", y, expected.detach().numpy(), np.full(y.shape, cut.sum()), 16)
    dy = np.random.default_rng(seed + 2).standard_normal(y.shape)
    ours.backward(dy)
    assert (ours.weight.grad is None) == freeze == (not theirs.weight.requires_grad)
    if not freeze:
        expected.backward(torch.from_numpy(dy))
        agree("gradient", ours.weight.grad, theirs.weight.grad.numpy(), np.full(table.shape, np.abs(dy).sum()), 32)
    assert repr(ours) == repr(theirs)
    assert ours.padding_idx == theirs.padding_idx


@pytest.mark.parametrize("kind", KINDS)
def test_pretrained_is_frozen_by_default_shares_its_table_and_keeps_the_padding_row(kind):
    table, tensor = TABLE + 1, torch.from_numpy(TABLE + 1)
    for layers, given_table in ((nn, table), (torch.nn, tensor)):
        layer = getattr(layers, kind).from_pretrained(given_table, padding_idx=1)
        assert layer.weight.requires_grad is False
        given_table[2, 0] = 77  # the layer sees it
        kept = np.asarray(layer.state_dict()["weight"])
        assert kept[2, 0] == 77
        assert kept[1].tolist() == [3, 4]


@given(seeds)
def test_a_bags_weights_get_their_gradient_back_from_the_layer(seed):
    layer, twin = nn.EmbeddingBag(5, 3, mode="sum", dtype=np.float64), torch.nn.EmbeddingBag(5, 3, mode="sum").double()
    twin.load_state_dict({"weight": torch.from_numpy(layer.weight.data)})
    random = np.random.default_rng(seed)
    indices, offsets, s, dy = random.integers(0, 5, 6), np.array([0, 2]), random.random(6), random.random((2, 3))
    leaf = torch.from_numpy(s).requires_grad_()
    twin(torch.from_numpy(indices), torch.from_numpy(offsets), leaf).backward(torch.from_numpy(dy))
    layer(indices, offsets, s)
    agree("weights", layer.backward(dy), leaf.grad.numpy(), np.full(6, np.abs(layer.weight.data).sum()), 16)
    agree("table", layer.weight.grad, twin.weight.grad.numpy(), np.full((5, 3), s.sum() * dy.sum()), 16)


LABELS = np.array([0, 0])
PAIRS = np.ones((2, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.EmbeddingBag(-1, 2), "num_embeddings: expected at least 0, got -1"),
        (lambda: nn.EmbeddingBag(2, -1), "embedding_dim: expected at least 0, got -1"),
        (lambda: nn.EmbeddingBag(2, 2, mode="min"), "mode: expected one of 'sum', 'mean', 'max', got 'min'"),
        (lambda: nn.EmbeddingBag(2, 2, padding_idx=2), r"padding_idx: expected a row in \[-2, 2\), got 2"),
        (lambda: nn.EmbeddingBag(2, 2, include_last_offset=2), "include_last_offset: expected one of True, False"),
        (lambda: nn.EmbeddingBag.from_pretrained(TABLE[0]), r"embeddings: expected shape .* got \(2,\)"),
        (lambda: nn.EmbeddingBag.from_pretrained(TABLE, padding_idx=5), r"padding_idx: .* \[-5, 5\), got 5"),
        (lambda: F.normalize(TABLE, p=0.5), "p: expected a number of at least 1, got 0.5"),
        (lambda: F.normalize(TABLE, p=nan), "p: expected a number of at least 1, got nan"),
        (lambda: F.normalize(TABLE, eps=-1), "eps: expected a number of at least 0, got -1"),
        (lambda: F.normalize(TABLE, dim=(0, -2)), r"dim: expected each dimension once, got \(0, -2\)"),
        (lambda: F.normalize(TABLE[:, :0], p=inf), r"x: expected at least one value .* got shape \(5, 0\)"),
        (
            lambda: F.cosine_similarity(TABLE, TABLE[:2]),
            r"x2: expected a shape that broadcasts with \(5, 2\), got \(2, 2",
        ),
        (lambda: F.cosine_similarity(TABLE, TABLE, eps=nan), "eps: expected a number of at least 0, got nan"),
        (lambda: F.contrastive_loss(PAIRS[0], PAIRS[0]), r"image: expected shape \(N, D\), got \(3,\)"),
        (lambda: F.contrastive_loss(PAIRS, PAIRS[:1]), r"text: expected shape \(2, 3\) .* got \(1, 3\)"),
        (lambda: F.contrastive_loss(PAIRS, PAIRS, np.ones(2)), r"scale: expected shape \(\) .* got \(2,\)"),
        (lambda: F.contrastive_loss(PAIRS, PAIRS, 1.0, LABELS[:1]), r"labels: expected shape \(2,\) .* got \(1,\)"),
        (lambda: F.contrastive_loss(PAIRS, PAIRS, reduction="max"), "reduction: expected one of .* got 'max'"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match="^" + message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.EmbeddingBag(2.0, 2), "num_embeddings: expected an integer, got 2.0"),
        (lambda: nn.EmbeddingBag(2, 2, dtype=np.float16), "dtype: expected float32 or float64, got float16"),
        (lambda: nn.EmbeddingBag.from_pretrained([[1.0]]), "embeddings: expected an array, got list"),
        (lambda: F.normalize(TABLE.astype(int)), "x: expected float32 or float64, got int64"),
        (lambda: F.normalize(TABLE, p="2"), "p: expected a number, got '2'"),
        (lambda: F.cosine_similarity(TABLE, PAIRS), "x2: expected float32 like x1, got float64"),
        (lambda: F.contrastive_loss(PAIRS, PAIRS, "1"), "scale: expected a number, got '1'"),
        (lambda: F.contrastive_loss(PAIRS, PAIRS, np.float32([1])), "scale: expected float64 like image, got float32"),
        (lambda: F.contrastive_loss(PAIRS, PAIRS, 1.0, LABELS + 0.5), "labels: expected int64, got float64"),
    ],
)
def test_what_is_of_another_type_is_refused(call, message):
    with pytest.raises(TypeError, match="^" + message):
        call()
