"""What the suite holds against freezing."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from numpy_nn import optim
from parity_tests import test_freezing, test_frozen, test_without
from parity_tests.mutants.drawing import Check, drawn, each, together
from parity_tests.strategies import seeds

WHICH = st.lists(st.booleans(), min_size=8, max_size=8)

CHECKS: dict[str, dict[str, Check]] = {
    "no_input_grad": {
        "ends": each(test_frozen.test_the_backward_ends_at_the_first_layer_that_learns, range(4)),
        "after": test_frozen.test_what_is_frozen_after_what_learns_passes_the_gradient_on_and_computes_no_other,
        "given": test_frozen.test_a_gradient_that_nobody_wants_is_not_returned_where_it_is_there,
        "step": test_frozen.test_a_step_of_training_asks_for_no_gradient_of_the_batch,
        "memory": test_frozen.test_a_frozen_layer_lets_go_of_what_it_was_given,
        "own": test_frozen.test_the_parameter_of_a_network_itself_gets_its_gradient_through_frozen_layers,
        "nothing": test_frozen.test_a_backward_that_reaches_nothing_says_so,
        "passes": test_frozen.test_each_pass_counts_for_itself_and_the_one_around_goes_on,
        "no_grad": test_frozen.test_a_forward_under_no_grad_keeps_nothing,
        "unlearnt": each(test_frozen.test_what_ran_under_no_grad_has_not_learnt, (test_frozen.Shifted,)),
        "pytorch": drawn(
            test_frozen.test_what_learns_gets_pytorchs_gradient_whatever_is_frozen, seeds, WHICH, st.booleans()
        ),
    },
    "Module.freeze": {
        "mode": test_freezing.test_freeze_stays_in_evaluation_mode_and_unfreeze_ends_it,
        "part": test_freezing.test_a_part_of_what_is_frozen_can_be_unfrozen,
        "attribute": test_freezing.test_requires_grad_is_set_on_parameters_and_never_on_a_module,
    },
    "optim.Optimizer": {
        "learns": each(test_freezing.test_an_optimizer_needs_something_that_learns, [optim.SGD]),
        "training": together(
            *(
                partial(test_freezing.test_training_needs_an_optimizer_of_what_learns, *case)
                for case in test_freezing.WRONG_OPTIMIZERS
            )
        ),
    },
    "functional.linear": {
        "without": lambda: test_without.test_the_gradients_that_are_wanted_are_the_same_without_the_others(
            "functional.linear"
        ),
    },
}
