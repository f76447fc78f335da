"""Attention beyond its rows: weights that are looked at, the layer's start, and what is data."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
import numpy_nn.functional as F
from numpy_nn import autograd
from numpy_nn.backend import device_of, to_device, to_host
from parity_tests import strict
from parity_tests.bounds import agree
from parity_tests.case import Case, tensor
from parity_tests.layer_witness import DTYPES
from parity_tests.specification.attention import attention_scale, masking
from parity_tests.strategies import dtypes, seeds

strict.install()


def drawn(seed: int, *shape: int, dtype: Any = np.float64) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def layers(seed: int, dtype: Any, *args: Any, **options: Any) -> tuple[nn.MultiheadAttention, Any]:
    """The layer of either side, each from its own stream."""
    nn.manual_seed(seed)
    ours = nn.MultiheadAttention(*args, **options, dtype=dtype)
    torch.manual_seed(seed)
    return ours, torch.nn.MultiheadAttention(*args, **options, dtype=DTYPES[np.dtype(dtype)])


@given(seeds, st.sampled_from([1, 2, 3]), st.integers(1, 12), st.booleans(), dtypes)
def test_it_starts_as_pytorchs_from_the_seed(seed: int, heads: int, features: int, bias: bool, dtype: Any) -> None:
    ours, theirs = layers(seed, dtype, heads * features, heads, bias=bias)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[name], value.numpy())
    assert nn.random.uniform(1).item() == torch.rand(1).item()


@given(seeds, dtypes, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([0.0, 0.4]))
def test_output_weights_and_gradients_are_pytorchs(
    seed: int, dtype: Any, batched: bool, batch_first: bool, need: bool, average: bool, dropout: float
) -> None:
    """With a batch, second or first, or none; the mean of the heads' weights or each, after dropout, or no weights."""
    random = np.random.default_rng(seed)
    H, features, N, L, S = (int(n) for n in random.integers(1, 4, 5))
    E, training = H * features, bool(random.random() < 0.7)
    ours, theirs = layers(seed, dtype, E, H, dropout, bool(random.integers(2)), batch_first=batch_first)
    ours.train(training), theirs.train(training)
    shapes = [(n, E) if not batched else (N, n, E) if batch_first else (n, N, E) for n in (L, S, S)]
    inputs = [random.standard_normal(shape).astype(dtype) for shape in shapes]
    options: dict[str, Any] = {"need_weights": need, "average_attn_weights": average}
    if random.random() < 0.6:
        options["key_padding_mask"] = masking(random, (N, S) if batched else (S,), dtype, True)
    if random.random() < 0.6:
        options["attn_mask"] = masking(random, (L, S) if random.random() < 0.5 else (N**batched * H, L, S), dtype, True)
    leaves = [tensor(x).requires_grad_() for x in inputs]
    nn.manual_seed(seed), torch.manual_seed(seed)
    y, weights = ours(*inputs, **options)
    given_masks = {name: tensor(v) if isinstance(v, np.ndarray) else v for name, v in options.items()}
    expected, their_weights = theirs(*leaves, **given_masks)
    dy = random.standard_normal(y.shape).astype(dtype)
    gradients = ours.backward(dy)
    expected.backward(torch.from_numpy(dy))
    found = [y, *gradients, *(parameter.grad for parameter in ours.parameters())]
    wanted = [expected, *(leaf.grad for leaf in leaves), *(parameter.grad for parameter in theirs.parameters())]
    assert (weights is None) == (their_weights is None) == (not need)
    if need:
        found.append(weights), wanted.append(their_weights)
    for number, (mine, his) in enumerate(zip(found, wanted, strict=True)):
        agree(f"MultiheadAttention {number}", mine, his.detach().numpy(), np.full(mine.shape, 100.0), 64)


def test_both_sides_drop_the_same_from_the_same_seed_whatever_the_layout() -> None:
    """Strides that PyTorch does not look at either, as it makes the weights anew."""
    for order in "CF":
        q, k, v = (np.asarray(drawn(i, 2, 3, 4, 5), order=order) for i in range(3))
        nn.manual_seed(4), torch.manual_seed(4)
        y, _ = F.scaled_dot_product_attention(q, k, v, dropout_p=0.5)
        expected = torch.nn.functional.scaled_dot_product_attention(*map(tensor, (q, k, v)), dropout_p=0.5)
        scale = attention_scale(Case((q, k, v), {"dropout_p": 0.5}), np.zeros_like(y))
        agree(f"order {order}", y, expected.numpy(), scale.y, scale.factor)
        assert nn.random.uniform(1).item() == torch.rand(1).item()


def test_a_generator_of_its_own_leaves_the_default_one_alone() -> None:
    q = drawn(0, 4, 3)
    nn.manual_seed(1)
    expected, _ = F.scaled_dot_product_attention(q, q, q, dropout_p=0.5)
    nn.manual_seed(2)
    y, _ = F.scaled_dot_product_attention(q, q, q, dropout_p=0.5, generator=nn.Generator().manual_seed(1))
    following = nn.random.uniform(1)
    nn.manual_seed(2)
    assert np.array_equal(y, expected)
    assert following == nn.random.uniform(1)


def test_self_attention_is_attention_whose_gradients_add_up() -> None:
    ours, theirs = layers(0, np.float64, 6, 2, batch_first=True)
    x, dy = drawn(1, 2, 3, 6), drawn(2, 2, 3, 6)
    ours(x, x, x, need_weights=False)
    leaf = torch.from_numpy(x).requires_grad_()
    theirs(leaf, leaf, leaf, need_weights=False)[0].backward(torch.from_numpy(dy))
    agree("dx", np.asarray(sum(ours.backward(dy))), leaf.grad.numpy(), np.full(x.shape, 100.0), 64)


@pytest.mark.parametrize("biased", ["in_proj_bias", "out_proj_bias"])
def test_one_bias_alone(biased: str) -> None:
    """PyTorch's function takes it, its layer has both or none."""
    x, dy = drawn(0, 3, 2, 4), drawn(1, 3, 2, 4)
    arrays = {
        "in_proj_weight": drawn(2, 12, 4),
        "in_proj_bias": drawn(3, 12),
        "out_proj_weight": drawn(4, 4, 4),
        "out_proj_bias": drawn(5, 4),
    }
    kept = {name: array if "weight" in name or name == biased else None for name, array in arrays.items()}
    y, backward = F.multi_head_attention(x, x, x, **kept, num_heads=2)
    zeros = {name: np.zeros_like(array) if kept[name] is None else array for name, array in arrays.items()}
    expected, expected_backward = F.multi_head_attention(x, x, x, **zeros, num_heads=2)
    gone = 3 + next(number for number, name in enumerate(arrays) if kept[name] is None)
    wanted = [gradient for number, gradient in enumerate(expected_backward(dy)) if number != gone]
    assert np.array_equal(y, expected)
    assert all(np.array_equal(a, b) for a, b in zip(backward(dy), wanted, strict=True))


@pytest.mark.parametrize("unwanted", ["query", "key", "value", "in_proj_weight", "out_proj_weight"])
def test_a_gradient_that_nobody_wants_is_left_out_and_the_others_stay(unwanted: str) -> None:
    x, dy = drawn(0, 3, 2, 4), drawn(1, 3, 2, 4)
    arrays = (drawn(2, 12, 4), drawn(3, 12), drawn(4, 4, 4), drawn(5, 4))
    _, backward = F.multi_head_attention(x, x, x, *arrays, 2)
    names = ["query", "key", "value", "in_proj_weight", "in_proj_bias", "out_proj_weight", "out_proj_bias"]
    for name, some, all_of_it in zip(names, backward(dy, [unwanted]), backward(dy), strict=True):
        assert some is None if name == unwanted else np.array_equal(some, all_of_it)


def test_masks_are_data_on_the_tape() -> None:
    x, mask = autograd.Tensor(drawn(0, 2, 3), requires_grad=True), autograd.Tensor(drawn(1, 2, 2))
    autograd.functional.scaled_dot_product_attention(x, x, x, mask).sum().backward()
    assert x.grad is not None
    assert mask.grad is None
    with pytest.raises(RuntimeError, match="attn_mask"):
        autograd.functional.scaled_dot_product_attention(x, x, x, autograd.Tensor(drawn(1, 2, 2), requires_grad=True))


def test_the_layer_gives_the_same_bits_on_the_strict_array() -> None:
    x, padding = drawn(0, 2, 3, 4, dtype=np.float32), np.array([[False, True, False]] * 2)
    results = []
    for device in ("cpu", "strict"):
        nn.manual_seed(0)
        layer = nn.MultiheadAttention(4, 2, dropout=0.3, batch_first=True, device=device)
        here = to_device(x, device)
        y, weights = layer(here, here, here, to_device(padding, device))
        arrays = [y, weights, *layer.backward(here), *(parameter.grad for parameter in layer.parameters())]
        assert {device_of(array) for array in arrays} == {device}
        results.append([to_host(array).tobytes() for array in arrays])
    assert results[0] == results[1]


def test_a_second_backward_is_refused() -> None:
    layer = nn.MultiheadAttention(2, 1)
    x = np.ones((1, 2), np.float32)
    layer(x, x, x)
    layer.backward(x)
    with pytest.raises(RuntimeError, match=r"^MultiheadAttention.backward: call the layer first"):
        layer.backward(x)


def test_a_floating_mask_of_minus_infinity_is_a_bool_one() -> None:
    x, hidden = drawn(0, 3, 4), np.array([[False, True, True], [True] * 3, [False] * 3])
    floats = np.where(hidden, -inf, 0.0)
    y, backward = F.scaled_dot_product_attention(x, x, x, ~hidden)
    same, same_backward = F.scaled_dot_product_attention(x, x, x, floats)
    assert np.array_equal(y, same)
    assert not y[1].any()
    assert all(np.array_equal(a, b) for a, b in zip(backward(x), same_backward(x), strict=True))
