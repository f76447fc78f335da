"""Metrics against PyTorch, and against scikit-learn as a further witness; every number equal to the last bit."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import sklearn.metrics
import torch
from hypothesis import given
from hypothesis import strategies as st

import torch_nn
from numpy_nn import metrics
from numpy_nn.backend import to_device, to_host
from parity_tests.strategies import seeds

INTEGERS = st.sampled_from([np.int64, np.int32, np.uint8])


def drawn_classes(seed: int, classes: int, dtype: Any, shape: tuple[int, ...] = (23,)) -> tuple[np.ndarray, np.ndarray]:
    """Classes and predictions of them, half of which are right; the last class, never predicted, may not occur."""
    random = np.random.default_rng(seed)
    target = random.integers(0, classes, shape)
    guess = random.integers(0, max(classes - 1, 1), shape)
    return target.astype(dtype), np.where(random.random(shape) < 0.5, target % max(classes - 1, 1), guess).astype(dtype)


def drawn_scores(seed: int, classes: int, dtype: Any, shape: tuple[int, ...] = (23,)) -> np.ndarray:
    """Scores with many ties among them."""
    return np.random.default_rng(seed + 1).integers(-2, 3, (*shape, classes)).astype(dtype)


FLOATS = st.sampled_from([np.float32, np.float64])
SHAPES = st.sampled_from([(23,), (1,), (4, 5), ()])


@given(seeds, st.integers(1, 6), INTEGERS, SHAPES)
def test_accuracy_of_classes(seed, classes, dtype, shape):
    target, predicted = drawn_classes(seed, classes, dtype, shape)
    ours = metrics.accuracy(predicted, target)
    assert ours == torch_nn.metrics.accuracy(torch.as_tensor(predicted), torch.as_tensor(target))
    assert ours == sklearn.metrics.accuracy_score(target.ravel(), predicted.ravel())
    assert type(ours) is float


@given(seeds, st.integers(1, 6), FLOATS, SHAPES)
def test_accuracy_of_scores(seed, classes, dtype, shape):
    target, _ = drawn_classes(seed, classes, np.int64, shape)
    scores = drawn_scores(seed, classes, dtype, shape)
    ours = metrics.accuracy(scores, target)
    assert ours == torch_nn.metrics.accuracy(torch.as_tensor(scores), torch.as_tensor(target))
    assert ours == sklearn.metrics.accuracy_score(target.ravel(), scores.reshape(-1, classes).argmax(1))


@given(seeds, st.integers(1, 6), st.integers(1, 6), FLOATS, INTEGERS, SHAPES, st.booleans())
def test_top_k_accuracy(seed, classes, k, dtype, integer, shape, with_nan):
    k = min(k, classes)
    target, _ = drawn_classes(seed, classes, integer, shape)
    scores = drawn_scores(seed, classes, dtype, shape)
    if with_nan:
        scores[np.random.default_rng(seed).random(scores.shape) < 0.2] = np.nan
    ours = metrics.top_k_accuracy(scores, target, k)
    assert ours == torch_nn.metrics.top_k_accuracy(torch.as_tensor(scores), torch.as_tensor(target), k)
    if k == 1:
        assert ours == metrics.accuracy(scores, target)
    if k == classes:
        assert ours == 1


@given(seeds, st.integers(3, 6), st.integers(1, 5))
def test_top_k_accuracy_without_ties_is_scikit_learns(seed, classes, k):
    target, _ = drawn_classes(seed, classes, np.int64)
    scores = np.random.default_rng(seed).standard_normal((23, classes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sklearn.exceptions.UndefinedMetricWarning)  # k of all classes is always right
        expected = sklearn.metrics.top_k_accuracy_score(target, scores, k=min(k, classes), labels=range(classes))
    assert metrics.top_k_accuracy(scores, target, min(k, classes)) == expected


def test_of_equal_scores_the_lower_class_counts_as_higher():
    scores = np.array([[1.0, 3.0, 3.0, 3.0]])
    found = [[metrics.top_k_accuracy(scores, np.array([c]), k) for c in range(4)] for k in (1, 2, 3, 4)]
    assert found == [[0, 1, 0, 0], [0, 1, 1, 0], [0, 1, 1, 1], [1, 1, 1, 1]]


def test_nan_counts_as_the_highest_score():
    scores = np.array([[9.0, np.nan, np.inf]])
    assert [metrics.top_k_accuracy(scores, np.array([c]), 1) for c in range(3)] == [0, 1, 0]
    assert metrics.accuracy(scores, np.array([1])) == 1


def test_top_k_is_five_by_default():
    scores = np.arange(8.0)[None]
    assert [metrics.top_k_accuracy(scores, np.array([c])) for c in (2, 3)] == [0, 1]


@given(seeds, st.integers(1, 6), INTEGERS, SHAPES | st.just((0,)))
def test_confusion_matrix(seed, classes, dtype, shape):
    target, predicted = drawn_classes(seed, classes, dtype, shape)
    ours = metrics.confusion_matrix(target, predicted, classes)
    theirs = torch_nn.metrics.confusion_matrix(torch.as_tensor(target), torch.as_tensor(predicted), classes)
    assert ours.dtype == np.int64
    np.testing.assert_array_equal(ours, theirs.numpy(), strict=True)
    if target.size and classes > 1:  # scikit-learn warns of a single class
        expected = sklearn.metrics.confusion_matrix(target.ravel(), predicted.ravel(), labels=range(classes))
        np.testing.assert_array_equal(ours, expected)


@given(seeds, st.integers(1, 6), INTEGERS)
def test_precision_recall(seed, classes, dtype):
    target, predicted = drawn_classes(seed, classes, np.int64)
    confusion = metrics.confusion_matrix(target, predicted, classes).astype(dtype)
    ours = metrics.precision_recall(confusion)
    theirs = torch_nn.metrics.precision_recall(torch.as_tensor(confusion))
    expected = sklearn.metrics.precision_recall_fscore_support(
        target, predicted, labels=range(classes), zero_division=0
    )
    for name, mine, his, third in zip(ours._fields, ours, theirs, expected, strict=True):
        np.testing.assert_array_equal(mine, his.numpy(), name, strict=True)
        np.testing.assert_array_equal(mine, third, name)


def test_a_class_never_predicted_or_never_there_has_zeros():
    found = metrics.precision_recall(np.array([[3, 0, 0], [1, 0, 0], [0, 0, 0]]))
    assert found.precision.tolist() == [0.75, 0, 0]
    assert found.recall.tolist() == [1, 0, 0]
    assert found.f1.tolist() == [6 / 7, 0, 0]
    assert found.support.tolist() == [3, 1, 0]


def test_a_class_of_one_sample_is_all_right_or_all_wrong():
    found = metrics.precision_recall(np.array([[1, 0], [1, 0]]))
    assert found.precision.tolist() == [0.5, 0]
    assert found.recall.tolist() == [1, 0]


def test_twenty_classes_of_bytes_have_more_pairs_than_a_byte_counts():
    target = np.arange(20, dtype=np.uint8)
    assert np.array_equal(metrics.confusion_matrix(target, target, 20), np.eye(20))


def test_a_matrix_of_bytes_does_not_overflow():
    found = metrics.precision_recall(np.array([[200, 55], [0, 200]], np.uint8))
    assert found.f1.tolist() == [400 / 455, 400 / 455]
    assert found.support.tolist() == [255, 200]


def test_the_array_double_gives_the_same():
    target, predicted = drawn_classes(3, 5, np.uint8)
    scores = drawn_scores(3, 5, np.float32)
    there = [to_device(array, "strict") for array in (target, predicted, scores)]
    assert metrics.accuracy(there[1], there[0]) == metrics.accuracy(predicted, target)
    assert metrics.accuracy(there[2], there[0]) == metrics.accuracy(scores, target)
    assert metrics.top_k_accuracy(there[2], there[0], 2) == metrics.top_k_accuracy(scores, target, 2)
    confusion = metrics.confusion_matrix(there[0], there[1], 5)
    np.testing.assert_array_equal(to_host(confusion), metrics.confusion_matrix(target, predicted, 5))
    expected = metrics.precision_recall(metrics.confusion_matrix(target, predicted, 5))
    for ours, same in zip(metrics.precision_recall(confusion), expected, strict=True):
        np.testing.assert_array_equal(to_host(ours), same)


one, two, scores = np.zeros(1, np.int64), np.zeros(2, np.int64), np.zeros((2, 3))

REFUSED = {
    "accuracy, no array": (TypeError, "predicted: expected an array", lambda: metrics.accuracy([1, 0], two)),
    "accuracy, booleans": (TypeError, "got bool", lambda: metrics.accuracy(two > 0, two)),
    "accuracy, float target": (TypeError, "target: expected .*int64", lambda: metrics.accuracy(two, two.astype(float))),
    "accuracy, other N": (ValueError, r"predicted: expected shape \(2,\)", lambda: metrics.accuracy(one, two)),
    "accuracy, other shape": (ValueError, r"target: expected shape \(2,\)", lambda: metrics.accuracy(scores, one)),
    "accuracy, empty": (ValueError, "at least one sample", lambda: metrics.accuracy(two[:0], two[:0])),
    "accuracy, no scores": (ValueError, "at least one sample and", lambda: metrics.accuracy(scores[:0], two[:0])),
    "accuracy, a number": (ValueError, "predicted: expected shape", lambda: metrics.accuracy(np.array(1.0), two)),
    "top_k, classes": (TypeError, "scores: expected float32", lambda: metrics.top_k_accuracy(two, two, 1)),
    "top_k, k = 0": (ValueError, "k: expected at least 1", lambda: metrics.top_k_accuracy(scores, two, 0)),
    "top_k, k = 4": (ValueError, "k: expected at most 3", lambda: metrics.top_k_accuracy(scores, two, 4)),
    "top_k, class 3": (IndexError, r"target: expected indices", lambda: metrics.top_k_accuracy(scores, two + 3, 1)),
    "confusion, class 2": (IndexError, "predicted: expected", lambda: metrics.confusion_matrix(two, two + 2, 2)),
    "confusion, class -1": (IndexError, "target: expected", lambda: metrics.confusion_matrix(two - 1, two, 2)),
    "confusion, no class": (
        ValueError,
        "num_classes: expected at least 1",
        lambda: metrics.confusion_matrix(two, two, 0),
    ),
    "confusion, other N": (ValueError, "predicted: expected shape", lambda: metrics.confusion_matrix(two, one, 2)),
    "precision, no square": (ValueError, r"expected shape \(C, C\)", lambda: metrics.precision_recall(two[None])),
    "precision, one row": (ValueError, r"expected shape \(C, C\)", lambda: metrics.precision_recall(two)),
    "precision, a cube": (
        ValueError,
        r"expected shape \(C, C\)",
        lambda: metrics.precision_recall(np.zeros((2, 2, 2), int)),
    ),
    "scores, float target": (TypeError, "target: expected .*int64", lambda: metrics.accuracy(scores, two * 1.0)),
    "top_k, float target": (
        TypeError,
        "target: expected .*int64",
        lambda: metrics.top_k_accuracy(scores, two * 1.0, 1),
    ),
    "confusion, floats": (
        TypeError,
        "predicted: expected .*int64",
        lambda: metrics.confusion_matrix(two, two * 1.0, 2),
    ),
    "precision, floats": (TypeError, "confusion: expected", lambda: metrics.precision_recall(np.eye(2))),
    "devices": (ValueError, "on cpu like target", lambda: metrics.accuracy(to_device(two, "strict"), two)),
    "devices of scores": (ValueError, "on strict like", lambda: metrics.accuracy(to_device(scores, "strict"), two)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_prediction_is_refused(what: str) -> None:
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call()
