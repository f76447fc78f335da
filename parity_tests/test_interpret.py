"""What a network looks at: each method is PyTorch's and its paper's, and leaves the network as it was."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
import torch_nn
from numpy_nn import interpret
from numpy_nn.backend import to_device, to_host
from numpy_nn.grad_mode import no_grad
from numpy_nn.interpret.watching import replaced, watched
from parity_tests import strict
from parity_tests.lockstep import FLOAT64_BOUND
from parity_tests.strategies import seeds
from torch_nn.twins import INTERPRET

strict.install()
CLASSES = 4
SEEN = 1e4 * FLOAT64_BOUND
"""What is found is more than this: two wings that find nothing would agree as well."""


def drawn(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def layers_of(library: Any, dtype: Any, seed: int) -> Any:
    """Convolutions of a size that is drawn, with a ReLU and a smooth activation between them, then the scores."""
    random = np.random.default_rng(seed)
    channels, hidden, kernel, stride = (int(random.integers(1, high)) for high in (4, 5, 4, 3))
    rows, columns = (int(random.integers(6, 10)) for _ in range(2))
    height, width = ((side - kernel) // stride + 1 for side in (rows, columns))
    layers = library.Sequential(
        library.Conv2d(channels, hidden, 3, padding=1, dtype=dtype),
        library.ReLU(),
        library.Conv2d(hidden, 3, kernel, stride, dtype=dtype),
        library.Tanh(),
        library.Dropout(0.5),
        library.Conv2d(3, 2, 1, dtype=dtype),
        library.ReLU(),
        library.Flatten(),
        library.Linear(2 * height * width, CLASSES, dtype=dtype),
    )
    return layers, drawn(seed, 3, channels, rows, columns)


def same_weights(ours: Any, theirs: Any, seed: int) -> None:
    """The weights of ours put into theirs; running statistics that are not those of the start."""
    for name, value in ours.state_dict().items():
        if "running" in name:
            value += np.abs(drawn(seed, *value.shape)) / 10
    theirs.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in ours.state_dict().items()})


def drawn_pair(seed: int) -> tuple[Any, Any, np.ndarray]:
    """A network of each wing with the same weights, and images."""
    nn.manual_seed(seed)
    (ours, x), (theirs, _) = layers_of(nn, np.float64, seed), layers_of(torch.nn, torch.float64, seed)
    same_weights(ours, theirs, seed)
    return ours, theirs, x


MODELS: dict[str, tuple[Callable[[Any, Any], Any], tuple[int, ...]]] = {
    "SimpleNet": (lambda library, dtype: library.SimpleNet(36, 20, 5, dtype=dtype), (36,)),
    "LeNet": (lambda library, dtype: library.LeNet(5, dropout=0.5, dtype=dtype), (1, 28, 28)),
    "ResNet18": (lambda library, dtype: library.ResNet18(5, 2, "small", 4, dtype=dtype), (2, 10, 9)),
}


def named_pair(name: str) -> tuple[Any, Any, np.ndarray]:
    make, shape = MODELS[name]
    nn.manual_seed(7)
    ours, theirs = make(nn, np.float64), make(torch_nn, torch.float64)
    same_weights(ours, theirs, 7)
    return ours, theirs, drawn(7, 2, *shape)


def same(method: str, ours: Any, theirs: Any, x: np.ndarray, *args: Any, **options: Any) -> np.ndarray:
    """What a method finds by hand, after it has been seen to be what it finds in PyTorch."""
    found = getattr(interpret, method)(ours, x, *args, **options)
    tensors = [torch.from_numpy(arg) if isinstance(arg, np.ndarray) else arg for arg in args]
    expected = getattr(torch_nn.interpret, method)(theirs, torch.from_numpy(x), *tensors, **options).numpy()
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    assert np.abs(found - expected).max() <= FLOAT64_BOUND
    return found


targets = st.sampled_from([None, 0, CLASSES - 1, np.array([0, 3, 1])])
steps = st.sampled_from([1, 2, 3, 7, 11, 25])
"""From 11 on three images go through the network in several batches."""


@given(seeds, targets)
def test_gradients_of_the_input_are_pytorchs(seed: int, target: Any) -> None:
    ours, theirs, x = drawn_pair(seed)
    gradient = same("saliency", ours, theirs, x, target)
    assert gradient.shape == x.shape
    same("guided_backpropagation", ours, theirs, x, target)
    strongest = interpret.strongest(gradient)
    assert np.array_equal(strongest, torch_nn.interpret.strongest(torch.from_numpy(gradient)).numpy())
    assert np.array_equal(np.abs(strongest), np.abs(gradient).max(axis=1))


@given(seeds, targets, steps, st.floats(-1, 1))
def test_integrated_gradients_are_pytorchs(seed: int, target: Any, steps: int, baseline: float) -> None:
    ours, theirs, x = drawn_pair(seed)
    same("integrated_gradients", ours, theirs, x, target, baseline, steps)
    same("integrated_gradients", ours, theirs, x, target, drawn(seed + 1, *x.shape), steps)


@given(seeds, targets, st.sampled_from([None, "0", "1", "2", "3", "5", "6"]))
def test_grad_cam_is_pytorchs(seed: int, target: Any, layer: str | None) -> None:
    ours, theirs, x = drawn_pair(seed)
    heat = same("grad_cam", ours, theirs, x, target, layer)
    assert heat.min() >= 0


@given(seeds, targets, st.integers(1, 6), st.integers(1, 6), st.floats(-1, 1))
def test_occlusion_is_pytorchs(seed: int, target: Any, size: int, stride: int, value: float) -> None:
    ours, theirs, x = drawn_pair(seed)
    heat = same("occlusion", ours, theirs, x, target, size, min(size, stride), value)
    assert heat.shape == (len(x), *x.shape[2:])


@given(seeds, st.integers(1, 5), st.integers(1, 5), st.integers(1, 12), st.integers(1, 12))
def test_enlarged_maps_are_pytorchs(seed: int, H: int, W: int, rows: int, columns: int) -> None:
    maps = drawn(seed, 2, 3, H, W)
    found = interpret.enlarged(maps, (rows, columns))
    expected = torch_nn.interpret.enlarged(torch.from_numpy(maps), (rows, columns)).numpy()
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= FLOAT64_BOUND


@pytest.mark.parametrize("name", MODELS)
def test_every_method_is_pytorchs_on_the_models_with_every_default(name: str) -> None:
    ours, theirs, x = named_pair(name)
    for method in ("saliency", "guided_backpropagation", "integrated_gradients"):
        assert np.abs(same(method, ours, theirs, x)).max() > SEEN
    for layer in dict(ours.named_modules()):
        same("activations", ours, theirs, x, layer)
    assert np.array_equal(interpret.weight_images(ours), torch_nn.interpret.weight_images(theirs).numpy())
    if x.ndim == 4:
        assert same("grad_cam", ours, theirs, x).max() > SEEN
        assert np.abs(same("occlusion", ours, theirs, x)).max() > SEEN


@pytest.mark.parametrize("name", MODELS)
def test_the_convolutions_are_pytorchs_in_order(name: str) -> None:
    ours, theirs, _ = named_pair(name)
    assert interpret.convolutions(ours) == torch_nn.interpret.convolutions(theirs)


@pytest.mark.parametrize("method", INTERPRET)
def test_the_defaults_are_those_of_the_twin(method: str) -> None:
    ours, theirs = (
        [parameter.default for parameter in signature(getattr(wing, method)).parameters.values()]
        for wing in (interpret, torch_nn.interpret)
    )
    assert ours == theirs


@pytest.mark.parametrize("layer", ["conv1", "relu", "layer1", "layer2.0.downsample", "layer4", "layer4.1.relu2"])
def test_grad_cam_of_any_layer_of_a_residual_network_is_pytorchs(layer: str) -> None:
    ours, theirs, x = named_pair("ResNet18")
    assert same("grad_cam", ours, theirs, x, 2, layer).max() > SEEN


# What the papers say of them


def linear(seed: int = 0, features: int = 12) -> Any:
    """A model with scores w x + b, for images of 3×4."""
    nn.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(features, CLASSES, dtype=np.float64))


def test_the_saliency_of_a_linear_model_is_its_weights() -> None:
    """Simonyan et al., section 3."""
    model, x = linear(), drawn(0, 2, 1, 3, 4)
    weights = model[1].weight.data.reshape(CLASSES, 1, 3, 4)
    assert np.array_equal(interpret.saliency(model, x, np.array([2, 0])), weights[[2, 0]])
    best = model(x).argmax(axis=1)
    assert np.array_equal(interpret.saliency(model, x), weights[best])


def test_guided_backpropagation_passes_what_is_positive_both_ways() -> None:
    """Springenberg et al., figure 1: zero where the input was, and zero where the gradient is negative."""
    relu = nn.ReLU()
    model = nn.Sequential(relu, nn.Linear(4, 1, bias=False, dtype=np.float64))
    model[1].weight.data[:] = [2.0, -3.0, 5.0, -7.0]
    x = np.array([[1.0, 1.0, -1.0, -1.0]])
    assert interpret.saliency(model, x, 0).tolist() == [[2, -3, 0, 0]]
    assert interpret.guided_backpropagation(model, x, 0).tolist() == [[2, 0, 0, 0]]


def smooth(seed: int) -> Any:
    nn.manual_seed(seed)
    options: dict[str, Any] = {"dtype": np.float64}
    return nn.Sequential(nn.Conv2d(1, 3, 3, **options), nn.Tanh(), nn.Flatten(), nn.Linear(18, 6, **options), nn.GELU())


@given(seeds, st.floats(-1, 1))
def test_integrated_gradients_of_a_smooth_network_add_up_to_what_the_score_gains(seed: int, baseline: float) -> None:
    """Sundararajan et al., proposition 1: completeness."""
    model, x, target = smooth(seed), drawn(seed, 3, 1, 5, 4), np.array([0, 5, 2])
    attributions = interpret.integrated_gradients(model, x, target, baseline, steps=25)
    gained = (model(x) - model(np.full_like(x, baseline)))[[0, 1, 2], target]
    assert np.abs(attributions.sum(axis=(1, 2, 3)) - gained).max() <= FLOAT64_BOUND


def test_with_relus_they_come_nearer_to_that_the_more_steps_there_are() -> None:
    ours, _, x = named_pair("SimpleNet")
    gained = (ours(x) - ours(np.zeros_like(x)))[:, 1]

    def missing(steps: int) -> float:
        attributions = interpret.integrated_gradients(ours, x, 1, steps=steps)
        return float(np.abs(attributions.sum(axis=1) - gained).max() / np.abs(gained).max())

    assert missing(200) < 0.01
    assert missing(200) < missing(2) / 5


def test_integrated_gradients_of_a_linear_model_are_exact_in_one_step() -> None:
    model, x, baseline = linear(), drawn(0, 2, 1, 3, 4), drawn(1, 2, 1, 3, 4)
    found = interpret.integrated_gradients(model, x, 1, baseline, steps=1)
    expected = model[1].weight.data[1].reshape(1, 3, 4) * (x - baseline)
    assert np.abs(found - expected).max() <= FLOAT64_BOUND


@given(seeds)
def test_behind_a_global_mean_grad_cam_is_the_class_activation_map(seed: int) -> None:
    """Selvaraju et al., section 3.1: α is the linear layer's weight over the number of pixels."""
    nn.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(2, 5, 3, dtype=np.float64), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3, dtype=np.float64)
    )
    x, target = drawn(seed, 2, 2, 6, 5), np.array([0, 2])
    maps, weights = interpret.activations(model, x, "0"), model[3].weight.data[target]
    expected = np.maximum(np.einsum("nk,nkhw->nhw", weights, maps) / 12, 0)
    assert np.abs(interpret.grad_cam(model, x, target) - expected).max() <= FLOAT64_BOUND


def test_occlusion_of_a_linear_model_is_what_the_square_adds() -> None:
    model, x = linear(), drawn(0, 1, 1, 3, 4)
    part = model[1].weight.data[2].reshape(3, 4) * (x[0, 0] - 0.5)
    falls = {(top, left): part[top : top + 2, left : left + 2].sum() for top in (0, 1) for left in (0, 2)}
    heat = interpret.occlusion(model, x, 2, size=2, stride=2, value=0.5)[0]
    expected = np.array([[falls[0, 0]] * 2 + [falls[0, 2]] * 2, [0.0] * 4, [falls[1, 0]] * 2 + [falls[1, 2]] * 2])
    expected[1] = (expected[0] + expected[2]) / 2  # in two squares
    assert np.abs(heat - expected).max() <= FLOAT64_BOUND


def test_weight_images_are_the_rows_of_a_layer() -> None:
    model = nn.SimpleNet(12, 16, 5)
    weight = model.fc1.weight.data
    images = interpret.weight_images(model, "fc1", (3, 4))
    assert np.array_equal(images, weight.reshape(16, 3, 4))
    assert np.array_equal(interpret.weight_images(model, "fc2"), model.fc2.weight.data.reshape(5, 4, 4))
    convolutions = nn.LeNet()
    assert interpret.weight_images(convolutions) is convolutions.conv1.weight.data
    assert interpret.weight_images(convolutions, "conv2").shape == (16, 6, 5, 5)


def test_in_the_middle_between_two_pixels_an_enlarged_map_is_their_mean() -> None:
    maps = np.array([[0.0, 4.0]])
    assert interpret.enlarged(maps, (1, 4)).tolist() == [[0, 1, 3, 4]]
    assert interpret.enlarged(maps, (2, 1)).tolist() == [[2], [2]]


def test_the_twin_refuses_a_layer_with_the_same_words() -> None:
    messages = []
    for wing, library in ((interpret, nn), (torch_nn.interpret, torch.nn)):
        shared = library.Tanh()
        model, x = library.Sequential(shared, library.ReLU(), shared), np.ones((1, 2), np.float32)
        for layer in ("2", "0"):  # another name of the first, which is called twice
            with pytest.raises(ValueError, match=r"^layer: expected one") as refusal:
                wing.activations(model, x if library is nn else torch.from_numpy(x), layer)
            messages.append(str(refusal.value))
    assert messages[:2] == messages[2:]


# What they leave behind


def mixed() -> tuple[Any, np.ndarray]:
    """A network in which some layers train and some do not, some learn and some do not, with gradients."""
    model, _, x = named_pair("ResNet18")
    model.layer1.eval()
    model.layer2.requires_grad_(False)
    for parameter in model.layer3.parameters():
        parameter.grad = np.ones_like(parameter.data)
    return model, x


def condition(model: Any) -> dict[str, Any]:
    """All that a method could leave changed."""
    found: dict[str, Any] = {name: value.copy() for name, value in model.state_dict().items()}
    for name, module in model.named_modules():
        methods = {key: value for key, value in vars(module).items() if key in ("forward", "backward")}
        found[f"{name}: mode"] = [module.training, methods]
    for name, parameter in model.named_parameters():
        grad = None if parameter.grad is None else parameter.grad.tolist()
        found[f"{name}: gradient"] = [parameter.requires_grad, grad]
    return found


METHODS: dict[str, Callable[..., Any]] = {
    "saliency": interpret.saliency,
    "guided_backpropagation": interpret.guided_backpropagation,
    "integrated_gradients": lambda model, x, target=None: interpret.integrated_gradients(model, x, target, steps=2),
    "grad_cam": interpret.grad_cam,
    "occlusion": lambda model, x, target=None: interpret.occlusion(model, x, target, 5, 5),
    "activations": lambda model, x, target=None: interpret.activations(model, x, "layer4"),
}
ASKING = [name for name in METHODS if name != "activations"]


@pytest.mark.parametrize("method", METHODS)
def test_the_model_is_left_as_it_was(method: str) -> None:
    model, x = mixed()
    before = condition(model)
    METHODS[method](model, x)
    np.testing.assert_equal(condition(model), before)


@pytest.mark.parametrize("method", ASKING)
def test_the_model_is_left_as_it_was_by_an_error_too(method: str) -> None:
    model, x = mixed()
    before = condition(model)
    with pytest.raises(IndexError, match=r"^target: expected indices in \[0, 5\), got 5$"):
        METHODS[method](model, x, 5)
    np.testing.assert_equal(condition(model), before)


def test_an_error_in_a_backward_leaves_nothing_watched() -> None:
    class Broken(nn.ReLU):
        def backward(self, dy: Any = None) -> Any:
            raise KeyError("broken")

    model = nn.Sequential(nn.Conv2d(1, 2, 3), Broken(), nn.Flatten(), nn.Linear(8, 3))
    before = condition(model)
    for method in (interpret.guided_backpropagation, interpret.grad_cam):
        with pytest.raises(KeyError, match="broken"):
            method(model, np.ones((1, 1, 4, 4), np.float32))
    np.testing.assert_equal(condition(model), before)


def test_watching_may_be_nested() -> None:
    layer, x = nn.ReLU(), np.array([-1.0, 2.0])
    with watched(layer) as outer:
        with watched(layer) as inner:
            layer.backward(layer(x))
        layer(x)
        with replaced(layer, forward=lambda x: -x):
            assert layer(x).tolist() == [1, -2]
    layer(x)
    assert [len(outer.outputs), len(outer.gradients), len(inner.outputs), len(inner.gradients)] == [2, 1, 1, 1]
    assert inner.outputs[0].tolist() == inner.gradients[0].tolist() == [0, 2]
    assert not {"forward", "backward"} & vars(layer).keys()


@pytest.mark.parametrize("method", METHODS)
def test_no_grad_around_it_changes_nothing(method: str) -> None:
    model, x = mixed()
    expected = METHODS[method](model, x)
    with no_grad():
        assert np.array_equal(METHODS[method](model, x), expected)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_on_a_device_the_numbers_are_the_same(method: str, dtype: Any) -> None:
    model, x = mixed()
    model.to(dtype)
    x, target = x.astype(dtype), np.array([1, 4])
    expected = METHODS[method](model, x, target)
    assert expected.dtype == dtype
    found = METHODS[method](model.to("strict"), to_device(x, "strict"), to_device(target, "strict"))
    assert np.array_equal(to_host(found), expected)


# What cannot be explained


def net() -> Any:
    return nn.SimpleNet(9, 4, 3, dtype=np.float64)


def maps() -> Any:
    return nn.Sequential(
        nn.Conv2d(1, 2, 2, dtype=np.float64), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3, dtype=np.float64)
    )


row, image = drawn(0, 2, 9), drawn(0, 2, 1, 3, 3)
twice = nn.ReLU()
NAMES = "0, 1, 2, 3"

REFUSED: dict[str, tuple[type[Exception], str, Callable[[], Any]]] = {
    "no array": (TypeError, "x: expected an array, got list", lambda: interpret.saliency(net(), [[1.0]])),
    "integers": (TypeError, "x: expected float32 or float64", lambda: interpret.saliency(net(), np.ones((1, 9), int))),
    "no classes": (
        ValueError,
        r"model: expected one whose output is scores \(N, classes\), got \(2, 2, 2, 2\)",
        lambda: interpret.saliency(maps()[0], image),
    ),
    "no gradient": (
        ValueError,
        "x: expected an input that has a gradient",
        lambda: interpret.saliency(Ending(), row),
    ),
    "a class below 0": (
        IndexError,
        r"target: expected indices in \[0, 3\), got -1",
        lambda: interpret.saliency(net(), row, -1),
    ),
    "a class too high": (
        IndexError,
        r"target: expected indices in \[0, 3\), got 3",
        lambda: interpret.saliency(net(), row, np.array([0, 3])),
    ),
    "half a class": (TypeError, "target: expected an integer", lambda: interpret.saliency(net(), row, 0.5)),
    "floating classes": (TypeError, "target: expected int64", lambda: interpret.saliency(net(), row, np.ones(2))),
    "too few classes": (
        ValueError,
        r"target: expected shape \(2,\)",
        lambda: interpret.saliency(net(), row, np.array([1])),
    ),
    "no ReLU": (
        ValueError,
        "model: expected one with a ReLU",
        lambda: interpret.guided_backpropagation(linear(9), image),
    ),
    "no steps": (
        ValueError,
        "steps: expected at least 1, got 0",
        lambda: interpret.integrated_gradients(net(), row, steps=0),
    ),
    "another baseline": (
        ValueError,
        r"baseline: expected shape \(2, 9\)",
        lambda: interpret.integrated_gradients(net(), row, baseline=row[:1]),
    ),
    "no baseline": (
        TypeError,
        "baseline: expected a number",
        lambda: interpret.integrated_gradients(net(), row, baseline="black"),
    ),
    "no such layer": (
        ValueError,
        f"layer: expected one of {NAMES}, got 'conv9'",
        lambda: interpret.grad_cam(maps(), image, layer="conv9"),
    ),
    "no convolution": (
        ValueError,
        "model: expected one with a Conv2d, whose maps Grad-CAM weighs, got one without",
        lambda: interpret.grad_cam(net(), row),
    ),
    "no maps": (
        ValueError,
        r"layer: expected one that gives maps \(N, C, H, W\), got 2, which gives shape \(2, 8\)",
        lambda: interpret.grad_cam(maps(), image, layer="2"),
    ),
    "called twice": (
        ValueError,
        "layer: expected one that the model calls once, got 0.0, called 2 times",
        lambda: interpret.activations(nn.Sequential(nn.Sequential(twice), nn.Sequential(twice)), row, "0.0"),
    ),
    "no image": (
        ValueError,
        r"x: expected images \(N, ..., H, W\), got shape \(2, 9\)",
        lambda: interpret.occlusion(net(), row),
    ),
    "a square too large": (
        ValueError,
        "size: expected at most 3, a side of the image, got 4",
        lambda: interpret.occlusion(maps(), image, size=4),
    ),
    "no square": (ValueError, "size: expected at least 1, got 0", lambda: interpret.occlusion(maps(), image, size=0)),
    "a stride too long": (
        ValueError,
        "stride: expected at most 2, the size",
        lambda: interpret.occlusion(maps(), image, size=2, stride=3),
    ),
    "no stride": (
        ValueError,
        "stride: expected at least 1, got 0",
        lambda: interpret.occlusion(maps(), image, size=2, stride=0),
    ),
    "a value of text": (
        TypeError,
        "value: expected a number",
        lambda: interpret.occlusion(maps(), image, size=2, value="grey"),
    ),
    "no weights": (
        ValueError,
        "layer: expected one with a weight of two or more dimensions, got relu",
        lambda: interpret.weight_images(net(), "relu"),
    ),
    "no weights at all": (
        ValueError,
        "model: expected one with a layer of weights",
        lambda: interpret.weight_images(nn.ReLU()),
    ),
    "another shape": (
        ValueError,
        r"shape: expected one of 9 numbers, the inputs of fc1, got \(2, 4\)",
        lambda: interpret.weight_images(net(), shape=(2, 4)),
    ),
    "no square inputs": (
        ValueError,
        r"shape: expected one of 8 numbers, the inputs of 3, got \(2, 2\)",
        lambda: interpret.weight_images(maps(), "3"),
    ),
    "a row to enlarge": (
        ValueError,
        r"maps: expected shape \(..., H, W\) with neither 0, got \(9,\)",
        lambda: interpret.enlarged(row[0], (2, 2)),
    ),
    "to no size": (ValueError, "size: expected at least 1, got 0", lambda: interpret.enlarged(row, (0, 2))),
    "no channels": (
        ValueError,
        r"gradient: expected shape \(N, C, H, W\)",
        lambda: interpret.strongest(row),
    ),
}


class Ending(nn.Module):
    """A model whose input gets no gradient."""

    def forward(self, x: Any) -> Any:
        return x

    def backward(self, dy: Any) -> None:
        return None


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_explained_is_refused(what: str) -> None:
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=f"^{message}"):
        call()
