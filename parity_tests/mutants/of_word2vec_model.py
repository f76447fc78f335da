"""What the suite holds against the bugs in the Word2Vec model: tests of test_word2vec_model."""

from __future__ import annotations

from parity_tests import test_word2vec_model as tests
from parity_tests.mutants.drawing import Check, together

STARTING = together(
    tests.test_vectors_start_as_pytorchs_uniform_from_the_seed_and_the_output_at_zero,
    tests.test_a_tree_of_words_has_one_inner_node_fewer,
    tests.test_only_words_that_are_frequent_enough_get_a_vector_unless_a_vocabulary_is_given,
)
GOING_ON = together(
    tests.test_a_further_text_is_learned_from_where_the_model_is,
    tests.test_settings_given_later_hold_from_then_on,
    tests.test_words_taken_in_follow_those_that_are_there_and_start_as_all_did,
    lambda: tests.test_frozen_words_stay_and_the_others_learn_also_after_words_are_taken_in("fast"),
    tests.test_freezing_again_replaces_and_freezing_none_lets_all_learn,
)
FROM_VECTORS = together(
    tests.test_training_goes_on_from_vectors_of_ones_own,
    tests.test_words_without_counts_count_once_and_other_sizes_are_refused,
)
REFUSING = together(
    lambda: tests.test_what_a_model_was_made_with_stays("objective", "hierarchical", "objective: expected"),
    tests.test_a_text_of_unknown_words_changes_nothing,
    tests.test_a_training_that_diverges_leaves_the_settings,
    tests.test_what_cannot_be_frozen_is_refused_and_nothing_is_changed,
    tests.test_a_tree_takes_no_words_in,
    tests.test_text_that_can_be_read_once_serves_a_given_vocabulary_only,
)

CHECKS: dict[str, dict[str, Check]] = {
    "word2vec.model": {
        "starting": STARTING,
        "going on": GOING_ON,
        "from vectors": FROM_VECTORS,
        "refusing": REFUSING,
    }
}
