"""One rise and one fall of the rate, with the momentum going the other way."""

from __future__ import annotations

from math import cos, pi
from typing import Any, Literal

from numpy_nn.functional import checks
from numpy_nn.optim.lr_scheduler.scheduler import LRScheduler, checked, for_each_group, unchanged_on_error
from numpy_nn.optim.optimizer import Optimizer

RATES, MOMENTA = ("start_lr", "end_lr"), ("start_momentum", "end_momentum")
ENDS = ("initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum")
"""What a phase goes from and to, by the names under which PyTorch keeps it in the groups."""


class OneCycleLR(LRScheduler):
    """From a low rate up to max_lr and down to a far lower one, while the momentum goes down and up again.

    lr: max_lr / div_factor → max_lr → max_lr / (div_factor final_div_factor)
    momentum: max_momentum → base_momentum → max_momentum
    each arrow, with p from 0 to 1: end + (start − end) (1 + cos(π p)) / 2 ("cos") or start + (end − start) p ("linear")

    max_lr, base_momentum, max_momentum: numbers, or a list with one for each group.  total_steps: a positive integer,
    or epochs and steps_per_epoch; step is to be called after each batch but the last: one call more goes on along the
    same line, as in PyTorch, where rates can be negative and momenta above 1.  pct_start: the share of steps that rise.
    cycle_momentum: False leaves the momentum alone; of Adam and its kin β₁ is what is cycled.
    three_phase: down to the initial rate as fast as it rose, then on to the lowest.
    last_epoch: see LRScheduler.
    Raises TypeError or ValueError for options of another type or out of range, for an optimizer without momentum or
    betas, and for a step beyond total_steps; nothing is changed then.
    Smith & Topin 2019; torch.optim.lr_scheduler.OneCycleLR.
    """

    spare = LRScheduler.spare | {"use_beta1"}

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("total_steps: expected a number, or epochs and steps_per_epoch, got None")
            total_steps = checks.integer("epochs", epochs, 1) * checks.integer("steps_per_epoch", steps_per_epoch, 1)
        self.optimizer = checked(optimizer)
        self.total_steps = checks.integer("total_steps", total_steps, low=1)
        checks.option("three_phase", three_phase, True, False)
        self._schedule_phases = _phases(self.total_steps, checks.probability("pct_start", pct_start), three_phase)
        self._anneal_func_type = anneal_strategy
        self.cycle_momentum = cycle_momentum
        self.check()
        ends = _ends(
            optimizer, max_lr, _positive("div_factor", div_factor), _positive("final_div_factor", final_div_factor)
        )
        if cycle_momentum:
            heavy = for_each_group("max_momentum", max_momentum, optimizer)
            light = for_each_group("base_momentum", base_momentum, optimizer)
            if self.use_beta1 and max(*heavy, *light) >= 1:
                raise ValueError(f"max_momentum, base_momentum: expected β₁ in [0, 1), got {max(*heavy, *light)}")
            ends = [
                {**end, "max_momentum": m, "base_momentum": b} for end, m, b in zip(ends, heavy, light, strict=True)
            ]
        with unchanged_on_error(self):
            if last_epoch == -1:
                for group, end in zip(optimizer.param_groups, ends, strict=True):
                    group.update(end)
            super().__init__(optimizer, last_epoch)

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong."""
        self.total_steps = checks.integer("total_steps", self.total_steps, low=1)
        checks.option("anneal_strategy", self._anneal_func_type, "cos", "linear")
        checks.option("cycle_momentum", self.cycle_momentum, True, False)
        if self.cycle_momentum:
            if not {"momentum", "betas"} & self.optimizer.defaults.keys():
                raise ValueError(
                    f"cycle_momentum: expected an optimizer with momentum or betas, got {type(self.optimizer).__name__}"
                )
            self.use_beta1 = "betas" in self.optimizer.defaults
        if not isinstance(self._schedule_phases, list):
            raise TypeError(f"_schedule_phases: expected a list, got {type(self._schedule_phases).__name__}")
        for phase in self._schedule_phases:
            if not isinstance(phase, dict) or phase.keys() != {"end_step", *RATES, *MOMENTA}:
                raise ValueError(f"_schedule_phases: expected phases with end_step, {RATES} and {MOMENTA}, got {phase}")
            checks.number("end_step", phase["end_step"])
            for name in (*RATES, *MOMENTA):
                checks.option(name, phase[name], *ENDS)

    def get_lr(self) -> list[float]:
        """The rate of each group at self.last_epoch; its momentum is set on the way."""
        if self.last_epoch > self.total_steps:
            raise ValueError(f"step: expected at most total_steps = {self.total_steps} steps, got {self.last_epoch}")
        start, end, phase = self._phase()
        if start == end:
            raise ValueError(f"pct_start: expected phases longer than one step, got one from {start} to {end}")
        share = (self.last_epoch - start) / (end - start)
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                momentum = self._anneal(group, phase, "momentum", share)
                group |= {"betas": (momentum, *group["betas"][1:])} if self.use_beta1 else {"momentum": momentum}
        return [self._anneal(group, phase, "lr", share) for group in self.optimizer.param_groups]

    def _phase(self) -> tuple[float, float, dict[str, Any]]:
        """The phase that self.last_epoch lies in: where the one before ended, where it ends, and from what to what."""
        start = 0.0
        for phase in self._schedule_phases[:-1]:
            if self.last_epoch <= phase["end_step"]:
                return start, phase["end_step"], phase
            start = phase["end_step"]
        return start, self._schedule_phases[-1]["end_step"], self._schedule_phases[-1]

    def _anneal(self, group: dict[str, Any], phase: dict[str, Any], what: str, share: float) -> float:
        """The rate or the momentum of a group, as far into a phase as share says."""
        if not {phase[f"start_{what}"], phase[f"end_{what}"]} <= group.keys():
            raise ValueError("param_groups: expected the groups that the scheduler began with, got a later one")
        start, end = group[phase[f"start_{what}"]], group[phase[f"end_{what}"]]
        if self._anneal_func_type == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (cos(pi * share) + 1)


def _phases(total_steps: int, pct_start: float, three_phase: bool) -> list[dict[str, Any]]:
    """Up to a share of the steps, then down; the last step is number total_steps − 1."""
    up = _from_to(pct_start * total_steps - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum")
    if not three_phase:
        return [up, _from_to(total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")]
    down = _from_to(2 * pct_start * total_steps - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum")
    return [up, down, _from_to(total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")]


def _from_to(end_step: float, *ends: str) -> dict[str, Any]:
    return {"end_step": end_step, **dict(zip((*RATES, *MOMENTA), ends, strict=True))}


def _ends(optimizer: Optimizer, max_lr: Any, div_factor: float, final_div_factor: float) -> list[dict[str, Any]]:
    """Between what rates each group moves."""
    return [
        {"initial_lr": highest / div_factor, "max_lr": highest, "min_lr": highest / div_factor / final_div_factor}
        for highest in for_each_group("max_lr", max_lr, optimizer)
    ]


def _positive(name: str, value: float) -> float:
    if not checks.number(name, value) > 0:
        raise ValueError(f"{name}: expected a positive number, got {value}")
    return float(value)
