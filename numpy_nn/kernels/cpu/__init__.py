"""Formulas once more, written for the speed of one CPU: same arguments, same results up to rounding."""

from collections.abc import Callable
from typing import Any

from numpy_nn import functional as F
from numpy_nn.kernels.cpu.columns import conv2d_columns
from numpy_nn.kernels.cpu.convolution import conv2d
from numpy_nn.kernels.cpu.normalization import batch_norm
from numpy_nn.kernels.cpu.pooling import max_pool2d
from numpy_nn.kernels.cpu.rectified import relu
from numpy_nn.kernels.cpu.winograd import conv2d_winograd

__all__ = ["batch_norm", "conv2d", "conv2d_columns", "conv2d_winograd", "max_pool2d", "relu"]

FAST: dict[Callable[..., Any], Callable[..., Any]] = {
    F.batch_norm: batch_norm,
    F.conv2d: conv2d,
    F.max_pool2d: max_pool2d,
    F.relu: relu,
}
"""The fast kernel of each formula that has one: same arguments, same results."""
