"""Losses: how wrong a prediction is. The target is data and gets no gradient."""

from typing import TYPE_CHECKING

from numpy_nn.later import later

if TYPE_CHECKING:
    from numpy_nn.functional.losses.binary import binary_cross_entropy, binary_cross_entropy_with_logits
    from numpy_nn.functional.losses.classification import cross_entropy, nll_loss
    from numpy_nn.functional.losses.contrastive import contrastive_loss
    from numpy_nn.functional.losses.regression import l1_loss, mse_loss, smooth_l1_loss
else:
    __getattr__, __dir__ = later(
        __name__,
        {
            "binary": "binary_cross_entropy binary_cross_entropy_with_logits",
            "classification": "cross_entropy nll_loss",
            "contrastive": "contrastive_loss",
            "regression": "l1_loss mse_loss smooth_l1_loss",
        },
    )

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "contrastive_loss",
    "cross_entropy",
    "l1_loss",
    "mse_loss",
    "nll_loss",
    "smooth_l1_loss",
]
