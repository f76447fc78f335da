"""Rows of the fast kernels: those of the formulas they compute, once more.

Minimal filtering has cases and a scale of its own: what it rounds is sums over a whole tile.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from numpy_nn.functional import convolution_checks
from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification import activations, attention, convolution, embedding, losses, normalization, pooling
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, scales, seeds, values

MODULES = activations, attention, convolution, embedding, losses, normalization, pooling
TEXTBOOK = {row.name: row for module in MODULES for row in module.ROWS}


@st.composite
def winograd_cases(draw: st.DrawFn) -> Case:
    """Kernels of 3×3 at stride 1, on images of any size that they fit, odd and even, with every padding there is."""
    dtype, seed = draw(dtypes), draw(seeds)
    random = np.random.default_rng(seed)
    N, C, O = map(int, random.integers(1, 3, 3))  # noqa: E741
    padding = [0, 1, 2, (1, 0), (2, 1), "same", "valid"][random.integers(7)]
    margins = convolution_checks.margins(padding, (3, 3), (1, 1), (1, 1))
    size = [max(1, 3 - before - after) + int(random.integers(4)) for before, after in margins]
    scale, special = draw(scales), awkward(dtype) if draw(st.booleans()) else ()
    shapes = [(N, C, *size), (O, C, 3, 3), (O,)][: 2 + random.integers(2)]
    arrays = [laid_out(values(seed + i, shape, dtype, scale, special), draw(layouts)) for i, shape in enumerate(shapes)]
    return Case(tuple(arrays), {"padding": padding}, tuple(range(len(arrays))), seed, draw(dy_scales))


B = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1]])
"""The tile's combinations, each with the sign of a sum."""
G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0, 0, 1]])
"""The kernel's."""
A = np.array([[1, 1, 1, 0], [0, 1, 1, 1]])
"""The places'."""


def winograd_scale(case: Case, dy: np.ndarray) -> Scale:
    """The same algorithm on absolute values, all signs taken for sums: whatever it adds up, it rounds."""
    x, weight, *bias = map(np.abs, case.args)
    margins = convolution_checks.margins(case.kwargs["padding"], (3, 3), (1, 1), (1, 1))
    opposite = tuple((2 - before, 2 - after) for before, after in margins)
    y = tiled(x, weight, margins)
    if bias:
        y = y + bias[0][:, None, None]
    dx = tiled(np.abs(dy), weight.swapaxes(0, 1)[..., ::-1, ::-1], opposite)
    slopes = B_of(np.pad(np.abs(dy), [(0, 0), (0, 0), (0, dy.shape[2] % 2), (0, dy.shape[3] % 2)]), 2, A.T)
    dU = np.einsum("ncpqab,nopqab->ocab", B_of(padded(x, margins), 4, B), slopes)
    gradients = (dx, G.T @ dU @ G, np.abs(dy).sum(axis=(0, 2, 3)))
    return Scale(y, gradients[: len(case.args)], 2 * (24 + max(weight.size, dy.size)))


def tiled(x: np.ndarray, weight: np.ndarray, margins: tuple[tuple[int, int], ...]) -> np.ndarray:
    """A (Σ (B d Bᵀ) ⊙ (G w Gᵀ)) Aᵀ of every tile, put together."""
    M = np.einsum("ncpqab,ocab->nopqab", B_of(padded(x, margins), 4, B), G @ weight @ G.T)
    y = (A @ M @ A.T).transpose(0, 1, 2, 4, 3, 5)
    H, W = (n + sum(margin) - 2 for n, margin in zip(x.shape[2:], margins, strict=True))
    return y.reshape(*y.shape[:2], 2 * y.shape[2], 2 * y.shape[4])[:, :, :H, :W]


def padded(x: np.ndarray, margins: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Images with zeros round them, an even number of places high and wide."""
    ends = [(before, after + (n + before + after) % 2) for n, (before, after) in zip(x.shape[2:], margins, strict=True)]
    return np.pad(x, [(0, 0), (0, 0), *ends])


def B_of(x: np.ndarray, side: int, combinations: np.ndarray) -> np.ndarray:
    """The combinations of every tile of that side, two places apart: (N, C, rows, columns, 4, 4)."""
    tiles = sliding_window_view(x, (side, side), axis=(2, 3))[:, :, ::2, ::2]
    return combinations @ tiles @ combinations.T


def kernel(name: str, formula: str) -> Row:
    """The row of a formula, for its kernel."""
    return replace(TEXTBOOK[f"functional.{formula}"], name=f"kernels.cpu.{name}", textbook=f"functional.{formula}")


def elu_scale(case: Case, dy: np.ndarray) -> Scale:
    """The formula's; but with alpha = 1 the slope below 0 is y + 1, computed on absolute values |y| + 1 = 2 − e^x."""
    textbook = TEXTBOOK["functional.elu"].scale(case, dy)
    if case.kwargs.get("alpha", 1.0) != 1:
        return textbook
    slope = 1 + np.abs(np.expm1(np.minimum(case.args[0], 0)))
    return replace(textbook, gradients=(np.abs(dy) * slope,))


@st.composite
def class_cases(draw: st.DrawFn) -> Case:
    """What the kernel of cross entropy computes itself: plain class indices, some of them ignored, some weighted."""
    dtype, seed = draw(dtypes), draw(seeds)
    random = np.random.default_rng(seed)
    shape = (*[(), (1,), (4,), (9,)][random.integers(4)], int(random.integers(1, 7)))
    scores = laid_out(values(seed, shape, dtype, draw(scales)), draw(layouts))
    target = np.asarray(random.integers(0, shape[-1], shape[:-1]))
    kwargs: dict[str, object] = {"reduction": str(random.choice(["none", "mean", "sum"]))}
    if random.integers(2):
        kwargs["weight"] = np.asarray(random.choice([0.0, 0.3, 1.0, 2.5], shape[-1]) + 1e-3, dtype=dtype)
    ignored = [None, 0, -100][random.integers(3)]
    if ignored is not None:
        kwargs["ignore_index"] = ignored
        target = np.asarray(np.where(random.random(shape[:-1]) < 0.4, ignored, target))
    some = bool((target != kwargs.get("ignore_index", -100)).any())  # else the mean is nan
    return Case((scores, target), kwargs, seed=seed, dy_scale=draw(dy_scales), smooth=some)


ROWS = [
    kernel("conv2d", "conv2d"),
    kernel("conv2d_columns", "conv2d"),
    kernel("conv2d_neighbours", "conv2d"),
    replace(kernel("conv2d_winograd", "conv2d"), cases=winograd_cases(), scale=winograd_scale),
    kernel("batch_norm", "batch_norm"),
    kernel("layer_norm", "layer_norm"),
    kernel("scaled_dot_product_attention", "scaled_dot_product_attention"),
    kernel("max_pool2d", "max_pool2d"),
    replace(kernel("cross_entropy", "cross_entropy"), cases=losses.classification_cases(True) | class_cases()),
    *(kernel(name, name) for name in ("embedding", "binary_cross_entropy_with_logits", "smooth_l1_loss")),
    *(kernel(name, name) for name in ("relu", "leaky_relu", "sigmoid", "tanh", "silu", "gelu")),
    *(kernel(name, name) for name in ("softmax", "log_softmax")),
    replace(kernel("elu", "elu"), scale=elu_scale),
]
