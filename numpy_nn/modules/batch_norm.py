"""Layers that normalize over a batch: BatchNorm1d, BatchNorm2d."""

from __future__ import annotations

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array, DTypeLike, device_module, item
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels import chosen
from numpy_nn.modules.normalization import Normalization


class _BatchNorm(Normalization):
    """What BatchNorm1d and BatchNorm2d share: all but the number of dimensions."""

    ndims: tuple[int, ...]
    running_mean: Array | None
    running_var: Array | None
    num_batches_tracked: Array

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        checks.integer("num_features", num_features, low=0)
        checks.number("eps", eps, low=0)
        if momentum is not None:
            checks.number("momentum", momentum)
        for name, value in (("affine", affine), ("track_running_stats", track_running_stats), ("bias", bias)):
            checks.option(name, value, True, False)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self._start((num_features,), affine, affine and bias, device, dtype)
        xp, dtype = device_module(device), checks.floating_dtype(dtype)
        tracked = track_running_stats
        self.register_buffer("running_mean", xp.zeros(num_features, dtype=dtype) if tracked else None)
        self.register_buffer("running_var", xp.ones(num_features, dtype=dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", xp.asarray(0, dtype="int64") if tracked else None)

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.batch_norm in this layer's mode: with the statistics of the batch where there are no others."""
        if getattr(x, "ndim", None) not in self.ndims:
            expected = " or ".join(f"{ndim} dimensions" for ndim in self.ndims)
            raise ValueError(f"x: expected {expected}, got shape {getattr(x, 'shape', None)}")
        update = self.training and self.track_running_stats
        momentum = self.momentum
        if momentum is None:  # the mean of all batches: each new one counts 1/n
            momentum = 1 / (item(self.num_batches_tracked) + 1) if update else 0.0
        kept = update or not self.training
        y, backward = chosen(F.batch_norm)(
            x,
            self.running_mean if kept else None,
            self.running_var if kept else None,
            *self._affine,
            self.training or self.running_mean is None,
            momentum,
            self.eps,
        )
        if update:
            self.num_batches_tracked += 1
        return y, backward

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Every feature brought to mean 0 and variance 1 over the batch: see functional.batch_norm.

    weight (num_features,) starts as 1, bias as 0; without affine there is neither, with bias=False no bias.
    running_mean starts as 0, running_var as 1: they are what eval mode normalizes by, and in training each moves to the
    batch's by momentum, or with momentum None to the mean of all batches, which num_batches_tracked counts.  Without
    track_running_stats there are none, and the batch's own serve in eval mode too.
    x: (N, num_features) or (N, num_features, L) -> y: like x.
    Raises ValueError for sizes below 0, other shapes, and one value a feature in training.
    """

    ndims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Every channel brought to mean 0 and variance 1 over the batch: see functional.batch_norm.

    weight (num_features,) starts as 1, bias as 0; without affine there is neither, with bias=False no bias.
    running_mean starts as 0, running_var as 1: they are what eval mode normalizes by, and in training each moves to the
    batch's by momentum, or with momentum None to the mean of all batches, which num_batches_tracked counts.  Without
    track_running_stats there are none, and the batch's own serve in eval mode too.
    x: (N, num_features, H, W) -> y: like x.
    Raises ValueError for sizes below 0, other shapes, and one value a channel in training.
    """

    ndims = (4,)
