"""Which kernel runs, and what holds for fast ones beyond their rows in the specification."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import pairwise
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings

import numpy_nn as nn
from numpy_nn import functional as F
from numpy_nn import kernels
from numpy_nn.kernels import cpu
from numpy_nn.kernels.cpu.geometry import geometry
from numpy_nn.kernels.cpu.memory import LINE, SMALL, Pool, empty, empty_like
from numpy_nn.kernels.cpu.neighbours import sharing
from numpy_nn.kernels.sizes import LEAST
from numpy_nn.modules.layer import Layer
from parity_tests.bounds import agree, unit, within
from parity_tests.case import tensor
from parity_tests.specification import FORMULAS
from parity_tests.specification.convolution import convolution_cases
from parity_tests.strategies import values
from parity_tests.witnesses import purity, pytorch

X = values(0, (4, 16, 30, 29), np.float32)
WEIGHT = values(1, (16, 16, 3, 3), np.float32, 0.1)
TABLE = values(2, (300, 20), np.float32)


class Attends(Layer):
    """A layer of attention alone."""

    def formula(self, x):
        return kernels.chosen(F.scaled_dot_product_attention)(x, X, X)


CALLS: dict[str, tuple[Callable[..., Any], nn.Module, tuple[Any, ...]]] = {
    "conv2d": (F.conv2d, nn.Conv2d(16, 16, 3, padding=1, bias=False), (WEIGHT, None, 1, 1)),
    "batch_norm": (F.batch_norm, nn.BatchNorm2d(16, affine=False, track_running_stats=False), (None,) * 4 + (True,)),
    "max_pool2d": (F.max_pool2d, nn.MaxPool2d(2), (2,)),
    "layer_norm": (F.layer_norm, nn.LayerNorm(29, elementwise_affine=False), ((29,),)),
    "scaled_dot_product_attention": (F.scaled_dot_product_attention, Attends(), (X, X)),
    "relu": (F.relu, nn.ReLU(), ()),
    "leaky_relu": (F.leaky_relu, nn.LeakyReLU(0.1), (0.1,)),
    "elu": (F.elu, nn.ELU(), ()),
    "sigmoid": (F.sigmoid, nn.Sigmoid(), ()),
    "tanh": (F.tanh, nn.Tanh(), ()),
    "silu": (F.silu, nn.SiLU(), ()),
    "gelu": (F.gelu, nn.GELU(), ()),
    "softmax": (F.softmax, nn.Softmax(-1), (-1,)),
    "log_softmax": (F.log_softmax, nn.LogSoftmax(3), (3,)),
    "cross_entropy": (F.cross_entropy, nn.CrossEntropyLoss(), ()),
    "embedding": (F.embedding, nn.Embedding(300, 20), (TABLE,)),
    "binary_cross_entropy_with_logits": (F.binary_cross_entropy_with_logits, nn.BCEWithLogitsLoss(), ()),
    "smooth_l1_loss": (F.smooth_l1_loss, nn.SmoothL1Loss(), ()),
}
"""For each formula with a fast kernel: the formula, its layer, and what the layer calls it with besides x."""

GIVEN: dict[str, tuple[Any, ...]] = {
    "cross_entropy": (values(3, (700, 20), np.float32), np.random.default_rng(3).integers(0, 20, 700)),
    "embedding": (np.random.default_rng(4).integers(0, 300, (30, 40)),),
    **dict.fromkeys(("binary_cross_entropy_with_logits", "smooth_l1_loss"), (X, values(5, X.shape, np.float32))),
}
"""What the layers are called with that take something else than X alone."""


@contextmanager
def constants(**of_module: dict[str, int]) -> Iterator[None]:
    """Modules of the kernels with other sizes in them."""
    with pytest.MonkeyPatch.context() as patch:
        for module, names in of_module.items():
            for name, value in names.items():
                patch.setattr(import_module(f"numpy_nn.kernels.cpu.{module}"), name, value)
        yield


def count(name: str, patch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows by "fast" and "textbook" as a formula's two implementations run."""
    ran: list[str] = []
    formula, kernel = getattr(F, name), getattr(cpu, name)

    def noted(which: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            before = len(ran)
            found = function(*args, **kwargs)
            ran[before:] = [which]  # whatever it called for itself
            return found

        return call

    slow = noted("textbook", formula)
    patch.setattr(F, name, slow)
    patch.setitem(kernels.choice._fast, slow, noted("fast", kernel))
    return ran


@pytest.mark.parametrize("name", CALLS)
def test_a_layer_runs_the_kernel_that_was_chosen(name, monkeypatch):
    layer, given = CALLS[name][1], GIVEN.get(name, (X,))
    ran = count(name, monkeypatch)
    layer(*given)
    with nn.use_kernels("textbook"):
        layer(*given)
        with nn.use_kernels("fast"):
            layer(*given)
        layer(*given)
    layer(*given)
    assert ran == ["fast", "textbook", "fast", "textbook", "fast"]


@pytest.mark.parametrize("name", CALLS)
def test_a_layer_gives_the_kernels_bits_and_small_arrays_the_formulas(name):
    formula, layer, others = CALLS[name]
    kernel, least = cpu.FAST[formula], LEAST[name]
    if name in ("conv2d", "embedding"):
        layer.weight.data[...] = others[0]
    given = GIVEN.get(name, (X,))
    np.testing.assert_array_equal(layer(*given), kernel(*given, *others)[0])
    with nn.use_kernels("textbook"):
        np.testing.assert_array_equal(layer(*given), formula(*given, *others)[0])
    small = tuple(array[:1] for array in GIVEN[name]) if name in GIVEN else (X[:1, :, :4],)
    chosen = formula if small[0].size < least else kernel
    np.testing.assert_array_equal(layer(*small), chosen(*small, *others)[0])


def test_use_kernels_is_a_function_too_and_other_threads_keep_their_own():
    nn.use_kernels("textbook")
    try:
        assert kernels.chosen(F.relu) is F.relu
        seen = []
        thread = Thread(target=lambda: seen.append(kernels.chosen(F.relu)))
        thread.start()
        thread.join()
        assert seen[0] is not F.relu
    finally:
        nn.use_kernels("fast")
    assert kernels.chosen(F.relu) is not F.relu
    assert kernels.chosen(F.celu) is F.celu


def test_use_kernels_serves_for_several_blocks_also_one_in_the_other():
    textbook = nn.use_kernels("textbook")
    for _ in range(2):
        with textbook as ran:
            with textbook as inner:
                nn.ReLU()(X)
            assert kernels.in_use() == "textbook"
            nn.ReLU()(X)
        assert kernels.in_use() == "fast"
        assert sum(ran.values()) == sum(inner.values()) == 1


def test_an_embeddings_gradient_is_of_the_rows_that_were_looked_up():
    """However many: nobody looks again whether the indices are in range, and a batch's array may be used again."""
    for count in (30, 3000):
        indices, weight = np.ones(count, np.int64), np.zeros((5, 4), np.float32)
        y, backward = cpu.embedding(indices, weight)
        indices[...] = 2
        assert backward(np.ones_like(y)).sum(axis=1).tolist() == [0, 4 * count, 0, 0, 0]


def test_another_name_is_refused_and_changes_nothing():
    with pytest.raises(ValueError, match="name: expected one of 'textbook', 'fast', got 'quick'"):
        nn.use_kernels("quick")
    assert kernels.chosen(F.relu) is not F.relu


SMALL_BLOCKS: dict[str, dict[str, dict[str, int]]] = {
    "kernels.cpu.conv2d_winograd": {"winograd": {"TILES": 2, "SMALL": 2}},
    "kernels.cpu.conv2d_columns": {"columns": {"PLACES": 2}},
    "kernels.cpu.conv2d_neighbours": {"neighbours": {"WIDE": 5}},
    "kernels.cpu.batch_norm": {"normalization": {"BLOCK": 4, "RUN": 4}},
    "kernels.cpu.scaled_dot_product_attention": {"attention": {"BLOCK": 4}},
    **{f"kernels.cpu.{name}": {"softmax": {"BLOCK": 4}} for name in ("softmax", "log_softmax")},
    "kernels.cpu.layer_norm": {"layer_norm": {"BLOCK": 4}},
    "kernels.cpu.max_pool2d": {"pooling": {"BLOCK": 3}},
    "kernels.cpu.cross_entropy": {"classification": {"BLOCK": 6, "FEW": 3}},
    "kernels.cpu.embedding": {"embedding": {"BLOCK": 2}},
    **{
        f"kernels.cpu.{name}": {"elementwise": {"BLOCK": 3}}
        for name in ("relu", "leaky_relu", "elu", "sigmoid", "tanh", "silu", "gelu")
    },
    "kernels.cpu.binary_cross_entropy_with_logits": {"elementwise": {"BLOCK": 3}},
    "kernels.cpu.smooth_l1_loss": {"elementwise": {"BLOCK": 3}},
}


@pytest.mark.parametrize("name", SMALL_BLOCKS)
def test_results_do_not_depend_on_the_size_of_blocks(name):
    row = FORMULAS[name]

    @given(row.cases)
    def holds(case):
        with constants(**SMALL_BLOCKS[name]):
            pytorch(row, case)
            purity(row, case)

    holds()


@given(convolution_cases(2))
def test_conv2d_is_pytorchs_with_many_channels_too(case):
    """As if one channel were many, so that 3×3 kernels are computed by tiles; of small integers these round nothing."""
    whole = [np.round(arg / max(np.abs(arg).max(initial=0), 1e-30) * 4) for arg in case.args]
    case = type(case)(tuple(whole), case.kwargs, case.wrt, case.seed)
    with constants(convolution={"MANY": 1}):
        pytorch(FORMULAS["kernels.cpu.conv2d"], case)


@pytest.mark.parametrize("name", CALLS)
def test_old_results_stay_as_they_are_however_much_is_computed_after_them(name):
    _, _, others = CALLS[name]
    kernel, random, kept = getattr(cpu, name), np.random.default_rng(0), []
    for _ in range(12):
        x, *rest = GIVEN.get(name, (X,))
        if x.dtype == np.float32:
            x = random.standard_normal(x.shape, dtype=np.float32)
        y, backward = kernel(x, *rest, *others)
        dy = np.asarray(random.standard_normal(y.shape, dtype=np.float32))
        gradients = backward(dy)
        arrays = [y, *(gradients if isinstance(gradients, tuple) else (gradients,))]
        kept += [(array, array.copy()) for array in arrays if array is not None]
    for array, copy in kept:
        np.testing.assert_array_equal(array, copy)
    spans = sorted((array.__array_interface__["data"][0], array.nbytes) for array, _ in kept)
    assert all(begin + size <= after for (begin, size), (after, _) in pairwise(spans))


def test_memory_is_used_again_when_nobody_holds_it_and_not_before():
    pool = Pool()
    first = pool.empty((1000, 10), np.float32)
    place = first.ctypes.data
    view, foreign = first[10:].T, torch.from_numpy(first)
    del first
    assert pool.empty((10000,), np.float32).ctypes.data != place
    del view
    assert pool.empty((10000,), np.float32).ctypes.data != place
    del foreign
    gc.collect()
    assert sum(map(len, pool.free.values())) == 2  # an address alone may be the system's doing
    assert pool.empty((10001,), np.float32).ctypes.data == place
    assert (pool.in_use, pool.waiting > 0) == (0, True)


def test_memory_of_sizes_that_nobody_asks_for_any_more_is_given_up():
    pool = Pool()
    for n in range(1, 40):
        pool.empty((n * 100_000,), np.uint8)
        assert pool.waiting <= 2 * pool.most + 4096


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.bool_])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (5, 0, 2), (SMALL,), (70, 33, 9)])
def test_arrays_out_of_the_pool_begin_with_a_cache_line_unless_they_are_small(shape, dtype):
    array = empty(shape, dtype)
    assert (type(array), array.shape, array.dtype) == (np.ndarray, shape, np.dtype(dtype))
    assert array.nbytes < SMALL or array.ctypes.data % LINE == 0
    assert array.flags.c_contiguous
    assert array.flags.writeable


@pytest.mark.parametrize("axes", [(0, 1, 2, 3), (0, 3, 1, 2), (3, 2, 1, 0), (1, 0, 3, 2)])
def test_an_array_like_another_lies_like_it(axes):
    x = np.empty((2, 3, 4, 5), np.float32).transpose(axes)
    assert (empty_like(x).shape, empty_like(x).strides) == (x.shape, x.strides)


def test_channels_stay_last_through_a_block_forwards_and_backwards():
    layers = [nn.Conv2d(16, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2)]
    layers.append(nn.Conv2d(24, 16, 1, stride=2))
    x = X
    for layer in layers:
        x = layer(x)
        assert x.transpose(0, 2, 3, 1).flags.c_contiguous, type(layer)
    dy = np.ones_like(x)
    for layer in reversed(layers):
        dy = layer.backward(dy)
        assert dy.transpose(0, 2, 3, 1).flags.c_contiguous, type(layer)


def test_a_weight_has_pytorchs_shape_and_lies_as_the_products_want_it():
    weight = nn.Conv2d(16, 24, 3, padding=1).weight.data
    assert weight.shape == (24, 16, 3, 3)
    assert weight.transpose(2, 3, 1, 0).flags.c_contiguous


@pytest.mark.parametrize("name", CALLS)
def test_floats_of_another_order_of_bytes_are_refused_as_by_the_formula(name):
    given = (*GIVEN.get(name, (X,)), *CALLS[name][2])
    foreign = [x.astype(x.dtype.newbyteorder()) if getattr(x, "dtype", None) == np.float32 else x for x in given]
    for compute in (getattr(cpu, name), getattr(F, name)):
        with pytest.raises(TypeError, match="expected float32 or float64, got >f4"):
            compute(*foreign)


AWKWARD = [np.nan, np.inf, -np.inf, 3e38]


@pytest.mark.parametrize("value", AWKWARD)
@pytest.mark.parametrize("kernel", ["conv2d_winograd", "conv2d_columns", "conv2d_neighbours"])
@pytest.mark.parametrize("where", ["x", "dy"])
def test_a_value_that_is_not_finite_is_seen_by_its_own_windows_only(where, kernel, value):
    x, weight = values(0, (2, 3, 7, 8), np.float32), values(1, (4, 3, 3, 3), np.float32)
    dy = values(2, (2, 4, 7, 8), np.float32)
    (x if where == "x" else dy)[1, 2, 3, 4] = value
    y, backward = getattr(cpu, kernel)(x, weight, None, 1, 1)
    leaves = [tensor(x).requires_grad_(), tensor(weight).requires_grad_()]
    expected = torch.nn.functional.conv2d(*leaves, None, 1, 1)
    gradients = torch.autograd.grad(expected, leaves, tensor(dy))
    pairs = [(y, expected.detach().numpy()), *zip(backward(dy), (g.numpy() for g in gradients), strict=True)]
    for ours, theirs in pairs:
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
        np.testing.assert_array_equal(np.isposinf(ours), np.isposinf(theirs))
        finite = np.isfinite(theirs)
        S = np.where(finite, np.abs(theirs).max(where=finite, initial=0) + 10, 0)
        agree(kernel, np.where(finite, ours, 0), np.where(finite, theirs, 0), S, 200)


def test_relu_keeps_what_is_not_finite_from_where_it_is_off_and_lets_nan_through():
    x = np.array([-1, -0.0, 0.0, 1, np.nan, -np.nan, np.inf, -np.inf], np.float32)
    y, backward = cpu.relu(x)
    np.testing.assert_array_equal(y, [0, 0, 0, 1, np.nan, np.nan, np.inf, 0])
    np.testing.assert_array_equal(np.signbit(y[:3]), [False, True, False])
    for slope in (np.inf, -np.inf, np.nan, 2.0):
        expected = np.where([False, False, False, True, True, True, True, False], np.float32(slope), 0)
        np.testing.assert_array_equal(backward(np.full(8, slope, np.float32)), expected)


@pytest.mark.parametrize("left_out", ["x", "weight", "bias"])
@pytest.mark.parametrize("kernel", ["conv2d_winograd", "conv2d_columns", "conv2d_neighbours"])
def test_a_gradient_that_nobody_wants_is_left_out_and_the_others_stay(kernel, left_out):
    y, backward = getattr(cpu, kernel)(X, WEIGHT, values(3, (16,), np.float32), 1, 1)
    every, some = backward(y), backward(y, without=(left_out,))
    for name, whole, part in zip(("x", "weight", "bias"), every, some, strict=True):
        if name == left_out:
            assert part is None
        else:
            np.testing.assert_array_equal(part, whole)


@pytest.mark.parametrize("mean", [0, 1000])
def test_batch_norms_running_statistics_are_pytorchs(mean):
    check_running_statistics(values(0, (8, 16, 20, 20), np.float64) + mean)


def check_running_statistics(x):
    ours, theirs = ([np.full(16, 0.5), np.full(16, 2.0)] for _ in range(2))
    cpu.batch_norm(x, *ours, training=True, momentum=0.3)
    torch.nn.functional.batch_norm(tensor(x), *map(torch.from_numpy, theirs), training=True, momentum=0.3)
    off = x[:, 0].size * unit(x.dtype)  # sums of so many terms
    within("mean", ours[0], theirs[0], off * (0.7 * 0.5 + 0.3 * np.abs(x).mean(axis=(0, 2, 3))))
    with np.errstate(invalid="ignore"):
        within("variance", ours[1], theirs[1], off * (0.7 * 2 + 0.3 * x.var(axis=(0, 2, 3), ddof=1)))
    return ours


def test_an_infinite_value_is_in_the_running_mean_as_in_pytorch():
    x = values(0, (8, 16, 20, 20), np.float64)
    x[0, 1, 2, 3] = np.inf
    mean, _ = check_running_statistics(x)
    assert mean[1] == np.inf


@pytest.mark.parametrize("padding", [3, (0, 4)])
def test_padding_wider_than_the_kernel_is_for_the_formula(padding):
    results = []
    for function in (cpu.conv2d_winograd, F.conv2d):
        y, backward = function(X, WEIGHT, None, 1, padding)
        results.append((y, *backward(y)))
    for ours, expected in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_batch_norm_keeps_its_digits_where_the_mean_is_large():
    x = values(0, (8, 16, 20, 20), np.float32) + np.float32(1000)
    y, _ = cpu.batch_norm(x, None, None, training=True)
    exact, _ = F.batch_norm(x.astype(np.float64), None, None, training=True)
    within("y", y, exact, np.spacing(np.float32(1000)) / x.std(axis=(0, 2, 3), keepdims=True))  # μ, rounded once


def test_numpys_buffers_are_as_large_after_a_call_as_before_it():
    before = np.getbufsize()
    for name, (_, _, others) in CALLS.items():
        y, backward = getattr(cpu, name)(*GIVEN.get(name, (X,)), *others)
        backward(y)
        assert np.getbufsize() == before


@settings(max_examples=25)
@given(FORMULAS["kernels.cpu.conv2d_winograd"].cases)
def test_tiles_of_halves_are_exact(case):
    """Minimal filtering adds, subtracts and halves: the bound is one of a whole tile, but here nothing is rounded."""
    x, weight = (np.sign(arg) + (arg == 0) + 0.5 for arg in case.widened().args[:2])
    y, _ = cpu.conv2d_winograd(x, weight, padding=case.kwargs["padding"])
    expected, _ = F.conv2d(x, weight, padding=case.kwargs["padding"])
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize(
    ("channels", "of", "kernel", "stride", "shared"),
    [(1, 6, 5, 1, 14), (6, 16, 5, 1, 7), (12, 12, 3, 1, 4), (3, 64, 3, 1, 1), (8, 8, 1, 1, 1), (3, 8, 3, 3, 1)],
)
def test_as_many_places_in_a_row_share_a_window_as_was_measured_to_be_fastest(channels, of, kernel, stride, shared):
    x, weight = (np.zeros(shape, np.float32) for shape in ((2, channels, 28, 28), (of, channels, kernel, kernel)))
    g = geometry(x, weight, None, stride, "same" if stride == 1 else kernel // 2, 1, 1)
    assert sharing(g) == shared


def test_what_ran_in_a_block_can_be_printed():
    model = nn.Sequential(nn.Conv2d(16, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16 * 28 * 27, 3))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    with nn.use_kernels("fast") as ran:
        model.backward(model(X))
        with nn.use_kernels("textbook") as inner:
            model(X[:1])
        optimizer.step()
        model[1](X[:, :, :1, :1])
    model(X)
    assert str(ran).splitlines() == [
        "kernels.cpu.winograd.conv2d_winograd   1",
        "kernels.cpu.rectified.relu             1",
        "functional.shape.flatten               1",
        "functional.linear.linear               1",
        "kernels.cpu.optimizers.sgd             2",
        "optim.sgd.SGD.update                   2",
        "functional.activations.rectified.relu  1",
    ]
    assert [name.split(".")[0] for name in inner] == ["functional"] * 4
    assert str(type(ran)()) == ""
