"""Formulas once more, written for the speed of one CPU: same arguments, same results up to rounding."""

from collections.abc import Callable
from typing import Any

from numpy_nn import functional as F
from numpy_nn.functional.attention import attend
from numpy_nn.kernels.cpu import attention
from numpy_nn.kernels.cpu.attention import scaled_dot_product_attention
from numpy_nn.kernels.cpu.classification import cross_entropy
from numpy_nn.kernels.cpu.columns import conv2d_columns
from numpy_nn.kernels.cpu.convolution import conv2d
from numpy_nn.kernels.cpu.embedding import embedding
from numpy_nn.kernels.cpu.layer_norm import layer_norm
from numpy_nn.kernels.cpu.losses import binary_cross_entropy_with_logits, smooth_l1_loss
from numpy_nn.kernels.cpu.neighbours import conv2d_neighbours
from numpy_nn.kernels.cpu.normalization import batch_norm
from numpy_nn.kernels.cpu.optimizers import adam, sgd
from numpy_nn.kernels.cpu.pooling import max_pool2d
from numpy_nn.kernels.cpu.rectified import elu, leaky_relu, relu
from numpy_nn.kernels.cpu.smooth import gelu, sigmoid, silu, tanh
from numpy_nn.kernels.cpu.softmax import log_softmax, softmax
from numpy_nn.kernels.cpu.winograd import conv2d_winograd

__all__ = [
    "adam",
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "conv2d",
    "conv2d_columns",
    "conv2d_neighbours",
    "conv2d_winograd",
    "cross_entropy",
    "elu",
    "embedding",
    "gelu",
    "layer_norm",
    "leaky_relu",
    "log_softmax",
    "max_pool2d",
    "relu",
    "scaled_dot_product_attention",
    "sgd",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "tanh",
]

FAST: dict[Callable[..., Any], Callable[..., Any]] = {
    F.batch_norm: batch_norm,
    F.conv2d: conv2d,
    F.max_pool2d: max_pool2d,
    F.layer_norm: layer_norm,
    F.binary_cross_entropy_with_logits: binary_cross_entropy_with_logits,
    F.smooth_l1_loss: smooth_l1_loss,
    F.cross_entropy: cross_entropy,
    F.embedding: embedding,
    F.elu: elu,
    F.gelu: gelu,
    F.leaky_relu: leaky_relu,
    F.relu: relu,
    attend: attention.attend,
    F.scaled_dot_product_attention: scaled_dot_product_attention,
    F.sigmoid: sigmoid,
    F.silu: silu,
    F.softmax: softmax,
    F.log_softmax: log_softmax,
    F.tanh: tanh,
}
"""The kernel of each formula that has one; from which size on it pays stands in kernels.sizes."""
