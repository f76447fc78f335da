"""The training loop of every PyTorch tutorial, to be stopped and taken up again anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from operator import length_hint
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import DataLoader

VALIDATION_BATCH = 256
"""How many samples of the validation set go through the model at once."""


@dataclass(frozen=True)
class Epoch:
    """What one pass over the data gave; see numpy_nn.training.Epoch."""

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
    """A training run, with the options and the state_dict of numpy_nn.training.Trainer; a checkpoint of one continues
    in the other. Of callbacks, after_step and after_epoch are called with the trainer; setting `stop` ends the run."""

    def __init__(
        self,
        model: nn.Module,
        loader: DataLoader[Any],
        optimizer: torch.optim.Optimizer,
        criterion: nn.Module,
        *,
        scheduler: Any = None,
        schedule_per: str = "epoch",
        max_norm: float | None = None,
        accumulate: int = 1,
        validation: tuple[Tensor, Tensor] | None = None,
        callbacks: Iterable[Any] = (),
    ) -> None:
        self.model, self.loader, self.optimizer, self.criterion = model, loader, optimizer, criterion
        self.scheduler, self.schedule_per = scheduler, schedule_per
        self.max_norm, self.accumulate, self.validation = max_norm, accumulate, validation
        self.callbacks = list(callbacks)
        self.epoch, self.step, self.total = 0, 0, 0.0
        self.history: list[dict[str, Any]] = []
        self.stop: str | None = None
        self.last_good = "; no checkpoint has been saved"
        self.start = _streams(loader)

    @property
    def place(self) -> str:
        """Where the run stands, in words."""
        return f"epoch {self.epoch + 1}, step {self.step}" if self.step else f"end of epoch {self.epoch}"

    @property
    def at_end(self) -> bool:
        """Whether the epoch under way has had its last batch; False where the loader does not know how many it has."""
        return self.step == length_hint(self.loader, -1)

    def fit(self, epochs: int) -> Iterator[Epoch]:
        """Train until so many epochs are over, and hand back each as it ends."""
        self.stop = None
        while self.epoch < epochs and self.stop is None:
            if epoch := self._pass():
                yield epoch

    def _pass(self) -> Epoch | None:
        self.model.train()
        begin, waiting = perf_counter(), 0
        for x, target in self._batches():
            self.step += 1
            if not waiting:
                self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), target)
            if not loss.isfinite():
                raise ValueError(f"epoch {self.epoch + 1}, step {self.step}: the loss is {loss.item()}{self.last_good}")
            (loss / self.accumulate).backward()
            self.total += loss.item()
            waiting = (waiting + 1) % self.accumulate
            if not waiting:
                self._update()
                if self.stop is not None and not self.at_end:
                    return None
        if waiting:
            self._update()
        return self._finished(perf_counter() - begin)

    def _batches(self) -> Iterator[list[Tensor]]:
        """The batches still to come; where some have been, they are drawn again and passed over."""
        if not self.step:
            self.start, self.total = _streams(self.loader), 0.0
            yield from self.loader
            return
        stream = torch.get_rng_state()
        _put_back(self.start, self.loader)
        batches = iter(self.loader)
        for _ in range(self.step):
            next(batches)
        torch.set_rng_state(stream)
        yield from batches

    def _update(self) -> None:
        if self.max_norm is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.max_norm)
        self.optimizer.step()
        if self.scheduler is not None and self.schedule_per == "step":
            self.scheduler.step()
        for callback in self.callbacks:
            callback.after_step(self)

    def _finished(self, seconds: float) -> Epoch:
        steps, loss, lr = self.step, self.total / self.step, float(self.optimizer.param_groups[0]["lr"])
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

    def check_finite(self) -> None:
        """Raise ValueError where a parameter holds nan or infinity."""
        for name, parameter in self.model.named_parameters():
            if not parameter.isfinite().all():
                raise ValueError(f"{self.place}: {name} is not finite{self.last_good}")

    def _validated(self) -> tuple[float | None, float | None]:
        if self.validation is None:
            return None, None
        x, target = self.validation
        outputs = scores(self.model, x, VALIDATION_BATCH)
        with torch.no_grad():
            loss = self.criterion(outputs, target).item()
        if target.is_floating_point():
            return loss, None
        return loss, (outputs.argmax(dim=-1) == target).sum().item() / len(target)

    def state_dict(self) -> dict[str, Any]:
        """The run as it stands."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
            "epoch": self.epoch,
            "step": self.step,
            "loss": self.total if self.step else 0.0,
            "history": [dict(record) for record in self.history],
            "random": {"now": torch.get_rng_state(), **(self.start if self.step else _streams(self.loader))},
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Stand where a saved run stood."""
        self.model.load_state_dict(state_dict["model"])
        self.optimizer.load_state_dict(state_dict["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state_dict["scheduler"])
        self.epoch, self.step, self.total = state_dict["epoch"], state_dict["step"], state_dict["loss"]
        self.history = [dict(record) for record in state_dict["history"]]
        self.start = {name: state_dict["random"][name] for name in ("start", "generators")}
        _put_back(self.start, self.loader)
        torch.set_rng_state(state_dict["random"]["now"])


def fit(
    model: nn.Module,
    loader: DataLoader[Any],
    optimizer: torch.optim.Optimizer,
    criterion: nn.Module,
    epochs: int,
    **options: Any,
) -> Iterator[Epoch]:
    """Train a model, and hand back the account of every epoch as it ends."""
    return Trainer(model, loader, optimizer, criterion, **options).fit(epochs)


def train_step(
    model: nn.Module, x: Tensor, target: Tensor, optimizer: torch.optim.Optimizer, criterion: nn.Module
) -> float:
    """Forward, loss, backward, update; returns the loss before the update."""
    optimizer.zero_grad()
    loss = criterion(model(x), target)
    loss.backward()
    optimizer.step()
    return loss.item()


def scores(model: nn.Module, x: Tensor, batch_size: int | None = None) -> Tensor:
    """The model's output in evaluation mode, batch by batch; the model's mode is put back afterwards."""
    mode = model.training
    model.eval()
    with torch.no_grad():
        outputs = torch.cat([model(batch) for batch in x.split(batch_size or max(1, len(x)))])
    model.train(mode)
    return outputs


def predict(model: nn.Module, x: Tensor) -> Tensor:
    """The most likely class of every sample."""
    return scores(model, x).argmax(dim=-1)


def evaluate(model: nn.Module, x: Tensor, target: Tensor) -> float:
    """The share of samples whose predicted class is the target."""
    return (predict(model, x) == target).sum().item() / len(target)


def _streams(loader: Any) -> dict[str, Any]:
    """Where the default stream and the loader's own generators stand."""
    return {"start": torch.get_rng_state(), "generators": [generator.get_state() for generator in _generators(loader)]}


def _put_back(states: dict[str, Any], loader: Any) -> None:
    torch.set_rng_state(states["start"])
    for generator, state in zip(_generators(loader), states["generators"], strict=True):
        generator.set_state(state)


def _generators(loader: Any) -> list[torch.Generator]:
    """What a loader, its samplers, its dataset, and theirs in turn have under the name of generator, each once."""
    owners = [loader]
    for owner in owners:  # the list grows as it is walked
        parts = (getattr(owner, name, None) for name in ("sampler", "batch_sampler", "dataset"))
        owners += [part for part in parts if part is not None and not any(part is known for known in owners)]
    found = [getattr(owner, "generator", None) for owner in owners]
    return list({id(generator): generator for generator in found if isinstance(generator, torch.Generator)}.values())
