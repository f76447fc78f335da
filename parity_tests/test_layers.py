"""Every layer is its formula, with PyTorch's parameters, state_dict, repr and bookkeeping around it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import combinations
from pickle import dumps, loads
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
from numpy_nn import backend, optim
from parity_tests.bounds import agree
from parity_tests.layer_witness import DTYPES, check_layer
from parity_tests.specification import FORMULAS, LAYERS
from parity_tests.strategies import seeds


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name: str) -> None:
    row = LAYERS[name]

    @given(FORMULAS[f"functional.{row.formula}"].cases)
    def holds(case):
        check_layer(row, case)

    holds()


@given(seeds, st.integers(1, 40), st.integers(1, 40), st.booleans(), st.sampled_from([np.float32, np.float64]))
def test_linear_starts_as_pytorchs_from_the_seed(seed, in_features, out_features, bias, dtype):
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    ours = nn.Linear(in_features, out_features, bias, dtype=dtype).state_dict()
    theirs = torch.nn.Linear(in_features, out_features, bias, dtype=DTYPES[np.dtype(dtype)]).state_dict()
    for key, value in theirs.items():
        np.testing.assert_array_equal(ours[key], value.numpy())


@given(seeds, st.integers(1, 20), st.integers(1, 20), st.booleans())
def test_embedding_starts_as_pytorchs_from_the_seed(seed, num_embeddings, embedding_dim, padding):
    padding_idx = -1 if padding else None
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    ours = nn.Embedding(num_embeddings, embedding_dim, padding_idx)
    theirs = torch.nn.Embedding(num_embeddings, embedding_dim, padding_idx)
    expected = theirs.weight.detach().numpy()
    np.testing.assert_array_almost_equal_nulp(ours.weight.data, expected, 4)
    assert ours.padding_idx == theirs.padding_idx
    if padding:
        assert not ours.weight.data[-1].any()


def test_from_pretrained_keeps_the_padding_row_and_freezes():
    table = np.ones((3, 2), dtype=np.float32)
    layer = nn.Embedding.from_pretrained(table, padding_idx=1)
    twin = torch.nn.Embedding.from_pretrained(torch.ones(3, 2), padding_idx=1)
    assert layer.weight.requires_grad is twin.weight.requires_grad is False
    y = layer(np.array([1, 2]))
    np.testing.assert_array_equal(y, np.ones((2, 2)))
    layer.backward(np.ones_like(y))
    assert layer.weight.grad is None


def network() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(6, 4), nn.Sequential(nn.ELU(), nn.Dropout(0.2)), nn.Linear(4, 2))


def twin_network() -> torch.nn.Sequential:
    layers = torch.nn
    return layers.Sequential(
        layers.Flatten(), layers.Linear(6, 4), layers.Sequential(layers.ELU(), layers.Dropout(0.2)), layers.Linear(4, 2)
    )


@given(seeds)
def test_sequential_is_pytorchs(seed):
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    ours, theirs = network().to(np.float64), twin_network().double()
    x = np.random.default_rng(seed).standard_normal((5, 2, 3))
    dy = np.random.default_rng(seed + 1).standard_normal((5, 2))
    y, leaf = ours(x), torch.from_numpy(x).requires_grad_()
    expected = theirs(leaf)
    expected.backward(torch.from_numpy(dy))
    np.testing.assert_array_max_ulp(y, expected.detach().numpy(), 64)
    dx = ours.backward(dy)
    agree("dx", dx, leaf.grad.numpy(), np.ones(x.shape) * 100, 64)
    for (name, parameter), (key, value) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == key
        agree(name, parameter.grad, value.grad.numpy(), np.ones(parameter.shape) * 100, 64)
    assert repr(ours) == repr(theirs)
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules()]


def test_train_and_eval_reach_every_module():
    model = network()
    assert all(not module.training for module in model.eval().modules())
    assert all(module.training for module in model.train().modules())


def test_state_dict_goes_both_ways_unchanged():
    ours, theirs = network(), twin_network()
    before = {key: value.clone().numpy() for key, value in theirs.state_dict().items()}
    ours.load_state_dict(theirs.state_dict())
    back = twin_network()
    back.load_state_dict({key: torch.from_numpy(value) for key, value in ours.state_dict().items()})
    for key, value in before.items():
        np.testing.assert_array_equal(ours.state_dict()[key], value)
        np.testing.assert_array_equal(back.state_dict()[key].numpy(), value)


def test_weights_older_than_the_count_of_batches_load_as_in_pytorch():
    """torchvision's of ResNet are such. A state_dict that PyTorch has dated must be whole, and so must all else be."""
    ours, theirs = nn.BatchNorm2d(2), torch.nn.BatchNorm2d(2)
    dated = torch.nn.BatchNorm2d(2).state_dict()
    del dated["num_batches_tracked"]
    for layer, refusal in ((ours, ValueError), (theirs, RuntimeError)):
        layer.num_batches_tracked += 3
        layer.load_state_dict(dict(dated))
        assert int(layer.num_batches_tracked) == 3
        with pytest.raises(refusal, match=r'Missing key.*"num_batches_tracked"'):
            layer.load_state_dict(dated)
        with pytest.raises(refusal, match=r'Missing key\(s\) in state_dict: "running_var"\.'):
            layer.load_state_dict({name: dated[name] for name in ("weight", "bias", "running_mean")})


def test_state_dict_is_aliased_and_loading_copies():
    model, other = network(), network()
    assert np.shares_memory(model.state_dict()["1.weight"], model[1].weight.data)
    other.load_state_dict(model.state_dict())
    assert not np.shares_memory(other[1].weight.data, model[1].weight.data)


def test_a_shared_parameter_counts_once_and_is_saved_under_both_names():
    def tied(layers: Any) -> Any:
        model = layers.Sequential(layers.Linear(3, 3), layers.Linear(3, 3))
        model[1].weight = model[0].weight
        return model

    ours, theirs = tied(nn), tied(torch.nn)
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_what_is_deleted_is_neither_saved_nor_there_any_more():
    left = []
    for library in (nn, torch.nn):
        model = library.Sequential(library.Linear(2, 2), library.BatchNorm1d(2), library.Linear(2, 1))
        del model[0].bias, model[1].running_mean
        delattr(model, "2")
        model[0].note = "plain"
        del model[0].note
        for layer, name in ((model[0], "bias"), (model[0], "note"), (model, "2")):
            assert not hasattr(layer, name)
            with pytest.raises(AttributeError, match=name):
                delattr(layer, name)
        left.append(list(model.state_dict()))
    kept = ("weight", "bias", "running_var", "num_batches_tracked")
    assert left[0] == left[1] == ["0.weight", *(f"1.{name}" for name in kept)]


def test_a_name_is_of_what_was_assigned_to_it_last():
    found = []
    for library in (nn, torch.nn):
        model, weight = library.Sequential(library.ReLU(), library.Tanh(), library.ReLU()), library.Linear(2, 2).weight
        model.note = "plain"
        model.note = weight
        setattr(model, "0", weight)
        setattr(model, "1", library.ELU())  # in the place of the Tanh
        assert model.note is weight
        found.append([list(model.state_dict()), [name for name, _ in model.named_modules()], repr(model)])
    assert found[0] == found[1]


@pytest.mark.parametrize("library", [nn, torch.nn], ids=["numpy_nn", "torch"])
def test_a_part_before_init_is_refused(library: Any):
    class Early(library.Module):
        def __init__(self, part: Any) -> None:
            self.part = part

    for part in (library.ReLU(), library.Linear(1, 1).weight):
        with pytest.raises(AttributeError, match=r"^cannot assign .* before Module\.__init__\(\)"):
            Early(part)


def test_to_converts_parameters_gradients_and_buffers():
    layer = nn.Sequential(nn.Linear(2, 2), nn.CrossEntropyLoss(weight=np.ones(2, dtype=np.float32)))
    layer[0](np.ones((1, 2), dtype=np.float32))
    layer[0].backward(np.ones((1, 2), dtype=np.float32))
    layer.to(np.float64)
    assert {a.dtype for a in layer.state_dict().values()} == {layer[0].weight.grad.dtype} == {np.dtype(np.float64)}
    assert layer.to("cpu", "float32")[0].weight.data.dtype == np.float32


def test_frozen_parameters_get_no_gradient():
    layer = nn.Linear(3, 2)
    layer.weight.requires_grad = False
    layer(np.ones((1, 3), dtype=np.float32))
    layer.backward(np.ones((1, 2), dtype=np.float32))
    assert layer.weight.grad is None
    assert layer.bias.grad is not None
    layer.bias.grad, layer.bias.requires_grad = None, False  # its gradient comes with the others', and is not kept
    layer(np.ones((1, 3), dtype=np.float32))
    layer.backward(np.ones((1, 2), dtype=np.float32))
    assert layer.bias.grad is None


ALONE: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "LayerNorm of one row": (lambda: nn.LayerNorm(8), (8,)),
    "BatchNorm1d of one sample": (lambda: nn.BatchNorm1d(4).eval(), (1, 4)),
    "VisionTransformer of one image": (nn.VisionTransformer, (1, 1, 28, 28)),
    "Linear of one sample": (lambda: nn.Linear(3, 3), (1, 3)),
}


@pytest.mark.parametrize("name", ALONE)
def test_each_gradient_has_memory_of_its_own(name: str):
    """Else what is done to one in place, as by clip_grad_norm_, is done to another as well."""
    make, shape = ALONE[name]
    layer, x = make(), np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    dy = np.ones_like(layer(x))
    arrays = [dy, layer.backward(dy), *(parameter.grad for parameter in layer.parameters())]
    assert not [pair for pair in combinations(arrays, 2) if np.shares_memory(*pair)]


def test_a_parameter_of_no_dimensions_is_an_array_and_so_is_its_gradient():
    parameter = nn.Parameter(np.float32(2))
    data = parameter.data
    for _ in range(2):
        parameter.accumulate(np.ones(100, np.float32).sum())  # of which NumPy makes a scalar
    optim.clip_grad_norm_([parameter], 1.0)
    assert parameter.grad == pytest.approx(1)
    optim.SGD([parameter], lr=1.0).step()
    assert parameter.data is data
    assert data == pytest.approx(1)


def test_numbers_of_another_order_of_bytes_are_no_parameter():
    with pytest.raises(TypeError, match=r"data: expected float32 or float64, got [<>]f4"):
        nn.Parameter(np.zeros(3, np.dtype(np.float32).newbyteorder()))


def test_a_layer_can_be_pickled_between_forward_and_backward():
    layer, x = nn.Linear(3, 2), np.ones((4, 3), np.float32)
    y = layer(x)
    with pytest.raises(RuntimeError, match="call the layer first"):
        deepcopy(layer).backward(y)
    for copy in (loads(dumps(layer)), deepcopy(layer)):
        np.testing.assert_array_equal(copy(x), y)
    assert layer.backward(y).shape == x.shape


def test_what_is_read_only_is_not_loaded_into_and_nothing_else_is():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].bias.data.flags.writeable = False
    before = {key: array.copy() for key, array in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"1\.bias cannot be changed: its array is read-only"):
        model.load_state_dict({key: array + 1 for key, array in before.items()})
    for key, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[key])


def test_zero_grad_forgets_and_gradients_add_up():
    layer = nn.Linear(3, 2)
    x, dy = np.ones((1, 3), dtype=np.float32), np.ones((1, 2), dtype=np.float32)
    for _ in range(3):
        layer(x)
        layer.backward(dy)
    np.testing.assert_array_equal(layer.bias.grad, [3, 3])
    layer.zero_grad()
    assert layer.bias.grad is None


def test_modules_stay_on_their_device():
    assert {backend.device_of(p.data) for p in network().parameters()} == {"cpu"}
