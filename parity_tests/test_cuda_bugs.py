"""The tests of the kernels for a GPU notice every bug planted in them, in their C too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from numpy_nn.kernels.cuda import launch
from parity_tests import test_capture
from parity_tests import test_cuda as tests
from parity_tests import test_cuda_skipgram as skip_grams
from parity_tests.emulation import Backwards, RawKernel
from parity_tests.mutants import KILLED, SURVIVED, Mutant, planted, verdict
from parity_tests.mutants.bugs import capture, kernels_cuda
from parity_tests.mutants.drawing import Check, drawn, each, together, walked
from parity_tests.mutants.engine import changed_source
from parity_tests.optimizer_machine import machine

DTYPES = (np.float32, np.float64)
MUTANTS = [*kernels_cuda.MUTANTS, *capture.MUTANTS]
ACTIVATIONS = ("relu", "leaky_relu", "elu", "sigmoid", "tanh", "silu", "gelu")


def on_host(test: Callable[..., None], *choices: tuple[object, ...]) -> Check:
    """A test without a GPU, with every combination of arguments."""
    return together(*(partial(test, *chosen, device="cpu") for chosen in product(*choices)))


def rows(name: str) -> Check:
    """What a kernel's row draws, of which a few are enough."""

    def holds(case: object) -> None:
        tests.computed(tests.ROWS[name], case, "cpu")  # type: ignore[arg-type]

    return drawn(holds, tests.ROWS[name].cases, examples=60)


def edges(name: str) -> Check:
    found = [edge for edge in tests.AT_THE_EDGE if edge.name == name]
    return on_host(tests.test_a_kernel_at_the_edge, found, DTYPES)


def activation(name: str) -> dict[str, Check]:
    sizes = on_host(tests.test_an_activation_of_any_size_is_pytorchs, (name,), DTYPES)
    return {"edges": edges(name), "sizes": sizes, "rows": rows(name)}


def rule(name: str, kinds: tuple[str, ...]) -> dict[str, Check]:
    def walk() -> None:
        with tests.emulated():
            walked(machine(tests.RULES[name], device="strict"), 40)()

    return {
        "order": tests.test_a_state_in_another_order_steps_by_the_readable_rule,
        "blocks": on_host(tests.test_a_parameter_of_several_blocks_steps_as_by_the_readable_rule, kinds, ("C", "F")),
        "group": on_host(tests.test_a_group_steps_at_once_as_by_the_readable_rule, kinds),
        "rows": walk,
    }


def refused(name: str) -> Check:
    found = [refusal for refusal in tests.REFUSED if refusal.name == name]
    return on_host(tests.test_a_kernel_refuses_what_its_formula_refuses, found)


def large() -> None:
    with pytest.MonkeyPatch.context() as patch:
        tests.test_a_large_product_is_cublass(patch)


def waits() -> None:
    with pytest.MonkeyPatch.context() as patch:
        test_capture.test_only_with_the_check_is_the_device_waited_for(patch)


CHECKS: dict[str, dict[str, Check]] = {
    **{f"kernels.cuda.{name}": activation(name) for name in ACTIVATIONS},
    "kernels.cuda.elementwise": {"sizes": activation("silu")["sizes"], "rows": rows("silu"), "elu": rows("elu")},
    "kernels.cuda.cross_entropy": {
        "edges": edges("cross_entropy"),
        "refused": refused("cross_entropy"),
        "ignored": on_host(tests.test_what_is_ignored_has_no_gradient_even_of_an_infinite_one, ("sum",), (np.inf,)),
        "image": partial(tests.test_an_image_has_its_classes_along_the_second_axis, device="cpu"),
        "rows": rows("cross_entropy"),
        "sizes": on_host(
            tests.test_a_choice_among_any_number_of_classes_is_pytorchs,
            *(("none", "mean"), DTYPES[:1], (RawKernel, Backwards)),
        ),
    },
    "kernels.cuda.embedding": {
        "sizes": on_host(tests.test_a_table_of_any_size_gets_its_gradient, DTYPES),
        "rows": rows("embedding"),
        "atomic": tests.test_numbers_that_meet_in_a_row_are_added_one_after_the_other,
    },
    "kernels.cuda.linear": {
        "sizes": on_host(tests.test_an_affine_map_of_any_size_is_pytorchs, DTYPES[:1], (RawKernel, Backwards)),
        "large": large,
        "unwanted": tests.test_what_nobody_wants_is_not_multiplied,
        "rows": rows("linear"),
        "refused": refused("linear"),
    },
    "training.capture": {
        "bits": on_host(test_capture.test_a_captured_step_is_the_step_bit_for_bit, list(test_capture.RULES), [True]),
        "rate": partial(test_capture.test_another_learning_rate_is_captured_anew, "SGD, momentum", "cpu"),
        "refused": each(test_capture.test_a_step_is_refused_that, test_capture.REFUSED),
        "adam": test_capture.test_an_optimizer_that_counts_its_steps_is_refused,
        "new state": test_capture.test_a_state_that_is_not_there_before_is_refused,
        "arguments": each(test_capture.test_arguments_unlike_the_first_are_refused, test_capture.UNLIKE),
        "classes": test_capture.test_a_class_out_of_range_is_refused_before_a_replay,
        "waits": waits,
    },
    "kernels.cuda.sgd": rule("sgd", ("SGD", "SGD, momentum", "SGD, dampened", "SGD, Nesterov")),
    "kernels.cuda.adam": {
        **rule("adam", ("Adam", "Adam, amsgrad", "AdamW")),
        "captured": on_host(test_capture.test_tensors_of_both_dtypes_step_in_one_graph_each_with_a_count_of_its_own),
    },
    "kernels.cuda.skip_gram": {
        "steps": on_host(skip_grams.test_every_vector_is_pytorchs_after_every_step, skip_grams.KINDS[:2]),
        "order": on_host(skip_grams.test_it_does_not_matter_which_thread_begins),
        "factors": on_host(skip_grams.test_also_where_words_are_frozen_or_too_frequent),
        "refused": skip_grams.test_what_there_is_no_kernel_for_is_refused,
        "atomic": tests.test_numbers_that_meet_in_a_row_are_added_one_after_the_other,
    },
    "kernels.cuda.launch": {
        "plain": tests.test_kernels_are_for_cupys_floats_alone,
        "layers": each(tests.test_a_layer_runs_the_kernel_of_its_arrays_device, tests.LAYERS),
        "optimizers": each(tests.test_an_optimizer_runs_the_rule_of_its_arrays_device, ("SGD", "Adam")),
        "gaps": each(tests.test_a_parameter_with_gaps_steps_by_the_readable_rule, ("reversed", "strided")),
        "elu": rows("elu"),
    },
}


@contextmanager
def in_place(mutant: Mutant) -> Iterator[None]:
    """A bug of either language, for the length of a `with`."""
    if mutant.file.endswith(".py"):
        with planted(mutant):
            yield
        return
    file, changed, real = Path(mutant.file).name, changed_source(mutant), launch.source
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launch, "source", lambda name: changed if name == file else real(name))
        yield


def label(mutant: Mutant) -> str:
    return f"{mutant.subject}: {mutant.what}"


@tests.needs_compiler
@pytest.mark.parametrize("mutant", MUTANTS, ids=label)
def test_a_planted_bug_is_killed(mutant: Mutant) -> None:
    outcomes = []
    with in_place(mutant):
        for check in CHECKS[mutant.subject].values():
            outcomes.append(verdict(check))
            if outcomes[-1] == KILLED:
                break
    assert outcomes[-1] == KILLED, outcomes
    assert set(outcomes) <= {KILLED, SURVIVED}


@tests.needs_compiler
@pytest.mark.parametrize("subject", CHECKS)
def test_without_a_bug_every_check_passes(subject: str) -> None:
    assert {name: verdict(check) for name, check in CHECKS[subject].items()} == dict.fromkeys(CHECKS[subject], SURVIVED)


def test_every_kernel_has_three_bugs() -> None:
    counted = Counter(mutant.subject.removeprefix("kernels.cuda.") for mutant in MUTANTS)
    assert {name: counted[name] for name in (*tests.ROWS, *tests.RULES, "skip_gram") if counted[name] < 3} == {}
    assert len({label(mutant) for mutant in MUTANTS}) == len(MUTANTS)
