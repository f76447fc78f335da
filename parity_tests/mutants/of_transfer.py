"""What the suite holds against transfer learning."""

from __future__ import annotations

from functools import partial

from parity_tests import test_transfer
from parity_tests.mutants.drawing import Check, each, together

CHECKS: dict[str, dict[str, Check]] = {
    "transfer.Transfer": {
        "features": each(test_transfer.test_features_are_what_the_head_is_given_and_are_computed_once, ["lenet"]),
        "still": each(test_transfer.test_what_is_frozen_stands_still_and_what_is_tuned_moves_less, ["lenet"]),
        "steps": together(
            *(partial(test_transfer.test_steps_are_whole_epochs_of_full_batches, *case) for case in test_transfer.STEPS)
        ),
        "pytorch": each(test_transfer.test_every_network_on_the_way_is_pytorchs_from_one_seed, ["lenet"]),
    },
    "command_line.transfer": {
        "few": test_transfer.test_few_images_are_as_many_of_each_class_and_more_of_them_have_the_fewer,
        "apart": test_transfer.test_no_image_is_both_learnt_from_and_tested_on,
        "fitted": test_transfer.test_images_are_enlarged_by_whole_numbers_and_black_around,
        "repeats": test_transfer.test_every_repeat_draws_images_of_its_own,
        "sentence": together(
            *(
                partial(test_transfer.test_a_gain_counts_where_every_repeat_has_it, *case)
                for case in test_transfer.GAINS
            )
        ),
        "spread": test_transfer.test_the_spread_is_the_deviation_of_a_sample,
    },
}
