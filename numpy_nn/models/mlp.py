"""A network of any number of fully connected layers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from numpy_nn import modules
from numpy_nn.backend import DTypeLike
from numpy_nn.functional import checks
from numpy_nn.modules import Dropout, Linear, Module, Sequential

ACTIVATIONS: dict[str, Callable[[], Module]] = {
    "relu": modules.ReLU,
    "leaky_relu": modules.LeakyReLU,
    "elu": modules.ELU,
    "gelu": modules.GELU,
    "silu": modules.SiLU,
    "softplus": modules.Softplus,
    "sigmoid": modules.Sigmoid,
    "tanh": modules.Tanh,
    "relu6": modules.ReLU6,
    "selu": modules.SELU,
    "celu": modules.CELU,
    "mish": modules.Mish,
    "hardswish": modules.Hardswish,
    "hardtanh": modules.Hardtanh,
    "softsign": modules.Softsign,
}
"""What may stand between two layers, under its name in functional."""


class MLP(Sequential):
    """A multilayer perceptron: fully connected layers, with an activation and dropout between each and the next.

    h₀ = x;   hᵢ = dropout(activation(Wᵢ hᵢ₋₁ + bᵢ));   logits = W_L h_{L−1} + b_L

    sizes: features in, of each hidden layer, and out; two numbers at least.  activation: a name in ACTIVATIONS.
    dropout: the probability p; 0 drops nothing.  x: (..., sizes[0]) -> (..., sizes[-1]).
    Parameters are named as in the Sequential it is: "0.weight", "0.bias", "3.weight", …
    Raises ValueError for fewer sizes or another activation, TypeError for sizes that are no integers.
    """

    def __init__(
        self,
        *sizes: int,
        activation: str = "relu",
        dropout: float = 0.0,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        checks.option("activation", activation, *ACTIVATIONS)
        if len(sizes) < 2:
            raise ValueError(f"sizes: expected at least the features in and out, got {sizes}")
        layers: list[Module] = []
        for features, following in pairwise(sizes):
            if layers:
                layers += [ACTIVATIONS[activation](), Dropout(dropout)]
            layers.append(Linear(features, following, device=device, dtype=dtype))
        super().__init__(*layers)
