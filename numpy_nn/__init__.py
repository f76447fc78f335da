"""A neural network written by hand in NumPy.

import numpy_nn as nn                       nn.manual_seed(0)
import numpy_nn.functional as F             model = nn.SimpleNet()            # 784-128-10
from numpy_nn import data, optim            optimizer = optim.Adam(model.parameters(), lr=1e-3)

for x, target in data.DataLoader(dataset, batch_size=64, shuffle=True):
    optimizer.zero_grad()
    loss, backward = F.cross_entropy(model(x), target)
    model.backward(backward())
    optimizer.step()
"""

from typing import TYPE_CHECKING

from numpy_nn import functional, init, random
from numpy_nn.grad_mode import enable_grad, no_grad, no_input_grad
from numpy_nn.kernels import use_kernels
from numpy_nn.later import later
from numpy_nn.random import Generator, manual_seed

if TYPE_CHECKING:
    from numpy_nn import autograd, checkpoint, data, interpret, metrics, optim, pictures, training
    from numpy_nn.models import MLP, BasicBlock, ImageText, LeNet, ResNet18, SimpleNet, VisionTransformer
    from numpy_nn.modules import (
        CELU,
        ELU,
        GELU,
        GLU,
        SELU,
        AdaptiveAvgPool2d,
        AvgPool2d,
        BatchNorm1d,
        BatchNorm2d,
        BCELoss,
        BCEWithLogitsLoss,
        Conv1d,
        Conv2d,
        ConvTranspose2d,
        CosineSimilarity,
        CrossEntropyLoss,
        Dropout,
        Embedding,
        EmbeddingBag,
        Flatten,
        GroupNorm,
        Hardshrink,
        Hardsigmoid,
        Hardswish,
        Hardtanh,
        L1Loss,
        LayerNorm,
        LeakyReLU,
        Linear,
        LogSigmoid,
        LogSoftmax,
        MaxPool2d,
        Mish,
        Module,
        MSELoss,
        MultiheadAttention,
        NLLLoss,
        Parameter,
        PReLU,
        ReLU,
        ReLU6,
        RMSNorm,
        RReLU,
        Sequential,
        Sigmoid,
        SiLU,
        SmoothL1Loss,
        Softmax,
        Softmin,
        Softplus,
        Softshrink,
        Softsign,
        Tanh,
        Tanhshrink,
        Threshold,
        TransformerEncoderLayer,
    )
    from numpy_nn.perceptron import Perceptron
    from numpy_nn.summary import summary

_LATER = {
    **dict.fromkeys(("autograd", "checkpoint", "data", "interpret", "metrics", "optim", "pictures", "training"), ""),
    "models": "MLP BasicBlock ImageText LeNet ResNet18 SimpleNet VisionTransformer",
    "modules": (
        "CELU ELU GELU GLU SELU AdaptiveAvgPool2d AvgPool2d BatchNorm1d BatchNorm2d BCELoss BCEWithLogitsLoss "
        "Conv1d Conv2d ConvTranspose2d CosineSimilarity CrossEntropyLoss Dropout Embedding EmbeddingBag Flatten "
        "GroupNorm Hardshrink Hardsigmoid Hardswish Hardtanh L1Loss LayerNorm LeakyReLU Linear LogSigmoid "
        "LogSoftmax MaxPool2d Mish Module MSELoss MultiheadAttention NLLLoss Parameter PReLU ReLU ReLU6 RMSNorm "
        "RReLU Sequential Sigmoid SiLU SmoothL1Loss Softmax Softmin Softplus Softshrink Softsign Tanh Tanhshrink "
        "Threshold TransformerEncoderLayer"
    ),
    "perceptron": "Perceptron",
    "summary": "summary",
}
"""Subpackages, and the names from them: see later."""

if not TYPE_CHECKING:
    __getattr__, __dir__ = later(__name__, _LATER)

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "MLP",
    "SELU",
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BasicBlock",
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
    "Generator",
    "GroupNorm",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "ImageText",
    "L1Loss",
    "LayerNorm",
    "LeNet",
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
    "Perceptron",
    "RMSNorm",
    "RReLU",
    "ReLU",
    "ReLU6",
    "ResNet18",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SimpleNet",
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
    "VisionTransformer",
    "autograd",
    "checkpoint",
    "data",
    "enable_grad",
    "functional",
    "init",
    "interpret",
    "manual_seed",
    "metrics",
    "no_grad",
    "no_input_grad",
    "optim",
    "pictures",
    "random",
    "summary",
    "training",
    "use_kernels",
]
