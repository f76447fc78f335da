"""Whole training runs from one seed, with nothing copied across, compared at every step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import torch_nn
from numpy_nn import data, optim
from numpy_nn.kernels import SETS
from parity_tests.lockstep import FLOAT64_BOUND, Lockstep, Settings, difference

STEPS = 300
RULES: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4},
    "Adam": {"lr": 3e-3, "amsgrad": True},
    "AdamW": {"lr": 3e-3},
}


def sides(rule: str) -> tuple[Any, ...]:
    """SimpleNet with dropout, optimizer and loader on either side, each from its own seed."""
    x, target = data.digits(np.float64)
    nn.manual_seed(7)
    ours = nn.SimpleNet(64, 32, 10, dropout=0.3, dtype=np.float64)
    torch.manual_seed(7)
    theirs = torch_nn.SimpleNet(64, 32, 10, dropout=0.3, dtype=torch.float64)
    our_loader = data.DataLoader(data.TensorDataset(x, target), batch_size=20, shuffle=True)
    dataset = torch.utils.data.TensorDataset(*torch_nn.data.digits(torch.float64))
    their_loader = torch.utils.data.DataLoader(dataset, batch_size=20, shuffle=True)
    optimizer = getattr(optim, rule)(ours.parameters(), **RULES[rule])
    twin = getattr(torch.optim, rule)(theirs.parameters(), **RULES[rule])
    return ours, theirs, optimizer, twin, our_loader, their_loader


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kernels", SETS)
def test_every_parameter_and_buffer_at_every_step(rule: str, kernels: str) -> None:
    ours, theirs, optimizer, twin, our_loader, their_loader = sides(rule)
    criterion, their_criterion = nn.CrossEntropyLoss(), torch.nn.CrossEntropyLoss()
    step = 0
    while step < STEPS:
        for (x, target), (tx, t_target) in zip(our_loader, their_loader, strict=True):
            with nn.use_kernels(kernels):
                loss = nn.training.train_step(ours, x, target, optimizer, criterion)
            expected = torch_nn.training.train_step(theirs, tx, t_target, twin, their_criterion)
            step += 1
            assert abs(loss - expected) <= FLOAT64_BOUND, f"loss at step {step}"
            assert difference(ours.state_dict(), theirs.state_dict()) <= FLOAT64_BOUND, f"weights at step {step}"
            state, their_state = optimizer.state_dict()["state"], twin.state_dict()["state"]
            assert state.keys() == their_state.keys()
            for number in state:
                for name, value in state[number].items():
                    apart = np.abs(np.asarray(value) - their_state[number][name].numpy()).max()
                    assert apart <= FLOAT64_BOUND, f"{name} of parameter {number} at step {step}"
    assert loss < 1.0


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_lockstep_on_the_digits(optimizer: str, dtype: str, device: str) -> None:
    run = Lockstep(Settings(optimizer=optimizer, dtype=dtype, device=device))
    rows = list(run)
    assert rows[-1].difference <= run.bound
    assert run.holds
    assert min(rows[-1].accuracies) >= 0.96


@pytest.mark.parametrize(("model", "width", "share"), [("resnet18", 4, 0.7), ("vit", 16, 0.25)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_lockstep_of_networks_for_images(model: str, width: int, share: float, dtype: str, device: str) -> None:
    run = Lockstep(Settings(model=model, width=width, dtype=dtype, device=device, epochs=1, lr=3e-3))
    rows = list(run)
    assert rows[-1].difference <= run.bound
    assert run.holds
    assert min(rows[-1].accuracies) >= share


@pytest.mark.skipif("NN_DATA" not in os.environ, reason="NN_DATA names no folder with MNIST in it")
def test_lockstep_on_mnist(device: str) -> None:
    folder = str(Path(os.environ["NN_DATA"]) / "mnist")
    run = Lockstep(
        Settings(data="mnist", data_dir=folder, optimizer="sgd", lr=0.05, batch_size=64, epochs=5, device=device)
    )
    rows = list(run)
    assert run.holds
    assert min(rows[-1].accuracies) >= 0.975


def test_a_run_with_another_seed_is_another_run() -> None:
    """The comparison can fail: two seeds end far apart."""
    one, other = (Lockstep(Settings(seed=seed, epochs=1)) for seed in (0, 1))
    list(one), list(other)
    assert difference(one.ours.model.state_dict(), other.theirs.model.state_dict()) > 1e-3
