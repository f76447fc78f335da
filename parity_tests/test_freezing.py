"""Freezing parts of a network: who says what learns, what stands still, and the mistakes that must not pass unseen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import torch_nn
from numpy_nn import data, optim, training
from parity_tests.bounds import unit, within
from parity_tests.test_frozen import CLASSES, FEATURES, recorded
from parity_tests.test_training import N, problem


@pytest.mark.parametrize("make", [optim.SGD, optim.Adam, optim.AdamW])
def test_an_optimizer_needs_something_that_learns(make):
    model = recorded().requires_grad_(False)
    with pytest.raises(ValueError, match=r"^params: expected at least one parameter that learns, got 8 with requires"):
        make(model.parameters())
    with pytest.raises(ValueError, match=r"^params: expected at least one .* got 4 with"):
        make([{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 1.0}])
    model[6].bias.requires_grad = True
    optimizer = make([{"params": model[0].parameters()}, {"params": model[6].parameters()}])
    optimizer.step()
    model.freeze()
    with pytest.raises(RuntimeError, match=r"^step: nothing learns"):
        optimizer.step()


def arrays(model: Any) -> dict[str, np.ndarray]:
    """The state_dict of a network of either wing."""
    return {
        name: value.numpy() if isinstance(value, torch.Tensor) else value for name, value in model.state_dict().items()
    }


def close(what: str, ours: Any, theirs: Any, steps: int) -> None:
    """Apart by a rounding for each of N samples in each of so many steps, at most; the numbers are about 1, or less."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    within(what, ours, theirs, steps * N * unit(np.dtype(np.float64)) * np.maximum(1, np.abs(theirs)))


def batches() -> data.DataLoader:
    return data.DataLoader(data.TensorDataset(*problem()), batch_size=16)


WRONG_OPTIMIZERS = [("head", (2, 2)), ("fc2", (2, 2)), ("everything", (0, 4))]
"""What is replaced or frozen behind the back of an optimizer of fc2, and how much then learns and how much does not."""


@pytest.mark.parametrize(("wrong", "counts"), WRONG_OPTIMIZERS)
def test_training_needs_an_optimizer_of_what_learns(wrong, counts):
    """A head replaced after the optimizer was made, or the wrong part frozen: nothing would happen, and no error."""
    model = nn.SimpleNet(FEATURES, 8, CLASSES, dtype=np.float64)
    optimizer = optim.SGD(model.fc2.parameters(), lr=0.1)
    if wrong == "head":
        model.fc1.freeze()
        model.fc2 = nn.Linear(8, CLASSES, dtype=np.float64)
    elif wrong == "fc2":
        model.fc2.freeze()
    else:
        model.freeze()
    run = training.Trainer(model, batches(), optimizer, nn.CrossEntropyLoss())
    learning, still = counts
    with pytest.raises(
        ValueError,
        match=rf"^optimizer: expected parameters of the model that learn, got none among 2; the model has {learning} "
        rf"that learn and {still} with requires_grad=False",
    ):
        next(run.fit(1))
    run.optimizer = optim.SGD(model.unfreeze().parameters(), lr=0.1)
    assert next(run.fit(1)).steps == 4


def test_requires_grad_is_set_on_parameters_and_never_on_a_module():
    """PyTorch takes it without a word, and everything goes on learning."""
    twin = torch_nn.SimpleNet(3, 4, 2)
    twin.fc1.requires_grad = False
    assert all(parameter.requires_grad for parameter in twin.parameters())
    model = nn.SimpleNet(3, 4, 2)
    for module in (model, model.fc1, nn.Sequential(model)):
        for value in (True, False):
            with pytest.raises(
                AttributeError, match=rf"^requires_grad: .* parameters do; call requires_grad_\({value}\)"
            ):
                module.requires_grad = value
    for value in (None, 0.5, "False", model.fc1.weight):
        with pytest.raises(ValueError, match=r"^requires_grad: expected one of True, False, got"):
            model.requires_grad_(value)
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_freeze_stays_in_evaluation_mode_and_unfreeze_ends_it():
    model = nn.Sequential(nn.Sequential(nn.Linear(3, 3), nn.Dropout()), nn.Linear(3, 2))
    assert model[0].freeze() is model[0]
    assert [module.training for module in model.modules()] == [True, False, False, False, True]
    modes = {name: module.training for name, module in model.train().named_modules()}
    assert modes == {"": True, "0": False, "0.0": False, "0.1": False, "1": True}
    assert [parameter.requires_grad for parameter in model.parameters()] == [False, False, True, True]
    assert model[0].unfreeze() is model[0]
    assert not any(module.training for module in model[0].modules())
    assert all(module.training for module in model.train().modules())
    assert all(parameter.requires_grad for parameter in model.parameters())


def normalized(library: Any) -> Any:
    """A network with batch normalization, and one that is not frozen behind it."""
    layers = [library.Linear(FEATURES, 4), library.BatchNorm1d(4), library.ReLU(), library.Linear(4, CLASSES)]
    return library.Sequential(*layers)


@pytest.mark.parametrize("still", ["requires_grad_", "freeze"])
def test_running_statistics_go_on_unless_the_layer_is_frozen_as_in_pytorch(still):
    """requires_grad_(False) leaves the mode alone; freeze keeps it at evaluation, in which statistics stand still."""
    nn.manual_seed(0)
    torch.manual_seed(0)
    ours, theirs = normalized(nn).to(np.float64), normalized(torch.nn).double()
    for number in (0, 1):
        theirs[number].requires_grad_(False)
        ours[number].freeze() if still == "freeze" else ours[number].requires_grad_(False)
    before = {name: array.copy() for name, array in ours.state_dict().items()}
    optimizer, twin_optimizer = (o.SGD(m.parameters(), lr=0.1) for o, m in ((optim, ours), (torch.optim, theirs)))
    x, target = problem()
    for step in (1, 2, 3):
        ours.train()
        theirs.train()
        if still == "freeze":
            theirs[1].eval()
        loss = training.train_step(ours, x, target, optimizer, nn.CrossEntropyLoss())
        pair = torch.from_numpy(x), torch.from_numpy(target)
        expected = torch_nn.training.train_step(theirs, *pair, twin_optimizer, torch.nn.CrossEntropyLoss())
        close("loss", loss, expected, step)
    changed = {name for name, array in arrays(ours).items() if not np.array_equal(array, before[name])}
    statistics = {"1.running_mean", "1.running_var", "1.num_batches_tracked"}
    assert changed == {"3.weight", "3.bias"} | (statistics if still == "requires_grad_" else set())
    for name, array in arrays(theirs).items():
        close(name, arrays(ours)[name], array, 3)


def test_a_part_of_what_is_frozen_can_be_unfrozen():
    model = recorded().freeze()
    model[6].unfreeze()
    assert [name for name, module in model.train().named_modules() if module.training] == ["6"]
    assert [name for name, parameter in model.named_parameters() if parameter.requires_grad] == ["6.weight", "6.bias"]


@pytest.mark.parametrize("accumulate", [1, 3])
def test_a_run_with_a_frozen_layer_is_pytorchs_from_one_seed(accumulate):
    x, target = problem()
    states = []
    for library, wing, optimizers, criterion, double in (
        (nn, training, optim, nn.CrossEntropyLoss(), np.float64),
        (torch_nn, torch_nn.training, torch.optim, torch.nn.CrossEntropyLoss(), torch.float64),
    ):
        library_seed = nn.manual_seed if library is nn else torch.manual_seed
        library_seed(4)
        model = library.MLP(FEATURES, 6, 6, CLASSES, dropout=0.2, dtype=double)
        model[0].requires_grad_(False)
        before = arrays(model)["0.weight"].copy()
        if library is nn:
            loader = data.DataLoader(data.TensorDataset(x, target), batch_size=16, shuffle=True)
        else:
            pair = torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(target))
            loader = torch.utils.data.DataLoader(pair, batch_size=16, shuffle=True)
        optimizer = optimizers.Adam(model.parameters(), lr=0.01)
        epochs = list(wing.fit(model, loader, optimizer, criterion, 4, accumulate=accumulate))
        states.append(arrays(model))
        np.testing.assert_array_equal(states[-1]["0.weight"], before)
    for name, array in states[0].items():
        close(name, array, states[1][name], sum(epoch.steps for epoch in epochs))
