"""What the normalizations keep from call to call, against PyTorch's; what they refuse, and what a refusal leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
import numpy_nn.functional as F
from numpy_nn.backend import to_device
from parity_tests import strict
from parity_tests.bounds import agree, unit, within
from parity_tests.case import Case
from parity_tests.layer_witness import DTYPES
from parity_tests.specification.normalization import batch_norm_scale
from parity_tests.strategies import dtypes, seeds

strict.install()

X = np.arange(6, dtype=np.float32).reshape(2, 3)
THREE = np.ones(3, np.float32)
TWO = np.ones(2, np.float32)
MOMENTA = st.sampled_from([0.1, None, 0.5, 0.0, 1.0])
LAYERS = st.sampled_from([("BatchNorm1d", ()), ("BatchNorm1d", (4,)), ("BatchNorm2d", (2, 3))])
STARTS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("BatchNorm1d", (3,), {}),
    ("BatchNorm2d", (3, 1e-3, None), {}),
    ("BatchNorm2d", (3,), {"affine": False}),
    ("BatchNorm1d", (3,), {"track_running_stats": False}),
    ("BatchNorm1d", (3,), {"bias": False}),
    ("LayerNorm", (3,), {}),
    ("LayerNorm", ([2, 3], 1e-3), {"bias": False}),
    ("LayerNorm", ((3,),), {"elementwise_affine": False}),
    ("GroupNorm", (2, 4), {}),
    ("GroupNorm", (1, 4, 0.1, False), {}),
    ("GroupNorm", (4, 4), {"bias": False}),
    ("RMSNorm", (3,), {}),
    ("RMSNorm", ([2, 3], 1e-3, False), {}),
]
KEYS = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]


class Statistics:
    """S of the running statistics: what they would be of absolute values, and how often they were rounded."""

    def __init__(self, C: int) -> None:
        self.mean, self.var, self.roundings = np.zeros(C), np.ones(C), 8

    def take(self, x: np.ndarray, momentum: float) -> None:
        """The statistics of one more batch."""
        if not x.size:
            return
        rows = np.abs(np.moveaxis(x.astype(np.float64), 1, 0).reshape(x.shape[1], -1))
        n, A = rows.shape[1], rows.mean(axis=1)
        self.mean = momentum * A + (1 - momentum) * self.mean
        spread = ((rows + A[:, None]) ** 2).sum(axis=1) / (n - 1)
        self.var = momentum * spread + (1 - momentum) * self.var
        self.roundings += 4 * n + 8


def batches(seed: int, rest: tuple[int, ...], dtype: Any) -> list[np.ndarray]:
    """Batches of 3 channels, of several sizes and means; one of them is empty."""
    random = np.random.default_rng(seed)
    shapes = [(int(N), 3, *rest) for N in random.permutation([2, 0, 5, 3])]
    return [(random.standard_normal(shape) * 2 + random.integers(-5, 5)).astype(dtype) for shape in shapes]


def twins(kind: str, dtype: Any, **options: Any) -> tuple[Any, Any, Any]:
    """The layer, its twin, and its twin in float64, which all start with the same weight and bias."""
    layer = getattr(nn, kind)(3, dtype=dtype, **options)
    twin = getattr(torch.nn, kind)(3, dtype=DTYPES[np.dtype(dtype)], **options)
    exact = getattr(torch.nn, kind)(3, dtype=torch.float64, **options)
    return layer, twin, exact


@given(seeds, LAYERS, dtypes, MOMENTA, st.booleans(), st.integers(0, 3))
def test_the_running_statistics_are_pytorchs_call_by_call(seed, kind, dtype, momentum, affine, resting) -> None:
    """In training they move, at rest (eval) they do not; midway PyTorch goes on from a state_dict of ours, and back."""
    name, rest = kind
    layer, twin, exact = twins(name, dtype, momentum=momentum, affine=affine)
    S = Statistics(3)
    for call, x in enumerate(batches(seed, rest, dtype)):
        for module in (layer, twin, exact):
            module.train(call != resting)
        y, theirs = layer(x), twin(torch.from_numpy(x)).detach().numpy()
        exact(torch.from_numpy(x.astype(np.float64)))
        assert y.shape == theirs.shape
        if call != resting:
            tracked = int(twin.num_batches_tracked)
            S.take(x, 1 / tracked if momentum is None else momentum)
        for key, scale in (("running_mean", S.mean), ("running_var", S.var)):
            ours, his = getattr(layer, key), getattr(twin, key).numpy()
            reference = getattr(exact, key).numpy() if dtype == np.float32 else None
            agree(key, ours, his, scale, S.roundings, reference)
        assert layer.num_batches_tracked.dtype == np.int64
        assert layer.num_batches_tracked == twin.num_batches_tracked.numpy()
        if call == 1:
            twin.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in layer.state_dict().items()})
            layer.load_state_dict({k: v.clone() for k, v in twin.state_dict().items()})


def test_the_kept_variance_is_the_unbiased_one() -> None:
    layer = nn.BatchNorm1d(1, momentum=0.25)
    layer(np.array([[1.0], [3.0]], np.float32))
    assert layer.running_mean.tolist() == [0.25 * 2]
    assert layer.running_var.tolist() == [0.25 * 2 + 0.75]  # biased it would be 1


def test_a_tenth_of_the_batchs_statistics_is_kept_by_default() -> None:
    x, mean, var = np.array([[1.0], [3.0]]), np.zeros(1), np.ones(1)
    F.batch_norm(x, mean, var, training=True)
    assert [mean.item(), var.item()] == [0.1 * 2, 0.1 * 2 + 0.9]
    tensors = [torch.from_numpy(array) for array in (x, np.zeros(1), np.ones(1))]
    torch.nn.functional.batch_norm(*tensors, training=True)
    assert [tensors[1].item(), tensors[2].item()] == [mean.item(), var.item()]


def test_without_momentum_the_mean_of_all_batches_is_kept() -> None:
    layer = nn.BatchNorm1d(1, momentum=None, dtype=np.float64)
    for value in (1.0, 4.0, 10.0):
        layer(np.array([[value], [value]]))
    assert layer.running_mean.tolist() == [5]
    assert layer.running_var.tolist() == [0]  # the 1 that it starts with is forgotten at once


def test_an_empty_batch_counts_but_changes_no_statistics() -> None:
    layer, twin, _ = twins("BatchNorm1d", np.float32)
    for module, x in ((layer, X[:0]), (twin, torch.from_numpy(X[:0]))):
        module(x)
        assert [float(v) for v in module.running_mean] == [0, 0, 0]
        assert [float(v) for v in module.running_var] == [1, 1, 1]
        assert int(module.num_batches_tracked) == 1


@pytest.mark.parametrize("bad", [X[:1], X[:, :2], X[0], X.astype(np.float64), X[:, :, None, None]])
def test_a_batch_that_is_refused_changes_nothing(bad: np.ndarray) -> None:
    layer = nn.BatchNorm1d(3)
    before = {key: value.copy() for key, value in layer.state_dict().items()}
    with pytest.raises((ValueError, TypeError), match="expected"):
        layer(bad)
    for key, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[key])


def test_without_running_statistics_the_batchs_serve_in_eval_mode_too() -> None:
    layer, twin, _ = twins("BatchNorm1d", np.float64, track_running_stats=False)
    x = np.random.default_rng(0).standard_normal((5, 3))
    for module in (layer, twin):
        module.eval()
    scale = batch_norm_scale(Case((x, None, None), {"training": True}), np.zeros_like(x))
    agree("y", layer(x), twin(torch.from_numpy(x)).detach().numpy(), scale.y, scale.factor)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        layer(x[:1])
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        twin(torch.from_numpy(x[:1]))


@pytest.mark.parametrize(("name", "args", "options"), STARTS, ids=str)
def test_a_layer_starts_as_pytorchs_and_its_state_goes_both_ways(name: str, args: Any, options: dict[str, Any]) -> None:
    layer, twin = getattr(nn, name)(*args, **options), getattr(torch.nn, name)(*args, **options)
    theirs = twin.state_dict()
    assert list(layer.state_dict()) == list(theirs)
    assert repr(layer) == repr(twin)
    for key, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, theirs[key].numpy(), strict=True)
        value[...] = np.arange(value.size).reshape(value.shape) + 3
    twin.load_state_dict({key: torch.from_numpy(value.copy()) for key, value in layer.state_dict().items()})
    fresh = getattr(nn, name)(*args, **options)
    fresh.load_state_dict(twin.state_dict())
    for key, value in layer.state_dict().items():
        np.testing.assert_array_equal(fresh.state_dict()[key], value, strict=True)
        np.testing.assert_array_equal(twin.state_dict()[key].numpy(), value, strict=True)


def test_the_count_of_batches_stays_an_integer() -> None:
    layer = nn.BatchNorm2d(3).to(np.float64)
    assert [layer.state_dict()[key].dtype.name for key in KEYS] == ["float64"] * 4 + ["int64"]
    assert layer.num_batches_tracked.shape == ()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rms_norms_eps_is_the_dtypes(dtype: Any) -> None:
    small = np.full((1, 2), np.sqrt(np.finfo(dtype).eps), dtype)  # its mean square is eps, so that the root holds 2 eps
    theirs = torch.nn.functional.rms_norm(torch.from_numpy(small), (2,)).numpy()
    for y in (F.rms_norm(small, (2,))[0], nn.RMSNorm(2, dtype=dtype)(small), theirs):
        within("y", y, np.sqrt([[0.5, 0.5]]), np.array(8 * unit(y.dtype)))  # roundings, that of √eps among them


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm", "group_norm"])
def test_a_large_mean_costs_the_variance_nothing(name: str) -> None:
    """Taken as mean x² − μ², a variance of 1 round a mean of 10⁴ has no digit left in float32.

    What may be lost of 10⁴: a rounding for each of the log₂ 64 halves of a sum, one for its quotient, one for x − μ.
    """
    x = (1e4 + np.random.default_rng(0).standard_normal((64, 64))).astype(np.float32)
    wide = x.astype(np.float64)
    options: dict[str, tuple[Any, ...]] = {
        "batch_norm": (None, None, None, None, True),
        "layer_norm": ((64,),),
        "group_norm": (1,),
    }
    axis = 0 if name == "batch_norm" else 1
    exact = (wide - wide.mean(axis, keepdims=True)) / np.sqrt(wide.var(axis, keepdims=True) + 1e-5)
    y, _ = getattr(F, name)(x, *options[name])
    assert np.abs(y - exact).max() <= 1e4 * unit(x.dtype) * (2 + np.log2(64))


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm", "group_norm"])
def test_a_skip_connection_may_be_added_in_place(name: str) -> None:
    """Where there is no weight, what comes out is not what backward needs, but a copy of it, as in PyTorch."""
    x, dy = np.random.default_rng(0).standard_normal((2, 6, 4, 3))
    options: dict[str, tuple[Any, ...]] = {
        "batch_norm": (None, None, None, None, True),
        "layer_norm": ((4, 3),),
        "group_norm": (2,),
    }
    y, backward = getattr(F, name)(x, *options[name])
    expected = backward(dy)
    y += x
    np.testing.assert_array_equal(backward(dy), expected)


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: F.batch_norm([[1.0]], None, None), TypeError, "x: expected an array, got list"),
    (lambda: F.batch_norm(X.astype(int), None, None), TypeError, "x: expected float32 or float64, got int64"),
    (lambda: F.batch_norm(X[0], None, None, training=True), ValueError, r"x: expected shape \(N, C, ...\), got \(3,\)"),
    (lambda: F.batch_norm(X, THREE, None), ValueError, "running_mean: expected both it and running_var, got an array"),
    (lambda: F.batch_norm(X, None, None), ValueError, "running_mean: expected both .* got None and None"),
    (
        lambda: F.batch_norm(X, None, THREE, training=True),
        ValueError,
        "running_mean: expected both it and running_var or none, got None and an array",
    ),
    (
        lambda: F.batch_norm(X, TWO, TWO),
        ValueError,
        r"running_mean: expected shape \(3,\) \(x's channels\), got \(2,\)",
    ),
    (lambda: F.batch_norm(X, THREE, TWO), ValueError, r"running_var: expected shape \(3,\) .* got \(2,\)"),
    (lambda: F.batch_norm(X, THREE, THREE, TWO), ValueError, r"weight: expected shape \(3,\) .* got \(2,\)"),
    (lambda: F.batch_norm(X, THREE, THREE, bias=TWO), ValueError, r"bias: expected shape \(3,\) .* got \(2,\)"),
    (lambda: F.batch_norm(X, THREE * 1.0, THREE.astype(float)), TypeError, "running_var: expected float32 like x, got"),
    (lambda: F.batch_norm(X, THREE, THREE, training=1.5), ValueError, "training: expected one of True, False, got 1.5"),
    (lambda: F.batch_norm(X, THREE, THREE, momentum=None), TypeError, "momentum: expected a number, got None"),
    (lambda: F.batch_norm(X, THREE, THREE, eps=-1), ValueError, "eps: expected a number of at least 0, got -1"),
    (
        lambda: F.batch_norm(X, None, None, training=True, eps=0),
        ValueError,
        "eps: expected a number above 0 in training",
    ),
    (
        lambda: F.batch_norm(X[:1], None, None, training=True),
        ValueError,
        r"x: expected more than 1 value per channel in training, got shape \(1, 3\)",
    ),
    (lambda: F.batch_norm(X, to_device(THREE, "strict"), THREE), ValueError, "running_mean: expected an array on cpu"),
    (lambda: F.layer_norm(X, 3), TypeError, "normalized_shape: expected a tuple of integers, got 3"),
    (lambda: F.layer_norm(X, (3.0,)), TypeError, "normalized_shape: expected an integer, got 3.0"),
    (lambda: F.layer_norm(X, ()), ValueError, r"normalized_shape: expected at least one size, got \(\)"),
    (lambda: F.layer_norm(X, (2,)), ValueError, r"x: expected shape \(..., 2\), got \(2, 3\)"),
    (lambda: F.layer_norm(X, (3,), TWO), ValueError, r"weight: expected shape \(3,\) \(normalized_shape\), got \(2,\)"),
    (lambda: F.layer_norm(X, (3,), THREE, TWO), ValueError, r"bias: expected shape \(3,\) \(normalized_shape\), got"),
    (lambda: F.layer_norm(X, (3,), eps=-1e-5), ValueError, "eps: expected a number of at least 0, got"),
    (lambda: F.rms_norm(X, (2,)), ValueError, r"x: expected shape \(..., 2\), got \(2, 3\)"),
    (lambda: F.rms_norm(X, (3,), TWO), ValueError, r"weight: expected shape \(3,\) \(normalized_shape\), got \(2,\)"),
    (lambda: F.rms_norm(X, (3,), eps=-1), ValueError, "eps: expected a number of at least 0, got -1"),
    (lambda: F.group_norm(X, 2), ValueError, r"x: expected shape \(N, C, ...\) with C a multiple of 2, got \(2, 3\)"),
    (lambda: F.group_norm(X[0], 1), ValueError, r"x: expected shape \(N, C, ...\) with C a multiple of 1, got \(3,\)"),
    (lambda: F.group_norm(X, 0), ValueError, "num_groups: expected at least 1, got 0"),
    (lambda: F.group_norm(X, 1.0), TypeError, "num_groups: expected an integer, got 1.0"),
    (
        lambda: F.group_norm(X[:1], 3),
        ValueError,
        r"x: expected more than 1 value for 3 groups each, got shape \(1, 3\)",
    ),
    (lambda: F.group_norm(X, 1, TWO), ValueError, r"weight: expected shape \(3,\) \(x's channels\), got \(2,\)"),
    (lambda: nn.BatchNorm1d(-1), ValueError, "num_features: expected at least 0, got -1"),
    (lambda: nn.BatchNorm1d(3.0), TypeError, "num_features: expected an integer, got 3.0"),
    (lambda: nn.BatchNorm2d(3, eps=-1), ValueError, "eps: expected a number of at least 0, got -1"),
    (lambda: nn.BatchNorm2d(3, momentum="slow"), TypeError, "momentum: expected a number, got 'slow'"),
    (lambda: nn.BatchNorm2d(3, affine=None), ValueError, "affine: expected one of True, False, got None"),
    (lambda: nn.BatchNorm2d(3, dtype=np.int64), TypeError, "dtype: expected float32 or float64, got int64"),
    (lambda: nn.BatchNorm1d(3)(X[0]), ValueError, r"x: expected 2 dimensions or 3 dimensions, got shape \(3,\)"),
    (lambda: nn.BatchNorm2d(3)(X), ValueError, r"x: expected 4 dimensions, got shape \(2, 3\)"),
    (lambda: nn.BatchNorm2d(3)(None), ValueError, "x: expected 4 dimensions, got shape None"),
    (lambda: nn.LayerNorm(-1), ValueError, "normalized_shape: expected at least 0, got -1"),
    (lambda: nn.LayerNorm(()), ValueError, r"normalized_shape: expected at least one size, got \(\)"),
    (lambda: nn.LayerNorm(3.0), TypeError, "normalized_shape: expected an integer, got 3.0"),
    (lambda: nn.LayerNorm(3, bias=2), ValueError, "bias: expected one of True, False, got 2"),
    (lambda: nn.RMSNorm(()), ValueError, r"normalized_shape: expected at least one size, got \(\)"),
    (lambda: nn.RMSNorm(3, eps=-1), ValueError, "eps: expected a number of at least 0, got -1"),
    (lambda: nn.GroupNorm(3, 4), ValueError, "num_channels: expected a multiple of num_groups 3, got 4"),
    (lambda: nn.GroupNorm(0, 4), ValueError, "num_groups: expected at least 1, got 0"),
    (lambda: nn.GroupNorm(2, 4)(X), ValueError, r"x: expected shape \(N, C, ...\) with C a multiple of 2"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED, ids=[f"{n} {row[2]}" for n, row in enumerate(REFUSED)])
def test_it_refuses(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}"):
        call()
