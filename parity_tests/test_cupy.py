"""numpy_nn runs on CuPy, as far as can be seen without a GPU: on an array double, and by CuPy's own namespace."""

from __future__ import annotations

import inspect
import math
import operator
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpy_nn as nn
import numpy_nn.functional as F
from numpy_nn import data, modules, optim, training
from numpy_nn.backend import as_array, device_of, item, scatter_add, to_device, to_host
from numpy_nn.modules.layer import Layer
from parity_tests.strict import ABSENT, ABSENT_KEYWORDS, AT, UFUNC_KEYWORDS, StrictArray, install

xp = install()
SOURCES = Path(nn.__file__).parent
PORTABLE = {
    "autograd",
    "functional",
    "modules",
    "optim",
    "models",
    "init.py",
    "parameter.py",
    "training",
    "semantics",
    "metrics.py",
}
ON_THE_CPU = ("word2vec/fast/", "kernels/cpu/")
"""Kernels that are told where an array lies in memory, and there is no other device to run them on."""
PATHS = sorted(path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*.py"))
FILES = [path for path in PATHS if not path.startswith(ON_THE_CPU)]
needs_cupy = pytest.mark.skipif(sys.platform == "darwin", reason="there is no CuPy for macOS")


def drawn(*shape: int, seed: int = 0) -> np.ndarray:
    return np.asarray(np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def integers(*shape: int, below: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, below, shape)


# The double


@pytest.fixture
def x() -> StrictArray:
    """[[0, 1, 2], [3, 4, 5]]."""
    return xp.asarray(np.arange(6, dtype=np.float32).reshape(2, 3))


row = np.ones(3, np.float32)
first = np.array([0])

CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "np.exp(x)": np.exp,
    "np.add(row, x)": lambda x: np.add(row, x),
    "np.add.reduce(x)": np.add.reduce,
    "np.sum(x)": np.sum,
    "np.where(x > 0, x, 0)": lambda x: np.where(x > 0, x, 0),
    "np.concatenate([x])": lambda x: np.concatenate([x]),
    "np.asarray(x)": np.asarray,
    "np.array([x])": lambda x: np.array([x]),
    "np.float32(x)": lambda x: np.float32(x.sum()),
    "row[:] = x": lambda x: operator.setitem(row, slice(None), x[0]),
    "row[x]": lambda x: row[x.astype(np.int64)],
    "row += x": lambda x: operator.iadd(row, x[0]),
    "x + row": lambda x: x + row,
    "row + x": lambda x: row + x,
    "row @ x.T": lambda x: row @ x.T,
    "x == row": lambda x: x == row,
    "x += row": lambda x: operator.iadd(x, row),
    "x * NumPy scalar": lambda x: x * np.float32(2),
    "NumPy scalar * x": lambda x: np.float32(2) * x,
    "NumPy scalar that is a Python float * x": lambda x: np.float64(2) * x,
    "x + NumPy array of no dimensions": lambda x: x + np.asarray(1.0),
    "x * list": lambda x: x * [1.0, 2.0, 3.0],
    "x * tuple": lambda x: x * (1.0, 2.0, 3.0),
    "x + None": lambda x: x + None,
    "xp.exp(row)": lambda x: xp.exp(row),
    "xp.exp(list)": lambda x: xp.exp([1.0, 2.0]),
    "xp.where(x > 0, row, x)": lambda x: xp.where(x > 0, row, x),
    "xp.maximum(x, x, out=row)": lambda x: xp.maximum(x[0], x[1], out=row),
    "xp.stack([x, row])": lambda x: xp.stack([x[0], row]),
    "xp.linalg.norm(row)": lambda x: xp.linalg.norm(row),
    "xp.add.at(x, array, 1)": lambda x: xp.add.at(x, first, 1.0),
    "xp.take(x, array)": lambda x: xp.take(x, first),
    "x.dot(row)": lambda x: x.dot(row),
    "x[array]": lambda x: x[first],
    "x[list]": lambda x: x[[0]],
    "x[NumPy scalar]": lambda x: x[first[0]],
    "x[0] = row": lambda x: operator.setitem(x, 0, row),
    "x[0] = list": lambda x: operator.setitem(x, 0, [1.0, 2.0, 3.0]),
    "float(x)": lambda x: float(x.sum()),
    "int(x)": lambda x: int(x.sum()),
    "bool(x)": lambda x: bool((x > 0).all()),
    "complex(x)": lambda x: complex(x.sum()),
    "if x": lambda x: 1 if x else 0,
    "range(x)": lambda x: range(x.sum().astype(np.int64)),
    "math.sqrt(x)": lambda x: math.sqrt(x.sum()),
    "0 <= x <= 1": lambda x: 0 <= x.sum() <= 1,
    "max(x, 1)": lambda x: max(x.sum(), 1),
    "for row in x": list,
    "1.0 in x": lambda x: 1.0 in x,
    "hash(x)": hash,
}


@pytest.mark.parametrize("expression", CONVERSIONS)
def test_nothing_is_converted_implicitly(expression: str, x: StrictArray) -> None:
    with pytest.raises(TypeError):
        CONVERSIONS[expression](x)


LACKING: dict[str, tuple[type[Exception], Callable[[Any], Any]]] = {
    "xp.vecdot": (AttributeError, lambda x: xp.vecdot(x, x)),
    "xp.errstate": (AttributeError, lambda x: xp.errstate(all="ignore")),
    "xp.nditer": (AttributeError, lambda x: xp.nditer(x)),
    "xp.frompyfunc": (AttributeError, lambda x: xp.frompyfunc(abs, 1, 1)),
    "xp.longdouble": (AttributeError, lambda x: xp.longdouble),
    "xp.linalg.vector_norm": (AttributeError, lambda x: xp.linalg.vector_norm(x)),
    "xp.random": (AttributeError, lambda x: xp.random),
    "xp.no_such_name": (AttributeError, lambda x: xp.no_such_name),
    "x.setflags": (AttributeError, lambda x: x.setflags(write=False)),
    "x.flat": (AttributeError, lambda x: x.flat),
    "xp.add.reduceat": (AttributeError, lambda x: xp.add.reduceat(x, first)),
    "xp.sum(where=)": (TypeError, lambda x: xp.sum(x, where=x > 0)),
    "xp.max(initial=)": (TypeError, lambda x: xp.max(x, initial=0.0)),
    "x.sum(where=)": (TypeError, lambda x: x.sum(where=x > 0)),
    "x.max(initial=)": (TypeError, lambda x: x.max(initial=0.0)),
    "xp.exp(where=)": (TypeError, lambda x: xp.exp(x, where=x > 0)),
    "xp.take(mode=)": (TypeError, lambda x: xp.take(x, xp.asarray(first), mode="clip")),
    "x.take(mode=)": (TypeError, lambda x: x.take(xp.asarray(first), mode="clip")),
    "xp.multiply.at": (TypeError, lambda x: xp.multiply.at(x, xp.asarray(first), 2.0)),
    "xp.add.at of int64": (TypeError, lambda x: xp.add.at(x.astype(xp.int64), xp.asarray(first), 2)),
    "x[mask], which waits": (TypeError, lambda x: x[x > 0]),
    "x[mask] = 0, which waits": (TypeError, lambda x: operator.setitem(x, x > 0, 0)),
    "x[5]": (IndexError, lambda x: x[5]),
    "x[0, 0, 0]": (IndexError, lambda x: x[xp.asarray(first), 0, 0]),
}


@pytest.mark.parametrize("expression", LACKING)
def test_what_cupy_lacks_is_lacking(expression: str, x: StrictArray) -> None:
    error, evaluate = LACKING[expression]
    with pytest.raises(error):
        evaluate(x)


def test_python_numbers_are_weak(x: StrictArray) -> None:
    results = (2 * x, x / 3, 1.5 - x, x**2, xp.where(x > 0, x, 0), xp.maximum(x, -100), xp.sum(x) / 6, -x.max(axis=0))
    assert all(isinstance(result, StrictArray) and result.dtype == np.float32 for result in results)


def test_what_is_picked_out_or_reduced_stays_an_array(x: StrictArray) -> None:
    results = [x[1, 2], x[1][2], x.sum(), xp.sum(x), x.max(), x.sum() + 1, x[0] @ x[1], x.argmax()]
    results += [xp.linalg.norm(x), xp.asarray(1.0), xp.exp(1.0), xp.array_equal(x, x)]
    assert all(isinstance(result, StrictArray) and result.shape == () for result in results)


def test_an_element_is_a_view(x: StrictArray) -> None:
    element = x[1, 2]
    element += 10
    assert item(x[1, 2]) == 15


def test_arithmetic_in_place_keeps_the_array(x: StrictArray) -> None:
    total = before = x.sum()
    total *= 2
    assert total is before
    assert item(total) == 30
    assert item(xp.add(x, x, out=x).sum()) == item(x.sum()) == 30


def test_indices_out_of_range_wrap_round(x: StrictArray) -> None:
    rows, columns = xp.asarray(np.array([2, -3])), xp.asarray(np.array([4, 5]))
    assert to_host(x[rows]).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert to_host(x[rows, columns]).tolist() == [1, 5]
    assert to_host(x[..., columns]).tolist() == to_host(x[:, columns]).tolist() == [[1, 2], [4, 5]]
    assert to_host(x[None, rows, 1:]).tolist() == [[[1, 2], [4, 5]]]
    assert to_host(xp.take(x, columns, axis=1)).tolist() == to_host(x.take(columns, 1)).tolist() == [[1, 2], [4, 5]]
    assert to_host(xp.take_along_axis(x, columns[:, None], axis=1)).tolist() == [[1], [5]]
    xp.add.at(x, (rows, columns), 10.0)
    assert to_host(x).tolist() == [[0, 11, 2], [3, 4, 15]]
    x[rows] = xp.zeros((2, 3))
    assert to_host(x).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_assignment_to_repeated_indices_is_refused(x: StrictArray) -> None:
    repeated = xp.asarray(np.array([0, 1, 0]))
    with pytest.raises(ValueError, match="repeated"):
        x[repeated] += 1
    with pytest.raises(ValueError, match="repeated"):
        x[:, xp.asarray(np.array([0, 3]))] = x[:, :2]  # 3 wraps round to 0
    x[repeated] = 7  # the same number everywhere
    x[xp.asarray(np.array([1, 0]))] += 1
    assert to_host(x).tolist() == [[8, 8, 8], [8, 8, 8]]


def test_scatter_add_counts_repeated_indices(x: StrictArray) -> None:
    scatter_add(x, xp.asarray(np.array([0, 1, 0])), xp.ones((3, 3), dtype=np.float32))
    assert to_host(x).tolist() == [[2, 3, 4], [4, 5, 6]]


def test_a_new_axis_has_a_name(x: StrictArray) -> None:
    assert x[:, xp.newaxis].shape == x[:, None].shape == (2, 1, 3)


def test_moving_copies() -> None:
    host = np.zeros(3)
    moved = to_device(host, "strict")
    moved += 1
    to_host(moved)[0] = 5
    assert host.tolist() == [0, 0, 0]
    assert to_host(moved).tolist() == [1, 1, 1]
    assert to_device(moved, "strict") is as_array(moved) is xp.asarray(moved) is moved
    assert device_of(moved) == "strict"


@pytest.mark.parametrize("layout", [np.s_[:], np.s_[::-1], np.s_[:, ::2], np.s_[..., None, 1:], np.s_[1, 1]])
def test_moving_keeps_the_strides(layout: Any) -> None:
    host = np.asarray(np.arange(12.0).reshape(3, 4)[layout])
    moved = to_device(host, "strict")
    assert moved.strides == host.strides
    assert to_host(moved).tolist() == host.tolist()


def test_moving_a_broadcast_array_gives_every_element_its_own_place() -> None:
    moved = to_device(np.broadcast_to(np.zeros(2), (2, 2)), "strict")
    moved[0] = 1
    assert to_host(moved).tolist() == [[1, 1], [0, 0]]


def test_an_empty_array_moves() -> None:
    assert to_device(np.zeros((2, 0)), "strict").shape == (2, 0)


# The network on the double


def assert_same_bits(run: Callable[[str], list[Any]]) -> None:
    """run(device) gives arrays on that device, with the same bits on the double as on NumPy, where it does the same."""
    results = []
    for device in ("cpu", "strict"):
        nn.manual_seed(0)
        with nn.use_kernels("textbook"):
            arrays = run(device)
        assert arrays
        assert {device_of(array) for array in arrays} == {device}
        results.append([(array.shape, array.dtype, to_host(array).tobytes()) for array in arrays])
    assert results[0] == results[1]


def gradients(model: nn.Module) -> list[Any]:
    return [parameter.grad for parameter in model.parameters()]


X, T = drawn(4, 3), drawn(4, 3, seed=1)
P, Q = 1 / (1 + np.exp(-X)), 1 / (1 + np.exp(-T))
CLASSES = np.array([2, -100, 0, 2])
WEIGHT = np.array([0.5, 1.0, 2.0], np.float32)

LAYERS: dict[str, tuple[Callable[[], Layer], tuple[np.ndarray, ...]]] = {
    "AdaptiveAvgPool2d": (lambda: nn.AdaptiveAvgPool2d((3, None)), (drawn(2, 3, 5, 4),)),
    "AvgPool2d": (lambda: nn.AvgPool2d(3, 2, 1, True, False), (drawn(2, 3, 6, 5),)),
    "BCELoss": (lambda: nn.BCELoss(WEIGHT), (P, Q)),
    "BCEWithLogitsLoss": (lambda: nn.BCEWithLogitsLoss(WEIGHT, pos_weight=WEIGHT), (X, Q)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3, momentum=None), (X,)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), (drawn(2, 3, 4, 5),)),
    "CELU": (lambda: nn.CELU(2.0), (X,)),
    "Conv1d": (lambda: nn.Conv1d(3, 4, 2, 2, 1), (drawn(2, 3, 5),)),
    "Conv2d": (lambda: nn.Conv2d(2, 4, 3, padding="same", groups=2), (drawn(2, 2, 4, 5),)),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(2, 4, 3, 2, 1, 1), (drawn(2, 2, 3, 2),)),
    "CosineSimilarity": (nn.CosineSimilarity, (X, T)),
    "CrossEntropyLoss": (lambda: nn.CrossEntropyLoss(WEIGHT, label_smoothing=0.1), (X, CLASSES)),
    "Dropout": (nn.Dropout, (X,)),
    "ELU": (nn.ELU, (X,)),
    "Embedding": (lambda: nn.Embedding(5, 3, 1, 0.5, scale_grad_by_freq=True), (np.array([[1, 2], [4, 2]]),)),
    "EmbeddingBag": (lambda: nn.EmbeddingBag(5, 3, 0.5, padding_idx=1), (np.array([1, 2, 4]), np.array([0, 2]))),
    "Flatten": (nn.Flatten, (drawn(2, 3, 4),)),
    "GELU": (nn.GELU, (X,)),
    "GLU": (lambda: nn.GLU(0), (X,)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), (drawn(2, 4, 3),)),
    "Hardshrink": (nn.Hardshrink, (X,)),
    "Hardsigmoid": (nn.Hardsigmoid, (X,)),
    "Hardswish": (nn.Hardswish, (X,)),
    "Hardtanh": (lambda: nn.Hardtanh(-0.5, 0.25), (X,)),
    "L1Loss": (nn.L1Loss, (X, T)),
    "LayerNorm": (lambda: nn.LayerNorm(3), (X,)),
    "LeakyReLU": (nn.LeakyReLU, (X,)),
    "Linear": (lambda: nn.Linear(3, 2), (X,)),
    "LogSigmoid": (nn.LogSigmoid, (X,)),
    "LogSoftmax": (lambda: nn.LogSoftmax(1), (X,)),
    "MSELoss": (nn.MSELoss, (X, T)),
    "MaxPool2d": (lambda: nn.MaxPool2d(3, 2, 1, 1, False, True), (drawn(2, 3, 6, 5),)),
    "Mish": (nn.Mish, (X,)),
    "MultiheadAttention": (lambda: nn.MultiheadAttention(3, 1), (X, T, T)),
    "NLLLoss": (lambda: nn.NLLLoss(WEIGHT), (np.log(P), CLASSES)),
    "PReLU": (lambda: nn.PReLU(3), (X,)),
    "RMSNorm": (lambda: nn.RMSNorm(3), (X,)),
    "RReLU": (nn.RReLU, (X,)),
    "ReLU": (nn.ReLU, (X,)),
    "ReLU6": (nn.ReLU6, (X,)),
    "SELU": (nn.SELU, (X,)),
    "SiLU": (nn.SiLU, (X,)),
    "Sigmoid": (nn.Sigmoid, (X,)),
    "SmoothL1Loss": (nn.SmoothL1Loss, (X, T)),
    "Softmax": (lambda: nn.Softmax(0), (X,)),
    "Softmin": (lambda: nn.Softmin(0), (X,)),
    "Softplus": (nn.Softplus, (X,)),
    "Softshrink": (nn.Softshrink, (X,)),
    "Softsign": (nn.Softsign, (X,)),
    "Tanh": (nn.Tanh, (X,)),
    "Tanhshrink": (nn.Tanhshrink, (X,)),
    "Threshold": (lambda: nn.Threshold(0.1, 20.0), (X,)),
}


def test_every_layer_is_in_the_table() -> None:
    public = (getattr(modules, name) for name in modules.__all__)
    assert {kind.__name__ for kind in public if issubclass(kind, Layer) and kind is not Layer} == set(LAYERS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_gives_the_same_bits(name: str) -> None:
    build, inputs = LAYERS[name]

    def run(device: str) -> list[Any]:
        layer = build().to(device)
        given = layer(*(to_device(array, device) for array in inputs))
        y = given[0] if isinstance(given, tuple) else given  # attention gives its weights as well
        dx = layer.backward(to_device(drawn(*y.shape, seed=2), device))
        several = dx if isinstance(dx, tuple) else () if dx is None else (dx,)
        return [y, *several, *gradients(layer)]

    assert_same_bits(run)


OPTIMIZERS: dict[str, Callable[[Any], optim.Optimizer]] = {
    "SGD": optim.SGD,
    "SGD, dampened": lambda params: optim.SGD(params, 0.1, 0.9, 0.1, weight_decay=0.1, maximize=True),
    "SGD, Nesterov": lambda params: optim.SGD(params, 0.1, 0.9, nesterov=True),
    "Adam": optim.Adam,
    "Adam, amsgrad": lambda params: optim.Adam(params, weight_decay=0.1, amsgrad=True, maximize=True),
    "AdamW": optim.AdamW,
}


def test_every_optimizer_is_in_the_table() -> None:
    public = (getattr(optim, name) for name in optim.__all__)
    kinds = {kind.__name__ for kind in public if inspect.isclass(kind) and kind is not optim.Optimizer}
    assert kinds == {name.partition(",")[0] for name in OPTIMIZERS}


def parameters(device: str) -> list[modules.Parameter]:
    """Three of them, the last of no dimensions."""
    return [modules.Parameter(to_device(drawn(*shape), device)) for shape in ((3, 2), (4,), ())]


def take_steps(optimizer: optim.Optimizer, params: list[modules.Parameter], count: int) -> None:
    for step in range(count):
        for parameter in params:
            parameter.grad = to_device(drawn(*parameter.shape, seed=step), device_of(parameter.data))
        optimizer.step()


def everything(optimizer: optim.Optimizer, params: list[modules.Parameter]) -> list[Any]:
    """The parameters, and all of the optimizer's state but the numbers of steps."""
    buffers = [array for state in optimizer.state.values() for name, array in state.items() if name != "step"]
    return [*(parameter.data for parameter in params), *buffers]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_gives_the_same_bits(name: str) -> None:
    def run(device: str) -> list[Any]:
        params = parameters(device)
        optimizer = OPTIMIZERS[name](params)
        take_steps(optimizer, params, 3)
        return everything(optimizer, params)

    assert_same_bits(run)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("source", ["cpu", "strict"])
def test_an_optimizer_goes_on_from_another_devices_state(name: str, source: str) -> None:
    def run(device: str) -> list[Any]:
        old, new = parameters(source), parameters(device)
        saved, optimizer = OPTIMIZERS[name](old), OPTIMIZERS[name](new)
        take_steps(saved, old, 2)
        optimizer.load_state_dict(saved.state_dict())
        take_steps(optimizer, new, 2)
        return everything(optimizer, new)

    assert_same_bits(run)


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, math.inf])
def test_clipping_gives_the_same_bits(norm_type: float) -> None:
    def run(device: str) -> list[Any]:
        params = parameters(device)
        for parameter in params:
            for seed in range(2):
                parameter.accumulate(to_device(drawn(*parameter.shape, seed=seed), device))
        norm = optim.clip_grad_norm_(params, 0.5, norm_type)
        optim.clip_grad_value_(params, 0.1)
        return [to_device(np.asarray(norm), device), *(parameter.grad for parameter in params)]

    assert_same_bits(run)


def test_simple_net_gives_the_same_bits() -> None:
    def run(device: str) -> list[Any]:
        model = nn.SimpleNet(6, 5, 4, dropout=0.5, device=device)
        loss, backward = F.cross_entropy(model(to_device(drawn(3, 6), device)), to_device(integers(3, below=4), device))
        return [loss, model.backward(backward()), *gradients(model)]

    assert_same_bits(run)


def test_training_gives_the_same_bits() -> None:
    images, labels = drawn(20, 6), integers(20, below=4)

    def run(device: str) -> list[Any]:
        x, target = to_device(images, device), to_device(labels, device)
        model = nn.SimpleNet(6, 5, 4, device=device)
        loader = data.DataLoader(data.TensorDataset(x, target), batch_size=8, shuffle=True)
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        epochs = training.fit(model, loader, optimizer, nn.CrossEntropyLoss(), epochs=2)
        numbers = [*(epoch.loss for epoch in epochs), training.evaluate(model, x, target)]
        return [to_device(np.array(numbers), device), training.predict(model, x), *model.state_dict().values()]

    assert_same_bits(run)


def test_a_training_step_waits_for_the_device_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once to check that the targets are in range, before anything is changed, and once for the loss."""
    waits: list[StrictArray] = []
    monkeypatch.setattr(xp, "asnumpy", lambda array: waits.append(array) or array._array, raising=False)
    model = nn.SimpleNet(6, 5, 4, device="strict")
    optimizer = optim.Adam(model.parameters())
    x, target = to_device(drawn(3, 6), "strict"), to_device(integers(3, below=4), "strict")
    loss = training.train_step(model, x, target, optimizer, nn.CrossEntropyLoss())
    assert [wait.shape for wait in waits] == [(2,), ()]
    assert item(waits[1]) == loss


def test_a_module_moves_there_and_back() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.CrossEntropyLoss(WEIGHT[:2]))
    before = {key: array.copy() for key, array in model.state_dict().items()}
    model.to("strict")
    assert {device_of(array) for array in model.state_dict().values()} == {"strict"}
    model.to("cpu")
    assert all(array.tobytes() == before[key].tobytes() for key, array in model.state_dict().items())


@pytest.mark.parametrize(("source", "target"), [("cpu", "strict"), ("strict", "cpu"), ("strict", "strict")])
def test_a_state_dict_moves_between_devices(source: str, target: str) -> None:
    given, taken = nn.Linear(3, 2, device=source), nn.Linear(3, 2, device=target)
    taken.load_state_dict(given.state_dict())
    assert device_of(taken.weight.data) == target
    assert to_host(taken.weight.data).tobytes() == to_host(given.weight.data).tobytes()


def test_a_perceptron_gives_the_same_bits() -> None:
    samples = drawn(20, 3)
    labels = (samples @ np.array([1.0, -2.0, 0.5], np.float32) > 0).astype(np.int64)

    def run(device: str) -> list[Any]:
        x, y = to_device(samples, device), to_device(labels, device)
        perceptron = nn.Perceptron().fit(x, y)
        last = perceptron.history[-1]
        return [perceptron.weight, perceptron.bias, perceptron.predict(x), perceptron.decision_function(x), last.weight]

    assert_same_bits(run)


OUT_OF_RANGE: dict[str, Callable[[np.ndarray], Any]] = {
    "embedding": lambda indices: F.embedding(to_device(indices, "strict"), to_device(drawn(3, 2), "strict")),
    "cross_entropy": lambda target: F.cross_entropy(to_device(X, "strict"), to_device(target, "strict")),
    "nll_loss": lambda target: F.nll_loss(to_device(X, "strict"), to_device(target, "strict")),
    "TensorDataset": lambda indices: data.TensorDataset(to_device(drawn(3, 2), "strict"))[indices],
}


@pytest.mark.parametrize("name", OUT_OF_RANGE)
@pytest.mark.parametrize("wrong", [3, -4])
def test_an_index_out_of_range_does_not_wrap_round(name: str, wrong: int) -> None:
    with pytest.raises(IndexError, match=str(wrong)):
        OUT_OF_RANGE[name](np.array([0, wrong, 1, 2]))


def test_devices_are_not_mixed() -> None:
    weight = to_device(drawn(2, 3), "strict")
    with pytest.raises(ValueError, match="strict"):
        F.linear(X, weight)
    with pytest.raises(ValueError, match="strict"):
        F.embedding(np.array([0]), weight)
    with pytest.raises(ValueError, match="strict"):
        F.relu(weight)[1](drawn(2, 3))


# CuPy's namespace


@needs_cupy
@pytest.mark.parametrize("path", FILES)
def test_a_file_asks_for_nothing_that_cupy_lacks(path: str) -> None:
    from parity_tests.cupy_namespace import problems

    assert problems((SOURCES / path).read_text(), dtypes_only=Path(path).parts[0] in PORTABLE) == []


PLANTED = {
    "xp.vecdot(x, y)": "no xp.vecdot",
    "xp.errstate(all='ignore')": "no xp.errstate",
    "array_module(x).nditer(x)": "no array_module(x).nditer",
    "library = checks.floating(x=x)\nlibrary.frompyfunc(f, 1, 1)": "no library.frompyfunc",
    "library = device_module(device)\nx.astype(library.longdouble)": "no library.longdouble",
    "xp.linalg.vector_norm(x)": "no xp.linalg.vector_norm",
    "xp.maximum.reduce(x)": "no xp.maximum.reduce",
    "xp.multiply.at(x, i, y)": "no xp.multiply.at",
    "xp.sum(x, where=m)": "'where'",
    "xp.max(x, initial=0.0)": "'initial'",
    "xp.take(x, i, mode='clip')": "'mode'",
    "xp.exp(x, where=m)": "'where'",
    "xp.linalg.norm(x, 2, 1, True, 0)": "too many positional arguments",
    "xp.add(x, y, z, w)": "too many positional arguments",
    "x.sum(axis=0, where=m)": "'where'",
    "(x * y).max(initial=0.0)": "'initial'",
    "x.argsort(stable=True)": "'stable'",
    "x.setflags(write=False)": "no x.setflags",
    "import numpy as np\nnp.exp(x)": "dtypes only: np.exp",
    "import numpy\nnumpy.linalg.norm(x)": "dtypes only: numpy.linalg",
    "import numpy as np\nx * np.float32(3)": "NumPy scalar is made: np.float32(3)",
    "from numpy import exp": "dtypes only: from numpy import exp",
    "import numpy.linalg": "dtypes only: import numpy.linalg",
}


@needs_cupy
@pytest.mark.parametrize("source", PLANTED)
def test_the_checker_reports(source: str) -> None:
    from parity_tests.cupy_namespace import problems

    found = problems(source, dtypes_only=True)
    assert len(found) == 1
    assert PLANTED[source] in found[0]
    assert found[0].startswith(f"line {source.count(chr(10)) + 1}: ")


@needs_cupy
def test_the_checker_passes_what_cupy_has() -> None:
    from parity_tests.cupy_namespace import problems

    source = """
import math
import numpy as np
xp = array_module(x)
y = xp.exp(x, out=x, dtype=np.float32).sum(axis=0, keepdims=True).astype(np.dtype(kind), copy=False)
xp.add.at(y, indices, values)
xp.add.reduce(xp.linalg.norm(y, ord=2.0, axis=1, keepdims=True), axis=0)
math.prod(shape, start=1)
y.reshape(*shape, order="C").transpose(*axes)
xp.stack([*arrays], axis=0).clip(min=0)
"""
    assert problems(source, dtypes_only=True) == []


@needs_cupy
def test_the_absent_names_are_those_that_cupy_lacks() -> None:
    import cupy

    methods = [name for name in dir(np.ndarray) if not name.startswith("_")]
    spaces = (("", np.__all__, cupy), ("linalg.", np.linalg.__all__, cupy.linalg), ("ndarray.", methods, cupy.ndarray))
    assert {prefix + name for prefix, names, space in spaces for name in names if not hasattr(space, name)} <= ABSENT
    for name in ABSENT:
        with pytest.raises(AttributeError):
            operator.attrgetter(name)(cupy)


@needs_cupy
def test_the_absent_keywords_are_in_no_signature_of_cupys() -> None:
    import cupy

    public = [getattr(module, name) for module in (cupy, cupy.linalg) for name in dir(module) if name != "copyto"]
    signatures = [inspect.signature(function) for function in public if inspect.isfunction(function)]
    assert len(signatures) > 200
    assert not [signature for signature in signatures if ABSENT_KEYWORDS & signature.parameters.keys()]


@needs_cupy
@pytest.mark.parametrize("keyword", sorted(UFUNC_KEYWORDS | ABSENT_KEYWORDS | {"axis", "keepdims", "order", "subok"}))
def test_a_ufunc_of_cupys_takes_these_keywords_alone(keyword: str) -> None:
    import cupy

    refused = "Wrong arguments" in _outcome(lambda: cupy.exp(None, **{keyword: None}))
    assert refused == (keyword not in UFUNC_KEYWORDS)


@needs_cupy
@pytest.mark.parametrize("name", sorted(AT | {"multiply"}))
def test_these_ufuncs_of_cupys_have_at(name: str) -> None:
    import cupy

    lacking = "not supported" in _outcome(lambda: getattr(cupy, name).at(None, None))
    assert lacking == (name not in AT)


def _outcome(call: Callable[[], Any]) -> str:
    """What is wrong with a call that no machine can carry out."""
    with pytest.raises(Exception) as error:  # noqa: PT011 - with a GPU and without one, another
        call()
    return str(error.value)
