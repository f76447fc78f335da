"""CLIP's loss, as a PyTorch user writes it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def contrastive_loss(
    image: Tensor,
    text: Tensor,
    scale: Tensor | float = 1 / 0.07,
    labels: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Cross entropy over the texts for each image, and over the images for each text; the mean of both.

    Pairs of one label are right answers for each other, in equal parts.
    """
    logits = scale * (F.normalize(image) @ F.normalize(text).T)
    target = torch.arange(len(image), device=image.device)
    if labels is not None:
        same = (labels[:, None] == labels).to(image.dtype)
        target = same / same.sum(dim=1, keepdim=True)
    by_image = F.cross_entropy(logits, target, reduction=reduction)
    by_text = F.cross_entropy(logits.T, target, reduction=reduction)
    return (by_image + by_text) / 2
