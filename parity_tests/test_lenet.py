"""LeNet by hand and in PyTorch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import torch_nn
from numpy_nn import checkpoint
from parity_tests.pairs import check_elsewhere, check_scores, check_training, images, seeded

SHAPES = {
    "conv1.weight": (6, 1, 5, 5),
    "conv1.bias": (6,),
    "conv2.weight": (16, 6, 5, 5),
    "conv2.bias": (16,),
    "fc1.weight": (120, 400),
    "fc1.bias": (120,),
    "fc2.weight": (84, 120),
    "fc2.bias": (84,),
    "fc3.weight": (10, 84),
    "fc3.bias": (10,),
}
"""Names and shapes of the parameters: 61,706 numbers, as LeNet-5 has them with every channel connected."""


@pytest.mark.parametrize(("rule", "lr"), [("SGD", 0.1), ("Adam", 3e-3), ("AdamW", 3e-3)])
def test_every_gradient_parameter_and_buffer_at_every_step_is_pytorchs(rule: str, lr: float) -> None:
    ours, theirs = seeded(3, nn.LeNet, torch_nn.LeNet, dropout=0.3)
    losses = check_training(ours, theirs, images(200, 28), rule, lr, steps=50)
    assert np.mean(losses[-5:]) < 0.8 * losses[0]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_starts_as_its_twin_from_the_seed_and_has_its_names_shapes_and_print(dtype: str) -> None:
    ours, theirs = seeded(5, nn.LeNet, torch_nn.LeNet, 7, 2, 0.1, dtype=dtype)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[name], value.numpy(), strict=True)
    assert repr(ours) == repr(theirs)
    assert repr(nn.LeNet()) == repr(torch_nn.LeNet())
    assert {name: array.shape for name, array in nn.LeNet().state_dict().items()} == SHAPES


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_saved_by_either_give_the_same_scores_in_the_other(dtype: Any, tmp_path: Path) -> None:
    x = images(30, 28)[0].astype(dtype)
    (ours, _), (_, theirs) = (seeded(seed, nn.LeNet, torch_nn.LeNet, dtype=np.dtype(dtype).name) for seed in (1, 2))
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    ours.load_state_dict(checkpoint.load(tmp_path / "theirs.pth"))
    check_scores("LeNet", nn.training.scores(ours, x), theirs, x)
    nn.manual_seed(9)
    ours = nn.LeNet(dtype=dtype)
    checkpoint.save(ours.state_dict(), tmp_path / "ours.pth")
    theirs.load_state_dict(torch.load(tmp_path / "ours.pth", weights_only=True), strict=True)
    check_scores("LeNet", nn.training.scores(ours, x), theirs, x)


def test_it_trains_on_arrays_of_another_library() -> None:
    check_elsewhere(nn.LeNet, images(10, 28), dropout=0.3)


@pytest.mark.parametrize("shape", [(2, 1, 27, 28), (2, 3, 28, 28), (1, 28, 28), (2, 784)])
def test_images_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    message = f"x: expected images (N, 1, 28, 28), got {shape}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        nn.LeNet()(np.zeros(shape, np.float32))


def test_what_is_no_array_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^x: expected images \(N, 1, 28, 28\), got list$"):
        nn.LeNet()([[0.0]])


def test_a_backward_without_a_forward_is_refused() -> None:
    model = nn.LeNet()
    with pytest.raises(RuntimeError, match=r"^Linear.backward: call the layer first"):
        model.backward(np.ones((1, 10), np.float32))
