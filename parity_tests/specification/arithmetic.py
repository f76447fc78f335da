"""Rows of the formulas of two operands: add, sub, mul, div, pow, maximum, minimum, where and matmul; and neg."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.activations import pointwise_row
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, scales, seeds, shapes, values

NUMBERS = (0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 0.5, -0.5, 1.5, -1.5, 4.0)
"""Second operands that are plain numbers; as exponents, those that PyTorch has ways of its own for."""


def part_of(shape: tuple[int, ...], random: np.random.Generator) -> tuple[int, ...]:
    """A shape that broadcasts to the given one: leading dimensions missing, others of length 1."""
    kept = shape[random.integers(0, len(shape), endpoint=True) :] if random.random() < 0.4 else shape
    return tuple(1 if random.random() < 0.25 else side for side in kept)


def summed_to(wide: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A gradient summed over the copies of an operand of this shape."""
    added = wide.ndim - len(shape)
    axes = tuple(i for i in range(wide.ndim) if i < added or shape[i - added] == 1)
    return wide.sum(axis=axes).reshape(shape)


@st.composite
def pairs(
    draw: st.DrawFn, name: str = "other", tied: bool = False, base_above_0: bool = False, poles: bool = False
) -> Case:
    """Two operands that broadcast, or one and a number called `name`.

    base_above_0: the first is positive unless it lies on a kink.  tied: there is no number.  poles: no operand is so
    near to 0 that its powers overflow, because a sum of copies may then be nan in float32 where it is not in float64.
    """
    dtype, seed, on_kinks = draw(dtypes), draw(seeds), draw(st.booleans())
    random, shape = np.random.default_rng(seed), draw(shapes())
    special = (*(() if poles else awkward(dtype)), 0.0, -0.0, 1.0, -1.0, 2.0) if on_kinks else ()
    scale = draw(scales)
    x, other = (
        values(seed + i, part_of(shape, random), dtype, scale if i == 0 or not base_above_0 else 1.0, special)
        for i in range(2)
    )
    if base_above_0 and not on_kinks:
        x = np.asarray(np.abs(x))
    options: dict[str, float] = {}
    if not tied and draw(st.booleans()):
        options[name] = float(random.choice(NUMBERS if base_above_0 else (*NUMBERS, 1e-3, 30.0)))
    args = (laid_out(x, draw(layouts)), laid_out(other, draw(layouts)))[: 1 if options else 2]
    smooth = not on_kinks and not (name == "other" and options.get(name) == 0)
    return Case(args, dict(options), wrt=tuple(range(len(args))), seed=seed, dy_scale=draw(dy_scales), smooth=smooth)


def scaled(
    y: Callable[[np.ndarray, np.ndarray], np.ndarray],
    slopes: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    roundings: int,
    name: str = "other",
) -> Callable[[Case, np.ndarray], Scale]:
    """S of the value and of both derivatives; a gradient that was stretched is a sum of as many terms as copies."""

    def scale(case: Case, dy: np.ndarray) -> Scale:
        operands = (*case.args, np.asarray(case.kwargs[name])) if name in case.kwargs else case.args
        with np.errstate(all="ignore"):
            terms = [np.abs(dy) * np.abs(slope) for slope in slopes(*operands)]
            sums = [
                summed_to(np.broadcast_to(t, dy.shape), arg.shape) for t, arg in zip(terms, case.args, strict=False)
            ]
            copies = max((dy.size // max(arg.size, 1) for arg in case.args), default=1)
            return Scale(np.abs(y(*operands)), tuple(sums), roundings + 2 * copies)

    return scale


def _power_slopes(x: np.ndarray, e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """e − 1 is rounded, which moves x^(e−1) by log x of that; nothing where PyTorch has 0."""
    log = np.where(x == 0, 0.0, np.abs(np.log(np.abs(x))))
    dx = np.where(e == 0, 0.0, np.abs(e * np.power(x, e - 1)) * (1 + (1 + np.abs(e)) * log))
    de = np.where((x == 0) & (e >= 0), 0.0, np.abs(np.power(x, e)) * log)
    return dx, de


def _large(name: str = "") -> Callable[[], Case]:
    def large() -> Case:
        x = values(0, (1000, 1000), np.float32)
        return Case((x,), {name: 3.0}) if name else Case((x, values(1, (1000, 1000), np.float32)), wrt=(0, 1))

    return large


def row(name: str, scale: Callable[[Case, np.ndarray], Scale], cases: st.SearchStrategy[Case] | None = None) -> Row:
    return Row(f"functional.{name}", pairs() if cases is None else cases, scale, _large())


@st.composite
def ties(draw: st.DrawFn) -> Case:
    """Two arrays of few values, so that many are equal; or of many."""
    case = draw(pairs(tied=True))
    if case.smooth:
        return case
    random, (x, other) = np.random.default_rng(case.seed), case.args
    few = tuple(np.asarray(random.integers(-1, 2, a.shape), dtype=a.dtype) for a in (x, other))
    return Case(few, wrt=(0, 1), seed=case.seed, dy_scale=case.dy_scale, smooth=False)


@st.composite
def choices(draw: st.DrawFn) -> Case:
    """A condition, and two arrays or an array and a number, in either place."""
    case = draw(pairs())
    random = np.random.default_rng(case.seed + 2)
    shape = np.broadcast_shapes(*(arg.shape for arg in case.args))
    condition = np.asarray(random.random(part_of(shape, random)) < 0.5)
    args = (laid_out(condition, draw(layouts)), *case.args)
    return Case(args, case.kwargs, wrt=tuple(range(1, len(args))), seed=case.seed, dy_scale=case.dy_scale)


def choice_scale(case: Case, dy: np.ndarray) -> Scale:
    """Values are copied; a gradient is a sum over copies."""
    condition, *operands = case.args
    parts = (np.where(condition, np.abs(dy), 0), np.where(condition, 0, np.abs(dy)))
    sums = [summed_to(np.broadcast_to(p, dy.shape), o.shape) for p, o in zip(parts, operands, strict=False)]
    return Scale(np.zeros(()), tuple(sums), 2 * max(dy.size // max(o.size, 1) for o in operands))


@st.composite
def products(draw: st.DrawFn) -> Case:
    """Vectors, matrices and stacks of them, some of which broadcast; empty ones too."""
    dtype, seed = draw(dtypes), draw(seeds)
    random, batch = np.random.default_rng(seed), draw(shapes(0, 2, 3))
    n, m, p = (int(side) for side in random.integers(0, 5, 3))
    left = (m,) if random.random() < 0.25 else (*part_of(batch, random), n, m)
    right = (m,) if random.random() < 0.25 else (*part_of(batch, random), m, p)
    scale = draw(scales)
    x, other = (values(seed + i, s, dtype, scale, awkward(dtype)) for i, s in enumerate((left, right)))
    args = (laid_out(x, draw(layouts)), laid_out(other, draw(layouts)))
    return Case(args, wrt=(0, 1), seed=seed, dy_scale=draw(dy_scales))


def product_scale(case: Case, dy: np.ndarray) -> Scale:
    """A product of n terms is off by at most n u times the product of absolute values, and so is a sum over copies."""
    x, other = map(np.abs, case.args)
    A, B = x[None] if x.ndim == 1 else x, other[:, None] if other.ndim == 1 else other
    batch = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    dY = np.abs(dy).reshape(*batch, A.shape[-2], B.shape[-1])
    dA = summed_to(dY @ np.broadcast_to(B, (*batch, *B.shape[-2:])).swapaxes(-1, -2), A.shape[:-2] + A.shape[-2:])
    dB = summed_to(np.broadcast_to(A, (*batch, *A.shape[-2:])).swapaxes(-1, -2) @ dY, B.shape)
    factor = 2 * (1 + prod(batch) * max(*A.shape[-2:], B.shape[-1]))
    return Scale(x @ other, (dA.reshape(x.shape), dB.reshape(other.shape)), factor)


ROWS = [
    row("add", scaled(lambda x, o: np.abs(x) + np.abs(o), lambda x, o: (np.ones(()), np.ones(())), 2)),
    row("sub", scaled(lambda x, o: np.abs(x) + np.abs(o), lambda x, o: (np.ones(()), np.ones(())), 2)),
    row("mul", scaled(lambda x, o: x * o, lambda x, o: (o, x), 4)),
    row("div", scaled(lambda x, o: x / o, lambda x, o: (1 / o, x / o / o), 8), pairs(poles=True)),
    Row(
        "functional.pow",
        pairs("exponent", base_above_0=True, poles=True),
        scaled(lambda x, e: np.power(x, e), _power_slopes, 16, "exponent"),
        _large("exponent"),
    ),
    row("maximum", scaled(np.maximum, lambda x, o: (np.ones(()), np.ones(())), 2), ties()),
    row("minimum", scaled(np.minimum, lambda x, o: (np.ones(()), np.ones(())), 2), ties()),
    Row(
        "functional.where",
        choices(),
        choice_scale,
        lambda: Case(
            (values(2, (1000, 1000), np.float32) > 0, *(values(i, (1000, 1000), np.float32) for i in range(2))),
            wrt=(1, 2),
        ),
    ),
    Row(
        "functional.matmul",
        products(),
        product_scale,
        lambda: Case((values(0, (8, 256, 256), np.float32), values(1, (8, 256, 256), np.float32)), wrt=(0, 1)),
    ),
    pointwise_row("neg", np.abs, np.ones_like, 0),
]
