"""Formulas once more, each in one launch on a GPU: same arguments, same results up to rounding.

The arithmetic is in the .cu files, in plain C, each of which has one subject; CuPy compiles them when they are first
used. What they are used on is told by the array: CuPy's has a library with a RawKernel in it.
"""

from collections.abc import Callable
from typing import Any

from numpy_nn import functional as F
from numpy_nn.kernels import cpu
from numpy_nn.kernels.cuda.classification import cross_entropy
from numpy_nn.kernels.cuda.elementwise import elu, gelu, leaky_relu, relu, sigmoid, silu, tanh
from numpy_nn.kernels.cuda.embedding import embedding
from numpy_nn.kernels.cuda.linear import linear
from numpy_nn.kernels.cuda.optimizers import adam, fits, sgd

__all__ = [
    "adam",
    "cross_entropy",
    "elu",
    "embedding",
    "fits",
    "gelu",
    "leaky_relu",
    "linear",
    "relu",
    "sgd",
    "sigmoid",
    "silu",
    "tanh",
]

FAST: dict[Callable[..., Any], Callable[..., Any]] = {
    F.cross_entropy: cross_entropy,
    F.elu: elu,
    F.embedding: embedding,
    F.gelu: gelu,
    F.leaky_relu: leaky_relu,
    F.linear: linear,
    F.relu: relu,
    F.sigmoid: sigmoid,
    F.silu: silu,
    F.tanh: tanh,
}
"""The kernel of each formula that has one."""

RULES: dict[Callable[..., Any], Callable[..., Any]] = {cpu.adam: adam, cpu.sgd: sgd}
"""The rule of an optimizer on a GPU, by the one on the CPU."""
