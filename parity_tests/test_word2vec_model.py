"""A Word2Vec model: how it starts, goes on from what it is, takes words in and lets some stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from numpy_nn import word2vec
from numpy_nn.data.text import generated
from numpy_nn.training import NonFiniteError
from numpy_nn.word2vec import Settings, UnknownWordError, Vocabulary, Word2Vec, WordVectors

FIRST = [["나", "는", "물", "을", "마신다"], ["나", "는", "밥", "을", "먹는다"]] * 20
FURTHER = [["나", "는", "빵", "을", "먹는다"], ["빵", "과", "물"]] * 10
SMALL = Settings(vector_size=4, epochs=1, sample=0, seed=3)


def model(**settings: Any) -> Word2Vec:
    """A model that has learned the first text."""
    return word2vec.train(FIRST, min_count=1, **{"vector_size": 4, "epochs": 1, "sample": 0, "seed": 3} | settings)


def state(of: Word2Vec) -> tuple[bytes, bytes, list[str], Settings]:
    """Everything a training may change."""
    return of.input.tobytes(), of.output.tobytes(), of.vocabulary.words, of.settings


def test_vectors_start_as_pytorchs_uniform_from_the_seed_and_the_output_at_zero() -> None:
    for dtype in ("float32", "float64"):
        started = Word2Vec(Vocabulary.build(FIRST, 1), Settings(vector_size=5, seed=7, dtype=dtype))
        generator = torch.Generator().manual_seed(7)
        expected = torch.empty(7, 5, dtype=getattr(torch, dtype)).uniform_(-0.1, 0.1, generator=generator)
        np.testing.assert_array_equal(started.input, expected.numpy(), strict=True)
        np.testing.assert_array_equal(started.output, np.zeros((7, 5), dtype), strict=True)
        assert started.frozen is None


def test_a_tree_of_words_has_one_inner_node_fewer() -> None:
    assert Word2Vec(Vocabulary.build(FIRST, 1), Settings(objective="hierarchical")).output.shape == (6, 100)


@pytest.mark.parametrize("trainer", ["fast", "textbook"])
def test_a_training_is_an_untrained_model_that_has_read_the_text(trainer: str) -> None:
    by_parts = Word2Vec(
        Vocabulary.build(FIRST, 1), Settings(vector_size=4, epochs=1, sample=0, seed=3, trainer=trainer)
    )
    before = by_parts.input.copy()
    by_parts.train(FIRST)
    assert state(by_parts) == state(model(trainer=trainer))
    assert (by_parts.input != before).any(axis=1).all()


def test_only_words_that_are_frequent_enough_get_a_vector_unless_a_vocabulary_is_given() -> None:
    assert word2vec.train(FIRST, vector_size=4).vocabulary.words == ["나", "는", "을", "물", "마신다", "밥", "먹는다"]
    assert word2vec.train(FIRST, vector_size=4, min_count=21).vocabulary.words == ["나", "는", "을"]
    given = Vocabulary(["밥", "을"], [1, 1])
    assert word2vec.train(FIRST, given, vector_size=4, min_count=21).vocabulary is given


def test_text_that_can_be_read_once_serves_a_given_vocabulary_only() -> None:
    with pytest.raises(TypeError, match=r"^sentences: expected lists of words that can be read twice, got a list_iter"):
        word2vec.train(iter(FIRST), vector_size=4, min_count=1)
    once = word2vec.train(iter(FIRST), Vocabulary.build(FIRST, 1), vector_size=4, epochs=1, sample=0, seed=3)
    assert state(once) == state(model())


def test_a_further_text_is_learned_from_where_the_model_is() -> None:
    """Not from the start: a rate of nothing changes nothing, and what was learned is still there."""
    trained = model()
    before = trained.input.copy(), trained.output.copy()
    trained.train(FURTHER, alpha=0, min_alpha=0)
    assert (trained.input == before[0]).all()
    assert (trained.output == before[1]).all()
    trained.train(FURTHER, alpha=0.05, min_alpha=0.01)
    moved = (trained.input != before[0]).any(axis=1)
    assert {word for word, yes in zip(trained.vocabulary.words, moved, strict=True) if yes} == {
        "나",
        "는",
        "을",
        "먹는다",
    }


def test_settings_given_later_hold_from_then_on() -> None:
    trained = model()
    trained.train(FURTHER, alpha=0.5, window=2)
    assert (trained.settings.alpha, trained.settings.window, trained.settings.vector_size) == (0.5, 2, 4)
    trained.train(FURTHER, window=3)
    assert (trained.settings.alpha, trained.settings.window) == (0.5, 3)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("vector_size", 5, "vector_size: expected 4, which the model was made with, got 5"),
        ("objective", "hierarchical", "objective: expected 'negative', which .* got 'hierarchical'"),
        ("dtype", "float64", "dtype: expected 'float32', which the model was made with, got 'float64'"),
        ("alpha", -1.0, "alpha: expected .* at least 0, got -1.0"),
    ],
)
def test_what_a_model_was_made_with_stays(name: str, value: object, message: str) -> None:
    trained = model(trainer="textbook")
    before = state(trained)
    with pytest.raises(ValueError, match=f"^{message}"):
        trained.train(FURTHER, **{name: value})
    assert state(trained) == before


def test_a_training_that_diverges_leaves_the_settings() -> None:
    trained = model()
    before = trained.settings
    with pytest.raises(NonFiniteError):
        trained.train(FURTHER, alpha=1e30)
    assert trained.settings == before


def test_a_text_of_unknown_words_changes_nothing() -> None:
    trained = model()
    before = state(trained)
    with pytest.raises(ValueError, match=r"^sentences: expected at least one word of the vocabulary"):
        trained.train([["모르는", "말"]], window=2)
    assert state(trained) == before


# Fine-tuning: words taken in, words that stay


def test_words_taken_in_follow_those_that_are_there_and_start_as_all_did() -> None:
    trained = model()
    before = trained.input.copy(), trained.output.copy()
    trained.extend(FURTHER, min_count=10)
    words = trained.vocabulary.words
    assert words[7:] == ["빵", "과"]
    assert dict(zip(words, trained.vocabulary.counts.tolist(), strict=True))["나"] == 40 + 10
    np.testing.assert_array_equal(trained.input[:7], before[0], strict=True)
    np.testing.assert_array_equal(
        trained.output, np.concatenate([before[1], np.zeros((2, 4), np.float32)]), strict=True
    )
    untrained = Word2Vec(trained.vocabulary, trained.settings).input
    np.testing.assert_array_equal(trained.input[7:], untrained[7:], strict=True)
    trained.train(FURTHER)
    assert (trained.input[7:] != untrained[7:]).any(axis=1).all()
    trained.extend(FURTHER, min_count=11)
    assert trained.vocabulary.words == words


@pytest.mark.parametrize("trainer", ["fast", "textbook"])
def test_frozen_words_stay_and_the_others_learn_also_after_words_are_taken_in(trainer: str) -> None:
    trained = model(trainer=trainer)
    trained.freeze(["나", "물"])
    trained.extend(FURTHER, min_count=1)
    np.testing.assert_array_equal(trained.frozen, [word in ("나", "물") for word in trained.vocabulary.words])
    before = trained.input.copy()
    trained.train(FIRST + FURTHER)
    assert (trained.input == before).all(axis=1).tolist() == trained.frozen.tolist()


def test_freezing_again_replaces_and_freezing_none_lets_all_learn() -> None:
    trained = model()
    trained.freeze(["나"])
    trained.freeze(["물", "밥"])
    assert [word for word, stays in zip(trained.vocabulary.words, trained.frozen, strict=True) if stays] == ["물", "밥"]
    trained.freeze([])
    assert trained.frozen is None


def test_what_cannot_be_frozen_is_refused_and_nothing_is_changed() -> None:
    trained = model()
    trained.freeze(["나"])
    before = trained.frozen.copy()
    with pytest.raises(UnknownWordError, match="마신닥"):
        trained.freeze(["물", "마신닥"])
    with pytest.raises(TypeError, match=r"^words: expected several words, got the string '물'"):
        trained.freeze("물")
    np.testing.assert_array_equal(trained.frozen, before, strict=True)


def test_a_tree_takes_no_words_in() -> None:
    trained = model(objective="hierarchical")
    before = state(trained)
    with pytest.raises(ValueError, match=r"^extend: expected an objective without a tree of words, got 'hierarchical'"):
        trained.extend(FURTHER)
    assert state(trained) == before


def test_a_text_without_a_word_is_not_taken_in() -> None:
    trained = model()
    before = state(trained)
    with pytest.raises(ValueError, match=r"^sentences: expected at least one word, got none"):
        trained.extend([])
    assert state(trained) == before


# Going on from vectors


def test_training_goes_on_from_vectors_of_ones_own() -> None:
    known = WordVectors(["물", "밥", "나"], np.arange(12, dtype=np.float64).reshape(3, 4), np.array([5, 0, 2]))
    started = Word2Vec.from_vectors(known, SMALL)
    np.testing.assert_array_equal(started.input, known.vectors.astype(np.float32), strict=True)
    assert started.vocabulary.words == ["물", "밥", "나"]
    assert started.vocabulary.counts.tolist() == [5, 1, 2]
    started.train(FIRST, epochs=2)
    np.testing.assert_array_equal(known.vectors, np.arange(12.0).reshape(3, 4))
    assert not (started.input == known.vectors).all()


def test_words_without_counts_count_once_and_other_sizes_are_refused() -> None:
    known = WordVectors(["물", "밥"], np.ones((2, 4), np.float32))
    assert Word2Vec.from_vectors(known, SMALL).vocabulary.counts.tolist() == [1, 1]
    with pytest.raises(ValueError, match=r"^vector_size: expected 4 like vectors, got 100"):
        Word2Vec.from_vectors(known, Settings())


def test_vectors_are_the_models_and_carry_its_counts() -> None:
    trained = model()
    vectors = trained.vectors
    assert vectors.words == trained.vocabulary.words
    assert vectors.counts.tolist() == trained.vocabulary.counts.tolist()
    np.testing.assert_array_equal(vectors["물"], trained.input[trained.vocabulary["물"]])


def test_fine_tuning_teaches_a_new_word_and_forgets_no_old_one() -> None:
    """A word that only the further text has ends among the words of its class, while the others stay frozen."""
    text = generated.sentences(6000, language="ko")
    new, *pets = generated.classes("ko")["반려동물"]
    known = [sentence for sentence in text if new not in sentence]
    trained = word2vec.train(known, vector_size=32, epochs=6, alpha=0.05)
    assert new not in trained.vocabulary
    before = trained.input.copy()
    trained.freeze(trained.vocabulary.words)
    trained.extend(text)
    trained.train(text)
    np.testing.assert_array_equal(trained.input[: len(before)], before, strict=True)
    assert {word for word, _ in trained.vectors.most_similar(new, topn=len(pets))} == set(pets)
