"""Layers that take something away: see functional.activations.shrink."""

from __future__ import annotations

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback
from numpy_nn.modules.layer import Layer


class Threshold(Layer):
    """See functional.threshold."""

    def __init__(self, threshold: float, value: float) -> None:
        super().__init__()
        self.threshold, self.value = threshold, value

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.threshold with this threshold and value."""
        return F.threshold(x, self.threshold, self.value)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"threshold={self.threshold}, value={self.value}"


class Hardshrink(Layer):
    """See functional.hardshrink."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.hardshrink with this lambd."""
        return F.hardshrink(x, self.lambd)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return str(self.lambd)


class Softshrink(Layer):
    """See functional.softshrink."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.softshrink with this lambd."""
        return F.softshrink(x, self.lambd)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return str(self.lambd)


class Tanhshrink(Layer):
    """See functional.tanhshrink."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.tanhshrink."""
        return F.tanhshrink(x)
