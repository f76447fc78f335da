"""The loop: forward, loss, backward, update; epoch after epoch, to be stopped and taken up again anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from operator import length_hint
from time import perf_counter
from typing import Any

from numpy_nn import metrics, progress, random
from numpy_nn.backend import Array, as_array, item
from numpy_nn.functional import checks
from numpy_nn.modules import Module
from numpy_nn.modules.layer import Layer
from numpy_nn.optim import Optimizer, clip_grad_norm_
from numpy_nn.optim.lr_scheduler import ReduceLROnPlateau
from numpy_nn.training.callbacks import Callback
from numpy_nn.training.evaluation import scores
from numpy_nn.training.nonfinite import NonFiniteError, first_parameter
from numpy_nn.training.position import Position
from numpy_nn.training.step import add_gradients

PARTS = ("model", "optimizer", "scheduler", "epoch", "step", "loss", "history", "random")
"""What a run's state_dict is made of."""

VALIDATION_BATCH = 1024
"""How many samples of the validation set go through the model at once."""


@dataclass(frozen=True)
class Epoch:
    """What one pass over the data gave.

    number: from 1.  loss: the mean of its steps.  steps: how many batches.  seconds: in this run.  lr: the first
    group's learning rate in the last step.  validation_loss, validation_accuracy: None without a validation set; the
    accuracy only where targets are classes.
    """

    number: int
    loss: float
    steps: int
    seconds: float
    lr: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None

    def record(self) -> dict[str, Any]:
        """The epoch as plain data, without the seconds, which no two runs share."""
        return {name: value for name, value in asdict(self).items() if name != "seconds"}


class Trainer:
    """A training run: a model, what it learns from and how, and where the run stands.

    loader: gives batches [x, target] anew for every epoch.  criterion: a loss layer.
    scheduler: a learning-rate scheduler, stepped after every "epoch" or every "step" (schedule_per); ReduceLROnPlateau
    gets the validation loss, or the training loss where there is no validation set.
    max_norm: gradients are clipped to this norm before every update.
    accumulate: how many batches share an update; the gradient is the mean of theirs, as if each were of equal size.
    validation: x and target, looked at after every epoch.  callbacks: see `Callback`.  bar: show progress.

    state_dict() holds everything that the run depends on: saved, loaded into a trainer made alike and continued, it
    gives the same bits as a run that was never interrupted. `epoch` counts the epochs that are over, `step` the batches
    of the one under way, `history` has a record for each epoch; `stop`, once set, ends the run and says why (after the
    last batch of an epoch, the epoch is closed first).
    Raises ValueError for options out of range, TypeError for options of another type.
    """

    def __init__(
        self,
        model: Module,
        loader: Iterable[list[Array]],
        optimizer: Optimizer,
        criterion: Layer,
        *,
        scheduler: Any = None,
        schedule_per: str = "epoch",
        max_norm: float | None = None,
        accumulate: int = 1,
        validation: tuple[Array, Array] | None = None,
        callbacks: Iterable[Callback] = (),
        bar: bool = False,
    ) -> None:
        checks.option("schedule_per", schedule_per, "epoch", "step")
        self.model, self.loader, self.optimizer, self.criterion = model, loader, optimizer, criterion
        self.scheduler, self.schedule_per = scheduler, schedule_per
        self.max_norm = max_norm if max_norm is None else checks.number("max_norm", max_norm, low=0)
        self.accumulate = checks.integer("accumulate", accumulate, low=1)
        self.validation = validation
        self.callbacks = list(callbacks)
        self.bar = bar
        self.epoch, self.step = 0, 0
        self.history: list[dict[str, Any]] = []
        self.stop: str | None = None
        self.last_good = "; no checkpoint has been saved"
        self._total = 0.0
        self._between = True  # two updates: not in the middle of one, where an error may have left the run
        self._start = Position.now(loader)

    @property
    def place(self) -> str:
        """Where the run stands, in words: the epoch under way and its last step, or the epoch that has just ended."""
        return f"epoch {self.epoch + 1}, step {self.step}" if self.step else f"end of epoch {self.epoch}"

    @property
    def at_end(self) -> bool:
        """Whether the epoch under way has had its last batch; False where the loader does not know how many it has."""
        return self.step == length_hint(self.loader, -1)

    def fit(self, epochs: int) -> Iterator[Epoch]:
        """Train until so many epochs are over, those before a checkpoint counted, and hand back each as it ends.

        Raises NonFiniteError, naming epoch, step, place and last good checkpoint, when a loss or a parameter becomes
        nan or infinite, ValueError for no epochs, a loader without batches or an optimizer of nothing that learns here,
        TypeError for batches of another form, RuntimeError where an error ended it in the middle of an update before.
        """
        checks.integer("epochs", epochs, low=1)
        self._check_between()
        self._check_learning()
        self.stop = None
        while self.epoch < epochs and self.stop is None:
            if epoch := self._pass():
                yield epoch

    def _pass(self) -> Epoch | None:
        """The rest of the epoch under way; None where it was stopped."""
        self.model.train()
        start, waiting = perf_counter(), 0
        with self._bar() as advance:
            for batch in self._batches():
                self.step += 1
                if not isinstance(batch, list | tuple) or len(batch) != 2:
                    raise TypeError(
                        f"loader: expected batches [x, target], got {type(batch).__name__} in step {self.step}"
                    )
                if not waiting:
                    self.optimizer.zero_grad()
                self._between = False
                loss = self._gradients(*batch)
                self._total += loss
                waiting = (waiting + 1) % self.accumulate
                advance(note=f"loss {loss:.4f}")
                if not waiting:
                    self._update()
                    if self.stop is not None and not self.at_end:
                        return None
        if not self.step:
            raise ValueError("loader: expected at least one batch, got none")
        if waiting:
            self._update()
        return self._finished(perf_counter() - start)

    def _bar(self) -> AbstractContextManager[Callable[..., None]]:
        """A bar over the steps of an epoch, or nothing of the kind."""
        if not self.bar:
            return nullcontext(lambda n=1, note="": None)
        length = length_hint(self.loader, -1)  # a DataLoader has __len__, and yet may not know: TypeError
        return progress.bar(f"epoch {self.epoch + 1}", None if length < 0 else length, "steps")

    def _batches(self) -> Iterator[list[Array]]:
        """The batches still to come; where some have been, they are drawn again and passed over."""
        if not self.step:
            self._start, self._total = Position.now(self.loader), 0.0
            yield from self.loader
            return
        stream = random.get_rng_state()
        self._start.restore(self.loader)
        batches = iter(self.loader)
        for number in range(self.step):
            if next(batches, None) is None:
                raise ValueError(f"loader: expected the {self.step} batches that have been, got {number}")
        random.set_rng_state(stream)
        yield from batches

    def _gradients(self, x: Array, target: Array) -> float:
        try:
            return add_gradients(self.model, x, target, self.criterion, 1 / self.accumulate)
        except NonFiniteError as error:
            raise NonFiniteError(f"epoch {self.epoch + 1}, step {self.step}: {error}{self.last_good}") from None

    def _update(self) -> None:
        """One step of the optimizer, of a schedule by steps, and the callbacks."""
        if self.max_norm is not None:
            clip_grad_norm_(self.model.parameters(), self.max_norm)
        self.optimizer.step()
        if self.scheduler is not None and self.schedule_per == "step":
            self.scheduler.step()
        self._between = True
        for callback in self.callbacks:
            callback.after_step(self)

    def _finished(self, seconds: float) -> Epoch:
        """Close the epoch: look at the validation set, step the schedule, keep the record, call the callbacks."""
        self.check_finite()
        steps, loss = self.step, self._total / self.step
        lr = float(self.optimizer.param_groups[0]["lr"])
        epoch = Epoch(self.epoch + 1, loss, steps, seconds, lr, *self._validated())
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(loss if epoch.validation_loss is None else epoch.validation_loss)
        elif self.scheduler is not None and self.schedule_per == "epoch":
            self.scheduler.step()
        self.epoch, self.step = self.epoch + 1, 0
        self.history.append(epoch.record())
        for callback in self.callbacks:
            callback.after_epoch(self)
        return epoch

    def _check_between(self) -> None:
        if not self._between:
            raise RuntimeError(
                f"{self.place}: an error ended the run in the middle of an update, and what it is left with is neither "
                f"what was before nor what comes after; load a checkpoint{self.last_good}"
            )

    def _check_learning(self) -> None:
        """Raise ValueError where no parameter of the optimizer is one of the model, or the criterion, that learns."""
        everyone = [*self.model.parameters(), *self.criterion.parameters()]
        learning = {id(parameter) for parameter in everyone if parameter.requires_grad}
        held = [id(parameter) for group in self.optimizer.param_groups for parameter in group["params"]]
        if learning.isdisjoint(held):
            raise ValueError(
                f"optimizer: expected parameters of the model that learn, got none among {len(held)}; the model has "
                f"{len(learning)} that learn and {len(everyone) - len(learning)} with requires_grad=False. Freeze, and "
                "replace layers, before you make the optimizer"
            )

    def check_finite(self) -> None:
        """Raise NonFiniteError where a parameter holds nan or infinity."""
        if place := first_parameter(self.model):
            raise NonFiniteError(f"{self.place}: the loss is finite{place}{self.last_good}")

    def _validated(self) -> tuple[float | None, float | None]:
        """Loss and accuracy on the validation set."""
        if self.validation is None:
            return None, None
        x, target = self.validation
        outputs = scores(self.model, x, VALIDATION_BATCH)
        loss: float = item(self.criterion(outputs, target))
        return loss, metrics.accuracy(outputs, target) if target.dtype.kind in "iu" else None

    def state_dict(self) -> dict[str, Any]:
        """The run as it stands. Arrays are the run's own, not copies.

        Raises RuntimeError where an error ended the run in the middle of an update.
        """
        self._check_between()
        start = self._start if self.step else Position.now(self.loader)
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
            "epoch": self.epoch,
            "step": self.step,
            "loss": self._total if self.step else 0.0,
            "history": [dict(record) for record in self.history],
            "random": {"now": random.get_rng_state(), **start.state_dict()},
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Stand where a saved run stood, ours or the twin's; names it does not know are passed over.

        Raises ValueError where a part is missing or does not fit.
        """
        missing = [name for name in PARTS if name not in state_dict]
        if missing:
            raise ValueError(f"state_dict: expected a training run, got one without {', '.join(missing)}")
        if (self.scheduler is None) != (state_dict["scheduler"] is None):
            raise ValueError("state_dict: expected a scheduler in both the run and the checkpoint, or in neither")
        self._start = Position.from_state_dict(state_dict["random"], self.loader)
        self.model.load_state_dict(state_dict["model"])
        self.optimizer.load_state_dict(state_dict["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state_dict["scheduler"])
        self.epoch, self.step = int(state_dict["epoch"]), int(state_dict["step"])
        self._total = float(state_dict["loss"])
        self.history = [dict(record) for record in state_dict["history"]]
        self._start.restore(self.loader)
        random.set_rng_state(as_array(state_dict["random"]["now"]))
        self._between = True


def fit(
    model: Module,
    loader: Iterable[list[Array]],
    optimizer: Optimizer,
    criterion: Layer,
    epochs: int,
    **options: Any,
) -> Iterator[Epoch]:
    """Train a model, and hand back the account of every epoch as it ends: a `Trainer` in one call, with its options."""
    return Trainer(model, loader, optimizer, criterion, **options).fit(epochs)
