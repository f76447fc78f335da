"""Formulas once more, written for the speed of one CPU: same arguments, same results up to rounding."""

from numpy_nn.kernels.cpu.columns import conv2d_columns
from numpy_nn.kernels.cpu.convolution import conv2d
from numpy_nn.kernels.cpu.normalization import batch_norm
from numpy_nn.kernels.cpu.pooling import max_pool2d
from numpy_nn.kernels.cpu.rectified import relu
from numpy_nn.kernels.cpu.winograd import conv2d_winograd

__all__ = ["batch_norm", "conv2d", "conv2d_columns", "conv2d_winograd", "max_pool2d", "relu"]
