"""What the suite holds against the training loop."""

from __future__ import annotations

from pathlib import Path

from parity_tests import test_trainer, test_training
from parity_tests.mutants.drawing import Check, in_a_folder


def _updates() -> None:
    for schedule, options in (("constant", "clipped"), ("one-cycle", "accumulated"), ("plateau", "validated")):
        test_trainer.test_every_update_and_every_record_is_pytorchs(schedule, options)
    test_trainer.test_a_plateau_is_one_of_the_validation_loss_where_there_is_one()
    test_training.test_every_epoch_trains_in_training_mode()


def _resumed(folder: Path) -> None:
    for stop_after, own in ((5, True), (test_trainer.STEPS + 4, False)):
        test_trainer.test_a_resumed_run_ends_bit_for_bit_as_one_that_was_not_stopped(
            stop_after, "one-cycle", own, folder
        )


def _owners() -> None:
    for owner in test_trainer.OWNERS:
        test_trainer.test_a_run_goes_on_whichever_part_of_the_loader_owns_the_generator(owner)
    test_trainer.test_what_an_error_left_in_the_middle_of_an_update_is_neither_saved_nor_continued()
    test_trainer.test_a_state_of_the_twin_need_not_go_through_a_file()


def _callbacks(folder: Path) -> None:
    test_trainer.test_a_checkpoint_with_an_infinite_parameter_is_not_written(folder)
    test_trainer.test_a_checkpoint_is_written_after_every_epoch_and_every_so_many_batches(folder)
    test_trainer.test_early_stopping_stops_after_as_many_epochs_without_a_new_best()
    test_trainer.test_early_stopping_counts_what_is_lower_by_more_than_min_delta([3.0, 2.5, 2.1], {"min_delta": 1.0})


def _looks() -> None:
    test_training.test_no_more_than_a_batch_goes_through_the_model_at_once(20, [20, 20, 10])
    test_training.test_the_validation_set_goes_through_in_batches()
    test_trainer.test_a_loss_that_is_not_finite_stops_before_the_update(float("inf"))
    test_trainer.test_a_loss_that_is_not_finite_stops_before_the_update(float("-inf"))
    test_trainer.test_the_account_has_the_learning_rate_of_the_first_group()


CHECKS: dict[str, dict[str, Check]] = {
    "training.Trainer": {
        "pytorch": _updates,
        "resumed": in_a_folder(_resumed),
        "callbacks": in_a_folder(_callbacks),
        "owners": _owners,
        "looks": _looks,
    }
}
