"""A small vision transformer as a torch.nn module, with torchvision's names; autograd does the backward."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn


class EncoderBlock(nn.Module):
    """Attention and a multilayer perceptron, each normalized first and added to what it came from."""

    def __init__(
        self,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float,
        attention_dropout: float,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(hidden_dim, eps=1e-6, device=device, dtype=dtype)
        self.self_attention = nn.MultiheadAttention(
            hidden_dim, num_heads, dropout=attention_dropout, batch_first=True, device=device, dtype=dtype
        )
        self.dropout = nn.Dropout(dropout)
        self.ln_2 = nn.LayerNorm(hidden_dim, eps=1e-6, device=device, dtype=dtype)
        self.mlp = nn.Sequential(
            nn.Linear(hidden_dim, mlp_dim, device=device, dtype=dtype),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(mlp_dim, hidden_dim, device=device, dtype=dtype),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, L, hidden_dim) -> the same."""
        tokens = self.ln_1(x)
        attended, _ = self.self_attention(tokens, tokens, tokens, need_weights=False)
        x = x + self.dropout(attended)
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    """Positions, blocks, and a norm."""

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
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, seq_length, hidden_dim, device=device, dtype=dtype))
        nn.init.normal_(self.pos_embedding, std=0.02)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.Sequential(
            OrderedDict(
                (
                    f"encoder_layer_{number}",
                    EncoderBlock(num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, device, dtype),
                )
                for number in range(num_layers)
            )
        )
        self.ln = nn.LayerNorm(hidden_dim, eps=1e-6, device=device, dtype=dtype)

    def forward(self, x: Tensor) -> Tensor:
        """(N, seq_length, hidden_dim) -> the same."""
        return self.ln(self.layers(self.dropout(x + self.pos_embedding)))


class VisionTransformer(nn.Module):
    """An image cut into patches, each a token, and a token of its own for the class."""

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
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.conv_proj = nn.Conv2d(
            in_channels, hidden_dim, kernel_size=patch_size, stride=patch_size, device=device, dtype=dtype
        )
        self.class_token = nn.Parameter(torch.zeros(1, 1, hidden_dim, device=device, dtype=dtype))
        seq_length = (image_size // patch_size) ** 2 + 1
        self.encoder = Encoder(
            *(seq_length, num_layers, num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, device, dtype)
        )
        self.heads = nn.Sequential(OrderedDict(head=nn.Linear(hidden_dim, num_classes, device=device, dtype=dtype)))

    def forward(self, x: Tensor) -> Tensor:
        """Scores for each class, before the softmax."""
        tokens = self.conv_proj(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.class_token.expand(len(x), -1, -1), tokens], dim=1)
        return self.heads(self.encoder(tokens)[:, 0])
