"""Rows of the convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from parity_tests import odd_padding  # noqa: F401 - heard of here
from parity_tests.bounds import Scale
from parity_tests.case import Case, tensor
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, scales, seeds, values
from torch_nn.twins import TWINS


def _option(random: np.random.Generator, axes: int, low: int, high: int, default: int) -> tuple[Any, tuple[int, ...]]:
    """An option as it is given, None where it is left out, and what it means along each axis."""
    several = tuple(map(int, random.integers(low, high, axes, endpoint=True)))
    form = random.integers(4)
    if form == 0:
        return None, (default,) * axes
    return (several, several) if form == 1 else (several[0], several[:1] * axes)


def _arrays(draw: st.DrawFn, seed: int, dtype: Any, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """x, weight and, as often as not, bias, under any strides."""
    scale, special = draw(scales), awkward(dtype) if draw(st.booleans()) else ()
    given = shapes if draw(st.booleans()) else shapes[:2]
    return [laid_out(values(seed + i, shape, dtype, scale, special), draw(layouts)) for i, shape in enumerate(given)]


def _batch(random: np.random.Generator) -> tuple[int, ...]:
    """One image or two, none, or one without a batch."""
    return ((), (0,), (1,), (2,), (2,))[random.integers(5)]


@st.composite
def convolution_cases(draw: st.DrawFn, axes: int) -> Case:
    """All options in every form; images that the kernel just fits, or that are larger by a little."""
    dtype, seed = draw(dtypes), draw(seeds)
    random = np.random.default_rng(seed)
    groups, channels, outputs = map(int, random.integers(1, 2, 3, endpoint=True))
    kernel = tuple(map(int, random.integers(1, 3, axes, endpoint=True)))
    kwargs: dict[str, Any] = {}
    kwargs["stride"], _ = _option(random, axes, 1, 3, 1)
    kwargs["dilation"], dilation = _option(random, axes, 1, 2, 1)
    kwargs["padding"], padding = _option(random, axes, 0, 2, 0)
    if random.random() < 0.3:
        kwargs["padding"], padding = ("same", "valid")[random.integers(2)], (0,) * axes
        if kwargs["padding"] == "same":
            kwargs["stride"] = None
    if groups > 1:
        kwargs["groups"] = groups
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    least = 1 if kwargs["padding"] == "same" else None
    size = [
        max(1, least or covered - 2 * p) + int(random.integers(3)) for covered, p in zip(spans, padding, strict=True)
    ]
    shapes = [(*_batch(random), groups * channels, *size), (groups * outputs, channels, *kernel), (groups * outputs,)]
    arrays = _arrays(draw, seed, dtype, shapes)
    options = {name: value for name, value in kwargs.items() if value is not None}
    return Case(tuple(arrays), options, tuple(range(len(arrays))), seed, draw(dy_scales))


@st.composite
def transposed_cases(draw: st.DrawFn) -> Case:
    """All options in every form; padding that leaves at least a row and a column."""
    dtype, seed = draw(dtypes), draw(seeds)
    random = np.random.default_rng(seed)
    groups, channels, outputs = map(int, random.integers(1, 2, 3, endpoint=True))
    kernel, size = (tuple(map(int, random.integers(1, 3, 2, endpoint=True))) for _ in range(2))
    kwargs: dict[str, Any] = {}
    kwargs["stride"], stride = _option(random, 2, 1, 3, 1)
    kwargs["dilation"], dilation = _option(random, 2, 1, 3, 1)
    largest = [max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)]
    kwargs["output_padding"], extra = _option(random, 2, 0, min(largest), 0)
    whole = [
        (n - 1) * s + d * (k - 1) + 1 + e for n, s, d, k, e in zip(size, stride, dilation, kernel, extra, strict=True)
    ]
    kwargs["padding"], _ = _option(random, 2, 0, min(2, (min(whole) - 1) // 2), 0)
    if groups > 1:
        kwargs["groups"] = groups
    shapes = [(*_batch(random), groups * channels, *size), (groups * channels, outputs, *kernel), (groups * outputs,)]
    arrays = _arrays(draw, seed, dtype, shapes)
    options = {name: value for name, value in kwargs.items() if value is not None}
    return Case(tuple(arrays), options, tuple(range(len(arrays))), seed, draw(dy_scales))


def _row(name: str, cases: st.SearchStrategy[Case], *large: tuple[int, ...], **options: Any) -> Row:
    """A row whose S is PyTorch's own result for absolute values: all that it does is add up products."""

    def scale(case: Case, dy: np.ndarray) -> Scale:
        leaves = [tensor(np.abs(arg)).requires_grad_() for arg in case.args]
        y = TWINS[f"functional.{name}"](*leaves, **case.kwargs)
        gradients = torch.autograd.grad(y, leaves, tensor(np.abs(dy)))
        most = max(case.args[1].size, dy.size)  # of one output, and of one weight
        return Scale(y.detach().numpy(), tuple(gradient.numpy() for gradient in gradients), 2 * (1 + most))

    def timed() -> Case:
        arrays = tuple(values(seed, shape, np.float32) for seed, shape in enumerate(large))
        return Case(arrays, options, tuple(range(len(arrays))))

    return Row(f"functional.{name}", cases, scale, timed)


ROWS = [
    _row("conv1d", convolution_cases(1), (32, 64, 256), (128, 64, 3), (128,), padding=1),
    _row("conv2d", convolution_cases(2), (32, 64, 28, 28), (64, 64, 3, 3), (64,), padding=1),
    _row("conv_transpose2d", transposed_cases(), (32, 64, 14, 14), (64, 32, 4, 4), (32,), stride=2, padding=1),
]
