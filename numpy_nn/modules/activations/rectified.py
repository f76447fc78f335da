"""Layers that pass what is above 0: see functional.activations.rectified and its neighbours."""

from __future__ import annotations

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array, DTypeLike, device_module
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels import chosen
from numpy_nn.modules.layer import Layer
from numpy_nn.parameter import Parameter


class ReLU(Layer):
    """See functional.relu."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.relu."""
        return chosen(F.relu)(x)


class LeakyReLU(Layer):
    """See functional.leaky_relu."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.leaky_relu with this slope."""
        return chosen(F.leaky_relu)(x, self.negative_slope)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"negative_slope={self.negative_slope}"


class PReLU(Layer):
    """See functional.prelu.

    weight (num_parameters,), the slopes, starts as init.  num_parameters: 1, or the number of channels.
    Raises ValueError for num_parameters below 0, TypeError for an init that is no number.
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: str = "cpu", dtype: DTypeLike = np.float32
    ) -> None:
        super().__init__()
        self.num_parameters = checks.integer("num_parameters", num_parameters, low=0)
        start, dtype = checks.number("init", init), checks.floating_dtype(dtype)
        self.weight = Parameter(device_module(device).full(num_parameters, start, dtype=dtype))

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.prelu with this weight."""
        return F.prelu(x, self.weight.data)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"num_parameters={self.num_parameters}"


class RReLU(Layer):
    """See functional.rrelu."""

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3) -> None:
        super().__init__()
        self.lower, self.upper = lower, upper

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.rrelu between these slopes, in this layer's mode."""
        return F.rrelu(x, self.lower, self.upper, self.training)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"lower={self.lower}, upper={self.upper}"


class ELU(Layer):
    """See functional.elu."""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.elu with this alpha."""
        return chosen(F.elu)(x, self.alpha)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"alpha={self.alpha}"


class SELU(Layer):
    """See functional.selu."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.selu."""
        return F.selu(x)


class CELU(Layer):
    """See functional.celu."""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.celu with this alpha."""
        return F.celu(x, self.alpha)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"alpha={self.alpha}"
