"""Activations: what a neuron does with its weighted sum."""

from typing import TYPE_CHECKING

from numpy_nn.later import later

if TYPE_CHECKING:
    from numpy_nn.functional.activations.exponential import celu, selu
    from numpy_nn.functional.activations.gated import glu
    from numpy_nn.functional.activations.hard import hardsigmoid, hardswish, hardtanh, relu6
    from numpy_nn.functional.activations.learned import prelu
    from numpy_nn.functional.activations.randomized import rrelu
    from numpy_nn.functional.activations.rectified import elu, leaky_relu, relu
    from numpy_nn.functional.activations.shrink import hardshrink, softshrink, tanhshrink, threshold
    from numpy_nn.functional.activations.smooth import gelu, logsigmoid, mish, sigmoid, silu, softplus, softsign, tanh
    from numpy_nn.functional.activations.softmax import log_softmax, softmax, softmin
else:
    __getattr__, __dir__ = later(
        __name__,
        {
            "exponential": "celu selu",
            "gated": "glu",
            "hard": "hardsigmoid hardswish hardtanh relu6",
            "learned": "prelu",
            "randomized": "rrelu",
            "rectified": "elu leaky_relu relu",
            "shrink": "hardshrink softshrink tanhshrink threshold",
            "smooth": "gelu logsigmoid mish sigmoid silu softplus softsign tanh",
            "softmax": "log_softmax softmax softmin",
        },
    )

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "rrelu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
]
