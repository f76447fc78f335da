"""Layers under PyTorch's names: own parameters, one formula each, and a backward that calls its pullback."""

from typing import TYPE_CHECKING

from numpy_nn.later import later
from numpy_nn.parameter import Parameter

if TYPE_CHECKING:
    from numpy_nn.modules.activations import (
        CELU,
        ELU,
        GELU,
        GLU,
        SELU,
        Hardshrink,
        Hardsigmoid,
        Hardswish,
        Hardtanh,
        LeakyReLU,
        LogSigmoid,
        LogSoftmax,
        Mish,
        PReLU,
        ReLU,
        ReLU6,
        RReLU,
        Sigmoid,
        SiLU,
        Softmax,
        Softmin,
        Softplus,
        Softshrink,
        Softsign,
        Tanh,
        Tanhshrink,
        Threshold,
    )
    from numpy_nn.modules.attention import MultiheadAttention
    from numpy_nn.modules.batch_norm import BatchNorm1d, BatchNorm2d
    from numpy_nn.modules.containers import Sequential
    from numpy_nn.modules.convolution import Conv1d, Conv2d, ConvTranspose2d
    from numpy_nn.modules.embedding_bag import EmbeddingBag
    from numpy_nn.modules.layer import Layer
    from numpy_nn.modules.layers import CosineSimilarity, Dropout, Embedding, Flatten, Linear
    from numpy_nn.modules.losses import (
        BCELoss,
        BCEWithLogitsLoss,
        CrossEntropyLoss,
        L1Loss,
        MSELoss,
        NLLLoss,
        SmoothL1Loss,
    )
    from numpy_nn.modules.module import Module
    from numpy_nn.modules.normalization import GroupNorm, LayerNorm, RMSNorm
    from numpy_nn.modules.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
    from numpy_nn.modules.transformer import TransformerEncoderLayer
else:
    __getattr__, __dir__ = later(
        __name__,
        {
            "activations": (
                "CELU ELU GELU GLU SELU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax "
                "Mish PReLU ReLU ReLU6 RReLU Sigmoid SiLU Softmax Softmin Softplus Softshrink Softsign Tanh "
                "Tanhshrink Threshold"
            ),
            "attention": "MultiheadAttention",
            "batch_norm": "BatchNorm1d BatchNorm2d",
            "containers": "Sequential",
            "convolution": "Conv1d Conv2d ConvTranspose2d",
            "embedding_bag": "EmbeddingBag",
            "layer": "Layer",
            "layers": "CosineSimilarity Dropout Embedding Flatten Linear",
            "losses": "BCELoss BCEWithLogitsLoss CrossEntropyLoss L1Loss MSELoss NLLLoss SmoothL1Loss",
            "module": "Module",
            "normalization": "GroupNorm LayerNorm RMSNorm",
            "pooling": "AdaptiveAvgPool2d AvgPool2d MaxPool2d",
            "transformer": "TransformerEncoderLayer",
        },
    )

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "EmbeddingBag",
    "Flatten",
    "GroupNorm",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "L1Loss",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Mish",
    "Module",
    "MultiheadAttention",
    "NLLLoss",
    "PReLU",
    "Parameter",
    "RMSNorm",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "TransformerEncoderLayer",
]
