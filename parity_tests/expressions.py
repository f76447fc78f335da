"""Expressions drawn at random: the same lines in both libraries, and how far the results may be apart.

An expression is a list of operations on what came before, so that nodes are used twice and paths part and meet again.

The bound. Beside the values v, an expression is evaluated on magnitudes S, with S >= |v|, such that the error of v is
at most k u S after k roundings. Sums and products of magnitudes are such: |a|, |b| -> S_a + S_b, S_a S_b. A function of
one number has S = |f(v)| + |f'(v)| S_v, because v is off by k u S_v; and its slope, on the way back, is not |f'(v)| but
|f'(v)| + |f''(v)| S_v, for the same reason. Back through that graph go the magnitudes of the gradients. Everything in
it is a first-order bound in u; all roundings of the way there and back are counted in the factor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from hypothesis import assume
from hypothesis import strategies as st

from numpy_nn import autograd, backend
from parity_tests.bounds import Scale
from parity_tests.strategies import seeds

CLOSE = 1e-6
"""Nearer to a kink than this, rounding may decide which side is taken, unless values are exact."""
SHAPES = ((2, 3), (3,), (2, 1), (), (3, 2), (3, 3), (1, 3))


@dataclass(frozen=True)
class Value:
    """A node as the draw knows it: its value, and whether no rounding was needed to get there."""

    v: np.ndarray
    exact: bool = False

    def clear(self, distance: np.ndarray) -> bool:
        """Whether distances from a kink leave no doubt: all large, or known exactly."""
        return self.exact or bool(np.all(np.abs(distance) > CLOSE))


@dataclass(frozen=True)
class Operation:
    """One kind of node.

    compute(library, *operands): the expression, the same for both.  magnitude(*S, *v): S of the result, on torch, with
    the way back for magnitudes.  fits(*values): whether it is defined there, and free of doubt.
    exact: integers stay integers.
    """

    name: str
    arity: int
    compute: Callable[..., Any]
    magnitude: Callable[..., torch.Tensor]
    fits: Callable[..., bool] = lambda *values: True
    exact: bool = False


def curve(S: torch.Tensor, value: torch.Tensor, slope: torch.Tensor, bend: torch.Tensor) -> torch.Tensor:
    """S of a function of one number from |f|, |f'| and |f''|; its slope is |f'| + |f''| S, whatever S is."""
    steepest = (slope + bend * S).detach()
    return (value + slope * S).detach() + steepest * (S - S.detach())


def _tanh(S: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    return curve(S, v.tanh().abs(), 1 + v.tanh() ** 2, torch.full_like(v, 2.0))


def _sigmoid(S: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    s = v.sigmoid()
    return curve(S, s, s, s)


def _exp(S: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    return curve(S, v.exp(), v.exp(), v.exp())


def _log(S: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    return curve(S, v.log().abs(), 1 / v.abs(), 1 / v**2)


def _power(n: float) -> Callable[..., torch.Tensor]:
    def magnitude(S: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        a = v.abs()
        return curve(S, a**n, abs(n) * a ** (n - 1), abs(n * (n - 1)) * a ** (n - 2))

    return magnitude


def _share(S: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    return S * chosen.to(S.dtype)


def _above_0(x: Value) -> bool:
    return bool(np.all(x.v > 0.1))


def _small(x: Value) -> bool:
    return bool(np.all(np.abs(x.v) < 8))


def _off_0(x: Value) -> bool:
    return bool(np.all(np.abs(x.v) > 0.1))


def _broadcast(x: Value, y: Value) -> bool:
    return all(a == b or 1 in (a, b) for a, b in zip(x.v.shape[::-1], y.v.shape[::-1], strict=False))


def _apart(x: Value, y: Value) -> bool:
    return _broadcast(x, y) and Value(x.v, x.exact and y.exact).clear(x.v - y.v)


def _chain(x: Value, y: Value) -> bool:
    """Whether x @ y is defined."""
    return x.v.ndim > 0 and y.v.ndim > 0 and x.v.shape[-1] == y.v.shape[max(y.v.ndim - 2, 0)]


def _wide(least: int) -> Callable[[Value], bool]:
    return lambda x: x.v.ndim >= least


def _same(compute: Callable[..., Any]) -> dict[str, Any]:
    """An operation that is its own magnitude: it only adds, or moves."""
    return {
        "compute": lambda library, *x: compute(library, *x),
        "magnitude": lambda *S: compute(torch, *S[: len(S) // 2]),
    }


def moving(name: str, compute: Callable[..., Any], fits: Callable[..., bool], arity: int = 1) -> Operation:
    return Operation(name, arity, fits=fits, exact=True, **_same(compute))


def anywhere(*values: Value) -> bool:
    return True


OPERATIONS = (
    Operation("add", 2, lambda _, a, b: a + b, lambda S, T, *v: S + T, _broadcast, exact=True),
    Operation("sub", 2, lambda _, a, b: a - b, lambda S, T, *v: S + T, _broadcast, exact=True),
    Operation("mul", 2, lambda _, a, b: a * b, lambda S, T, *v: S * T, _broadcast, exact=True),
    Operation(
        "div",
        2,
        lambda _, a, b: a / b,
        lambda S, T, v, w: S * _power(-1)(T, w),
        lambda x, y: _broadcast(x, y) and _off_0(y),
    ),
    Operation(
        "pow",
        2,
        lambda _, a, b: a**b,
        lambda S, T, v, w: _exp(T * _log(S, v), w * v.log()),
        lambda x, y: _broadcast(x, y) and _above_0(x) and _small(x) and bool(np.all(np.abs(y.v) < 4)),
    ),
    Operation("matmul", 2, lambda _, a, b: a @ b, lambda S, T, *v: S @ T, _chain, exact=True),
    Operation(
        "maximum",
        2,
        lambda library, a, b: library.maximum(a, b),
        lambda S, T, v, w: _share(S, (v > w) + 0.5 * (v == w)) + _share(T, (v < w) + 0.5 * (v == w)),
        _apart,
        exact=True,
    ),
    Operation(
        "where",
        2,
        lambda _, a, b: a.where(a > 0, b),
        lambda S, T, v, w: torch.where(v > 0, S, T),
        lambda x, y: _broadcast(x, y) and x.clear(x.v),
        exact=True,
    ),
    Operation("neg", 1, lambda _, a: -a, lambda S, v: S, exact=True),
    Operation("one minus", 1, lambda _, a: 1 - a, lambda S, v: 1 + S, exact=True),
    Operation("three by", 1, lambda _, a: 3 / a, lambda S, v: 3 * _power(-1)(S, v), _off_0),
    Operation("two to the", 1, lambda _, a: 2**a, lambda S, v: _exp(0.7 * S, 0.6931471805599453 * v), _small),
    Operation("square", 1, lambda _, a: a**2, lambda S, v: S * S, exact=True),
    Operation("root", 1, lambda _, a: a**0.5, lambda S, v: _power(0.5)(S, v), _above_0),
    Operation("exp", 1, lambda _, a: a.exp(), _exp, _small),
    Operation("log", 1, lambda _, a: a.log(), _log, _above_0),
    Operation("tanh", 1, lambda _, a: a.tanh(), _tanh),
    Operation("sigmoid", 1, lambda library, a: library.sigmoid(a), _sigmoid),
    Operation("relu", 1, lambda _, a: a.relu(), lambda S, v: _share(S, v > 0), lambda x: x.clear(x.v), exact=True),
    Operation(
        "amax",
        1,
        lambda _, a: a.amax(0),
        lambda S, v: (S * (v == v.amax(0, True)) / (v == v.amax(0, True)).sum(0, True)).sum(0),
        lambda x: x.v.ndim > 0 and (x.exact or bool(np.all(np.diff(np.sort(x.v, 0), axis=0) > CLOSE))),
    ),
    Operation("mean", 1, lambda _, a: a.mean(-1, True), lambda S, v: S.mean(-1, True), _wide(1)),
    moving("sum", lambda _, a: a.sum(), anywhere),
    moving("sum of columns", lambda _, a: a.sum(0), _wide(1)),
    moving("reshape", lambda _, a: a.reshape(-1), anywhere),
    moving("transpose", lambda _, a: a.transpose(0, -1), _wide(1)),
    moving("pick twice", lambda _, a: a[[0, -1, 0]], _wide(1)),
    moving("cut", lambda _, a: a[..., :2], _wide(1)),
    moving("new dimension", lambda _, a: a[None], lambda x: x.v.ndim < 3),
    moving(
        "cat",
        lambda library, a, b: library.cat((a, b)),
        lambda x, y: x.v.ndim > 0 and x.v.shape[1:] == y.v.shape[1:] and x.v.ndim == y.v.ndim,
        2,
    ),
    moving(
        "stack",
        lambda library, a, b: library.stack((a, b), -1),
        lambda x, y: x.v.shape == y.v.shape and x.v.ndim < 3,
        2,
    ),
)


@dataclass(frozen=True, repr=False)
class Expression:
    """Leaves, which of them require grad, and operations, each with the numbers of its operands."""

    leaves: tuple[np.ndarray, ...]
    requires_grad: tuple[bool, ...]
    steps: tuple[tuple[Operation, tuple[int, ...]], ...]
    seed: int

    def __repr__(self) -> str:
        count = len(self.leaves)
        lines = [f"x{i} = {leaf!r}, {self.requires_grad[i]}" for i, leaf in enumerate(self.leaves)]
        lines += [
            f"x{count + k} = {op.name}({', '.join(f'x{i}' for i in ids)})" for k, (op, ids) in enumerate(self.steps)
        ]
        return "\n".join(lines)

    def run(self, library: Any, leaves: Sequence[Any]) -> list[Any]:
        """Every value, by a library's names for what is no method."""
        values = list(leaves)
        for operation, operands in self.steps:
            values.append(operation.compute(library, *(values[i] for i in operands)))
        return values

    def upstream(self, shape: tuple[int, ...]) -> np.ndarray:
        return np.asarray(np.random.default_rng(self.seed).standard_normal(shape))

    def by_tape(self, device: str = "cpu", dtype: Any = np.float64) -> tuple[np.ndarray, list[np.ndarray | None]]:
        """The value and the gradients of the leaves, None where none comes, by numpy_nn.autograd."""
        leaves = [
            autograd.Tensor(backend.to_device(x.astype(dtype), device), requires_grad=grad)
            for x, grad in zip(self.leaves, self.requires_grad, strict=True)
        ]
        y = self.run(autograd.functional, leaves)[-1]
        y.backward(backend.to_device(self.upstream(y.shape).astype(dtype), device))
        return backend.to_host(y.data), [None if x.grad is None else backend.to_host(x.grad) for x in leaves]

    def by_torch(self) -> tuple[np.ndarray, list[np.ndarray | None]]:
        """The same by torch.autograd."""
        leaves = [torch.tensor(x, requires_grad=g) for x, g in zip(self.leaves, self.requires_grad, strict=True)]
        y = self.run(torch, leaves)[-1]
        y.backward(torch.from_numpy(self.upstream(tuple(y.shape))))
        return y.detach().numpy(), [None if x.grad is None else x.grad.numpy() for x in leaves]

    def scale(self) -> Scale:
        """S of the value and of every leaf's gradient, and all roundings there and back."""
        values = self.run(torch, [torch.from_numpy(x) for x in self.leaves])
        S = [torch.tensor(np.abs(x), requires_grad=True) for x in self.leaves]
        for operation, operands in self.steps:
            S.append(operation.magnitude(*(S[i] for i in operands), *(values[i] for i in operands)))
        dy = torch.tensor(np.abs(self.upstream(tuple(values[-1].shape))))
        gradients = torch.autograd.grad(S[-1], S[: len(self.leaves)], dy, allow_unused=True)
        roundings = sum(8 + max(values[i].numel() for i in operands) for _, operands in self.steps)
        zero = np.zeros(())
        return Scale(S[-1].detach().numpy(), tuple(zero if g is None else g.numpy() for g in gradients), 4 * roundings)


@st.composite
def expressions(draw: st.DrawFn) -> Expression:
    """Two to four leaves, some of integers, some without a gradient; then operations on any that came before."""
    seed, count = draw(seeds), draw(st.integers(2, 4))
    random = np.random.default_rng(seed)
    values = []
    for _ in range(count):
        shape, whole = SHAPES[random.integers(len(SHAPES))], random.random() < 0.3
        leaf = random.integers(-2, 3, shape) if whole else random.standard_normal(shape)
        values.append(Value(np.asarray(leaf, dtype=np.float64), whole))
    leaves = tuple(value.v for value in values)
    steps: list[tuple[Operation, tuple[int, ...]]] = []

    def add(operation: Operation, operands: tuple[int, ...]) -> None:
        given = [values[i] for i in operands]
        result = operation.compute(torch, *(torch.from_numpy(x.v) for x in given)).numpy()
        assume(bool(np.all(np.abs(result) < 1e6)))
        exact = operation.exact and all(x.exact for x in given) and bool(np.all(np.abs(result) < 2**20))
        values.append(Value(result, exact))
        steps.append((operation, operands))

    for _ in range(draw(st.integers(1, 10))):
        last = len(values) - 1
        first, second = last - draw(st.integers(0, last)), draw(st.integers(0, last))
        x, y = values[first], values[second]
        able = [op for op in OPERATIONS if (op.fits(x) if op.arity == 1 else op.fits(x, y))]
        operation = draw(st.sampled_from(able))
        add(operation, (first, second)[: operation.arity])
    by_name = {operation.name: operation for operation in OPERATIONS}
    root = len(values) - 1
    add(by_name["sum"], (0,))
    add(by_name["mul"], (root, root))  # both uses of one node
    add(by_name["add"], (root + 2, root + 1))  # so that something requires grad
    return Expression(leaves, (True, *(bool(random.random() < 0.7) for _ in leaves[1:])), tuple(steps), seed)
