"""Every public name has a row in the specification and a twin in PyTorch; a missing one fails here."""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest

import numpy_nn as nn
from numpy_nn import autograd, functional, optim, semantics, word2vec
from parity_tests.case import resolve
from parity_tests.specification import FORMULAS, LAYERS, OPTIMIZERS, SCHEDULERS
from torch_nn.twins import TWINS

WITHOUT_A_ROW = {"Module", "Parameter", "Sequential", "MLP", "ImageText", "SimpleNet", "Generator", "Perceptron"}
WITHOUT_A_ROW |= {"LeNet", "BasicBlock", "ResNet18", "TransformerEncoderLayer", "VisionTransformer"}
WITHOUT_A_ROW |= {"use_kernels", "no_input_grad"}  # tested in test_kernels and test_frozen
WITHOUT_A_ROW |= {"optim.Optimizer", "optim.lr_scheduler.LRScheduler"}
WITHOUT_A_ROW |= {"no_grad", "enable_grad"}
WITHOUT_A_ROW |= {f"autograd.{name}" for name in ("Tensor", "GradcheckError", "no_grad", "enable_grad")}
"""Public classes that are no formula, layer, optimizer or scheduler; their tests are test_layers, test_trajectories,
test_lenet, test_resnet, test_transformer, test_vision_transformer, test_random, test_perceptron, test_optimizers,
test_schedulers and test_autograd."""

WITHOUT_A_TWIN = {"autograd.apply", "autograd.draw", "autograd.functional"}
WITHOUT_A_TWIN |= {"use_kernels", "no_input_grad"}
WITHOUT_A_TWIN |= {f"interpret.{name}" for name in ("mosaic", "overlay", "show")}
"""What PyTorch has no name for: recording a formula, pictures, which of two implementations runs, and that nobody wants
the gradient of an input, which a tensor tells there."""


def public_names() -> set[str]:
    """Every public formula, class, optimizer and scheduler of numpy_nn, by its dotted name."""
    classes = {name for name in nn.__all__ if inspect.isclass(getattr(nn, name))}
    optimizers = {f"optim.{name}" for name in optim.__all__ if inspect.isclass(getattr(optim, name))}
    schedulers = {f"optim.lr_scheduler.{name}" for name in optim.lr_scheduler.__all__}
    tape = {f"autograd.{name}" for name in autograd.__all__ if inspect.isclass(getattr(autograd, name))}
    objectives = {f"word2vec.{name}" for name in functions_of(word2vec.objectives)}
    formulas = {f"functional.{name}" for name in functional.__all__} | objectives | {"semantics.tsne_divergence"}
    kernels = {f"kernels.cpu.{name}" for name in nn.kernels.cpu.__all__}
    return formulas | kernels | classes | optimizers | schedulers | tape


def without_a_row(rows: set[str]) -> set[str]:
    return public_names() - rows - WITHOUT_A_ROW


ROWS = {*FORMULAS, *LAYERS, *OPTIMIZERS, *SCHEDULERS}


def test_every_public_name_has_a_row():
    assert without_a_row(ROWS) == set()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_removed_row_is_missed(name: str):
    assert without_a_row(ROWS - {name}) == {name}


def functions_of(module: ModuleType) -> set[str]:
    """The public functions that a module defines."""
    found = {name for name, _ in inspect.getmembers(module, inspect.isfunction) if not name.startswith("_")}
    return {name for name in found if getattr(module, name).__module__ == module.__name__}


def test_every_public_name_has_a_twin():
    functions = {f"metrics.{name}" for name in functions_of(nn.metrics)}
    functions |= {f"interpret.{name}" for name in nn.interpret.__all__}
    functions |= {f"optim.{name}" for name in optim.__all__ if name != "lr_scheduler"} | {"manual_seed"}
    functions |= {f"autograd.{name}" for name in autograd.__all__}
    functions |= {f"semantics.{name}" for name in semantics.__all__ if not inspect.isclass(getattr(semantics, name))}
    assert (public_names() | functions) - TWINS.keys() == WITHOUT_A_TWIN


def test_every_twin_belongs_to_a_public_name():
    for name in TWINS:
        found = nn
        for part in name.split("."):
            found = getattr(found, part)
        assert callable(found)


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_states_shapes_errors_and_source(name: str):
    text = inspect.getdoc(resolve(name)) or ""
    for part in ("Returns", "Raises", "="):
        assert part in text, f"{name}'s docstring lacks {part!r}"
    assert any(source in text for source in ("torch.", "19", "20")), f"{name}'s docstring names no source"
