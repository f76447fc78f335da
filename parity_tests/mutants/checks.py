"""What the suite holds against each public name: the checks that a planted bug has to get past."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import numpy_nn as nn
import torch_nn
from parity_tests import (
    strict,
    test_activations,
    test_edges,
    test_errors,
    test_formulas,
    test_image_text,
    test_layers,
    test_metrics,
    test_optimizers,
    test_perceptron,
    test_pretrained,
    test_random,
)
from parity_tests.bounds import agree
from parity_tests.case import resolve
from parity_tests.edges import EDGES
from parity_tests.layer_witness import check_layer
from parity_tests.mutants import (
    of_attention,
    of_autograd,
    of_checkpoint,
    of_convolution,
    of_data,
    of_fast_optimizers,
    of_frozen,
    of_interpret,
    of_kernels,
    of_models,
    of_normalization,
    of_schedulers,
    of_semantics,
    of_summary,
    of_text,
    of_text_builtin,
    of_training,
    of_transfer,
    of_word2vec,
    of_word2vec_fast,
    of_word2vec_model,
    of_word_vectors,
)
from parity_tests.mutants.drawing import Check, drawn, each, together, walked
from parity_tests.optimizer_machine import machine
from parity_tests.scheduler_machine import machine as scheduler_machine
from parity_tests.specification import FORMULAS, LAYERS, OPTIMIZERS, SCHEDULERS
from parity_tests.strategies import dtypes, seeds
from parity_tests.witnesses import WITNESSES

strict.install()


def checks(subject: str, examples: int = 200) -> dict[str, Check]:
    """The checks of a public name by the witness they call, with so many examples drawn for those with a row.

    First comes what notices most bugs, then what is quick, so that most are found out soon.
    """
    if subject in FORMULAS:
        drawn_of = {witness: _formula(subject, witness, examples) for witness in WITNESSES}
        return {"pytorch": drawn_of.pop("pytorch")} | _edges(subject) | OTHERS.get(subject, {}) | drawn_of
    if subject in OPTIMIZERS:
        row = OPTIMIZERS[subject]
        own = {"loading": _loading(row.optimizer), "pytorch": walked(machine(row), examples)}
        return OTHERS.get(subject, {}) | own
    if subject in SCHEDULERS:
        return {"pytorch": walked(scheduler_machine(SCHEDULERS[subject]), examples)} | OTHERS.get(subject, {})
    own = {"pytorch": _layer(subject, examples)} if subject in LAYERS else {}
    return own | OTHERS.get(subject, {})


def _formula(name: str, witness: str, examples: int) -> Check:
    def holds(case: Any) -> None:
        WITNESSES[witness](FORMULAS[name], case, "cpu")

    return drawn(holds, FORMULAS[name].cases, examples=examples)


def _edges(subject: str) -> dict[str, Check]:
    """PyTorch's behaviour at the edges, where the table of edges has some of this formula."""
    edges = [edge for edge in EDGES if f"functional.{edge.name}" == subject]

    def check() -> None:
        for edge in edges:
            for dtype in (np.float64, np.float32):
                test_edges.test_numpy_nn_at_the_edge(edge, dtype, "here", "cpu")

    return {"edges": check} if edges else {}


def _layer(name: str, examples: int) -> Check:
    def holds(case: Any) -> None:
        check_layer(LAYERS[name], case)

    return drawn(holds, FORMULAS[f"functional.{LAYERS[name].formula}"].cases, examples=examples)


def _loading(name: str) -> Check:
    """A loaded state shares no memory with the one that was saved."""

    def check() -> None:
        parameter = nn.Parameter(np.ones(3))
        parameter.grad = np.ones(3)
        options = {"lr": 0.1, "momentum": 0.9} if name == "optim.SGD" else {"amsgrad": True}
        first, second = (resolve(name)([parameter], **options) for _ in range(2))
        first.step()
        second.load_state_dict(first.state_dict())
        for key, value in second.state[parameter].items():
            assert not np.shares_memory(value, first.state[parameter][key]), f"{key} is shared"

    return check


def simple_net(seed: int, dtype: Any, dropout: float) -> None:
    """Scores and every gradient of SimpleNet are PyTorch's, from the seed alone, dropout drawn and all."""
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    x = np.random.default_rng(seed).standard_normal((5, 6)).astype(dtype)
    dy = np.random.default_rng(seed + 1).standard_normal((5, 3)).astype(dtype)
    ours = nn.SimpleNet(6, 8, 3, dropout, dtype=dtype)
    theirs = torch_nn.SimpleNet(6, 8, 3, dropout, dtype=torch.from_numpy(x).dtype)
    leaf = torch.from_numpy(x).requires_grad_()
    y, expected = ours(x), theirs(leaf)
    dx = ours.backward(dy)
    expected.backward(torch.from_numpy(dy))
    pairs = [(y, expected), (dx, leaf.grad)]
    pairs += [(mine.grad, his.grad) for mine, his in zip(ours.parameters(), theirs.parameters(), strict=True)]
    for mine, his in pairs:
        agree("SimpleNet", mine, his.detach().numpy(), np.full(mine.shape, 100.0), 64)


def pretrained(kind: str) -> Check:
    """A layer over a table that exists already is PyTorch's."""
    return together(
        drawn(
            test_pretrained.test_a_pretrained_layer_is_pytorchs_in_training_and_in_print,
            *(seeds, st.just(kind), test_pretrained.MODES, st.booleans(), st.sampled_from([None, 0, 2, -1])),
        ),
        lambda: test_pretrained.test_pretrained_is_frozen_by_default_shares_its_table_and_keeps_the_padding_row(kind),
    )


LAYERS_TESTS = together(
    test_layers.test_weights_older_than_the_count_of_batches_load_as_in_pytorch,
    drawn(test_layers.test_sequential_is_pytorchs, seeds),
    test_layers.test_train_and_eval_reach_every_module,
    test_layers.test_state_dict_goes_both_ways_unchanged,
    test_layers.test_state_dict_is_aliased_and_loading_copies,
    test_layers.test_a_shared_parameter_counts_once_and_is_saved_under_both_names,
    test_layers.test_what_is_deleted_is_neither_saved_nor_there_any_more,
    test_layers.test_a_name_is_of_what_was_assigned_to_it_last,
    test_layers.test_to_converts_parameters_gradients_and_buffers,
    test_layers.test_frozen_parameters_get_no_gradient,
    each(test_layers.test_each_gradient_has_memory_of_its_own, test_layers.ALONE),
    test_layers.test_a_parameter_of_no_dimensions_is_an_array_and_so_is_its_gradient,
    test_layers.test_numbers_of_another_order_of_bytes_are_no_parameter,
    test_layers.test_a_layer_can_be_pickled_between_forward_and_backward,
    test_layers.test_what_is_read_only_is_not_loaded_into_and_nothing_else_is,
    test_layers.test_zero_grad_forgets_and_gradients_add_up,
)
DTYPES = st.sampled_from([np.float32, np.float64])
CLASSES = st.integers(1, 6)
LINEAR_START = drawn(
    test_layers.test_linear_starts_as_pytorchs_from_the_seed,
    seeds,
    st.integers(1, 40),
    st.integers(1, 40),
    st.booleans(),
    DTYPES,
)
EMBEDDING_START = together(
    drawn(
        test_layers.test_embedding_starts_as_pytorchs_from_the_seed,
        seeds,
        st.integers(1, 20),
        st.integers(1, 20),
        st.booleans(),
    ),
    test_layers.test_from_pretrained_keeps_the_padding_row_and_freezes,
)
BAG_START = drawn(
    test_pretrained.test_a_bags_layer_starts_as_pytorchs_from_the_seed,
    *(seeds, st.integers(1, 20), st.integers(1, 20), st.booleans()),
)
CLIP_NORM = drawn(
    test_optimizers.test_clip_grad_norm_,
    seeds,
    st.sampled_from([1e-9, 1.0, 1e4]),
    DTYPES,
    st.sampled_from([0.5, 1.0, 1e3, 0.0]),
    st.sampled_from([2.0, 1.0, float("inf"), 3.0]),
)
TAIL = drawn(
    test_formulas.test_normal_cdf_keeps_its_digits_in_the_tail,
    hnp.arrays(np.float64, 50, elements=st.floats(-37, 0)),
)
STREAMS = walked(test_random.Streams)
EDGES_OF_RANDOM = together(
    lambda: test_random.test_a_uniform_value_equal_to_p_is_a_zero(8),
    lambda: test_random.test_a_uniform_value_equal_to_p_is_a_zero(9),
    lambda: test_random.test_uniform_never_returns_its_upper_bound(np.float32),
    lambda: test_random.test_uniform_never_returns_its_upper_bound(np.float64),
    lambda: test_random.test_randint_takes_two_words_from_a_span_of_2_to_the_28_on(-5, 2**28),
    lambda: test_random.test_randint_takes_two_words_from_a_span_of_2_to_the_28_on(-5, 12),
    lambda: test_random.test_a_bound_that_float64_would_lose_decides_between_two_values(1e-20),
    test_random.test_a_new_seed_forgets_the_normal_value_that_waits,
    test_random.test_a_waiting_normal_value_moves_with_the_state,
    lambda: test_random.test_whichever_normal_value_waits_is_taken(0.0),
)
PERCEPTRON = drawn(
    test_perceptron.test_numpy_and_torch_and_scikit_learn_end_at_the_same_weights,
    test_perceptron.exact_problems() | test_perceptron.dense_problems(),
)
PERCEPTRON_HISTORY = drawn(
    test_perceptron.test_the_history_is_every_mistake_and_nothing_else, test_perceptron.exact_problems()
)

OTHERS: dict[str, dict[str, Check]] = {
    "functional.gelu": {"scipy": TAIL},
    "functional.softsign": {"digits": test_activations.test_softsigns_slope_keeps_its_digits_far_from_0},
    "PReLU": {"start": lambda: test_activations.test_prelu_starts_at_a_quarter_and_draws_nothing(np.float32)},
    "functional.sum": {
        "roundings": lambda: test_formulas.test_a_sum_along_either_dimension_loses_log_n_roundings(0),
        "own": lambda: test_errors.test_a_gradient_that_was_spread_out_can_be_written_to("sum"),
    },
    "functional.mean": {"own": lambda: test_errors.test_a_gradient_that_was_spread_out_can_be_written_to("mean")},
    "functional.embedding": {"table": test_edges.test_embedding_max_norm_scales_the_rows_in_use_in_place},
    "Flatten": {"network": LAYERS_TESTS},
    "Linear": {"start": LINEAR_START},
    "Embedding": {"start": EMBEDDING_START, "pretrained": pretrained("Embedding")},
    "EmbeddingBag": {"start": BAG_START, "pretrained": pretrained("EmbeddingBag")},
    "Module": {"pytorch": LAYERS_TESTS, "layer": _layer("Linear", 200)},
    "Sequential": {"pytorch": LAYERS_TESTS},
    "Parameter": {"pytorch": LAYERS_TESTS},
    "SimpleNet": {"pytorch": drawn(simple_net, seeds, dtypes, st.sampled_from([0.0, 0.5]))},
    "ImageText": {
        "pytorch": drawn(test_image_text.test_every_gradient_is_pytorchs, seeds, dtypes, st.integers(1, 6)),
        "start": test_image_text.test_it_starts_as_pytorchs_from_the_seed,
    },
    "optim.clip_grad_norm_": {"pytorch": CLIP_NORM},
    "optim.clip_grad_value_": {
        "pytorch": drawn(test_optimizers.test_clip_grad_value_, seeds, st.sampled_from([1e-3, 1.0, 0.0]))
    },
    **{
        name: {"pytorch": STREAMS, "edges": EDGES_OF_RANDOM}
        for name in (
            "Generator",
            "random.uniform",
            "random.normal",
            "random.bernoulli",
            "random.random_",
            "random.randint",
            "random.randperm",
        )
    },
    **of_convolution.CHECKS,
    **of_data.CHECKS,
    **of_frozen.CHECKS,
    **of_models.CHECKS,
    **of_normalization.CHECKS,
    **of_text.CHECKS,
    **of_training.CHECKS,
    **of_transfer.CHECKS,
    **of_schedulers.CHECKS,
    **of_attention.CHECKS,
    **of_autograd.CHECKS,
    **of_checkpoint.CHECKS,
    **of_word2vec.CHECKS,
    **of_word2vec_fast.CHECKS,
    **of_word2vec_model.CHECKS,
    **of_word_vectors.CHECKS,
    **of_semantics.CHECKS,
    **of_summary.CHECKS,
    **of_interpret.CHECKS,
    **of_kernels.CHECKS,
    **of_fast_optimizers.CHECKS,
    **of_text_builtin.CHECKS,
    "metrics.accuracy": {
        "classes": drawn(
            test_metrics.test_accuracy_of_classes, seeds, CLASSES, test_metrics.INTEGERS, test_metrics.SHAPES
        ),
        "scores": drawn(test_metrics.test_accuracy_of_scores, seeds, CLASSES, DTYPES, test_metrics.SHAPES),
    },
    "metrics.top_k_accuracy": {
        "pytorch": drawn(
            test_metrics.test_top_k_accuracy,
            *(seeds, CLASSES, CLASSES, DTYPES, test_metrics.INTEGERS, test_metrics.SHAPES, st.booleans()),
        ),
        "ties": test_metrics.test_of_equal_scores_the_lower_class_counts_as_higher,
        "default": test_metrics.test_top_k_is_five_by_default,
    },
    "metrics.confusion_matrix": {
        "pytorch": drawn(test_metrics.test_confusion_matrix, seeds, CLASSES, test_metrics.INTEGERS, test_metrics.SHAPES)
    },
    "metrics.precision_recall": {
        "pytorch": drawn(test_metrics.test_precision_recall, seeds, CLASSES, test_metrics.INTEGERS),
        "bytes": test_metrics.test_a_matrix_of_bytes_does_not_overflow,
    },
    "Perceptron": {"scikit-learn": PERCEPTRON, "fractions": PERCEPTRON_HISTORY},
}
"""The checks of what has no row of its own, most of them tests of the suite."""
