"""Rates that fall along half a cosine."""

from __future__ import annotations

from math import cos, floor, log, pi

from numpy_nn.functional import checks
from numpy_nn.optim.lr_scheduler.scheduler import LRScheduler, unchanged_on_error
from numpy_nn.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """Along a cosine from the initial rate down to eta_min at epoch T_max, and up again after it.

    c(t) = 1 + cos(π t / T_max);   lr ← eta_min + (lr − eta_min) c(t) / c(t − 1) at epoch t
    closed form eta_min + (lr₀ − eta_min) c(t) / 2

    T_max: a positive number.  eta_min: a number.  last_epoch, and what is raised: see LRScheduler.
    Where c(t − 1) = 0 the way up begins, with the first step of the closed form. The two forms differ by roundings.
    Loshchilov & Hutter 2017, eq. 5, without restarts; torch.optim.lr_scheduler.CosineAnnealingLR.
    """

    def __init__(self, optimizer: Optimizer, T_max: float, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong."""
        self.T_max = checks.number("T_max", self.T_max)
        if not self.T_max > 0:
            raise ValueError(f"T_max: expected a positive number, got {self.T_max}")
        self.eta_min = checks.number("eta_min", self.eta_min)

    def get_lr(self) -> list[float]:
        """The rate of each group at self.last_epoch, from the rates as they are."""
        t, T = self.last_epoch, self.T_max
        if self._is_initial:
            return self._rates()
        if (t - 1 - T) % (2 * T) == 0:
            up = 1 - cos(pi / T)
            rows = zip(self._rates(), self._bases(), strict=True)
            return [lr + (base - self.eta_min) * up / 2 for lr, base in rows]
        ratio = (1 + cos(pi * t / T)) / (1 + cos(pi * (t - 1) / T))
        return [ratio * (lr - self.eta_min) + self.eta_min for lr in self._rates()]

    def _get_closed_form_lr(self) -> list[float]:
        height = 1 + cos(pi * self.last_epoch / self.T_max)
        return [self.eta_min + (base - self.eta_min) * height / 2 for base in self._bases()]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Along a cosine down to eta_min, then back to the initial rate at once, in periods that grow.

    lr = eta_min + (lr₀ − eta_min) (1 + cos(π T_cur / T_i)) / 2
    T_cur: epochs since the last restart.  T_i: the length of this period, T_0 at first, T_mult times longer each time.

    T_0, T_mult: positive integers.  eta_min: a number.  last_epoch, and what is raised: see LRScheduler.
    Loshchilov & Hutter 2017, eq. 5; torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong."""
        self.T_0 = checks.integer("T_0", self.T_0, low=1)
        self.T_i = checks.integer("T_i", self.T_i, low=1)
        self.T_mult = checks.integer("T_mult", self.T_mult, low=1)
        self.eta_min = checks.number("eta_min", self.eta_min)
        self.T_cur = checks.number("T_cur", self.T_cur)

    def get_lr(self) -> list[float]:
        """The rate of each group, as far as the period has come."""
        height = 1 + cos(pi * self.T_cur / self.T_i)
        return [self.eta_min + (base - self.eta_min) * height / 2 for base in self._bases()]

    def step(self, epoch: float | None = None) -> None:
        """Go on by one epoch, or to an epoch, fractions of one among them: step(epoch + batch / batches).

        Raises TypeError or ValueError for an epoch that is no number of at least 0; nothing is changed then.
        """
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        with unchanged_on_error(self):
            if epoch is None:
                epoch = self.last_epoch + 1
                self.T_cur += 1
                if self.T_cur >= self.T_i:
                    self.T_cur %= self.T_i
                    self.T_i *= self.T_mult
            else:
                self._find(checks.number("epoch", epoch, low=0))
            self.last_epoch = floor(epoch)
            self._set(self.get_lr())

    def _find(self, epoch: float) -> None:
        """Which period an epoch lies in, and how far.

        After n periods T_0 (T_multⁿ − 1) / (T_mult − 1) epochs have passed, or n T_0 where periods do not grow.
        """
        if epoch < self.T_0:
            self.T_i, self.T_cur = self.T_0, epoch
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            n = int(log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**n - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**n
