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
from numpy_nn.functional.arithmetic import add, div, mul, neg, pow, sub
from numpy_nn.functional.dropout import dropout
from numpy_nn.functional.elementwise import exp, log, maximum, minimum, sqrt, where
from numpy_nn.functional.embedding import embedding
from numpy_nn.functional.embedding_bag import embedding_bag
from numpy_nn.functional.indexing import getitem
from numpy_nn.functional.linear import linear
from numpy_nn.functional.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    contrastive_loss,
    cross_entropy,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from numpy_nn.functional.matmul import matmul
from numpy_nn.functional.reductions import amax, amin, mean, sum
from numpy_nn.functional.shape import cat, flatten, permute, reshape, stack, transpose
from numpy_nn.functional.similarity import cosine_similarity, normalize

__all__ = [
    "add",
    "amax",
    "amin",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cat",
    "contrastive_loss",
    "cosine_similarity",
    "cross_entropy",
    "div",
    "dropout",
    "elu",
    "embedding",
    "embedding_bag",
    "exp",
    "flatten",
    "gelu",
    "getitem",
    "l1_loss",
    "leaky_relu",
    "linear",
    "log",
    "log_softmax",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "mse_loss",
    "mul",
    "neg",
    "nll_loss",
    "normalize",
    "permute",
    "pow",
    "relu",
    "reshape",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "softplus",
    "sqrt",
    "stack",
    "sub",
    "sum",
    "tanh",
    "transpose",
    "where",
]
