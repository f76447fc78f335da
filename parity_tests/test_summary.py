"""The summary of a model: its numbers are facts worked out by hand, and the model is left as it was."""

from __future__ import annotations

from inspect import getsource
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
from numpy_nn import random
from numpy_nn.functional import relu
from numpy_nn.modules import Layer
from numpy_nn.summary import Summary
from numpy_nn.summary.multiply_adds import RULES
from numpy_nn.summary.table import scaled
from parity_tests.strategies import dtypes

TABLE = """\
layer         output shape  trainable  frozen  multiply-adds
────────────────────────────────────────────────────────────
Sequential    (2, 3)                –       –              –
├─ 0: Linear  (2, 4)               24       –             40
├─ 1: ReLU    (2, 4)                –       –              –
└─ 2: Linear  (2, 3)                –      15             24
────────────────────────────────────────────────────────────
parameters                      39  24 trainable, 15 frozen
multiply-adds                   64  64
bytes, input                    40  40 B
bytes, outputs of layers        88  88 B
bytes, parameters and buffers  156  156 B"""


def small() -> nn.Sequential:
    """5 → 4 → 3, of which the last layer is frozen."""
    model = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
    model[2].requires_grad_(False)
    return model


def row(found: Summary, name: str):
    (part,) = (part for part in found.parts if part.name == name)
    return part


def test_the_table():
    assert str(nn.summary(small(), (2, 5))) == TABLE


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_columns_are_aligned(layers):
    model = nn.Sequential(*(nn.Sequential(nn.Linear(1000, 1000)) for _ in range(layers)))
    first, rule, *rest = str(nn.summary(model, (1, 1000))).splitlines()
    body = rest[: rest.index(rule)]
    assert {len(line) for line in (first, rule, *body)} == {len(first)}
    shape = first.index("output shape")
    assert {line[shape - 2 : shape + 1] for line in body} == {"  ("}


@given(st.lists(st.integers(1, 30), min_size=2, max_size=5), st.integers(0, 5), dtypes)
def test_a_network_of_linear_layers(sizes, batch, dtype):
    found = nn.summary(nn.MLP(*sizes, dtype=dtype), (batch, sizes[0]))
    pairs = list(pairwise(sizes))
    assert found.parameters == found.trainable == sum(a * b + b for a, b in pairs)
    assert found.multiply_adds == batch * sum(a * b for a, b in pairs)
    assert found.held_bytes == found.parameters * np.dtype(dtype).itemsize
    assert found.input_bytes == batch * sizes[0] * np.dtype(dtype).itemsize


ONES = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2), st.integers(1, 2))


def ones(layer: nn.Module) -> nn.Module:
    """With every weight 1 and every bias 0 each product of ones is 1: the sum of the outputs counts them."""
    for name, parameter in layer.named_parameters():
        parameter.data[...] = 0 if "bias" in name else 1
    return layer


@given(ONES, st.sampled_from(["Conv1d", "Conv2d", "ConvTranspose2d", "Linear"]))
def test_multiply_adds_are_the_products_of_a_layer_of_ones(sizes, kind):
    N, C, features, groups, stride = sizes
    if kind == "Linear":
        layer, shape = nn.Linear(C, features), (N, 4, C)
    else:
        layer = getattr(nn, kind)(C * groups, features * groups, 2, stride, groups=groups)
        shape = (N, C * groups, *(5,) * len(layer.kernel_size))
    y = ones(layer)(np.ones(shape, np.float32))
    assert nn.summary(layer, shape).multiply_adds == y.sum()


def test_a_cosine_takes_three_products():
    for shapes, pairs in (([(4, 6), (4, 6)], 4), ([(4, 6), (1, 6)], 4)):
        assert nn.summary(nn.CosineSimilarity(), shapes).multiply_adds == 3 * pairs * 6


class Attending(nn.Module):
    """Attention of a sequence to another."""

    def __init__(self, embed_dim: int, batch_first: bool) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(embed_dim, 2, batch_first=batch_first)

    def forward(self, query, key):
        """The output and the weights."""
        return self.attention(query, value=key, key=key)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("batched", [True, False])
def test_attention_projects_four_times_and_meets_every_key_twice(batch_first, batched):
    N, L, S, E = 3 if batched else 1, 5, 7, 4
    shapes = [(N, n, E) if batch_first else (n, N, E) for n in (L, S)] if batched else [(L, E), (S, E)]
    found = nn.summary(Attending(E, batch_first), shapes)
    assert found.multiply_adds == N * (2 * L * E * E + 2 * S * E * E + 2 * L * S * E)
    assert found.parameters == 4 * (E * E + E)
    assert row(found, "attention").shapes == (shapes[0], (N, L, S) if batched else (L, S))
    assert row(found, "attention.out_proj").shapes == ()


def test_resnet18_has_the_numbers_that_are_known_of_it():
    found = nn.summary(nn.ResNet18(), (1, 3, 224, 224))
    assert found.parameters == found.trainable == 11_689_512
    stages = [112**2 * 64 * 3 * 49]
    stages += [4 * 56**2 * 64 * 64 * 9]
    for side, width in ((28, 128), (14, 256), (7, 512)):
        stages += [side**2 * width * (width // 2 * 9 + 3 * width * 9 + width // 2)]
    assert found.multiply_adds == sum(stages) + 512 * 1000 == 1_814_073_344
    assert scaled(found.multiply_adds) == "1.81 G"
    assert row(found, "layer4.1.conv2").shapes == ((1, 512, 7, 7),)
    assert found.held_bytes == 4 * (11_689_512 + 2 * 4800) + 8 * 20  # means and variances; 20 counts of batches
    assert "1.81 G" in str(found)


def test_parameters_are_those_pytorch_counts():
    model = nn.LeNet()
    theirs = [torch.from_numpy(array) for array in model.state_dict().values()]
    assert nn.summary(model, (1, 1, 28, 28)).parameters == sum(tensor.numel() for tensor in theirs)


def test_frozen_and_trainable_are_told_apart():
    found = nn.summary(small(), (2, 5))
    assert (found.trainable, found.frozen, found.parameters) == (24, 15, 39)
    assert (row(found, "2").trainable, row(found, "2").frozen) == (0, 15)


class Noisy(nn.Module):
    """Draws, whatever its mode."""

    def forward(self, x):
        """x and something."""
        return x + random.normal(x.shape)


class Scaling(nn.Module):
    """A parameter of its own, and one layer called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(np.ones(3, np.float32))
        self.shared = nn.Linear(3, 3)
        self.again = self.shared

    def forward(self, x):
        """The layer, twice."""
        return self.scale.data * self.shared(self.again(x))


def test_what_is_shared_has_its_parameters_once_and_its_calls_all():
    found = nn.summary(Scaling(), (2, 3))
    assert found.parameters == 3 + 12
    assert (row(found, "shared").calls, row(found, "shared").multiply_adds) == (2, 2 * 2 * 9)
    assert (row(found, "again").calls, row(found, "again").trainable, row(found, "again").multiply_adds) == (None, 0, 0)
    assert "shared: Linear (called 2 times)" in str(found)
    assert "again: Linear (as above)" in str(found)
    assert found.output_bytes == 2 * 2 * 3 * 4


def test_a_tied_parameter_counts_once():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    assert nn.summary(model, (1, 3)).parameters == 9 + 3 + 3


def test_the_model_stays_as_it_is():
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), Noisy(), nn.ReLU())
    twin = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), Noisy(), nn.ReLU())
    twin.load_state_dict(model.state_dict())
    model[4].eval()
    x, dy = np.arange(12, dtype=np.float32).reshape(3, 4), np.ones((3, 4), np.float32)
    results = []
    for one in (model, twin):
        nn.manual_seed(7)
        layers = [one[0], one[1], one[2], one[4]]
        y = one(x)
        if one is model:
            before = {key: array.copy() for key, array in model.state_dict().items()}
            arrays = {key: id(array) for key, array in model.state_dict().items()}
            nn.summary(model, (5, 4))
            assert all(np.array_equal(array, before[key]) for key, array in model.state_dict().items())
            assert {key: id(array) for key, array in model.state_dict().items()} == arrays
            assert [module.training for module in model.modules()] == [True] * 5 + [False]
            assert all("forward" not in vars(module) for module in model.modules())
        dx = dy
        for layer in reversed(layers):
            dx = layer.backward(dx)
        results.append([y, dx, random.rand(4), *(parameter.grad for parameter in one.parameters())])
    for ours, expected in zip(*results, strict=True):
        assert np.array_equal(ours, expected)


def test_a_table_that_is_scaled_by_use_is_not_scaled():
    model = nn.Embedding(3, 2, max_norm=0.1)
    before = model.weight.data.copy()
    nn.summary(model, (1, 3), dtype=np.int64)
    assert np.array_equal(model.weight.data, before)


def test_it_runs_in_evaluation_mode():
    """In training mode BatchNorm refuses one value for each channel."""
    model = nn.BatchNorm1d(4)
    assert nn.summary(model, (1, 4)).parameters == 8
    assert model.training


def test_a_pass_under_way_is_not_disturbed():
    """In no_input_grad what has learned so far decides what is kept: a summary in between is no part of it."""
    first, second = nn.ReLU(), nn.Linear(2, 2)
    with nn.no_input_grad():
        nn.summary(second, (1, 2))
        y = second(first(np.ones((1, 2), np.float32)))
    assert second.backward(y) is None


def test_several_inputs_each_of_its_dtype():
    found = nn.summary(nn.ImageText(), [(5, 64), (6,)], dtype=[np.float32, np.int64])
    assert found.parts[0].shapes == ((5, 16), (6, 16), ())
    assert found.input_bytes == 5 * 64 * 4 + 6 * 8


class Foreign(Layer):
    """A layer of somebody else's."""

    def formula(self, x):
        """ReLU."""
        return relu(x)


def test_a_layer_without_a_rule_is_named():
    found = nn.summary(nn.Sequential(nn.Linear(2, 2), Foreign()), (1, 2))
    assert row(found, "1").multiply_adds is None
    assert found.multiply_adds == 4
    assert "4, without Foreign" in str(found)


def test_every_layer_that_learns_has_a_rule_or_works_on_each_number():
    """A new layer with parameters is put here or into RULES."""
    each_number = {"BatchNorm1d", "BatchNorm2d", "LayerNorm", "GroupNorm", "RMSNorm", "PReLU"}
    looked_up = {"Embedding", "EmbeddingBag"}
    layers = [kind for name in nn.__all__ if isinstance(kind := getattr(nn, name), type) and issubclass(kind, Layer)]
    learning = {kind.__name__ for kind in layers if "self.weight = " in source(kind) or "_weight = " in source(kind)}
    assert learning - each_number - looked_up <= {kind.__name__ for kind in RULES}
    assert learning >= each_number | looked_up


def source(kind: type) -> str:
    """The source of a class and of what it is derived from, up to Layer."""
    return "".join(getsource(one) for one in kind.__mro__ if one not in (object, nn.Module, Layer))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.summary(nn.ReLU, (1,)), TypeError, "model: expected a module, got type"),
        (lambda: nn.summary(small(), 5), TypeError, "input_shape: expected a tuple of integers, got 5"),
        (lambda: nn.summary(small(), "25"), TypeError, "input_shape: expected a tuple of integers, got '25'"),
        (lambda: nn.summary(small(), (2, 5.0)), TypeError, "input_shape: expected an integer, got 5.0"),
        (lambda: nn.summary(small(), (-1, 5)), ValueError, "input_shape: expected at least 0, got -1"),
        (lambda: nn.summary(small(), (2, 5), dtype="many"), TypeError, "dtype: expected a dtype, got 'many'"),
        (
            lambda: nn.summary(small(), (2, 5), dtype=[np.float32] * 2),
            ValueError,
            "dtype: expected one for each of 1 inputs, got 2",
        ),
        (
            lambda: nn.summary(small(), (2, 6)),
            ValueError,
            r"input_shape: expected what the model takes, got \(2, 6\) of float32; 0 \(Linear\): x: expected .*",
        ),
        (
            lambda: nn.summary(nn.Sequential(nn.Sequential(nn.Flatten()), nn.Linear(3, 3)), (2, 2, 2)),
            ValueError,
            r"input_shape: expected what the model takes, got \(2, 2, 2\) of float32; 1 \(Linear\): x: expected .*",
        ),
        (
            lambda: nn.summary(small(), (2, 5), dtype=np.int64),
            TypeError,
            r"input_shape: expected what the model takes, got \(2, 5\) of int64; 0 \(Linear\): x: expected float32 .*",
        ),
        (
            lambda: nn.summary(nn.ReLU(), [(2,), (3,)]),
            TypeError,
            r"input_shape: expected what .*, got \(2,\) of float32, \(3,\) of float32; the model \(ReLU\): .*",
        ),
    ],
)
def test_it_refuses(call, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        call()


def test_after_a_refusal_the_stream_stands_where_it_stood():
    model = nn.Sequential(Noisy(), nn.Linear(3, 3))
    nn.manual_seed(0)
    expected = random.rand(3)
    nn.manual_seed(0)
    with pytest.raises(ValueError, match="input_shape"):
        nn.summary(model, (2, 4))
    assert np.array_equal(random.rand(3), expected)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 "), (999, "999 "), (1000, "1 k"), (999_499, "999 k"), (999_500, "1 M"), (10**15, "1000 T")],
)
def test_scaled(number, text):
    assert scaled(number) == text
