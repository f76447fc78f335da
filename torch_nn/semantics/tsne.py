"""t-SNE, its gradient by autograd."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from torch_nn.semantics.projection import pca


class Map(NamedTuple):
    """Where the points of a map lie, and how far its neighbours are from those wanted."""

    y: Tensor
    divergence: float


def joint_probabilities(x: Tensor, perplexity: float = 30.0) -> Tensor:
    """How likely two points are to be neighbours, (N, N) float64."""
    d = (x[:, None].double() - x.double()).square().sum(2)
    others = ~torch.eye(len(x), dtype=torch.bool)
    d = d[others].reshape(len(x), -1)
    d = d - d.amin(1, keepdim=True)
    spread = d.mean(1, keepdim=True)
    low, high = torch.full_like(spread, -100.0), torch.full_like(spread, 100.0)  # of log β, in units of the spread
    for _ in range(64):
        middle = (low + high) / 2
        log_p = F.log_softmax(-middle.exp() * d / torch.where(spread > 0, spread, 1.0), dim=1)
        wide = -(log_p.exp() * log_p.clamp(min=-1e300)).sum(1, keepdim=True) > math.log(perplexity)
        low, high = torch.where(wide, middle, low), torch.where(wide, high, middle)
    p = torch.zeros(len(x), len(x), dtype=torch.float64).masked_scatter(others, log_p.exp())
    return (p + p.T) / (2 * len(x))


def tsne_divergence(y: Tensor, p: Tensor) -> Tensor:
    """Σ p log(p / s) + log Σ s over Student's s = 1 / (1 + |y_i − y_j|²): the KL divergence where Σ p = 1."""
    others = ~torch.eye(len(y), dtype=torch.bool)
    log_s = -torch.log1p((y[:, None] - y).square().sum(2))[others]
    return (torch.xlogy(p[others], p[others]) - p[others] * log_s).sum() + log_s.logsumexp(0)


def tsne(
    x: Tensor,
    dim: int = 2,
    perplexity: float = 30.0,
    *,
    iterations: int = 1000,
    learning_rate: float | None = None,
    early_exaggeration: float = 12.0,
    early_iterations: int = 250,
    start: Tensor | None = None,
) -> Map:
    """Places in few dimensions, by gradient descent with momentum and a gain for each coordinate."""
    usual = max(len(x) / (4 * early_exaggeration), min(len(x) / 8, 50.0))
    rate = usual if learning_rate is None else learning_rate
    p = joint_probabilities(x, perplexity).to(x.dtype)
    if start is None:
        found = pca(x, dim)
        start = (x - found.mean) @ found.components.T
        start = start / start[:, 0].std(correction=0) * 1e-4
    y, v, gain = start.clone(), torch.zeros_like(start), torch.ones_like(start)
    for iteration in range(iterations):
        early = iteration < early_iterations
        y.requires_grad_()
        (gradient,) = torch.autograd.grad(tsne_divergence(y, p * early_exaggeration if early else p), y)
        with torch.no_grad():
            gain = torch.where(gradient * v < 0, gain + 0.2, gain * 0.8).clamp(min=0.01)
            v = (0.5 if early else 0.8) * v - rate * gain * gradient
            y = y + v
            y = y - y.mean(0)
    return Map(y.detach(), tsne_divergence(y, p).item())
