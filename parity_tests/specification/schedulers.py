"""Rows of the schedulers: the options drawn, and what their step is called with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, nan
from typing import Any

from hypothesis import strategies as st

from parity_tests.case import resolve
from torch_nn.twins import TWINS

PREFIX = "optim.lr_scheduler."


@dataclass(frozen=True)
class Recipe:
    """A scheduler that can be made in both libraries. members: what a composite one is made of."""

    name: str
    options: dict[str, Any]
    members: tuple[Recipe, ...] = ()

    def make(self, optimizer: Any, ours: bool, last_epoch: int | None = None) -> Any:
        """The scheduler, in numpy_nn or in PyTorch, new at the start or resumed."""
        made = resolve(PREFIX + self.name) if ours else TWINS[PREFIX + self.name]
        options = {name: _own(value) for name, value in self.options.items()}
        members = [member.make(optimizer, ours) for member in self.members]
        if self.name == "ChainedScheduler":
            return made(members)
        if self.members:
            return made(optimizer, members, **options)
        return made(optimizer, **options, **({} if last_epoch is None else {"last_epoch": last_epoch}))


@dataclass(frozen=True)
class SchedulerRow:
    """A scheduler.

    options: what is drawn for its constructor.  members: for a composite one, what it is made of, with its options.
    arguments: what step is called with.  epochs: what it may be called with instead, where PyTorch can jump.
    resumes: whether the constructor takes last_epoch.
    """

    name: str
    options: st.SearchStrategy[dict[str, Any]]
    recipes: st.SearchStrategy[Recipe] | None = None
    arguments: st.SearchStrategy[tuple[Any, ...]] = field(default_factory=lambda: st.just(()))
    epochs: st.SearchStrategy[Any] | None = field(default_factory=lambda: st.integers(0, 12))
    resumes: bool = True

    @property
    def drawn(self) -> st.SearchStrategy[Recipe]:
        """Recipes of this scheduler."""
        if self.recipes is not None:
            return self.recipes
        return self.options.map(lambda options: Recipe(self.name.removeprefix(PREFIX), options))


class Power:
    """A callable object, whose attributes PyTorch saves; each library gets one of its own."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, epoch: int) -> float:
        return self.rate**epoch


def _own(value: Any) -> Any:
    """Lists and callables of one's own, so that neither library changes what the other holds."""
    if isinstance(value, list):
        return [_own(part) for part in value]
    return Power(value.rate) if isinstance(value, Power) else value


def options(required: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Defaults as often as not, so that a changed default is seen; a list is sampled from."""
    strategies = [
        {name: st.sampled_from(v) if isinstance(v, list) else v for name, v in part.items()}
        for part in (required or {}, optional)
    ]
    return st.fixed_dictionaries(strategies[0], optional=strategies[1])


GAMMAS = [0.1, 0.5, 0.97, 1.0, 1.3, 0.0]
FUNCTIONS: list[Callable[[int], float]] = [
    lambda epoch: 0.95**epoch,
    lambda epoch: 1 / (1 + epoch),
    lambda epoch: epoch // 3,
    lambda epoch: 1 - epoch / 20,
]


def per_group(values: list[Any]) -> st.SearchStrategy[Any]:
    """One for all groups, or one for each; the machine has two."""
    return st.sampled_from(values) | st.lists(st.sampled_from(values), min_size=2, max_size=2)


def one_cycle_options() -> st.SearchStrategy[dict[str, Any]]:
    length = st.fixed_dictionaries({"total_steps": st.sampled_from([1, 7, 12, 13])}) | st.just(
        {"epochs": 3, "steps_per_epoch": 4}
    )
    others = options(
        {"max_lr": per_group([0.1, 1.0, 3e-3])},
        pct_start=[0.0, 0.25, 0.5, 0.77, 1.0],
        anneal_strategy=["cos", "linear"],
        cycle_momentum=st.booleans(),
        base_momentum=per_group([0.5, 0.8]),
        max_momentum=per_group([0.9, 0.99]),
        div_factor=[2.0, 25.0],
        final_div_factor=[10.0, 3e5],
        three_phase=st.booleans(),
    )
    return st.tuples(length, others).map(lambda parts: parts[0] | parts[1])


plateau_options = options(
    mode=["min", "max"],
    factor=[0.1, 0.5, 0.0],
    patience=[0, 1, 2],
    threshold=[1e-4, 0.1, 0.0],
    threshold_mode=["rel", "abs"],
    cooldown=[0, 1, 3],
    min_lr=per_group([0.0, 1e-3, 0.04]),
    eps=[1e-8, 1e-2],
)
METRICS = st.sampled_from([1.0, 0.95, 0.9, 0.89999, 1.05, 1.15, -1.0, 0.0, nan, inf, -inf, 3])

PLAIN = {
    row.name.removeprefix(PREFIX): row
    for row in (
        SchedulerRow("optim.lr_scheduler.StepLR", options({"step_size": [1, 2, 3, 5]}, gamma=GAMMAS)),
        SchedulerRow(
            "optim.lr_scheduler.MultiStepLR",
            options({"milestones": st.lists(st.integers(0, 12), max_size=4)}, gamma=GAMMAS),
        ),
        SchedulerRow("optim.lr_scheduler.ExponentialLR", options({"gamma": GAMMAS})),
        SchedulerRow(
            "optim.lr_scheduler.LambdaLR",
            options({"lr_lambda": per_group([*FUNCTIONS, Power(0.5), Power(0.9)])}),
        ),
        SchedulerRow("optim.lr_scheduler.ConstantLR", options(factor=[0.1, 0.5, 1.0], total_iters=[0, 1, 3, 8])),
        SchedulerRow(
            "optim.lr_scheduler.LinearLR",
            options(start_factor=[0.01, 0.5, 1.0], end_factor=[0.0, 0.3, 1.0], total_iters=[0, 1, 3, 8]),
        ),
        SchedulerRow(
            "optim.lr_scheduler.CosineAnnealingLR", options({"T_max": [1, 3, 4, 7, 5.5]}, eta_min=[1e-3, 0.3])
        ),
        SchedulerRow(
            "optim.lr_scheduler.CosineAnnealingWarmRestarts",
            options({"T_0": [1, 2, 3, 5]}, T_mult=[1, 2, 3], eta_min=[1e-3, 0.3]),
            epochs=st.sampled_from([0, 0.25, 1, 2.5, 3, 4.75, 6, 9, 11.5, 26]),
        ),
        SchedulerRow("optim.lr_scheduler.OneCycleLR", one_cycle_options()),
    )
}

recipes = st.sampled_from(sorted(PLAIN)).flatmap(lambda name: PLAIN[name].drawn)
chained = st.lists(recipes, min_size=1, max_size=3).map(lambda members: Recipe("ChainedScheduler", {}, tuple(members)))


@st.composite
def sequential(draw: st.DrawFn) -> Recipe:
    """Two or three schedulers, the first of them now and then a chain."""
    members = [draw(recipes | chained), *draw(st.lists(recipes, min_size=1, max_size=2))]
    milestones = sorted(draw(st.lists(st.integers(0, 8), min_size=len(members) - 1, max_size=len(members) - 1)))
    return Recipe("SequentialLR", {"milestones": milestones}, tuple(members))


SCHEDULERS: dict[str, SchedulerRow] = {
    row.name: row
    for row in (
        *PLAIN.values(),
        SchedulerRow(
            "optim.lr_scheduler.ReduceLROnPlateau",
            plateau_options,
            arguments=st.tuples(METRICS),
            epochs=None,
            resumes=False,
        ),
        SchedulerRow("optim.lr_scheduler.SequentialLR", st.just({}), sequential(), epochs=None, resumes=False),
        SchedulerRow("optim.lr_scheduler.ChainedScheduler", st.just({}), chained, epochs=None, resumes=False),
    )
}
