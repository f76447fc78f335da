"""Images and words in one space."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from numpy_nn import functional as F
from numpy_nn import init
from numpy_nn.backend import Array, DTypeLike, device_module
from numpy_nn.functional.formula import Pullback
from numpy_nn.modules import Embedding, Linear, Module, Parameter, ReLU


class ImageText(Module):
    """CLIP in the small: two encoders, one for images and one for words, that end in the same space.

    image vectors = W₂ relu(W₁ x + b₁) + b₂;   word vectors = rows of a table;   scale = e^logit_scale

    What the model gives is what functional.contrastive_loss takes, and that one's pullback gives what backward takes:

        loss, pullback = F.contrastive_loss(*model(images, words), labels)
        model.backward(pullback())

    images: (N, in_features).  words: (N,), int64, in [0, words).  The word vectors start as N(0, 0.02²), logit_scale as
    log(1 / 0.07), as CLIP's.
    Radford et al. 2021, section 2.3 and figure 3, with a network of two layers and single words.
    """

    def __init__(
        self,
        in_features: int = 64,
        hidden_features: int = 128,
        words: int = 20,
        dimensions: int = 16,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        self.fc1 = Linear(in_features, hidden_features, device=device, dtype=dtype)
        self.relu = ReLU()
        self.fc2 = Linear(hidden_features, dimensions, device=device, dtype=dtype)
        self.words = Embedding(words, dimensions, device=device, dtype=dtype)
        init.normal_(self.words.weight, std=0.02)  # short vectors turn fast
        self.logit_scale = Parameter(device_module(device).asarray(log(1 / 0.07), dtype=dtype))
        self._scale_backward: Pullback | None = None

    def encode_image(self, images: Array) -> Array:
        """Where images are in the space: (N, in_features) -> (N, dimensions)."""
        return self.fc2(self.relu(self.fc1(images)))

    def encode_text(self, words: Array) -> Array:
        """Where words are in the space: (N,) -> (N, dimensions)."""
        return self.words(words)

    def forward(self, images: Array, words: Array) -> tuple[Array, Array, Array]:
        """Image vectors, word vectors and the scale of their cosines."""
        scale, self._scale_backward = F.exp(self.logit_scale.data)
        return self.encode_image(images), self.encode_text(words), scale

    def backward(self, dy: Any) -> Array:
        """From the gradients of the three to that of the images: each encoder's steps in reverse.

        dy: (dimage, dtext, dscale).  Raises RuntimeError without a forward since the last backward.
        """
        if self._scale_backward is None:
            raise RuntimeError("ImageText.backward: call the model first; each call allows one backward")
        dimage, dtext, dscale = dy
        self.logit_scale.accumulate(self._scale_backward(dscale))
        self._scale_backward = None
        self.words.backward(dtext)
        return self.fc1.backward(self.relu.backward(self.fc2.backward(dimage)))
