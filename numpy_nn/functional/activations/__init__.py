"""Activations: what a neuron does with its weighted sum."""

from numpy_nn.functional.activations.rectified import elu, leaky_relu, relu
from numpy_nn.functional.activations.smooth import gelu, sigmoid, silu, softplus, tanh
from numpy_nn.functional.activations.softmax import log_softmax, softmax

__all__ = ["elu", "gelu", "leaky_relu", "log_softmax", "relu", "sigmoid", "silu", "softmax", "softplus", "tanh"]
