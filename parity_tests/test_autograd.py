"""The tape: gradients of any expression are PyTorch's, and so are its rules, its errors and what it keeps."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given

import numpy_nn as nn
import numpy_nn.functional as F
from numpy_nn import autograd, backend, optim
from numpy_nn.autograd import GradcheckError, Tensor, draw, gradcheck, no_grad
from numpy_nn.functional.formula import formula
from parity_tests.bounds import agree
from parity_tests.expressions import Expression, expressions
from parity_tests.strategies import seeds

BOTH = {"numpy_nn": Tensor, "torch": torch.tensor}
both = pytest.mark.parametrize("tensor", BOTH.values(), ids=BOTH)


@given(expressions())
def test_any_expression_has_pytorchs_gradients(expression: Expression):
    scale = expression.scale()
    (y, gradients), (expected, theirs) = expression.by_tape(), expression.by_torch()
    agree("y", y, expected, scale.y, scale.factor)
    for i, (gradient, their, S) in enumerate(zip(gradients, theirs, scale.gradients, strict=True)):
        assert (gradient is None) == (their is None)
        if gradient is not None:
            agree(f"gradient of x{i}", gradient, their, S, scale.factor)


@given(expressions())
def test_any_expression_gives_the_same_bits_on_the_strict_array(expression: Expression):
    (y, gradients), (expected, plain) = expression.by_tape("strict"), expression.by_tape()
    np.testing.assert_array_equal(y, expected)
    for gradient, other in zip(gradients, plain, strict=True):
        np.testing.assert_array_equal(gradient, other)


@given(expressions())
def test_float32_stays_float32(expression: Expression):
    y, gradients = expression.by_tape(dtype=np.float32)
    assert {a.dtype for a in (y, *gradients) if a is not None} == {np.dtype(np.float32)}


# Arithmetic by hand


@both
def test_the_slope_of_a_cubic(tensor: Any):
    """y = x³ + 2x² + x, dy/dx = 3x² + 4x + 1."""
    x = tensor(2.0, requires_grad=True)
    y = x**3 + 2 * x**2 + x
    y.backward()
    assert (y.item(), x.grad.item()) == (18, 21)


@both
def test_a_node_used_twice_gets_both_gradients(tensor: Any):
    x = tensor([1.0, 2.0], requires_grad=True)
    h = x * x
    (h * h + h).sum().backward()
    assert x.grad.tolist() == [4 + 2, 32 + 4]


@both
def test_gradients_add_up_over_backwards_until_they_are_forgotten(tensor: Any):
    x = tensor([1.0, 2.0], requires_grad=True)
    for _ in range(3):
        (x * x).sum().backward()
    assert x.grad.tolist() == [6, 12]
    x.grad = None
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 4]


@both
def test_a_leaf_can_be_sent_a_gradient_itself(tensor: Any):
    x = tensor([1.0, 2.0], requires_grad=True)
    for _ in range(2):
        x.backward(tensor([3.0, 4.0]))
    assert x.grad.tolist() == [6, 8]


@both
def test_the_upstream_gradient_multiplies(tensor: Any):
    x = tensor([1.0, 2.0], requires_grad=True)
    (3 * x).backward(tensor([5.0, -1.0]))
    assert x.grad.tolist() == [15, -3]


@both
def test_one_number_needs_no_upstream_gradient_whatever_its_shape(tensor: Any):
    x = tensor([[2.0]], requires_grad=True)
    (x * x).backward()
    assert x.grad.tolist() == [[4]]


def test_a_gradient_is_nobody_elses_array():
    x, y = Tensor(np.ones(2), True), Tensor(np.ones(2), True)
    dy = np.ones(2)
    (x + y).backward(dy)
    x.grad *= 2
    assert (y.grad.tolist(), dy.tolist()) == ([1, 1], [1, 1])


def test_a_kept_gradient_is_nobody_elses_array_either():
    x = Tensor(np.ones(2), True)
    h = x * 3
    h.retain_grad()
    assert h.grad is None  # and no warning, as in PyTorch
    dy = np.ones(2)
    h.backward(dy)
    h.grad *= 2
    assert (x.grad.tolist(), dy.tolist()) == ([3, 3], [1, 1])


def test_a_gradient_of_one_number_is_an_array():
    x = Tensor(2.0, True)
    (x * x + x).backward()
    assert type(x.grad) is np.ndarray
    assert (x.grad.dtype, x.grad.shape, x.grad.item()) == (np.float32, (), 5)
    (3 * x).backward()
    assert type(x.grad) is np.ndarray
    assert x.grad.item() == 8


@both
def test_what_is_used_twice_over_and_over_is_gone_through_once(tensor: Any):
    """There are 2⁶⁰ ways from x to y."""
    x = y = tensor([2.0**-60], requires_grad=True)
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad.tolist() == [2.0**60]


def test_class_weights_need_no_gradient():
    x, target = np.array([[1.0, 2.0, 4.0]] * 2), np.array([0, 2])
    ours, theirs = Tensor(x, True), torch.tensor(x, requires_grad=True)
    autograd.functional.nll_loss(ours, target, np.array([1.0, 2.0, 3.0])).backward()
    weight = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    torch.nn.functional.nll_loss(theirs, torch.from_numpy(target), weight).backward()
    assert ours.grad.tolist() == theirs.grad.tolist()


@pytest.mark.parametrize("sequence", [list, tuple])
@pytest.mark.parametrize("name", ["cat", "stack"])
def test_joined_tensors_get_their_parts_of_the_gradient(name: str, sequence: Any):
    arrays = [np.full((2, 3), k) for k in (1.0, 2.0, 3.0)]
    frozen = nn.Parameter(arrays[1])
    frozen.requires_grad = False
    ours = [Tensor(arrays[0], True), frozen, Tensor(arrays[2], True)]
    theirs = [torch.tensor(x, requires_grad=k != 1) for k, x in enumerate(arrays)]
    y, expected = getattr(autograd.functional, name)(sequence(ours)), getattr(torch, name)(theirs)
    dy = np.arange(18.0).reshape(y.shape)
    y.backward(dy)
    expected.backward(torch.from_numpy(dy))
    assert y.data.tolist() == expected.tolist()
    assert frozen.grad is None
    assert [ours[k].grad.tolist() for k in (0, 2)] == [theirs[k].grad.tolist() for k in (0, 2)]


def test_what_is_computed_from_a_frozen_parameter_alone_needs_no_gradient():
    frozen = nn.Parameter(np.ones(2))
    frozen.requires_grad = False
    y = Tensor(np.ones(2)) * frozen
    assert (y.requires_grad, y.grad_fn) == (False, None)


@both
def test_comparisons_are_elementwise_and_give_tensors(tensor: Any):
    a, b = tensor([1.0, 2.0, 3.0]), tensor([2.0, 2.0, 2.0])
    found = [(a < b, a <= b, a > b, a >= b), (a < 2, a <= 2, a > 2, a >= 2)]
    for row in found:
        assert all(type(t) is type(a) for t in row)
        assert [np.asarray(t.data).tolist() for t in row] == [
            [True, False, False],
            [True, True, False],
            [False, False, True],
            [False, True, True],
        ]


@both
def test_integers_may_be_told_that_they_need_no_gradient(tensor: Any):
    assert not tensor([1, 2]).requires_grad_(False).requires_grad


def test_a_tensor_is_printed_with_its_numbers_and_where_it_is_from():
    x = Tensor(np.array([1.0, 2.5]), True)
    assert repr(x) == "Tensor([1. , 2.5], requires_grad=True)"
    assert repr(x.detach()) == "Tensor([1. , 2.5])"
    assert repr(x * 2) == "Tensor([2., 5.], grad_fn=<MulBackward>)"
    assert repr(Tensor([1.0, 2.5])) == "Tensor([1. , 2.5])"


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a * b,
    "a / b": lambda a, b: a / b,
    "a ** b": lambda a, b: a**b,
    "a @ b.T": lambda a, b: a @ b.T,
    "-a": lambda a, b: -a,
    "2 + a": lambda a, b: 2 + a,
    "2 - a": lambda a, b: 2 - a,
    "2 * a": lambda a, b: 2 * a,
    "2 / a": lambda a, b: 2 / a,
    "2 ** a": lambda a, b: 2**a,
    "a ** 3": lambda a, b: a**3,
    "a[1:, [0, 0]]": lambda a, b: a[1:, [0, 0]],
    "a[[]]": lambda a, b: a[[]],
    "a[[1, 0]]": lambda a, b: a[[1, 0]],
    "a[[True, False]]": lambda a, b: a[[True, False]],
    "a[[[0], [1]], [[1], [0]]]": lambda a, b: a[[[0], [1]], [[1], [0]]],
    "rows of a": lambda a, b: sum(row * (k + 1) for k, row in enumerate(a)),
    "permute, reshape": lambda a, b: a.permute(1, 0).reshape(2, 3) * b,
    "permute, reshape of tuples": lambda a, b: a.permute((1, 0)).reshape((2, 3)) * b,
    "where": lambda a, b: a.where(a >= b, b) + a.where(a <= b, b) * a.where(b < 1, b),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_are_pytorchs(name: str):
    random = np.random.default_rng(0)
    arrays = [random.uniform(0.5, 2, (2, 3)) for _ in range(2)]
    ours, theirs = [Tensor(x, True) for x in arrays], [torch.tensor(x, requires_grad=True) for x in arrays]
    y, expected = OPERATORS[name](*ours), OPERATORS[name](*theirs)
    dy = random.standard_normal(y.shape)
    y.backward(dy)
    expected.backward(torch.from_numpy(dy))
    agree(name, y.data, expected.detach().numpy(), np.full(y.shape, 10.0), 16)
    for mine, his in zip(ours, theirs, strict=True):
        assert (mine.grad is None) == (his.grad is None)
        if his.grad is not None:
            agree(name, mine.grad, his.grad.numpy(), np.full(mine.shape, 100.0), 16)


@pytest.mark.parametrize("plain", [np.full((2, 3), 3.0), 3.0], ids=["array", "number"])
def test_an_array_or_a_number_may_stand_on_either_side(plain: Any):
    x = Tensor(np.full((2, 3), 2.0), True)
    results = [
        x + plain,
        plain + x,
        x - plain,
        plain - x,
        x * plain,
        plain * x,
        x / plain,
        plain / x,
        x**plain,
        plain**x,
    ]
    assert [y.data[0, 0] for y in results] == [5, 5, -1, 1, 6, 6, 2 / 3, 1.5, 8, 9]
    assert all(isinstance(y, Tensor) and y.requires_grad for y in results)


def test_an_array_may_be_multiplied_from_the_left():
    x = Tensor(np.ones((3, 2)), True)
    y = np.ones((2, 3)) @ x
    y.backward(np.ones((2, 2)))
    assert (y.data.tolist(), x.grad.tolist()) == ([[3, 3]] * 2, [[2, 2]] * 3)


# The rules


@both
def test_what_requires_grad_and_what_is_a_leaf(tensor: Any):
    x, w = tensor([1.0]), tensor([1.0], requires_grad=True)
    y, z = x * 2, w * x
    assert [t.requires_grad for t in (x, w, y, z, z.detach())] == [False, True, False, True, False]
    assert [t.is_leaf for t in (x, w, y, z, z.detach())] == [True, True, True, False, True]
    assert [t.grad_fn is None for t in (x, w, y, z)] == [True, True, True, False]
    assert "Mul" in repr(z.grad_fn)
    assert "requires_grad=True" in repr(w)
    assert x.requires_grad_() is x
    assert x.requires_grad


@both
def test_gradients_come_to_leaves_that_require_them_alone(tensor: Any):
    x, w, b = tensor([2.0]), tensor([3.0], requires_grad=True), tensor([4.0], requires_grad=True)
    h = w * x
    (h + b.detach()).sum().backward()
    assert (x.grad, b.grad) == (None, None)
    assert w.grad.tolist() == [2]
    with pytest.warns(UserWarning, match="not a leaf Tensor"):
        assert h.grad is None


@both
def test_a_leaf_that_no_longer_requires_grad_gets_none(tensor: Any):
    x, w = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0], requires_grad=True)
    y = (x * w).sum()
    x.requires_grad_(False)
    y.backward()
    assert x.grad is None
    assert w.grad.tolist() == [1, 2]


def test_a_list_in_an_index_that_is_a_list_is_refused():
    """PyTorch takes such a list for a tuple today, with a warning that it will be an array."""
    for index in ([[0], [1]], [0, slice(None)], [None], [0, ...]):
        with pytest.raises(TypeError, match=r"^index: expected a tuple of parts, or a list of integers, got"):
            Tensor([[1.0, 2.0], [3.0, 4.0]])[index]


@both
def test_retain_grad_keeps_the_gradient_of_what_was_computed(tensor: Any):
    x = tensor([1.0, 2.0], requires_grad=True)
    h = x * 3
    h.retain_grad()
    x.retain_grad()
    y = (h * h).sum()
    y.backward(retain_graph=True)
    assert (h.grad.tolist(), x.grad.tolist()) == ([6, 12], [18, 36])
    y.backward()
    assert (h.grad.tolist(), x.grad.tolist()) == ([12, 24], [36, 72])
    with pytest.raises(RuntimeError, match=r"can't retain_grad on Tensor that has requires_grad=False"):
        x.detach().retain_grad()


@both
def test_the_graph_is_there_once_unless_it_is_retained(tensor: Any):
    x = tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    assert y.grad_fn is not None
    try:
        y.backward()
    except RuntimeError:
        pytest.fail("the graph was retained, and is gone")
    assert x.grad.tolist() == [4, 8]
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()
    assert x.grad.tolist() == [4, 8]


def test_a_part_that_was_freed_by_another_result_is_missed():
    x = Tensor([1.0, 2.0], True)
    h = x * x
    h.sum().backward()
    with pytest.raises(RuntimeError, match="a second time"):
        (h * 2).sum().backward()
    assert x.grad.tolist() == [2, 4]


MODES = {"numpy_nn": (Tensor, autograd), "torch": (torch.tensor, torch)}


@pytest.mark.parametrize(("tensor", "library"), MODES.values(), ids=MODES)
def test_nothing_is_recorded_under_no_grad(tensor: Any, library: Any):
    x = tensor([1.0], requires_grad=True)

    @library.no_grad()
    def double(t: Any) -> Any:
        """Twice t."""
        return t * 2

    @library.no_grad
    def triple(t: Any, deeper: int = 0) -> Any:
        return triple(t, deeper - 1) if deeper else t * 3

    with library.no_grad():
        y = x * 2
        with library.enable_grad():
            z = x * 2
        with library.no_grad():
            pass
        assert not library.is_grad_enabled()
        assert tensor([1.0], requires_grad=True).requires_grad
    results = y, z, double(x), triple(x, 2), x * 2
    assert [t.requires_grad for t in results] == [False, True, False, False, True]
    assert [t.is_leaf for t in results] == [True, False, True, True, False]
    assert double.__doc__ == "Twice t."
    with pytest.raises(ZeroDivisionError), library.no_grad():
        raise ZeroDivisionError
    assert library.is_grad_enabled()


@pytest.mark.parametrize("library", [autograd, torch], ids=["numpy_nn", "torch"])
def test_each_step_of_a_generator_is_taken_in_its_mode(library: Any):
    seen = []

    @library.no_grad()
    def steps() -> Any:
        """Three steps."""
        try:
            seen.append((yield library.is_grad_enabled()))
            try:
                yield library.is_grad_enabled()
            except KeyError:
                yield library.is_grad_enabled()
            return "the end"
        finally:
            seen.append(library.is_grad_enabled())

    def whole() -> Any:
        seen.append((yield from steps()))

    generator = steps()
    enabled = next(generator), library.is_grad_enabled()
    assert (*enabled, generator.send("sent"), generator.throw(KeyError)) == (False, True, False, False)
    generator.close()
    assert (seen, library.is_grad_enabled()) == (["sent", False], True)
    assert list(whole()) == [False, False]
    assert seen[2:] == [None, False, "the end"]
    assert steps.__doc__ == "Three steps."
    with pytest.raises(ZeroDivisionError):
        steps().throw(ZeroDivisionError)


def test_a_mode_may_end_in_another_context():
    """As where a generator is closed by another task than it was begun by."""
    mode, context = no_grad(), copy_context()
    context.run(mode.__enter__)
    mode.__exit__(None, None, None)
    assert autograd.is_grad_enabled()


def test_no_grad_is_a_matter_of_one_thread():
    seen = []
    with no_grad():
        thread = Thread(target=lambda: seen.append(autograd.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


@both
def test_a_leaf_is_updated_under_no_grad(tensor: Any):
    mode = no_grad if tensor is Tensor else torch.no_grad
    x = tensor([1.0, 2.0], requires_grad=True)
    same, y = x, (x * x).sum()
    y.backward()
    with mode():
        x -= 0.5 * x.grad
        x += 1
        x *= 6
        x /= 2
    assert x is same
    assert (x.requires_grad, x.is_leaf) == (True, True)
    assert np.asarray(x.data).tolist() == [3, 3]


@both
def test_what_was_computed_is_changed_in_place_on_the_tape(tensor: Any):
    x = tensor([2.0, 4.0], requires_grad=True)
    y = x * 3
    y += 1
    y -= x
    y /= 2
    assert y.detach().numpy().tolist() == [2.5, 4.5]
    y.sum().backward()
    assert x.grad.tolist() == [1, 1]
    plain = tensor([1.0, 2.0])
    plain -= 3
    plain *= x.detach()
    assert (plain.numpy().tolist(), plain.requires_grad) == ([-4, -4], False)


def test_an_update_leaves_what_was_recorded_before_as_it_was():
    """Where PyTorch, which computes in place, refuses the backward."""
    x = Tensor([1.0, 2.0], True)
    y = (x * x).sum()
    with no_grad():
        x -= 5
    y.backward()
    assert x.grad.tolist() == [2, 4]


# The errors

NO_GRAD = "element 0 of tensors does not require grad and does not have a grad_fn"


def in_place(t: Any) -> Any:
    t += 1


ERRORS: dict[str, tuple[type[Exception], str, Callable[[Any], Any]]] = {
    "nothing requires grad": (RuntimeError, NO_GRAD, lambda tensor: tensor([1.0]).sum().backward()),
    "detached": (RuntimeError, NO_GRAD, lambda tensor: tensor([1.0], requires_grad=True).detach().backward()),
    "no scalar": (
        RuntimeError,
        "grad can be implicitly created only for scalar outputs",
        lambda tensor: (tensor([1.0, 2.0], requires_grad=True) * 2).backward(),
    ),
    "in place": (
        RuntimeError,
        "a leaf Variable that requires grad is being used in an in-place operation",
        lambda tensor: in_place(tensor([1.0], requires_grad=True)),
    ),
    "integers": (
        RuntimeError,
        "nly Tensors of floating point .*dtype can require gradients",
        lambda tensor: tensor([1, 2], requires_grad=True),
    ),
    "computed": (
        RuntimeError,
        "you can only change requires_grad flags of leaf variables",
        lambda tensor: (tensor([1.0], requires_grad=True) * 2).requires_grad_(False),
    ),
    "item of two": (
        RuntimeError,
        "a Tensor with 2 elements cannot be converted to Scalar",
        lambda tensor: tensor([1.0, 2.0]).item(),
    ),
    "numpy": (
        RuntimeError,
        r"Can't call numpy\(\) on Tensor that requires grad",
        lambda tensor: tensor([1.0], requires_grad=True).numpy(),
    ),
    "len": (TypeError, "len\\(\\) of a 0-d tensor", lambda tensor: len(tensor(1.0))),
    "truth of two": (RuntimeError, "Tensor with", lambda tensor: bool(tensor([1.0, 2.0]))),
}


@both
@pytest.mark.parametrize("name", ERRORS)
def test_both_refuse(name: str, tensor: Any):
    error, message, call = ERRORS[name]
    with pytest.raises(error, match=message):
        call(tensor)


W = np.ones((2, 3), dtype=np.float32)
OURS: dict[str, tuple[type[Exception], str, Callable[[], Any]]] = {
    "shape": (
        ValueError,
        r"grad: expected shape \(3,\) like data, got \(2,\)",
        lambda: (Tensor(W[0], True) * 2).backward(W[0, :2]),
    ),
    "dtype": (
        TypeError,
        "grad: expected float32 like data, got float64",
        lambda: (Tensor(W, True) * 2).backward(W.astype(np.float64)),
    ),
    "number": (TypeError, "grad: expected an array or None, got float", lambda: (Tensor(W, True) * 2).backward(1.0)),
    "grad": (ValueError, "grad: expected shape", lambda: setattr(Tensor(W, True), "grad", W[0])),
    "data": (TypeError, "data: expected numbers, got 'x'", lambda: Tensor("x")),
    "twice": (TypeError, r"data: expected an array, got Tensor; use detach\(\)", lambda: Tensor(Tensor(W))),
    "target": (
        RuntimeError,
        "target: expected a tensor that does not require grad, because mse_loss",
        lambda: autograd.functional.mse_loss(Tensor(W, True), Tensor(W, True)),
    ),
    "weight of a loss": (
        RuntimeError,
        "weight: expected a tensor that does not require grad, because NllLossBackward",
        lambda: autograd.functional.nll_loss(W, np.array([0, 1]), Tensor(W[0], True)).backward(),
    ),
    "mixed": (TypeError, "other: expected float32 like x, got float64", lambda: Tensor(W) + np.ones(3)),
    "method": (AttributeError, "a Tensor has no 'frobnicate'", lambda: Tensor(W).frobnicate),
    "formula": (AttributeError, "no formula 'frobnicate'", lambda: autograd.functional.frobnicate),
    "in place, another shape": (ValueError, r"other: expected shape \(3,\)", lambda: no_grad()(in_place_by_rows)()),
}


def in_place_by_rows() -> None:
    t = Tensor(W[0], True)
    t += W


@pytest.mark.parametrize("name", OURS)
def test_it_refuses(name: str):
    error, message, call = OURS[name]
    with pytest.raises(error, match=message):
        call()


def test_no_gradient_is_changed_where_backward_fails():
    x, weight = Tensor(W, True), Tensor(W[0], True)
    loss = autograd.functional.nll_loss(x, np.array([0, 1]), weight) + x.sum()
    with pytest.raises(RuntimeError, match="weight"):
        loss.backward()
    assert (x.grad, weight.grad) == (None, None)


# Formulas, parameters and networks


def test_every_formula_is_on_the_tape_as_soon_as_it_is_exported(monkeypatch):
    assert dir(autograd.functional) == sorted(F.__all__)
    monkeypatch.setattr(F, "double", lambda x: (2 * x, lambda dy: 2 * dy), raising=False)
    monkeypatch.setattr(F, "__all__", [*F.__all__, "double"])
    x = Tensor(np.ones(2), True)
    autograd.functional.double(x).backward(np.array([1.0, 3.0]))
    assert x.grad.tolist() == [2, 6]
    assert autograd.functional.relu.__doc__ == F.relu.__doc__
    assert "relu" in dir(x)


def test_gradients_go_by_the_formulas_signature_however_it_is_called():
    arrays = [np.random.default_rng(i).standard_normal(shape) for i, shape in enumerate([(4, 3), (2, 3), (2,)])]
    y, backward = F.linear(*arrays)
    expected = backward(y)
    for kwargs in ((), ("bias",), ("bias", "weight"), ("bias", "x", "weight")):
        given_ = dict(zip(("x", "weight", "bias"), (Tensor(a, True) for a in arrays), strict=True))
        args = [tensor for name, tensor in given_.items() if name not in kwargs]
        autograd.apply(F.linear, *args, **{name: given_[name] for name in kwargs}).backward(y)
        for tensor, gradient in zip(given_.values(), expected, strict=True):
            np.testing.assert_array_equal(tensor.grad, gradient)


class Twin:
    """The same two-layer network, with dropout, by modules and on the tape."""

    def __init__(self, seed: int) -> None:
        nn.manual_seed(seed)
        self.model = nn.SimpleNet(6, 5, 4, dropout=0.5)
        self.optimizer = optim.Adam(self.model.parameters(), lr=0.01)

    def by_modules(self, x: np.ndarray, target: np.ndarray) -> float:
        self.optimizer.zero_grad()
        loss, backward = F.cross_entropy(self.model(x), target)
        self.model.backward(backward())
        self.optimizer.step()
        return loss.item()

    def by_tape(self, x: np.ndarray, target: np.ndarray) -> float:
        self.optimizer.zero_grad()
        f, fc1, fc2 = autograd.functional, self.model.fc1, self.model.fc2
        hidden = f.dropout(f.linear(x, fc1.weight, fc1.bias).relu(), 0.5)
        loss = f.cross_entropy(hidden.linear(fc2.weight, Tensor(fc2.bias)), target)
        loss.backward()
        self.optimizer.step()
        return loss.item()


@given(seeds)
def test_a_network_on_the_tape_trains_as_the_modules_do_bit_for_bit(seed):
    random = np.random.default_rng(seed)
    batches = [(random.standard_normal((8, 6)).astype(np.float32), random.integers(0, 4, 8)) for _ in range(5)]
    modules, tape = Twin(seed), Twin(seed)
    nn.manual_seed(seed)
    losses = [modules.by_modules(*batch) for batch in batches]
    nn.manual_seed(seed)
    assert [tape.by_tape(*batch) for batch in batches] == losses
    for (name, one), (_, other) in zip(modules.model.named_parameters(), tape.model.named_parameters(), strict=True):
        np.testing.assert_array_equal(one.data, other.data, err_msg=name)
        np.testing.assert_array_equal(one.grad, other.grad, err_msg=name)


def test_a_tensor_of_a_parameter_shares_its_data_its_grad_and_whether_it_is_frozen():
    parameter = nn.Parameter(np.ones(2))
    tensor = Tensor(parameter)
    (tensor * tensor + parameter * tensor).sum().backward()
    assert tensor.grad is parameter.grad
    assert parameter.grad.tolist() == [4, 4]
    parameter.data = np.zeros(2)
    assert tensor.data is parameter.data
    with no_grad():
        tensor += 3
    assert parameter.data.tolist() == [3, 3]
    tensor.grad = None
    assert parameter.grad is None
    tensor.requires_grad = False
    assert not parameter.requires_grad
    assert (tensor * 2).is_leaf


# Memory and depth


def test_what_was_kept_is_released_after_backward_and_only_then():
    kept = []

    @formula
    def watched(x):
        saved = x.copy()
        kept.append(weakref.ref(saved))
        return x * 2, lambda dy: dy * 2 + 0 * saved

    x = Tensor(np.ones(3), True)
    y = autograd.apply(watched, autograd.apply(watched, x)).sum()
    y.backward(retain_graph=True)
    assert all(ref() is not None for ref in kept)
    y.backward()
    assert all(ref() is None for ref in kept)


def test_what_is_not_recorded_is_not_kept():
    with no_grad():
        h = Tensor(np.ones(3), True) * np.ones(3)
    first = weakref.ref(h)
    y = h.sum()
    del h
    assert first() is None
    assert y.grad_fn is None


def test_a_graph_goes_with_its_result_without_waiting_for_the_garbage_collector():
    x = Tensor(np.ones(3), True)
    gc.disable()
    try:
        h = x * x
        node = h.grad_fn.pullback
        dropped, tensor = weakref.ref(node), weakref.ref(h)
        del node, h
        assert dropped() is tensor() is None
    finally:
        gc.enable()


DEEP = """
import numpy as np
from numpy_nn.autograd import Tensor, draw
x = Tensor(np.ones(2), True)
y = x
for _ in range(100_000):
    y = y + x
kept = y.detach()
y.backward(np.ones(2), retain_graph=True)
assert x.grad.tolist() == kept.data.tolist() == [100_001] * 2
assert draw(y).count("->") == 200_000
{end}
print("over")
"""


@pytest.mark.parametrize("end", ["del y", "y.backward(np.ones(2))"], ids=["dropped", "freed, then dropped"])
def test_a_graph_may_be_deeper_than_the_stack(end: str):
    """In a process of its own, because a stack that overflows in the deletion takes the interpreter with it."""
    run = subprocess.run([sys.executable, "-c", DEEP.format(end=end)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "over\n", "")


# gradcheck


def skewed(off: float) -> Any:
    """tanh with a gradient that is off by a factor."""

    @formula
    def tanh(x):
        y = np.tanh(x)
        return y, lambda dy: dy * (1 - y * y) * (1 + off)

    return lambda x: autograd.apply(tanh, x)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return Tensor(np.random.default_rng(seed).standard_normal(shape), True)


def test_gradcheck_passes_what_is_right_and_leaves_grad_alone():
    x, weight = drawn(4, 3), drawn(2, 3, seed=1)
    assert gradcheck(lambda a, b: autograd.functional.linear(a, b).log_softmax(1), (x, weight))
    assert gradcheck(lambda a: (a.softmax(0), (a * a).sum()), x)
    assert gradcheck(lambda a, b: a.exp() * 3 + b, (x, Tensor(np.ones(3))))
    assert gradcheck(skewed(0.0), x)
    assert gradcheck(lambda a: autograd.functional.dropout(a, 0.5, mask=np.eye(4)[:, :3]), x)
    assert (x.grad, weight.grad) == (None, None)


def test_gradcheck_takes_differences_where_the_formula_is_not_analytic():
    @formula
    def size(x):
        return abs(x), lambda dy: dy * np.sign(x)

    @formula
    def rounded_gradient(x):
        return abs(x), lambda dy: dy * np.sign(x) * 1.0005

    assert gradcheck(lambda x: autograd.apply(size, x), drawn(5))
    with pytest.raises(GradcheckError, match="by differences"):
        gradcheck(lambda x: autograd.apply(rounded_gradient, x), drawn(5))


@pytest.mark.parametrize("error", [TypeError, ValueError])
def test_gradcheck_takes_differences_where_the_formula_refuses_complex_numbers(error: type[Exception]):
    @formula
    def cube(x):
        if x.dtype.kind == "c":
            raise error
        return x**3, lambda dy: 3 * x * x * dy

    assert gradcheck(lambda x: autograd.apply(cube, x), drawn(5))


def test_gradcheck_takes_numbers_constants_and_results_that_share_a_part():
    x, unused = drawn(2, 3), drawn(2, seed=1)

    def both_of(x: Tensor, k: float, unused: Tensor) -> list[Tensor]:
        h = x.exp() * k
        return [(h * h).sum(), h, Tensor(np.ones(2))]

    assert gradcheck(both_of, (x, 3.0, unused), raise_exception=False)
    with pytest.raises(GradcheckError, match=r"gradient of inputs\[1\] at \[\d\]: got 0\.0, expected"):
        gradcheck(lambda x, y: x.sum() * y.detach(), (x, unused))


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e4])
def test_gradcheck_is_relative_to_the_largest_gradient(size: float):
    for off, right in ((0.0, True), (1e-7, False)):
        assert gradcheck(lambda x, off=off: skewed(off)(x) * size, drawn(3, 2), raise_exception=False) == right


def test_gradcheck_moves_the_coordinates_of_an_array_in_any_order():
    x = Tensor(np.asfortranarray(np.random.default_rng(0).standard_normal((3, 4))), True)
    for off, right in ((0.0, True), (1e-3, False)):
        assert gradcheck(skewed(off), x, raise_exception=False) == right


def test_gradcheck_names_a_coordinate_of_any_shape_and_nan_before_all_others():
    @formula
    def wrong(x):
        def backward(dy):
            dx = dy.copy()
            dx[0, 1, 1] += 100
            dx[1, 0, 2] = np.nan
            return dx

        return x + 0, backward

    with pytest.raises(GradcheckError, match=r"at \[1, 0, 2\]: got nan, .*; 2 of 12 coordinates are off"):
        gradcheck(lambda x: autograd.apply(wrong, x), drawn(2, 2, 3))


def test_gradcheck_runs_on_every_device():
    x = Tensor(backend.to_device(np.ones((2, 2)) / 3, "strict"), True)
    assert gradcheck(lambda a: (a @ a).tanh(), x)


@pytest.mark.parametrize("off", [0.0005, -0.0005, 1e-7])
def test_gradcheck_sees_a_gradient_that_is_a_little_off(off: float):
    with pytest.raises(
        GradcheckError, match=r"gradient of inputs\[0\] at \[\d, \d\]: got .*, expected .* complex step"
    ):
        gradcheck(skewed(off), drawn(3, 2))
    assert not gradcheck(skewed(off), drawn(3, 2), raise_exception=False)


def test_gradcheck_sees_a_dropped_term():
    @formula
    def layer_norm(x):
        centred = x - x.mean(axis=1, keepdims=True)
        scale = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + 1e-5)
        y = centred / scale

        def backward(dy):
            return (dy - dy.mean(axis=1, keepdims=True)) / scale  # and not − y · mean(dy y) / scale

        return y, backward

    with pytest.raises(GradcheckError):
        gradcheck(lambda x: autograd.apply(layer_norm, x), drawn(2, 5))


def test_gradcheck_draws_its_upstream_gradient():
    """With one of all ones, the gradient of a softmax is zero."""

    @formula
    def softmax(x):
        powers = np.exp(x)
        return powers / powers.sum(axis=1, keepdims=True), lambda dy: 0 * dy

    with pytest.raises(GradcheckError):
        gradcheck(lambda x: autograd.apply(softmax, x), drawn(2, 3))


def test_gradcheck_names_the_worst_coordinate():
    @formula
    def doubled(x):
        return 2 * x, lambda dy: dy * np.array([2, 2.001, 2.1, 2])

    with pytest.raises(GradcheckError, match=r"at \[2\]: .*; 2 of 4 coordinates are off"):
        gradcheck(lambda x: autograd.apply(doubled, x), drawn(4))


def test_gradcheck_refuses_what_it_cannot_check():
    with pytest.raises(TypeError, match=r"inputs\[0\]: expected float64, got float32"):
        gradcheck(lambda x: x * 2, Tensor(W, True))
    with pytest.raises(ValueError, match="inputs: expected at least one that requires grad, got none"):
        gradcheck(lambda x: x * 2, Tensor(np.ones(2)))


# Drawing


def graph() -> tuple[Tensor, dict[str, Any]]:
    x, weight = Tensor(np.ones((4, 3)), True), nn.Parameter(np.ones((2, 3)))
    return autograd.functional.linear(x, weight).relu().sum(), {"the input": x, "weight": weight}


def test_a_drawing_names_operations_shapes_and_leaves():
    y, names = graph()
    source = draw(y, names=names)
    for label in (r'"Sum\n()"', r'"Relu\n(4, 2)"', r'"Linear\n(4, 2)"', r'"the input\n(4, 3)"', r'"weight\n(2, 3)"'):
        assert source.count(label) == 1, label
    assert source.count("->") == 4
    assert r'"Parameter\n(2, 3)"' in draw(y)
    y.backward()
    assert draw(y, names=names) == source


def test_a_drawing_has_a_number_and_a_colour_for_every_box():
    x, w = Tensor(np.ones((2, 3)), True), Tensor(np.ones(3), True)
    lines = draw(x * w + 1, names={'the "input"': x, "w": w}).splitlines()
    assert lines[2:-1] == [
        '    0 [label="Add\\n(2, 3)", fillcolor="#f6dcb0"]',
        '    1 [label="Mul\\n(2, 3)", fillcolor="white"]',
        "    1 -> 0",
        '    2 [label="the \\"input\\"\\n(2, 3)", fillcolor="#cfe8cf"]',
        "    2 -> 1",
        '    3 [label="w\\n(3,)", fillcolor="#cfe8cf"]',
        "    3 -> 1",
    ]
    assert draw(x).splitlines()[2:-1] == ['    0 [label="Tensor\\n(2, 3)", fillcolor="#cfe8cf"]']


def test_a_drawing_names_parameters_and_leaves_constants_out(tmp_path: Path):
    weight = Tensor(nn.Parameter(np.ones(2)))
    source = draw(weight * np.ones(2), tmp_path / "graph.gv", names={"weight": weight})
    assert [line.split('"')[1] for line in source.splitlines() if "label" in line] == ["Mul\\n(2,)", "weight\\n(2,)"]
    assert (tmp_path / "graph.gv").read_text() == source


def test_a_decorated_function_takes_its_arguments_by_name():
    def twice(*, number: int) -> int:
        return 2 * number

    def steps(*, stop: int) -> Any:
        yield from range(stop)

    assert no_grad()(twice)(number=3) == 6
    assert list(no_grad()(steps)(stop=2)) == [0, 1]


def test_a_graphviz_that_fails_is_no_picture(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: "false")
    with pytest.raises(subprocess.CalledProcessError):
        draw(Tensor([1.0], True) * 2, tmp_path / "g.svg")
    assert list(tmp_path.iterdir()) == []


def test_a_drawing_becomes_a_file(tmp_path: Path):
    y, names = graph()
    source = draw(y, tmp_path / "graph.dot", names)
    assert (tmp_path / "graph.dot").read_text() == source
    draw(y, str(tmp_path / "graph.svg"), names)
    picture = (tmp_path / "graph.svg").read_text()
    assert "<svg" in picture
    assert all(text in picture for text in ("Relu", "the input", "(4, 3)"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.dot", "graph.svg"]


def test_a_drawing_is_refused_before_anything_is_written(tmp_path: Path, monkeypatch):
    y, _ = graph()
    with pytest.raises(ValueError, match=r"path: expected a name that ends in \.dot, \.gv or \.svg, got .*png"):
        draw(y, tmp_path / "graph.png")
    with pytest.raises(RuntimeError, match="tensor: expected one that requires grad"):
        draw(Tensor(1.0), tmp_path / "graph.dot")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="dot: expected Graphviz's program on PATH"):
        draw(y, tmp_path / "graph.svg")
    assert list(tmp_path.iterdir()) == []


def test_an_unfinished_drawing_leaves_the_old_one(tmp_path: Path, monkeypatch):
    y, _ = graph()
    path = tmp_path / "graph.dot"
    path.write_text("before")

    def full(handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        draw(y, path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


# Numbers beside arrays


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow"])
def test_a_numpy_scalar_beside_a_float32_array_widens_nothing(name: str):
    """As in PyTorch, where a float64 of no dimensions does not widen a float32."""
    x = np.array([0.5, 3.0], dtype=np.float32)
    y, backward = getattr(F, name)(x, np.float64(1.5))
    assert y.dtype == backward(y).dtype == np.float32
    np.testing.assert_array_equal(y, getattr(F, name)(x, 1.5)[0])
    t = getattr(Tensor(x, True), name)(np.float64(1.5))
    t.backward(y)
    assert t.dtype == np.float32


def test_a_numpy_scalar_may_be_chosen_in_place_of_an_array():
    x, condition = np.array([0.5, 3.0], dtype=np.float32), np.array([True, False])
    for y, backward in (F.where(condition, x, np.float64(1.5)), F.where(~condition, np.float64(1.5), x)):
        assert (y.dtype, y.tolist()) == (np.dtype(np.float32), [0.5, 1.5])
        assert backward(np.array([2.0, 4.0], dtype=np.float32)).tolist() == [2, 0]
