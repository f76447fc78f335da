"""Activation layers: each is its formula in functional, with its options kept."""

from __future__ import annotations

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback
from numpy_nn.modules.layer import Layer


class ReLU(Layer):
    """See functional.relu."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.relu."""
        return F.relu(x)


class LeakyReLU(Layer):
    """See functional.leaky_relu."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.leaky_relu with this slope."""
        return F.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"negative_slope={self.negative_slope}"


class ELU(Layer):
    """See functional.elu."""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.elu with this alpha."""
        return F.elu(x, self.alpha)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"alpha={self.alpha}"


class Sigmoid(Layer):
    """See functional.sigmoid."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.sigmoid."""
        return F.sigmoid(x)


class Tanh(Layer):
    """See functional.tanh."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.tanh."""
        return F.tanh(x)


class Softplus(Layer):
    """See functional.softplus."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.softplus with this beta and threshold."""
        return F.softplus(x, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"beta={self.beta}, threshold={self.threshold}"


class GELU(Layer):
    """See functional.gelu."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.gelu, exact or by tanh."""
        return F.gelu(x, self.approximate)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"approximate={self.approximate!r}"


class SiLU(Layer):
    """See functional.silu."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.silu."""
        return F.silu(x)


class Softmax(Layer):
    """See functional.softmax."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.softmax along this dimension."""
        return F.softmax(x, self.dim)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"dim={self.dim}"


class LogSoftmax(Layer):
    """See functional.log_softmax."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.log_softmax along this dimension."""
        return F.log_softmax(x, self.dim)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"dim={self.dim}"
