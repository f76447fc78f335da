"""Activation layers: each is its formula in functional, with its options kept."""

from numpy_nn.modules.activations.hard import Hardsigmoid, Hardswish, Hardtanh, ReLU6
from numpy_nn.modules.activations.rectified import CELU, ELU, SELU, LeakyReLU, PReLU, ReLU, RReLU
from numpy_nn.modules.activations.shrink import Hardshrink, Softshrink, Tanhshrink, Threshold
from numpy_nn.modules.activations.smooth import GELU, LogSigmoid, Mish, Sigmoid, SiLU, Softplus, Softsign, Tanh
from numpy_nn.modules.activations.softmax import GLU, LogSoftmax, Softmax, Softmin

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]
