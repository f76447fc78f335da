"""Convolutions beyond their rows: written out in loops, each other's adjoint, started from the seed, and refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
import numpy_nn.functional as F
from numpy_nn.functional.windows import overlap_add, windows
from parity_tests import odd_padding  # noqa: F401 - heard of here
from parity_tests.layer_witness import DTYPES
from parity_tests.strategies import seeds

LAYERS = ("Conv1d", "Conv2d", "ConvTranspose2d")


def integers(seed: int, *shape: int) -> np.ndarray:
    """Small whole numbers, which a convolution adds up without rounding."""
    return np.random.default_rng(seed).integers(-9, 9, shape).astype(np.float64)


@given(seeds, st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), st.integers(0, 2))
def test_conv2d_is_the_sum_that_its_docstring_states(seed, groups, stride, dilation, padding):
    x, weight = integers(seed, 2, 2 * groups, 5, 6), integers(seed + 1, 3 * groups, 2, 2, 3)
    bias = integers(seed + 2, 3 * groups)
    y, _ = F.conv2d(x, weight, bias, (stride, 1), padding, (1, dilation), groups)
    assert y.shape == (2, 3 * groups, (3 + 2 * padding) // stride + 1, 5 - 2 * dilation + 2 * padding + 1)
    zeros = np.zeros((2, 2 * groups, 5 + 2 * padding, 6 + 2 * padding))
    zeros[:, :, padding : padding + 5, padding : padding + 6] = x
    for n, o, p, q in np.ndindex(y.shape):
        total = bias[o]
        for c, i, j in product(range(2), range(2), range(3)):
            channel = o // 3 * 2 + c
            total += weight[o, c, i, j] * zeros[n, channel, p * stride + i, q + j * dilation]
        assert y[n, o, p, q] == total


@given(seeds, st.integers(1, 3), st.integers(1, 2), st.integers(0, 1), st.integers(1, 2))
def test_conv_transpose2d_is_conv2ds_backward(seed, stride, dilation, padding, groups):
    """Its value is conv2d's dx, and its dx is conv2d's value: each is the other's adjoint."""
    x, weight = integers(seed, 2, 2 * groups, 7, 8), integers(seed + 1, 3 * groups, 2, 3, 2)
    y, backward = F.conv2d(x, weight, None, stride, padding, dilation, groups)
    dy = integers(seed + 2, *y.shape)
    span = np.array([dilation * 2 + 1, dilation + 1])
    left = np.array(x.shape[2:]) + 2 * padding - span - (np.array(y.shape[2:]) - 1) * stride
    if (left >= max(stride, dilation)).any():
        return
    z, transposed_backward = F.conv_transpose2d(
        dy, weight, None, stride, padding, tuple(map(int, left)), groups, dilation
    )
    assert np.array_equal(z, backward(dy)[0])
    assert np.array_equal(transposed_backward(x)[0], y)


@given(seeds, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_overlap_add_is_the_adjoint_of_windows_which_copy_nothing(seed, stride, dilation, kernel):
    x = integers(seed, 2, 3, 9, 8)
    sizes = (kernel, 2), (stride, 1), (1, dilation)
    seen = windows(x, *sizes)
    assert np.shares_memory(seen, x)
    w = integers(seed + 1, *seen.shape)
    assert (seen * w).sum() == (x * overlap_add(w, x.shape[2:], *sizes[1:])).sum()


@pytest.mark.parametrize("name", ["conv1d", "conv2d", "conv_transpose2d"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
def test_what_nobody_wants_is_not_computed(name, bias):
    """The other gradients are as they were."""
    axes = 1 if name == "conv1d" else 2
    arrays = {"x": integers(0, 2, 2, *(5, 4)[:axes]), "weight": integers(1, 2, 2, *(3, 2)[:axes])}
    if bias:
        arrays["bias"] = integers(2, 2)
    y, backward = getattr(F, name)(*arrays.values())
    dy = integers(3, *y.shape)
    every = dict(zip(arrays, backward(dy), strict=True))
    for without in ((), ("x",), ("weight",), ("bias",), ("x", "weight"), ("x", "weight", "bias")):
        for argument, gradient in zip(arrays, backward(dy, without), strict=True):
            if argument in without:
                assert gradient is None
            else:
                assert np.array_equal(gradient, every[argument])


@pytest.mark.parametrize("name", ["conv1d", "conv2d", "conv_transpose2d"])
def test_the_result_lies_in_memory_as_pytorchs_does(name):
    """Dropout's mask is drawn in the order of memory."""
    axes = 1 if name == "conv1d" else 2
    x, weight = integers(0, 2, 2, *(5, 4)[:axes]), integers(1, 2, 2, *(3, 2)[:axes])
    assert getattr(F, name)(x, weight)[0].flags.c_contiguous


@given(
    seeds,
    st.sampled_from(LAYERS),
    *(st.integers(1, 3) for _ in range(4)),
    st.booleans(),
    st.sampled_from([np.float32, np.float64]),
)
def test_convolutions_start_as_pytorchs_from_the_seed(seed, name, channels, outputs, kernel_size, groups, bias, dtype):
    arguments = groups * channels, groups * outputs, kernel_size
    options = {"groups": groups, "bias": bias}
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    ours = getattr(nn, name)(*arguments, **options, dtype=dtype).state_dict()
    theirs = getattr(torch.nn, name)(*arguments, **options, dtype=DTYPES[np.dtype(dtype)]).state_dict()
    assert list(ours) == list(theirs)
    for key, value in theirs.items():
        np.testing.assert_array_equal(ours[key], value.numpy())


@given(
    seeds,
    st.sampled_from(["Conv1d", "Conv2d"]),
    st.sampled_from(["zeros", "reflect", "replicate", "circular"]),
    st.sampled_from([0, 1, 2, "same", "valid"]),
    st.integers(1, 2),
    st.integers(1, 2),
)
def test_what_stands_round_the_input_is_pytorchs(seed, name, mode, padding, stride, dilation):
    """Whole numbers, so that both add up to the same."""
    axes = 1 if name == "Conv1d" else 2
    options = {"stride": 1 if padding == "same" else stride, "padding": padding, "dilation": dilation}
    ours = getattr(nn, name)(2, 3, (3, 2)[:axes], **options, padding_mode=mode, dtype=np.float64)
    theirs = getattr(torch.nn, name)(2, 3, (3, 2)[:axes], **options, padding_mode=mode, dtype=torch.float64)
    ours.load_state_dict({key: integers(seed, *array.shape) for key, array in ours.state_dict().items()})
    theirs.load_state_dict({key: torch.from_numpy(array) for key, array in ours.state_dict().items()})
    x = integers(seed + 1, 2, 2, *(5, 6)[:axes])
    leaf = torch.from_numpy(x).requires_grad_()
    y, expected = ours(x), theirs(leaf)
    assert np.array_equal(y, expected.detach().numpy())
    dy = integers(seed + 2, *y.shape)
    expected.backward(torch.from_numpy(dy))
    assert np.array_equal(ours.backward(dy), leaf.grad.numpy())
    for mine, his in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert np.array_equal(mine.grad, his.grad.numpy())
    assert repr(ours) == repr(theirs)


def test_a_first_layer_pads_without_a_gradient_of_its_input():
    layer = nn.Conv1d(1, 1, 3, padding=1, padding_mode="circular")
    with nn.no_input_grad():
        y = layer(np.ones((1, 1, 4), np.float32))
        assert layer.backward(np.ones_like(y)) is None
    assert layer.weight.grad.tolist() == [[[4, 4, 4]]]


@pytest.mark.parametrize("name", LAYERS)
def test_the_arguments_of_a_layer_come_in_pytorchs_order(name):
    values = (2, 4, 3, 2, 1, 1, 2, False) if name == "ConvTranspose2d" else (2, 4, 3, 2, 1, 3, 2, False)
    assert repr(getattr(nn, name)(*values)) == repr(getattr(torch.nn, name)(*values))


X, KERNELS = np.zeros((1, 2, 5, 5), np.float32), np.zeros((3, 2, 3, 3), np.float32)
SEQUENCES, TRIPLES = np.zeros((1, 2, 5), np.float32), np.zeros((3, 2, 3), np.float32)
PARTS = np.zeros((2, 3, 3, 3), np.float32)

FORMULA_CALLS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: F.conv2d(None, KERNELS), TypeError, "x: expected an array, got NoneType"),
    (lambda: F.conv2d(X, KERNELS.astype(float)), TypeError, "weight: expected float32 like x, got float64"),
    (lambda: F.conv2d(X, KERNELS, np.zeros(3)), TypeError, "bias: expected float32 like x, got float64"),
    (
        lambda: F.conv2d(X, np.zeros((3, 2, 6, 3), np.float32)),
        ValueError,
        r"weight: expected a kernel within the padded input \(5, 5\), got one that covers \(6, 3\)",
    ),
    (
        lambda: F.conv1d(SEQUENCES, TRIPLES, padding=1, dilation=4),
        ValueError,
        r"weight: expected a kernel within the padded input \(7,\), got one that covers \(9,\)",
    ),
    (
        lambda: F.conv2d(X, KERNELS, groups=2),
        ValueError,
        r"weight: expected a first dimension that groups = 2 divides, got \(3, 2, 3, 3\)",
    ),
    (
        lambda: F.conv2d(X[:, :1], KERNELS),
        ValueError,
        r"x: expected shape \(N, 2, H, W\) or \(2, H, W\) for a weight \(3, 2, 3, 3\) and groups = 1, "
        r"got \(1, 1, 5, 5\)",
    ),
    (lambda: F.conv1d(X, TRIPLES), ValueError, r"x: expected shape \(N, 2, L\) or \(2, L\) .* got \(1, 2, 5, 5\)"),
    (lambda: F.conv2d(X, TRIPLES), ValueError, r"weight: expected shape \(O, C / groups, KH, KW\) .* got \(3, 2, 3\)"),
    (lambda: F.conv1d(X, KERNELS), ValueError, r"weight: expected shape \(O, C / groups, KL\) .* got \(3, 2, 3, 3\)"),
    (
        lambda: F.conv_transpose2d(X, TRIPLES),
        ValueError,
        r"weight: expected shape \(C, O / groups, KH, KW\) .* got \(3, 2, 3\)",
    ),
    (
        lambda: F.conv2d(X, KERNELS, KERNELS[0, 0, 0, :2]),
        ValueError,
        r"bias: expected shape \(3,\) \(weight's outputs\), got \(2,\)",
    ),
    (
        lambda: F.conv_transpose2d(X, PARTS, KERNELS[0, 0, 0, :2]),
        ValueError,
        r"bias: expected shape \(3,\) \(weight's outputs\), got \(2,\)",
    ),
    (lambda: F.conv2d(X, KERNELS, stride=0), ValueError, "stride: expected at least 1, got 0"),
    (lambda: F.conv2d(X, KERNELS, stride=(1, -1)), ValueError, "stride: expected at least 1, got -1"),
    (lambda: F.conv2d(X, KERNELS, stride=(1, 1, 1)), ValueError, r"stride: expected an integer or 2 of them, got \(1"),
    (lambda: F.conv2d(X, KERNELS, stride=1.0), TypeError, "stride: expected an integer, got 1.0"),
    (lambda: F.conv2d(X, KERNELS, padding=-1), ValueError, "padding: expected at least 0, got -1"),
    (lambda: F.conv2d(X, KERNELS, padding="full"), ValueError, "padding: expected one of 'valid', 'same', got 'full'"),
    (
        lambda: F.conv2d(X, KERNELS, padding="same", stride=2),
        ValueError,
        r'padding: expected numbers where stride is not 1, got "same" with stride \(2, 2\)',
    ),
    (lambda: F.conv2d(X, KERNELS, dilation=0), ValueError, "dilation: expected at least 1, got 0"),
    (lambda: F.conv2d(X, KERNELS, groups=0), ValueError, "groups: expected at least 1, got 0"),
    (lambda: F.conv2d(X, KERNELS, groups=1.0), TypeError, "groups: expected an integer, got 1.0"),
    (
        lambda: F.conv_transpose2d(X, PARTS, output_padding=2, stride=2),
        ValueError,
        r"output_padding: expected less than stride \(2, 2\) or dilation \(1, 1\), got \(2, 2\)",
    ),
    (
        lambda: F.conv_transpose2d(X, PARTS, padding=4),
        ValueError,
        r"padding: expected less than half of the output \(7, 7\) on each side, got \(4, 4\)",
    ),
    (lambda: F.conv_transpose2d(X, PARTS, padding="same"), TypeError, "padding: expected an integer, got 'same'"),
]


@pytest.mark.parametrize(("call", "error", "message"), FORMULA_CALLS, ids=[row[2] for row in FORMULA_CALLS])
def test_a_formula_names_what_it_expected(call, error, message):
    with pytest.raises(error, match="^" + message):
        call()


LAYER_CALLS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"in_channels": 0}, ValueError, "in_channels: expected at least 1, got 0"),
    ({"in_channels": 3, "groups": 2}, ValueError, "in_channels: expected a multiple of groups = 2, got 3"),
    ({"out_channels": 3, "groups": 2}, ValueError, "out_channels: expected a multiple of groups = 2, got 3"),
    ({"out_channels": 2.0}, TypeError, "out_channels: expected an integer, got 2.0"),
    ({"groups": 0}, ValueError, "groups: expected at least 1, got 0"),
    ({"kernel_size": 0}, ValueError, "kernel_size: expected at least 1, got 0"),
    ({"kernel_size": (1, 1, 1)}, ValueError, r"kernel_size: expected an integer or \d of them, got \(1, 1, 1\)"),
    ({"stride": 0}, ValueError, "stride: expected at least 1, got 0"),
    ({"dilation": 0}, ValueError, "dilation: expected at least 1, got 0"),
    ({"padding": -1}, ValueError, "padding: expected at least 0, got -1"),
    ({"bias": None}, ValueError, "bias: expected one of True, False, got None"),
    ({"dtype": int}, TypeError, "dtype: expected float32 or float64, got int64"),
    ({"padding_mode": "mirror"}, ValueError, "padding_mode: expected one of .* got 'mirror'"),
]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(("options", "error", "message"), LAYER_CALLS, ids=[row[2] for row in LAYER_CALLS])
def test_a_layer_names_what_it_expected(name, options, error, message):
    usual = {"in_channels": 2, "out_channels": 2, "kernel_size": 3}
    with pytest.raises(error, match="^" + message):
        getattr(nn, name)(**{**usual, **options})


def test_a_layer_refuses_a_padding_before_it_is_called():
    with pytest.raises(ValueError, match=r"^padding: expected numbers where stride is not 1"):
        nn.Conv2d(1, 1, 3, stride=2, padding="same")
    with pytest.raises(ValueError, match=r"^padding_mode: expected one of 'zeros', got 'reflect'"):
        nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect")
    with pytest.raises(TypeError, match=r"^padding: expected an integer, got 'same'"):
        nn.ConvTranspose2d(1, 1, 3, padding="same")


def test_an_image_with_other_channels_leaves_a_layer_as_it_was():
    layer = nn.Conv2d(2, 3, 3)
    y = layer(X)
    with pytest.raises(ValueError, match=r"^x: expected shape \(N, 2, H, W\)"):
        layer(X[:, :1])
    assert layer.backward(np.ones_like(y)).shape == X.shape
