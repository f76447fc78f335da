"""Networks as torch.nn modules; autograd does the backward."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn


class SimpleNet(nn.Module):
    """Two fully connected layers with a ReLU between them, and dropout behind it where asked for."""

    def __init__(
        self,
        in_features: int = 784,
        hidden_features: int = 128,
        out_features: int = 10,
        dropout: float = 0.0,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden_features, device=device, dtype=dtype)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(dropout)
        self.fc2 = nn.Linear(hidden_features, out_features, device=device, dtype=dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Scores for each class, before the softmax."""
        return self.fc2(self.dropout(self.relu(self.fc1(x))))


ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu6": nn.ReLU6,
    "selu": nn.SELU,
    "celu": nn.CELU,
    "mish": nn.Mish,
    "hardswish": nn.Hardswish,
    "hardtanh": nn.Hardtanh,
    "softsign": nn.Softsign,
}


class MLP(nn.Sequential):
    """Fully connected layers, with an activation and dropout between each and the next."""

    def __init__(
        self,
        *sizes: int,
        activation: str = "relu",
        dropout: float = 0.0,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        layers: list[nn.Module] = []
        for features, following in pairwise(sizes):
            if layers:
                layers += [ACTIVATIONS[activation](), nn.Dropout(dropout)]
            layers.append(nn.Linear(features, following, device=device, dtype=dtype))
        super().__init__(*layers)
