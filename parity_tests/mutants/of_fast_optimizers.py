"""What the suite holds against the fast rules of optimizers, beside their rows."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
import pytest

from parity_tests import test_fast_optimizers as tests
from parity_tests.mutants.drawing import Check, each, together, walked
from parity_tests.optimizer_machine import machine
from parity_tests.specification import OPTIMIZERS


def _blocks(name: str, size: int) -> Check:
    """The row's histories in small blocks."""
    walk = walked(machine(OPTIMIZERS[name]), 100)

    def check() -> None:
        with pytest.MonkeyPatch.context() as patch:
            tests.small_blocks(patch, size)
            walk()

    return check


def _ran(kind: str) -> Check:
    """Which rule runs."""

    def check() -> None:
        for test in (
            tests.test_an_optimizer_steps_by_the_rule_that_was_chosen,
            tests.test_small_arrays_and_those_of_another_library_take_the_readable_rule,
        ):
            with pytest.MonkeyPatch.context() as patch:
                test(kind, tests.rules_that_ran(patch))

    return check


def _checks(rule: str) -> dict[str, Check]:
    kinds = [kind for kind in tests.OPTIONS if kind.lower().startswith(rule)]
    several = tests.test_a_parameter_of_several_blocks_steps_as_pytorchs_however_it_lies
    return {
        "ran": together(*(_ran(kind) for kind in ("SGD", "Adam", "AdamW") if kind.lower().startswith(rule))),
        "subclass": tests.test_a_subclass_with_a_rule_of_its_own_steps_by_it,
        "own": each(
            tests.test_a_gradient_may_be_the_parameters_own_array,
            [kind for kind in ("SGD", "Adam", "AdamW") if kind.lower().startswith(rule)],
        ),
        "in place": each(tests.test_arrays_are_changed_in_place_and_none_is_exchanged, kinds),
        "loaded": each(
            tests.test_a_loaded_state_lies_in_memory_as_the_parameter_does, [kind for kind in kinds if kind != "SGD"]
        ),
        "finite": together(
            *(
                partial(tests.test_what_is_not_finite_is_pytorchs, kind, dtype)
                for kind, dtype in product(kinds, (np.float32, np.float64))
            )
        ),
        "layouts": together(
            *(partial(several, *given) for given in product(kinds, tests.LAYOUTS, ("alike", "C", "permuted")))
        ),
        "single values": _blocks(f"kernels.cpu.{rule}", 1),
        "blocks": _blocks(f"kernels.cpu.{rule}", 5),
    }


CHECKS: dict[str, dict[str, Check]] = {f"kernels.cpu.{rule}": _checks(rule) for rule in ("sgd", "adam")}
