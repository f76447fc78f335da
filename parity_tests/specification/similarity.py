"""Rows of normalize, cosine_similarity and contrastive_loss."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.arithmetic import part_of, summed_to
from parity_tests.specification.reductions import over
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, scales, seeds, shapes, values


@st.composite
def normalize_cases(draw: st.DrawFn) -> Case:
    """Every norm, along one dimension, several or all; short vectors, and zero ones among the kinks.

    Where powers of the smallest numbers are 0, PyTorch's gradient of 0 / 0 is nan, so only p = 1, 2 and inf get them.
    """
    dtype, seed, on_kinks = draw(dtypes), draw(seeds), draw(st.booleans())
    random, shape = np.random.default_rng(seed), tuple(max(side, 1) for side in draw(shapes()))
    p = float(random.choice([1.0, 1.5, 2.0, 3.0, inf]))
    special = (0.0, -0.0, 1.0, -1.0, *(() if p in (1.5, 3.0) else awkward(dtype)))
    x = values(seed, shape, dtype, draw(scales), special if on_kinks else ())
    if on_kinks and x.ndim:
        x[..., : random.integers(2)] = 0
    axes = [int(axis - random.integers(2) * max(x.ndim, 1)) for axis in random.permutation(max(x.ndim, 1))]
    kwargs: dict[str, Any] = {"dim": [axes[0], tuple(axes[:2]), None, 1][random.integers(4)]}
    if kwargs["dim"] == 1 and x.ndim < 2:
        kwargs["dim"] = 0
    if kwargs["dim"] == 1 and random.random() < 0.7:
        del kwargs["dim"]  # it is the default
    if p != 2 or random.random() < 0.3:
        kwargs["p"] = p  # 2 is the default
    if random.random() < 0.4:
        kwargs["eps"] = float(random.choice([1e-3, 0.7, 50.0]))
    return Case((laid_out(x, draw(layouts)),), kwargs, seed=seed, dy_scale=draw(dy_scales), smooth=not on_kinks)


def lengths(x: np.ndarray, p: float, axes: tuple[int, ...]) -> np.ndarray:
    """The p-norms along some axes, which stay."""
    size = np.abs(x)
    if p == inf:
        return size.max(axis=axes, keepdims=True)
    return (size**p).sum(axis=axes, keepdims=True) ** (1 / p)


def normalize_scale(case: Case, dy: np.ndarray) -> Scale:
    """A norm of D terms is off by D roundings of itself, and by p more for each power."""
    x, p = case.args[0], case.kwargs.get("p", 2.0)
    axes, _, terms = over(Case(case.args, {"dim": case.kwargs.get("dim", 1)}))
    n = np.asarray(lengths(x, p, axes))
    d = np.maximum(n, case.kwargs.get("eps", 1e-12))
    y, dy = np.abs(x) / d, np.abs(dy)
    slope = (y > 0) if p == inf else np.divide(np.abs(x), n, out=np.zeros_like(x), where=n > 0) ** (p - 1)
    dx = (dy + np.where(n < 0.9 * d, 0, (dy * y).sum(axis=axes, keepdims=True) * slope)) / d
    return Scale(y, (dx,), 12 + 4 * terms + (0 if p == inf else 4 * p))


@st.composite
def cosine_cases(draw: st.DrawFn) -> Case:
    """Two arrays that broadcast, along any dimension of the common shape; short vectors, and zero ones as kinks."""
    dtype, seed, on_kinks = draw(dtypes), draw(seeds), draw(st.booleans())
    random, shape = np.random.default_rng(seed), draw(shapes())
    special = (*awkward(dtype), 1.0, -1.0) if on_kinks else ()
    scale = draw(scales)
    arrays = [values(seed + i, part_of(shape, random), dtype, scale, special) for i in range(2)]
    if on_kinks and arrays[0].ndim:
        arrays[0][..., : random.integers(2)] = 0
    ndim = max(arrays[0].ndim, arrays[1].ndim)
    kwargs: dict[str, Any] = {"dim": int(random.integers(-max(ndim, 1), max(ndim, 1)))}
    if ndim > 1 and random.random() < 0.4:
        kwargs["dim"] = 1
    if kwargs["dim"] == 1 and random.random() < 0.7:
        del kwargs["dim"]  # it is the default
    if random.random() < 0.3:
        kwargs["eps"] = float(random.choice([1e-2, 5.0]))
    axis, wide = kwargs.get("dim", 1), np.broadcast_arrays(*arrays)
    least = kwargs.get("eps", 1e-8)
    long = all((lengths(x, 2, (axis,) if ndim else ()) > 1.01 * least).all() for x in wide)
    args = tuple(laid_out(array, draw(layouts)) for array in arrays)
    smooth = bool(long and not on_kinks)  # below eps PyTorch's gradient is not the derivative
    return Case(args, kwargs, wrt=(0, 1), seed=seed, dy_scale=draw(dy_scales), smooth=smooth)


def cosine_scale(case: Case, dy: np.ndarray) -> Scale:
    """Norms and products of D terms; a gradient that was stretched is a sum of as many terms as copies."""
    wide = [np.abs(x) for x in np.broadcast_arrays(*case.args)]
    axes = (case.kwargs.get("dim", 1) % wide[0].ndim,) if wide[0].ndim else ()
    n = [np.asarray(lengths(x, 2, axes)) for x in wide]
    d = [np.maximum(length, case.kwargs.get("eps", 1e-8)) for length in n]
    unit = [x / length for x, length in zip(wide, d, strict=True)]
    y = np.asarray((unit[0] * unit[1]).sum(axis=axes, keepdims=True))
    dy = np.abs(dy).reshape(y.shape)
    gradients = []
    for side, x in enumerate(case.args):
        slope = np.divide(wide[side], n[side], out=np.zeros_like(wide[side]), where=n[side] > 0)
        gradients.append(summed_to(dy * (unit[1 - side] + y * slope) / d[side], x.shape))
    copies = max((wide[0].size // max(x.size, 1) for x in case.args), default=1)
    terms = wide[0].shape[axes[0]] if axes else 1
    return Scale(y.sum(axis=axes), tuple(gradients), 16 + 4 * terms + 2 * copies)


@st.composite
def contrastive_cases(draw: st.DrawFn) -> Case:
    """Pairs with and without labels that several share; a scale that learns, or a number, from cool to sharp."""
    dtype, seed, zeros = draw(dtypes), draw(seeds), draw(st.booleans())
    random = np.random.default_rng(seed)
    N, D = int(random.integers(1, 7)) if random.random() < 0.95 else 0, int(random.integers(1, 6))
    scale = draw(scales)
    args = [values(seed + i, (N, D), dtype, scale, (0.0, -0.0, 1.0) if zeros else ()) for i in range(2)]
    if zeros and N:
        args[random.integers(2)][random.integers(N)] = 0
    kwargs: dict[str, Any] = {}
    if random.random() < 0.5:
        kwargs["reduction"] = str(random.choice(["none", "mean", "sum"]))
    if random.random() < 0.6:
        kwargs["labels"] = random.integers(0, max(N - 1, 1), N)
    sharpness = float(random.choice([1.0, 1 / 0.07, 100.0, 0.0, -3.0]))
    if random.random() < 0.5:
        args.append(np.asarray(sharpness, dtype=dtype))
    elif random.random() < 0.7:
        kwargs["scale"] = sharpness
    laid = (laid_out(array, draw(layouts)) if array.ndim else array for array in args)
    return Case(
        tuple(laid),
        kwargs,
        wrt=tuple(range(len(args))),
        seed=seed,
        dy_scale=draw(dy_scales),
        smooth=not zeros and N > 0,
    )


def contrastive_scale(case: Case, dy: np.ndarray) -> Scale:
    """Logits are off by A = |scale| |û| |v̂|ᵀ, so probabilities by twice the largest A of their row, relatively."""
    image, text, *scale = map(np.abs, case.args)
    by = float(scale[0]) if scale else abs(case.kwargs.get("scale", 1 / 0.07))
    N, D = image.shape
    if not N:
        empty = np.zeros((0, D))
        return Scale(np.zeros(dy.shape), (empty, empty, np.zeros(()))[: len(case.args)], 1)
    d = [np.maximum(lengths(x, 2, (1,)), 1e-12) for x in (image, text)]
    u, v = image / d[0], text / d[1]
    A = by * (u @ v.T)
    labels = case.kwargs.get("labels", np.arange(N))
    same = (labels[:, None] == labels).astype(float)
    q = same / same.sum(axis=1)
    reduction = case.kwargs.get("reduction", "mean")
    count = N if reduction == "mean" else 1
    signed = case.args[2] if scale else case.kwargs.get("scale", 1 / 0.07)
    logits = signed * ((case.args[0] / d[0]) @ (case.args[1] / d[1]).T)
    each, dlogits = np.zeros(N), np.zeros((N, N))
    for S, absolute, turn in ((logits, A, np.asarray), (logits.T, A.T, np.transpose)):
        most = absolute.max(axis=1, keepdims=True)
        powers = np.exp(S - S.max(axis=1, keepdims=True))
        p = powers / powers.sum(axis=1, keepdims=True)
        each += (2 * most[:, 0] + np.log(N) + 1) / 2
        dlogits += turn((p * (1 + 2 * most) + q) * np.broadcast_to(np.abs(dy), N)[:, None] / count / 2)
    du, dv = by * dlogits @ v, by * dlogits.T @ u
    dimage, dtext = (
        (g + (g * w).sum(axis=1, keepdims=True) * w) / n for g, w, n in zip((du, dv), (u, v), d, strict=True)
    )
    y = each if reduction == "none" else np.asarray(each.sum() / count)
    return Scale(y, (dimage, dtext, (dlogits * (u @ v.T)).sum())[: len(case.args)], 24 + 4 * D + 4 * N)


ROWS = [
    Row(
        "functional.normalize",
        normalize_cases(),
        normalize_scale,
        lambda: Case((values(0, (10_000, 100), np.float32),)),
    ),
    Row(
        "functional.cosine_similarity",
        cosine_cases(),
        cosine_scale,
        lambda: Case((values(0, (10_000, 100), np.float32), values(1, (10_000, 100), np.float32)), wrt=(0, 1)),
    ),
    Row(
        "functional.contrastive_loss",
        contrastive_cases(),
        contrastive_scale,
        lambda: Case((values(0, (512, 128), np.float32), values(1, (512, 128), np.float32)), wrt=(0, 1)),
    ),
]
