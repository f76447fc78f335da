"""Loss layers: loss = criterion(prediction, target); dprediction = criterion.backward()."""

from __future__ import annotations

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels import chosen
from numpy_nn.modules.layer import Layer


class _Loss(Layer):
    """A loss and the way it is reduced: "none", "mean" or "sum"."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        checks.option("reduction", reduction, "none", "mean", "sum")
        self.reduction = reduction


class MSELoss(_Loss):
    """See functional.mse_loss."""

    def formula(self, x: Array, target: Array) -> tuple[Array, Pullback]:
        """functional.mse_loss."""
        return F.mse_loss(x, target, self.reduction)


class L1Loss(_Loss):
    """See functional.l1_loss."""

    def formula(self, x: Array, target: Array) -> tuple[Array, Pullback]:
        """functional.l1_loss."""
        return F.l1_loss(x, target, self.reduction)


class SmoothL1Loss(_Loss):
    """See functional.smooth_l1_loss."""

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def formula(self, x: Array, target: Array) -> tuple[Array, Pullback]:
        """functional.smooth_l1_loss with this beta."""
        return chosen(F.smooth_l1_loss)(x, target, self.reduction, self.beta)


class NLLLoss(_Loss):
    """See functional.nll_loss. weight: a number for each class, (C,)."""

    weight: Array | None

    def __init__(self, weight: Array | None = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def formula(self, log_p: Array, target: Array) -> tuple[Array, Pullback]:
        """functional.nll_loss with these options."""
        return F.nll_loss(log_p, target, self.weight, self.ignore_index, self.reduction)


class CrossEntropyLoss(_Loss):
    """See functional.cross_entropy. weight: a number for each class, (C,)."""

    weight: Array | None

    def __init__(
        self,
        weight: Array | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        checks.probability("label_smoothing", label_smoothing)
        self.register_buffer("weight", weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def formula(self, logits: Array, target: Array) -> tuple[Array, Pullback]:
        """functional.cross_entropy with these options."""
        options = (self.weight, self.ignore_index, self.reduction, self.label_smoothing)
        return chosen(F.cross_entropy)(logits, target, *options)


class BCELoss(_Loss):
    """See functional.binary_cross_entropy. weight: broadcastable to the prediction."""

    weight: Array | None

    def __init__(self, weight: Array | None = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)

    def formula(self, x: Array, target: Array) -> tuple[Array, Pullback]:
        """functional.binary_cross_entropy with these options."""
        return F.binary_cross_entropy(x, target, self.weight, self.reduction)


class BCEWithLogitsLoss(_Loss):
    """See functional.binary_cross_entropy_with_logits. weight, pos_weight: broadcastable to the prediction."""

    weight: Array | None
    pos_weight: Array | None

    def __init__(self, weight: Array | None = None, reduction: str = "mean", pos_weight: Array | None = None) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def formula(self, x: Array, target: Array) -> tuple[Array, Pullback]:
        """functional.binary_cross_entropy_with_logits with these options."""
        kernel = chosen(F.binary_cross_entropy_with_logits)
        return kernel(x, target, self.weight, self.reduction, self.pos_weight)
