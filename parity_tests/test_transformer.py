"""The transformer's layer is PyTorch's: from the seed, in its gradients, and in a run of steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import numpy_nn as nn
from numpy_nn import optim
from parity_tests.bounds import agree
from parity_tests.case import tensor
from parity_tests.layer_witness import DTYPES
from parity_tests.lockstep import FLOAT64_BOUND, difference
from parity_tests.specification.attention import masking
from parity_tests.strategies import dtypes, seeds

STEPS = 60


def pair(seed: int, dtype: Any, *args: Any, **options: Any) -> tuple[nn.TransformerEncoderLayer, Any]:
    """The layer of either side, each from its own stream."""
    nn.manual_seed(seed)
    ours = nn.TransformerEncoderLayer(*args, **options, dtype=dtype)
    torch.manual_seed(seed)
    return ours, torch.nn.TransformerEncoderLayer(*args, **options, dtype=DTYPES[np.dtype(dtype)])


@settings(max_examples=150)  # two rounds of a whole layer each
@given(seeds, dtypes, st.booleans(), st.booleans(), st.booleans(), st.sampled_from([0.0, 0.3]))
def test_it_is_pytorchs(
    seed: int, dtype: Any, norm_first: bool, batch_first: bool, training: bool, dropout: float
) -> None:
    """Parameters as they start, output, gradients that add up, keys and print; masks and both activations drawn."""
    random = np.random.default_rng(seed)
    H, features, N, L = (int(n) for n in random.integers(1, 4, 4))
    E, batched = H * features, bool(random.random() < 0.8)
    options = {
        "norm_first": norm_first,
        "batch_first": batch_first,
        "activation": str(random.choice(["relu", "gelu"])),
        "bias": bool(random.random() < 0.7),
        "layer_norm_eps": float(random.choice([1e-5, 0.1])),
    }
    ours, theirs = pair(seed, dtype, E, H, int(random.integers(1, 6)), dropout, **options)
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[name], value.numpy())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert repr(ours) == repr(theirs)
    ours.train(training), theirs.train(training)
    x = random.standard_normal((L, E) if not batched else (N, L, E) if batch_first else (L, N, E)).astype(dtype)
    masks: dict[str, np.ndarray] = {}
    if random.random() < 0.5:
        masks["src_mask"] = masking(random, (L, L), dtype, True)
    if random.random() < 0.5:
        masks["src_key_padding_mask"] = masking(random, (N, L) if batched else (L,), dtype, True)
    dy = random.standard_normal(x.shape).astype(dtype)
    leaf = tensor(x).requires_grad_()
    for number in range(2):
        nn.manual_seed(number), torch.manual_seed(number)
        y = ours(x, **masks)
        dx = ours.backward(dy)
        leaf.grad = None
        expected = theirs(leaf, **{name: tensor(mask) for name, mask in masks.items()})
        expected.backward(torch.from_numpy(dy))
    found = [y, dx, *(parameter.grad for parameter in ours.parameters())]
    wanted = [expected, leaf.grad, *(parameter.grad for parameter in theirs.parameters())]
    for number, (mine, his) in enumerate(zip(found, wanted, strict=True)):
        size = max(1.0, float(his.detach().abs().max()))
        steep = 400 * size / ours.norm1.eps**0.5  # a norm stretches what is nearly constant by up to 1 / √eps
        agree(f"TransformerEncoderLayer {number}", mine, his.detach().numpy(), np.full(mine.shape, steep), 16)


def test_its_defaults_are_pytorchs() -> None:
    """2048 features in between, a dropout of 0.1, the norms behind: as it prints, and by its output."""
    ours, theirs = pair(0, np.float64, 4, 2)
    x = np.random.default_rng(0).standard_normal((3, 2, 4))
    assert repr(ours) == repr(theirs)
    nn.manual_seed(1), torch.manual_seed(1)
    agree("y", ours(x), theirs(torch.from_numpy(x)).detach().numpy(), np.full(x.shape, 100.0), 64)


@pytest.mark.parametrize("norm_first", [False, True])
def test_every_parameter_at_every_step(norm_first: bool) -> None:
    """A causal layer learns to give what came one step before."""
    ours, theirs = pair(3, np.float64, 8, 2, 16, 0.1, batch_first=True, norm_first=norm_first)
    optimizer = optim.SGD(ours.parameters(), lr=0.05, momentum=0.9)
    twin = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.9)
    random, hidden = np.random.default_rng(0), ~np.tri(6, dtype=bool)
    losses = []
    for step in range(STEPS):
        x = random.standard_normal((4, 6, 8))
        target = np.concatenate([x[:, :1], x[:, :-1]], axis=1)
        optimizer.zero_grad(), twin.zero_grad()
        loss, backward = nn.functional.mse_loss(ours(x, hidden, is_causal=True), target)
        ours.backward(backward())
        y = theirs(torch.from_numpy(x), torch.from_numpy(hidden), is_causal=True)
        expected = torch.nn.functional.mse_loss(y, torch.from_numpy(target))
        expected.backward()
        optimizer.step(), twin.step()
        losses.append(float(loss))
        assert abs(losses[-1] - expected.item()) <= FLOAT64_BOUND, f"loss at step {step}"
        assert difference(ours.state_dict(), theirs.state_dict()) <= FLOAT64_BOUND, f"weights at step {step}"
    assert np.mean(losses[-5:]) < np.mean(losses[:5])


@pytest.mark.parametrize("norm_first", [False, True])
def test_what_is_frozen_is_not_differentiated_and_the_rest_gets_the_same_gradients(norm_first: bool) -> None:
    x, dy = np.random.default_rng(0).standard_normal((3, 2, 4)), np.random.default_rng(1).standard_normal((3, 2, 4))
    for learning in ("self_attn", "linear1", "linear2", "norm1", "norm2"):
        ours, theirs = pair(0, np.float64, 4, 2, 5, 0.0, norm_first=norm_first)
        for module in (ours, theirs):
            module.requires_grad_(False)
            getattr(module, learning).requires_grad_(True)
        with nn.no_input_grad():
            ours(x)
        ours.backward(dy)
        theirs(torch.from_numpy(x)).backward(torch.from_numpy(dy))
        for (name, parameter), twin in zip(ours.named_parameters(), theirs.parameters(), strict=True):
            assert (parameter.grad is None) == (twin.grad is None), f"{name}, {learning} learning"
            if twin.grad is not None:
                agree(name, parameter.grad, twin.grad.numpy(), np.full(parameter.shape, 100.0), 64)


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        ((5, 2), {}, "num_heads: expected a divisor of embed_dim 5, got 2"),
        ((4, 2), {"activation": "tanh"}, "activation: expected one of 'relu', 'gelu', got 'tanh'"),
        ((4, 2), {"dropout": 2}, "dropout: expected a number between 0 and 1, got 2"),
        ((4, 2), {"norm_first": 2}, "norm_first: expected one of True, False, got 2"),
        ((4, 2, -1), {}, "out_features: expected at least 0, got -1"),
    ],
)
def test_impossible_layers_are_refused(args: tuple[int, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        nn.TransformerEncoderLayer(*args, **options)
