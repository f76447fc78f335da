"""What holds for the fast kernels of cross entropy and embedding beyond their rows in the specification."""

from __future__ import annotations

import sys
from math import inf

import numpy as np
import pytest
import torch

from numpy_nn import functional as F
from numpy_nn.kernels import cpu
from parity_tests.bounds import agree
from parity_tests.case import tensor
from parity_tests.edges import REFUSALS, Refusal
from parity_tests.strategies import values
from parity_tests.test_edges import arguments, label

LOGITS = values(0, (5, 4), np.float32)
TARGET = np.array([0, 3, -100, 1, -100])


REFUSED = [refusal for refusal in REFUSALS if refusal.name in ("cross_entropy", "embedding")]


@pytest.mark.parametrize("refusal", REFUSED, ids=label)
def test_a_kernel_refuses_what_its_formula_refuses(refusal: Refusal):
    args, options = arguments(refusal, np.float32, lambda x: x)
    with pytest.raises(refusal.ours, match="expected"):
        getattr(cpu, refusal.name)(*args, **options)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_a_gradient_is_given_away_and_the_next_one_is_another_array(reduction):
    loss, backward = cpu.cross_entropy(LOGITS, TARGET, reduction=reduction)
    for size in (1, 3, 1):
        dy = np.full(loss.shape, size, np.float32)
        dx, (expected,) = backward(dy), torch.autograd.grad(*_by_torch(reduction), tensor(dy))
        agree("dx", dx, expected.numpy(), np.full(dx.shape, 3.0), 32)
        dx[...] = 7  # nobody else's


@pytest.mark.parametrize("value", [inf, -inf, np.nan])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_what_is_ignored_has_no_gradient_even_of_an_infinite_one(reduction, value):
    _, backward = cpu.cross_entropy(LOGITS, TARGET, reduction=reduction)
    dy = np.asarray(value, np.float32)
    (expected,) = torch.autograd.grad(*_by_torch(reduction), tensor(dy))
    np.testing.assert_array_equal(backward(dy), expected.numpy())
    assert not backward(dy)[TARGET == -100].any()


def _by_torch(reduction: str) -> tuple[torch.Tensor, torch.Tensor]:
    leaf = tensor(LOGITS).requires_grad_()
    return torch.nn.functional.cross_entropy(leaf, torch.from_numpy(TARGET), reduction=reduction), leaf


@pytest.mark.parametrize("C", [10, 100])
def test_few_classes_and_many_are_pytorchs_over_several_blocks(C):
    x, target = values(0, (3000, C), np.float64), np.random.default_rng(0).integers(0, C, 3000)
    loss, backward = cpu.cross_entropy(x, target)
    leaf = tensor(x).requires_grad_()
    expected = torch.nn.functional.cross_entropy(leaf, torch.from_numpy(target))
    agree("loss", loss, expected.detach().numpy(), np.full((), 10.0), 4000)
    (dx,) = torch.autograd.grad(expected, leaf)
    agree("dx", backward(), dx.numpy(), np.full(x.shape, 10 / 3000), 2 * (8 + C))


@pytest.mark.parametrize("D", [1, 3, 4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scipy", [True, False])
def test_embeddings_gradient_has_the_formulas_bits_over_several_blocks(D, dtype, scipy, monkeypatch):
    """Rows used hundreds of times among them, added up in the same order."""
    if not scipy:
        monkeypatch.setitem(sys.modules, "scipy.sparse._sparsetools", None)
    indices = np.asarray(300 * np.random.default_rng(D).random(3000) ** 8, np.int64)
    weight, dy = values(0, (300, D), dtype), values(1, (3000, D), dtype)
    (y, backward), (expected, textbook) = (function(indices, weight) for function in (cpu.embedding, F.embedding))
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(backward(dy), textbook(dy))
