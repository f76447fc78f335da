"""What the rows of the activations do not say: what is refused, where PyTorch is less exact, how PReLU starts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given

import numpy_nn as nn
import numpy_nn.functional as F
import torch_nn
from numpy_nn.models.mlp import ACTIVATIONS
from parity_tests.bounds import agree
from parity_tests.layer_witness import DTYPES
from parity_tests.strategies import dtypes, laid_out, layouts, seeds, shapes, values
from parity_tests.test_errors import NO_INTEGERS, NO_NUMBERS, kind, refused

X = np.array([[-1.0, 0.5], [3.0, -4.0]], dtype=np.float32)
WEIGHT = np.array([0.25], dtype=np.float32)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=kind)
@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("alpha", lambda v: F.celu(X, v)),
        ("min_val", lambda v: F.hardtanh(X, v)),
        ("max_val", lambda v: F.hardtanh(X, -1.0, v)),
        ("min_val", lambda v: nn.Hardtanh(v)),
        ("threshold", lambda v: F.threshold(X, v, 0.0)),
        ("value", lambda v: F.threshold(X, 0.0, v)),
        ("lambd", lambda v: F.hardshrink(X, v)),
        ("lambd", lambda v: F.softshrink(X, v)),
        ("lower", lambda v: F.rrelu(X, v)),
        ("upper", lambda v: F.rrelu(X, 0.1, v)),
        ("init", lambda v: nn.PReLU(1, v)),
    ],
)
def test_an_option_takes_numbers_alone(argument, call, value):
    with refused(TypeError, f"^{argument}: expected a number, got"):
        call(value)


@pytest.mark.parametrize("value", NO_INTEGERS, ids=kind)
@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("dim", lambda v: F.glu(X, v)),
        ("dim", lambda v: F.softmin(X, v)),
        ("num_parameters", lambda v: nn.PReLU(v)),
    ],
)
def test_a_dimension_and_a_count_take_integers_alone(argument, call, value):
    with refused(TypeError, f"^{argument}: expected an integer, got"):
        call(value)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.rrelu(X, 1, 0), ValueError, "lower: expected a finite number of at most a finite upper, got .*"),
        (lambda: F.rrelu(X, training=1.5), ValueError, "training: expected one of True, False, got 1.5"),
        (lambda: F.rrelu(X, slope=X[:1]), ValueError, r"slope: expected shape \(2, 2\) \(like x\), got \(1, 2\)"),
        (lambda: F.celu(X, 0), ValueError, "alpha: expected a number other than 0, got 0"),
        (lambda: F.hardtanh(X, 2, 1), ValueError, "min_val: expected at most max_val = 1.0, got 2.0"),
        (lambda: F.hardtanh(X, np.nan), ValueError, "min_val: expected at most max_val = 1.0, got nan"),
        (lambda: nn.Hardtanh(1, 1), ValueError, "min_val: expected less than max_val = 1, got 1"),
        (lambda: F.softshrink(X, -1), ValueError, "lambd: expected a number of at least 0, got -1"),
        (lambda: F.softmin(X, 2), IndexError, r"dim: expected a dimension in \[-2, 1\], got 2"),
        (lambda: F.glu(X, -3), IndexError, r"dim: expected a dimension in \[-2, 1\], got -3"),
        (lambda: F.glu(X[:1], 0), ValueError, r"x: expected an even length in dimension 0, got shape \(1, 2\)"),
        (
            lambda: F.prelu(X, np.ones(3, np.float32)),
            ValueError,
            r"weight: expected shape \(1,\) or \(2,\), a slope for each channel, got \(3,\)",
        ),
        (lambda: F.prelu(X, WEIGHT.astype(np.float64)), TypeError, "weight: expected float32 like x, got float64"),
        (lambda: F.prelu(X, 0.25), TypeError, "weight: expected an array, got float"),
        (lambda: nn.PReLU(-1), ValueError, "num_parameters: expected at least 0, got -1"),
        (lambda: nn.PReLU(dtype=np.int64), TypeError, "dtype: expected float32 or float64, got int64"),
    ],
)
def test_an_activation_refuses(call, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        call()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("celu", {"alpha": 0.3}),
        ("hardtanh", {"min_val": -0.3, "max_val": 0.3}),
        ("threshold", {"threshold": 0.3, "value": 0.1}),
        ("hardshrink", {"lambd": 0.3}),
        ("softshrink", {"lambd": 0.3}),
    ],
)
def test_an_option_of_numpys_float64_leaves_float32_as_it_is(name, options):
    both = options, {name: np.float64(value) for name, value in options.items()}
    results = [getattr(F, name)(X, **each) for each in both]
    for y, backward in results:
        assert y.dtype == backward(np.ones_like(y)).dtype == np.float32
    assert np.array_equal(results[0][0], results[1][0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_prelu_starts_at_a_quarter_and_draws_nothing(dtype):
    nn.manual_seed(3)
    torch.manual_seed(3)
    for options in ((), (4,), (2, 0.1), (0,)):
        ours = nn.PReLU(*options, dtype=dtype)
        theirs = torch.nn.PReLU(*options, dtype=DTYPES[np.dtype(dtype)])
        assert ours.weight.data.dtype == dtype
        assert np.array_equal(ours.weight.data, theirs.weight.detach().numpy())
        assert repr(ours) == repr(theirs)
    assert np.array_equal(nn.Linear(3, 3).weight.data, torch.nn.Linear(3, 3).weight.detach().numpy())


@given(seeds, dtypes, shapes(), layouts)
def test_random_slopes_are_pytorchs_bit_for_bit_and_so_is_the_stream_afterwards(seed, dtype, shape, layout):
    x = laid_out(values(seed, shape, dtype, 1.0, (0.0, -0.0)), layout)
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    y, _ = F.rrelu(x, training=True)
    expected = torch.nn.functional.rrelu(torch.from_numpy(np.array(x, order="K")), training=True)
    assert np.array_equal(y, expected.numpy())
    assert nn.random.rand(1)[0] == torch.rand(1).item()


def test_a_slope_can_be_given():
    y, backward = F.rrelu(X, training=True, slope=np.full_like(X, 0.5))
    assert y.tolist() == [[-0.5, 0.5], [3, -2]]
    assert backward(np.ones_like(X)).tolist() == [[0.5, 1], [1, 0.5]]


def test_pytorchs_slope_of_the_hardsigmoid_is_that_of_float32_and_ours_is_a_sixth():
    x = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    torch.nn.functional.hardsigmoid(x).sum().backward()
    assert x.grad.tolist() == [float(np.float32(1 / 6))] * 3
    _, backward = F.hardsigmoid(np.zeros(3))
    assert backward(np.ones(3)).tolist() == [1 / 6] * 3


def test_softsigns_slope_keeps_its_digits_far_from_0():
    """1 / (1 + |x|)², relative to itself; PyTorch's difference is off by u (1 + |x|)."""
    x = np.geomspace(1, 1e8, 50) * np.where(np.arange(50) % 2, 1, -1)
    _, backward = F.softsign(x)
    assert np.all(np.abs(backward(np.ones(50)) * (1 + np.abs(x)) ** 2 - 1) <= 6 * np.finfo(float).eps / 2)
    leaf = torch.from_numpy(x).requires_grad_()
    torch.nn.functional.softsign(leaf).sum().backward()
    assert np.max(np.abs(leaf.grad.numpy() * (1 + np.abs(x)) ** 2 - 1)) > 1e-10


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_mlp_takes_each_of_them_under_its_name_in_functional(name):
    assert ACTIVATIONS.keys() == torch_nn.models.ACTIVATIONS.keys()
    nn.manual_seed(1)
    torch.manual_seed(1)
    x, dy = np.random.default_rng(2).standard_normal((2, 6, 5))
    ours = nn.MLP(5, 8, 5, activation=name, dtype=np.float64)
    theirs = torch_nn.MLP(5, 8, 5, activation=name, dtype=torch.float64)
    y, leaf = ours(x), torch.from_numpy(x).requires_grad_()
    expected = theirs(leaf)
    (dx,) = torch.autograd.grad(expected, leaf, torch.from_numpy(dy))
    agree(name, y, expected.detach().numpy(), np.full(y.shape, 10.0), 64)
    agree(f"{name} dx", ours.backward(dy), dx.numpy(), np.full(x.shape, 10.0), 64)
    assert np.array_equal(ours[1](x), getattr(F, name)(x)[0])
