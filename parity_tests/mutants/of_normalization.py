"""The checks of normalizations that are no rows of the specification: what is kept, and what a layer starts with."""

from __future__ import annotations

from hypothesis import strategies as st

from parity_tests import test_normalization as tests
from parity_tests.mutants.drawing import Check, drawn, together
from parity_tests.strategies import dtypes, seeds


def _starts(name: str) -> Check:
    """A layer starts as PyTorch's does, and its state_dict goes both ways."""

    def check() -> None:
        for kind, args, options in tests.STARTS:
            if kind == name:
                tests.test_a_layer_starts_as_pytorchs_and_its_state_goes_both_ways(kind, args, options)

    return check


def _large_mean(name: str) -> Check:
    return lambda: tests.test_a_large_mean_costs_the_variance_nothing(name)


RUNNING = together(
    drawn(
        tests.test_the_running_statistics_are_pytorchs_call_by_call,
        *(seeds, tests.LAYERS, dtypes, tests.MOMENTA, st.booleans(), st.integers(0, 3)),
        examples=50,
    ),
    tests.test_the_kept_variance_is_the_unbiased_one,
    tests.test_without_momentum_the_mean_of_all_batches_is_kept,
    tests.test_an_empty_batch_counts_but_changes_no_statistics,
    tests.test_without_running_statistics_the_batchs_serve_in_eval_mode_too,
)


CHECKS: dict[str, dict[str, Check]] = {
    "functional.batch_norm": {
        "large mean": _large_mean("batch_norm"),
        "kept": tests.test_a_tenth_of_the_batchs_statistics_is_kept_by_default,
        "running": RUNNING,
    },
    "functional.layer_norm": {
        "large mean": _large_mean("layer_norm"),
        "in place": lambda: tests.test_a_skip_connection_may_be_added_in_place("layer_norm"),
    },
    "functional.group_norm": {"large mean": _large_mean("group_norm")},
    "BatchNorm1d": {"running": RUNNING, "start": _starts("BatchNorm1d")},
    **{name: {"start": _starts(name)} for name in ("BatchNorm2d", "LayerNorm", "GroupNorm", "RMSNorm")},
}
