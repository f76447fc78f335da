"""The fast trainer of word vectors: what it reads is every pair of the text, what it does is PyTorch's every step."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numpy_nn import word2vec
from numpy_nn.kernels.cpu import rows
from numpy_nn.training import NonFiniteError
from numpy_nn.word2vec import Settings, fast
from numpy_nn.word2vec.encoded import Encoded
from numpy_nn.word2vec.fast import blocks, trainer
from parity_tests.bounds import unit
from parity_tests.word2vec_steps import WORDS, compare, model_of, text

U = unit(np.dtype(np.float64))
KINDS = [
    {},
    {"cbow": True},
    {"dynamic_window": False},
    {"cbow": True, "dynamic_window": False},
    {"window": 1, "negative": 2},
    {"cbow": True, "window": 7, "negative": 11},
]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_vector_is_pytorchs_after_every_step(kind: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocks, "RUN", 1000)
    assert compare(model_of(text(), alpha=0.1, **kind), text()) > 30


@pytest.mark.parametrize("cbow", [False, True])
def test_also_where_words_are_frozen_or_too_frequent(cbow: bool):
    model = model_of(text(1), cbow=cbow, sample=0.0)
    model.freeze(["0", "3", "7"])
    before = model.input.copy()
    assert trainer.Trainer(model, text(1)).output_factors.min() < 0.1, "of 40 words, some are in a step too often"
    assert compare(model, text(1), most=12) == 12
    fast.train(model, text(1), lambda words: None)
    assert np.array_equal(model.input[model.frozen], before[model.frozen])
    assert not np.array_equal(model.input[~model.frozen], before[~model.frozen])
    assert model.output[model.frozen].any(), "what frozen words are compared with still moves"


@pytest.mark.parametrize("cbow", [False, True])
def test_a_training_goes_on_from_where_the_model_is(cbow: bool):
    model = model_of(text(), cbow=cbow, alpha=1e-12, min_alpha=0.0)
    model.output[:] = np.random.default_rng(0).standard_normal(model.output.shape)
    before = model.input.copy(), model.output.copy()
    assert compare(model, text(), most=5) == 5
    fast.train(model, text(), lambda words: None)
    for was, now in zip(before, (model.input, model.output), strict=True):
        # no word is in more than some 10⁵ pairs, and each moves it by about the rate
        assert 0 < np.abs(now - was).max() < 1e5 * model.settings.alpha, "so small a rate leaves all where it was"


@pytest.mark.parametrize("cbow", [False, True])
def test_it_trains_what_was_asked_for(cbow: bool, monkeypatch: pytest.MonkeyPatch):
    steps: list[str] = []
    for kind in (trainer.SkipGram, trainer.CBOW):
        monkeypatch.setattr(kind, "step", lambda self, number, rate: steps.append(type(self).__name__))
    fast.train(model_of(text(), cbow=cbow), text(), lambda words: None)
    assert set(steps) == {"CBOW" if cbow else "SkipGram"}


def pairs_of(ids: np.ndarray, settings: Settings) -> Counter[tuple[int, int]]:
    """Every pair of a text with its nearness, by nested loops."""
    found: Counter[tuple[int, int]] = Counter()
    for sentence in np.split(ids, np.flatnonzero(ids < 0)):
        words = sentence[sentence >= 0]
        for i, center in enumerate(words):
            for j in range(max(i - settings.window, 0), min(i + settings.window + 1, len(words))):
                if j != i:
                    distance = abs(i - j)
                    share = (settings.window + 1 - distance) / settings.window if settings.dynamic_window else 1
                    found[int(center), int(words[j])] += share
    return found


def off(total: float, window: int) -> float:
    """What a sum of shares may be off by: it has window · total terms at most, and each is rounded and added twice."""
    return 2 * (window * total + 1) * U * total


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.booleans())
def test_a_run_holds_every_pair_once_and_none_across_sentences(seed: int, window: int, dynamic: bool):
    encoded = text(seed, 25)
    settings = Settings(window=window, dynamic_window=dynamic, sample=0.0)
    run = blocks.Blocks(encoded.ids, np.ones(WORDS, np.int64), settings).run(0)
    assert run is not None
    found: Counter[tuple[int, int]] = Counter()
    noise = 0.0
    for step in range(len(run.near)):
        sentences = run.sentences[step]
        centers = sentences[:, window : window + blocks.TOKENS, None]
        weight = blocks.nearness(blocks.TOKENS, settings) * (centers == sentences[:, None, :])
        for block, center, context in zip(*np.nonzero(weight), strict=True):
            pair = int(run.outputs[step, block, center]), int(run.contexts[step, block, context])
            found[pair] += weight[block, center, context]
        noise += run.near[step].sum()
    expected = pairs_of(encoded.ids, settings)
    assert found.keys() == expected.keys()
    every = sum(expected.values())
    assert all(abs(found[pair] - weight) <= off(weight, window) for pair, weight in expected.items())
    assert abs(noise - every) <= off(every, window), "each word weighs as much against noise as in its pairs"
    assert run.words == encoded.words


def test_frequent_words_are_thinned_out():
    encoded = text(2, 600)
    counts = np.maximum(np.bincount(encoded.ids[encoded.ids >= 0], minlength=WORDS), 1)
    settings = Settings(sample=0.02)
    made = blocks.Blocks(encoded.ids, counts, settings)
    seen = np.zeros(WORDS)
    for number in range(200):
        run = made.run(number)
        assert run is not None
        there = run.sentences[..., settings.window : settings.window + blocks.TOKENS] >= 0
        seen += np.bincount(run.outputs[..., : blocks.TOKENS][there], minlength=WORDS)
    keep = word2vec.sampling.keep_probability(counts, 0.02)
    deviation = np.sqrt(200 * counts * keep * (1 - keep))
    assert (deviation > 0).sum() == 4
    assert (np.abs(seen - 200 * counts * keep) <= 3 * deviation).all()


def test_noise_is_drawn_as_word2vec_draws_it():
    encoded = text(3, 600)
    counts = np.maximum(np.bincount(encoded.ids[encoded.ids >= 0], minlength=WORDS), 1)
    made = blocks.Blocks(encoded.ids, counts, Settings(sample=0.0))
    drawn = np.concatenate([made.run(n).outputs[..., blocks.TOKENS :].reshape(-1) for n in range(3)])  # type: ignore[union-attr]
    expected = drawn.size * word2vec.sampling.noise(counts)
    assert (np.abs(np.bincount(drawn, minlength=WORDS) - expected) <= 3 * np.sqrt(expected)).all()  # deviations
    assert len(set(drawn[: blocks.NOISE])) > 1


@pytest.mark.parametrize("name", ["product", "_folded"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(seed=st.integers(0, 2**32 - 1))
def test_rows_are_added_as_often_as_they_occur(name: str, dtype: Any, seed: int):
    drawn = np.random.default_rng(seed)
    V, n, D = 7, int(drawn.integers(1, 40)), 6
    matrix = drawn.integers(-50, 50, (V, D)).astype(dtype)
    where, values = drawn.integers(0, V, n), drawn.integers(-50, 50, (n, D)).astype(dtype)
    scale = (2.0 ** drawn.integers(-2, 3, n)).astype(dtype)
    expected = matrix.copy()
    for row, value, factor in zip(where, values, scale, strict=True):
        expected[row] += factor * value
    add = rows.product(matrix, n) if name == "product" else rows._folded(matrix)
    add(where, values, scale)
    assert np.array_equal(matrix, expected)


def test_without_scipy_the_vectors_are_the_same(monkeypatch: pytest.MonkeyPatch):
    first, second = model_of(text()), model_of(text())
    fast.train(first, text(), lambda words: None)
    monkeypatch.setitem(sys.modules, "scipy.sparse._sparsetools", None)
    fast.train(second, text(), lambda words: None)
    # at most, each word read adds to a row in another order
    assert np.abs(first.input - second.input).max() <= 2 * text().words * U * np.abs(first.input).max()


def test_one_seed_one_run():
    trained = []
    for seed in (1, 1, 2):
        model = model_of(text(), seed=seed)
        fast.train(model, text(), lambda words: None)
        trained.append(model.input)
    assert np.array_equal(trained[0], trained[1])
    assert not np.array_equal(trained[0], trained[2])


def test_the_words_are_counted_and_no_run_is_drawn_like_another(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocks, "RUN", 1000)
    encoded, counted = text(), []
    model = model_of(encoded, epochs=3)
    fast.train(model, encoded, counted.append)
    assert sum(counted) == 3 * encoded.words
    assert len(counted) == 3 * -(-len(encoded.ids) // 1000)
    made = blocks.Blocks(encoded.ids, model.vocabulary.counts, model.settings)
    of_epochs = [made.run(number) for number in (0, len(made.starts), 2 * len(made.starts))]
    assert len({run.outputs.tobytes() for run in of_epochs if run is not None}) == 3


def test_the_rate_falls_with_the_words_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocks, "RUN", 1000)
    rates: list[float] = []
    step = trainer.SkipGram.step
    monkeypatch.setattr(trainer.SkipGram, "step", lambda self, n, rate: (rates.append(rate), step(self, n, rate))[1])
    fast.train(model_of(text(), alpha=0.05, min_alpha=0.01), text(), lambda words: None)
    assert rates[0] == 0.05
    assert 0.01 < rates[-1] < 0.012
    assert all(later < earlier for earlier, later in pairwise(rates))
    assert np.abs(np.diff(rates)).max() < 0.004


@pytest.mark.parametrize("cbow", [False, True])
def test_several_workers_learn_the_same_things(cbow: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocks, "RUN", 1000)
    one, three = (model_of(text(), cbow=cbow, workers=workers) for workers in (1, 3))
    counted: list[int] = []
    fast.train(one, text(), lambda words: None)
    fast.train(three, text(), counted.append)
    assert sum(counted) == 2 * text().words
    moved = [model.input - model_of(text()).input for model in (one, three)]
    cosine = (moved[0] * moved[1]).sum() / np.sqrt((moved[0] ** 2).sum() * (moved[1] ** 2).sum())
    assert cosine > 0.9


@pytest.mark.parametrize("settings", [{"alpha": 1e30}, {"alpha": 1e30, "cbow": True}, {"alpha": 1e5, "workers": 2}])
@pytest.mark.parametrize("size", [4, 120])
def test_a_training_that_diverges_is_stopped_and_leaves_the_model(settings: dict[str, Any], size: int):
    model = model_of(text(0, size), dtype="float32", **settings)
    before = model.input.copy(), model.output.copy()
    with pytest.raises(
        NonFiniteError, match=r"word [\d,]+ of [\d,]+: the vectors diverge at learning rate .*; try a sm"
    ):
        fast.train(model, text(0, size), lambda words: None)
    assert np.array_equal(model.input, before[0])
    assert np.array_equal(model.output, before[1])


def test_a_text_without_a_pair_is_refused():
    ids = np.array([1, -1, 2, -1, 1, -1], np.int32)
    with pytest.raises(ValueError, match=r"pair|two words"):
        fast.train(model_of(text()), Encoded(ids, 3), lambda words: None)


def test_subsampling_that_leaves_nothing_of_a_run_is_no_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocks, "RUN", 3)
    encoded = text(0, 3)
    fast.train(model_of(encoded, sample=1e-6), encoded, lambda words: None)


def test_float32_stays_float32():
    model = model_of(text(), dtype="float32")
    fast.train(model, text(), lambda words: None)
    assert model.input.dtype == model.output.dtype == np.float32
    exact = model_of(text(), dtype="float64")
    exact.input = model_of(text(), dtype="float32").input.astype(np.float64)
    fast.train(exact, text(), lambda words: None)
    # each word that is read rounds a row once
    bound = 2 * text().words * unit(model.input.dtype) * np.abs(exact.input).max()
    assert np.abs(model.input - exact.input).max() <= bound


@pytest.mark.parametrize("cbow", [False, True])
def test_both_trainers_find_the_same_neighbours(cbow: bool):
    """Words of one topic, whoever trains them."""
    drawn = np.random.default_rng(0)
    sentences = [[str(4 * topic + word) for word in drawn.integers(0, 4, 8)] for topic in drawn.integers(0, 5, 800)]
    for name in ("fast", "textbook"):
        settings = {"vector_size": 12, "epochs": 3, "alpha": 0.05, "sample": 0.0, "cbow": cbow, "trainer": name}
        vectors = word2vec.train(sentences, min_count=1, **settings).vectors
        for topic in range(5):
            found = {word for word, _ in vectors.most_similar(str(4 * topic), topn=3)}
            assert found == {str(4 * topic + other) for other in (1, 2, 3)}, name


def test_settings_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match="trainer: expected 'textbook' for objective 'softmax', got 'fast'"):
        Settings(objective="softmax", trainer="fast")
    with pytest.raises(ValueError, match="workers: expected 1 with the textbook trainer, got 2"):
        Settings(trainer="textbook", workers=2)
    assert Settings(objective="hierarchical").trainer == "textbook"
    assert replace(Settings(), cbow=True).trainer == "fast"
