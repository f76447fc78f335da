"""The fast attention where layers use it, and far from where scores usually lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import numpy_nn as nn
from numpy_nn import functional as F
from numpy_nn.functional.attention import attend
from numpy_nn.kernels import choice
from numpy_nn.kernels.cpu import attention
from parity_tests.case import Case
from parity_tests.specification import FORMULAS
from parity_tests.strategies import values
from parity_tests.test_kernels import constants
from parity_tests.witnesses import purity, pytorch

HEADS = FORMULAS["functional.multi_head_attention"]
BIG = values(0, (16, 4, 64), np.float32)


@contextmanager
def by_the_kernel() -> Iterator[None]:
    """functional.multi_head_attention with the kernel in its place, a few scores at a time."""
    with pytest.MonkeyPatch.context() as patch, constants(attention={"BLOCK": 4}):
        patch.setitem(F.multi_head_attention.__wrapped__.__kwdefaults__, "attention", attention.attend)
        yield


@given(HEADS.cases)
def test_heads_that_attend_by_the_kernel_are_pytorchs(case):
    with by_the_kernel():
        pytorch(HEADS, case)
        purity(HEADS, case)


@pytest.mark.parametrize("sign", [-1, 1])
def test_scores_all_far_below_0_or_above_are_weighed_as_any_others(sign):
    query, key, value = (values(seed, (3, 5, 4), np.float32) for seed in range(3))
    case = Case((sign * 20 * np.abs(query), 20 * np.abs(key), value), wrt=(0, 1, 2))
    pytorch(FORMULAS["kernels.cpu.scaled_dot_product_attention"], case)


def test_a_layer_attends_by_the_kernel_in_use_and_knows_its_weights_where_they_are_wanted(monkeypatch):
    ran: list[str] = []

    def noted(name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **options: (ran.append(name), run(*args, **options))[1]

    slow = noted("textbook", attend)
    monkeypatch.setattr("numpy_nn.modules.attention.attend", slow)
    monkeypatch.setitem(choice._fast, slow, noted("fast", attention.attend))
    layer = nn.MultiheadAttention(64, 4)
    assert layer(BIG, BIG, BIG, need_weights=False)[1] is None
    with nn.use_kernels("textbook"):
        layer(BIG, BIG, BIG, need_weights=False)
    assert layer(BIG, BIG, BIG)[1].shape == (4, 16, 16)
    assert ran == ["fast", "textbook", "fast"]


def test_who_wants_the_weights_gets_those_of_the_formula():
    given_to_both = (BIG, BIG, BIG, None, 0.0, 0.5, None, False)
    weights, expected = attention.attend(*given_to_both)[1], attend(*given_to_both)[1]
    assert weights is not None
    np.testing.assert_array_equal(weights, expected)
