"""The calls of functional.cross_entropy that kernels are written for."""

from __future__ import annotations

import numpy as np

from numpy_nn.backend import Array


def of_class_indices(
    logits: Array, target: Array, weight: Array | None, ignore_index: int, reduction: str, label_smoothing: float
) -> bool:
    """Whether it is one int64 class that each sample has, and nothing else in the arguments is out of the ordinary.

    The arguments are those of cross_entropy, of which logits and weight are known to be floating arrays of one kind.
    """
    return bool(
        1 <= logits.ndim <= 2
        and (type(target) is type(logits) and target.dtype == np.int64 and target.shape == logits.shape[:-1])
        and (weight is None or weight.shape == logits.shape[-1:])
        and (type(ignore_index) is int and type(label_smoothing) is float and label_smoothing == 0)
        and (type(reduction) is str and reduction in ("mean", "sum", "none") and logits.size)
    )
