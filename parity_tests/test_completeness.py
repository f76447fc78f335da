"""Every public name has a row in the specification and a twin in PyTorch; a missing one fails here."""

from __future__ import annotations

import inspect

import pytest

import numpy_nn as nn
from numpy_nn import functional, optim
from parity_tests.specification import FORMULAS, LAYERS, OPTIMIZERS
from torch_nn.twins import TWINS

WITHOUT_A_ROW = {"Module", "Parameter", "Sequential", "SimpleNet", "Generator", "Perceptron", "optim.Optimizer"}
"""Public classes that are no formula, layer or optimizer; their tests are test_layers, test_trajectories, test_random,
test_perceptron and test_optimizers."""


def public_names() -> set[str]:
    """Every public formula, class and optimizer of numpy_nn, by its dotted name."""
    classes = {name for name in nn.__all__ if inspect.isclass(getattr(nn, name))}
    optimizers = {f"optim.{name}" for name in optim.__all__ if inspect.isclass(getattr(optim, name))}
    return {f"functional.{name}" for name in functional.__all__} | classes | optimizers


def without_a_row(rows: set[str]) -> set[str]:
    return public_names() - rows - WITHOUT_A_ROW


ROWS = {*FORMULAS, *LAYERS, *OPTIMIZERS}


def test_every_public_name_has_a_row():
    assert without_a_row(ROWS) == set()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_removed_row_is_missed(name: str):
    assert without_a_row(ROWS - {name}) == {name}


def test_every_public_name_has_a_twin():
    functions = {f"optim.{name}" for name in optim.__all__} | {"manual_seed"}
    assert (public_names() | functions) - TWINS.keys() == set()


def test_every_twin_belongs_to_a_public_name():
    for name in TWINS:
        found = nn
        for part in name.split("."):
            found = getattr(found, part)
        assert callable(found)


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_states_shapes_errors_and_source(name: str):
    text = inspect.getdoc(getattr(functional, FORMULAS[name].short)) or ""
    for part in ("Returns", "Raises", "="):
        assert part in text, f"{name}'s docstring lacks {part!r}"
    assert any(source in text for source in ("torch.", "19", "20")), f"{name}'s docstring names no source"
