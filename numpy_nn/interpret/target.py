"""Which class is asked about, and the gradient that its score starts with."""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy_nn.backend import Array, array_module, is_array
from numpy_nn.functional import checks

Target: TypeAlias = int | Array | None
"""One class for all samples, an array (N,) with one for each, or None: the class with the highest score."""


def classes(scores: Array, target: Any) -> Array:
    """The class asked about for each sample, (N,), int64.

    scores: (N, C).  Raises TypeError or ValueError for another target, IndexError for one outside [0, C), ValueError
    for scores of another shape.
    """
    if not is_array(scores) or scores.ndim != 2 or not scores.shape[1]:
        got = scores.shape if is_array(scores) else type(scores).__name__
        raise ValueError(f"model: expected one whose output is scores (N, classes), got {got}")
    xp, C = array_module(scores), scores.shape[1]
    if target is None:
        return scores.argmax(axis=1)
    if is_array(target) and target.ndim:
        checks.indices("target", target, "int64", "int32", "uint8")
        checks.shape("target", target, scores.shape[:1], "a class for each sample of x")
        checks.in_range("target", target, C)
        return target.astype("int64", copy=False)
    if not 0 <= checks.integer("target", target) < C:
        raise IndexError(f"target: expected indices in [0, {C}), got {target}")
    return xp.full(len(scores), int(target), dtype="int64")


def one_class(scores: Array, target: Target) -> Array:
    """The gradient of the sum of each sample's score for its class: like scores, one 1 in each row, else 0."""
    xp = array_module(scores)
    dscores = xp.zeros_like(scores)
    dscores[xp.arange(len(scores)), classes(scores, target)] = 1
    return dscores
