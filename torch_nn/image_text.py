"""CLIP in the small, as a torch.nn module; autograd does the backward."""

from __future__ import annotations

from math import log

import torch
from torch import Tensor, nn


class ImageText(nn.Module):
    """Images, by a network of two layers, and words, by a table, in one space."""

    def __init__(
        self,
        in_features: int = 64,
        hidden_features: int = 128,
        words: int = 20,
        dimensions: int = 16,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden_features, device=device, dtype=dtype)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden_features, dimensions, device=device, dtype=dtype)
        self.words = nn.Embedding(words, dimensions, device=device, dtype=dtype)
        nn.init.normal_(self.words.weight, std=0.02)
        self.logit_scale = nn.Parameter(torch.tensor(log(1 / 0.07), device=device, dtype=dtype))

    def encode_image(self, images: Tensor) -> Tensor:
        """Where images are in the space."""
        return self.fc2(self.relu(self.fc1(images)))

    def encode_text(self, words: Tensor) -> Tensor:
        """Where words are in the space."""
        return self.words(words)

    def forward(self, images: Tensor, words: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Image vectors, word vectors and the scale of their cosines."""
        return self.encode_image(images), self.encode_text(words), self.logit_scale.exp()
