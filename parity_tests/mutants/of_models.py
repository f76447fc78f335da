"""What the suite holds against the networks for images, and against how their weights start."""

from __future__ import annotations

import numpy_nn as nn
import torch_nn
from parity_tests import test_init, test_lenet, test_resnet
from parity_tests.mutants.drawing import Check
from parity_tests.pairs import check_training, images, seeded


def _lenet() -> None:
    ours, theirs = seeded(3, nn.LeNet, torch_nn.LeNet, dropout=0.3)
    check_training(ours, theirs, images(40, 28), "SGD", lr=0.1, steps=2)


def _lenet_refuses() -> None:
    for shape in ((2, 1, 27, 28), (2, 3, 28, 28), (1, 28, 28), (2, 784)):
        test_lenet.test_images_of_another_shape_are_refused(shape)


def _blocks() -> None:
    for planes, stride, shortcut in test_resnet.BLOCKS:
        test_resnet.test_a_blocks_gradients_are_pytorchs(planes, stride, shortcut)


def _resnet() -> None:
    for options, samples in test_resnet.OPTIONS.values():
        ours, theirs = seeded(3, nn.ResNet18, torch_nn.ResNet18, **options)
        check_training(ours, theirs, samples, "SGD", lr=0.01, steps=2)


def _resnet_starts() -> None:
    for stem in test_resnet.OPTIONS:
        test_resnet.test_it_starts_as_its_twin_from_the_seed_and_has_its_print(stem, "float32")


def _kaiming_normal() -> None:
    for options in test_init.OPTIONS:
        test_init.test_kaiming_normal_is_pytorchs_from_the_seed(options, "float64")


CHECKS: dict[str, dict[str, Check]] = {
    "LeNet": {
        "pytorch": _lenet,
        "start": lambda: test_lenet.test_it_starts_as_its_twin_from_the_seed_and_has_its_names_shapes_and_print(
            "float64"
        ),
        "refusals": _lenet_refuses,
    },
    "BasicBlock": {"pytorch": _blocks, "shapes": test_resnet.test_a_shortcut_of_another_shape_is_refused},
    "ResNet18": {
        "start": _resnet_starts,
        "names": test_resnet.test_names_shapes_and_the_number_of_parameters_are_torchvisions,
        "pytorch": _resnet,
    },
    "init.kaiming_normal_": {"pytorch": _kaiming_normal},
}
