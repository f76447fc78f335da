"""Schedulers made of schedulers: one after another, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from numpy_nn.functional import checks
from numpy_nn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from numpy_nn.optim.lr_scheduler.scheduler import LRScheduler, checked, unchanged_on_error
from numpy_nn.optim.optimizer import Optimizer


class Composite(LRScheduler):
    """What the two share: their members, and a state that holds theirs."""

    unsaved = LRScheduler.unsaved | {"_schedulers"}
    _schedulers: list[LRScheduler]

    def family(self) -> Iterator[LRScheduler]:
        """This scheduler, and all that it is made of."""
        yield self
        for scheduler in self._schedulers:
            yield from scheduler.family()

    def state_dict(self) -> dict[str, Any]:
        """As of every scheduler; _schedulers: the state of each member."""
        return super().state_dict() | {"_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """As of every scheduler, with the state of each member."""
        saved = state_dict.get("_schedulers") if isinstance(state_dict, Mapping) else None
        if not isinstance(saved, list):
            raise TypeError(f"state_dict: expected _schedulers, a list of states, got {type(saved).__name__}")
        if len(saved) != len(self._schedulers):
            raise ValueError(f"_schedulers: expected {len(self._schedulers)} states, got {len(saved)}")
        with unchanged_on_error(self):
            super().load_state_dict(state_dict)
            for scheduler, state in zip(self._schedulers, saved, strict=True):
                scheduler.load_state_dict(state)


class SequentialLR(Composite):
    """One scheduler after another, the next from each milestone on, which is its epoch 0.

    schedulers: of this optimizer, at least one; not ReduceLROnPlateau.  milestones: epochs that do not go down, one
    fewer than schedulers.  last_epoch: as PyTorch counts it, one less than the epoch to begin with.
    The groups go back to their initial rates at first: what the schedulers did when they were made is undone. At a
    milestone the next scheduler sets the closed form of its epoch 0, where it has one.
    Raises TypeError or ValueError for anything else, and changes nothing then.
    torch.optim.lr_scheduler.SequentialLR.
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        self.optimizer = checked(optimizer)
        self._schedulers = _members(optimizer, schedulers)
        self._milestones = milestones
        self.last_epoch = checks.integer("last_epoch", last_epoch, low=-1) + 1
        self.check()
        with unchanged_on_error(self):
            for number, group in enumerate(optimizer.param_groups):
                if "initial_lr" not in group:
                    raise ValueError(f"param_groups[{number}]: expected one that the schedulers know, got a later one")
                group["lr"] = group["initial_lr"]
            for scheduler in self.family():
                if not isinstance(scheduler, Composite):
                    scheduler.last_epoch -= 1
            first = self._schedulers[bisect_right(self._milestones, 0)]
            first._initial_step()
            self._last_lr = first.get_last_lr()

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong."""
        if not isinstance(self._milestones, list | tuple):
            raise TypeError(f"milestones: expected a list of epochs, got {self._milestones!r}")
        self._milestones = [checks.integer("milestones", epoch, low=0) for epoch in self._milestones]
        if self._milestones != sorted(self._milestones):
            raise ValueError(f"milestones: expected epochs that do not go down, got {self._milestones}")
        if len(self._milestones) != len(self._schedulers) - 1:
            raise ValueError(
                f"milestones: expected {len(self._schedulers) - 1}, one fewer than schedulers, "
                f"got {len(self._milestones)}"
            )
        for epoch, scheduler in zip(self._milestones, self._schedulers[1:], strict=True):
            if epoch and isinstance(scheduler, Composite):
                raise TypeError(f"schedulers: expected a plain one from epoch {epoch} on, got {_kind(scheduler)}")

    def step(self) -> None:  # type: ignore[override]
        """Go on by one epoch. Raises what the scheduler that is its turn raises; nothing is changed then."""
        with unchanged_on_error(self):
            self.last_epoch += 1
            index = bisect_right(self._milestones, self.last_epoch)
            scheduler = self._schedulers[index]
            if index > 0 and self._milestones[index - 1] == self.last_epoch:
                scheduler._update_lr(0)
            else:
                scheduler.step()
            self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(Composite):
    """Several schedulers at once, each taking over the rates that the one before it has set.

    schedulers: of one optimizer, at least one; not ReduceLROnPlateau.  optimizer: theirs.
    Raises TypeError or ValueError for anything else.
    torch.optim.lr_scheduler.ChainedScheduler.
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self._schedulers = _members(optimizer, schedulers)
        self.optimizer = self._schedulers[0].optimizer
        self._last_lr = self._rates()

    def step(self) -> None:  # type: ignore[override]
        """Let each scheduler go on by one epoch. Raises what one of them raises; nothing is changed then."""
        with unchanged_on_error(self):
            for scheduler in self._schedulers:
                scheduler.step()
            self._last_lr = self._rates()


def _members(optimizer: Optimizer | None, schedulers: Sequence[LRScheduler]) -> list[LRScheduler]:
    """The schedulers as a list, if they fit together; without an optimizer, the first one's is meant."""
    if not isinstance(schedulers, list | tuple):
        raise TypeError(f"schedulers: expected a list of schedulers, got {type(schedulers).__name__}")
    if not schedulers:
        raise ValueError("schedulers: expected at least one, got none")
    for place, scheduler in enumerate(schedulers):
        if not isinstance(scheduler, LRScheduler) or isinstance(scheduler, ReduceLROnPlateau):
            raise TypeError(
                f"schedulers[{place}]: expected a scheduler whose step takes nothing, got {_kind(scheduler)}"
            )
        if scheduler.optimizer is not (optimizer or schedulers[0].optimizer):
            raise ValueError(f"schedulers[{place}]: expected one of the same optimizer, got one of another")
    return list(schedulers)


def _kind(scheduler: object) -> str:
    return type(scheduler).__name__
