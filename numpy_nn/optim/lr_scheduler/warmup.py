"""Rates that begin low, so that the first steps from random weights do no harm."""

from __future__ import annotations

from numpy_nn.functional import checks
from numpy_nn.optim.lr_scheduler.scheduler import LRScheduler
from numpy_nn.optim.optimizer import Optimizer


class ConstantLR(LRScheduler):
    """A part of the rate for the first total_iters epochs, then all of it.

    lr ← factor lr at epoch 0, lr / factor at epoch total_iters;   closed form lr₀ factor, then lr₀

    factor: in (0, 1]; PyTorch takes 0, too, and fails at the division.  total_iters: an integer of at least 0.
    last_epoch, and what is raised: see LRScheduler.
    torch.optim.lr_scheduler.ConstantLR.
    """

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong."""
        self.factor = checks.number("factor", self.factor)
        if not 0 < self.factor <= 1:
            raise ValueError(f"factor: expected a number in (0, 1], got {self.factor}")
        self.total_iters = checks.integer("total_iters", self.total_iters, low=0)

    def get_lr(self) -> list[float]:
        """The rate of each group at self.last_epoch, from the rates as they are."""
        if self.last_epoch == 0:
            return [lr * self.factor for lr in self._rates()]
        if self.last_epoch != self.total_iters:
            return self._rates()
        return [lr * (1.0 / self.factor) for lr in self._rates()]

    def _get_closed_form_lr(self) -> list[float]:
        share = self.factor + (self.last_epoch >= self.total_iters) * (1 - self.factor)
        return [base * share for base in self._bases()]


class LinearLR(LRScheduler):
    """From one part of the rate to another along a line, total_iters epochs long.

    s(t) = start + (end − start) t / total_iters;   lr ← lr s(t) / s(t − 1) at epoch t;   closed form lr₀ s(t)

    start_factor: in (0, 1].  end_factor: in [0, 1].  total_iters: an integer of at least 0.
    last_epoch, and what is raised: see LRScheduler.
    torch.optim.lr_scheduler.LinearLR.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong."""
        self.start_factor = checks.number("start_factor", self.start_factor)
        if not 0 < self.start_factor <= 1:
            raise ValueError(f"start_factor: expected a number in (0, 1], got {self.start_factor}")
        self.end_factor = checks.probability("end_factor", self.end_factor)
        self.total_iters = checks.integer("total_iters", self.total_iters, low=0)

    def get_lr(self) -> list[float]:
        """The rate of each group at self.last_epoch, from the rates as they are."""
        if self.last_epoch == 0:
            return [lr * self.start_factor for lr in self._rates()]
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._rates()
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise  # total_iters s(t − 1)
        return [lr * (1.0 + rise / before) for lr in self._rates()]

    def _get_closed_form_lr(self) -> list[float]:
        if self.total_iters == 0:
            raise ValueError("total_iters: expected at least 1 for step(epoch), got 0")
        rise = (self.end_factor - self.start_factor) * min(self.total_iters, self.last_epoch)
        return [base * (self.start_factor + rise / self.total_iters) for base in self._bases()]
