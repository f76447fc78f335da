"""The first convolutional network: LeNet-5, with what is used in its place today."""

from __future__ import annotations

import numpy as np

from numpy_nn.backend import Array, DTypeLike, is_array
from numpy_nn.modules import Conv2d, Dropout, Flatten, Linear, MaxPool2d, Module, ReLU


class LeNet(Module):
    """Two convolutions of 5×5, each pooled by half, then three fully connected layers.

    28 × 28 —conv1→ 6 × 28 × 28 —pool1→ 6 × 14 × 14 —conv2→ 16 × 10 × 10 —pool2→ 16 × 5 × 5 = 400 → 120 → 84 → logits

    x: (N, in_channels, 28, 28) -> logits: (N, num_classes).  dropout: the probability p behind each hidden fully
    connected layer; 0 drops nothing.  Raises ValueError for images of another shape.
    LeCun, Bottou, Bengio and Haffner 1998, figure 2, with ReLU for tanh, max-pooling for subsampling, every channel of
    conv1 seen by every one of conv2, and a linear layer for the radial basis functions at the end.
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_channels: int = 1,
        dropout: float = 0.0,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        self.conv1 = Conv2d(in_channels, 6, 5, padding=2, device=device, dtype=dtype)
        self.relu1 = ReLU()
        self.pool1 = MaxPool2d(2)
        self.conv2 = Conv2d(6, 16, 5, device=device, dtype=dtype)
        self.relu2 = ReLU()
        self.pool2 = MaxPool2d(2)
        self.flatten = Flatten()
        self.fc1 = Linear(400, 120, device=device, dtype=dtype)
        self.relu3 = ReLU()
        self.dropout1 = Dropout(dropout)
        self.fc2 = Linear(120, 84, device=device, dtype=dtype)
        self.relu4 = ReLU()
        self.dropout2 = Dropout(dropout)
        self.fc3 = Linear(84, num_classes, device=device, dtype=dtype)

    def forward(self, x: Array) -> Array:
        """Scores for each class, before the softmax."""
        channels = self.conv1.in_channels
        if not is_array(x) or x.ndim != 4 or x.shape[1:] != (channels, 28, 28):
            got = x.shape if is_array(x) else type(x).__name__
            raise ValueError(f"x: expected images (N, {channels}, 28, 28), got {got}")
        x = self.pool1(self.relu1(self.conv1(x)))
        x = self.flatten(self.pool2(self.relu2(self.conv2(x))))
        x = self.dropout1(self.relu3(self.fc1(x)))
        x = self.dropout2(self.relu4(self.fc2(x)))
        return self.fc3(x)

    def backward(self, dy: Array) -> Array:
        """From the gradient of the scores to that of x: the forward's steps in reverse."""
        dy = self.fc3.backward(dy)
        dy = self.fc2.backward(self.relu4.backward(self.dropout2.backward(dy)))
        dy = self.fc1.backward(self.relu3.backward(self.dropout1.backward(dy)))
        dy = self.conv2.backward(self.relu2.backward(self.pool2.backward(self.flatten.backward(dy))))
        return self.conv1.backward(self.relu1.backward(self.pool1.backward(dy)))
