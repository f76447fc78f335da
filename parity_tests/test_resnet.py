"""ResNet-18 by hand and in PyTorch, and torchvision's names, shapes and weights."""

from __future__ import annotations

import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import torch_nn
from numpy_nn import checkpoint, training
from parity_tests.lockstep import FLOAT64_BOUND
from parity_tests.pairs import check_elsewhere, check_scores, check_training, images, seeded

LAYERS = """
conv1 64 3 7 7
bn1 64
layer1.0.conv1 64 64 3 3
layer1.0.bn1 64
layer1.0.conv2 64 64 3 3
layer1.0.bn2 64
layer1.1.conv1 64 64 3 3
layer1.1.bn1 64
layer1.1.conv2 64 64 3 3
layer1.1.bn2 64
layer2.0.conv1 128 64 3 3
layer2.0.bn1 128
layer2.0.conv2 128 128 3 3
layer2.0.bn2 128
layer2.0.downsample.0 128 64 1 1
layer2.0.downsample.1 128
layer2.1.conv1 128 128 3 3
layer2.1.bn1 128
layer2.1.conv2 128 128 3 3
layer2.1.bn2 128
layer3.0.conv1 256 128 3 3
layer3.0.bn1 256
layer3.0.conv2 256 256 3 3
layer3.0.bn2 256
layer3.0.downsample.0 256 128 1 1
layer3.0.downsample.1 256
layer3.1.conv1 256 256 3 3
layer3.1.bn1 256
layer3.1.conv2 256 256 3 3
layer3.1.bn2 256
layer4.0.conv1 512 256 3 3
layer4.0.bn1 512
layer4.0.conv2 512 512 3 3
layer4.0.bn2 512
layer4.0.downsample.0 512 256 1 1
layer4.0.downsample.1 512
layer4.1.conv1 512 512 3 3
layer4.1.bn1 512
layer4.1.conv2 512 512 3 3
layer4.1.bn2 512
fc 1000 512
"""
"""The layers of torchvision.models.resnet18 (0.28) in the order of its state_dict, each with its weight's shape."""


def torchvisions() -> dict[str, tuple[int, ...]]:
    """The state_dict of torchvision's resnet18: names and shapes. Batch normalization has five entries, fc has two."""
    found: dict[str, tuple[int, ...]] = {}
    for line in LAYERS.split("\n")[1:-1]:
        name, *sizes = line.split()
        shape = tuple(map(int, sizes))
        found[f"{name}.weight"] = shape
        if len(shape) == 1:
            found |= {f"{name}.{buffer}": shape for buffer in ("bias", "running_mean", "running_var")}
            found[f"{name}.num_batches_tracked"] = ()
    return found | {"fc.bias": (1000,)}


SMALL: dict[str, Any] = {"num_classes": 10, "in_channels": 1, "stem": "small", "width": 4}
LARGE: dict[str, Any] = {"num_classes": 10, "in_channels": 3, "stem": "imagenet", "width": 4}
OPTIONS = {"small": (SMALL, images(100, 8)), "imagenet": (LARGE, images(100, 32, channels=3))}


@pytest.mark.parametrize(
    ("stem", "rule", "lr"), [("small", "SGD", 0.01), ("small", "Adam", 1e-3), ("imagenet", "AdamW", 1e-3)]
)
def test_every_gradient_parameter_and_buffer_at_every_step_is_pytorchs(stem: str, rule: str, lr: float) -> None:
    """The running statistics of every batch normalization are among the buffers."""
    options, samples = OPTIONS[stem]
    ours, theirs = seeded(3, nn.ResNet18, torch_nn.ResNet18, **options)
    losses = check_training(ours, theirs, samples, rule, lr, steps=30)
    assert int(ours.bn1.num_batches_tracked) == 30
    assert np.mean(losses[-5:]) < 0.75 * losses[0]


def test_names_shapes_and_the_number_of_parameters_are_torchvisions() -> None:
    model = nn.ResNet18()
    assert {name: array.shape for name, array in model.state_dict().items()} == torchvisions()
    assert list(model.state_dict()) == list(torchvisions())
    assert list(torch_nn.ResNet18().state_dict()) == list(torchvisions())
    assert sum(parameter.data.size for parameter in model.parameters()) == 11_689_512


@pytest.mark.parametrize("stem", OPTIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_starts_as_its_twin_from_the_seed_and_has_its_print(stem: str, dtype: str) -> None:
    ours, theirs = seeded(5, nn.ResNet18, torch_nn.ResNet18, **OPTIONS[stem][0], dtype=dtype)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[name], value.numpy(), strict=True)
    assert repr(ours) == repr(theirs)


def test_it_starts_as_torchvisions_from_the_seed() -> None:
    models = pytest.importorskip("torchvision.models")  # a further witness: the twin and the list above always run
    torch.manual_seed(5)
    theirs = models.resnet18()
    nn.manual_seed(5)
    ours = nn.ResNet18()
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[name], value.numpy(), strict=True)
    x = images(2, 64, channels=3)[0].astype(np.float32)
    check_scores("torchvision", training.scores(ours, x), theirs, x)


def trained(theirs: Any, x: np.ndarray) -> Any:
    """A twin whose running statistics have moved from where they start."""
    theirs.train()
    for _ in range(3):
        theirs(torch.from_numpy(x))
    return theirs


def test_the_weights_of_the_whole_network_load_from_pytorchs_file(tmp_path: Path) -> None:
    x = images(4, 64, channels=3)[0].astype(np.float32)
    torch.manual_seed(0)
    theirs = trained(torch_nn.ResNet18(), x)
    torch.save(theirs.state_dict(), tmp_path / "resnet18.pth")
    ours = nn.ResNet18()
    assert repr(ours.load_state_dict(checkpoint.load(tmp_path / "resnet18.pth"))) == "<All keys matched successfully>"
    check_scores("ResNet18", training.scores(ours, x), theirs, x)


@pytest.mark.parametrize("stem", OPTIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_weights_saved_by_either_give_the_same_scores_in_the_other(stem: str, dtype: str, tmp_path: Path) -> None:
    options, (x, _) = OPTIONS[stem]
    x = x.astype(dtype)
    ours, theirs = seeded(1, nn.ResNet18, torch_nn.ResNet18, **options, dtype=dtype)
    torch.save(trained(theirs, x).state_dict(), tmp_path / "theirs.pth")
    ours.load_state_dict(checkpoint.load(tmp_path / "theirs.pth"))
    check_scores("ResNet18", training.scores(ours, x), theirs, x)
    nn.manual_seed(9)
    ours = nn.ResNet18(**options, dtype=dtype)
    ours(x)
    for ending in ("pth", "safetensors"):
        checkpoint.save(ours.state_dict(), tmp_path / f"ours.{ending}")
    theirs.load_state_dict(torch.load(tmp_path / "ours.pth", weights_only=True), strict=True)
    check_scores("ResNet18", training.scores(ours, x), theirs, x)
    again = nn.ResNet18(**options, dtype=dtype)
    again.load_state_dict(checkpoint.load(tmp_path / "ours.safetensors"))
    assert np.array_equal(training.scores(again, x), training.scores(ours, x))


@pytest.mark.parametrize("stem", OPTIONS)
def test_it_trains_on_arrays_of_another_library(stem: str) -> None:
    options, (x, target) = OPTIONS[stem]
    check_elsewhere(nn.ResNet18, (x[:10], target[:10]), **options)


def test_a_checkpoint_of_another_architecture_is_refused_with_its_keys_and_nothing_is_changed(tmp_path: Path) -> None:
    other = nn.LeNet()
    checkpoint.save(other.state_dict(), tmp_path / "lenet.pth")
    model = nn.ResNet18(**SMALL)
    before = {name: array.copy() for name, array in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"^Error\(s\) in loading state_dict for ResNet18:") as refusal:
        model.load_state_dict(checkpoint.load(tmp_path / "lenet.pth"))
    unexpected, missing = re.findall(
        r"(?:Unexpected|Missing) key\(s\) in state_dict: (.*)\.$", str(refusal.value), re.M
    )
    names = [set(re.findall(r'"([^"]+)"', text)) for text in (unexpected, missing)]
    asked = {key for key in before if not key.endswith("num_batches_tracked")}  # which older weights lack
    assert names == [other.state_dict().keys() - before.keys(), asked - other.state_dict().keys()]
    assert "size mismatch for conv1.weight: copying a param with shape (6, 1, 5, 5)" in str(refusal.value)
    for name, array in model.state_dict().items():
        assert np.array_equal(array, before[name])


def test_weights_of_another_width_or_stem_are_refused_and_nothing_is_changed() -> None:
    model = nn.ResNet18(**SMALL)
    before = {name: array.copy() for name, array in model.state_dict().items()}
    for change in ({"width": 5}, {"stem": "imagenet"}, {"num_classes": 9}, {"in_channels": 2}):
        with pytest.raises(ValueError, match=r"size mismatch for (conv1|fc)\.weight"):
            model.load_state_dict(nn.ResNet18(**{**SMALL, **change}).state_dict())
    for name, array in model.state_dict().items():
        assert np.array_equal(array, before[name])


def block(planes: int, stride: int, shortcut: bool, seed: int = 0) -> tuple[nn.BasicBlock, torch_nn.BasicBlock]:
    """A block of 4 channels in and its twin; with a downsample where shortcut is set."""
    nn.manual_seed(seed)
    place: dict[str, Any] = {"dtype": np.float64}
    downsample = nn.Sequential(nn.Conv2d(4, planes, 1, stride, bias=False, **place), nn.BatchNorm2d(planes, **place))
    ours = nn.BasicBlock(4, planes, stride, downsample if shortcut else None, **place)
    torch.manual_seed(seed)
    place = {"dtype": torch.float64}
    twin = torch.nn.Sequential(
        torch.nn.Conv2d(4, planes, 1, stride, bias=False, **place), torch.nn.BatchNorm2d(planes, **place)
    )
    return ours, torch_nn.BasicBlock(4, planes, stride, twin if shortcut else None, **place)


BLOCKS = [(4, 1, False), (4, 1, True), (6, 2, True), (3, 1, True)]


@pytest.mark.parametrize(("planes", "stride", "shortcut"), BLOCKS)
def test_a_blocks_gradients_are_pytorchs(planes: int, stride: int, shortcut: bool) -> None:
    ours, theirs = block(planes, stride, shortcut)
    random = np.random.default_rng(0)
    x = random.standard_normal((5, 4, 7, 6))
    leaf = torch.from_numpy(x).requires_grad_()
    y, expected = ours(x), theirs(leaf)
    np.testing.assert_allclose(y, expected.detach().numpy(), rtol=0, atol=FLOAT64_BOUND)
    dy = random.standard_normal(y.shape)
    dx = ours.backward(dy)
    expected.backward(torch.from_numpy(dy))
    np.testing.assert_allclose(dx, leaf.grad.numpy(), rtol=0, atol=FLOAT64_BOUND)
    for mine, his in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(mine.grad, his.grad.numpy(), rtol=0, atol=FLOAT64_BOUND)


@pytest.mark.parametrize(("planes", "stride", "shortcut"), BLOCKS)
def test_where_nobody_wants_the_gradient_of_x_a_block_gives_none_and_learns_the_same(
    planes: int, stride: int, shortcut: bool
) -> None:
    random = np.random.default_rng(0)
    x = random.standard_normal((5, 4, 7, 6))
    gradients = []
    for context in (nullcontext, nn.no_input_grad):
        ours, _ = block(planes, stride, shortcut)
        with context():
            y = ours(x)
        dx = ours.backward(np.random.default_rng(1).standard_normal(y.shape))
        assert (dx is None) == (context is nn.no_input_grad)
        gradients.append([parameter.grad for parameter in ours.parameters()])
    for one, other in zip(*gradients, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("frozen", ["conv1 bn1 conv2 bn2", "conv1 bn1", "downsample", "conv1 bn1 conv2 bn2 downsample"])
def test_what_is_frozen_in_a_block_changes_nothing_for_the_rest(frozen: str) -> None:
    """As where a model is frozen up to the middle of a block: what learns gets PyTorch's gradient."""
    ours, theirs = block(6, 2, shortcut=True)
    for name in frozen.split():
        for side in (ours, theirs):
            getattr(side, name).requires_grad_(False)
    last, twin = nn.Conv2d(6, 2, 1, dtype=np.float64), torch.nn.Conv2d(6, 2, 1, dtype=torch.float64)
    twin.load_state_dict({name: torch.from_numpy(array) for name, array in last.state_dict().items()})
    x = np.random.default_rng(0).standard_normal((5, 4, 7, 6))
    with nn.no_input_grad():
        y = last(ours(x))
    dy = np.random.default_rng(1).standard_normal(y.shape)
    assert ours.backward(last.backward(dy)) is None
    twin(theirs(torch.from_numpy(x))).backward(torch.from_numpy(dy))
    for (name, mine), his in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert (mine.grad is None) == (his.grad is None), name
        if his.grad is not None:
            np.testing.assert_allclose(mine.grad, his.grad.numpy(), rtol=0, atol=FLOAT64_BOUND)


def test_a_shortcut_of_another_shape_is_refused() -> None:
    x = np.zeros((2, 1, 4, 4), np.float32)
    for options, main in (((1, 3), (2, 3, 4, 4)), ((1, 1, 2), (2, 1, 2, 2))):
        message = f"downsample: expected a shortcut of shape {main}, got (2, 1, 4, 4)"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            nn.BasicBlock(*options)(x)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stem": "large"}, "stem: expected one of 'imagenet', 'small', got 'large'"),
        ({"width": 0}, "width: expected at least 1, got 0"),
        ({"in_channels": 0}, "in_channels: expected at least 1, got 0"),
        ({"num_classes": -1}, "out_features: expected at least 0, got -1"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        nn.ResNet18(**options)
