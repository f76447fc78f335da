"""A rate that falls where training no longer helps."""

from __future__ import annotations

import warnings
from math import inf
from typing import Literal

from numpy_nn.backend import Array, is_array, item
from numpy_nn.functional import checks
from numpy_nn.optim.lr_scheduler.scheduler import LRScheduler, checked, for_each_group, numbers, unchanged_on_error
from numpy_nn.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the rate by factor when a metric has not become better for more than patience epochs.

    better: metric < best (1 − threshold) ("rel") or best − threshold ("abs"); with mode "max" > best (1 + threshold)
    or best + threshold.   lr ← max(factor lr, min_lr), unless that changes it by no more than eps

    factor: in [0, 1).  patience, cooldown: integers of at least 0; for cooldown epochs after a cut nothing counts as
    bad.  min_lr: a number, or a list with one for each group.
    Raises TypeError or ValueError for options of another type or out of range, and changes nothing then.
    torch.optim.lr_scheduler.ReduceLROnPlateau. A metric of nan is never better.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        self.optimizer = checked(optimizer)
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.default_min_lr = None if isinstance(min_lr, list | tuple) else min_lr
        self.min_lrs = for_each_group("min_lr", min_lr, optimizer)
        self.eps = eps
        self.last_epoch = 0
        self.mode_worse = self.best = -inf if mode == "max" else inf
        self.cooldown_counter = self.num_bad_epochs = 0
        self._last_lr = self._rates()
        self.check()

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong."""
        checks.option("mode", self.mode, "min", "max")
        checks.option("threshold_mode", self.threshold_mode, "rel", "abs")
        self.factor = checks.number("factor", self.factor, low=0)
        if not self.factor < 1:
            raise ValueError(f"factor: expected a number in [0, 1), got {self.factor}")
        self.threshold = checks.number("threshold", self.threshold)
        self.eps = checks.number("eps", self.eps, low=0)
        self.best = checks.number("best", self.best)
        self.min_lrs = numbers("min_lrs", self.min_lrs, low=0)
        if self.default_min_lr is not None:
            self.default_min_lr = checks.number("min_lr", self.default_min_lr, low=0)
        for name in ("patience", "cooldown", "cooldown_counter", "num_bad_epochs"):
            setattr(self, name, checks.integer(name, getattr(self, name), low=0))
        self.mode_worse = -inf if self.mode == "max" else inf

    @property
    def in_cooldown(self) -> bool:
        """Whether the rate was cut so lately that nothing counts as bad."""
        return self.cooldown_counter > 0

    def step(self, metrics: float | Array, epoch: int | None = None) -> None:  # type: ignore[override]
        """Note how good an epoch was, and cut the rates where that has been no better for too long.

        metrics: a number, or an array of one.  epoch: its number, a form that PyTorch deprecates.
        Raises TypeError or ValueError for anything else, and ValueError where there are more groups than min_lr;
        nothing is changed then.
        """
        if is_array(metrics) and metrics.size != 1:  # type: ignore[union-attr]
            raise ValueError(f"metrics: expected one number, got an array of shape {metrics.shape}")  # type: ignore[union-attr]
        current = checks.number("metrics", item(metrics) if is_array(metrics) else metrics)  # type: ignore[arg-type]
        if epoch is not None:
            epoch = checks.integer("epoch", epoch, low=0)
            warnings.warn("step(metrics, epoch) is deprecated, as in PyTorch", UserWarning, stacklevel=2)
        with unchanged_on_error(self):
            self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
            if self._is_better(current):
                self.best, self.num_bad_epochs = current, 0
            else:
                self.num_bad_epochs += 1
            if self.in_cooldown:
                self.cooldown_counter -= 1
                self.num_bad_epochs = 0
            if self.num_bad_epochs > self.patience:
                self._reduce_lr()
                self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            self._last_lr = self._rates()

    def _is_better(self, current: float) -> bool:
        if self.mode == "min":
            return current < (
                self.best * (1.0 - self.threshold) if self.threshold_mode == "rel" else self.best - self.threshold
            )
        return current > (
            self.best * (self.threshold + 1.0) if self.threshold_mode == "rel" else self.best + self.threshold
        )

    def _reduce_lr(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise ValueError(f"min_lr: expected {len(groups)}, one for each group, got {len(self.min_lrs)}")
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, old, lowest in zip(groups, self._rates(), self.min_lrs, strict=True):
            new = max(old * self.factor, lowest)
            if old - new > self.eps:
                group["lr"] = new
