"""Activation layers: each is its formula in functional, with its options kept."""

from typing import TYPE_CHECKING

from numpy_nn.later import later

if TYPE_CHECKING:
    from numpy_nn.modules.activations.hard import Hardsigmoid, Hardswish, Hardtanh, ReLU6
    from numpy_nn.modules.activations.rectified import CELU, ELU, SELU, LeakyReLU, PReLU, ReLU, RReLU
    from numpy_nn.modules.activations.shrink import Hardshrink, Softshrink, Tanhshrink, Threshold
    from numpy_nn.modules.activations.smooth import GELU, LogSigmoid, Mish, Sigmoid, SiLU, Softplus, Softsign, Tanh
    from numpy_nn.modules.activations.softmax import GLU, LogSoftmax, Softmax, Softmin
else:
    __getattr__, __dir__ = later(
        __name__,
        {
            "hard": "Hardsigmoid Hardswish Hardtanh ReLU6",
            "rectified": "CELU ELU SELU LeakyReLU PReLU ReLU RReLU",
            "shrink": "Hardshrink Softshrink Tanhshrink Threshold",
            "smooth": "GELU LogSigmoid Mish Sigmoid SiLU Softplus Softsign Tanh",
            "softmax": "GLU LogSoftmax Softmax Softmin",
        },
    )

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
