"""The benchmarks time what agrees, and refuse what does not."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

import numpy_nn as nn
import torch_nn
from benchmarks import __main__ as report
from benchmarks import contests, rounding
from benchmarks.timing import Contest, Refused, Timed, one_core, race
from parity_tests.bounds import Mismatch, within
from parity_tests.case import Case, tensor
from parity_tests.specification import FORMULAS
from parity_tests.strategies import values

RELU = replace(FORMULAS["functional.relu"], large=lambda: Case((values(0, (4, 5), np.float32),)))


def wrong_relu(x: np.ndarray) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    return np.maximum(x, 0), lambda dy: dy


@pytest.fixture
def only_relu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contests, "FORMULAS", {RELU.name: RELU})


def test_a_formula_that_agrees_is_timed():
    result = race(Contest("relu", lambda: contests.formula(RELU)), min_time=0.0)
    assert isinstance(result, Timed)
    assert result.ratio == result.theirs.median / result.ours.median
    assert all(len(side.times) >= 5 and min(side.times) > 0 for side in (result.ours, result.theirs))


@pytest.mark.usefixtures("only_relu")
def test_a_report_of_what_agrees_ends_well(capsys):
    assert report.main(["formulas", "--min-time", "0"]) == 0
    *_, title, row = capsys.readouterr().out.splitlines()
    assert [cell.strip() for cell in title.split("\t")] == ["formulas", *report.COLUMNS]
    name, *numbers = row.split("\t")
    assert name.strip() == "relu"
    assert all(float(number) >= 0 for number in numbers)


@pytest.mark.usefixtures("only_relu")
def test_a_wrong_formula_is_refused_and_the_status_says_so(monkeypatch, capsys):
    monkeypatch.setattr(nn.functional, "relu", wrong_relu)
    assert report.main(["formulas"]) == 1
    name, reason = capsys.readouterr().out.splitlines()[-1].split("\t")
    assert name.strip() == "relu"
    assert reason.startswith("refused: relu gradient 0[")


def undecayed(self: Any, parameter: Any, gradient: np.ndarray, group: dict[str, Any]) -> np.ndarray:
    return gradient


def dampened(self: Any, parameter: Any, gradient: np.ndarray, state: dict[str, Any], group: dict[str, Any]) -> None:
    state["momentum_buffer"] = 0.9 * state["momentum_buffer"] + 0.9 * gradient
    parameter.data -= group["lr"] * state["momentum_buffer"]


@pytest.mark.parametrize(
    ("name", "options", "method", "bug"),
    [("optim.AdamW", {}, "decay", undecayed), ("optim.SGD", {"momentum": 0.9}, "update", dampened)],
)
def test_a_wrong_optimizer_is_refused(monkeypatch, name, options, method, bug):
    contests.optimizer(name, options, size=100)
    monkeypatch.setattr(getattr(nn.optim, name.removeprefix("optim.")), method, bug)
    result = race(Contest(name, lambda: contests.optimizer(name, options, size=100)), min_time=0.0)
    assert isinstance(result, Refused)
    assert result.reason.startswith(name)


def through_the_kink(self: Any, dy: np.ndarray) -> np.ndarray:
    return dy


def a_millionth_more(self: Any, gradient: np.ndarray) -> None:
    self.grad = 1.000001 * gradient


def doubled_in_float32(self: Any, gradient: np.ndarray) -> None:
    self.grad = 2 * gradient if gradient.dtype == np.float32 else gradient


@pytest.mark.parametrize(
    ("owner", "method", "bug", "dtype"),
    [
        (nn.ReLU, "backward", through_the_kink, "float64"),
        (nn.Parameter, "accumulate", a_millionth_more, "float64"),
        (nn.Parameter, "accumulate", doubled_in_float32, "float32"),
    ],
)
def test_a_wrong_training_step_is_refused(monkeypatch, owner, method, bug, dtype):
    contests.step("optim.SGD", {"lr": 0.01}, N=4)
    monkeypatch.setattr(owner, method, bug)
    with pytest.raises(Mismatch, match=rf"SimpleNet fc1\.weight in {dtype}"):
        contests.step("optim.SGD", {"lr": 0.01}, N=4)


@pytest.mark.parametrize("N", contests.BATCHES)
def test_pytorchs_own_float32_step_is_within_the_bound(N):
    torch.manual_seed(N)
    twin, random = torch_nn.SimpleNet(), np.random.default_rng(N)
    x, target = random.random((N, 784), dtype=np.float32), random.integers(0, contests.CLASSES, N)
    bounds = rounding.simple_net({key: p.detach().numpy() for key, p in twin.named_parameters()}, x, target)
    exact = contests.twin_gradients(deepcopy(twin).double(), tensor(x).double(), tensor(target))
    for key, found in contests.twin_gradients(twin, tensor(x), tensor(target)).items():
        within(key, found, exact[key], bounds[key])


def test_a_block_of_training_starts_where_the_one_before_it_did():
    model = nn.SimpleNet(3, 4, 2)
    stepper = nn.optim.Adam(model.parameters())
    restart = contests.restart(model, stepper)
    start = deepcopy(model.state_dict())
    for parameter in model.parameters():
        parameter.grad = np.ones(parameter.shape, dtype=np.float32)
    for _ in range(2):
        stepper.step()
        assert not np.array_equal(model.state_dict()["fc1.weight"], start["fc1.weight"])
        restart()
        assert not stepper.state
        for key, array in model.state_dict().items():
            np.testing.assert_array_equal(array, start[key])


def test_one_core_is_one_thread_and_ends():
    before = torch.get_num_threads()
    with one_core() as core:
        assert torch.get_num_threads() == 1
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
        assert core is None or core >= 0
    assert torch.get_num_threads() == before
