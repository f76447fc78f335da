"""What the suite holds against the fast kernels, beside their rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from math import inf

import pytest

from numpy_nn.kernels.cpu import memory
from parity_tests import test_kernels as tests
from parity_tests import test_kernels_attention as attention
from parity_tests import test_kernels_edges as edges
from parity_tests import test_kernels_losses as losses
from parity_tests.mutants.drawing import Check, drawn, each, together
from parity_tests.specification import FORMULAS
from parity_tests.specification.convolution import convolution_cases

ALIKE = ("leaky_relu", "elu", "sigmoid", "tanh", "silu", "gelu", "layer_norm", "softmax")
ALIKE += ("binary_cross_entropy_with_logits", "smooth_l1_loss")
CONVOLUTIONS = ("conv2d_winograd", "conv2d_columns", "conv2d_neighbours")


def _blocks(name: str) -> Check:
    """The row's cases in small blocks."""

    def holds(case: object) -> None:
        with tests.constants(**tests.SMALL_BLOCKS[name]):
            tests.pytorch(FORMULAS[name], case)  # type: ignore[arg-type]

    return drawn(holds, FORMULAS[name].cases)


def _edges(kernel: str) -> Check:
    """What the table of the edges has of a kernel's formula."""
    rows = [edge for name, edge in edges.AT_THE_EDGE if name == kernel]
    return together(
        *(partial(edges.test_a_kernel_at_the_edge, kernel, edge, dtype) for edge in rows for dtype in ("f4", "f8"))
    )


def _patched(test: Callable[..., None], argument: str) -> Check:
    """A test that counts which kernel runs."""

    def check() -> None:
        with pytest.MonkeyPatch.context() as patch:
            test(argument, patch)

    return check


def _of(kernel: str) -> Check:
    """What is not finite, and what nobody wants."""
    finite = tests.test_a_value_that_is_not_finite_is_seen_by_its_own_windows_only
    unwanted = tests.test_a_gradient_that_nobody_wants_is_left_out_and_the_others_stay
    return together(
        *(partial(finite, where, kernel, value) for where in ("x", "dy") for value in tests.AWKWARD),
        *(partial(unwanted, kernel, name) for name in ("x", "weight", "bias")),
        *(partial(tests.test_padding_wider_than_the_kernel_is_for_the_formula, padding) for padding in (3, (0, 4))),
    )


def _embeddings() -> None:
    """Many rows, with SciPy and without it."""
    for scipy in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            losses.test_embeddings_gradient_has_the_formulas_bits_over_several_blocks(4, "f4", scipy, patch)


def _alone(check: Check) -> Check:
    """A check with a pool of its own: one that a bug has spoilt would go on lending what is in use."""

    def in_its_pool() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(memory, "POOL", memory.Pool())
            check()

    return in_its_pool


OLD = each(tests.test_old_results_stay_as_they_are_however_much_is_computed_after_them, tests.CALLS)
STEADY = together(tests.test_channels_stay_last_through_a_block_forwards_and_backwards)

MEMORY: dict[str, Check] = {
    "old": OLD,
    "again": tests.test_memory_is_used_again_when_nobody_holds_it_and_not_before,
    "given up": tests.test_memory_of_sizes_that_nobody_asks_for_any_more_is_given_up,
    "aligned": together(
        *(
            partial(tests.test_arrays_out_of_the_pool_begin_with_a_cache_line_unless_they_are_small, shape, dtype)
            for shape, dtype in product([(), (0,), (3,), (1 << 15,), (70, 33, 9)], ["f4", "f8"])
        )
    ),
    "order": each(tests.test_an_array_like_another_lies_like_it, [(0, 3, 1, 2), (3, 2, 1, 0), (1, 0, 3, 2)]),
}

CHECKS: dict[str, dict[str, Check]] = {
    "kernels.cpu.conv2d": {"tiles": drawn(tests.test_conv2d_is_pytorchs_with_many_channels_too, convolution_cases(2))},
    **{
        f"kernels.cpu.{name}": {"blocks": _blocks(f"kernels.cpu.{name}"), "awkward": _of(name)} for name in CONVOLUTIONS
    },
    "kernels.cpu.batch_norm": {
        "blocks": _blocks("kernels.cpu.batch_norm"),
        "digits": tests.test_batch_norm_keeps_its_digits_where_the_mean_is_large,
        "running": each(tests.test_batch_norms_running_statistics_are_pytorchs, (0, 1000)),
        "infinite": tests.test_an_infinite_value_is_in_the_running_mean_as_in_pytorch,
    },
    **{f"kernels.cpu.{name}": {"blocks": _blocks(f"kernels.cpu.{name}"), "edges": _edges(name)} for name in ALIKE},
    "kernels.cpu.log_softmax": {
        "blocks": _blocks("kernels.cpu.log_softmax"),
        "edges": _edges("log_softmax"),
        "digits": each(edges.test_log_softmax_keeps_its_digits_where_all_scores_are_far_from_0, (-1, 1)),
    },
    "kernels.cpu.scaled_dot_product_attention": {
        "blocks": _blocks("kernels.cpu.scaled_dot_product_attention"),
        "edges": _edges("scaled_dot_product_attention"),
        "far": each(attention.test_scores_all_far_below_0_or_above_are_weighed_as_any_others, (-1, 1)),
        "heads": drawn(attention.test_heads_that_attend_by_the_kernel_are_pytorchs, attention.HEADS.cases),
        "weights": attention.test_who_wants_the_weights_gets_those_of_the_formula,
    },
    "kernels.cpu.cross_entropy": {
        "blocks": _blocks("kernels.cpu.cross_entropy"),
        "edges": _edges("cross_entropy"),
        "refused": each(losses.test_a_kernel_refuses_what_its_formula_refuses, losses.REFUSED),
        "given away": each(losses.test_a_gradient_is_given_away_and_the_next_one_is_another_array, ("mean", "none")),
        "ignored": partial(losses.test_what_is_ignored_has_no_gradient_even_of_an_infinite_one, "mean", inf),
    },
    "kernels.cpu.embedding": {
        "blocks": _blocks("kernels.cpu.embedding"),
        "edges": _edges("embedding"),
        "refused": each(losses.test_a_kernel_refuses_what_its_formula_refuses, losses.REFUSED),
        "several": _embeddings,
        "looked up": tests.test_an_embeddings_gradient_is_of_the_rows_that_were_looked_up,
    },
    "kernels.cpu.relu": {
        "blocks": _blocks("kernels.cpu.relu"),
        "edges": _edges("relu"),
        "awkward": tests.test_relu_keeps_what_is_not_finite_from_where_it_is_off_and_lets_nan_through,
    },
    "kernels.cpu.memory": {name: _alone(check) for name, check in MEMORY.items()},
    "use_kernels": {
        "runs": together(*(_patched(tests.test_a_layer_runs_the_kernel_that_was_chosen, name) for name in tests.CALLS)),
        "bits": each(tests.test_a_layer_gives_the_kernels_bits_and_small_arrays_the_formulas, tests.CALLS),
        "ran": tests.test_what_ran_in_a_block_can_be_printed,
        "again": tests.test_use_kernels_serves_for_several_blocks_also_one_in_the_other,
        "function": tests.test_use_kernels_is_a_function_too_and_other_threads_keep_their_own,
        "weight": tests.test_a_weight_has_pytorchs_shape_and_lies_as_the_products_want_it,
        "steady": STEADY,
    },
}
