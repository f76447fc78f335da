"""What every scheduler does besides its rule: counting epochs, setting the rates, and a state that can be saved."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy, deepcopy
from typing import Any

from numpy_nn.capturing import stay_on_device
from numpy_nn.functional import checks
from numpy_nn.optim.optimizer import Optimizer, number_of


class LRScheduler:
    """Sets the learning rate of each parameter group of an optimizer, anew at every step.

    A scheduler defines get_lr(), the rates at self.last_epoch. Most take them from the rates of the groups as they are
    now, so that a rate changed by hand stays changed, and two schedulers of one optimizer multiply. The rates are
    Python floats, made by PyTorch's operations in PyTorch's order, and so equal to its rates to the last bit.

    optimizer: whose groups are set; what each starts from is kept in it as "initial_lr".  last_epoch: −1 at the start;
    when resuming, the number of the last epoch, and each group must have its "initial_lr".  The constructor takes the
    first step already, to epoch last_epoch + 1.
    Raises TypeError or ValueError for options of another type or out of range, and changes nothing then.
    torch.optim.lr_scheduler.LRScheduler.
    """

    unsaved: frozenset[str] = frozenset({"optimizer"})
    """The attributes that are no part of the state."""

    spare: frozenset[str] = frozenset({"_is_initial", "_get_lr_called_within_step"})
    """What a saved state may lack."""

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = checked(optimizer)
        self.last_epoch = checks.integer("last_epoch", last_epoch, low=-1)
        self.check()
        optimizer.stepped = bool(optimizer.stepped)  # from now on it notes that it has made a step
        with unchanged_on_error(self):
            self._attach()
            self._get_lr_called_within_step = False  # PyTorch saves it; it is never True between two calls
            self._initial_step()

    def check(self) -> None:
        """Raise TypeError or ValueError where an option is wrong; make the others Python's own numbers."""

    def get_lr(self) -> list[float]:
        """The rate of each group at self.last_epoch."""
        raise NotImplementedError(f"{type(self).__name__} does not define get_lr")

    def _get_closed_form_lr(self) -> list[float]:
        """The same from the initial rates alone, where there is a formula: what step(epoch) sets."""
        return self.get_lr()

    def get_last_lr(self) -> list[float]:
        """The rate of each group after the last step."""
        return list(self._last_lr)

    def step(self, epoch: int | None = None) -> None:
        """Go on by one epoch, after the optimizer's own step; or jump to an epoch, a form that PyTorch deprecates.

        Warns where the optimizer has not made a step yet: the first rate of the schedule is lost then.
        Raises TypeError or ValueError for an epoch that is no integer of at least 0, and ValueError where the groups
        are no longer those that the scheduler began with and its formula needs them; nothing is changed then.
        """
        if self._step_count == 1 and not self.optimizer.stepped:
            message = "scheduler.step() before optimizer.step(): the first learning rate of the schedule is never used"
            warnings.warn(message, UserWarning, stacklevel=2)
        if epoch is not None:
            epoch = checks.integer("epoch", epoch, low=0)
            message = "step(epoch) is deprecated, as in PyTorch: it forgets rates that were changed by hand"
            warnings.warn(message, UserWarning, stacklevel=2)
        with unchanged_on_error(self):
            self._step_count += 1
            self._update_lr(epoch)

    def state_dict(self) -> dict[str, Any]:
        """A copy of everything but the optimizer: numbers, texts and lists of them, under PyTorch's names."""
        return {name: deepcopy(value) for name, value in vars(self).items() if name not in self.unsaved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a copy of a state_dict of this kind of scheduler, ours or PyTorch's; rates are the optimizer's.

        Names that this scheduler does not have are passed over.
        Raises TypeError for values of another type, ValueError for names that are missing or options out of range;
        nothing is changed then.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"state_dict: expected names and values, got {type(state_dict).__name__}")
        own = vars(self).keys() - self.unsaved
        if not own - self.spare <= state_dict.keys():
            needed, given = (", ".join(sorted(map(str, names))) for names in (own - self.spare, state_dict))
            raise ValueError(f"state_dict: expected {needed}, got {given or 'nothing'}")
        loaded = copy(self)
        vars(loaded).update({name: deepcopy(state_dict[name]) for name in own & state_dict.keys()})
        loaded._check_progress()
        loaded.check()
        vars(self).update(vars(loaded))

    def family(self) -> Iterator[LRScheduler]:
        """This scheduler, and all that it is made of."""
        yield self

    def _attach(self) -> None:
        """Note what rate each group starts from."""
        for number, group in enumerate(self.optimizer.param_groups):
            if self.last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f'param_groups[{number}]: expected "initial_lr" with last_epoch {self.last_epoch}, as in the '
                    f"state_dict of an optimizer that had a scheduler, got {', '.join(group)}"
                )
        self.base_lrs = [checks.number("initial_lr", group["initial_lr"]) for group in self.optimizer.param_groups]

    def _initial_step(self) -> None:
        """The step to the first epoch, which the constructor takes."""
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def _update_lr(self, epoch: int | None = None) -> None:
        """Set the rates of the next epoch, or of another one."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._set(self.get_lr() if epoch is None else self._get_closed_form_lr())

    def _set(self, rates: Iterable[float]) -> None:
        rates = [checks.number("learning rate", rate) for rate in rates]
        groups = self.optimizer.param_groups
        if len(rates) != len(groups):
            raise ValueError(f"learning rates: expected {len(groups)}, one for each group, got {len(rates)}")
        for group, rate in zip(groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = rates

    def _rates(self) -> list[float]:
        """The rate of each group as it is now."""
        return [checks.number("lr", group["lr"]) for group in self.optimizer.param_groups]

    def _bases(self) -> list[float]:
        """The initial rate of each group."""
        groups = self.optimizer.param_groups
        if len(groups) != len(self.base_lrs):
            raise ValueError(f"param_groups: expected {len(self.base_lrs)}, as at the beginning, got {len(groups)}")
        return self.base_lrs

    def _check_progress(self) -> None:
        """Raise TypeError or ValueError where what was loaded cannot be how far a scheduler has come."""
        for name in {"last_epoch", "_step_count"} & vars(self).keys():
            setattr(self, name, checks.integer(name, getattr(self, name)))
        for name in {"base_lrs", "_last_lr"} & vars(self).keys():
            setattr(self, name, numbers(name, getattr(self, name)))


@contextmanager
def unchanged_on_error(scheduler: LRScheduler) -> Iterator[None]:
    """All or nothing: after an error, the scheduler and the groups of its optimizer are what they were before.

    Raises ValueError while a training step is captured, in whose replays the schedule would stand still.
    """
    stay_on_device("a step of a schedule")
    kept = [(holder, dict(holder)) for holder in (*scheduler.optimizer.param_groups, *map(vars, scheduler.family()))]
    try:
        yield
    except BaseException:
        for holder, before in kept:
            holder.clear()
            holder.update(before)
        raise


def checked(optimizer: Optimizer) -> Optimizer:
    """The optimizer. Raises TypeError for anything else."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer: expected an optimizer, got {type(optimizer).__name__}")
    return optimizer


def numbers(name: str, values: Any, low: float | None = None) -> list[float]:
    """A list of Python numbers. Raises TypeError where it is none, ValueError where one is below low."""
    if not isinstance(values, list | tuple):
        raise TypeError(f"{name}: expected a list of numbers, got {type(values).__name__}")
    return [checks.number(f"{name}[{place}]", number_of(value), low) for place, value in enumerate(values)]


def for_each_group(name: str, value: Any, optimizer: Optimizer) -> list[float]:
    """A number for each group: one for all, or a list. Raises ValueError for a list of another length."""
    if not isinstance(value, list | tuple):
        return [checks.number(name, value, low=0)] * len(optimizer.param_groups)
    if len(value) != len(optimizer.param_groups):
        raise ValueError(f"{name}: expected {len(optimizer.param_groups)}, one for each group, got {len(value)}")
    return numbers(name, value, low=0)
