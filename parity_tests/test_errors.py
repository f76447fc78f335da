"""Bad input is refused by name: the argument, what it got and what was expected, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from math import inf, nan
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import numpy_nn.functional as F
from numpy_nn import backend, init, optim

X = np.arange(6, dtype=np.float32).reshape(2, 3)
WIDE = X.astype(np.float64)
WEIGHT = np.ones((4, 3), dtype=np.float32)
TABLE = np.ones((5, 2), dtype=np.float32)
TARGET = np.array([0, 2])
INDICES = np.array([0, 4])
P = np.full((2, 3), 0.5, dtype=np.float32)

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    name: getattr(F, name)
    for name in "relu leaky_relu elu sigmoid tanh softplus gelu silu flatten dropout".split()
    + "selu celu hardtanh relu6 hardsigmoid hardswish hardshrink softshrink tanhshrink".split()
    + "mish logsigmoid softsign rrelu".split()
} | {
    **{name: lambda x, name=name: getattr(F, name)(x, -1) for name in ("softmax", "log_softmax", "softmin")},
    "glu": lambda x: F.glu(x, 0),
    "threshold": lambda x: F.threshold(x, 0.5, 0.0),
    "prelu": lambda x: F.prelu(x, np.ones(1, dtype=np.float32)),
}
REGRESSIONS = "mse_loss l1_loss smooth_l1_loss binary_cross_entropy_with_logits binary_cross_entropy".split()
CLASSIFICATIONS = {"cross_entropy": "logits", "nll_loss": "log_p"}

NO_ARRAYS = [[[1.0]], (1.0,), 1.0, 1, None, "x", torch.ones(1), X.view(np.matrix), np.ma.ones(2)]
NO_FLOATS = [np.float16, np.int64, np.bool_, np.longdouble, object]
NO_NUMBERS = ["1", None, [1.0], True, 1j, np.ones(2), torch.ones(())]
NO_INTEGERS = ["1", 1.0, [1], True, np.ones(2, int)]


def refused(error: type[Exception], *parts: str) -> Any:
    """Every part stands in the message, in this order."""
    return pytest.raises(error, match="(?s)" + ".*".join(parts))


def kind(value: Any) -> str:
    return type(value).__name__


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("x", NO_ARRAYS, ids=kind)
def test_formulas_take_arrays_alone(name, x):
    with refused(TypeError, "^x: expected an array, got", type(x).__name__):
        ACTIVATIONS[name](x)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", NO_FLOATS)
def test_formulas_take_float32_and_float64_alone(name, dtype):
    with refused(TypeError, "^x: expected float32 or float64, got", np.dtype(dtype).name):
        ACTIVATIONS[name](np.ones((2, 3)).astype(dtype))


ONE_ARRAY: dict[str, Callable[[Any], Any]] = {
    name: getattr(F, name) for name in "exp log sqrt neg sum mean amax amin".split()
} | {
    "reshape": lambda x: F.reshape(x, (3, 2)),
    "transpose": lambda x: F.transpose(x, 0, 1),
    "permute": lambda x: F.permute(x, (1, 0)),
    "getitem": lambda x: F.getitem(x, 0),
}
TWO_ARRAYS = "add sub mul div pow maximum minimum matmul".split()


@pytest.mark.parametrize("name", ONE_ARRAY)
def test_formulas_of_one_array_take_floats_alone(name):
    for x in NO_ARRAYS:
        with refused(TypeError, "^x: expected an array, got", type(x).__name__):
            ONE_ARRAY[name](x)
    for dtype in NO_FLOATS:
        with refused(TypeError, "^x: expected float32 or float64, got", np.dtype(dtype).name):
            ONE_ARRAY[name](np.ones((2, 3)).astype(dtype))


@pytest.mark.parametrize("name", TWO_ARRAYS)
def test_formulas_of_two_arrays_take_floats_alike(name):
    formula, other, square = getattr(F, name), "exponent" if name == "pow" else "other", X[:, :2]
    for x in NO_ARRAYS:
        with refused(TypeError, "^x: expected an array, got", type(x).__name__):
            formula(x, square)
    for dtype in NO_FLOATS:
        with refused(TypeError, "^x: expected float32 or float64, got", np.dtype(dtype).name):
            formula(np.ones((2, 2)).astype(dtype), square)
        with refused(TypeError, f"^{other}: expected float32 or float64, got", np.dtype(dtype).name):
            formula(square, np.ones((2, 2)).astype(dtype))
    with refused(TypeError, f"^{other}: expected float32 like x, got float64"):
        formula(square, WIDE[:, :2])
    with refused(ValueError, f"^{other}: expected an array on cpu like x, got one on strict"):
        formula(square, backend.to_device(square.copy(), "strict"))


@pytest.mark.parametrize("name", ["sum", "mean"])
def test_a_gradient_that_was_spread_out_can_be_written_to(name):
    dx = getattr(F, name)(X.copy(), 1)[1](np.ones(2, np.float32))
    assert dx.flags.writeable
    dx[0, 0] = 7
    assert dx[0, 1:].tolist() == dx[1, 1:].tolist()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_pullbacks_take_a_gradient_like_y_alone(name):
    y, backward = ACTIVATIONS[name](X.copy())
    with refused(ValueError, "dy: .* scalar y only, y has shape", str(y.shape[0])):
        backward()
    for dy in ([[1.0]], 1.0, torch.ones(y.shape)):
        with refused(TypeError, "^dy: expected an array, got", type(dy).__name__):
            backward(dy)
    for shape in ((), (1,), (*y.shape, 1), (3, 2)):
        with refused(ValueError, "^dy: expected shape", str(y.shape[0]), "like y, got"):
            backward(np.ones(shape, np.float32))
    for dtype in (np.float64, np.int64, np.bool_):
        with refused(TypeError, "^dy: expected float32 like y, got", np.dtype(dtype).name):
            backward(np.ones(y.shape, dtype))
    with refused(ValueError, "^dy: expected an array on cpu like y, got one on strict"):
        backward(backend.to_device(np.ones_like(y), "strict"))
    dx = backward(np.ones_like(y))
    assert (dx[0] if name == "prelu" else dx).shape == X.shape  # its weight has a gradient, too


FORMULA_CALLS: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("linear", lambda: F.linear(X, WEIGHT.T), ValueError, r"x: expected shape \(\.\.\., 4\) for a weight \(3, 4\)"),
    ("linear", lambda: F.linear(X, WEIGHT[0]), ValueError, r"weight: expected shape \(out_features, .* got \(3,\)"),
    ("linear", lambda: F.linear(X[0, 0], WEIGHT), ValueError, r"x: expected shape .* got \(\)"),
    ("linear", lambda: F.linear(X, WEIGHT, WEIGHT), ValueError, r"bias: expected shape \(4,\) .* got \(4, 3\)"),
    ("linear", lambda: F.linear(X, WEIGHT, True), TypeError, "bias: expected an array, got bool"),
    ("linear", lambda: F.linear(X, None), TypeError, "weight: expected an array, got NoneType"),
    ("linear", lambda: F.linear(WIDE, WEIGHT), TypeError, "weight: expected float64 like x, got float32"),
    ("linear", lambda: F.linear(X, WEIGHT, np.ones(4)), TypeError, "bias: expected float32 like x, got float64"),
    ("softmax", lambda: F.softmax(X, 2), IndexError, r"dim: expected a dimension in \[-2, 1\], got 2"),
    ("softmax", lambda: F.softmax(X, -3), IndexError, r"dim: expected a dimension in \[-2, 1\], got -3"),
    ("softmax", lambda: F.softmax(np.array(1.0), 1), IndexError, r"dim: expected a dimension in \[-1, 0\], got 1"),
    ("flatten", lambda: F.flatten(X, 2), IndexError, r"start_dim: expected a dimension in \[-2, 1\], got 2"),
    ("flatten", lambda: F.flatten(X, 0, -3), IndexError, r"end_dim: expected a dimension in \[-2, 1\], got -3"),
    ("flatten", lambda: F.flatten(X, 1, 0), ValueError, "end_dim: expected a dimension from start_dim 1 on, got 0"),
    ("gelu", lambda: F.gelu(X, "erf"), ValueError, "approximate: expected one of 'none', 'tanh', got 'erf'"),
    ("gelu", lambda: F.gelu(X, None), ValueError, "approximate: expected one of 'none', 'tanh', got None"),
    ("softplus", lambda: F.softplus(X, beta=0), ValueError, "beta: expected a number other than 0, got 0"),
    ("dropout", lambda: F.dropout(X, 1.5), ValueError, "p: expected a number between 0 and 1, got 1.5"),
    ("dropout", lambda: F.dropout(X, -0.5), ValueError, "p: expected a number between 0 and 1, got -0.5"),
    ("dropout", lambda: F.dropout(X, nan), ValueError, "p: expected a number between 0 and 1, got nan"),
    ("dropout", lambda: F.dropout(X, mask=X[0]), ValueError, r"mask: expected shape \(2, 3\) .* got \(3,\)"),
    ("dropout", lambda: F.dropout(X, mask=X > 1), TypeError, "mask: expected float32 or float64, got bool"),
    ("dropout", lambda: F.dropout(X, training="no"), ValueError, "training: expected one of True, False, got 'no'"),
    (
        "dropout",
        lambda: F.dropout(X, generator=np.random.default_rng(0)),
        TypeError,
        "generator: expected .* Generator",
    ),
    ("embedding", lambda: F.embedding([0], TABLE), TypeError, "indices: expected an array of int64 or int32, got list"),
    (
        "embedding",
        lambda: F.embedding(INDICES * 1.0, TABLE),
        TypeError,
        "indices: expected int64 or int32, got float64",
    ),
    ("embedding", lambda: F.embedding(INDICES > 0, TABLE), TypeError, "indices: expected int64 or int32, got bool"),
    ("embedding", lambda: F.embedding(INDICES + 1, TABLE), IndexError, r"indices: expected indices in \[0, 5\), got 5"),
    (
        "embedding",
        lambda: F.embedding(INDICES - 1, TABLE),
        IndexError,
        r"indices: expected indices in \[0, 5\), got -1",
    ),
    ("embedding", lambda: F.embedding(INDICES, None), TypeError, "weight: expected an array, got NoneType"),
    ("embedding", lambda: F.embedding(INDICES, TABLE[0]), ValueError, r"weight: expected shape \(num_.* got \(2,\)"),
    (
        "embedding",
        lambda: F.embedding(INDICES, TABLE, 5),
        ValueError,
        r"padding_idx: expected a row in \[-5, 5\), got 5",
    ),
    ("embedding", lambda: F.embedding(INDICES, TABLE, -6), ValueError, r"padding_idx: expected a row .* got -6"),
    ("embedding", lambda: F.embedding(INDICES, TABLE, max_norm=-1), ValueError, "max_norm: .* at least 0, got -1"),
    ("embedding", lambda: F.embedding(INDICES, TABLE, max_norm=nan), ValueError, "max_norm: .* at least 0, got nan"),
    (
        "embedding",
        lambda: F.embedding(INDICES, TABLE, scale_grad_by_freq=2),
        ValueError,
        "scale_grad_by_freq: .* got 2",
    ),
    ("bce", lambda: F.binary_cross_entropy(X, P), ValueError, "x: expected values between 0 and 1, got 0.0 to 5.0"),
    (
        "bce",
        lambda: F.binary_cross_entropy(P, X),
        ValueError,
        "target: expected values between 0 and 1, got 0.0 to 5.0",
    ),
    ("bce", lambda: F.binary_cross_entropy(P * nan, P), ValueError, "x: expected values between 0 and 1, got nan"),
    (
        "bce",
        lambda: F.binary_cross_entropy(P, P, P[:, :2]),
        ValueError,
        r"weight: .* broadcasts to \(2, 3\), got \(2, 2\)",
    ),
    (
        "bce",
        lambda: F.binary_cross_entropy(P[0], P[0], P),
        ValueError,
        r"weight: .* broadcasts to \(3,\), got \(2, 3\)",
    ),
    (
        "bce",
        lambda: F.binary_cross_entropy_with_logits(X, P, pos_weight=P[:, :2]),
        ValueError,
        r"pos_weight: .* broadcasts to \(2, 3\), got \(2, 2\)",
    ),
    ("bce", lambda: F.binary_cross_entropy(P, P, [1.0]), TypeError, "weight: expected an array, got list"),
    ("smooth_l1", lambda: F.smooth_l1_loss(X, X, beta=-1), ValueError, "beta: expected a number of at least 0, got -1"),
    (
        "smooth_l1",
        lambda: F.smooth_l1_loss(X, X, beta=nan),
        ValueError,
        "beta: expected a number of at least 0, got nan",
    ),
    (
        "smoothing",
        lambda: F.cross_entropy(X, TARGET, label_smoothing=2),
        ValueError,
        "label_smoothing: .* 0 and 1, got 2",
    ),
    ("soft", lambda: F.cross_entropy(X, P, ignore_index=1), ValueError, "ignore_index: expected a negative .* got 1"),
    ("soft", lambda: F.cross_entropy(X, P[0]), ValueError, r"target: expected shape \(2, 3\) .* got \(3,\)"),
    ("soft", lambda: F.cross_entropy(X, WIDE), TypeError, "target: expected float32 like logits, got float64"),
    ("soft", lambda: F.cross_entropy(X, P.astype(np.float16)), TypeError, "target: .* got float16"),
    ("pow", lambda: F.pow(X, P[0, :2]), ValueError, r"exponent: expected a shape that broadcasts with \(2, 3\), got"),
    ("sum", lambda: F.sum(X, keepdim=2), ValueError, "keepdim: expected one of True, False, got 2"),
    (
        "matmul",
        lambda: F.matmul(X, P[0, 0].reshape(())),
        ValueError,
        r"other: expected at least one dimension, got .*\(\)",
    ),
    ("matmul", lambda: F.matmul(P[0, 0].reshape(()), X), ValueError, r"x: expected at least one dimension, got .*\(\)"),
    (
        "where",
        lambda: F.where(X > 1, 1.0, 2.0),
        TypeError,
        "other: expected an array where x is a number, got a number",
    ),
    ("where", lambda: F.where(X > 1, X, None), TypeError, "other: expected a number, got None"),
    ("where", lambda: F.where(X, X, 0), TypeError, "condition: expected bool, got float32"),
    (
        "where",
        lambda: F.where(backend.to_device(X > 1, "strict"), X, 0),
        ValueError,
        "condition: expected an array on cpu, got one on strict",
    ),
    ("reshape", lambda: F.reshape(X, (-2, 3)), ValueError, "shape: expected at least -1, got -2"),
    ("reshape", lambda: F.reshape(X[:0], (0, -1)), ValueError, r"shape: expected one for 0 values, got \(0, -1\)"),
    ("transpose", lambda: F.transpose(X, 2, 0), IndexError, "dim0: expected a dimension in"),
    ("transpose", lambda: F.transpose(X, 0, 2), IndexError, "dim1: expected a dimension in"),
    ("permute", lambda: F.permute(X, (0, 2)), IndexError, "dims: expected a dimension in"),
    ("cat", lambda: F.cat([X[0, 0].reshape(())]), ValueError, "tensors: expected arrays of at least one dimension"),
    (
        "cat",
        lambda: F.cat([X, X[:, :2]]),
        ValueError,
        r"tensors: expected shapes like \(2, 3\) but along dim 0, got \(2, 2\)",
    ),
    (
        "stack",
        lambda: F.stack([X, X[:, :2]]),
        ValueError,
        r"tensors: expected shape \(2, 3\) \(like the first\), got \(2, 2\)",
    ),
    *(
        (name, lambda join=join, given=given: join(given), error, "tensors: expected " + message)
        for name, join in (("cat", F.cat), ("stack", F.stack))
        for given, error, message in (
            ([], ValueError, "at least one array, got none"),
            (X, TypeError, "a list or tuple of arrays, got ndarray"),
            (1.0, TypeError, "a list or tuple of arrays, got float"),
        )
    ),
]


@pytest.mark.parametrize(
    ("name", "call", "error", "message"), FORMULA_CALLS, ids=lambda value: getattr(value, "__name__", str(value)[:40])
)
def test_formulas_refuse(name, call, error, message):
    with pytest.raises(error, match="^" + message):
        call()


@pytest.mark.parametrize("value", NO_NUMBERS, ids=kind)
@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("negative_slope", lambda v: F.leaky_relu(X, v)),
        ("alpha", lambda v: F.elu(X, v)),
        ("beta", lambda v: F.softplus(X, v)),
        ("threshold", lambda v: F.softplus(X, 1.0, v)),
        ("p", lambda v: F.dropout(X, v)),
        ("p", nn.Dropout),
        ("beta", lambda v: F.smooth_l1_loss(X, X, beta=v)),
        ("label_smoothing", lambda v: F.cross_entropy(X, TARGET, label_smoothing=v)),
        ("label_smoothing", lambda v: nn.CrossEntropyLoss(label_smoothing=v)),
        ("norm_type", lambda v: F.embedding(INDICES, TABLE, norm_type=v)),
        ("lr", lambda v: optim.SGD(parameters(), lr=v)),
        ("momentum", lambda v: optim.SGD(parameters(), momentum=v)),
        ("dampening", lambda v: optim.SGD(parameters(), dampening=v)),
        ("weight_decay", lambda v: optim.SGD(parameters(), weight_decay=v)),
        ("lr", lambda v: optim.Adam(parameters(), lr=v)),
        ("eps", lambda v: optim.Adam(parameters(), eps=v)),
        (r"betas\[1\]", lambda v: optim.AdamW(parameters(), betas=(0.9, v))),
        ("max_norm", lambda v: optim.clip_grad_norm_(parameters(), v)),
        ("norm_type", lambda v: optim.clip_grad_norm_(parameters(), 1.0, v)),
        ("clip_value", lambda v: optim.clip_grad_value_(parameters(), v)),
        ("a", lambda v: init.kaiming_uniform_(nn.Parameter(WEIGHT.copy()), v)),
    ],
)
def test_what_is_a_number_takes_numbers_alone(argument, call, value):
    with refused(TypeError, f"^{argument}: expected a number, got"):
        call(value)


@pytest.mark.parametrize("value", NO_INTEGERS, ids=kind)
@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("dim", lambda v: F.softmax(X, v)),
        ("dim", lambda v: nn.LogSoftmax(v)(X)),
        ("start_dim", lambda v: F.flatten(X, v)),
        ("end_dim", lambda v: nn.Flatten(0, v)(X)),
        ("ignore_index", lambda v: F.nll_loss(X, TARGET, ignore_index=v)),
        ("ignore_index", lambda v: F.cross_entropy(X, TARGET, ignore_index=v)),
        ("padding_idx", lambda v: F.embedding(INDICES, TABLE, v)),
        ("padding_idx", lambda v: nn.Embedding(5, 2, v)),
        ("padding_idx", lambda v: nn.Embedding.from_pretrained(TABLE, padding_idx=v)),
        ("in_features", lambda v: nn.Linear(v, 2)),
        ("out_features", lambda v: nn.Linear(2, v)),
        ("num_embeddings", lambda v: nn.Embedding(v, 2)),
        ("embedding_dim", lambda v: nn.Embedding(2, v)),
        ("in_features", lambda v: nn.SimpleNet(v)),
        ("epochs", lambda v: next(nn.training.fit(nn.ReLU(), [], None, None, v))),
    ],
)
def test_what_is_an_integer_takes_integers_alone(argument, call, value):
    with refused(TypeError, f"^{argument}: expected an integer, got"):
        call(value)


@pytest.mark.parametrize("name", REGRESSIONS)
def test_predictions_and_targets_are_alike(name):
    loss = getattr(F, name)
    for target in (None, [[0.5] * 3] * 2, 0.5, torch.from_numpy(P)):
        with refused(TypeError, "^target: expected an array, got", type(target).__name__):
            loss(P, target)
    for target in (P[0], P[:, :1], P.T, P[None]):
        with refused(ValueError, r"^target: expected shape \(2, 3\) \(like x\), got"):
            loss(P, target)
    with refused(TypeError, "^target: expected float32 like x, got float64"):
        loss(P, P.astype(np.float64))
    with refused(TypeError, "^target: expected float32 or float64, got int64"):
        loss(P, np.ones((2, 3), np.int64))
    with refused(ValueError, "^target: expected an array on cpu like x, got one on strict"):
        loss(P, backend.to_device(P, "strict"))
    for reduction in ("average", None, True, P):
        with refused(ValueError, "^reduction: expected one of 'none', 'mean', 'sum', got"):
            loss(P, P, reduction=reduction)


@pytest.mark.parametrize(("name", "scores"), CLASSIFICATIONS.items())
def test_scores_and_classes_fit(name, scores):
    loss = getattr(F, name)
    with refused(TypeError, f"^{scores}: expected an array, got list"):
        loss([[0.0]], TARGET)
    with refused(TypeError, f"^{scores}: expected float32 or float64, got float16"):
        loss(X.astype(np.float16), TARGET)
    with refused(ValueError, f"^{scores}: expected shape", r"got \(\)"):
        loss(np.array(1.0), TARGET)
    for target in ([0, 2], None, 0, torch.tensor([0, 2])):
        with refused(TypeError, "^target: expected an array of int64 or uint8, got", type(target).__name__):
            loss(X, target)
    for dtype in (np.int32, np.uint16, np.bool_, object):
        with refused(TypeError, "^target: expected int64 or uint8, got", np.dtype(dtype).name):
            loss(X, TARGET.astype(dtype))
    for target in (TARGET[:1], TARGET[:, None], np.eye(3, dtype=np.int64)[:2]):
        with refused(ValueError, r"^target: expected shape \(2,\)", "got"):
            loss(X, target)
    for bad in (-1, 3, 99):
        with refused(IndexError, r"^target: expected indices in \[0, 3\), got", str(bad)):
            loss(X, np.array([0, bad]))
    with refused(ValueError, "^target: expected an array on cpu .*, got strict"):
        loss(X, backend.to_device(TARGET, "strict"))
    with refused(ValueError, r"^weight: expected shape \(3,\)", r"got \(2,\)"):
        loss(X, TARGET, np.ones(2, np.float32))
    with refused(TypeError, "^weight: expected float32 like", "got float64"):
        loss(X, TARGET, np.ones(3))
    with refused(TypeError, "^weight: expected an array, got list"):
        loss(X, TARGET, [1.0, 1.0, 1.0])
    with refused(ValueError, "^reduction: expected one of 'none', 'mean', 'sum', got 'batchmean'"):
        loss(X, TARGET, reduction="batchmean")


def test_devices_are_not_mixed():
    there = backend.to_device(X, "strict")
    with refused(ValueError, "^weight: expected an array on strict like x, got one on cpu"):
        F.linear(there, WEIGHT)
    with refused(ValueError, "^bias: expected an array on cpu like x, got one on strict"):
        F.linear(X, WEIGHT, backend.to_device(WEIGHT[:, 0], "strict"))
    with refused(ValueError, "^indices: expected an array on cpu like weight, got strict"):
        F.embedding(backend.to_device(INDICES, "strict"), TABLE)
    with refused(ValueError, "^mask: expected an array on cpu like x, got one on strict"):
        F.dropout(X, mask=there)
    with refused(ValueError, "^weight: expected an array on strict like x, got one on cpu"):
        nn.Linear(3, 4)(there)


@pytest.mark.parametrize("make", [lambda d: nn.Linear(2, 2, device=d), lambda d: nn.Embedding(2, 2, device=d)])
def test_devices_have_names(make):
    for device in ("gpu", "cuda:0", ""):
        with refused(ValueError, '^device: expected "cpu" or "cuda", got', device):
            make(device)
    for device in (0, None, ["cpu"], torch.device("cpu")):
        with refused(TypeError, "^device: expected a name, got"):
            make(device)


@pytest.mark.parametrize("dtype", [np.float16, np.int64, bool, None, "banana", "complex64", torch.float32, 3])
@pytest.mark.parametrize(
    "make",
    [lambda d: nn.Linear(2, 2, dtype=d), lambda d: nn.Embedding(2, 2, dtype=d), lambda d: nn.SimpleNet(2, dtype=d)],
)
def test_parameters_are_float32_or_float64(make, dtype):
    with refused(TypeError, "^dtype: expected float32 or float64, got"):
        make(dtype)


def test_parameters_are_made_of_floating_arrays():
    for data in (None, [1.0], 1.0, torch.ones(1)):
        with refused(TypeError, "^data: expected an array, got", type(data).__name__):
            nn.Parameter(data)
    for dtype in (np.int64, np.bool_, np.float16, np.complex128):
        with refused(TypeError, "^data: expected float32 or float64, got", np.dtype(dtype).name):
            nn.Parameter(np.ones(2, dtype))


def test_a_gradient_is_like_its_parameter():
    parameter = nn.Parameter(X.copy())
    kept = np.ones_like(X)
    parameter.grad = kept
    for gradient in ([1.0], 1.0, torch.ones(2, 3)):
        with refused(TypeError, "^grad: expected an array or None, got", type(gradient).__name__):
            parameter.grad = gradient
    for gradient in (X[0], X.T, X[:, :1], np.array(1, np.float32)):
        with refused(ValueError, r"^grad: expected shape \(2, 3\) like data, got"):
            parameter.grad = gradient
    with refused(TypeError, "^grad: expected float32 like data, got float64"):
        parameter.grad = WIDE
    with refused(ValueError, "^grad: expected an array on cpu, got one on strict"):
        parameter.grad = backend.to_device(X, "strict")
    assert parameter.grad is kept


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.Linear(-1, 2), "in_features: expected at least 0, got -1"),
        (lambda: nn.Linear(2, -1), "out_features: expected at least 0, got -1"),
        (lambda: nn.Linear(2, 2, "cpu"), "bias: expected one of True, False, got 'cpu'"),
        (lambda: nn.Embedding(-1, 2), "num_embeddings: expected at least 0, got -1"),
        (lambda: nn.Embedding(2, -1), "embedding_dim: expected at least 0, got -1"),
        (lambda: nn.Embedding(2, 2, 2), r"padding_idx: expected a row in \[-2, 2\), got 2"),
        (lambda: nn.Embedding.from_pretrained(TABLE[0]), r"embeddings: expected shape .* got \(2,\)"),
        (lambda: nn.Embedding.from_pretrained(TABLE, padding_idx=5), r"padding_idx: .* \[-5, 5\), got 5"),
        (lambda: nn.Dropout(1.01), "p: expected a number between 0 and 1, got 1.01"),
        (lambda: nn.Dropout(nan), "p: expected a number between 0 and 1, got nan"),
        (lambda: nn.SimpleNet(dropout=2), "p: expected a number between 0 and 1, got 2"),
        (lambda: nn.CrossEntropyLoss(label_smoothing=-0.1), "label_smoothing: .* between 0 and 1, got -0.1"),
        (lambda: nn.ReLU().train("yes"), "mode: expected one of True, False, got 'yes'"),
        *(
            (lambda loss=loss: loss(reduction="all"), "reduction: expected one of 'none', 'mean', 'sum', got 'all'")
            for loss in (nn.MSELoss, nn.L1Loss, nn.SmoothL1Loss, nn.NLLLoss, nn.CrossEntropyLoss, nn.BCELoss)
        ),
    ],
)
def test_layers_refuse_options_out_of_range(call, message):
    with pytest.raises(ValueError, match="^" + message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.Embedding.from_pretrained([[1.0]]), "embeddings: expected an array, got list"),
        (lambda: nn.Embedding.from_pretrained(TABLE.astype(int)), "embeddings: expected float32 or float64, got int64"),
        (lambda: nn.Sequential(nn.ReLU(), F.relu), "modules: expected modules, got function at position 1"),
        (lambda: nn.Sequential([nn.ReLU()]), "modules: expected modules, got list at position 0"),
        (lambda: nn.CrossEntropyLoss(weight=[1.0, 2.0]), "weight: expected an array or None, got list"),
        (lambda: setattr(nn.NLLLoss(), "weight", [1.0]), "weight: expected an array or None, got list"),
        (lambda: setattr(nn.Linear(2, 2), "weight", WEIGHT), "weight: expected a parameter, .* got ndarray"),
        (lambda: setattr(nn.Linear(2, 2), "weight", nn.ReLU()), "weight: expected a parameter or None, got ReLU"),
        (lambda: nn.Linear(2, 2).to(np.int64), "dtype: expected float32 or float64, got int64"),
        (lambda: nn.Linear(2, 2).to(None), "dtype: expected float32 or float64, got None"),
        (lambda: init.uniform_(WEIGHT), "parameter: expected a Parameter, got ndarray"),
        (lambda: init.normal_(WEIGHT), "parameter: expected a Parameter, got ndarray"),
        (lambda: init.kaiming_uniform_(WEIGHT), "parameter: expected a Parameter, got ndarray"),
    ],
)
def test_layers_refuse_what_is_of_another_type(call, message):
    with pytest.raises(TypeError, match="^" + message):
        call()


def test_a_weight_of_one_dimension_has_no_fan_in():
    with refused(ValueError, "^parameter: expected at least two dimensions, got shape", "3"):
        init.kaiming_uniform_(nn.Parameter(np.ones(3)))


def test_an_unknown_device_or_dtype_moves_nothing():
    model = nn.Sequential(nn.Linear(2, 2), nn.NLLLoss(np.ones(2, np.float32)))
    for targets, error in ((("strict", np.int64), TypeError), ((np.float64, "gpu"), ValueError)):
        with pytest.raises(error, match="expected"):
            model.to(*targets)
        arrays = model.state_dict().values()
        assert {(backend.device_of(array), array.dtype.name) for array in arrays} == {("cpu", "float32")}


@pytest.mark.parametrize("layer", [nn.Linear(3, 4), nn.ReLU(), nn.Softmax(-1), nn.Dropout(), nn.Flatten()], ids=repr)
def test_backward_needs_a_forward_each_time(layer):
    with refused(RuntimeError, f"^{kind(layer)}.backward: call the layer first; each call allows one backward"):
        layer.backward(X)
    y = layer(X)
    with refused(ValueError, "^dy: expected shape"):
        layer.backward(np.ones((7, 7), np.float32))
    layer.backward(np.ones_like(y))  # the refused gradient has not used the forward up
    with refused(RuntimeError, f"^{kind(layer)}.backward: call the layer first"):
        layer.backward(np.ones_like(y))


def test_a_network_and_a_loss_need_a_forward_too():
    with refused(RuntimeError, "^Linear.backward: call the layer first"):
        nn.SimpleNet(3, 2, 2).backward(np.ones((1, 2), np.float32))
    with refused(RuntimeError, "^MSELoss.backward: call the layer first"):
        nn.MSELoss().backward()
    criterion = nn.MSELoss(reduction="none")
    criterion(X, X)
    with refused(ValueError, "^dy: can be left out for a scalar y only"):
        criterion.backward()


def model() -> nn.SimpleNet:
    nn.manual_seed(0)
    return nn.SimpleNet(3, 4, 2)


def parameters() -> list[nn.Parameter]:
    return list(model().parameters())


ERRORS_IN_STATE: list[tuple[str, Callable[[dict[str, Any]], Any], type[Exception], list[str]]] = [
    ("missing", lambda s: s.pop("fc1.bias"), ValueError, ["SimpleNet", "Missing key", '"fc1.bias"']),
    ("extra", lambda s: s.update(fc3=X), ValueError, ["SimpleNet", "Unexpected key", '"fc3"']),
    (
        "misshapen",
        lambda s: s.update({"fc2.weight": s["fc2.weight"].T}),
        ValueError,
        ["size mismatch for fc2.weight", r"\(4, 2\) from checkpoint", r"current model is \(2, 4\)"],
    ),
    (
        "all at once",
        lambda s: (s.pop("fc1.bias"), s.update({"fc3": X, "fc2.bias": np.ones(1)})),
        ValueError,
        ["Unexpected", "fc3", "Missing", "fc1.bias", "size mismatch", "fc2.bias"],
    ),
    (
        "no array",
        lambda s: s.update({"fc2.bias": None}),
        TypeError,
        ["^fc2.bias: expected an array of numbers", "None"],
    ),
    ("strings", lambda s: s.update({"fc2.bias": np.array(["a", "b"])}), TypeError, ["^fc2.bias: expected an array"]),
    ("complex", lambda s: s.update({"fc2.bias": np.ones(2, complex)}), TypeError, ["^fc2.bias: .* complex128"]),
    ("ragged", lambda s: s.update({"fc2.bias": [[1], [1, 2]]}), TypeError, ["^fc2.bias: expected an array", "list"]),
    (
        "tracked by autograd",
        lambda s: s.update({"fc2.bias": torch.ones(2, requires_grad=True)}),
        TypeError,
        ["^fc2.bias: expected an array", "Tensor", "detach"],
    ),
]


@pytest.mark.parametrize(
    ("spoil", "error", "message"), [row[1:] for row in ERRORS_IN_STATE], ids=[row[0] for row in ERRORS_IN_STATE]
)
def test_a_state_dict_that_does_not_fit_changes_nothing(spoil, error, message):
    ours = model()
    before = deepcopy(ours.state_dict())
    state = {key: array + 1 for key, array in before.items()}
    spoil(state)
    with refused(error, *message):
        ours.load_state_dict(state)
    for key, array in ours.state_dict().items():
        assert np.array_equal(array, before[key])


def test_a_loose_load_still_refuses_another_shape_and_changes_nothing():
    ours = model()
    before = deepcopy(ours.state_dict())
    with refused(ValueError, r"size mismatch for fc2.bias", r"\(3,\)", r"\(2,\)"):
        ours.load_state_dict({"fc1.weight": before["fc1.weight"] + 1, "fc2.bias": np.ones(3)}, strict=False)
    assert all(np.array_equal(array, before[key]) for key, array in ours.state_dict().items())
    keys = ours.load_state_dict({"fc2.bias": np.ones(2), "other": X}, strict=False)
    assert keys.unexpected_keys == ["other"]
    assert keys.missing_keys == ["fc1.weight", "fc1.bias", "fc2.weight"]
    assert ours.fc2.bias.data.tolist() == [1, 1]


@pytest.mark.parametrize("state", [None, [], "model.npz"], ids=kind)
def test_a_state_dict_has_names(state):
    with refused(TypeError, "^state_dict: expected names with their arrays, got", type(state).__name__):
        model().load_state_dict(state)


OPTIMIZERS = [optim.SGD, optim.Adam, optim.AdamW]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_take_parameters_and_groups_of_them(optimizer):
    (first, *rest) = parameters()
    for params in (None, 1, first, {"params": [first]}, model()):
        with refused(
            TypeError, "^params: expected parameters, or groups of them, in a list, got", type(params).__name__
        ):
            optimizer(params)
    for params in (
        [X],
        [first, X],
        X,
        [torch.ones(1)],
        [[first]],
        model().named_parameters(),
        [first, {"params": rest}],
    ):
        with refused(TypeError, "^params: expected parameters, got"):
            optimizer(params)
    with refused(TypeError, '^params: expected groups such as {"params": .*}, got Parameter'):
        optimizer([{"params": rest}, first])
    with refused(TypeError, "^params: expected parameters, got int"):
        optimizer([{"params": 3}])
    with refused(ValueError, "^params: expected at least one parameter, got none"):
        optimizer([])
    with refused(ValueError, '^params: expected "params" in the group, got lr'):
        optimizer([{"lr": 0.1}])
    for params in ([first, first], [{"params": [first]}, {"params": [first]}]):
        with refused(ValueError, r"^params: a parameter of shape \(4, 3\) is given twice"):
            optimizer(params)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_refused_group_is_not_added(optimizer):
    first, second, *_ = parameters()
    ours = optimizer([first])
    for group in ({"params": [second], "lr": -1}, {"params": [second, first]}, {"params": [second, X]}, {}, [second]):
        with pytest.raises((TypeError, ValueError), match=r"expected|given twice"):
            ours.add_param_group(group)
    assert len(ours.param_groups) == 1


@pytest.mark.parametrize(
    ("optimizer", "option", "values"),
    [
        *((optimizer, "lr", (-1, nan, -inf)) for optimizer in OPTIMIZERS),
        *((optimizer, "weight_decay", (-1, nan)) for optimizer in OPTIMIZERS),
        *((optimizer, "maximize", ("yes", 2, None)) for optimizer in OPTIMIZERS),
        (optim.SGD, "momentum", (-0.1, nan)),
        (optim.SGD, "nesterov", ("yes", 2)),
        *((optimizer, "eps", (-1e-8, nan)) for optimizer in OPTIMIZERS[1:]),
        *((optimizer, "amsgrad", ("yes", 2)) for optimizer in OPTIMIZERS[1:]),
        *(
            (optimizer, "betas", ((1.0, 0.9), (0.9, 1.0), (-0.1, 0.9), (0.9, nan), (0.9,), (0.9,) * 3, 0.9, "ab", None))
            for optimizer in OPTIMIZERS[1:]
        ),
    ],
)
def test_optimizers_refuse_options_out_of_range(optimizer, option, values):
    for value in values:
        with pytest.raises(ValueError, match=rf"^{option}(\[\d\])?: expected .*got"):
            optimizer(parameters(), **{option: value})
        with pytest.raises(ValueError, match=rf"^{option}(\[\d\])?: expected .*got"):
            optimizer([{"params": parameters(), option: value}])


def stepped(optimizer: type[optim.Optimizer], **options: Any) -> tuple[optim.Optimizer, list[nn.Parameter]]:
    params = parameters()
    ours = optimizer(params, **options)
    for parameter in params:
        parameter.grad = np.ones_like(parameter.data)
    ours.step()
    return ours, params


SPOILT_OPTIMIZER_STATES: dict[str, tuple[Callable[[dict[str, Any]], Any], type[Exception], str]] = {
    "another number of parameters": (
        lambda s: s["param_groups"][0]["params"].pop(),
        ValueError,
        r"param_groups: expected groups of \[4\] parameters, got \[3\]",
    ),
    "another number of groups": (
        lambda s: s["param_groups"].append({"params": []}),
        ValueError,
        r"param_groups: expected groups of \[4\] parameters, got \[4, 0\]",
    ),
    "an unknown parameter": (
        lambda s: s["state"].update({9: s["state"][0]}),
        ValueError,
        r"state: expected parameters numbered \[0, 1, 2, 3\], got 9",
    ),
    "another shape": (
        lambda s: s["state"][3].update(exp_avg=np.ones(7)),
        ValueError,
        r"state exp_avg: expected shape \(2,\) like the parameter, got \(7,\)",
    ),
    "a missing buffer": (
        lambda s: s["state"][3].pop("exp_avg"),
        ValueError,
        "state: expected exp_avg, exp_avg_sq, step, got exp_avg_sq, step",
    ),
    "another optimizer's": (
        lambda s: s["state"].update({3: {"momentum_buffer": np.ones(2)}}),
        ValueError,
        "state: expected exp_avg, exp_avg_sq, step, got momentum_buffer",
    ),
    "no numbers": (
        lambda s: s["state"][3].update(exp_avg=["a", "b"]),
        TypeError,
        "state exp_avg: expected numbers, got",
    ),
    "no step": (lambda s: s["state"][3].update(step=nan), ValueError, "state step: expected a whole number .* got nan"),
    "half a step": (lambda s: s["state"][3].update(step=1.5), ValueError, "state step: expected a whole number .* 1.5"),
    "a step back": (lambda s: s["state"][3].update(step=-1), ValueError, "state step: expected a whole number .* -1"),
    "steps": (lambda s: s["state"][3].update(step=np.ones(2)), ValueError, "state step: expected a whole number"),
    "an option out of range": (
        lambda s: s["param_groups"][0].update(eps=-1),
        ValueError,
        "eps: expected a number of at least 0, got -1",
    ),
    "an option of another type": (
        lambda s: s["param_groups"][0].update(eps="1"),
        TypeError,
        "eps: expected a number, got '1'",
    ),
    "no state": (
        lambda s: s.pop("state"),
        ValueError,
        'state_dict: expected "state" and "param_groups", got param_groups',
    ),
    "no names": (lambda s: s["state"].update({3: [1.0]}), TypeError, "state: expected names and values .* got list"),
    "no groups": (lambda s: s.update(param_groups=None), TypeError, "param_groups: expected a list of groups .* None"),
    "no parameters": (lambda s: s["param_groups"][0].pop("params"), TypeError, "param_groups: expected a list"),
}


@pytest.mark.parametrize("spoilt", SPOILT_OPTIMIZER_STATES)
def test_an_optimizer_state_that_does_not_fit_changes_nothing(spoilt):
    spoil, error, message = SPOILT_OPTIMIZER_STATES[spoilt]
    ours, params = stepped(optim.Adam, lr=0.5)
    before = deepcopy(ours.state_dict())
    state = deepcopy(before)
    for saved in state["state"].values():
        saved["exp_avg"] += 1
    state["param_groups"][0]["lr"] = 0.25
    spoil(state)
    with pytest.raises(error, match="^" + message):
        ours.load_state_dict(state)
    after = ours.state_dict()
    assert after["param_groups"] == before["param_groups"]
    for number, saved in before["state"].items():
        assert all(np.array_equal(after["state"][number][name], value) for name, value in saved.items())
    assert ours.param_groups[0]["params"] == params


@pytest.mark.parametrize("state", [None, [], "adam.npz"], ids=kind)
def test_an_optimizer_state_has_two_parts(state):
    with refused(TypeError, '^state_dict: expected "state" and "param_groups", got', type(state).__name__):
        optim.SGD(parameters()).load_state_dict(state)


def test_a_models_state_is_not_an_optimizers():
    with refused(ValueError, '^state_dict: expected "state" and "param_groups", got fc1.weight, fc1.bias'):
        optim.SGD(parameters()).load_state_dict(model().state_dict())


def test_sgd_does_not_take_over_adams_state():
    with refused(ValueError, "^state: expected momentum_buffer, got exp_avg, exp_avg_sq, step"):
        optim.SGD(parameters(), momentum=0.9).load_state_dict(stepped(optim.Adam)[0].state_dict())


def test_clipping_takes_parameters():
    for clip in (optim.clip_grad_norm_, optim.clip_grad_value_):
        for params in (None, 1, model()):
            with refused(TypeError, "^parameters: expected parameters, got", type(params).__name__):
                clip(params, 1.0)
        with refused(TypeError, "^parameters: expected parameters, got ndarray"):
            clip([X], 1.0)


def test_clipping_nonfinite_gradients_can_raise_and_then_changes_nothing():
    first, second = nn.Parameter(np.zeros(2)), nn.Parameter(np.zeros(1))
    for bad in (nan, inf):
        first.grad, second.grad = np.array([3.0, 4.0]), np.array([bad])
        with refused(ValueError, "^parameters: expected gradients of finite norm, got a norm of", str(bad)):
            optim.clip_grad_norm_([first, second], 1.0, error_if_nonfinite=True)
        assert first.grad.tolist() == [3, 4]


def test_clipping_stays_on_one_device():
    here, there = nn.Parameter(np.zeros(2)), nn.Parameter(backend.to_device(np.zeros(2), "strict"))
    here.grad, there.grad = np.ones(2), backend.to_device(np.ones(2), "strict")
    with refused(ValueError, "^parameters: expected gradients on one device, got cpu and strict"):
        optim.clip_grad_norm_([here, there], 1.0)
