"""Networks assembled from layers, each with its backward spelled out."""

from numpy_nn.models.simple_net import SimpleNet

__all__ = ["SimpleNet"]
