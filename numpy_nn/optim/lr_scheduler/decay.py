"""Rates that fall step by step, or by any rule of the user's."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from types import FunctionType
from typing import Any

from numpy_nn.functional import checks
from numpy_nn.optim.lr_scheduler.scheduler import LRScheduler, checked
from numpy_nn.optim.optimizer import Optimizer


class StepLR(LRScheduler):
    """Multiplies the rate by gamma every step_size epochs.

    lr ← gamma lr where step_size divides the epoch;   closed form lr₀ gamma^⌊epoch / step_size⌋

    step_size: a positive integer.  gamma: at least 0.  last_epoch, and what is raised: see LRScheduler.
    torch.optim.lr_scheduler.StepLR.
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong."""
        self.step_size = checks.integer("step_size", self.step_size, low=1)
        self.gamma = checks.number("gamma", self.gamma, low=0)

    def get_lr(self) -> list[float]:
        """The rate of each group at self.last_epoch, from the rates as they are."""
        if self.last_epoch == 0 or self.last_epoch % self.step_size:
            return self._rates()
        return [lr * self.gamma for lr in self._rates()]

    def _get_closed_form_lr(self) -> list[float]:
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self._bases()]


class MultiStepLR(LRScheduler):
    """Multiplies the rate by gamma at each milestone; one that is given twice counts twice.

    lr ← gammaᵏ lr at an epoch that is k times a milestone;   closed form lr₀ gamma^(milestones so far)

    milestones: epochs, integers of at least 0.  gamma: at least 0.  last_epoch, and what is raised: see LRScheduler.
    torch.optim.lr_scheduler.MultiStepLR.
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        if not isinstance(milestones, Iterable):
            raise TypeError(f"milestones: expected epochs, got {milestones!r}")
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong."""
        if not isinstance(self.milestones, Mapping):
            raise TypeError(f"milestones: expected how often each epoch counts, got {self.milestones!r}")
        self.milestones = Counter(
            {
                checks.integer("milestones", epoch, low=0): checks.integer(f"milestones[{epoch}]", count, low=1)
                for epoch, count in self.milestones.items()
            }
        )
        self.gamma = checks.number("gamma", self.gamma, low=0)

    def get_lr(self) -> list[float]:
        """The rate of each group at self.last_epoch, from the rates as they are."""
        if self.last_epoch not in self.milestones:
            return self._rates()
        return [lr * self.gamma ** self.milestones[self.last_epoch] for lr in self._rates()]

    def _get_closed_form_lr(self) -> list[float]:
        passed = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [base * self.gamma**passed for base in self._bases()]


class ExponentialLR(LRScheduler):
    """Multiplies the rate by gamma at every epoch.

    lr ← gamma lr;   closed form lr₀ gamma^epoch

    gamma: at least 0.  last_epoch, and what is raised: see LRScheduler.
    torch.optim.lr_scheduler.ExponentialLR.
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong."""
        self.gamma = checks.number("gamma", self.gamma, low=0)

    def get_lr(self) -> list[float]:
        """The rate of each group at self.last_epoch, from the rates as they are."""
        return self._rates() if self._is_initial else [lr * self.gamma for lr in self._rates()]

    def _get_closed_form_lr(self) -> list[float]:
        return [base * self.gamma**self.last_epoch for base in self._bases()]


Factor = Callable[[int], float]


class LambdaLR(LRScheduler):
    """The initial rate times a function of the epoch.

    lr = lr₀ f(epoch)

    lr_lambda: f, or a list of one for each group.  last_epoch, and what is raised: see LRScheduler.
    The attributes of a callable object are saved with the state; a function is not, and has to be given again.
    torch.optim.lr_scheduler.LambdaLR.
    """

    unsaved = LRScheduler.unsaved | {"lr_lambdas"}

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1) -> None:
        groups = len(checked(optimizer).param_groups)
        self.lr_lambdas = list(lr_lambda) if isinstance(lr_lambda, list | tuple) else [lr_lambda] * groups
        if len(self.lr_lambdas) != groups:
            raise ValueError(f"lr_lambda: expected {groups}, one for each group, got {len(self.lr_lambdas)}")
        for place, factor in enumerate(self.lr_lambdas):
            if not callable(factor):
                raise TypeError(f"lr_lambda[{place}]: expected a function of the epoch, got {factor!r}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rate of each group at self.last_epoch."""
        return [base * factor(self.last_epoch) for base, factor in zip(self._bases(), self.lr_lambdas, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """As of every scheduler; lr_lambdas: the attributes of each callable object, None for each function."""
        return super().state_dict() | {"lr_lambdas": [_attributes(factor) for factor in self.lr_lambdas]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """As of every scheduler; the functions stay, and callable objects get their attributes back."""
        saved = state_dict.get("lr_lambdas") if isinstance(state_dict, Mapping) else None
        if not isinstance(saved, list) or not all(isinstance(part, Mapping | None) for part in saved):
            raise TypeError(f"state_dict: expected lr_lambdas, attributes or None for each function, got {saved!r}")
        if len(saved) != len(self.lr_lambdas):
            raise ValueError(f"lr_lambdas: expected {len(self.lr_lambdas)}, one for each function, got {len(saved)}")
        super().load_state_dict(state_dict)
        for factor, attributes in zip(self.lr_lambdas, saved, strict=True):
            if attributes:
                vars(factor).update(deepcopy(dict(attributes)))


def _attributes(factor: Factor) -> dict[str, Any] | None:
    """What a callable object knows; None for a function, which Python would have to save as code."""
    return None if isinstance(factor, FunctionType) or not hasattr(factor, "__dict__") else deepcopy(dict(vars(factor)))
