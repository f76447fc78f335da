"""Formulas written for speed, and the choice between them and the readable ones."""

from typing import TYPE_CHECKING

from numpy_nn.kernels.choice import SETS, chosen, empty_weight, in_use, stepped, use_kernels
from numpy_nn.later import later

if TYPE_CHECKING:
    from numpy_nn.kernels import cpu, cuda
else:
    __getattr__, __dir__ = later(__name__, {"cpu": "", "cuda": ""})

__all__ = ["SETS", "chosen", "cpu", "cuda", "empty_weight", "in_use", "stepped", "use_kernels"]
