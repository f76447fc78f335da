"""What the suite holds against the bugs in word2vec's objectives and its textbook trainer: tests of test_word2vec."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from parity_tests import test_word2vec as tests
from parity_tests.mutants.drawing import Check, drawn, each, together


def lockstep() -> None:
    """Short trainings of every kind, on a text of several runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tests.reading, "RUN", 150)
        for objective in tests.OBJECTIVES:
            for cbow in (False, True):
                tests.in_lockstep(tests.text(0, 300), cbow=cbow, objective=objective, **{**tests.LONG, "epochs": 2})


def runs() -> None:
    """The test that shortens runs."""
    with pytest.MonkeyPatch.context() as patch:
        tests.test_a_run_ends_with_a_sentence_unless_one_is_longer(patch)


TREE = together(
    tests.test_what_follows_a_way_down_is_padding,
    drawn(
        tests.test_the_ways_down_the_tree_are_a_distribution_over_the_words,
        st.integers(2, 12),
        st.integers(0, 2**32 - 1),
    ),
)
TEXT = together(
    each(tests.test_batches_of_any_size_hold_all_pairs_and_none_across_sentences, (1, 7, 10**6)),
    runs,
    tests.test_frequent_words_are_thinned_out_as_often_as_they_should_be,
)
LECTURE = together(
    tests.test_the_textbook_network_step_by_step,
    tests.test_each_word_around_takes_the_whole_error,
    drawn(tests.test_a_step_is_pytorchs, tests.injected()),
)
FROZEN = together(
    each(tests.test_every_vector_at_every_step_word_by_word_and_with_frozen_words, (False, True)),
    each(tests.test_the_output_moves_though_the_words_are_frozen, tests.OBJECTIVES),
)
DIVERGING = together(
    tests.test_a_training_that_diverges_slowly_is_stopped_too,
    lambda: tests.test_a_step_has_fewer_words_where_one_is_frequent([10] * 30, 0.025, 60),
)

CHECKS: dict[str, dict[str, Check]] = {
    "word2vec.hierarchical_softmax_loss": {"own": TREE},
    "word2vec.negative_sampling_loss": {"own": tests.test_a_negative_equal_to_its_target_is_left_out},
    "word2vec.batches": {"text": TEXT, "lockstep": lockstep},
    "word2vec.textbook": {
        "lecture": LECTURE,
        "lockstep": lockstep,
        "frozen": FROZEN,
        "diverging": DIVERGING,
        "no pair": tests.test_a_text_without_two_words_in_a_sentence_is_refused_before_anything_is_changed,
        "counted": tests.test_all_words_are_counted_and_the_training_is_the_same_again,
    },
}
