"""From which size on a formula's kernel for a CPU pays."""

LARGE = 1 << 13
"""Below so many values the calls cost more than what they do."""

FEW = 1 << 11
"""The same, of kernels whose textbook formula has branches, or takes many steps."""

LEAST = {
    "attend": FEW,
    "batch_norm": LARGE,
    "binary_cross_entropy_with_logits": 1,
    "conv2d": LARGE,
    "cross_entropy": 1,
    "elu": FEW,
    "embedding": 1,
    "gelu": FEW,
    "layer_norm": LARGE,
    "leaky_relu": FEW,
    "log_softmax": FEW,
    "max_pool2d": LARGE,
    "relu": FEW,
    "scaled_dot_product_attention": FEW,
    "sigmoid": FEW,
    "silu": FEW,
    "smooth_l1_loss": FEW,
    "softmax": FEW,
    "tanh": 1 << 17,
}
"""From how many values of its first argument on the kernel of a formula pays, by the name of both.

It stands apart from the kernels, which are imported where an array is that large.
"""
