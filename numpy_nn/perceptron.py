"""The perceptron: learn from mistakes alone, one sample at a time."""

from __future__ import annotations

import math
import warnings
from typing import NamedTuple, Self

from numpy_nn.backend import Array, array_module, device_of, is_array, item, silent, to_host


class ConvergenceWarning(UserWarning):
    """The epochs ran out before one of them passed without a mistake."""


class Mistake(NamedTuple):
    """One step of learning: which sample was wrong, epochs and samples counted from 0, and the weights after it."""

    epoch: int
    sample: int
    weight: Array  # (1, D)
    bias: Array  # (1,)


class Perceptron:
    """A linear classifier of two classes that changes only where it is wrong.

    score = w·x + b;   on a mistake, sign · score ≤ 0:   w ← w + eta · sign · x,   b ← b + eta · sign

    sign is +1 for label 1 and −1 for the other label. A score of exactly 0 is a mistake in learning and the other
    label in prediction, as in sklearn.linear_model.Perceptron(shuffle=False, tol=None), which ends at the same weights.
    Where a hyperplane separates the classes, the mistakes are at most `mistake_bound`, whatever eta is.

    eta: the size of a step, a positive number; ValueError otherwise.
    After fit: weight (1, D) and bias (1,), named and shaped as in torch.nn.Linear(D, 1); converged, whether the last
    epoch passed without a mistake; mistakes, how many each epoch made; history, a `Mistake` for each, in order.
    Rosenblatt 1958, Psychological Review 65(6); the rule as Novikoff 1962 states it.
    """

    weight: Array
    bias: Array
    converged: bool
    mistakes: list[int]
    history: list[Mistake]

    def __init__(self, eta: float = 1.0) -> None:
        if isinstance(eta, bool) or not isinstance(eta, int | float) or not 0 < eta < math.inf:
            raise ValueError(f"eta: expected a positive number, got {eta!r}")
        self.eta = float(eta)

    def fit(self, x: Array, y: Array, max_epochs: int = 1000, *, record: bool = True) -> Self:
        """Learn from zero weights, the samples in order, until an epoch passes without a mistake.

        x: (N, D), floating and finite; the weights take its dtype and device.  y: (N,), integers or booleans: labels
        {0, 1} or {−1, +1}, both present.  max_epochs: a positive int.  record: keep the history, D + 1 numbers for
        every mistake.  Returns self.
        Warns with ConvergenceWarning where max_epochs ended the learning. Raises ValueError or TypeError for other
        input, and ValueError where a number overflows; what was learned before then stays.
        """
        _check_samples(x)
        other_label, signs = _signs(x, y)
        if isinstance(max_epochs, bool) or not isinstance(max_epochs, int) or max_epochs < 1:
            raise ValueError(f"max_epochs: expected a positive int, got {max_epochs!r}")
        xp = array_module(x)
        weight, bias = xp.zeros((1, x.shape[1]), dtype=x.dtype), xp.zeros(1, dtype=x.dtype)
        mistakes: list[int] = []
        history: list[Mistake] = []
        with silent():
            for epoch in range(max_epochs):
                mistakes.append(0)
                for index, sign in enumerate(signs):
                    score = item(weight @ x[index] + bias)
                    if not math.isfinite(score):
                        raise ValueError(f"x: {x.dtype} overflows, score {score} in epoch {epoch} at sample {index}")
                    if sign * score <= 0:
                        weight = weight + self.eta * sign * x[index]
                        bias = bias + self.eta * sign
                        mistakes[epoch] += 1
                        if record:
                            history.append(Mistake(epoch, index, weight, bias))
                if mistakes[epoch] == 0:
                    break
        if not item(xp.isfinite(weight).all() & xp.isfinite(bias).all()):
            raise ValueError(f"x: {x.dtype} overflows in epoch {epoch}, the weights are no longer finite")
        self.weight, self.bias = weight.copy(), bias.copy()  # so that changing them leaves the history as it was
        self.converged, self.mistakes, self.history = mistakes[-1] == 0, mistakes, history
        self._other_label, self._label_dtype = other_label, y.dtype
        if not self.converged:
            warnings.warn(
                f"no convergence: {mistakes[-1]} mistakes on {len(signs)} samples in the last of {max_epochs} epochs",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def decision_function(self, x: Array) -> Array:
        """The scores w·x + b: positive on the side of label 1.

        x: (N, D), finite, of the dtype and device of the weights.  Returns (N,).
        Raises RuntimeError before fit, ValueError or TypeError for other input.
        """
        if not hasattr(self, "weight"):
            raise RuntimeError("Perceptron has no weights yet: call fit first")
        _check_samples(x)
        if x.shape[1] != self.weight.shape[1]:
            raise ValueError(f"x: expected {self.weight.shape[1]} features, as in fit, got {x.shape[1]}")
        if x.dtype != self.weight.dtype:
            raise TypeError(f"x: expected {self.weight.dtype}, as in fit, got {x.dtype}")
        if device_of(x) != device_of(self.weight):
            raise ValueError(f"x: expected on {device_of(self.weight)}, as in fit, got {device_of(x)}")
        with silent():
            return (x @ self.weight.T + self.bias)[:, 0]  # (N, D) @ (D, 1) -> (N,)

    def predict(self, x: Array) -> Array:
        """The labels, in the terms of fit's y: 1 where the score is positive, else the other label.

        x: as in decision_function.  Returns (N,), of y's dtype.
        """
        scores = self.decision_function(x)
        return array_module(x).where(scores > 0, 1, self._other_label).astype(self._label_dtype)


def margin(x: Array, y: Array, weight: Array, bias: Array) -> float:
    """How far the nearest sample is from the hyperplane, the bias counted as the weight of a constant feature 1.

    γ = min_i sign_i (w·x_i + b) / ‖(w, b)‖

    x, y: as in Perceptron.fit.  weight: (1, D), bias: (1,), not all zero.  Positive where the hyperplane separates the
    classes. Computed in float64. Raises ValueError or TypeError for other input.
    """
    nearest, _, norm_squared = _separation(x, y, weight, bias)
    return nearest / math.sqrt(norm_squared)


def mistake_bound(x: Array, y: Array, weight: Array, bias: Array) -> float:
    """The most mistakes that a perceptron can make before it separates the classes.

    mistakes ≤ (R / γ)²,   R = max_i ‖(x_i, 1)‖,   γ the margin of any hyperplane (w, b) that separates them

    x, y, weight, bias: as in `margin`. The widest margin gives the sharpest bound. Computed in float64 as
    R² ‖(w, b)‖² / (γ ‖(w, b)‖)², without a root, so that small whole numbers give it exactly.
    Raises ValueError where the hyperplane does not separate the classes. Novikoff 1962, On convergence proofs for
    perceptrons.
    """
    nearest, R_squared, norm_squared = _separation(x, y, weight, bias)
    if nearest <= 0:
        raise ValueError(f"weight, bias: expected to separate the classes, got a sample at sign · score = {nearest}")
    return R_squared * norm_squared / nearest / nearest


def _separation(x: Array, y: Array, weight: Array, bias: Array) -> tuple[float, float, float]:
    """min_i sign_i (w·x_i + b), max_i ‖(x_i, 1)‖² and ‖(w, b)‖², in float64."""
    _check_samples(x)
    _, signs = _signs(x, y)
    for name, array, shape in (("weight", weight, (1, x.shape[1])), ("bias", bias, (1,))):
        if not is_array(array) or array.shape != shape:
            raise ValueError(f"{name}: expected an array of shape {shape}, got {getattr(array, 'shape', array)}")
    x, weight, bias = (to_host(array).astype("float64") for array in (x, weight, bias))
    with silent():
        nearest = float((signs * (x @ weight[0] + bias)).min())
        R_squared = float((x * x).sum(axis=1).max()) + 1
        norm_squared = float((weight * weight).sum() + (bias * bias).sum())
    if norm_squared == 0 or not math.isfinite(nearest + R_squared + norm_squared):
        raise ValueError("x, weight, bias: expected squares that are finite, and weights that are not all zero")
    return nearest, R_squared, norm_squared


def _check_samples(x: Array) -> None:
    if not is_array(x):
        raise TypeError(f"x: expected an array, got {type(x).__name__}")
    if x.dtype.kind != "f":
        raise TypeError(f"x: expected a floating dtype, got {x.dtype}")
    if x.ndim != 2:
        raise ValueError(f"x: expected shape (N, D), got {x.shape}")
    if not item(array_module(x).isfinite(x).all()):
        raise ValueError("x: expected finite numbers, got nan or infinity")


def _signs(x: Array, y: Array) -> tuple[int, list[int]]:
    """The label that is not 1, and for each sample +1 for label 1 and −1 for the other."""
    if not is_array(y):
        raise TypeError(f"y: expected an array, got {type(y).__name__}")
    if y.dtype.kind not in "biu":
        raise TypeError(f"y: expected integer or boolean labels, got {y.dtype}")
    if y.shape != x.shape[:1]:
        raise ValueError(f"y: expected shape {x.shape[:1]}, a label for each row of x, got {y.shape}")
    if device_of(y) != device_of(x):
        raise ValueError(f"y: expected on {device_of(x)}, where x is, got {device_of(y)}")
    labels = to_host(y).tolist()
    found = sorted(set(labels))
    if found not in ([0, 1], [-1, 1]):
        raise ValueError(f"y: expected labels 0 and 1, or -1 and 1, both present, got {found[:5]}")
    return found[0], [1 if label == 1 else -1 for label in labels]
