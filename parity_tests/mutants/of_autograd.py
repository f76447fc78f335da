"""What the suite holds against the tape."""

from __future__ import annotations

from numpy_nn import autograd
from numpy_nn.autograd import Tensor
from parity_tests import test_autograd
from parity_tests.expressions import expressions
from parity_tests.mutants.drawing import Check, drawn

OURS = Tensor, autograd


def _by_hand() -> None:
    test_autograd.test_the_slope_of_a_cubic(Tensor)
    test_autograd.test_a_node_used_twice_gets_both_gradients(Tensor)
    test_autograd.test_gradients_add_up_over_backwards_until_they_are_forgotten(Tensor)
    test_autograd.test_a_gradient_is_nobody_elses_array()
    test_autograd.test_an_array_or_a_number_may_stand_on_either_side(3.0)
    test_autograd.test_an_array_may_be_multiplied_from_the_left()
    test_autograd.test_operators_are_pytorchs("a / b")


def _rules() -> None:
    test_autograd.test_what_requires_grad_and_what_is_a_leaf(Tensor)
    test_autograd.test_nothing_is_recorded_under_no_grad(*OURS)
    test_autograd.test_each_step_of_a_generator_is_taken_in_its_mode(autograd)
    test_autograd.test_a_leaf_that_no_longer_requires_grad_gets_none(Tensor)
    test_autograd.test_the_graph_is_there_once_unless_it_is_retained(Tensor)
    test_autograd.test_retain_grad_keeps_the_gradient_of_what_was_computed(Tensor)
    test_autograd.test_a_leaf_is_updated_under_no_grad(Tensor)


def _errors() -> None:
    for name in test_autograd.ERRORS:
        test_autograd.test_both_refuse(name, Tensor)
    for name in ("target", "weight of a loss"):
        test_autograd.test_it_refuses(name)


def _arguments() -> None:
    test_autograd.test_a_tensor_of_a_parameter_shares_its_data_its_grad_and_whether_it_is_frozen()
    test_autograd.test_gradients_go_by_the_formulas_signature_however_it_is_called()
    test_autograd.test_class_weights_need_no_gradient()
    test_autograd.test_joined_tensors_get_their_parts_of_the_gradient("cat", list)
    test_autograd.test_what_is_computed_from_a_frozen_parameter_alone_needs_no_gradient()
    test_autograd.test_a_kept_gradient_is_nobody_elses_array_either()
    test_autograd.test_a_gradient_of_one_number_is_an_array()
    test_autograd.test_comparisons_are_elementwise_and_give_tensors(Tensor)


def _gradcheck() -> None:
    test_autograd.test_gradcheck_passes_what_is_right_and_leaves_grad_alone()
    for off in (0.0005, -0.0005, 1e-7):
        test_autograd.test_gradcheck_sees_a_gradient_that_is_a_little_off(off)
    test_autograd.test_gradcheck_sees_a_dropped_term()
    test_autograd.test_gradcheck_draws_its_upstream_gradient()
    test_autograd.test_gradcheck_names_the_worst_coordinate()
    test_autograd.test_gradcheck_names_a_coordinate_of_any_shape_and_nan_before_all_others()
    test_autograd.test_gradcheck_takes_numbers_constants_and_results_that_share_a_part()
    test_autograd.test_gradcheck_is_relative_to_the_largest_gradient(1e-3)
    test_autograd.test_gradcheck_moves_the_coordinates_of_an_array_in_any_order()


CHECKS: dict[str, dict[str, Check]] = {
    "autograd.Tensor": {
        "by hand": _by_hand,
        "rules": _rules,
        "errors": _errors,
        "arguments": _arguments,
        "pytorch": drawn(test_autograd.test_any_expression_has_pytorchs_gradients, expressions()),
    },
    "autograd.gradcheck": {"by hand": _gradcheck},
}
