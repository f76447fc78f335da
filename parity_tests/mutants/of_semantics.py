"""What the suite holds against semantic spaces."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from parity_tests import test_clustering, test_cooccurrence, test_projection, test_tsne
from parity_tests.mutants.drawing import Check, drawn, together
from parity_tests.strategies import dtypes, seeds

COUNTS: dict[str, Check] = {
    "definition": drawn(
        test_cooccurrence.test_counts_are_those_of_the_definition_rounded_once, *test_cooccurrence.TEXTS, examples=60
    ),
    "cuts": drawn(
        test_cooccurrence.test_no_cut_of_the_text_changes_a_bit,
        *(*test_cooccurrence.TEXTS, st.integers(1, 12)),
        examples=60,
    ),
    "defaults": test_cooccurrence.test_neighbours_are_five_to_a_side_by_default_and_count_alike,
    "itself": test_cooccurrence.test_a_word_beside_itself_is_its_own_neighbour_twice,
    "wide": test_cooccurrence.test_a_window_too_wide_for_whole_numbers_rounds_as_any_sum_does,
    "many": test_cooccurrence.test_a_million_words_make_a_matrix_of_a_few_pairs,
}
PPMI: dict[str, Check] = {
    "definition": drawn(
        test_cooccurrence.test_ppmi_is_that_of_its_definition_and_pytorchs,
        *(seeds, st.integers(1, 7), st.sampled_from([1.0, 5.0]), st.sampled_from([0.75, 1.0, 0.3]), dtypes),
        examples=60,
    ),
    "defaults": test_cooccurrence.test_ppmi_is_shifted_by_nothing_and_smoothed_by_three_quarters_by_default,
    "positive": test_cooccurrence.test_ppmi_keeps_only_what_is_positive,
}
SPARSE: dict[str, Check] = {
    "scipy": drawn(test_cooccurrence.test_the_matrix_is_scipys_and_pytorchs, seeds, dtypes),
    "coo": drawn(test_cooccurrence.test_what_falls_on_one_place_is_added_up, seeds),
}
SVD: dict[str, Check] = {
    "lapack": drawn(
        test_projection.test_of_a_matrix_of_low_rank_the_svd_is_lapacks,
        *(seeds, test_projection.RANKS, st.integers(0, 6), st.integers(0, 6), dtypes, st.booleans()),
        examples=60,
    ),
    "pytorch": drawn(
        test_projection.test_from_one_seed_the_svd_is_pytorchs,
        *(seeds, test_projection.RANKS, st.integers(0, 3), st.integers(0, 3), test_projection.WIDE),
        examples=60,
    ),
    "iterations": test_projection.test_iterations_and_oversampling_come_nearer_to_the_largest_values,
}
KMEANS: dict[str, Check] = {
    "scikit-learn": drawn(
        test_clustering.test_from_the_same_start_the_clusters_are_scikit_learns,
        *(seeds, test_clustering.KS, st.booleans(), st.sampled_from([300, 1, 3]), st.sampled_from([1e-4, 0.0, 1e-1])),
        examples=60,
    ),
    "starts": drawn(
        test_clustering.test_from_one_seed_the_best_clusters_are_pytorchs,
        *(seeds, test_clustering.KS, st.integers(1, 3)),
        examples=60,
    ),
    "defaults": test_clustering.test_the_default_stream_is_drawn_from_and_ten_starts_are_tried,
    "between": test_clustering.test_a_point_between_two_centres_goes_to_the_first,
    "empty": test_clustering.test_empty_clusters_take_the_furthest_points_in_order,
    "places": test_clustering.test_more_centres_than_places_leave_some_where_they_were,
    "blocks": test_clustering.test_many_points_are_taken_block_by_block,
}
PLUS_PLUS: dict[str, Check] = {
    "pytorch": drawn(
        test_clustering.test_from_one_seed_the_starts_are_pytorchs, *(seeds, test_clustering.KS, dtypes), examples=60
    ),
    "shares": test_clustering.test_points_are_drawn_in_proportion_to_their_squared_distance,
}
TREE: dict[str, Check] = {
    "scipy": drawn(
        test_clustering.test_the_tree_is_scipys,
        *(seeds, st.integers(2, 20), test_clustering.METHODS, dtypes),
        examples=80,
    ),
    "cosines": drawn(
        test_clustering.test_the_tree_of_cosines_is_scipys,
        *(seeds, st.sampled_from(["single", "complete", "average"])),
        examples=20,
    ),
    "default": test_clustering.test_trees_are_average_and_euclidean_by_default,
}
PROBABILITIES: dict[str, Check] = {
    "root": drawn(
        test_tsne.test_joint_probabilities_have_the_perplexity_asked_for,
        *(seeds, st.integers(4, 12), st.floats(0.05, 0.95), dtypes, st.sampled_from([1.0, 1e-3, 1e6])),
        examples=20,
    ),
    "unit": test_tsne.test_probabilities_do_not_depend_on_the_unit_of_length,
    "coinciding": test_tsne.test_points_that_coincide_share_their_neighbourhood,
}
DESCENT: dict[str, Check] = {
    "pytorch": drawn(test_tsne.test_the_descent_is_pytorchs, *test_tsne.DESCENTS, examples=20),
    "start": test_tsne.test_the_descent_starts_from_principal_components,
    "defaults": test_tsne.test_the_defaults_are_those_stated,
    "rate": together(*(partial(test_tsne.test_the_rate_grows_with_the_points, *case) for case in test_tsne.RATES)),
    "groups": test_tsne.test_groups_stay_together_on_the_map,
}

CHECKS: dict[str, dict[str, Check]] = {
    "semantics.cooccurrence": COUNTS,
    "semantics.ppmi": PPMI,
    "semantics.SparseCSR": SPARSE,
    "semantics.svd_lowrank": SVD,
    "semantics.svd_vectors": {
        "weighted": drawn(
            test_projection.test_vectors_are_singular_vectors_weighted_by_a_power,
            *(seeds, test_projection.RANKS, st.sampled_from([0.0, 0.5, 1.0])),
            examples=20,
        )
    },
    "semantics.pca": {
        "pytorch": drawn(
            test_projection.test_principal_components_are_scikit_learns_and_pytorchs,
            *test_projection.POINTS,
            examples=60,
        ),
        "default": test_projection.test_two_components_are_found_by_default,
    },
    "semantics.kmeans": KMEANS,
    "semantics.kmeans_plus_plus": PLUS_PLUS,
    "semantics.linkage": TREE,
    "semantics.leaf_order": {"scipy": TREE["scipy"]},
    "semantics.joint_probabilities": PROBABILITIES,
    "semantics.tsne_divergence": {
        "scikit-learn": drawn(
            test_tsne.test_the_divergence_and_its_gradient_are_scikit_learns,
            *(seeds, st.integers(3, 12), st.sampled_from([1.0, 1e-2, 20.0])),
            examples=60,
        )
    },
    "semantics.tsne": DESCENT,
}
