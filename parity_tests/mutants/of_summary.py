"""What the suite holds against the summary."""

from __future__ import annotations

from hypothesis import strategies as st

from parity_tests import test_summary
from parity_tests.mutants.drawing import Check, drawn, together
from parity_tests.strategies import dtypes

SIZES = st.lists(st.integers(1, 30), min_size=2, max_size=5)
LAYERS = st.sampled_from(["Conv1d", "Conv2d", "ConvTranspose2d", "Linear"])

CHECKS: dict[str, dict[str, Check]] = {
    "summary": {
        "text": together(test_summary.test_the_table, lambda: test_summary.test_scaled(999_500, "1 M")),
        "facts": together(
            drawn(test_summary.test_a_network_of_linear_layers, SIZES, st.integers(0, 5), dtypes, examples=20),
            drawn(
                test_summary.test_multiply_adds_are_the_products_of_a_layer_of_ones,
                *(test_summary.ONES, LAYERS),
                examples=50,
            ),
            *(
                lambda first=first: test_summary.test_attention_projects_four_times_and_meets_every_key_twice(
                    first, True
                )
                for first in (False, True)
            ),
            test_summary.test_a_cosine_takes_three_products,
            test_summary.test_frozen_and_trainable_are_told_apart,
            test_summary.test_what_is_shared_has_its_parameters_once_and_its_calls_all,
            test_summary.test_a_tied_parameter_counts_once,
            test_summary.test_a_layer_without_a_rule_is_named,
        ),
        "unchanged": together(
            test_summary.test_the_model_stays_as_it_is,
            test_summary.test_a_table_that_is_scaled_by_use_is_not_scaled,
            test_summary.test_it_runs_in_evaluation_mode,
            test_summary.test_a_pass_under_way_is_not_disturbed,
        ),
    }
}
