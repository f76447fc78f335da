"""The formulas: one function each, returning its value and its pullback.

    y, backward = F.relu(x)                        dx = backward(dy)
    y, backward = F.linear(x, weight, bias)        dx, dweight, dbias = backward(dy)
    loss, backward = F.mse_loss(x, target)         dx = backward()          # dy = 1 for a scalar loss

A pullback takes dy, the gradient of the final loss with respect to y, and returns the gradients with respect to
the floating inputs, in order. Targets, class weights, indices and masks are data: they get no gradient.
Arguments, defaults and edges are those of torch.nn.functional; float32 and float64 are taken, never mixed.
"""

from numpy_nn.functional.activations import (
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from numpy_nn.functional.dropout import dropout
from numpy_nn.functional.embedding import embedding
from numpy_nn.functional.linear import linear
from numpy_nn.functional.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from numpy_nn.functional.shape import flatten

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "dropout",
    "elu",
    "embedding",
    "flatten",
    "gelu",
    "l1_loss",
    "leaky_relu",
    "linear",
    "log_softmax",
    "mse_loss",
    "nll_loss",
    "relu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "softplus",
    "tanh",
]
