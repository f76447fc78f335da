"""Initial values from PyTorch's random stream."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
from numpy_nn import init

OPTIONS: list[dict[str, Any]] = [
    {},
    {"a": 0.5},
    {"mode": "fan_out"},
    {"mode": "fan_in", "nonlinearity": "relu"},
    {"a": 3.0, "mode": "fan_out", "nonlinearity": "relu"},
    {"a": -0.2, "nonlinearity": "leaky_relu"},
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_kaiming_normal_is_pytorchs_from_the_seed(options: dict[str, Any], dtype: str) -> None:
    for shape in ((3, 2), (8, 5), (6, 4, 3), (5, 7, 3, 2)):
        nn.manual_seed(4)
        ours = init.kaiming_normal_(nn.Parameter(np.empty(shape, dtype)), **options).data
        torch.manual_seed(4)
        theirs = torch.nn.init.kaiming_normal_(torch.empty(shape, dtype=getattr(torch, dtype)), **options)
        np.testing.assert_array_equal(ours, theirs.numpy(), strict=True)


def test_a_generator_is_drawn_from_where_one_is_given() -> None:
    parameter = nn.Parameter(np.empty((4, 5), np.float32))
    before = nn.random.get_rng_state()
    init.kaiming_normal_(parameter, generator=nn.Generator(8))
    theirs = torch.nn.init.kaiming_normal_(torch.empty(4, 5), generator=torch.Generator().manual_seed(8))
    assert np.array_equal(parameter.data, theirs.numpy())
    assert np.array_equal(nn.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((3,), {}, "parameter: expected at least two dimensions, got shape (3,)"),
        ((3,), {"mode": "fan_out"}, "parameter: expected at least two dimensions, got shape (3,)"),
        ((3, 2), {"mode": "fan_mid"}, "mode: expected one of 'fan_in', 'fan_out', got 'fan_mid'"),
        ((3, 2), {"nonlinearity": "gelu"}, "nonlinearity: expected one of 'leaky_relu', 'relu', got 'gelu'"),
    ],
)
def test_what_kaiming_normal_cannot_do_is_refused_and_nothing_is_drawn(
    shape: tuple[int, ...], options: dict[str, Any], message: str
) -> None:
    before = nn.random.get_rng_state()
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        init.kaiming_normal_(nn.Parameter(np.ones(shape)), **options)
    assert np.array_equal(nn.random.get_rng_state(), before)


def test_kaiming_normal_takes_parameters_and_numbers_alone() -> None:
    with pytest.raises(TypeError, match=r"^parameter: expected a Parameter, got ndarray$"):
        init.kaiming_normal_(np.ones((2, 2)))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^a: expected a number, got 'x'$"):
        init.kaiming_normal_(nn.Parameter(np.ones((2, 2))), a="x")  # type: ignore[arg-type]
