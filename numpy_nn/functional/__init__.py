"""The formulas: one function each, returning its value and its pullback.

    y, backward = F.relu(x)                        dx = backward(dy)
    y, backward = F.linear(x, weight, bias)        dx, dweight, dbias = backward(dy)
    loss, backward = F.mse_loss(x, target)         dx = backward()          # dy = 1 for a scalar loss

A pullback takes dy, the gradient of the final loss with respect to y, and returns the gradients with respect to
the floating inputs, in order. Targets, class weights, indices and masks are data: they get no gradient.
Arguments, defaults and edges are those of torch.nn.functional; float32 and float64 are taken, never mixed.
"""

from typing import TYPE_CHECKING

from numpy_nn.later import later

if TYPE_CHECKING:
    from numpy_nn.functional.activations import (
        celu,
        elu,
        gelu,
        glu,
        hardshrink,
        hardsigmoid,
        hardswish,
        hardtanh,
        leaky_relu,
        log_softmax,
        logsigmoid,
        mish,
        prelu,
        relu,
        relu6,
        rrelu,
        selu,
        sigmoid,
        silu,
        softmax,
        softmin,
        softplus,
        softshrink,
        softsign,
        tanh,
        tanhshrink,
        threshold,
    )
    from numpy_nn.functional.arithmetic import add, div, mul, neg, pow, sub
    from numpy_nn.functional.attention import scaled_dot_product_attention
    from numpy_nn.functional.batch_norm import batch_norm
    from numpy_nn.functional.convolution import conv1d, conv2d
    from numpy_nn.functional.convolution_transpose import conv_transpose2d
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
    from numpy_nn.functional.multi_head_attention import multi_head_attention
    from numpy_nn.functional.normalization import group_norm, layer_norm, rms_norm
    from numpy_nn.functional.padding import pad
    from numpy_nn.functional.pooling import adaptive_avg_pool2d, avg_pool2d, max_pool2d
    from numpy_nn.functional.reductions import amax, amin, mean, sum
    from numpy_nn.functional.shape import cat, flatten, permute, reshape, stack, transpose
    from numpy_nn.functional.similarity import cosine_similarity, normalize
else:
    __getattr__, __dir__ = later(
        __name__,
        {
            "activations": (
                "celu elu gelu glu hardshrink hardsigmoid hardswish hardtanh leaky_relu log_softmax logsigmoid "
                "mish prelu relu relu6 rrelu selu sigmoid silu softmax softmin softplus softshrink softsign tanh "
                "tanhshrink threshold"
            ),
            "arithmetic": "add div mul neg pow sub",
            "attention": "scaled_dot_product_attention",
            "batch_norm": "batch_norm",
            "convolution": "conv1d conv2d",
            "convolution_transpose": "conv_transpose2d",
            "dropout": "dropout",
            "elementwise": "exp log maximum minimum sqrt where",
            "embedding": "embedding",
            "embedding_bag": "embedding_bag",
            "indexing": "getitem",
            "linear": "linear",
            "losses": (
                "binary_cross_entropy binary_cross_entropy_with_logits contrastive_loss cross_entropy l1_loss "
                "mse_loss nll_loss smooth_l1_loss"
            ),
            "matmul": "matmul",
            "multi_head_attention": "multi_head_attention",
            "normalization": "group_norm layer_norm rms_norm",
            "padding": "pad",
            "pooling": "adaptive_avg_pool2d avg_pool2d max_pool2d",
            "reductions": "amax amin mean sum",
            "shape": "cat flatten permute reshape stack transpose",
            "similarity": "cosine_similarity normalize",
        },
    )

__all__ = [
    "adaptive_avg_pool2d",
    "add",
    "amax",
    "amin",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cat",
    "celu",
    "contrastive_loss",
    "conv1d",
    "conv2d",
    "conv_transpose2d",
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
    "glu",
    "group_norm",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log",
    "log_softmax",
    "logsigmoid",
    "matmul",
    "max_pool2d",
    "maximum",
    "mean",
    "minimum",
    "mish",
    "mse_loss",
    "mul",
    "multi_head_attention",
    "neg",
    "nll_loss",
    "normalize",
    "pad",
    "permute",
    "pow",
    "prelu",
    "relu",
    "relu6",
    "reshape",
    "rms_norm",
    "rrelu",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "sqrt",
    "stack",
    "sub",
    "sum",
    "tanh",
    "tanhshrink",
    "threshold",
    "transpose",
    "where",
]
