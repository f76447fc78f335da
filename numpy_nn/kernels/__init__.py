"""Formulas written for speed, and the choice between them and the readable ones."""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from numpy_nn.kernels import cpu
from numpy_nn.kernels.choice import SETS, chosen, chosen_rule, empty_weight, in_use, use_kernels

if TYPE_CHECKING:
    from numpy_nn.kernels import cuda

__all__ = ["SETS", "chosen", "chosen_rule", "cpu", "cuda", "empty_weight", "in_use", "use_kernels"]


def __getattr__(name: str) -> ModuleType:
    """The kernels for a GPU, imported when they are first asked for."""
    if name == "cuda":
        return import_module("numpy_nn.kernels.cuda")
    raise AttributeError(f"module 'numpy_nn.kernels' has no attribute {name!r}")
