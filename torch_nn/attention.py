"""Attention with several heads, from PyTorch's own function of many arguments."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def multi_head_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    in_proj_weight: Tensor,
    in_proj_bias: Tensor | None,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    num_heads: int,
    *,
    key_padding_mask: Tensor | None = None,
    attn_mask: Tensor | None = None,
    need_weights: bool = True,
    is_causal: bool = False,
    dropout_p: float = 0.0,
    training: bool = True,
) -> Tensor:
    """The output of torch.nn.functional.multi_head_attention_forward, without its extras."""
    y, _ = F.multi_head_attention_forward(
        *(query, key, value, query.shape[-1], num_heads, in_proj_weight, in_proj_bias, None, None, False),
        *(dropout_p, out_proj_weight, out_proj_bias, training, key_padding_mask, need_weights, attn_mask),
        is_causal=is_causal,
    )
    return y
