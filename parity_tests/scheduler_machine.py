"""Schedulers against their twins over random histories; every rate, momentum and saved state equal to the last bit."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import numpy_nn as nn
from parity_tests.bounds import Mismatch, Worst
from parity_tests.case import resolve
from parity_tests.specification.schedulers import PLAIN, Recipe, SchedulerRow
from torch_nn.twins import TWINS

RATES = st.sampled_from([0.1, 0.05, 1.0, 3e-3, 1, 0.0])


def machine(row: SchedulerRow, worst: Worst | None = None) -> type[RuleBasedStateMachine]:
    """The state machine of one scheduler. worst: counts the comparisons."""

    class SchedulerMachine(RuleBasedStateMachine):
        """Whatever PyTorch does, numpy_nn does, and where PyTorch fails it refuses and changes nothing."""

        @initialize(recipe=row.drawn, optimizer=st.sampled_from(["SGD", "Adam"]), rates=st.tuples(RATES, RATES))
        def start(self, recipe: Recipe, optimizer: str, rates: tuple[float, float]) -> None:
            self.kind, self.start_rates, self.groups = optimizer, rates, 2
            self.recipes = [recipe]
            self.ours: list[Any] = []
            self.theirs: list[Any] = []
            self.optimizer, self.twin = self._optimizers()
            self._make(recipe)

        def _make(self, recipe: Recipe) -> None:
            self._both(
                lambda: self.ours.append(recipe.make(self.optimizer, ours=True)),
                lambda: self.theirs.append(recipe.make(self.twin, ours=False)),
                whole=not recipe.members,
            )

        def _optimizers(self) -> tuple[Any, Any]:
            """Two new ones, each with as many groups as there are by now."""
            ours, theirs = resolve(f"optim.{self.kind}"), TWINS[f"optim.{self.kind}"]
            rates = [*self.start_rates, 0.2][: self.groups]
            return (
                ours([{"params": [nn.Parameter(np.zeros(1))], "lr": rate} for rate in rates]),
                theirs([{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in rates]),
            )

        @rule()
        def optimizer_step(self) -> None:
            self.optimizer.step()
            self.twin.step()

        @rule(arguments=row.arguments)
        def step(self, arguments: tuple[Any, ...]) -> None:
            for ours, theirs in zip(self.ours, self.theirs, strict=True):
                plain = arguments if ours is self.ours[0] else ()
                self._both(lambda o=ours, p=plain: o.step(*p), lambda t=theirs, p=plain: t.step(*p))

        @rule(times=st.integers(2, 9), arguments=row.arguments)
        def several_steps(self, times: int, arguments: tuple[Any, ...]) -> None:
            for _ in range(times):
                self.step(arguments)

        @precondition(lambda self: row.epochs is not None)
        @rule(epoch=st.nothing() if row.epochs is None else row.epochs)
        def jump(self, epoch: float) -> None:
            if self.ours:
                self._both(lambda: self.ours[0].step(epoch), lambda: self.theirs[0].step(epoch))

        @rule(place=st.integers(0, 1), rate=RATES)
        def change_lr(self, place: int, rate: float) -> None:
            for optimizer in (self.optimizer, self.twin):
                optimizer.param_groups[place]["lr"] = rate

        @precondition(lambda self: len(self.ours) == 1)
        @rule(recipe=PLAIN["StepLR"].drawn | PLAIN["CosineAnnealingLR"].drawn | PLAIN["LinearLR"].drawn)
        def second_scheduler(self, recipe: Recipe) -> None:
            """Another scheduler of the same optimizer."""
            self.recipes.append(recipe)
            self._make(recipe)

        @precondition(lambda self: self.groups == 2)
        @rule()
        def add_param_group(self) -> None:
            self.groups = 3
            self.optimizer.add_param_group({"params": [nn.Parameter(np.zeros(1))], "lr": 0.2})
            self.twin.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 0.2})

        @precondition(lambda self: self.groups == 2)
        @rule()
        def save_and_load(self) -> None:
            """Each takes over the other's states, and goes on as before."""
            if self._prolonged():
                return
            saved, theirs = self.optimizer.state_dict(), self.twin.state_dict()
            states = [scheduler.state_dict() for scheduler in self.ours]
            their_states = [deepcopy(scheduler.state_dict()) for scheduler in self.theirs]
            self.optimizer, self.twin = self._optimizers()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.ours = [recipe.make(self.optimizer, ours=True) for recipe in self.recipes[: len(states)]]
                self.theirs = [recipe.make(self.twin, ours=False) for recipe in self.recipes[: len(states)]]
            self.optimizer.load_state_dict(theirs)
            self.twin.load_state_dict(saved)
            for ours, state in zip(self.ours, their_states, strict=True):
                ours.load_state_dict(state)
                if shared := _shared(vars(ours), state):
                    raise Mismatch(f"{row.name}: {shared} is shared with the state that was loaded")
            for their, state in zip(self.theirs, states, strict=True):
                their.load_state_dict(state)

        @precondition(lambda self: row.resumes and self.groups == 2 and len(self.ours) == 1)
        @rule(last_epoch=st.integers(0, 6))
        def resume(self, last_epoch: int) -> None:
            """The optimizer's state alone is loaded, and a new scheduler takes up the count."""
            if self._prolonged():
                return
            saved, theirs = self.optimizer.state_dict(), self.twin.state_dict()
            self.optimizer, self.twin = self._optimizers()
            self.optimizer.load_state_dict(theirs)
            self.twin.load_state_dict(saved)
            self.ours, self.theirs = [], []
            self._both(
                lambda: self.ours.append(self.recipes[0].make(self.optimizer, ours=True, last_epoch=last_epoch)),
                lambda: self.theirs.append(self.recipes[0].make(self.twin, ours=False, last_epoch=last_epoch)),
            )

        @invariant()
        def groups_agree(self) -> None:
            for ours, theirs in zip(self.optimizer.param_groups, self.twin.param_groups, strict=True):
                if worst is not None:
                    worst.take(Worst())
                for name in ours.keys() - {"params"}:
                    if ours[name] != theirs[name]:
                        raise Mismatch(f"{row.name} {name}: {ours[name]!r}, expected {theirs[name]!r}")
                if type(ours["lr"]) not in (float, int):
                    raise Mismatch(f"{row.name} lr: {type(ours['lr'])}, expected a Python number")

        @invariant()
        def schedulers_agree(self) -> None:
            for ours, theirs in zip(self.ours, self.theirs, strict=True):
                if ours.get_last_lr() != theirs.get_last_lr():
                    raise Mismatch(f"{row.name}: {ours.get_last_lr()}, expected {theirs.get_last_lr()}")
                if ours.state_dict() != theirs.state_dict():
                    raise Mismatch(f"{row.name}: {ours.state_dict()}, expected {theirs.state_dict()}")
                if not _plain(ours.state_dict()):
                    raise Mismatch(f"{row.name}: {ours.state_dict()} is not plain data")

        def _prolonged(self) -> bool:
            """Whether OneCycleLR has gone beyond its end, to a rate or a momentum that no optimizer of ours loads."""
            groups = self.optimizer.param_groups
            return not all(group["lr"] >= 0 and 0 <= group.get("betas", (0,))[0] < 1 for group in groups)

        def _both(self, ours: Callable[[], Any], theirs: Callable[[], Any], whole: bool = True) -> None:
            """The same in both libraries: with the same warnings, or refused by both, and then as if not called.

            whole: False where ours may have done a part of it, as in making the members of a scheduler.
            """
            before = self._everything(self.optimizer, self.ours)
            their_before = self._everything(self.twin, self.theirs)
            expected, their_error = _outcome(theirs)
            got, error = _outcome(ours)
            if error is None and their_error is None:
                if got != expected:
                    raise Mismatch(f"{row.name}: {got} warnings, expected {expected}")
                return
            if their_error is None:
                raise error
            if not isinstance(error, ValueError | TypeError) or ": expected " not in str(error):
                raise Mismatch(f"{row.name}: {error!r} where PyTorch raises {their_error!r}")
            if not whole:
                self.optimizer, self.twin = self._optimizers()
                return
            if self._everything(self.optimizer, self.ours) != before:
                raise Mismatch(f"{row.name}: changed, though it raised {error!r}")
            self._put_back(their_before)

        def _everything(self, optimizer: Any, schedulers: list[Any]) -> Any:
            groups = [
                {name: value for name, value in group.items() if name != "params"} for group in optimizer.param_groups
            ]
            return groups, [deepcopy(scheduler.state_dict()) for scheduler in schedulers]

        def _put_back(self, before: Any) -> None:
            """PyTorch as it was before an error, which leaves it half changed."""
            for group, old in zip(self.twin.param_groups, before[0], strict=True):
                params = group["params"]
                group.clear()
                group.update(old, params=params)
            for scheduler, old in zip(self.theirs, before[1], strict=False):
                scheduler.load_state_dict(old)

    return SchedulerMachine


def _outcome(call: Callable[[], Any]) -> tuple[int, Exception | None]:
    """How many warnings a call gave, and its error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            call()
        except Exception as error:
            return 0, error
    return sum(warning.category is UserWarning for warning in caught), None


def _plain(value: Any) -> bool:
    """Whether a value is made of numbers, texts, lists and mappings alone."""
    if isinstance(value, dict):
        return all(_plain(part) for part in (*value, *value.values()))
    if isinstance(value, list):
        return all(map(_plain, value))
    return value is None or type(value) in (bool, int, float, str)


def _shared(ours: dict[str, Any], loaded: dict[str, Any]) -> str:
    """The name of a list or mapping that is the same object on both sides; empty where none is."""
    both = (name for name in ours.keys() & loaded.keys() if isinstance(ours[name], list | dict))
    return next((name for name in sorted(both) if ours[name] is loaded[name]), "")
