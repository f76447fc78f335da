"""Gradients that are not wanted may be left out; the others stay what they are, bit for bit."""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import numpy_nn as nn
from numpy_nn import functional as F
from parity_tests.case import Case, resolve
from parity_tests.layer_witness import pair
from parity_tests.specification import FORMULAS, LAYERS

LEFT_OUT = {
    "functional.linear": {"x", "weight"},
    **{f"functional.{name}": {"x", "weight", "bias"} for name in ("conv1d", "conv2d", "conv_transpose2d")},
    **{f"functional.{name}_norm": {"x", "weight", "bias"} for name in ("batch", "layer", "group", "rms")},
}
"""The formulas whose gradients are costly, and those they do leave out; the others give them all the same."""


def pulled(name: str, case: Case, without: tuple[str, ...]) -> tuple[np.ndarray | None, ...]:
    """A formula's gradients without some."""
    nn.manual_seed(case.seed)
    args = tuple(arg.copy(order="K") if i in case.changes else arg for i, arg in enumerate(case.args))
    y, backward = Case(args, case.kwargs, packed=case.packed).call(resolve(name))
    found = backward(case.upstream(y.shape).astype(y.dtype), without)
    return found if isinstance(found, tuple) else (found,)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_gradients_that_are_wanted_are_the_same_without_the_others(name):
    @given(FORMULAS[name].cases)
    def holds(case):
        arguments = list(signature(resolve(name)).parameters)
        owners = [arguments[0 if case.packed else w] if isinstance(w, int) else w for w in case.wrt]
        everything = pulled(name, case, ())
        for without in [(owner,) for owner in owners] + [tuple(owners), ("none of them",)]:
            for owner, gradient, whole in zip(owners, pulled(name, case, without), everything, strict=True):
                if gradient is None:
                    assert owner in without
                else:
                    assert owner not in without or owner not in LEFT_OUT.get(name, ())
                    assert (gradient.dtype, gradient.shape) == (whole.dtype, whole.shape)
                    assert gradient.tobytes() == whole.tobytes()  # np.testing takes longer than the gradients

    holds()


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_calls_its_inputs_and_parameters_as_its_formula_does(name):
    """Otherwise its pullback could not be told what to leave out."""
    row = LAYERS[name]

    @settings(max_examples=1)  # the names are the same whatever is drawn
    @given(FORMULAS[f"functional.{row.formula}"].cases)
    def holds(case):
        layer, _ = pair(row, case)
        arguments = list(signature(getattr(F, row.formula)).parameters)
        parameters = {name for name, _ in layer._own()}
        assert parameters <= set(arguments)
        assert {arguments[w] for w in case.wrt if isinstance(w, int)} <= {
            *signature(layer.formula).parameters,
            *parameters,
        }

    holds()


def test_the_names_go_to_a_pullback_that_takes_them():
    seen: list[Any] = []

    @F.formula.formula
    def product(x: np.ndarray, weight: np.ndarray) -> Any:
        def backward(dy: np.ndarray, without: Any = ()) -> Any:
            seen.append(without)
            return None if "x" in without else weight * dy, x * dy

        return x * weight, backward

    x = np.ones(3)
    assert product(x, x)[1](x, ["x"])[0] is None
    assert product(x, x)[1](x)[0] is not None
    assert seen == [["x"], ()]
