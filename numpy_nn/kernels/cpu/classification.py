"""Softmax cross entropy in few passes, over classes that lie next to one another or, where they are few, samples."""

from __future__ import annotations

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cpu.layout import plain
from numpy_nn.kernels.cpu.memory import empty

FEW = 64
"""Below so many classes, those of one sample are too short a row for a sum of their own."""

BLOCK = 1 << 17
"""About how many scores are worked on at a time, those of whole samples."""


@formula
def cross_entropy(
    logits: Array,
    target: Array,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[Array, Pullback]:
    """functional.cross_entropy of class indices, its gradient computed with it while the scores are in the cache.

    l = w_t (log s − (x_t − m)),  s = Σ_c e^(x_c − m),  m = max_c x_c;   dx_c = w_t dl (e^(x_c − m) / s − [c = t])

    Few classes lie in memory as (C, N), also in the gradient: what is done with a class is one long row then. The
    gradient for dy = 1 waits for the first backward, which gives it away; a second one computes it once more.
    Takes what functional.cross_entropy does, to which it hands over probabilities, smoothing, bytes for classes,
    images, and what is to be refused.
    Returns what functional.cross_entropy returns, up to rounding. Raises what it raises.
    Goodfellow et al. 2016, section 6.2.2; torch.nn.functional.cross_entropy.
    """
    options = weight, ignore_index, reduction, label_smoothing
    found = _classes(logits, target, *options)
    if found is None:
        return F.cross_entropy(logits, target, *options)
    classes, valid = found
    w, count = None, classes.size if reduction == "mean" else 1
    if valid is not None:
        w = np.where(valid, 1 if weight is None else weight[classes], 0).astype(logits.dtype)
        count = w.sum() if reduction == "mean" else 1
    share = np.empty(classes.size, logits.dtype)  # of dy, for every sample
    share.fill(1 / count)
    if valid is not None:
        share = np.where(valid, w * share, 0)
    losses, slopes = _losses(logits, classes, share)
    if valid is not None:
        losses = np.where(valid, w * losses, 0)
    waiting = [slopes]

    def backward(dy: Array) -> Array:
        dx = waiting.pop() if waiting else _losses(logits, classes, share)[1]
        if dy.ndim or dy != 1:
            if not np.isfinite(dy).all():
                return F.cross_entropy(logits, target, *options)[1](dy)  # 0 for what is ignored, which ∞ · 0 is not
            dx *= dy
        return dx.T.reshape(logits.shape)

    return losses.reshape(target.shape) if reduction == "none" else np.add.reduce(losses) / count, backward


def _losses(logits: Array, classes: Array, share: Array) -> tuple[Array, Array]:
    """−log p of each sample's class, (N,), and the derivatives times the samples' shares, (C, N)."""
    N, C = classes.size, logits.shape[-1]
    scores, dx = logits.reshape(N, C).T, _room(C, N, logits.dtype)
    places = classes * N + np.arange(N) if C < FEW else np.arange(0, N * C, C) + classes  # of the targets in memory
    losses, ones = np.empty(N, logits.dtype), np.ones(C, logits.dtype)
    together = max(BLOCK // C, 1)
    for begin in range(0, N, together):
        part = slice(begin, begin + together)
        x, some = scores[:, part], dx[:, part]
        if C < FEW:
            np.copyto(some, x)
            x = some
        np.subtract(x, np.maximum.reduce(x, axis=0), out=some)
        right = dx.ravel("K").take(places[part])
        np.exp(some, out=some)
        total = np.dot(ones, some)
        np.subtract(np.log(total), right, out=losses[part])
        some *= share[part] / total
    dx.ravel("K")[places] -= share
    return losses, dx


def _room(C: int, N: int, dtype: np.dtype[np.floating]) -> Array:
    """An array of any values, (C, N): its rows in one piece where classes are few, else its columns."""
    return empty((C, N), dtype) if C < FEW else empty((N, C), dtype).T


def _classes(
    logits: Array, target: Array, weight: Array | None, ignore_index: int, reduction: str, label_smoothing: float
) -> tuple[Array, Array | None] | None:
    """The target's classes, (N,), with 0 for the ignored ones, and which are not ignored: None where each counts as 1.

    None alone where it is for the textbook formula to compute, or to refuse.
    """
    if (
        not plain(logits, weight)
        or not 1 <= logits.ndim <= 2
        or not (type(target) is np.ndarray and target.dtype == np.int64 and target.shape == logits.shape[:-1])
        or not (weight is None or weight.shape == logits.shape[-1:])
        or not (type(ignore_index) is int and type(label_smoothing) is float and label_smoothing == 0)
        or not (type(reduction) is str and reduction in ("mean", "sum", "none") and logits.size)
    ):
        return None
    C, classes, valid = logits.shape[-1], target.reshape(-1), None
    if weight is not None or 0 <= ignore_index < C or not _within(classes, C):
        valid = classes != ignore_index
        classes = np.where(valid, classes, 0)
        if not _within(classes, C):
            return None
    return classes, valid


def _within(classes: Array, C: int) -> bool:
    """Whether all classes are in [0, C): negative ones are the largest of all where nothing has a sign."""
    return int(np.maximum.reduce(classes.view(np.uint64))) < C
