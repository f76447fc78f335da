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

LARGE = 1 << 13
"""Below so many values the calls cost more than what they do."""

__all__ = ["batch_norm", "conv2d", "conv2d_columns", "conv2d_winograd", "max_pool2d", "relu"]

FAST: dict[Callable[..., Any], tuple[Callable[..., Any], int]] = {
    F.batch_norm: (batch_norm, LARGE),
    F.conv2d: (conv2d, LARGE),
    F.max_pool2d: (max_pool2d, LARGE),
    F.relu: (relu, LARGE),
}
"""The fast kernel of each formula that has one, and from how many values of its first argument on it pays."""
