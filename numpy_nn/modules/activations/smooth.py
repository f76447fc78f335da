"""Layers with a derivative everywhere: see functional.activations.smooth."""

from __future__ import annotations

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels import chosen
from numpy_nn.modules.layer import Layer


class Sigmoid(Layer):
    """See functional.sigmoid."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.sigmoid."""
        return chosen(F.sigmoid)(x)


class Tanh(Layer):
    """See functional.tanh."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.tanh."""
        return chosen(F.tanh)(x)


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
        return chosen(F.gelu)(x, self.approximate)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"approximate={self.approximate!r}"


class SiLU(Layer):
    """See functional.silu."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.silu."""
        return chosen(F.silu)(x)


class Mish(Layer):
    """See functional.mish."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.mish."""
        return F.mish(x)


class LogSigmoid(Layer):
    """See functional.logsigmoid."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.logsigmoid."""
        return F.logsigmoid(x)


class Softsign(Layer):
    """See functional.softsign."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.softsign."""
        return F.softsign(x)
