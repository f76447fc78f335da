"""Losses for a choice among classes."""

from __future__ import annotations

from numpy_nn.backend import Array, array_module, device_of, is_array
from numpy_nn.functional import checks
from numpy_nn.functional.activations.softmax import log_softmax
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.losses.reduction import reduce


@formula
def nll_loss(
    log_p: Array,
    target: Array,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> tuple[Array, Pullback]:
    """Negative log likelihood of the right class.

    l = −w_t log p_t;   dl/dlog p_c = −w_t if c = t else 0;   the mean is Σ l / Σ w_t, over targets not ignored

    log_p: (C,), (N, C) or (N, C, ...), floating, log probabilities.  target: log_p's shape without C, int64 or uint8,
    in [0, C) or ignore_index.  weight: (C,) or None.  reduction: "none", "mean" or "sum".
    Returns the loss (0-d, or like target for "none") and backward(dy) -> dlog_p, like log_p.
    Raises IndexError for a target out of range, TypeError for other dtypes, ValueError for other shapes or reductions.
    torch.nn.functional.nll_loss: with every target ignored the mean is nan and its gradient 0.
    """
    xp = checks.floating(log_p=log_p, optional={"weight": weight})
    checks.integer("ignore_index", ignore_index)
    axis = _class_axis("log_p", log_p, weight)
    target, valid = _checked_target(target, log_p, axis, ignore_index)
    w = xp.where(valid, 1 if weight is None else weight[target], 0).astype(log_p.dtype)  # w_t, like target

    picked = xp.take_along_axis(log_p, xp.expand_dims(target, axis), axis).squeeze(axis)  # -> like target
    loss, spread = reduce(xp.where(valid, -w * picked, 0), reduction, count=w.sum())

    def backward(dy: Array) -> Array:
        dpicked = xp.where(valid, -w * spread(dy), 0)
        classes = _class_column(xp.arange(log_p.shape[axis]), log_p, axis)
        right = classes == xp.expand_dims(target, axis)  # one-hot, like log_p
        return xp.where(right, xp.expand_dims(dpicked, axis), 0)

    return loss, backward


@formula
def cross_entropy(
    logits: Array,
    target: Array,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[Array, Pullback]:
    """Cross entropy between softmax(logits) and the target classes or class probabilities.

    indices:        l = −(1−ε) w_t log p_t − (ε/C) Σ_c w_c log p_c;   mean: Σ l / Σ w_t over targets not ignored
    probabilities:  l = −Σ_c w_c q_c log p_c,  q = (1−ε) target + ε/C;   mean: Σ l / N
    with log p = log_softmax(logits);   for plain indices dl/dlogits = p − onehot(t)

    logits: (C,), (N, C) or (N, C, ...), floating.  target: indices (logits' shape without C, int64 or uint8, in [0, C)
    or ignore_index) or probabilities (like logits).  weight: (C,) or None.  reduction: "none", "mean" or "sum".
    label_smoothing: ε in [0, 1].
    Returns the loss (0-d, or logits' shape without C for "none") and backward(dy) -> dlogits, like logits.
    Raises IndexError for a target out of range, TypeError for other dtypes, ValueError for other shapes or options.
    Goodfellow et al. 2016, section 6.2.2; Szegedy et al. 2016, section 7; torch.nn.functional.cross_entropy.
    """
    xp = checks.floating(logits=logits, optional={"weight": weight})
    label_smoothing = checks.probability("label_smoothing", label_smoothing)
    checks.integer("ignore_index", ignore_index)
    axis = _class_axis("logits", logits, weight)
    C = logits.shape[axis]
    log_p, log_softmax_backward = log_softmax(logits, axis)
    w = xp.ones(C, dtype=logits.dtype) if weight is None else weight
    w = _class_column(w, logits, axis)

    if is_array(target) and target.dtype.kind == "f":
        checks.floating(logits=logits, target=target)
        checks.shape("target", target, logits.shape, "probabilities, like logits")
        if ignore_index >= 0:
            raise ValueError(f"ignore_index: expected a negative number with target probabilities, got {ignore_index}")
        q = (1 - label_smoothing) * target + label_smoothing / max(C, 1)
        loss, spread = reduce(-(w * q * log_p).sum(axis=axis), reduction)
        return loss, lambda dy: log_softmax_backward(-w * q * _beside_classes(spread(dy), axis))

    nll, nll_backward = nll_loss(log_p, target, weight, ignore_index, reduction)
    if label_smoothing == 0:
        return nll, lambda dy: log_softmax_backward(nll_backward(dy))

    target, valid = _checked_target(target, logits, axis, ignore_index)
    even = xp.where(valid, -(w * log_p).sum(axis=axis), 0)  # every class the target, each as much as the other
    total = xp.where(valid, w.reshape(C)[target], 0).sum()
    even, spread = reduce(even, reduction, count=total)

    def backward(dy: Array) -> Array:
        deven = -w * _beside_classes(xp.where(valid, spread(dy), 0), axis)
        return log_softmax_backward((1 - label_smoothing) * nll_backward(dy) + label_smoothing / C * deven)

    return (1 - label_smoothing) * nll + label_smoothing / C * even, backward


def _class_axis(name: str, scores: Array, weight: Array | None) -> int:
    """Which axis of the scores counts classes: the only one, or the second."""
    if scores.ndim == 0:
        raise ValueError(f"{name}: expected shape (C,), (N, C) or (N, C, ...), got ()")
    axis = min(scores.ndim - 1, 1)
    if weight is not None:
        checks.shape("weight", weight, (scores.shape[axis],), "a weight for each class")
    return axis


def _checked_target(target: Array, scores: Array, axis: int, ignore_index: int) -> tuple[Array, Array]:
    """Target classes as int64 with 0 in place of the ignored ones, and where they are not ignored."""
    checks.indices("target", target, "int64", "uint8")
    if device_of(target) != device_of(scores):
        raise ValueError(f"target: expected an array on {device_of(scores)} like the scores, got {device_of(target)}")
    checks.shape("target", target, scores.shape[:axis] + scores.shape[axis + 1 :], "the scores' shape without classes")
    xp = array_module(target)
    target = target.astype(xp.int64)
    valid = target != ignore_index
    target = xp.where(valid, target, 0)  # rather than target[valid], for whose length a GPU would have to be waited for
    checks.in_range("target", target, scores.shape[axis])
    return target, valid


def _class_column(per_class: Array, scores: Array, axis: int) -> Array:
    """One number for each class, (C,), in the shape (C, 1, ...) that broadcasts against the scores."""
    return per_class.reshape(-1, *[1] * (scores.ndim - axis - 1))


def _beside_classes(per_sample: Array, axis: int) -> Array:
    """One number for each sample, with an axis of length 1 where the classes go; one number for all stays as it is."""
    return array_module(per_sample).expand_dims(per_sample, axis) if per_sample.ndim else per_sample
