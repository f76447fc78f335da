"""What may happen between two steps: saving, and stopping early."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any

from numpy_nn import checkpoint
from numpy_nn.functional import checks

if TYPE_CHECKING:
    from numpy_nn.training.trainer import Trainer


class Callback:
    """Something to do after every update of the parameters, or after every epoch. Setting trainer.stop ends the run."""

    def after_step(self, trainer: Trainer) -> None:
        """Called when the optimizer has made a step."""

    def after_epoch(self, trainer: Trainer) -> None:
        """Called when an epoch is over and stands in trainer.history."""


class Checkpoints(Callback):
    """Saves the whole run to one file: after every epoch, and every so many batches.

    path: ends in .pth, .pt, .npz or .safetensors; at any moment it holds a whole checkpoint or the one before.
    every: the number of batches between two checkpoints within an epoch; None for none.  extra: what to save beside
    the run, under names of its own.  save: what writes (state, path).
    Raises NonFiniteError instead of overwriting a good checkpoint with parameters that are nan or infinite, OSError,
    naming the last good checkpoint, where the disk takes no other, ValueError for an every below 1.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        every: int | None = None,
        extra: Mapping[str, Any] | None = None,
        save: Callable[[Any, str | os.PathLike[str]], None] = checkpoint.save,
    ) -> None:
        self.path = path
        self.write = save
        self.every = every if every is None else checks.integer("every", every, low=1)
        self.extra = dict(extra or {})

    def after_step(self, trainer: Trainer) -> None:
        """Save where it is time to; after an epoch's last batch, after_epoch will."""
        if self.every is not None and trainer.step % self.every == 0 and not trainer.at_end:
            self.save(trainer)

    def after_epoch(self, trainer: Trainer) -> None:
        """Save."""
        self.save(trainer)

    def save(self, trainer: Trainer) -> None:
        """Write the run as it stands now."""
        trainer.check_finite()
        try:
            self.write({**trainer.state_dict(), **self.extra}, self.path)
        except OSError as error:
            raise OSError(f"{self.path}: cannot be written: {error.strerror or error}{trainer.last_good}") from error
        trainer.last_good = f"; last good checkpoint: {self.path} ({trainer.place})"


class EarlyStopping(Callback):
    """Stops when a number in the history has not improved for so many epochs; the lower the better.

    patience: how many epochs may pass without a new best.  monitor: a key of the history's records.  min_delta: by how
    much a new best must be lower.
    Raises ValueError for a patience below 1, and where the history has no such number.
    """

    def __init__(self, patience: int, monitor: str = "validation_loss", min_delta: float = 0.0) -> None:
        self.patience = checks.integer("patience", patience, low=1)
        self.monitor = monitor
        self.min_delta = checks.number("min_delta", min_delta, low=0)

    def after_epoch(self, trainer: Trainer) -> None:
        """Look back over the whole history, which a checkpoint keeps; so nothing else needs to be saved."""
        best, since, number = inf, 0, 0
        for record in trainer.history:
            value = record.get(self.monitor)
            if value is None:
                raise ValueError(f"monitor: expected one of {', '.join(record)} with a number, got {self.monitor!r}")
            better = value < best - self.min_delta
            best, since, number = (value, 0, record["number"]) if better else (best, since + 1, number)
        if since >= self.patience:
            trainer.stop = f"{self.monitor} was lowest, {best:.6g}, in epoch {number}"
