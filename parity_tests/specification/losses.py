"""Rows of the losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.special import expit

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.activations import softmax_parts
from parity_tests.specification.row import Row
from parity_tests.strategies import (
    awkward,
    dtypes,
    dy_scales,
    laid_out,
    layouts,
    reductions,
    scales,
    seeds,
    shapes,
    values,
)


def reduced(losses: np.ndarray, slopes: np.ndarray, case: Case, dy: np.ndarray, roundings: int) -> Scale:
    """S of a reduced loss from S of each element's loss and derivative; a sum of n terms adds n roundings."""
    reduction = case.kwargs.get("reduction", "mean")
    if reduction == "none":
        return Scale(losses, (np.abs(dy) * slopes,), roundings)
    count = losses.size if reduction == "mean" else 1
    factor = roundings + losses.size
    if not losses.size:
        return Scale(np.zeros(()), (slopes,), 1)
    return Scale(np.asarray(losses.sum() / count), (np.abs(dy) * slopes / count,), factor)


@st.composite
def regression_cases(draw: st.DrawFn, options: dict[str, st.SearchStrategy[Any]] | None = None) -> Case:
    """A prediction and a target of the same shape, equal to each other, or off by exactly beta, in places."""
    dtype, seed, scale = draw(dtypes), draw(seeds), draw(scales)
    shape, ties = draw(shapes()), draw(st.booleans())
    kwargs = draw(st.fixed_dictionaries({}, optional={"reduction": reductions, **(options or {})}))
    target = values(seed, shape, dtype, scale)
    x = values(seed + 1, shape, dtype, scale)
    if ties:
        offsets = np.random.default_rng(seed + 2).choice(
            [0.0, kwargs.get("beta", 1.0), -kwargs.get("beta", 1.0)], shape
        )
        x = np.asarray(np.where(values(seed + 3, shape, dtype) < 0, target + offsets.astype(dtype), x), dtype=dtype)
    return Case(
        (laid_out(x, draw(layouts)), laid_out(target, draw(layouts))),
        kwargs,
        seed=seed,
        dy_scale=draw(dy_scales),
        smooth=not ties,
    )


def mse_scale(case: Case, dy: np.ndarray) -> Scale:
    """x − t is rounded once, which is relative to itself."""
    error = np.abs(case.args[0] - case.args[1])
    return reduced(error**2, 2 * error, case, dy, 6)


def l1_scale(case: Case, dy: np.ndarray) -> Scale:
    """x − t is rounded once; the derivative is ±1."""
    error = np.abs(case.args[0] - case.args[1])
    return reduced(error, np.ones_like(error), case, dy, 4)


def smooth_l1_scale(case: Case, dy: np.ndarray) -> Scale:
    """Far from the target |d| − β/2 may cancel, near it d²/2β does not."""
    error, beta = np.abs(case.args[0] - case.args[1]), case.kwargs.get("beta", 1.0)
    with np.errstate(all="ignore"):
        near = error < 0.99 * beta
        losses = np.where(near, 0.5 * error**2 / beta, error + 0.5 * beta)
        return reduced(losses, np.where(near, error / beta, 1.0), case, dy, 8)


@st.composite
def classification_cases(draw: st.DrawFn, logits: bool) -> Case:
    """Scores with classes in the only axis or the second, targets of either kind, every option."""
    dtype, seed = draw(dtypes), draw(seeds)
    C = draw(st.integers(1, 5))
    leading = draw(st.sampled_from([None, 0, 1, 2, 5]))
    trailing = draw(shapes(0, 2, 3)) if leading is not None else ()
    shape = (C,) if leading is None else (leading, C, *trailing)
    per_sample = () if leading is None else (leading, *trailing)
    random = np.random.default_rng(seed)

    def often() -> bool:  # from the seed, so that rare combinations of options come up
        return bool(random.random() < 0.5)

    scores = values(seed, shape, dtype, draw(scales))
    kwargs: dict[str, Any] = {"reduction": str(random.choice(["none", "mean", "sum"]))} if often() else {}
    if often():
        kwargs["weight"] = np.asarray(random.choice([0.0, 0.3, 1.0, 2.5], C) + 1e-3, dtype=dtype)
    target = np.asarray(random.integers(0, C, per_sample))
    if logits and often():
        kwargs["label_smoothing"] = float(random.choice([0.1, 0.5, 1.0]))
    defined = True
    if logits and often():
        target = np.asarray(random.random(shape), dtype=dtype)
    else:
        ignore = [None, 0, -100][random.integers(3)]
        if ignore is not None:
            kwargs["ignore_index"] = ignore
        if ignore == -100:
            target = np.asarray(np.where(random.random(per_sample) < 0.4, -100, target))
            if often():
                del kwargs["ignore_index"]  # it is the default
        elif not trailing and "label_smoothing" not in kwargs and often():
            target = target.astype(np.uint8)  # PyTorch takes bytes for plain samples only
        defined = bool((target != kwargs.get("ignore_index", -100)).any())  # else the mean is nan
    if logits or not trailing:  # PyTorch's nll_loss fails on images that are not contiguous
        scores = laid_out(scores, draw(layouts))
    return Case(
        (scores, laid_out(target, draw(layouts))),
        kwargs,
        seed=seed,
        dy_scale=draw(dy_scales),
        smooth=defined,
    )


def classification_scale(logits: bool) -> Callable[[Case, np.ndarray], Scale]:
    """S of −Σ w q log p with q the one-hot, smoothed or given probabilities; dlogits = g − p Σ g with g = −w q."""

    def scale(case: Case, dy: np.ndarray) -> Scale:
        scores, target = case.args
        axis = min(scores.ndim - 1, 1)
        C = scores.shape[axis]
        column = (C, *[1] * (scores.ndim - axis - 1))
        w = np.abs(case.kwargs.get("weight", np.ones(C))).reshape(column)
        smoothing = case.kwargs.get("label_smoothing", 0.0)
        if target.dtype.kind == "f":
            q, weights = np.abs(target), None
        else:
            valid = target != case.kwargs.get("ignore_index", -100)
            classes = np.arange(C).reshape(column)
            q = (classes == np.expand_dims(target, axis)) & np.expand_dims(valid, axis)
            weights = np.where(valid, w.reshape(C)[np.where(valid, target, 0)], 0.0)
        q = w * ((1 - smoothing) * q + smoothing / C)
        if logits and scores.size:
            depth, log_total, p = softmax_parts(scores, axis)
            log_p = depth + log_total + 1
            slopes = q + p * log_p * q.sum(axis=axis, keepdims=True)
        else:
            log_p, slopes = np.abs(scores), q
        losses = (q * log_p).sum(axis=axis)
        reduction = case.kwargs.get("reduction", "mean")
        factor = 2 * (8 + C) * logits + 8 + losses.size
        if reduction == "none":
            return Scale(losses, (np.expand_dims(np.abs(dy), axis) * slopes,), factor)
        count = 1.0
        if reduction == "mean":
            count = float(weights.sum()) if weights is not None else losses.size
        with np.errstate(all="ignore"):
            return Scale(np.asarray(losses.sum() / count), (np.abs(dy) * slopes / count,), factor)

    return scale


@st.composite
def binary_cases(draw: st.DrawFn, logits: bool) -> Case:
    """Predictions (probabilities or log-odds) and targets in [0, 1], weights that broadcast."""
    dtype, seed, on_kinks = draw(dtypes), draw(seeds), draw(st.booleans())
    shape, random = draw(shapes()), np.random.default_rng(seed)
    x = values(seed, shape, dtype, draw(scales), awkward(dtype) if on_kinks else ())
    if not logits:
        x = np.asarray(random.random(shape), dtype=dtype)
        if on_kinks:
            x = np.asarray(
                np.where(random.random(shape) < 0.3, random.choice([0.0, 1.0, 1e-30], shape), x), dtype=dtype
            )
    target = np.asarray(random.random(shape), dtype=dtype)
    if draw(st.booleans()):
        target = np.asarray(np.round(target), dtype=dtype)
    kwargs: dict[str, Any] = draw(st.fixed_dictionaries({}, optional={"reduction": reductions}))
    for name in ("weight", "pos_weight") if logits else ("weight",):
        if draw(st.booleans()):
            width = shape[draw(st.integers(0, len(shape))) :]
            kwargs[name] = np.asarray(random.random(width) * 3, dtype=dtype)
    return Case(
        (laid_out(x, draw(layouts)), laid_out(target, draw(layouts))),
        kwargs,
        seed=seed,
        dy_scale=draw(dy_scales),
        smooth=not on_kinks,
    )


def bce_scale(case: Case, dy: np.ndarray) -> Scale:
    """Both logs have one sign; x − t and 1 − x are rounded once."""
    x, target = case.args
    w = np.broadcast_to(case.kwargs.get("weight", np.ones(())), x.shape)
    with np.errstate(all="ignore"):
        losses = w * (target * -np.maximum(np.log(x), -100) + (1 - target) * -np.maximum(np.log1p(-x), -100))
    slopes = w * np.abs(x - target) / np.maximum(x * (1 - x), float(np.float32(1e-12)))
    return reduced(losses, slopes, case, dy, 16)


def bce_with_logits_scale(case: Case, dy: np.ndarray) -> Scale:
    """The terms of both ways to write it, by hand with σ(−x) and PyTorch's with σ(x), on absolute values."""
    x, target = case.args
    w = np.broadcast_to(case.kwargs.get("weight", np.ones(())), x.shape)
    positive = np.broadcast_to(case.kwargs.get("pos_weight", np.ones(())), x.shape)
    v = 1 + np.abs(positive - 1) * target
    losses = w * ((1 - target) * np.abs(x) + v * np.logaddexp(0, -x))
    slopes = w * ((1 - target) + v + positive * target)
    return reduced(losses, slopes, case, dy, 16)


def _large(target: Callable[[tuple[int, ...]], np.ndarray], logits: bool = True) -> Callable[[], Case]:
    def large() -> Case:
        x = values(0, (256, 1000), np.float32)
        return Case((x if logits else expit(x), target(x.shape)))

    return large


def _probabilities(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).random(shape, dtype=np.float32)


def _classes(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).integers(0, shape[1], shape[0])


BETAS = {"beta": st.sampled_from([1.0, 0.25, 4.0, 0.0])}

ROWS = [
    Row("functional.mse_loss", regression_cases(), mse_scale, _large(_probabilities)),
    Row("functional.l1_loss", regression_cases(), l1_scale, _large(_probabilities)),
    Row("functional.smooth_l1_loss", regression_cases(BETAS), smooth_l1_scale, _large(_probabilities)),
    Row("functional.nll_loss", classification_cases(False), classification_scale(False), _large(_classes)),
    Row("functional.cross_entropy", classification_cases(True), classification_scale(True), _large(_classes)),
    Row("functional.binary_cross_entropy", binary_cases(False), bce_scale, _large(_probabilities, logits=False)),
    Row(
        "functional.binary_cross_entropy_with_logits", binary_cases(True), bce_with_logits_scale, _large(_probabilities)
    ),
]
