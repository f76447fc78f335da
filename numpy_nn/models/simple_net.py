"""The first network: two fully connected layers."""

from __future__ import annotations

import numpy as np

from numpy_nn.backend import Array, DTypeLike
from numpy_nn.modules import Dropout, Linear, Module, ReLU


class SimpleNet(Module):
    """Two fully connected layers with a ReLU between them, and dropout behind it where asked for.

    logits = W₂ dropout(relu(W₁ x + b₁)) + b₂

    x: (..., in_features) -> logits: (..., out_features).  dropout: the probability p; 0 drops nothing.
    """

    def __init__(
        self,
        in_features: int = 784,
        hidden_features: int = 128,
        out_features: int = 10,
        dropout: float = 0.0,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        self.fc1 = Linear(in_features, hidden_features, device=device, dtype=dtype)
        self.relu = ReLU()
        self.dropout = Dropout(dropout)
        self.fc2 = Linear(hidden_features, out_features, device=device, dtype=dtype)

    def forward(self, x: Array) -> Array:
        """Scores for each class, before the softmax."""
        hidden = self.dropout(self.relu(self.fc1(x)))
        return self.fc2(hidden)

    def backward(self, dy: Array) -> Array:
        """From the gradient of the scores to that of x: the forward's steps in reverse."""
        dhidden = self.fc2.backward(dy)
        return self.fc1.backward(self.relu.backward(self.dropout.backward(dhidden)))
