"""Schedulers against PyTorch's: random histories, long walks through chosen schedules, and what is refused."""

from __future__ import annotations

import json
import pickle
import warnings
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import numpy_nn as nn
from numpy_nn import optim
from numpy_nn.optim import lr_scheduler
from parity_tests.case import resolve
from parity_tests.scheduler_machine import machine
from parity_tests.specification import SCHEDULERS
from parity_tests.specification.schedulers import Power, Recipe
from torch_nn.twins import TWINS

IGNORE_ORDER = "ignore:scheduler.step.. before optimizer.step"


@pytest.mark.parametrize("name", SCHEDULERS)
def test_scheduler(name: str) -> None:
    run_state_machine_as_test(machine(SCHEDULERS[name]), settings=settings(stateful_step_count=15))


def sgd(rate: float = 0.1, groups: int = 1, **options: Any) -> optim.SGD:
    return optim.SGD([{"params": [nn.Parameter(np.zeros(1))], "lr": rate} for _ in range(groups)], **options)


def pair(kind: str = "SGD") -> tuple[Any, Any]:
    """The same optimizer in both libraries, of two groups."""
    ours, theirs = resolve(f"optim.{kind}"), TWINS[f"optim.{kind}"]
    return (
        ours([{"params": [nn.Parameter(np.zeros(1))], "lr": rate} for rate in (0.1, 0.7)]),
        theirs([{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in (0.1, 0.7)]),
    )


WARM = Recipe("LinearLR", {"start_factor": 0.2, "total_iters": 4})
ONE_CYCLE = Recipe("OneCycleLR", {"max_lr": [0.5, 2.0], "total_steps": 40})
WALKS = [
    Recipe("StepLR", {"step_size": 4}),
    Recipe("MultiStepLR", {"milestones": [3, 3, 9]}),
    Recipe("ExponentialLR", {"gamma": 0.9}),
    Recipe("LambdaLR", {"lr_lambda": lambda epoch: 0.95**epoch}),
    Recipe("LambdaLR", {"lr_lambda": [Power(0.5), Power(0.9)]}),
    Recipe("ConstantLR", {}),
    Recipe("ConstantLR", {"factor": 0.7, "total_iters": 9}),
    Recipe("LinearLR", {}),
    Recipe("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 13}),
    Recipe("CosineAnnealingLR", {"T_max": 7, "eta_min": 1e-3}),
    Recipe("CosineAnnealingLR", {"T_max": 10}),
    Recipe("CosineAnnealingWarmRestarts", {"T_0": 2, "T_mult": 2}),
    Recipe("CosineAnnealingWarmRestarts", {"T_0": 7, "eta_min": 0.01}),
    ONE_CYCLE,
    Recipe("OneCycleLR", {"max_lr": 0.5, "total_steps": 40, "three_phase": True, "anneal_strategy": "linear"}),
    Recipe("SequentialLR", {"milestones": [5]}, (WARM, Recipe("CosineAnnealingLR", {"T_max": 15}))),
    Recipe("SequentialLR", {"milestones": [5, 9]}, (WARM, Recipe("StepLR", {"step_size": 2}), WARM)),
    Recipe("ChainedScheduler", {}, (WARM, Recipe("CosineAnnealingLR", {"T_max": 9, "eta_min": 0.02}))),
]


def label(recipe: Recipe) -> str:
    return f"{recipe.name}-{len(recipe.options)}{len(recipe.members)}"


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("recipe", WALKS, ids=label)
def test_forty_steps_are_pytorchs_to_the_last_bit(recipe: Recipe, kind: str) -> None:
    (optimizer, twin) = pair(kind)
    ours, theirs = recipe.make(optimizer, ours=True), recipe.make(twin, ours=False)
    for _ in range(39):
        for part in (optimizer, ours, twin, theirs):
            part.step()
        for group, expected in zip(optimizer.param_groups, twin.param_groups, strict=True):
            assert {name: expected[name] for name in group.keys() - {"params"}} == {
                name: value for name, value in group.items() if name != "params"
            }
        assert ours.state_dict() == theirs.state_dict()


@pytest.mark.parametrize("recipe", [recipe for recipe in WALKS if not recipe.members], ids=label)
def test_jumps_are_pytorchs_to_the_last_bit(recipe: Recipe) -> None:
    optimizer, twin = pair()
    ours, theirs = recipe.make(optimizer, ours=True), recipe.make(twin, ours=False)
    fractions = [2.5, 6.25, 13.75] if recipe.name == "CosineAnnealingWarmRestarts" else []
    for epoch in [*range(16), *range(15, -1, -1), *fractions]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            ours.step(epoch)
            theirs.step(epoch)
        assert ours.state_dict() == theirs.state_dict()


@pytest.mark.filterwarnings(IGNORE_ORDER, "ignore:Detected call of `lr_scheduler.step")
def test_a_sequence_within_a_sequence_is_pytorchs_to_the_last_bit():
    inner = Recipe("SequentialLR", {"milestones": [4]}, (WARM, Recipe("StepLR", {"step_size": 2})))
    recipe = Recipe("SequentialLR", {"milestones": [9]}, (inner, Recipe("ExponentialLR", {"gamma": 0.9})))
    optimizer, twin = pair()
    ours, theirs = recipe.make(optimizer, ours=True), recipe.make(twin, ours=False)
    for _ in range(15):
        assert ours.state_dict() == theirs.state_dict()
        ours.load_state_dict(theirs.state_dict())
        ours.step()
        theirs.step()
        assert ours.get_last_lr() == theirs.get_last_lr()


FALLING = [
    1.0,
    0.9,
    0.85,
    0.86,
    0.85,
    0.8496,
    0.9,
    0.9,
    0.9,
    0.7,
    0.69,
    0.68,
    0.8,
    0.8,
    0.8,
    0.8,
    0.8,
    0.8,
    0.8,
    0.1,
] * 2
PLATEAUS: list[dict[str, Any]] = [
    {"patience": 1},
    {"patience": 0, "threshold_mode": "abs", "threshold": 0.06, "factor": 0.9},
    {"patience": 2, "cooldown": 2, "factor": 0.5, "min_lr": [0.02, 0.3]},
    {"patience": 0, "mode": "max", "threshold": 0.01, "factor": 0.7},
    {"patience": 0, "mode": "max", "threshold_mode": "abs", "threshold": 0.05, "factor": 0.7},
    {"patience": 0, "factor": 0.9, "eps": 0.01},
    {"patience": 0, "factor": 0.9, "eps": 0.005, "threshold": 0.0},
    {"patience": 1, "mode": "max", "threshold": 0.0},
    {"patience": 0, "factor": 0.5, "eps": 0.05},  # which is what 0.1 loses
]


@pytest.mark.parametrize("scale", [1, 10, -10], ids=["falling", "from 10", "rising from -10"])
@pytest.mark.parametrize("options", PLATEAUS, ids=str)
def test_plateaus_are_pytorchs_to_the_last_bit(options: dict[str, Any], scale: int) -> None:
    optimizer, twin = pair()
    ours = lr_scheduler.ReduceLROnPlateau(optimizer, **options)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(twin, **options)
    for metric in FALLING:
        ours.step(scale * metric)
        theirs.step(scale * metric)
        assert ours.state_dict() == theirs.state_dict()
        assert [group["lr"] for group in optimizer.param_groups] == [group["lr"] for group in twin.param_groups]


# What the table of edges says


@pytest.mark.filterwarnings(IGNORE_ORDER)
def test_two_schedulers_multiply_and_a_rate_changed_by_hand_stays():
    optimizer = sgd(1.0)
    first, second = lr_scheduler.ExponentialLR(optimizer, 0.5), lr_scheduler.ExponentialLR(optimizer, 0.25)
    first.step()
    second.step()
    assert first.get_last_lr() == [0.5]
    assert second.get_last_lr() == [0.125]
    optimizer.param_groups[0]["lr"] = 8.0
    first.step()
    assert optimizer.param_groups[0]["lr"] == 4.0


@pytest.mark.filterwarnings(IGNORE_ORDER)
def test_the_cosine_rises_after_t_max_and_is_the_closed_form_but_for_roundings():
    scheduler = lr_scheduler.CosineAnnealingLR(sgd(0.1), 10, eta_min=0.01)
    chained = [scheduler.get_last_lr()[0]]
    for _ in range(20):
        scheduler.step()
        chained.append(scheduler.get_last_lr()[0])
    closed = [0.01 + 0.09 * (1 + np.cos(np.pi * t / 10)) / 2 for t in range(21)]
    assert chained[10] == 0.01
    assert chained[20] == pytest.approx(0.1, rel=1e-14, abs=0)
    assert chained != closed
    np.testing.assert_allclose(chained, closed, rtol=1e-14)


@pytest.mark.filterwarnings(IGNORE_ORDER)
def test_a_milestone_given_twice_counts_twice():
    scheduler = lr_scheduler.MultiStepLR(sgd(1.0), [1, 1], gamma=0.5)
    scheduler.step()
    assert scheduler.get_last_lr() == [0.25]


def test_patience_1_cuts_on_the_second_bad_epoch():
    scheduler = lr_scheduler.ReduceLROnPlateau(sgd(1.0), patience=1, factor=0.5)
    rates = []
    for metric in (1.0, 1.0, 1.0):
        scheduler.step(metric)
        rates += scheduler.get_last_lr()
    assert rates == [1.0, 1.0, 0.5]


def test_a_metric_of_nan_is_never_better_and_an_array_of_one_number_is_a_metric():
    scheduler = lr_scheduler.ReduceLROnPlateau(sgd(1.0), patience=0, factor=0.5)
    for metric in (np.float32(2.0), np.asarray(1.0), np.array([float("nan")]), 0.5):
        scheduler.step(metric)
    assert scheduler.get_last_lr() == [0.5]
    assert scheduler.best == 0.5


def test_the_last_step_of_one_cycle_is_one_beyond_the_end_and_the_next_is_refused():
    optimizer = sgd()
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=3)
    optimizer.step()
    for _ in range(3):
        scheduler.step()
    before, rates = scheduler.state_dict(), deepcopy(optimizer.param_groups[0])
    for _ in range(2):
        with pytest.raises(ValueError, match="step: expected at most total_steps = 3 steps, got 4"):
            scheduler.step()
    assert scheduler.state_dict() == before
    assert {name: optimizer.param_groups[0][name] for name in rates if name != "params"} == {
        name: value for name, value in rates.items() if name != "params"
    }


# Saving


class Counted:
    """A callable object that remembers."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, epoch: int) -> float:
        self.calls += 1
        return 1 / self.calls


def test_what_a_callable_object_knows_is_saved_and_loaded_in_both_directions():
    optimizer, twin = pair()
    functions = lambda: [Counted(), lambda epoch: 0.5]  # noqa: E731  one for each group
    ours = lr_scheduler.LambdaLR(optimizer, functions())
    theirs = torch.optim.lr_scheduler.LambdaLR(twin, functions())
    for part in (optimizer, ours, ours, ours, twin):
        part.step()
    saved = ours.state_dict()
    assert saved["lr_lambdas"] == [{"calls": 4}, None]
    theirs.load_state_dict(saved)
    assert theirs.state_dict() == saved
    theirs.step()
    again = lr_scheduler.LambdaLR(sgd(groups=2), functions())
    again.load_state_dict(theirs.state_dict())
    assert again.lr_lambdas[0].calls == 5
    assert again.state_dict() == theirs.state_dict()


@pytest.mark.parametrize("recipe", WALKS[:4] + WALKS[5:], ids=label)
def test_a_saved_state_is_plain_data_and_a_copy(recipe: Recipe) -> None:
    scheduler = recipe.make(sgd(groups=2), ours=True)
    state = scheduler.state_dict()
    assert json.loads(json.dumps(state)).keys() == state.keys()
    assert pickle.loads(pickle.dumps(state)) == state
    kept = deepcopy(state)
    other = recipe.make(sgd(groups=2), ours=True)
    other.load_state_dict(state)
    for holder in (scheduler, other):
        holder.get_last_lr().append(5.0)
        for part in [holder, *getattr(holder, "_schedulers", [])]:
            getattr(part, "_schedule_phases", []).append("spoilt")
    assert state == kept


@pytest.mark.filterwarnings(IGNORE_ORDER)
def test_a_plain_mapping_of_milestones_is_loaded_too():
    scheduler = lr_scheduler.MultiStepLR(sgd(1.0), [], gamma=0.5)
    scheduler.load_state_dict({**scheduler.state_dict(), "milestones": {1: 2}})
    scheduler.step()
    assert scheduler.get_last_lr() == [0.25]


def test_names_that_only_another_release_of_pytorch_saves_are_passed_over():
    scheduler = lr_scheduler.StepLR(sgd(), 3)
    state = scheduler.state_dict()
    del state["_is_initial"]
    scheduler.load_state_dict({**state, "verbose": False, "step": "hostile"})
    assert scheduler.state_dict() == {**state, "_is_initial": False}
    assert callable(scheduler.step)


def test_initial_rates_travel_with_the_optimizers_state_as_in_pytorch():
    optimizer, twin = pair()
    for part, module in ((optimizer, lr_scheduler), (twin, torch.optim.lr_scheduler)):
        module.OneCycleLR(part, max_lr=[0.5, 2.0], total_steps=9)
        plain, _ = pair()
        plain.load_state_dict(part.state_dict())
        kept = {"initial_lr": 0.5 / 25, "max_lr": 0.5, "min_lr": 0.5 / 25 / 1e4, "max_momentum": 0.95}
        assert kept.items() <= plain.param_groups[0].items()
    _, without = pair()
    optimizer.load_state_dict(without.state_dict())
    assert "initial_lr" not in optimizer.param_groups[0]


@pytest.mark.filterwarnings(IGNORE_ORDER, "ignore:Detected call of `lr_scheduler.step")
def test_rates_that_pytorch_keeps_in_tensors_are_taken_over_as_numbers():
    twin = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=torch.tensor(0.5))
    theirs = torch.optim.lr_scheduler.StepLR(twin, 1, 0.5)
    theirs.step()
    optimizer = optim.SGD([nn.Parameter(np.ones(1))])
    ours = lr_scheduler.StepLR(optimizer, 1)
    optimizer.load_state_dict(deepcopy(twin.state_dict()))
    ours.load_state_dict(theirs.state_dict())
    group = optimizer.param_groups[0]
    rates = [group["lr"], group["initial_lr"], *ours.base_lrs, *ours.get_last_lr()]
    assert (rates, {type(rate) for rate in rates}) == ([0.25, 0.5, 0.5, 0.25], {float})
    ours.step()
    theirs.step()
    assert ours.get_last_lr() == [rate.item() for rate in theirs.get_last_lr()] == [0.125]


def test_numbers_of_numpys_become_pythons():
    optimizer = sgd(np.float64(0.5))
    ours = [
        lr_scheduler.StepLR(optimizer, np.int64(1), gamma=np.float32(0.5)),
        lr_scheduler.MultiStepLR(optimizer, np.array([1, 2]), gamma=np.float64(0.5)),
        lr_scheduler.ReduceLROnPlateau(optimizer, patience=np.int64(0), factor=np.float64(0.5)),
    ]
    optimizer.step()
    for scheduler, arguments in zip(ours, [(), (), (np.float32(1.0),)], strict=True):
        optimizer.param_groups[0]["lr"] = np.float64(0.25)
        scheduler.step(*arguments)
        json.dumps(scheduler.state_dict())
        with pytest.warns(UserWarning, match="is deprecated"):
            scheduler.step(*arguments, np.int64(3))
        json.dumps(scheduler.state_dict())
        assert all(type(rate) is float for rate in scheduler.get_last_lr())
    assert type(ours[0].gamma) is float
    assert type(ours[0].step_size) is int


# The order of steps


def test_a_scheduler_that_steps_before_its_optimizer_warns_once():
    scheduler = lr_scheduler.StepLR(sgd(), 3)
    with pytest.warns(UserWarning, match="the first learning rate of the schedule is never used"):
        scheduler.step()
    scheduler.step()  # no second warning, which would be an error here


def test_no_warning_after_a_step_of_the_optimizer():
    optimizer = sgd()
    scheduler = lr_scheduler.StepLR(optimizer, 3)
    optimizer.step()
    scheduler.step()
    assert scheduler.last_epoch == 1


def test_a_step_of_the_optimizer_before_there_was_a_scheduler_does_not_count():
    optimizer = sgd()
    optimizer.step()
    scheduler = lr_scheduler.StepLR(optimizer, 3)
    with pytest.warns(UserWarning, match="never used"):
        scheduler.step()


def test_a_jump_warns_as_pytorch_does():
    optimizer = sgd(1.0)
    scheduler = lr_scheduler.StepLR(optimizer, 3)
    optimizer.step()
    with pytest.warns(UserWarning, match="step.epoch. is deprecated"):
        scheduler.step(7)
    assert scheduler.get_last_lr() == [1.0 * 0.1**2]


# What is refused, and changes nothing

REFUSED: list[tuple[str, type[Exception], str, dict[str, Any]]] = [
    ("StepLR", ValueError, "step_size: expected at least 1, got 0", {"step_size": 0}),
    ("StepLR", TypeError, "step_size: expected an integer, got 2.5", {"step_size": 2.5}),
    ("StepLR", ValueError, "gamma: expected a number of at least 0", {"step_size": 2, "gamma": -1.0}),
    ("StepLR", TypeError, "gamma: expected a number, got '1'", {"step_size": 2, "gamma": "1"}),
    ("StepLR", TypeError, "last_epoch: expected an integer", {"step_size": 2, "last_epoch": 1.0}),
    ("StepLR", ValueError, "last_epoch: expected at least -1", {"step_size": 2, "last_epoch": -2}),
    ("StepLR", ValueError, r'param_groups\[0\]: expected "initial_lr"', {"step_size": 2, "last_epoch": 3}),
    ("MultiStepLR", TypeError, "milestones: expected epochs, got 3", {"milestones": 3}),
    ("MultiStepLR", TypeError, "milestones: expected an integer, got 1.5", {"milestones": [1.5]}),
    ("MultiStepLR", ValueError, "milestones: expected at least 0, got -1", {"milestones": [-1]}),
    ("ExponentialLR", ValueError, "gamma: expected a number of at least 0", {"gamma": float("nan")}),
    ("LambdaLR", TypeError, r"lr_lambda\[0\]: expected a function of the epoch, got 3", {"lr_lambda": 3}),
    ("LambdaLR", ValueError, "lr_lambda: expected 1, one for each group, got 2", {"lr_lambda": [abs, abs]}),
    ("LambdaLR", TypeError, "learning rate: expected a number, got", {"lr_lambda": lambda epoch: 1j}),
    ("ConstantLR", ValueError, r"factor: expected a number in \(0, 1\], got 0.0", {"factor": 0}),
    ("ConstantLR", ValueError, r"factor: expected a number in \(0, 1\], got 1.5", {"factor": 1.5}),
    ("ConstantLR", ValueError, "total_iters: expected at least 0", {"total_iters": -1}),
    ("LinearLR", ValueError, r"start_factor: expected a number in \(0, 1\], got 0.0", {"start_factor": 0}),
    ("LinearLR", ValueError, r"start_factor: expected a number in \(0, 1\], got 1.5", {"start_factor": 1.5}),
    ("LinearLR", ValueError, "total_iters: expected at least 0, got -1", {"total_iters": -1}),
    ("LinearLR", ValueError, "end_factor: expected a number between 0 and 1", {"end_factor": 2}),
    ("CosineAnnealingLR", ValueError, "T_max: expected a positive number, got 0.0", {"T_max": 0}),
    ("CosineAnnealingLR", TypeError, "eta_min: expected a number", {"T_max": 3, "eta_min": None}),
    ("CosineAnnealingWarmRestarts", ValueError, "T_0: expected at least 1, got 0", {"T_0": 0}),
    ("CosineAnnealingWarmRestarts", TypeError, "T_mult: expected an integer, got 1.5", {"T_0": 3, "T_mult": 1.5}),
    ("OneCycleLR", ValueError, "total_steps: expected a number, or epochs and steps_per_epoch", {"max_lr": 0.1}),
    ("OneCycleLR", ValueError, "total_steps: expected at least 1", {"max_lr": 0.1, "total_steps": 0}),
    (
        "OneCycleLR",
        ValueError,
        "epochs: expected at least 1",
        {"max_lr": 0.1, "epochs": 0, "steps_per_epoch": 3},
    ),
    (
        "OneCycleLR",
        ValueError,
        "anneal_strategy: expected one of 'cos', 'linear'",
        {"max_lr": 0.1, "total_steps": 9, "anneal_strategy": "exp"},
    ),
    (
        "OneCycleLR",
        ValueError,
        "pct_start: expected a number between 0 and 1",
        {"max_lr": 0.1, "total_steps": 9, "pct_start": 1.1},
    ),
    (
        "OneCycleLR",
        ValueError,
        "pct_start: expected phases longer than one step",
        {"max_lr": 0.1, "total_steps": 10, "pct_start": 0.1},
    ),
    (
        "OneCycleLR",
        ValueError,
        "div_factor: expected a positive number",
        {"max_lr": 0.1, "total_steps": 9, "div_factor": 0},
    ),
    ("OneCycleLR", ValueError, "max_lr: expected 1, one for each group", {"max_lr": [0.1, 0.2], "total_steps": 9}),
    ("ReduceLROnPlateau", ValueError, r"factor: expected a number in \[0, 1\), got 1.0", {"factor": 1.0}),
    ("ReduceLROnPlateau", ValueError, "mode: expected one of 'min', 'max', got 'least'", {"mode": "least"}),
    ("ReduceLROnPlateau", ValueError, "threshold_mode: expected one of", {"threshold_mode": "relative"}),
    ("ReduceLROnPlateau", TypeError, "patience: expected an integer", {"patience": 1.5}),
    ("ReduceLROnPlateau", ValueError, "min_lr: expected 1, one for each group, got 2", {"min_lr": [0.1, 0.2]}),
    ("ReduceLROnPlateau", ValueError, "min_lrs?.*: expected a number of at least 0, got -0.1", {"min_lr": -0.1}),
    ("ReduceLROnPlateau", ValueError, "factor: expected a number of at least 0, got -0.1", {"factor": -0.1}),
    ("ReduceLROnPlateau", ValueError, "eps: expected a number of at least 0, got -0.1", {"eps": -0.1}),
    ("ReduceLROnPlateau", TypeError, "threshold: expected a number, got '1'", {"threshold": "1"}),
    ("ReduceLROnPlateau", ValueError, "patience: expected at least 0, got -1", {"patience": -1}),
    ("ReduceLROnPlateau", ValueError, "cooldown: expected at least 0, got -1", {"cooldown": -1}),
    ("MultiStepLR", ValueError, "gamma: expected a number of at least 0, got -1", {"milestones": [1], "gamma": -1}),
    ("CosineAnnealingWarmRestarts", ValueError, "T_mult: expected at least 1, got 0", {"T_0": 3, "T_mult": 0}),
    ("CosineAnnealingWarmRestarts", TypeError, "eta_min: expected a number, got None", {"T_0": 3, "eta_min": None}),
    ("OneCycleLR", ValueError, "total_steps: expected a number, or epochs and", {"max_lr": 0.1, "epochs": 3}),
    ("OneCycleLR", ValueError, "total_steps: expected a number, or epochs and", {"max_lr": 0.1, "steps_per_epoch": 3}),
]


@pytest.mark.parametrize(("name", "error", "message", "options"), REFUSED, ids=[f"{r[0]} {r[2][:30]}" for r in REFUSED])
def test_a_bad_option_is_refused_and_the_optimizer_stays_as_it_was(
    name: str, error: type[Exception], message: str, options: dict[str, Any]
) -> None:
    optimizer = sgd()
    before = dict(optimizer.param_groups[0])
    with pytest.raises(error, match=message):
        getattr(lr_scheduler, name)(optimizer, **options)
    assert optimizer.param_groups[0] == before


def test_anything_but_an_optimizer_is_refused():
    for name, options in {"StepLR": {"step_size": 3}, "LambdaLR": {"lr_lambda": abs}, "ReduceLROnPlateau": {}}.items():
        with pytest.raises(TypeError, match="optimizer: expected an optimizer, got list"):
            getattr(lr_scheduler, name)([], **options)


def test_an_optimizer_without_momentum_is_cycled_only_without_it():
    class Plain(optim.Optimizer):
        def __init__(self) -> None:
            super().__init__([nn.Parameter(np.zeros(1))], {"lr": 0.1, "maximize": False})

    with pytest.raises(ValueError, match="cycle_momentum: expected an optimizer with momentum or betas, got Plain"):
        lr_scheduler.OneCycleLR(Plain(), 0.1, total_steps=9)
    assert lr_scheduler.OneCycleLR(Plain(), 0.1, total_steps=9, cycle_momentum=False).last_epoch == 0


def test_schedulers_that_do_not_fit_together_are_refused():
    optimizer = sgd()
    step, plateau = lr_scheduler.StepLR(optimizer, 3), lr_scheduler.ReduceLROnPlateau(optimizer)
    for members, error, message in [
        ([], ValueError, "schedulers: expected at least one, got none"),
        (step, TypeError, "schedulers: expected a list of schedulers, got StepLR"),
        ([step, plateau], TypeError, r"schedulers\[1\]: expected a scheduler whose step takes nothing"),
        ([step, 3], TypeError, r"schedulers\[1\]: expected a scheduler whose step takes nothing, got int"),
        ([step, lr_scheduler.StepLR(sgd(), 3)], ValueError, r"schedulers\[1\]: expected one of the same optimizer"),
    ]:
        with pytest.raises(error, match=message):
            lr_scheduler.ChainedScheduler(members)
        with pytest.raises(error, match=message):
            lr_scheduler.SequentialLR(optimizer, members, [2])
    for milestones, message in [([], "expected 1, one fewer"), ([3, 2], "that do not go down"), ([-1], "at least 0")]:
        with pytest.raises(ValueError, match=f"milestones: .*{message}"):
            lr_scheduler.SequentialLR(optimizer, [step, step], milestones)
    with pytest.raises(TypeError, match="expected a plain one from epoch 2 on, got ChainedScheduler"):
        lr_scheduler.SequentialLR(optimizer, [step, lr_scheduler.ChainedScheduler([step])], [2])


LOADED: list[tuple[type[Exception], str, Any]] = [
    (TypeError, "state_dict: expected names and values, got list", lambda state: []),
    (ValueError, "state_dict: expected .*, got nothing", lambda state: {}),
    (ValueError, "step_size: expected at least 1, got 0", lambda state: {**state, "step_size": 0}),
    (TypeError, "gamma: expected a number", lambda state: {**state, "gamma": [1]}),
    (TypeError, "last_epoch: expected an integer", lambda state: {**state, "last_epoch": "1"}),
    (TypeError, "base_lrs: expected a list of numbers", lambda state: {**state, "base_lrs": 0.1}),
    (TypeError, r"_last_lr\[0\]: expected a number", lambda state: {**state, "_last_lr": [None]}),
]


@pytest.mark.parametrize(("error", "message", "changed"), LOADED, ids=[part[1] for part in LOADED])
def test_a_bad_state_is_refused_and_the_scheduler_stays_as_it_was(
    error: type[Exception], message: str, changed: Any
) -> None:
    scheduler = lr_scheduler.StepLR(sgd(), 3)
    before = scheduler.state_dict()
    with pytest.raises(error, match=message):
        scheduler.load_state_dict(changed({**before, "last_epoch": 7}))
    assert scheduler.state_dict() == before


def test_what_a_callable_object_knows_is_copied_however_deep():
    class Table:
        def __init__(self) -> None:
            self.rates = [1.0, 0.5]

        def __call__(self, epoch: int) -> float:
            return self.rates[epoch]

    table = Table()
    scheduler = lr_scheduler.LambdaLR(sgd(), table)
    state = scheduler.state_dict()
    state["lr_lambdas"][0]["rates"][1] = 0.25
    assert table.rates == [1.0, 0.5]
    scheduler.load_state_dict(state)
    state["lr_lambdas"][0]["rates"][1] = 0.125
    assert table.rates == [1.0, 0.25]


PARTS: list[tuple[str, dict[str, Any], str, Any, type[Exception], str]] = [
    ("MultiStepLR", {"milestones": [1]}, "milestones", [1], TypeError, "milestones: expected how often each epoch"),
    ("MultiStepLR", {"milestones": [1]}, "milestones", {1: 0}, ValueError, r"milestones\[1\]: expected at least 1"),
    ("LambdaLR", {"lr_lambda": abs}, "lr_lambdas", None, TypeError, "expected lr_lambdas, attributes or None"),
    ("LambdaLR", {"lr_lambda": abs}, "lr_lambdas", [3], TypeError, "expected lr_lambdas, attributes or None"),
    ("LambdaLR", {"lr_lambda": abs}, "lr_lambdas", [None] * 2, ValueError, "lr_lambdas: expected 1, one for each"),
    ("CosineAnnealingWarmRestarts", {"T_0": 3}, "T_i", 0, ValueError, "T_i: expected at least 1, got 0"),
    ("CosineAnnealingWarmRestarts", {"T_0": 3}, "T_cur", "1", TypeError, "T_cur: expected a number, got '1'"),
    ("OneCycleLR", {"max_lr": 1, "total_steps": 9}, "total_steps", 0, ValueError, "total_steps: expected at least 1"),
    (
        "OneCycleLR",
        {"max_lr": 1, "total_steps": 9},
        "_schedule_phases",
        [3],
        ValueError,
        "expected phases with end_step",
    ),
    (
        "OneCycleLR",
        {"max_lr": 1, "total_steps": 9},
        "_schedule_phases",
        [{}],
        ValueError,
        "expected phases with end_step",
    ),
    ("ReduceLROnPlateau", {}, "factor", 2.0, ValueError, r"factor: expected a number in \[0, 1\), got 2"),
    ("ReduceLROnPlateau", {}, "best", "1", TypeError, "best: expected a number, got '1'"),
    ("ReduceLROnPlateau", {}, "num_bad_epochs", -1, ValueError, "num_bad_epochs: expected at least 0, got -1"),
    ("ReduceLROnPlateau", {}, "cooldown_counter", -1, ValueError, "cooldown_counter: expected at least 0, got -1"),
    ("ReduceLROnPlateau", {}, "min_lrs", [-1.0], ValueError, "min_lrs.*: expected a number of at least 0, got -1"),
    ("ReduceLROnPlateau", {}, "default_min_lr", -1.0, ValueError, "min_lr: expected a number of at least 0, got -1"),
]


@pytest.mark.parametrize(
    ("name", "options", "key", "value", "error", "message"), PARTS, ids=[f"{p[0]} {p[2]} {p[3]}" for p in PARTS]
)
def test_a_state_with_a_bad_part_is_refused_by_the_scheduler_that_has_it(
    name: str, options: dict[str, Any], key: str, value: Any, error: type[Exception], message: str
) -> None:
    scheduler = getattr(lr_scheduler, name)(sgd(), **options)
    before = scheduler.state_dict()
    with pytest.raises(error, match=message):
        scheduler.load_state_dict({**before, key: value})
    assert scheduler.state_dict() == before


def test_no_line_leads_anywhere_in_no_steps():
    optimizer = sgd()
    scheduler = lr_scheduler.LinearLR(optimizer, total_iters=0)
    optimizer.step()
    with (
        pytest.warns(UserWarning, match=r"step\(epoch\) is deprecated"),
        pytest.raises(ValueError, match=r"total_iters: expected at least 1 for step\(epoch\), got 0"),
    ):
        scheduler.step(3)


def test_a_phase_of_something_else_is_refused():
    scheduler = lr_scheduler.OneCycleLR(sgd(), 0.1, total_steps=9)
    for name in ("start_lr", "end_lr", "start_momentum", "end_momentum"):
        state = scheduler.state_dict()
        state["_schedule_phases"] = [{**state["_schedule_phases"][0], name: "params"}]
        with pytest.raises(ValueError, match=f"{name}: expected one of"):
            scheduler.load_state_dict(state)


def test_a_beta_of_one_is_refused():
    optimizer = optim.Adam([nn.Parameter(np.ones(2))], lr=0.1)
    for options in ({"max_momentum": 1.0}, {"base_momentum": 1.0}):
        with pytest.raises(ValueError, match=r"max_momentum, base_momentum: expected β₁ in \[0, 1\), got 1.0"):
            lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=9, **options)


def test_a_plateau_may_be_told_the_epoch():
    plateau = lr_scheduler.ReduceLROnPlateau(sgd())
    with pytest.warns(UserWarning, match=r"step\(metrics, epoch\) is deprecated"):
        plateau.step(1.0, 5)
    assert plateau.last_epoch == 5
    with pytest.raises(ValueError, match="epoch: expected at least 0, got -1"):
        plateau.step(1.0, -1)


@pytest.mark.parametrize("milestones", [[], [1], [1, 2, 4], [2, 2, 3]], ids=str)
def test_a_sequence_of_any_length_is_pytorchs_to_the_last_bit(milestones: list[int]) -> None:
    rates = []
    for optimizer, module in zip(pair(), (lr_scheduler, torch.optim.lr_scheduler), strict=True):
        members = [module.ConstantLR(optimizer, 1 / (k + 2), total_iters=3) for k in range(len(milestones) + 1)]
        sequence = module.SequentialLR(optimizer, members, milestones)
        rates.append([])
        for _ in range(8):
            optimizer.step()
            sequence.step()
            rates[-1].append(sequence.get_last_lr())
    assert rates[0] == rates[1]


def test_a_sequence_asks_for_its_own_optimizer_an_epoch_and_epochs():
    optimizer = sgd()
    step = lr_scheduler.StepLR(optimizer, 3)
    for call, error, message in [
        (
            lambda: lr_scheduler.SequentialLR(sgd(), [step, step], [2]),
            ValueError,
            r"schedulers\[0\]: expected one of the same",
        ),
        (
            lambda: lr_scheduler.ChainedScheduler([step], sgd()),
            ValueError,
            r"schedulers\[0\]: expected one of the same",
        ),
        (
            lambda: lr_scheduler.SequentialLR(optimizer, [step, step], [2], -2),
            ValueError,
            "last_epoch: expected at least -1",
        ),
        (
            lambda: lr_scheduler.SequentialLR(optimizer, [step, step], 2),
            TypeError,
            "milestones: expected a list of epochs",
        ),
    ]:
        with pytest.raises(error, match=message):
            call()
    optimizer.add_param_group({"params": [nn.Parameter(np.ones(2))]})
    with pytest.raises(ValueError, match=r"param_groups\[1\]: expected one that the schedulers know, got a later one"):
        lr_scheduler.SequentialLR(optimizer, [step, step], [2])


def test_a_bad_state_of_one_member_is_refused_for_all():
    optimizer = sgd()
    members = [lr_scheduler.StepLR(optimizer, 3), lr_scheduler.ExponentialLR(optimizer, 0.5)]
    chained = lr_scheduler.ChainedScheduler(members)
    before = chained.state_dict()
    good, bad = {**before["_schedulers"][0], "step_size": 9}, {**before["_schedulers"][1], "gamma": -1}
    with pytest.raises(ValueError, match="gamma: expected"):
        chained.load_state_dict({**before, "_schedulers": [good, bad]})
    assert chained.state_dict() == before
    with pytest.raises(ValueError, match="_schedulers: expected 2 states, got 1"):
        chained.load_state_dict({**before, "_schedulers": [good]})
    with pytest.raises(TypeError, match="expected _schedulers, a list of states"):
        chained.load_state_dict({})


def test_a_step_with_something_else_is_refused():
    scheduler = lr_scheduler.StepLR(sgd(), 3)
    plateau = lr_scheduler.ReduceLROnPlateau(sgd())
    restarts = lr_scheduler.CosineAnnealingWarmRestarts(sgd(), 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for call, error, message in [
            (lambda: scheduler.step(1.5), TypeError, "epoch: expected an integer, got 1.5"),
            (lambda: scheduler.step(-1), ValueError, "epoch: expected at least 0, got -1"),
            (lambda: restarts.step(-0.5), ValueError, "epoch: expected a number of at least 0, got -0.5"),
            (lambda: plateau.step("0.5"), TypeError, "metrics: expected a number, got '0.5'"),
            (lambda: plateau.step(np.zeros(2)), ValueError, "metrics: expected one number, got an array of shape"),
        ]:
            with pytest.raises(error, match=message):
                call()


def test_a_group_that_came_later_is_refused_where_the_formula_needs_its_initial_rate():
    optimizer = sgd()
    step, function = lr_scheduler.StepLR(optimizer, 1, 0.5), lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5)
    optimizer.step()
    optimizer.add_param_group({"params": [nn.Parameter(np.zeros(1))], "lr": 1.0})
    step.step()
    assert [group["lr"] for group in optimizer.param_groups] == [0.025, 0.5]
    before = function.state_dict()
    with pytest.raises(ValueError, match="param_groups: expected 1, as at the beginning, got 2"):
        function.step()
    assert function.state_dict() == before


def test_a_scheduler_of_ones_own_sets_what_it_returns():
    class Half(lr_scheduler.LRScheduler):
        def get_lr(self) -> list[float]:
            return [np.float64(lr / 2) for lr in self.base_lrs]

    scheduler = Half(sgd(1.0))
    assert scheduler.get_last_lr() == [0.5]
    assert type(scheduler.optimizer.param_groups[0]["lr"]) is float
    with pytest.raises(NotImplementedError, match="LRScheduler does not define get_lr"):
        lr_scheduler.LRScheduler(sgd())
