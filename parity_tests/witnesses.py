"""The witnesses that a formula is right, each independent of the others.

pytorch: the value and the gradients of the PyTorch twin.  derivative: the gradients, from the value alone, by the
complex step.  purity: nothing is changed, everything can be called again, arrays come back as arrays
of the right dtype.  strict: the same source on the array double that takes nothing for granted.  tape: the gradients
that reach the leaves when the formula is recorded and its value is used twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

import numpy_nn as nn
from numpy_nn import autograd, backend
from parity_tests.bounds import Mismatch, Worst, agree, unit, within
from parity_tests.case import Case, by_hand, by_torch, resolve
from parity_tests.specification.row import Row

STEP = 1e-20
"""The complex step: its square vanishes next to 1, and nothing is subtracted."""


def pytorch(row: Row, case: Case, device: str = "cpu") -> Worst:
    """Value and gradients are PyTorch's."""
    ours, theirs = by_hand(row.name, case, device), by_torch(row.name, case)
    exact = by_torch(row.name, case.widened()) if case.dtype == np.float32 else None
    dy = case.upstream(theirs.y.shape).astype(np.float64)
    scale = row.scale(case.widened(), dy)
    if len(ours.gradients) != len(theirs.gradients):
        raise Mismatch(f"{len(ours.gradients)} gradients, expected {len(theirs.gradients)}")
    worst = Worst()
    rows = zip(ours.named(), theirs.named(), (scale.y, *scale.gradients), strict=True)
    for number, ((what, our), (_, their), S) in enumerate(rows):
        reference = None if exact is None else exact.named()[number][1]
        worst.take(agree(f"{row.short} {what}", our, their, S, scale.factor, reference))
    return worst


def derivative(row: Row, case: Case, device: str = "cpu") -> Worst | None:
    """Gradients are the derivative of the value, in float64; None where the case lies on a kink."""
    case = case.widened()
    if not case.smooth:
        return None
    ours = by_hand(row.name, case)
    dy = case.upstream(ours.y.shape)
    scale = row.scale(case, dy)
    worst = Worst()
    for number, (where, gradient) in enumerate(zip(case.wrt, ours.gradients, strict=True)):
        S = np.broadcast_to(scale.gradients[number], gradient.shape)
        expected = _complex_step(row.name, case, where, dy)
        what = f"{row.short} gradient {number} by complex step"
        worst.take(within(what, gradient, expected, 1e-12 * S + 1e-300, unit(case.dtype) * S))
    return worst


def purity(row: Row, case: Case, device: str = "cpu") -> Worst:
    """The same call gives the same again, and inputs, upstream gradient and closure stay as they were."""
    before = case.mapped(lambda x: x.copy())
    nn.manual_seed(case.seed)
    args = tuple(arg.copy() if i in case.changes else arg for i, arg in enumerate(case.args))
    y, backward = replace(case, args=args).call(resolve(row.name))
    dy = case.upstream(y.shape)
    kept = y.copy(), dy.copy()
    first, second = _tuple(backward(dy)), _tuple(backward(dy))
    for what, array in (("y", y), *((f"gradient {i}", g) for i, g in enumerate(first))):
        if type(array) is not np.ndarray or array.dtype != case.dtype:
            raise Mismatch(f"{row.short} {what}: {type(array).__name__} of {array.dtype}, expected {case.dtype} array")
    for gradient, where in zip(first, case.wrt, strict=True):
        if gradient.shape != case.given(where).shape:
            raise Mismatch(f"{row.short}: gradient of shape {gradient.shape} for an input {case.given(where).shape}")
    _same(f"{row.short} y after backward", y, kept[0])
    _same(f"{row.short} dy after backward", dy, kept[1])
    for gradient, again in zip(first, second, strict=True):
        _same(f"{row.short} second backward", again, gradient)
    for index, (arg, copy) in enumerate(zip(case.args, before.args, strict=True)):
        _same(f"{row.short} input {index} afterwards", arg, copy)
    for name, value in case.kwargs.items():
        if isinstance(value, np.ndarray):
            _same(f"{row.short} {name} afterwards", value, before.kwargs[name])
    return Worst()


def strict(row: Row, case: Case, device: str = "cpu") -> Worst:
    """The array double gives the same bits as NumPy; of a fast kernel, which is for NumPy alone, the formula's bits."""
    double, plain = by_hand(row.name, case, "strict"), by_hand(row.textbook or row.name, case)
    for (what, ours), (_, expected) in zip(double.named(), plain.named(), strict=True):
        _same(f"{row.short} {what} on the strict array", ours, expected)
    return Worst()


def tape(row: Row, case: Case, device: str = "cpu") -> Worst:
    """Recorded, the formula gives its leaves what its pullback gives, bit for bit, and adds up what comes again.

    The value y goes back once, the graph kept; then y + y does, so that 2 dy arrives at the formula, and the pullback's
    gradients of that are added to those of the first time. Arrays without a gradient are on the tape, too.
    """
    copied = case.mapped(lambda x: x.copy(order="K"))
    nn.manual_seed(case.seed)
    expected, pullback = copied.call(resolve(row.name))
    dy = case.upstream(expected.shape).astype(expected.dtype)
    once, twice = _tuple(pullback(dy)), _tuple(pullback(dy + dy))

    tensors = case.mapped(lambda x: autograd.Tensor(backend.to_device(x.copy(order="K"), device)))
    leaves = [tensors.given(where).requires_grad_() for where in case.wrt]
    nn.manual_seed(case.seed)
    y = tensors.call(_recorded(row.name))
    _same(f"{row.short} y on the tape", backend.to_host(y.data), expected)
    y.backward(backend.to_device(dy, device), retain_graph=True)
    _same_all(f"{row.short} gradient by the tape", leaves, once)
    (y + y).backward(backend.to_device(dy, device))
    with np.errstate(over="ignore", invalid="ignore"):
        added = [np.asarray(a + b) for a, b in zip(once, twice, strict=True)]
    _same_all(f"{row.short} gradient by the tape, added up", leaves, added)
    return Worst()


Witness = Callable[[Row, Case, str], Worst | None]
WITNESSES: dict[str, Witness] = {
    "pytorch": pytorch,
    "derivative": derivative,
    "purity": purity,
    "strict": strict,
    "tape": tape,
}


def _complex_step(name: str, case: Case, where: int | str, dy: np.ndarray) -> np.ndarray:
    """∂(Σ dy y)/∂x_i = Im f(x + i h e_i) / h for every coordinate."""
    x = case.given(where)
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.astype(np.complex128)
        moved[place] += 1j * STEP
        with np.errstate(over="ignore"):
            gradient[place] = np.sum(dy * _value(name, case, where, moved).imag) / STEP
    return gradient


def _value(name: str, case: Case, where: int | str, moved: np.ndarray) -> np.ndarray:
    nn.manual_seed(case.seed)
    if isinstance(where, str):
        return replace(case, kwargs={**case.kwargs, where: moved}).call(resolve(name))[0]
    args = (*case.args[:where], moved, *case.args[where + 1 :])
    return replace(case, args=args).call(resolve(name))[0]


def _recorded(name: str) -> Callable[..., autograd.Tensor]:
    """A formula on the tape: from autograd.functional, or recorded by apply where it is none of functional's."""
    if name.startswith("functional."):
        return resolve(f"autograd.{name}")
    return partial(autograd.apply, resolve(name))


def _tuple(gradients: np.ndarray | tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    return gradients if isinstance(gradients, tuple) else (gradients,)


def _same_all(what: str, leaves: list[autograd.Tensor], expected: Sequence[np.ndarray]) -> None:
    for number, (leaf, gradient) in enumerate(zip(leaves, expected, strict=True)):
        _same(f"{what}, {number}", backend.to_host(leaf.grad), gradient)


def _same(what: str, ours: np.ndarray, expected: np.ndarray) -> None:
    if ours.dtype != expected.dtype or not np.array_equal(ours, expected, equal_nan=ours.dtype.kind == "f"):
        raise Mismatch(f"{what}: got {ours!r}, expected {expected!r}")
