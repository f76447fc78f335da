"""A transformer that reads an image as a sentence of patches."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpy_nn import init
from numpy_nn.backend import Array, DTypeLike, array_module, device_module
from numpy_nn.functional import checks
from numpy_nn.functional.broadcasting import unbroadcast
from numpy_nn.modules import (
    GELU,
    Conv2d,
    Dropout,
    LayerNorm,
    Linear,
    Module,
    MultiheadAttention,
    Parameter,
    Sequential,
)
from numpy_nn.modules.transformer import added


class EncoderBlock(Module):
    """Every token looks at all others, then each thinks for itself; both add to what is there.

    h = x + dropout(attention(ln_1(x)));   y = h + mlp(ln_2(h)),   mlp = dropout(W₂ dropout(gelu(W₁ · + b₁)) + b₂)

    x: (N, L, hidden_dim) -> y: like x.
    """

    def __init__(
        self,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float,
        attention_dropout: float,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        self.ln_1 = LayerNorm(hidden_dim, eps=1e-6, device=device, dtype=dtype)
        self.self_attention = MultiheadAttention(
            hidden_dim, num_heads, attention_dropout, batch_first=True, device=device, dtype=dtype
        )
        self.dropout = Dropout(dropout)
        self.ln_2 = LayerNorm(hidden_dim, eps=1e-6, device=device, dtype=dtype)
        self.mlp = Sequential(
            Linear(hidden_dim, mlp_dim, device=device, dtype=dtype),
            GELU(),
            Dropout(dropout),
            Linear(mlp_dim, hidden_dim, device=device, dtype=dtype),
            Dropout(dropout),
        )

    def forward(self, x: Array) -> Array:
        """Two branches, each normalized first and added to what it came from."""
        tokens = self.ln_1(x)
        attended, _ = self.self_attention(tokens, tokens, tokens, need_weights=False)
        h = x + self.dropout(attended)
        return h + self.mlp(self.ln_2(h))

    def backward(self, dy: Array) -> Any:
        """What is added in forward gets the same gradient in each part: dh = dy + its branch's, dx = dh + its own's."""
        dh = added(dy, self.ln_2.backward(self.mlp.backward(dy)))
        dlooks = self.self_attention.backward(self.dropout.backward(dh))
        dtokens = None if dlooks is None else added(*dlooks)  # as query, as key and as value
        return added(dh, self.ln_1.backward(dtokens))


class Encoder(Module):
    """Tokens told where they are, through num_layers blocks, and normalized.

    y = ln(block(… block(dropout(x + pos_embedding))))

    x: (N, seq_length, hidden_dim) -> y: like x.  pos_embedding (1, seq_length, hidden_dim) starts as N(0, 0.02²).
    """

    def __init__(
        self,
        seq_length: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float,
        attention_dropout: float,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        xp = device_module(device)
        self.pos_embedding = Parameter(xp.empty((1, seq_length, hidden_dim), dtype=dtype))
        init.normal_(self.pos_embedding, std=0.02)
        self.dropout = Dropout(dropout)
        self.layers = Sequential()
        for number in range(num_layers):
            block = EncoderBlock(num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, device, dtype)
            setattr(self.layers, f"encoder_layer_{number}", block)
        self.ln = LayerNorm(hidden_dim, eps=1e-6, device=device, dtype=dtype)

    def forward(self, x: Array) -> Array:
        """Positions, blocks, norm."""
        return self.ln(self.layers(self.dropout(x + self.pos_embedding.data)))

    def backward(self, dy: Array) -> Any:
        """Norm, blocks, positions: every image of the batch adds to the gradient of the same positions."""
        dx = self.dropout.backward(self.layers.backward(self.ln.backward(dy)))
        if dx is not None:
            self.pos_embedding.accumulate(unbroadcast(dx, self.pos_embedding.shape).copy())  # of one image it is dx
        return dx


class VisionTransformer(Module):
    """An image cut into patches, each made a token; a token of no patch gathers what the class depends on.

    logits = head(encoder([class_token, conv_proj(x)])₀)

    x: (N, in_channels, image_size, image_size) -> logits: (N, num_classes).  Of patches there are
    (image_size / patch_size)²; conv_proj makes each a vector of hidden_dim, which num_heads share in num_layers blocks.
    dropout: in the blocks and behind the positions.  attention_dropout: of the weights of attention.
    Names are torchvision's, whose ViT-B/16 is VisionTransformer(224, 16, 12, 12, 768, 3072, in_channels=3,
    num_classes=1000), and so are the keys of state_dict. Layers start as they do alone, the class token as 0.
    Raises ValueError where patches do not fill the image or heads do not divide hidden_dim.
    Dosovitskiy et al. 2021, section 3.1.
    """

    def __init__(
        self,
        image_size: int = 28,
        patch_size: int = 7,
        num_layers: int = 2,
        num_heads: int = 4,
        hidden_dim: int = 64,
        mlp_dim: int = 128,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        num_classes: int = 10,
        in_channels: int = 1,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        checks.integer("num_layers", num_layers, low=0)
        if checks.integer("image_size", image_size, low=1) % checks.integer("patch_size", patch_size, low=1):
            raise ValueError(f"patch_size: expected a divisor of image_size {image_size}, got {patch_size}")
        self.image_size, self.patch_size, self.in_channels = image_size, patch_size, in_channels
        self.conv_proj = Conv2d(in_channels, hidden_dim, patch_size, patch_size, device=device, dtype=dtype)
        self.class_token = Parameter(device_module(device).zeros((1, 1, hidden_dim), dtype=dtype))
        self.encoder = Encoder(
            *((image_size // patch_size) ** 2 + 1, num_layers, num_heads, hidden_dim, mlp_dim),
            *(dropout, attention_dropout, device, dtype),
        )
        self.heads = Sequential()
        self.heads.head = Linear(hidden_dim, num_classes, device=device, dtype=dtype)

    def forward(self, x: Array) -> Array:
        """Scores for each class, before the softmax. Raises ValueError for images of another size."""
        size = (self.in_channels, self.image_size, self.image_size)
        if x.shape[1:] != size:
            raise ValueError(f"x: expected shape (N, {', '.join(map(str, size))}), got {x.shape}")
        patches = self.conv_proj(x)  # (N, D, rows, columns)
        N, D = patches.shape[:2]
        tokens = patches.reshape(N, D, -1).swapaxes(1, 2)  # (N, patches, D)
        xp = array_module(x)
        first = xp.broadcast_to(self.class_token.data, (N, 1, D))
        encoded = self.encoder(xp.concatenate([first, tokens], axis=1))
        return self.heads(encoded[:, 0])

    def backward(self, dy: Array) -> Any:
        """From the gradient of the scores to that of the images: the forward's steps in reverse."""
        dfirst = self.heads.backward(dy)
        if dfirst is None:
            return None  # nothing before the head learns
        N, D = dfirst.shape
        rows = self.image_size // self.patch_size
        dencoded = array_module(dfirst).zeros((N, rows**2 + 1, D), dtype=dfirst.dtype)
        dencoded[:, 0] = dfirst  # the head looks at no other token
        dtokens = self.encoder.backward(dencoded)
        if dtokens is None:
            return None
        self.class_token.accumulate(unbroadcast(dtokens[:, :1], self.class_token.shape))
        dpatches = dtokens[:, 1:].swapaxes(1, 2).reshape(N, D, rows, rows)
        return self.conv_proj.backward(dpatches)
