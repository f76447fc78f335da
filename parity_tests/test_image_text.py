"""Images and words in one space: the two wings from one seed, step by step, and what the space is good for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
import numpy_nn.functional as F
import torch_nn
from numpy_nn import data, optim
from parity_tests.bounds import agree
from parity_tests.lockstep import FLOAT64_BOUND, difference
from parity_tests.strategies import dtypes, seeds
from torch_nn.contrastive import contrastive_loss

STEPS = 150


def pairs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each digit beside its word in either language: images, words, and what they mean."""
    images, target = data.digits(np.float64)
    images, target = images[:600], target[:600]
    return np.concatenate([images, images]), np.concatenate([target, target + 10]), np.concatenate([target, target])


@pytest.mark.parametrize("labelled", [True, False])
def test_every_parameter_at_every_step_is_pytorchs(labelled: bool) -> None:
    images, words, labels = pairs()
    nn.manual_seed(3)
    ours = nn.ImageText(64, 32, 20, 8, dtype=np.float64)
    torch.manual_seed(3)
    theirs = torch_nn.ImageText(64, 32, 20, 8, dtype=torch.float64)
    optimizer = optim.Adam(ours.parameters(), lr=3e-3)
    twin = torch.optim.Adam(theirs.parameters(), lr=3e-3)
    loader = data.DataLoader(data.TensorDataset(images, words, labels), batch_size=32, shuffle=True)
    tensors = torch.utils.data.TensorDataset(*map(torch.from_numpy, (images, words, labels)))
    their_loader = torch.utils.data.DataLoader(tensors, batch_size=32, shuffle=True)
    first, step = None, 0
    while step < STEPS:
        for (x, w, same), (tx, tw, tsame) in zip(loader, their_loader, strict=True):
            optimizer.zero_grad()
            loss, pullback = F.contrastive_loss(*ours(x, w), same if labelled else None)
            ours.backward(pullback())
            optimizer.step()
            twin.zero_grad()
            expected = contrastive_loss(*theirs(tx, tw), tsame if labelled else None)
            expected.backward()
            twin.step()
            step += 1
            first = first or float(loss)
            assert abs(float(loss) - expected.item()) <= FLOAT64_BOUND, f"loss at step {step}"
            assert difference(ours.state_dict(), theirs.state_dict()) <= FLOAT64_BOUND, f"weights at step {step}"
    assert float(loss) < 0.75 * first


@given(seeds, dtypes, st.integers(1, 6))
def test_every_gradient_is_pytorchs(seed: int, dtype: Any, N: int) -> None:
    """Those of the parameters, after two rounds that add up, and that of the images; names and print too."""
    random = np.random.default_rng(seed)
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    ours = nn.ImageText(5, 4, 3, 2, dtype=dtype)
    theirs = torch_nn.ImageText(5, 4, 3, 2, dtype=torch.from_numpy(np.empty(0, dtype)).dtype)
    for parameter, twin in zip(ours.parameters(), theirs.parameters(), strict=True):
        twin.data = torch.from_numpy(parameter.data.copy())
    x, words = random.standard_normal((N, 5)).astype(dtype), random.integers(0, 3, N)
    dy = [random.standard_normal(shape).astype(dtype) for shape in ((N, 2), (N, 2), ())]
    leaf = torch.from_numpy(x).requires_grad_()
    for _ in range(2):
        given_out = ours(x, words)
        dx = ours.backward(tuple(map(np.asarray, dy)))
        leaf.grad = None
        expected = theirs(leaf, torch.from_numpy(words))
        torch.autograd.backward(expected, [torch.from_numpy(np.asarray(d)) for d in dy])
    found = [*given_out, dx, *(parameter.grad for parameter in ours.parameters())]
    wanted = [*expected, leaf.grad, *(parameter.grad for parameter in theirs.parameters())]
    for number, (mine, his) in enumerate(zip(found, wanted, strict=True)):
        agree(f"ImageText {number}", mine, his.detach().numpy(), np.full(mine.shape, 100.0), 64)
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)


def test_it_starts_as_pytorchs_from_the_seed() -> None:
    nn.manual_seed(5)
    ours = nn.ImageText().state_dict()
    torch.manual_seed(5)
    for name, value in torch_nn.ImageText().state_dict().items():
        np.testing.assert_array_almost_equal_nulp(ours[name], value.numpy(), 4)


def test_a_second_backward_is_refused() -> None:
    model = nn.ImageText(5, 4, 3, 2)
    dy = (np.ones((1, 2), np.float32),) * 2 + (np.ones((), np.float32),)
    with pytest.raises(RuntimeError, match=r"^ImageText.backward: call the model first"):
        model.backward(dy)
    model(np.ones((1, 5), np.float32), np.array([0]))
    model.backward(dy)
    with pytest.raises(RuntimeError, match=r"^ImageText.backward: call the model first"):
        model.backward(dy)
