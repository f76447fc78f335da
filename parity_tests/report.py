"""The parity report: what the witnesses found of every formula, layer, optimizer and scheduler, and by how much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test

from parity_tests.bounds import Worst
from parity_tests.case import Case
from parity_tests.layer_witness import check_layer
from parity_tests.optimizer_machine import machine
from parity_tests.scheduler_machine import machine as scheduler_machine
from parity_tests.specification import FORMULAS, LAYERS, OPTIMIZERS, SCHEDULERS
from parity_tests.specification.row import Row
from parity_tests.witnesses import WITNESSES, Witness

AGREES, NOTHING = "agrees", "found nothing to compare; more examples would"


@dataclass(frozen=True)
class Line:
    """One row of the report.

    witnesses: what each found, "agrees" or its complaint.  cases: how many calls were tried.  error, bound: of
    the comparison that came nearest to its bound, in roundings (u S).
    """

    name: str
    kind: str
    witnesses: dict[str, str]
    cases: int
    error: float
    bound: float

    @property
    def holds(self) -> bool:
        return all(found == AGREES for found in self.witnesses.values())

    @property
    def margin(self) -> float:
        """How many times the error fits into the bound."""
        return self.bound / self.error if self.error else float("inf")

    def as_dict(self) -> dict[str, Any]:
        margin = None if self.error == 0 else self.margin
        return {**asdict(self), "margin": margin, "holds": self.holds}


def names() -> list[str]:
    """Everything that gets a line, in order."""
    return [*FORMULAS, *LAYERS, *OPTIMIZERS, *SCHEDULERS]


def lines(examples: int, device: str = "cpu") -> Iterator[Line]:
    """The report, line by line. examples: how many calls each witness tries."""
    options = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for name, row in FORMULAS.items():
        checks = {witness: partial(_formula, check, row, device) for witness, check in WITNESSES.items()}
        yield _line(name, "formula", checks, row.cases, options)
    for name, layer in LAYERS.items():
        cases = FORMULAS[f"functional.{layer.formula}"].cases
        yield _line(name, "layer", {"pytorch": partial(check_layer, layer)}, cases, options)
    for name, optimizer in OPTIMIZERS.items():
        worst = Worst()
        found = _found(partial(run_state_machine_as_test, machine(optimizer, worst), settings=options))
        yield made(name, "optimizer", {"pytorch": found}, worst.count, worst)
    for name, scheduler in SCHEDULERS.items():
        worst = Worst()
        found = _found(partial(run_state_machine_as_test, scheduler_machine(scheduler, worst), settings=options))
        yield made(name, "scheduler", {"pytorch": found}, worst.count, worst)


def _formula(check: Witness, row: Row, device: str, case: Case) -> Worst | None:
    return check(row, case, device)


def _line(name: str, kind: str, checks: dict[str, Callable[..., Worst | None]], cases: Any, options: settings) -> Line:
    worst, count = Worst(), 0
    witnesses = {}
    for witness, check in checks.items():

        def every(case: Any) -> None:
            nonlocal count
            nearest = check(case)  # noqa: B023  called before the loop goes on
            if nearest is not None:
                count += 1
                worst.take(nearest)

        witnesses[witness] = _found(options(given(cases)(every)))
    return made(name, kind, witnesses, count, worst)


def made(name: str, kind: str, witnesses: dict[str, str], count: int, worst: Worst) -> Line:
    """A line, in which no witness agrees where there was nothing to agree on."""
    if not count:
        witnesses = {witness: NOTHING if found == AGREES else found for witness, found in witnesses.items()}
    return Line(name, kind, witnesses, count, worst.error, worst.bound)


def _found(run: Callable[[], None]) -> str:
    """What a check found: a formula that crashes is reported, as one that is wrong is."""
    try:
        run()
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return AGREES
