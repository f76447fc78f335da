"""The training loop is PyTorch's: the same account of every epoch from one seed, and errors that name the place."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from math import inf, nan
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import torch_nn
from numpy_nn import backend, data, optim, training
from numpy_nn.training import NonFiniteError

N, FEATURES, CLASSES = 50, 5, 3


def problem() -> tuple[np.ndarray, np.ndarray]:
    """Points of three classes that overlap."""
    random = np.random.default_rng(0)
    target = random.integers(0, CLASSES, N)
    return random.standard_normal((N, FEATURES)) + np.eye(CLASSES, FEATURES)[target], target


def ours(dropout: float = 0.0) -> nn.SimpleNet:
    return nn.SimpleNet(FEATURES, 8, CLASSES, dropout, dtype=np.float64)


def theirs(dropout: float = 0.0) -> torch_nn.SimpleNet:
    return torch_nn.SimpleNet(FEATURES, 8, CLASSES, dropout, dtype=torch.float64)


def batches(*arrays: np.ndarray, shuffle: bool = False) -> data.DataLoader:
    return data.DataLoader(data.TensorDataset(*arrays), batch_size=16, shuffle=shuffle)


def trained(model: Any, epochs: int = 3) -> list[training.Epoch]:
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    return list(training.fit(model, batches(*problem()), optimizer, nn.CrossEntropyLoss(), epochs))


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize(
    ("name", "options"), [("SGD", {"lr": 0.1, "momentum": 0.9}), ("Adam", {"lr": 0.01}), ("AdamW", {"lr": 0.01})]
)
def test_epochs_accuracy_and_parameters_are_pytorchs_from_one_seed(name, options, dropout):
    """Initial weights, shuffles and dropout masks come from the seed: nothing is copied across."""
    x, target = problem()
    nn.manual_seed(3)
    model = ours(dropout)
    optimizer = getattr(optim, name)(model.parameters(), **options)
    epochs = list(training.fit(model, batches(x, target, shuffle=True), optimizer, nn.CrossEntropyLoss(), 5))

    torch.manual_seed(3)
    twin = theirs(dropout)
    leaf, labels = torch.from_numpy(x), torch.from_numpy(target)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(leaf, labels), batch_size=16, shuffle=True)
    twin_optimizer = getattr(torch.optim, name)(twin.parameters(), **options)
    expected = list(torch_nn.training.fit(twin, loader, twin_optimizer, torch.nn.CrossEntropyLoss(), 5))

    assert [(epoch.number, epoch.steps) for epoch in epochs] == [(number, 4) for number in range(1, 6)]
    for epoch, other in zip(epochs, expected, strict=True):
        assert (epoch.number, epoch.steps) == (other.number, other.steps)
        assert abs(epoch.loss - other.loss) <= 1e-12
        assert epoch.seconds > 0
    assert epochs[-1].loss < epochs[0].loss
    for key, value in twin.state_dict().items():
        assert np.abs(model.state_dict()[key] - value.numpy()).max() <= 1e-12
    classes = training.predict(model, x)
    assert classes.dtype == np.int64
    assert np.array_equal(classes, torch_nn.training.predict(twin, leaf).numpy())
    assert training.evaluate(model, x, target) == torch_nn.training.evaluate(twin, leaf, labels)


def test_a_step_returns_the_loss_before_the_update():
    x, target = problem()
    nn.manual_seed(0)
    torch.manual_seed(0)
    model, twin = ours(), theirs()
    optimizer, twin_optimizer = (o.SGD(m.parameters(), lr=0.5) for o, m in ((optim, model), (torch.optim, twin)))
    for _ in range(3):  # gradients left over from the step before would add up
        before, _ = nn.functional.cross_entropy(model(x), target)
        loss = training.train_step(model, x, target, optimizer, nn.CrossEntropyLoss())
        pair = torch.from_numpy(x), torch.from_numpy(target)
        expected = torch_nn.training.train_step(twin, *pair, twin_optimizer, torch.nn.CrossEntropyLoss())
        assert type(loss) is float
        assert loss == before
        assert abs(loss - expected) <= 1e-12


def test_the_loss_of_an_epoch_is_the_mean_of_its_steps():
    """Not of its samples: the last batch of 2 counts as much as one of 16. As in the twin."""
    x, target = problem()
    nn.manual_seed(0)
    model = ours()
    (epoch,) = training.fit(model, batches(x, target), optim.SGD(model.parameters(), lr=0), nn.CrossEntropyLoss(), 1)
    losses = [nn.functional.cross_entropy(model(x[i : i + 16]), target[i : i + 16])[0] for i in range(0, N, 16)]
    assert epoch.steps == len(losses) == 4
    assert abs(epoch.loss - np.mean(losses)) <= 1e-15


def test_epochs_come_one_by_one():
    nn.manual_seed(0)
    model = ours()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    epochs = training.fit(model, batches(*problem()), optimizer, nn.CrossEntropyLoss(), 2)
    before = deepcopy(model.state_dict())
    assert next(epochs).number == 1
    between = deepcopy(model.state_dict())
    assert not np.array_equal(before["fc1.weight"], between["fc1.weight"])
    assert next(epochs).number == 2
    assert not np.array_equal(between["fc1.weight"], model.fc1.weight.data)
    assert next(epochs, None) is None


def test_every_epoch_trains_in_training_mode():
    nn.manual_seed(0)
    model = ours(0.5)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for _ in training.fit(model, batches(*problem()), optimizer, nn.CrossEntropyLoss(), 2):
        assert all(module.training for module in model.modules())
        model.eval()


@pytest.mark.parametrize("mode", [True, False])
def test_predict_and_evaluate_drop_nothing_and_put_the_mode_back(mode):
    x, target = problem()
    nn.manual_seed(0)
    model = ours(0.9).train(mode)
    first, second = training.predict(model, x), training.predict(model, x)
    assert np.array_equal(first, second)
    assert training.evaluate(model, x, target) == np.mean(first == target)
    assert {module.training for module in model.modules()} == {mode}


class Doubling(nn.Module):
    """Gives twice its input, and keeps a list of the batches it got."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[np.ndarray] = []

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.seen.append(x)
        return 2 * x


@pytest.mark.parametrize(("batch_size", "sizes"), [(20, [20, 20, 10]), (49, [49, 1]), (50, [50]), (None, [50])])
def test_no_more_than_a_batch_goes_through_the_model_at_once(batch_size, sizes):
    x, _ = problem()
    target = x.argmax(axis=1)
    for look in (
        lambda model: training.evaluation.scores(model, x, batch_size) == 2 * x,
        lambda model: training.predict(model, x, batch_size) == target,
        lambda model: training.evaluate(model, x, target, batch_size) == 1.0,
    ):
        model = Doubling()
        assert np.all(look(model))
        assert [len(batch) for batch in model.seen] == sizes
        assert np.array_equal(np.concatenate(model.seen), x)


@pytest.mark.parametrize("batch_size", [None, 3])
def test_no_samples_have_no_classes(batch_size):
    assert training.predict(ours(), np.ones((0, FEATURES)), batch_size).shape == (0,)


def test_the_validation_set_goes_through_in_batches():
    model = nn.Sequential(nn.Linear(FEATURES, CLASSES, dtype=np.float64), Doubling())
    model[1].backward = lambda dy: 2 * dy
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    validation = np.ones((2500, FEATURES)), np.zeros(2500, int)
    list(training.fit(model, batches(*problem()), optimizer, nn.CrossEntropyLoss(), 1, validation=validation))
    assert [len(batch) for batch in model[1].seen] == [16, 16, 16, 2, 1024, 1024, 452]


@pytest.mark.parametrize(
    ("x", "batch_size", "error", "message"),
    [
        (np.ones((2, FEATURES)), 0, ValueError, "batch_size: expected at least 1, got 0"),
        (np.ones((2, FEATURES)), -1, ValueError, "batch_size: expected at least 1, got -1"),
        (np.ones((2, FEATURES)), 1.5, TypeError, r"batch_size: expected an integer, got 1\.5"),
        ([[1.0] * FEATURES], None, TypeError, "x: expected an array, got list"),
        (np.array(1.0), None, ValueError, r"x: expected an array of samples, got shape \(\)"),
    ],
)
def test_predict_refuses_what_is_no_batch(x, batch_size, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        training.predict(ours(), x, batch_size)


@pytest.mark.parametrize("mode", [True, False])
def test_the_mode_is_put_back_after_an_error_too(mode):
    model = ours().train(mode)
    with pytest.raises(ValueError, match=r"^x: expected shape"):
        training.predict(model, np.ones((2, FEATURES + 1)))
    assert {module.training for module in model.modules()} == {mode}


def test_training_runs_on_a_device_that_converts_nothing(device: str):
    results = []
    for place in (device, "strict"):
        nn.manual_seed(1)
        model = ours(0.3).to(place)
        x, target = (backend.to_device(array, place) for array in problem())
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        losses = [epoch.loss for epoch in training.fit(model, batches(x, target), optimizer, nn.CrossEntropyLoss(), 2)]
        results.append((losses, training.evaluate(model, x, target)))
    apart = np.abs(np.array(results[0][0]) - np.array(results[1][0])).max()
    assert apart <= (0.0 if device == "cpu" else 1e-12)
    assert results[0][1] == results[1][1]


def test_a_loss_of_nan_stops_before_the_update():
    """The place: epoch and step; the parameters were finite, and stay what they were."""
    x, target = problem()
    x[40] = nan  # in the third batch of 16
    nn.manual_seed(0)
    model = ours()
    seen = []

    def watched() -> Iterator[list[np.ndarray]]:
        for batch in batches(x, target):
            seen.append(deepcopy(model.state_dict()))
            yield batch

    epochs = training.fit(model, watched(), optim.SGD(model.parameters(), lr=0.1), nn.CrossEntropyLoss(), 2)
    with pytest.raises(NonFiniteError, match=r"^epoch 1, step 3: the loss is nan; the batch itself is not finite; no"):
        next(epochs)
    assert len(seen) == 3
    assert all(np.array_equal(array, seen[-1][key]) for key, array in model.state_dict().items())


@pytest.mark.parametrize("bad", [nan, inf])
@pytest.mark.parametrize("place", ["fc1.bias", "fc2.weight", "fc2.bias"])
def test_the_parameter_that_spoilt_the_loss_is_named(place, bad):
    model = ours()
    model.state_dict()[place].flat[1] = bad
    with pytest.raises(
        NonFiniteError, match=rf"^epoch 1, step 1: the loss is \w+; first parameter that is not finite: {place}; no"
    ):
        trained(model)


def test_a_parameter_that_becomes_infinite_in_the_last_step_is_named():
    """The loss is finite still, the update is not."""
    model = ours()
    optimizer = optim.SGD([{"params": model.fc2.parameters(), "lr": inf}, {"params": model.fc1.parameters()}])
    whole = data.DataLoader(data.TensorDataset(*problem()), batch_size=N)
    with pytest.raises(
        NonFiniteError, match=r"^epoch 1, step 1: the loss is finite; first .* not finite: fc2\.weight; no"
    ):
        list(training.fit(model, whole, optimizer, nn.CrossEntropyLoss(), 1))


def test_nonfinite_is_a_value_error():
    assert issubclass(NonFiniteError, ValueError)


@pytest.mark.parametrize("epochs", [0, -1])
def test_fit_needs_an_epoch(epochs):
    with pytest.raises(ValueError, match=f"^epochs: expected at least 1, got {epochs}$"):
        trained(ours(), epochs)


def test_fit_needs_batches_in_every_epoch():
    model = ours()
    optimizer = optim.SGD(model.parameters())
    with pytest.raises(ValueError, match=r"^loader: expected at least one batch, got none$"):
        next(training.fit(model, [], optimizer, nn.CrossEntropyLoss(), 1))
    used_up = training.fit(model, iter(batches(*problem())), optimizer, nn.CrossEntropyLoss(), 2)
    next(used_up)
    with pytest.raises(ValueError, match=r"^loader: expected at least one batch, got none$"):
        next(used_up)


def test_fit_needs_pairs():
    x, target = problem()
    model = ours()
    for loader in ([x], [[x]], [(x, target, target)], x, [{"x": x, "target": target}]):
        with pytest.raises(TypeError, match=r"^loader: expected batches \[x, target\], got \w+ .*in step 1$"):
            next(training.fit(model, loader, optim.SGD(model.parameters()), nn.CrossEntropyLoss(), 1))


def test_fit_needs_a_loss_of_one_number_and_changes_nothing_without():
    model = ours()
    before = deepcopy(model.state_dict())
    epochs = training.fit(
        model, batches(*problem()), optim.SGD(model.parameters()), nn.CrossEntropyLoss(reduction="none"), 1
    )
    with pytest.raises(ValueError, match=r"^dy: can be left out for a scalar y only"):
        next(epochs)
    assert all(np.array_equal(array, before[key]) for key, array in model.state_dict().items())


def test_labels_out_of_range_change_nothing():
    x, target = problem()
    model = ours()
    before = deepcopy(model.state_dict())
    with pytest.raises(IndexError, match=rf"^target: expected indices in \[0, {CLASSES}\), got {CLASSES}$"):
        training.train_step(model, x, target * 0 + CLASSES, optim.SGD(model.parameters()), nn.CrossEntropyLoss())
    assert all(np.array_equal(array, before[key]) for key, array in model.state_dict().items())


@pytest.mark.parametrize(
    ("x", "target", "error", "message"),
    [
        (np.ones((0, FEATURES)), np.ones(0, int), ValueError, r"x: expected at least one sample, got shape \(0, 5\)"),
        (np.array(1.0), np.array(1), ValueError, r"x: expected at least one sample, got shape \(\)"),
        (np.ones((2, FEATURES)), np.ones(3, int), ValueError, r"target: expected shape \(2,\) .* got \(3,\)"),
        (np.ones((2, FEATURES)), np.ones((2, 1), int), ValueError, r"target: expected shape \(2,\) .* got \(2, 1\)"),
        (np.ones((2, FEATURES)), np.ones(2), TypeError, "target: expected int64 or int32 or uint8, got float64"),
        (np.ones((2, FEATURES)), [0, 1], TypeError, "target: expected an array of .*, got list"),
        ([[1.0] * FEATURES], np.ones(1, int), TypeError, "x: expected an array, got list"),
    ],
)
def test_evaluate_refuses_what_does_not_fit(x, target, error, message):
    with pytest.raises(error, match=r"^" + message):
        training.evaluate(ours(), x, target)


def test_evaluate_refuses_targets_on_another_device():
    with pytest.raises(ValueError, match=r"^target: expected an array on cpu like x, got one on strict$"):
        training.evaluate(ours(), np.ones((2, FEATURES)), backend.to_device(np.ones(2, int), "strict"))
