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
from numpy_nn.kernels.cpu.normalization import batch_norm
from numpy_nn.kernels.cpu.optimizers import adam, sgd
from numpy_nn.kernels.cpu.pooling import max_pool2d
from numpy_nn.kernels.cpu.rectified import elu, leaky_relu, relu
from numpy_nn.kernels.cpu.smooth import gelu, sigmoid, silu, tanh
from numpy_nn.kernels.cpu.softmax import log_softmax, softmax
from numpy_nn.kernels.cpu.winograd import conv2d_winograd

LARGE = 1 << 13
"""Below so many values the calls cost more than what they do."""

FEW = 1 << 11
"""The same, of kernels whose textbook formula has branches, or takes many steps."""

__all__ = [
    "adam",
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "conv2d",
    "conv2d_columns",
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

FAST: dict[Callable[..., Any], tuple[Callable[..., Any], int]] = {
    F.batch_norm: (batch_norm, LARGE),
    F.conv2d: (conv2d, LARGE),
    F.max_pool2d: (max_pool2d, LARGE),
    F.layer_norm: (layer_norm, LARGE),
    F.binary_cross_entropy_with_logits: (binary_cross_entropy_with_logits, 1),
    F.smooth_l1_loss: (smooth_l1_loss, FEW),
    F.cross_entropy: (cross_entropy, 1),
    F.embedding: (embedding, 1),
    F.elu: (elu, FEW),
    F.gelu: (gelu, FEW),
    F.leaky_relu: (leaky_relu, FEW),
    F.relu: (relu, FEW),
    attend: (attention.attend, FEW),
    F.scaled_dot_product_attention: (scaled_dot_product_attention, FEW),
    F.sigmoid: (sigmoid, FEW),
    F.silu: (silu, FEW),
    F.softmax: (softmax, FEW),
    F.log_softmax: (log_softmax, FEW),
    F.tanh: (tanh, 1 << 17),
}
"""The fast kernel of each formula that has one, and from how many values of its first argument on it pays."""
