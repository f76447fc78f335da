"""The same metrics as a PyTorch user writes them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class PrecisionRecall(NamedTuple):
    """How well each class is found; every tensor (C,), float64, support int64."""

    precision: Tensor
    recall: Tensor
    f1: Tensor
    support: Tensor


def accuracy(predicted: Tensor, target: Tensor) -> float:
    """The share of samples whose class, or highest score, is the target."""
    classes = predicted.argmax(dim=-1) if predicted.is_floating_point() else predicted
    return (classes == target).sum().item() / target.numel()


def top_k_accuracy(scores: Tensor, target: Tensor, k: int = 5) -> float:
    """The share of samples whose target is among the k highest scores; of equal ones the lower class is higher."""
    ranking = scores.sort(dim=-1, descending=True, stable=True).indices[..., :k]
    return (ranking == target.unsqueeze(-1)).any(dim=-1).sum().item() / target.numel()


def confusion_matrix(target: Tensor, predicted: Tensor, num_classes: int) -> Tensor:
    """How many samples of each class (rows) were taken for each class (columns)."""
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64, device=target.device)
    ones = torch.ones(target.numel(), dtype=torch.int64, device=target.device)
    return matrix.index_put_((target.flatten().long(), predicted.flatten().long()), ones, accumulate=True)


def precision_recall(confusion: Tensor) -> PrecisionRecall:
    """Precision, recall, f1 and the number of samples of every class; 0/0 is 0."""
    confusion = confusion.long()
    found, taken, support = confusion.diag().double(), confusion.sum(0), confusion.sum(1)
    precision, recall = (found / taken).nan_to_num(0.0), (found / support).nan_to_num(0.0)
    return PrecisionRecall(precision, recall, (2 * found / (taken + support)).nan_to_num(0.0), support)
