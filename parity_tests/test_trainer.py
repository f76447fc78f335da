"""A run with everything it may have is PyTorch's, step by step, and goes on after a stop as if it had not stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import torch_nn
from numpy_nn import checkpoint, data, optim, progress, training
from numpy_nn.backend import device_of, to_device
from numpy_nn.training import Callback, Checkpoints, EarlyStopping, NonFiniteError, Trainer
from numpy_nn.training.nonfinite import origin
from parity_tests.lockstep import FLOAT64_BOUND, difference

N, FEATURES, CLASSES, BATCH = 70, 5, 3, 8
EPOCHS, STEPS = 3, 9  # 70 samples are 8 batches of 8 and one of 6


def problem(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points of three classes that overlap."""
    random = np.random.default_rng(seed)
    target = random.integers(0, CLASSES, N)
    return random.standard_normal((N, FEATURES)) + np.eye(CLASSES, FEATURES)[target], target


OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "clipped": {"max_norm": 0.3},
    "accumulated": {"accumulate": 4, "max_norm": 0.3},
    "validated": {"validation": problem(1)},
}
SCHEDULES: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "constant": (lambda library, optimizer: None, "epoch"),
    "cosine": (lambda library, optimizer: library.CosineAnnealingLR(optimizer, EPOCHS), "epoch"),
    "one-cycle": (lambda library, optimizer: library.OneCycleLR(optimizer, 0.1, total_steps=EPOCHS * STEPS), "step"),
    "plateau": (lambda library, optimizer: library.ReduceLROnPlateau(optimizer, patience=0), "epoch"),
}


def by_hand(schedule: str = "constant", own: bool = False, seed: int = 3, **options: Any) -> Trainer:
    """SimpleNet with dropout, from its seed. own: the loader shuffles with a generator of its own."""
    nn.manual_seed(seed)
    model = nn.SimpleNet(FEATURES, 8, CLASSES, 0.3, dtype=np.float64)
    generator = nn.Generator(seed) if own else None
    loader = data.DataLoader(data.TensorDataset(*problem()), BATCH, shuffle=True, generator=generator)
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    make, per = SCHEDULES[schedule]
    scheduler = make(optim.lr_scheduler, optimizer)
    return Trainer(model, loader, optimizer, nn.CrossEntropyLoss(), scheduler=scheduler, schedule_per=per, **options)


def in_torch(schedule: str = "constant", own: bool = False, seed: int = 3, **options: Any) -> torch_nn.training.Trainer:
    """The same as a PyTorch user writes it."""
    torch.manual_seed(seed)
    model = torch_nn.SimpleNet(FEATURES, 8, CLASSES, 0.3, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed) if own else None
    dataset = torch.utils.data.TensorDataset(*map(torch.from_numpy, problem()))
    loader = torch.utils.data.DataLoader(dataset, BATCH, shuffle=True, generator=generator)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    make, per = SCHEDULES[schedule]
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    if "validation" in options:
        options["validation"] = tuple(map(torch.from_numpy, options["validation"]))
    return torch_nn.training.Trainer(
        model, loader, optimizer, torch.nn.CrossEntropyLoss(), scheduler=scheduler, schedule_per=per, **options
    )


class Recorder(Callback):
    """Keeps the parameters after every update, and stops the run after so many."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.steps: list[dict[str, Any]] = []
        self.stop_after = stop_after

    def after_step(self, trainer: Any) -> None:
        self.steps.append({name: np.asarray(value).copy() for name, value in trainer.model.state_dict().items()})
        if len(self.steps) == self.stop_after:
            trainer.stop = "asked to"

    def after_epoch(self, trainer: Any) -> None:
        """Nothing."""


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_update_and_every_record_is_pytorchs(schedule: str, options: str) -> None:
    ours, theirs = Recorder(), Recorder()
    mine = by_hand(schedule, callbacks=[ours], **OPTIONS[options])
    twin = in_torch(schedule, callbacks=[theirs], **OPTIONS[options])
    list(mine.fit(EPOCHS)), list(twin.fit(EPOCHS))
    updates = -(-STEPS // OPTIONS[options].get("accumulate", 1))
    assert len(ours.steps) == len(theirs.steps) == EPOCHS * updates
    for step, (here, there) in enumerate(zip(ours.steps, theirs.steps, strict=True)):
        assert max(np.abs(here[name] - there[name]).max() for name in here) <= FLOAT64_BOUND, f"update {step}"
    assert len(mine.history) == EPOCHS
    for record, expected in zip(mine.history, twin.history, strict=True):
        assert record.keys() == expected.keys()
        for name, value in record.items():
            if value is None:
                assert expected[name] is None
            else:
                assert abs(value - expected[name]) <= FLOAT64_BOUND, name
    assert (mine.history[0]["validation_accuracy"] is None) == (options != "validated")


def test_a_plateau_is_one_of_the_validation_loss_where_there_is_one() -> None:
    """Where the classes are mixed up, the validation loss rises while the training loss falls."""
    x, target = problem()
    mixed_up = x, (target + 1) % CLASSES
    rates = [
        [epoch.lr for epoch in by_hand("plateau", validation=validation).fit(EPOCHS)] for validation in (mixed_up, None)
    ]
    assert rates[0] == [0.02, 0.02, 0.002]
    assert rates[1] == [0.02, 0.02, 0.02]


def test_accumulated_batches_are_one_large_batch() -> None:
    """Four batches of 2 with a shared update move the parameters as one batch of 8 does."""
    x, target = problem()
    ends = []
    for size, accumulate in ((8, 1), (2, 4)):
        nn.manual_seed(0)
        model = nn.SimpleNet(FEATURES, 8, CLASSES, dtype=np.float64)
        loader = data.DataLoader(data.TensorDataset(x[:64], target[:64]), size)
        optimizer = optim.SGD(model.parameters(), lr=0.5)
        list(training.fit(model, loader, optimizer, nn.CrossEntropyLoss(), 2, accumulate=accumulate))
        ends.append(model.state_dict())
    assert max(np.abs(ends[0][name] - ends[1][name]).max() for name in ends[0]) <= 1e-14


def same(one: Any, other: Any) -> bool:
    """Equal in structure and in every bit."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return one == other


@pytest.mark.parametrize("own", [False, True], ids=["default stream", "own generator"])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("stop_after", [1, 5, STEPS - 1, STEPS, STEPS + 4, 2 * STEPS])
def test_a_resumed_run_ends_bit_for_bit_as_one_that_was_not_stopped(
    stop_after: int, schedule: str, own: bool, tmp_path: Path
) -> None:
    """Model, optimizer, schedule, history, random streams and the place in the epoch."""
    whole = by_hand(schedule, own, validation=problem(1))
    list(whole.fit(EPOCHS))
    expected = whole.state_dict()

    stopped = by_hand(schedule, own, validation=problem(1), callbacks=[Recorder(stop_after)])
    list(stopped.fit(EPOCHS))
    ending = (".pth", ".npz", ".safetensors")[stop_after % 3]
    checkpoint.save(stopped.state_dict(), tmp_path / f"run{ending}")

    resumed = by_hand(schedule, own, seed=99, validation=problem(1))
    nn.random.rand(3)
    resumed.load_state_dict(checkpoint.load(tmp_path / f"run{ending}"))
    assert (resumed.epoch * STEPS + resumed.step) == stop_after
    list(resumed.fit(EPOCHS))
    assert same(resumed.state_dict(), expected)


class Shuffled:
    """A loader or a batch sampler of one's own, with a generator of its own: batches of places, or of their samples."""

    def __init__(self, generator: nn.Generator, *, samples: bool) -> None:
        self.generator, self.samples = generator, samples

    def __iter__(self) -> Iterator[list[Any]]:
        for places in nn.random.randperm(N, generator=self.generator).reshape(STEPS - 2, -1):
            yield [array[places] for array in problem()] if self.samples else places.tolist()


class Noisy:
    """A dataset that draws noise for every sample from a generator of its own."""

    def __init__(self, generator: nn.Generator) -> None:
        self.generator = generator
        self.x, self.target = problem()

    def __len__(self) -> int:
        return N

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.x[index] + nn.random.normal(FEATURES, dtype=np.float64, generator=self.generator), self.target[
            index
        ]


def shuffled_by(owner: str, seed: int) -> Any:
    """A loader that shuffles with the generator of one of its parts, and of no other."""
    generator, dataset = nn.Generator(seed), data.TensorDataset(*problem())
    if owner == "loader":
        return Shuffled(generator, samples=True)
    if owner == "sampler":
        return data.DataLoader(dataset, BATCH, sampler=data.RandomSampler(dataset, generator=generator))
    if owner == "sampler of batches":
        whole = [[array[start : start + BATCH] for array in problem()] for start in range(0, N, BATCH)]
        return data.DataLoader(whole, batch_size=None, sampler=data.RandomSampler(whole, generator=generator))
    if owner == "batch sampler":
        return data.DataLoader(dataset, batch_sampler=Shuffled(generator, samples=False))
    if owner == "dataset":
        return data.DataLoader(Noisy(generator), BATCH)
    sampler = data.RandomSampler(dataset, generator=generator)
    return data.DataLoader(dataset, batch_sampler=data.BatchSampler(sampler, BATCH, drop_last=False))


OWNERS = ["loader", "sampler", "sampler of batches", "batch sampler", "sampler of the batch sampler", "dataset"]


@pytest.mark.parametrize("owner", OWNERS)
def test_a_run_goes_on_whichever_part_of_the_loader_owns_the_generator(owner: str) -> None:
    def run(seed: int, **options: Any) -> Trainer:
        trainer = by_hand(**options)
        trainer.loader = shuffled_by(owner, seed)
        return trainer

    whole = run(5)
    list(whole.fit(2))
    expected = deepcopy(whole.state_dict())
    stopped = run(5, callbacks=[Recorder(4)])
    list(stopped.fit(2))
    state = deepcopy(stopped.state_dict())
    resumed = run(99)
    resumed.load_state_dict(state)
    list(resumed.fit(2))
    assert len(expected["random"]["generators"]) == 1
    assert same(resumed.state_dict(), expected)


def test_a_loader_that_does_not_know_its_length_trains_and_is_saved_all_the_same(tmp_path: Path, monkeypatch) -> None:
    """Of the two, the DataLoader has a length, but asking for it is a TypeError."""
    bars: list[tuple[Any, ...]] = []

    @contextmanager
    def bar(*told: Any) -> Iterator[Callable[..., None]]:
        bars.append(told)
        yield lambda n=1, note="": bars.append((n, note))

    monkeypatch.setattr(progress, "bar", bar)
    for owner in ("loader", "batch sampler"):
        saves: list[str] = []
        writer = Checkpoints(tmp_path / "run.pth", every=3, save=lambda state, path, to=saves: to.append(state["step"]))
        trainer = by_hand(callbacks=[writer], bar=True)
        trainer.loader = shuffled_by(owner, 5)
        (epoch,) = trainer.fit(1)
        assert saves == [3, 6, 0]
        assert bars[0] == ("epoch 1", None, "steps")
        assert len(bars) == 1 + epoch.steps
        bars.clear()
    list(by_hand(bar=True).fit(1))
    assert bars[0] == ("epoch 1", STEPS, "steps")
    assert all(n == 1 and note.startswith("loss ") for n, note in bars[1:])


def test_what_an_error_left_in_the_middle_of_an_update_is_neither_saved_nor_continued() -> None:
    class Interrupted(optim.SGD):
        """Fails in its third step."""

        steps = 0

        def step(self) -> None:
            self.steps += 1
            if self.steps == 3:
                raise KeyboardInterrupt
            super().step()

    trainer, saved = by_hand(), []
    trainer.optimizer = Interrupted(trainer.model.parameters(), lr=0.1)
    trainer.callbacks = [Checkpoints("run.pth", every=1, save=lambda state, path: saved.append(deepcopy(state)))]
    with pytest.raises(KeyboardInterrupt):
        list(trainer.fit(1))
    for use in (trainer.state_dict, lambda: list(trainer.fit(1))):
        with pytest.raises(
            RuntimeError, match=r"^epoch 1, step 3: .* in the middle of an update, .* \(epoch 1, step 2\)$"
        ):
            use()
    trainer.load_state_dict(saved[-1])
    assert len(list(trainer.fit(1))) == 1


def test_a_state_of_the_twin_need_not_go_through_a_file() -> None:
    """Its tensors become arrays, and nothing of the state is shared."""
    theirs = in_torch(own=True, callbacks=[Recorder(4)])
    list(theirs.fit(1))
    state = theirs.state_dict()
    ours = by_hand(own=True, seed=50)
    ours.load_state_dict(state)
    random = ours.state_dict()["random"]
    assert all(isinstance(stream, np.ndarray) for stream in (random["start"], *random["generators"]))
    list(ours.fit(1)), list(theirs.fit(1))
    twins = theirs.model.state_dict()
    assert all(
        np.abs(array - twins[key].numpy()).max() <= FLOAT64_BOUND for key, array in ours.model.state_dict().items()
    )
    state = ours.state_dict()
    other = by_hand(own=True)
    other.load_state_dict(state)
    other.history[0]["loss"] = 0.0
    assert ours.history[0]["loss"] == state["history"][0]["loss"] != 0


def test_a_stopped_run_goes_on_where_it_stands() -> None:
    whole, stopped = by_hand(), by_hand(callbacks=[Recorder(12)])
    list(whole.fit(EPOCHS))
    expected = whole.state_dict()
    nn.manual_seed(3)
    stopped = by_hand(callbacks=[Recorder(12)])
    assert len(list(stopped.fit(EPOCHS))) == 1
    assert stopped.place == "epoch 2, step 3"
    assert len(list(stopped.fit(EPOCHS))) == 2
    assert same(stopped.state_dict(), expected)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("stop_after", [4, STEPS, STEPS + 7])
def test_a_checkpoint_of_one_library_continues_in_the_other_on_the_same_trajectory(
    stop_after: int, schedule: str, tmp_path: Path
) -> None:
    """By hand, saved, in PyTorch, saved, and by hand again: all the way beside PyTorch alone."""
    expected = Recorder()
    list(in_torch(schedule, callbacks=[expected]).fit(EPOCHS))

    first = by_hand(schedule, callbacks=[Recorder(stop_after)])
    list(first.fit(EPOCHS))
    checkpoint.save(first.state_dict(), tmp_path / "first.pth")

    middle = Recorder(5)
    second = in_torch(schedule, seed=50, callbacks=[middle])
    second.load_state_dict(torch.load(tmp_path / "first.pth", weights_only=True))
    list(second.fit(EPOCHS))
    torch.save(second.state_dict(), tmp_path / "second.pth")

    last = Recorder()
    third = by_hand(schedule, seed=60, callbacks=[last])
    third.load_state_dict(checkpoint.load(tmp_path / "second.pth"))
    list(third.fit(EPOCHS))

    run = first.callbacks[0].steps + middle.steps + last.steps
    assert len(run) == len(expected.steps)
    for step, (here, there) in enumerate(zip(run, expected.steps, strict=True)):
        assert max(np.abs(here[name] - there[name]).max() for name in here) <= FLOAT64_BOUND, f"update {step}"


def test_a_run_is_the_same_on_a_device_that_converts_nothing(device: str) -> None:
    """With everything a run may have."""
    records = []
    for place in (device, "strict"):
        trainer = by_hand("one-cycle", max_norm=0.3, accumulate=2)
        trainer.model.to(place)
        trainer.validation = tuple(to_device(array, place) for array in problem(1))
        dataset = data.TensorDataset(*(to_device(array, place) for array in problem()))
        trainer.loader = data.DataLoader(dataset, BATCH, shuffle=True)
        with nn.use_kernels("textbook"):
            records.append([list(epoch.record().values()) for epoch in trainer.fit(2)])
        assert {device_of(array) for array in trainer.state_dict()["model"].values()} == {place}
    assert np.abs(np.array(records[0]) - np.array(records[1])).max() <= (0.0 if device == "cpu" else FLOAT64_BOUND)


def test_two_seeds_are_far_apart() -> None:
    """The comparisons above can fail."""
    one, other = by_hand(seed=3), in_torch(seed=4)
    list(one.fit(1)), list(other.fit(1))
    assert difference(one.model.state_dict(), other.model.state_dict()) > 1e-3


def test_a_checkpoint_is_written_after_every_epoch_and_every_so_many_batches(tmp_path: Path) -> None:
    path, seen = tmp_path / "run.pth", []

    class Reader(Callback):
        def after_step(self, trainer: Trainer) -> None:
            if path.exists():
                state = checkpoint.load(path)
                seen.append((trainer.epoch, trainer.step, state["epoch"], state["step"]))

    writes: list[int] = []
    counted = Checkpoints(path, every=3, save=lambda state, path: writes.append(state["step"]))
    list(by_hand(callbacks=[counted]).fit(2))
    assert writes == [3, 6, 0] * 2  # the ninth batch is the epoch's last
    trainer = by_hand(callbacks=[Checkpoints(path, every=4, extra={"note": "mine"}), Reader()])
    list(trainer.fit(2))
    assert (0, 4, 0, 4) in seen
    assert (0, 7, 0, 4) in seen
    assert (1, 1, 1, 0) in seen
    assert (1, 5, 1, 4) in seen
    saved = checkpoint.load(path)
    assert (saved["epoch"], saved["step"], saved["note"]) == (2, 0, "mine")
    assert same(saved["model"], trainer.model.state_dict())


class Overflow(nn.Module):
    """Two layers, the second of which squares its input once too often."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(FEATURES, CLASSES, dtype=np.float64), Square()

    def forward(self, x: np.ndarray) -> np.ndarray:
        return self.second(self.first(x))

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return self.first.backward(self.second.backward(dy))


class Square(nn.Module):
    """x² of numbers of any size."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.x = x
        with np.errstate(over="ignore"):
            return x * x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return 2 * self.x * dy


def test_a_loss_of_nan_names_the_layer_and_the_last_good_checkpoint(tmp_path: Path) -> None:
    """The checkpoint of the second batch stays; the third has numbers that overflow in the layer `second`."""
    x, target = problem()
    x[2 * BATCH] = 1e200
    nn.manual_seed(0)
    model, path = Overflow(), tmp_path / "good.pth"
    trainer = Trainer(
        model,
        data.DataLoader(data.TensorDataset(x, target), BATCH),
        optim.SGD(model.parameters(), lr=0.01),
        nn.CrossEntropyLoss(),
        callbacks=[Checkpoints(path, every=1)],
    )
    with pytest.raises(
        NonFiniteError,
        match=r"^epoch 1, step 3: the loss is nan; first layer whose output is not finite: second; "
        r"last good checkpoint: .*good\.pth \(epoch 1, step 2\)$",
    ):
        list(trainer.fit(1))
    state = checkpoint.load(path)
    assert state["step"] == 2
    assert all(np.isfinite(array).all() for array in state["model"].values())


class Pair(nn.Module):
    """A model of two arrays."""

    def __init__(self) -> None:
        super().__init__()
        self.square = Square()

    def forward(self, pair: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        return self.square(pair[0]) + pair[1]


class Gives(nn.Module):
    """A criterion that gives one value whatever it gets."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: np.ndarray, target: np.ndarray) -> np.ndarray:
        self.like = x
        return np.array(self.value)

    def backward(self, dy: np.ndarray | None = None) -> np.ndarray:
        return 0 * self.like


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_a_loss_that_is_not_finite_stops_before_the_update(value: float) -> None:
    trainer = by_hand()
    trainer.criterion = Gives(value)
    before = deepcopy(trainer.model.state_dict())
    with pytest.raises(NonFiniteError, match=rf"^epoch 1, step 1: the loss is {value}; no checkpoint has been saved$"):
        list(trainer.fit(1))
    assert same(trainer.model.state_dict(), before)


def test_looking_for_the_layer_changes_neither_the_model_nor_the_stream() -> None:
    model, before = nn.Sequential(nn.Dropout(0.5), Square(), nn.Tanh()), nn.random.get_rng_state()
    assert origin(model, np.full((2, 3), 1e200)) == "; first layer whose output is not finite: 1"
    assert origin(model, np.ones((2, 3))) == ""
    assert origin(model, np.array([np.nan])) == "; the batch itself is not finite"
    assert (
        origin(Pair(), (np.full((2, 3), 1e200), np.ones((2, 3)))) == "; first layer whose output is not finite: square"
    )
    assert nn.random.get_rng_state().tobytes() == before.tobytes()
    assert not any("forward" in vars(module) for module in model)


def test_a_checkpoint_with_an_infinite_parameter_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "good.pth"
    trainer = by_hand(callbacks=[Checkpoints(path)])
    list(trainer.fit(1))
    good = path.read_bytes()
    trainer.model.fc2.bias.data[0] = np.inf
    with pytest.raises(
        NonFiniteError, match=r"^end of epoch 1: .*not finite: fc2\.bias; last good .*end of epoch 1\)$"
    ):
        trainer.callbacks[0].save(trainer)
    assert path.read_bytes() == good


def test_early_stopping_stops_after_as_many_epochs_without_a_new_best() -> None:
    class Losses(Callback):
        """Puts losses of its own into the history."""

        values = iter([3.0, 2.0, 2.5, 2.0, 2.4, 2.1, *[1.0] * 20])

        def after_epoch(self, trainer: Trainer) -> None:
            trainer.history[-1]["validation_loss"] = next(self.values)

    trainer = by_hand(callbacks=[Losses(), EarlyStopping(patience=3)])
    assert len(list(trainer.fit(20))) == 5
    assert trainer.stop == "validation_loss was lowest, 2, in epoch 2"
    with pytest.raises(ValueError, match=r"^monitor: expected one of number, loss, .* got 'validation_loss'$"):
        list(by_hand(callbacks=[EarlyStopping(2)]).fit(1))


@pytest.mark.parametrize(
    ("losses", "options"),
    [
        ([3.0, 2.5, 2.1, 2.0, 1.5, 1.4, 1.3], {"min_delta": 0.5}),  # new bests: 3.0, 2.1, 1.5
        ([3.0, 2.5, 2.1], {"min_delta": 1.0}),
        ([np.nan, np.nan], {}),
        ([np.inf, np.inf], {}),
    ],
)
def test_early_stopping_counts_what_is_lower_by_more_than_min_delta(
    losses: list[float], options: dict[str, float]
) -> None:
    trainer, stopping = by_hand(), EarlyStopping(2, monitor="loss", **options)
    for number, loss in enumerate(losses, 1):
        trainer.history.append({"number": number, "loss": loss})
        stopping.after_epoch(trainer)
        assert (trainer.stop is not None) == (number == len(losses)), f"epoch {number}"


def test_the_account_has_the_learning_rate_of_the_first_group() -> None:
    trainer = by_hand()
    groups = [{"params": [parameter], "lr": 0.01 * n} for n, parameter in enumerate(trainer.model.parameters(), 1)]
    trainer.optimizer = optim.SGD(groups)
    assert next(trainer.fit(1)).lr == 0.01


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"schedule_per": "batch"}, ValueError, "schedule_per: expected one of 'epoch', 'step', got 'batch'"),
        ({"accumulate": 0}, ValueError, "accumulate: expected at least 1, got 0"),
        ({"accumulate": 1.5}, TypeError, "accumulate: expected an integer, got 1.5"),
        ({"max_norm": -1.0}, ValueError, "max_norm: expected a number of at least 0, got -1.0"),
        ({"max_norm": "1"}, TypeError, "max_norm: expected a number, got '1'"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], error: type[Exception], message: str) -> None:
    model = nn.Linear(FEATURES, CLASSES)
    with pytest.raises(error, match=f"^{message}$"):
        Trainer(model, [], optim.SGD(model.parameters()), nn.CrossEntropyLoss(), **options)


def test_a_state_that_does_not_fit_is_refused() -> None:
    trainer, state = by_hand("cosine"), by_hand().state_dict()
    with pytest.raises(ValueError, match=r"^state_dict: expected a scheduler in both"):
        trainer.load_state_dict(state)
    with pytest.raises(ValueError, match=r"^state_dict: expected a training run, got one without model, optimizer"):
        trainer.load_state_dict({"epoch": 1})
    with pytest.raises(ValueError, match=r"^generators: expected the states of 1, as the loader has, got 0$"):
        by_hand(own=True).load_state_dict(state)
    for bad in (0, -1):
        with pytest.raises(ValueError, match=rf"^every: expected at least 1, got {bad}$"):
            Checkpoints("run.pth", every=bad)
        with pytest.raises(ValueError, match=rf"^patience: expected at least 1, got {bad}$"):
            EarlyStopping(bad)
    with pytest.raises(ValueError, match=r"^min_delta: expected a number of at least 0, got -0\.5$"):
        EarlyStopping(1, min_delta=-0.5)


def test_a_loader_that_became_shorter_is_refused() -> None:
    stopped = by_hand(callbacks=[Recorder(5)])
    list(stopped.fit(1))
    x, target = problem()
    stopped.loader = data.DataLoader(data.TensorDataset(x[:20], target[:20]), BATCH, shuffle=True)
    with pytest.raises(ValueError, match=r"^loader: expected the 5 batches that have been, got 3$"):
        list(stopped.fit(1))
