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


def test_a_repr_shows_the_options_of_every_group():
    optimizer = optim.SGD([{"params": [nn.Parameter(np.zeros(1))]}, {"params": [nn.Parameter(np.ones(1))], "lr": 0.5}])
    assert "Parameter Group 0" in repr(optimizer)
    assert "lr: 0.5" in repr(optimizer)
