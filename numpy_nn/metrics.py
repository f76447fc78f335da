"""How good predictions are: accuracy, the confusion matrix, and precision and recall of every class."""

from __future__ import annotations

from typing import NamedTuple

from numpy_nn.backend import Array, array_module, device_of, is_array, item
from numpy_nn.functional import checks

CLASSES = ("int64", "int32", "uint8")


class PrecisionRecall(NamedTuple):
    """How well each class is found; every array (C,), float64, support int64."""

    precision: Array
    recall: Array
    f1: Array
    support: Array


def accuracy(predicted: Array, target: Array) -> float:
    """The share of samples whose class is the target: a number in [0, 1].

    accuracy = Σ [class = target] / N

    predicted: (..., C), scores, the highest of which is the class, the first of several; or (...), the classes.
    target: (...), int64, int32 or uint8.
    Raises ValueError where shapes or devices differ or there is no sample, TypeError for other dtypes.
    sklearn.metrics.accuracy_score.
    """
    if is_array(predicted) and predicted.dtype.name in CLASSES:
        classes = predicted
        _check("predicted", target, classes)
    else:
        _check_scores("predicted", predicted, target)
        classes = predicted.argmax(axis=-1)
    return item((classes == target).sum()) / target.size


def top_k_accuracy(scores: Array, target: Array, k: int = 5) -> float:
    """The share of samples whose target is among the k classes with the highest scores: a number in [0, 1].

    rank = classes with a higher score + classes with the same score and a lower number;   Σ [rank < k] / N

    Of equal scores the lower class counts as higher, as argmax has it, so that k = 1 is accuracy; so does nan, of all.
    scores: (..., C), floating.  target: (...), int64, int32 or uint8, in [0, C).  k: in [1, C].
    Raises ValueError where shapes or devices differ, there is no sample, or k is out of range, TypeError for other
    dtypes, IndexError for a target that is no class.
    sklearn.metrics.top_k_accuracy_score, which breaks ties the other way; torch.topk leaves them open.
    """
    _check_scores("scores", scores, target)
    xp, C = array_module(scores), scores.shape[-1]
    if checks.integer("k", k, low=1) > C:
        raise ValueError(f"k: expected at most {C}, the number of classes, got {k}")
    checks.in_range("target", target, C)
    place = target[..., None].astype("int64")
    own = xp.take_along_axis(scores, place, axis=-1)
    higher = (scores > own) | (xp.isnan(scores) & ~xp.isnan(own))
    equal = (scores == own) | (xp.isnan(scores) & xp.isnan(own))
    rank = (higher | (equal & (xp.arange(C) < place))).sum(axis=-1)
    return item((rank < k).sum()) / target.size


def confusion_matrix(target: Array, predicted: Array, num_classes: int) -> Array:
    """How many samples of each class were taken for each class.

    M[i, j] = Σ [target = i] [predicted = j]

    target, predicted: any shape, the same, int64, int32 or uint8, in [0, num_classes).
    Returns M, (num_classes, num_classes), int64: rows are true, columns predicted.
    Raises ValueError where shapes or devices differ, TypeError for other dtypes, IndexError for classes out of range.
    sklearn.metrics.confusion_matrix.
    """
    C = checks.integer("num_classes", num_classes, low=1)
    _check("predicted", target, predicted, empty=True)
    checks.in_range("target", target, C)
    checks.in_range("predicted", predicted, C)
    pairs = target.astype("int64").ravel() * C + predicted.astype("int64").ravel()
    counted: Array = array_module(pairs).bincount(pairs, minlength=C * C)
    return counted.reshape(C, C).astype("int64", copy=False)


def precision_recall(confusion: Array) -> PrecisionRecall:
    """Precision, recall, their harmonic mean and the number of samples, class by class.

    precision = tp / (tp + fp);   recall = tp / (tp + fn);   f1 = 2 tp / (2 tp + fp + fn);   support = tp + fn

    0/0, of a class that was never predicted or does not occur, is 0.
    confusion: (C, C), integers, rows true and columns predicted, see confusion_matrix.  Returns four arrays, each (C,).
    Raises ValueError unless it is square, TypeError for other dtypes.
    sklearn.metrics.precision_recall_fscore_support with zero_division=0.
    """
    checks.indices("confusion", confusion, *CLASSES)
    if confusion.ndim != 2 or confusion.shape[0] != confusion.shape[1]:
        raise ValueError(f"confusion: expected shape (C, C), got {confusion.shape}")
    confusion = confusion.astype("int64")  # twice a uint8 would not fit
    found = confusion.diagonal()
    taken, support = confusion.sum(axis=0), confusion.sum(axis=1)
    return PrecisionRecall(_share(found, taken), _share(found, support), _share(2 * found, taken + support), support)


def _share(part: Array, whole: Array) -> Array:
    """part / whole, and 0 where the whole is empty."""
    return part / array_module(whole).maximum(whole, 1)


def _check_scores(name: str, scores: Array, target: Array) -> None:
    checks.floating(optional=None, **{name: scores})
    if not scores.ndim:
        raise ValueError(f"{name}: expected shape (..., C), got {scores.shape}")
    checks.indices("target", target, *CLASSES)
    _check_place("target", target, name, scores)
    checks.shape("target", target, scores.shape[:-1], f"a class for each row of {name}")
    if not scores.size:
        raise ValueError(f"{name}: expected at least one sample and one class, got shape {scores.shape}")


def _check(name: str, target: Array, classes: Array, empty: bool = False) -> None:
    checks.indices("target", target, *CLASSES)
    checks.indices(name, classes, *CLASSES)
    _check_place(name, classes, "target", target)
    checks.shape(name, classes, target.shape, "like target")
    if not empty and not target.size:
        raise ValueError(f"target: expected at least one sample, got shape {target.shape}")


def _check_place(name: str, array: Array, other: str, beside: Array) -> None:
    if device_of(array) != device_of(beside):
        raise ValueError(
            f"{name}: expected an array on {device_of(beside)} like {other}, got one on {device_of(array)}"
        )
