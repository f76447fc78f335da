"""Rows of max_pool2d, avg_pool2d and adaptive_avg_pool2d."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, nan
from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, scales, seeds, values

TIES = (0.0, -0.0, 1.0, 1.0, 1.0, inf, -inf, -inf, nan)

Taps = list[tuple[int, ...]]


def pair_of(value: int | tuple[int, ...]) -> tuple[int, ...]:
    """One number for each of the two axes."""
    return value * (2 // len(value)) if isinstance(value, tuple) else (value, value)


def taps_along(n: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> Taps:
    """The places that each window sees along an axis of n values; those outside 0 … n − 1 are padding or beyond it.

    With ceil_mode a window more begins, on a value, where the one before it ends before the padding does.
    """
    found: Taps = []
    start, reach, last = -padding, dilation * (kernel - 1), n + padding - 1
    while start + reach <= last or (ceil_mode and start < n and start - stride + reach < last):
        found.append(tuple(start + dilation * i for i in range(kernel)))
        start += stride
    return found


@st.composite
def windows_on_images(draw: st.DrawFn, dilated: bool) -> tuple[tuple[int, ...], dict[str, Any]]:
    """A shape of images, now and then without a batch or with an empty one, and options of windows that fit on them."""
    random = np.random.default_rng(draw(seeds))
    size = [int(n) for n in random.integers(1, 6, 2)]
    kwargs: dict[str, Any] = {}
    for name, low, high, default in (
        ("kernel_size", 1, 3, None),
        ("stride", 1, 3, None),
        ("padding", 0, 1, 0),
        ("dilation", 1, 2, 1),
    ):
        pair = tuple(int(n) for n in random.integers(low, high, 2, endpoint=True))
        value = [pair, pair[0], pair[:1]][random.integers(3)]
        if name == "kernel_size" or random.random() < 0.6:
            kwargs[name] = value
        elif default is not None and random.random() < 0.5:
            kwargs[name] = default
    if not dilated:
        kwargs.pop("dilation", None)
    kernel = pair_of(kwargs["kernel_size"])
    kwargs["padding"] = tuple(min(p, k // 2) for p, k in zip(pair_of(kwargs.get("padding", 0)), kernel, strict=True))
    if len(set(kwargs["padding"])) == 1 and random.random() < 0.5:
        kwargs["padding"] = kwargs["padding"][0]
    if kwargs["padding"] in (0, (0, 0)) and random.random() < 0.7:
        del kwargs["padding"]
    if "stride" not in kwargs and random.random() < 0.3:
        kwargs["stride"] = None
    if random.random() < 0.5:
        kwargs["ceil_mode"] = bool(random.random() < 0.8)
    for axis in range(2):
        while not _fits(size[axis], kwargs, axis):
            size[axis] += 1
    leading = [(), (0,), (1,), (2,)][random.choice(4, p=[0.2, 0.06, 0.14, 0.6])]
    return (*leading, int(random.integers(1, 3)), *size), kwargs


def _along(n: int, kwargs: dict[str, Any], axis: int) -> Taps:
    kernel = kwargs["kernel_size"]
    options = (kernel, kwargs.get("stride") or kernel, kwargs.get("padding", 0), kwargs.get("dilation", 1))
    return taps_along(n, *(pair_of(option)[axis] for option in options), kwargs.get("ceil_mode", False))


def _fits(n: int, kwargs: dict[str, Any], axis: int) -> bool:
    """Whether there is a window, and none that sees nothing: of such PyTorch's max_pool2d returns no value."""
    taps = _along(n, kwargs, axis)
    return bool(taps) and all(any(0 <= place < n for place in window) for window in taps)


def windows_of(case: Case) -> Iterator[tuple[tuple[Any, int, int], list[tuple[Any, int, int]]]]:
    """Each place of y, and the places of x that its window sees, padding left out."""
    H, W = case.args[0].shape[-2:]
    for p, rows in enumerate(_along(H, case.kwargs, 0)):
        for q, columns in enumerate(_along(W, case.kwargs, 1)):
            yield (..., p, q), [(..., i, j) for i in rows if 0 <= i < H for j in columns if 0 <= j < W]


@st.composite
def max_pool2d_cases(draw: st.DrawFn) -> Case:
    """Every option; ties, infinities and nan among the kinks, whole windows of −inf too."""
    dtype, seed, on_kinks = draw(dtypes), draw(seeds), draw(st.booleans())
    shape, kwargs = draw(windows_on_images(dilated=True))
    x = values(seed, shape, dtype, draw(scales), TIES if on_kinks else ())
    if on_kinks:
        x[..., : seed % 3, :] = [1.0, -inf, nan, 0.0][seed % 4]
    return Case((laid_out(x, draw(layouts)),), kwargs, seed=seed, dy_scale=draw(dy_scales), smooth=not on_kinks)


def max_pool2d_scale(case: Case, dy: np.ndarray) -> Scale:
    """A maximum is exact; a gradient is a sum of as many terms as windows that see a value."""
    dx = np.zeros(case.args[0].shape)
    for place, seen in windows_of(case):
        for tap in seen:
            dx[tap] += np.abs(dy[place])
    return Scale(np.zeros(()), (dx,), 2 * 9)


@st.composite
def avg_pool2d_cases(draw: st.DrawFn) -> Case:
    """Every option; infinities and nan among the kinks."""
    dtype, seed, special = draw(dtypes), draw(seeds), draw(st.booleans())
    random = np.random.default_rng(seed)
    shape, kwargs = draw(windows_on_images(dilated=False))
    if random.random() < 0.5:
        kwargs["count_include_pad"] = bool(random.random() < 0.2)
    if random.random() < 0.25:
        kwargs["divisor_override"] = int(random.choice([1, 3, -2]))
    x = values(seed, shape, dtype, draw(scales), (*awkward(dtype), inf, -inf, nan) if special else ())
    return Case((laid_out(x, draw(layouts)),), kwargs, seed=seed, dy_scale=draw(dy_scales), smooth=not special)


def avg_pool2d_scale(case: Case, dy: np.ndarray) -> Scale:
    """Sums of as many terms as a window has values, or as a value has windows, and a division."""
    x, kwargs = np.abs(case.args[0]), case.kwargs
    padding = pair_of(kwargs.get("padding", 0))
    y, dx = np.zeros(dy.shape), np.zeros(x.shape)
    counted = []
    for axis, (n, p) in enumerate(zip(x.shape[-2:], padding, strict=True)):
        low, high = (-p, n + p) if kwargs.get("count_include_pad", True) else (0, n)
        counted.append([sum(low <= place < high for place in window) for window in _along(n, kwargs, axis)])
    for place, seen in windows_of(case):
        n = abs(kwargs.get("divisor_override") or counted[0][place[1]] * counted[1][place[2]])
        for tap in seen:
            y[place] += x[tap] / n
            dx[tap] += np.abs(dy[place]) / n
    return Scale(y, (dx,), 2 * 9 + 4)


@st.composite
def adaptive_avg_pool2d_cases(draw: st.DrawFn) -> Case:
    """Sizes below, above and equal to the images', but not 0, for which PyTorch has no gradient; infinities, nan."""
    dtype, seed, special = draw(dtypes), draw(seeds), draw(st.booleans())
    random = np.random.default_rng(seed)
    leading = [(), (0,), (1,), (2,)][random.choice(4, p=[0.2, 0.06, 0.14, 0.6])]
    shape = (*leading, int(random.integers(1, 3)), *map(int, random.integers(1, 7, 2)))
    pair = tuple(None if random.random() < 0.15 else int(random.integers(1, 8)) for _ in range(2))
    output_size = [pair, int(random.integers(1, 5))][int(random.random() < 0.4)]
    x = values(seed, shape, dtype, draw(scales), (*awkward(dtype), inf, -inf, nan) if special else ())
    case = (laid_out(x, draw(layouts)),), {"output_size": output_size}
    return Case(*case, seed=seed, dy_scale=draw(dy_scales), smooth=not special)


def adaptive_avg_pool2d_scale(case: Case, dy: np.ndarray) -> Scale:
    """Sums of as many terms as a window has values, and a division."""
    x = np.abs(case.args[0])
    y, dx = np.zeros(dy.shape), np.zeros(x.shape)
    (H, W), (OH, OW) = x.shape[-2:], dy.shape[-2:]
    for p in range(OH):
        for q in range(OW):
            window = (..., slice(p * H // OH, -((-p - 1) * H // OH)), slice(q * W // OW, -((-q - 1) * W // OW)))
            y[..., p, q] = x[window].mean(axis=(-2, -1)) if x[window].size else 0
            dx[window] += np.abs(dy[..., p, q, None, None]) / max(np.prod(x[window].shape[-2:]), 1)
    return Scale(y, (dx,), 2 * H * W + 4)


ROWS = [
    Row(
        "functional.max_pool2d",
        max_pool2d_cases(),
        max_pool2d_scale,
        lambda: Case((values(0, (64, 64, 28, 28), np.float32),), {"kernel_size": 2}),
    ),
    Row(
        "functional.avg_pool2d",
        avg_pool2d_cases(),
        avg_pool2d_scale,
        lambda: Case((values(0, (64, 64, 28, 28), np.float32),), {"kernel_size": 2}),
    ),
    Row(
        "functional.adaptive_avg_pool2d",
        adaptive_avg_pool2d_cases(),
        adaptive_avg_pool2d_scale,
        lambda: Case((values(0, (64, 512, 7, 7), np.float32),), {"output_size": 1}),
    ),
]
