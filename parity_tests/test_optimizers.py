"""Optimizers and gradient clipping against PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

import numpy_nn as nn
from numpy_nn import optim
from parity_tests.bounds import agree
from parity_tests.optimizer_machine import machine
from parity_tests.specification import OPTIMIZERS
from parity_tests.strategies import seeds, values


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name: str) -> None:
    run_state_machine_as_test(machine(OPTIMIZERS[name]), settings=settings(stateful_step_count=30))


def gradients(seed: int, scale: float, dtype: Any) -> tuple[list[nn.Parameter], list[torch.nn.Parameter]]:
    """Three parameters with gradients of a scale and one without, in both libraries."""
    ours, theirs = [], []
    for i, shape in enumerate([(3, 4), (), (5,)]):
        array = values(seed + i, shape, dtype, scale)
        ours.append(nn.Parameter(np.zeros(shape, dtype)))
        theirs.append(torch.nn.Parameter(torch.zeros(shape, dtype=torch.from_numpy(array).dtype)))
        ours[-1].grad, theirs[-1].grad = array.copy(), torch.from_numpy(array.copy())
    ours.append(nn.Parameter(np.zeros(2, dtype)))
    theirs.append(torch.nn.Parameter(torch.zeros(2)))
    return ours, theirs


@given(
    seeds,
    st.sampled_from([1e-9, 1.0, 1e4]),
    st.sampled_from([np.float64, np.float32]),
    st.sampled_from([0.5, 1.0, 1e3, 0.0]),
    st.sampled_from([2.0, 1.0, float("inf"), 3.0]),
)
def test_clip_grad_norm_(seed, scale, dtype, max_norm, norm_type):
    ours, theirs = gradients(seed, scale, dtype)
    norm = optim.clip_grad_norm_(ours, max_norm, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type).numpy()
    factor = 64.0  # the norm of 18 numbers and of three norms, a quotient and a product
    agree("norm", np.asarray(norm, dtype), expected, np.abs(expected).astype(float), factor)
    for mine, his in zip(ours[:3], theirs[:3], strict=True):
        agree("gradient", mine.grad, his.grad.numpy(), np.abs(his.grad.numpy()).astype(float), factor)
    assert ours[3].grad is None


@given(seeds, st.sampled_from([1e-3, 1.0, 0.0]))
def test_clip_grad_value_(seed, clip_value):
    ours, theirs = gradients(seed, 1.0, np.float32)
    optim.clip_grad_value_(ours, clip_value)
    torch.nn.utils.clip_grad_value_(theirs, clip_value)
    for mine, his in zip(ours[:3], theirs[:3], strict=True):
        np.testing.assert_array_equal(mine.grad, his.grad.numpy())


def both_of(name: str, **options: Any) -> tuple[list[Any], list[Any]]:
    """A parameter and an optimizer of it, in both libraries."""
    ours, theirs = nn.Parameter(np.ones(3)), torch.nn.Parameter(torch.ones(3, dtype=torch.float64))
    return (
        [ours, getattr(optim, name)([ours], **options)],
        [theirs, getattr(torch.optim, name)([theirs], **options)],
    )


def step_all(*sides: list[Any]) -> None:
    """One step of each optimizer, with the same gradient."""
    for parameter, optimizer in sides:
        gradient = np.array([1.0, -0.5, 0.25])
        parameter.grad = gradient if isinstance(parameter, nn.Parameter) else torch.from_numpy(gradient)
        optimizer.step()


@pytest.mark.parametrize(("saved", "loading"), [("AdamW", "Adam"), ("Adam", "AdamW"), ("AdamW", "AdamW")])
@pytest.mark.parametrize("by", ["numpy_nn", "torch"])
def test_adam_and_adamw_take_over_each_others_state_as_in_pytorch(saved: str, loading: str, by: str):
    """Adam goes on as it was saved, with the weight decay decoupled; AdamW always decouples it."""
    ours, theirs = both_of(saved, lr=0.1, weight_decay=0.5)
    step_all(ours, theirs)
    state = (ours if by == "numpy_nn" else theirs)[1].state_dict()
    mine, his = both_of(loading)
    mine[1].load_state_dict(state)
    his[1].load_state_dict(theirs[1].state_dict())
    mine[0].data, his[0].data = ours[0].data, theirs[0].data
    step_all(mine, his)
    agree("parameter", mine[0].data, his[0].detach().numpy(), np.ones(3), 64)
    assert mine[1].param_groups[0]["decoupled_weight_decay"] is his[1].param_groups[0]["decoupled_weight_decay"] is True


def test_adam_may_decouple_its_weight_decay():
    ours, theirs = both_of("Adam", lr=0.1, weight_decay=0.5, decoupled_weight_decay=True)
    step_all(ours, theirs)
    agree("parameter", ours[0].data, theirs[0].detach().numpy(), np.ones(3), 64)


@pytest.mark.parametrize(("name", "options"), [("SGD", {"momentum": 0.9}), ("Adam", {})])
def test_what_a_schedule_has_driven_out_of_range_is_taken_over(name: str, options: dict[str, Any]):
    """A straight OneCycleLR goes on below 0 in the step after its last, and β₁ above 1: a run ends there."""
    ours, theirs = both_of(name, **options)
    for sides, library in ((ours, optim), (theirs, torch.optim)):
        schedule = library.lr_scheduler.OneCycleLR(
            sides[1], 1.0, total_steps=2, anneal_strategy="linear", max_momentum=0.99
        )
        for _ in range(2):
            step_all(sides)
            schedule.step()
    mine, his = both_of(name, **options)
    mine[1].load_state_dict(ours[1].state_dict())
    his[1].load_state_dict(theirs[1].state_dict())
    group, expected = mine[1].param_groups[0], his[1].param_groups[0]
    momentum = "betas" if name == "Adam" else "momentum"
    assert (group["lr"], group[momentum]) == (expected["lr"], expected[momentum])
    assert group["lr"] < 0
    assert max(np.ravel(group[momentum])) > 1


def test_numbers_that_pytorch_keeps_in_tensors_are_numbers():
    lr, betas = torch.tensor(0.5, dtype=torch.float64), (torch.tensor(0.25), torch.tensor(0.75))
    theirs = torch.optim.Adam([torch.nn.Parameter(torch.ones(3))], lr=lr, betas=betas)
    ours, _ = both_of("Adam")
    ours[1].load_state_dict(theirs.state_dict())
    group = ours[1].param_groups[0]
    assert (group["lr"], group["betas"]) == (0.5, (0.25, 0.75))
    assert {type(number) for number in (group["lr"], *group["betas"])} == {float}


def test_a_repr_shows_the_options_of_every_group():
    optimizer = optim.SGD([{"params": [nn.Parameter(np.zeros(1))]}, {"params": [nn.Parameter(np.ones(1))], "lr": 0.5}])
    assert "Parameter Group 0" in repr(optimizer)
    assert "lr: 0.5" in repr(optimizer)
