"""Layers that normalize every example by itself: LayerNorm, GroupNorm, RMSNorm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array, DTypeLike, device_module
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels import chosen
from numpy_nn.modules.layer import Layer
from numpy_nn.parameter import Parameter


class Normalization(Layer):
    """What the layers share: a weight that starts as 1 and a bias that starts as 0, where they are wanted."""

    def _start(self, shape: tuple[int, ...], weight: bool, bias: bool, device: str, dtype: DTypeLike) -> None:
        xp, dtype = device_module(device), checks.floating_dtype(dtype)
        self.weight = Parameter(xp.ones(shape, dtype=dtype)) if weight else None
        self.bias = Parameter(xp.zeros(shape, dtype=dtype)) if bias else None

    @property
    def _affine(self) -> tuple[Array | None, Array | None]:
        return (
            None if self.weight is None else self.weight.data,
            None if self.bias is None else self.bias.data,
        )


class LayerNorm(Normalization):
    """Every example brought to mean 0 and variance 1: see functional.layer_norm.

    weight (normalized_shape) starts as 1, bias as 0; without elementwise_affine there is neither, with bias=False no
    bias.  x: (..., *normalized_shape) -> y: like x.  Raises ValueError for sizes below 0 and no sizes.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        checks.number("eps", eps, low=0)
        checks.option("elementwise_affine", elementwise_affine, True, False)
        checks.option("bias", bias, True, False)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._start(self.normalized_shape, elementwise_affine, elementwise_affine and bias, device, dtype)

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.layer_norm with this weight and bias."""
        return chosen(F.layer_norm)(x, self.normalized_shape, *self._affine, self.eps)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class GroupNorm(Normalization):
    """Groups of channels of each example brought to mean 0 and variance 1: see functional.group_norm.

    weight (num_channels,) starts as 1, bias as 0; without affine there is neither, with bias=False no bias.
    x: (N, num_channels, ...) -> y: like x.  Raises ValueError for sizes below 0 and groups that do not divide channels.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        checks.integer("num_groups", num_groups, low=1)
        checks.integer("num_channels", num_channels, low=0)
        checks.number("eps", eps, low=0)
        checks.option("affine", affine, True, False)
        checks.option("bias", bias, True, False)
        if num_channels % num_groups:
            raise ValueError(f"num_channels: expected a multiple of num_groups {num_groups}, got {num_channels}")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self._start((num_channels,), affine, affine and bias, device, dtype)

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.group_norm with this weight and bias."""
        return F.group_norm(x, self.num_groups, *self._affine, self.eps)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Normalization):
    """Every example divided by its root mean square: see functional.rms_norm.

    weight (normalized_shape) starts as 1; without elementwise_affine there is none.
    x: (..., *normalized_shape) -> y: like x.  Raises ValueError for sizes below 0 and no sizes.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        if eps is not None:
            checks.number("eps", eps, low=0)
        checks.option("elementwise_affine", elementwise_affine, True, False)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._start(self.normalized_shape, elementwise_affine, False, device, dtype)

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.rms_norm with this weight."""
        return F.rms_norm(x, self.normalized_shape, self._affine[0], self.eps)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


def _shape(normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    """One size or several as a shape of at least one."""
    given = normalized_shape if isinstance(normalized_shape, tuple | list) else (normalized_shape,)
    if not given:
        raise ValueError("normalized_shape: expected at least one size, got ()")
    return tuple(checks.integer("normalized_shape", size, low=0) for size in given)
