"""Layers that look along a dimension: see functional.activations.softmax and gated."""

from __future__ import annotations

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels import chosen
from numpy_nn.modules.layer import Layer


class Softmax(Layer):
    """See functional.softmax."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.softmax along this dimension."""
        return chosen(F.softmax)(x, self.dim)

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
        return chosen(F.log_softmax)(x, self.dim)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"dim={self.dim}"


class Softmin(Layer):
    """See functional.softmin."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.softmin along this dimension."""
        return F.softmin(x, self.dim)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"dim={self.dim}"


class GLU(Layer):
    """See functional.glu."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.glu along this dimension."""
        return F.glu(x, self.dim)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"dim={self.dim}"
