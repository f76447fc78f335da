"""The perceptron in PyTorch: learn from mistakes alone, one sample at a time."""

from __future__ import annotations

import math
import warnings
from typing import NamedTuple, Self

import torch
from torch import Tensor


class ConvergenceWarning(UserWarning):
    """The epochs ran out before one of them passed without a mistake."""


class Mistake(NamedTuple):
    """One step of learning: which sample was wrong, epochs and samples counted from 0, and the weights after it."""

    epoch: int
    sample: int
    weight: Tensor
    bias: Tensor


class Perceptron:
    """A linear classifier of two classes that changes only where it is wrong (Rosenblatt 1958).

    eta: the size of a step, a positive number.
    After fit: weight (1, D) and bias (1,), converged, the mistakes of each epoch, and the history of every one.
    """

    def __init__(self, eta: float = 1.0) -> None:
        if isinstance(eta, bool) or not isinstance(eta, int | float) or not 0 < eta < math.inf:
            raise ValueError(f"eta: expected a positive number, got {eta!r}")
        self.eta = float(eta)

    @torch.no_grad()
    def fit(self, x: Tensor, y: Tensor, max_epochs: int = 1000, *, record: bool = True) -> Self:
        """Learn from zero weights, the samples in order, until an epoch passes without a mistake.

        x: (N, D), floating and finite.  y: (N,), labels {0, 1} or {-1, +1}.  Returns self.
        """
        _check(x, y)
        if isinstance(max_epochs, bool) or not isinstance(max_epochs, int) or max_epochs < 1:
            raise ValueError(f"max_epochs: expected a positive int, got {max_epochs!r}")
        targets = torch.where(y == 1, 1.0, -1.0).to(x)
        weight, bias = x.new_zeros(1, x.shape[1]), x.new_zeros(1)
        mistakes, history = [], []
        for epoch in range(max_epochs):
            mistakes.append(0)
            for index, (sample, target) in enumerate(zip(x, targets, strict=True)):
                score = torch.nn.functional.linear(sample, weight, bias)
                if not score.isfinite():
                    raise ValueError(f"x: {x.dtype} overflows, score {score.item()} in epoch {epoch} at sample {index}")
                if target * score <= 0:
                    weight += self.eta * target * sample
                    bias += self.eta * target
                    mistakes[epoch] += 1
                    if record:
                        history.append(Mistake(epoch, index, weight.clone(), bias.clone()))
            if mistakes[epoch] == 0:
                break
        if not (weight.isfinite().all() and bias.isfinite().all()):
            raise ValueError(f"x: {x.dtype} overflows in epoch {epoch}, the weights are no longer finite")
        self.weight, self.bias = weight, bias
        self.converged, self.mistakes, self.history = mistakes[-1] == 0, mistakes, history
        self._labels = y.unique()  # the other label, then 1
        if not self.converged:
            warnings.warn(
                f"no convergence: {mistakes[-1]} mistakes on {len(x)} samples in the last of {max_epochs} epochs",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def decision_function(self, x: Tensor) -> Tensor:
        """The scores w·x + b of x (N, D): positive on the side of label 1.  Returns (N,)."""
        if not hasattr(self, "weight"):
            raise RuntimeError("Perceptron has no weights yet: call fit first")
        _check(x)
        if x.shape[1] != self.weight.shape[1]:
            raise ValueError(f"x: expected {self.weight.shape[1]} features, as in fit, got {x.shape[1]}")
        if x.dtype != self.weight.dtype:
            raise TypeError(f"x: expected {self.weight.dtype}, as in fit, got {x.dtype}")
        return torch.nn.functional.linear(x, self.weight, self.bias).squeeze(1)

    def predict(self, x: Tensor) -> Tensor:
        """The labels of x (N, D), in the terms of fit's y: 1 where the score is positive, else the other label."""
        positive = self.decision_function(x) > 0
        return self._labels[positive.long()]


def margin(x: Tensor, y: Tensor, weight: Tensor, bias: Tensor) -> float:
    """γ = min sign (w·x + b) / ‖(w, b)‖, the bias counted as the weight of a constant feature 1."""
    hyperplane = torch.cat([weight.flatten(), bias]).double()
    return (_nearest(x, y, hyperplane) / hyperplane.norm()).item()


def mistake_bound(x: Tensor, y: Tensor, weight: Tensor, bias: Tensor) -> float:
    """(R / γ)² with R = max ‖(x, 1)‖: the most mistakes before the classes are separated (Novikoff 1962)."""
    hyperplane = torch.cat([weight.flatten(), bias]).double()
    nearest = _nearest(x, y, hyperplane)
    if nearest <= 0:
        raise ValueError(f"weight, bias: expected to separate the classes, got a sample at sign · score = {nearest}")
    return (_with_one(x).square().sum(1).max() * hyperplane.square().sum() / nearest / nearest).item()


def _with_one(x: Tensor) -> Tensor:
    return torch.nn.functional.pad(x.double(), (0, 1), value=1.0)


def _nearest(x: Tensor, y: Tensor, hyperplane: Tensor) -> Tensor:
    _check(x, y)
    if len(hyperplane) != x.shape[1] + 1:
        raise ValueError(f"weight, bias: expected {x.shape[1]} + 1 numbers, got {len(hyperplane)}")
    squares = hyperplane.square().sum(), _with_one(x).square().sum()
    if squares[0] == 0 or not sum(squares).isfinite():
        raise ValueError("x, weight, bias: expected squares that are finite, and weights that are not all zero")
    return (torch.where(y == 1, 1.0, -1.0) * (_with_one(x) @ hyperplane)).min()


def _check(x: Tensor, y: Tensor | None = None) -> None:
    if not x.is_floating_point():
        raise TypeError(f"x: expected a floating dtype, got {x.dtype}")
    if x.ndim != 2:
        raise ValueError(f"x: expected shape (N, D), got {tuple(x.shape)}")
    if not x.isfinite().all():
        raise ValueError("x: expected finite numbers, got nan or infinity")
    if y is None:
        return
    if y.is_floating_point():
        raise TypeError(f"y: expected integer or boolean labels, got {y.dtype}")
    if y.shape != x.shape[:1]:
        raise ValueError(f"y: expected shape {tuple(x.shape[:1])}, a label for each row of x, got {tuple(y.shape)}")
    if y.unique().tolist() not in ([0, 1], [-1, 1]):
        raise ValueError(f"y: expected labels 0 and 1, or -1 and 1, both present, got {y.unique()[:5].tolist()}")
