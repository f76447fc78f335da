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

from numpy_nn import autograd, checkpoint, data, functional, init, metrics, optim, pictures, random, training
from numpy_nn.models import MLP, ImageText, SimpleNet
from numpy_nn.modules import (
    ELU,
    GELU,
    BCELoss,
    BCEWithLogitsLoss,
    CosineSimilarity,
    CrossEntropyLoss,
    Dropout,
    Embedding,
    EmbeddingBag,
    Flatten,
    L1Loss,
    LeakyReLU,
    Linear,
    LogSoftmax,
    Module,
    MSELoss,
    NLLLoss,
    Parameter,
    ReLU,
    Sequential,
    Sigmoid,
    SiLU,
    SmoothL1Loss,
    Softmax,
    Softplus,
    Tanh,
)
from numpy_nn.perceptron import Perceptron
from numpy_nn.random import Generator, manual_seed

__all__ = [
    "ELU",
    "GELU",
    "MLP",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "EmbeddingBag",
    "Flatten",
    "Generator",
    "ImageText",
    "L1Loss",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "NLLLoss",
    "Parameter",
    "Perceptron",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SimpleNet",
    "SmoothL1Loss",
    "Softmax",
    "Softplus",
    "Tanh",
    "autograd",
    "checkpoint",
    "data",
    "functional",
    "init",
    "manual_seed",
    "metrics",
    "optim",
    "pictures",
    "random",
    "training",
]
