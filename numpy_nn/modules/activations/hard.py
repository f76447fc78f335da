"""Layers made of straight lines: see functional.activations.hard."""

from __future__ import annotations

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback
from numpy_nn.modules.layer import Layer


class Hardtanh(Layer):
    """See functional.hardtanh.

    Raises ValueError unless min_val < max_val.
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        super().__init__()
        if not checks.number("min_val", min_val) < checks.number("max_val", max_val):
            raise ValueError(f"min_val: expected less than max_val = {max_val}, got {min_val}")
        self.min_val, self.max_val = min_val, max_val

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.hardtanh between these bounds."""
        return F.hardtanh(x, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"min_val={self.min_val}, max_val={self.max_val}"


class ReLU6(Layer):
    """See functional.relu6."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.relu6."""
        return F.relu6(x)


class Hardsigmoid(Layer):
    """See functional.hardsigmoid."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.hardsigmoid."""
        return F.hardsigmoid(x)


class Hardswish(Layer):
    """See functional.hardswish."""

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.hardswish."""
        return F.hardswish(x)
