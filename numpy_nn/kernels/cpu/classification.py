"""Softmax cross entropy in few passes, over classes that lie next to one another or, where they are few, samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.class_indices import of_class_indices
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
    if not plain(logits, weight) or not of_class_indices(logits, target, *options):
        return F.cross_entropy(logits, target, *options)
    C, classes = logits.shape[-1], target.reshape(-1)
    w, count = None, classes.size if reduction == "mean" else 1
    if weight is not None or 0 <= ignore_index < C or not _within(classes, C):
        valid = classes != ignore_index
        classes = np.where(valid, classes, 0)
        if not _within(classes, C):
            return F.cross_entropy(logits, target, *options)
        w = np.where(valid, 1 if weight is None else weight[classes], 0).astype(logits.dtype)
        count = w.sum() if reduction == "mean" else 1
    share = logits.dtype.type(1 / count)  # of dy, for every sample
    if w is not None:
        share = np.where(valid, w * share, 0)
    losses, slopes = _losses(logits, classes, share)
    if w is not None:
        losses = np.where(valid, w * losses, 0)
    waiting = [slopes]

    def backward(dy: Array) -> Array:
        dx = waiting.pop() if waiting else _losses(logits, classes, share)[1]
        if dy.ndim or dy.item() != 1:
            if not np.isfinite(dy).all():
                return F.cross_entropy(logits, target, *options)[1](dy)  # 0 for what is ignored, which ∞ · 0 is not
            dx *= dy
        return dx.T.reshape(logits.shape)

    return losses.reshape(target.shape) if reduction == "none" else np.add.reduce(losses) / count, backward


def _losses(logits: Array, classes: Array, share: Any) -> tuple[Array, Array]:
    """−log p of each sample's class, (N,), and the derivatives times the samples' shares, (C, N).

    The shares are (N,), or one number for all. Of few classes the rows of the derivatives lie in one piece in memory,
    of many the columns.
    """
    N, C = classes.size, logits.shape[-1]
    scores, losses = logits.reshape(N, C).T, np.empty(N, logits.dtype)
    if C < FEW:
        dx, places = empty((C, N), logits.dtype), classes * N
        places += np.arange(N)
    else:
        dx, places = empty((N, C), logits.dtype).T, np.arange(0, N * C, C)
        places += classes
    memory, together = dx.ravel("K"), max(BLOCK // C, 1)
    if together >= N:
        _block(scores, share, memory, places, dx, losses)
    else:
        for begin in range(0, N, together):
            part = slice(begin, begin + together)
            some = share[part] if share.ndim else share
            _block(scores[:, part], some, memory, places[part], dx[:, part], losses[part])
    memory[places] -= share
    return losses, dx


def _block(scores: Array, share: Any, memory: Array, places: Array, dx: Array, losses: Array) -> None:
    """What _losses says, of some of the samples, written to dx and losses; but for the 1 of the right class.

    memory: all the derivatives as they lie, where those of the right classes have these places.
    """
    few = len(dx) < FEW
    if few:
        dx[...] = scores
        scores = dx
    np.subtract(scores, np.maximum.reduce(scores, axis=0), out=dx)
    right = memory.take(places)
    np.exp(dx, out=dx)
    total = np.add.reduce(dx, axis=0) if few else np.dot(np.ones(len(dx), dx.dtype), dx)
    np.subtract(np.log(total), right, out=losses)
    dx *= share / total


def _within(classes: Array, C: int) -> bool:
    """Whether all classes are in [0, C): negative ones are the largest of all where nothing has a sign."""
    return int(np.maximum.reduce(classes.view(np.uint64))) < C
