"""Tests of the suite as checks: what they draw is fixed, and nothing is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

Check = Callable[[], None]

DRAWN = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # a counterexample is enough; nobody reads a smaller one
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,
)


def walked(machine: type[RuleBasedStateMachine], examples: int = 200) -> Check:
    """So many walks of a state machine, of 20 steps each."""
    chosen = settings(DRAWN, max_examples=examples, stateful_step_count=20)
    return lambda: run_state_machine_as_test(machine, settings=chosen)


def drawn(test: Any, *strategies: st.SearchStrategy[Any], examples: int = 200) -> Check:
    """A property under these settings, on what is drawn; of a test that has strategies already, only its body."""
    body = test.hypothesis.inner_test if hasattr(test, "hypothesis") else test
    check: Check = settings(DRAWN, max_examples=examples)(given(*strategies)(body))
    return check


def in_a_folder(*tests: Callable[[Path], None]) -> Check:
    """Tests that write, each in a new folder that is gone afterwards."""

    def check() -> None:
        for test in tests:
            with TemporaryDirectory() as folder:
                test(Path(folder))

    return check


def each(test: Callable[..., None], arguments: Iterable[Any]) -> Check:
    """A test with each of its arguments in turn."""
    return together(*(partial(test, argument) for argument in arguments))


def together(*parts: Check) -> Check:
    """Several checks as one."""

    def check() -> None:
        for part in parts:
            part()

    return check
