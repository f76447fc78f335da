"""Networks, each with its backward spelled out."""

from numpy_nn.models.image_text import ImageText
from numpy_nn.models.mlp import ACTIVATIONS, MLP
from numpy_nn.models.simple_net import SimpleNet

__all__ = ["ACTIVATIONS", "MLP", "ImageText", "SimpleNet"]
