"""Which rule an optimizer steps by, and what holds for the fast ones beyond their rows in the specification."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import numpy_nn as nn
from numpy_nn import kernels, optim
from numpy_nn.backend import to_device
from numpy_nn.kernels.cpu import optimizers as rules
from numpy_nn.kernels.cpu.memory import LINE
from parity_tests import strict
from parity_tests.bounds import agree
from parity_tests.optimizer_machine import ROUNDINGS, machine
from parity_tests.specification import OPTIMIZERS
from parity_tests.specification.optimizers import OptimizerRow
from parity_tests.strategies import laid_out, values
from torch_nn.twins import TWINS

strict.install()

KERNELS = [name for name in OPTIMIZERS if name.startswith("kernels.cpu.")]
OPTIONS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.1},
    "SGD, momentum": {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1},
    "SGD, dampened": {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1},
    "SGD, Nesterov": {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1, "maximize": True},
    "Adam": {"lr": 0.1},
    "Adam, amsgrad": {"lr": 0.1, "betas": (0.5, 0.9), "weight_decay": 0.1, "amsgrad": True},
    "AdamW": {"lr": 0.1, "weight_decay": 0.1, "maximize": True},
}
"""One of each kind."""


def optimizer_of(kind: str, parameters: list[Any], library: Any = optim) -> Any:
    return getattr(library, kind.partition(",")[0])(parameters, **OPTIONS[kind])


def row_of(kind: str) -> OptimizerRow:
    return OPTIMIZERS[f"optim.{kind.partition(',')[0]}"]


def small_blocks(patch: pytest.MonkeyPatch, size: int) -> None:
    """Arrays are cut into blocks of a few values."""
    for name in ("WHOLE", "BLOCK"):
        patch.setattr(rules, name, size)


@pytest.mark.parametrize("block", [1, 4, 5])
@pytest.mark.parametrize("name", KERNELS)
def test_results_do_not_depend_on_the_size_of_blocks(name: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch, block)
    run_state_machine_as_test(machine(OPTIMIZERS[name]), settings=settings(stateful_step_count=10))


LAYOUTS = ("C", "F", "permuted", "strided", "reversed")


@pytest.mark.parametrize("kind", OPTIONS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("of_gradient", ["alike", "C", "permuted"])
def test_a_parameter_of_several_blocks_steps_as_pytorchs_however_it_lies(
    kind: str, layout: str, of_gradient: str
) -> None:
    shape = (7, 5, rules.BLOCK // 10)
    assert rules.WHOLE < 3 * rules.BLOCK < np.prod(shape) < 4 * rules.BLOCK
    start = values(0, shape, np.float64)
    ours, theirs = nn.Parameter(laid_out(start.copy(), layout)), torch.nn.Parameter(torch.from_numpy(start))
    optimizer, twin = optimizer_of(kind, [ours]), optimizer_of(kind, [theirs], torch.optim)
    for step in range(3):
        before, gradient = theirs.detach().numpy().copy(), values(step + 1, shape, np.float64)
        ours.data[...] = before  # every step is judged by itself
        optimizer.load_state_dict(twin.state_dict())
        if step == 2:  # and here it lies in another order than its state
            ours.data = laid_out(ours.data.copy(), "F" if layout == "C" else "C")
        ours.grad = laid_out(gradient.copy(), layout if of_gradient == "alike" else of_gradient)
        theirs.grad = torch.from_numpy(gradient)
        optimizer.step()
        twin.step()
        np.testing.assert_array_equal(ours.grad, gradient)
        state = {name: np.asarray(value) for name, value in twin.state[theirs].items() if value is not None}
        S = row_of(kind).scale(before, gradient, state, twin.param_groups[0])
        mine = optimizer.state[ours] | {"parameter": ours.data}
        for name, expected in (state | {"parameter": theirs.detach().numpy()}).items():
            if name != "step":
                agree(f"{kind} {name}", mine[name], expected, S[name], ROUNDINGS)


@pytest.mark.parametrize("kind", OPTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_not_finite_is_pytorchs(kind: str, dtype: Any) -> None:
    large = float(np.finfo(dtype).max) / 4  # its square is infinite
    pairs = [*product((1.0, -0.0, np.inf, np.nan), (1.0, -0.0, large, np.inf, np.nan))]
    start, slopes = np.resize(np.array(pairs, dtype), (rules.LEAST, 2)).T
    ours, theirs = nn.Parameter(start.copy()), torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimizer, twin = optimizer_of(kind, [ours]), optimizer_of(kind, [theirs], torch.optim)
    for sign in (1, -1):
        ours.grad, theirs.grad = sign * slopes, torch.from_numpy(sign * slopes)
        optimizer.step()
        twin.step()
    mine, expected = ours.data, theirs.detach().numpy()
    np.testing.assert_array_equal(np.isnan(mine), np.isnan(expected))
    np.testing.assert_array_equal(np.where(np.isinf(mine), mine, 0), np.where(np.isinf(expected), expected, 0))


def rules_that_ran(patch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows by the name of each rule that SGD and Adam step by."""
    names: list[str] = []

    def noted(name: str, rule: Any) -> Any:
        return lambda *args: (names.append(name), rule(*args))[1]

    for cls in (optim.SGD, optim.Adam):
        patch.setattr(cls, "update", noted("textbook", cls.update))
        patch.setattr(cls, "fast_update", staticmethod(noted("fast", cls.fast_update)))
    return names


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The same, for the length of a test."""
    return rules_that_ran(monkeypatch)


def parameter(device: str = "cpu", size: int = rules.LEAST) -> nn.Parameter:
    """One with a gradient."""
    made = nn.Parameter(to_device(np.ones(size), device))
    made.grad = to_device(np.ones(size), device)
    return made


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW"])
def test_an_optimizer_steps_by_the_rule_that_was_chosen(kind: str, ran: list[str]) -> None:
    optimizer = optimizer_of(kind, [parameter()])
    optimizer.step()
    with nn.use_kernels("textbook"):
        optimizer.step()
        assert kernels.in_use() == "textbook"
    optimizer.step()
    assert kernels.in_use() == "fast"
    assert ran == ["fast", "textbook", "fast"]


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW"])
def test_small_arrays_and_those_of_another_library_take_the_readable_rule(kind: str, ran: list[str]) -> None:
    optimizer_of(kind, [parameter("strict"), parameter(size=rules.LEAST - 1), parameter()]).step()
    assert ran == ["fast", "textbook", "textbook"]  # what no kernel takes comes last


def test_a_subclass_with_a_rule_of_its_own_steps_by_it() -> None:
    class Signs(optim.SGD):
        def update(self, parameter: Any, gradient: Any, state: Any, group: Any) -> None:
            parameter.data -= group["lr"] * np.sign(gradient)

    class Renamed(optim.SGD):
        pass

    class Both(Signs):
        fast_update = staticmethod(lambda data, gradient, state, group: data.fill(7))

        def update(self, parameter: Any, gradient: Any, state: Any, group: Any) -> None:
            raise AssertionError

    assert (Signs.fast_update, Renamed.fast_update) == (None, optim.SGD.fast_update)
    given = [parameter(), parameter()]
    Signs(given[:1], lr=0.25).step()
    Both(given[1:], lr=0.25).step()
    np.testing.assert_array_equal([np.unique(p.data) for p in given], [[0.75], [7]])


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW"])
def test_a_gradient_may_be_the_parameters_own_array(kind: str) -> None:
    """Decay that is not a part of the gradient shrinks both, before the gradient is looked at."""
    for size in (3, rules.LEAST):
        ours, theirs = nn.Parameter(np.full(size, 2.0)), torch.nn.Parameter(torch.full((size,), 2.0).double())
        ours.grad, theirs.grad = ours.data, theirs.detach()
        before = ours.data.copy()
        optimizer, twin = (
            getattr(library, kind)([parameter], lr=0.5, weight_decay=0.5)
            for library, parameter in ((optim, ours), (torch.optim, theirs))
        )
        optimizer.step()
        twin.step()
        state = {name: np.asarray(value) for name, value in twin.state[theirs].items() if value is not None}
        S = row_of(kind).scale(before, before, state, twin.param_groups[0])["parameter"]
        agree(f"{kind} parameter", ours.data, theirs.detach().numpy(), S, ROUNDINGS)


@pytest.mark.parametrize("kind", OPTIONS)
def test_arrays_are_changed_in_place_and_none_is_exchanged(kind: str) -> None:
    """Whoever holds a parameter's array, or one of the state's, goes on seeing it."""
    held = [values(seed, (3, rules.BLOCK), np.float32).T for seed in range(2)]
    given = nn.Parameter(held[0])
    given.grad = held[1]
    optimizer = optimizer_of(kind, [given])
    optimizer.step()
    before = {name: array for name, array in optimizer.state[given].items() if name != "step"}
    copies = {name: array.copy() for name, array in before.items()}
    optimizer.step()
    assert given.data is held[0]
    assert given.grad is held[1]
    for name, array in before.items():
        assert optimizer.state[given][name] is array
        assert not np.array_equal(array, copies[name]), name
        assert array.strides == given.data.strides
        assert array.ctypes.data % LINE == 0


@pytest.mark.parametrize("kind", [kind for kind in OPTIONS if kind != "SGD"])
def test_a_loaded_state_lies_in_memory_as_the_parameter_does(kind: str) -> None:
    ours, theirs = nn.Parameter(np.ones((4, 5)).T), torch.nn.Parameter(torch.ones(5, 4, dtype=torch.float64))
    theirs.grad = torch.arange(20.0, dtype=torch.float64).reshape(5, 4)
    twin, optimizer = optimizer_of(kind, [theirs], torch.optim), optimizer_of(kind, [ours])
    twin.step()
    optimizer.load_state_dict(twin.state_dict())
    for name, array in optimizer.state[ours].items():
        if name != "step":
            np.testing.assert_array_equal(array, twin.state[theirs][name].numpy())
            assert array.strides == ours.data.strides


@pytest.mark.parametrize("name", KERNELS)
def test_twins_and_rows_name_the_optimizer(name: str) -> None:
    assert TWINS[name] is TWINS[OPTIMIZERS[name].optimizer]
