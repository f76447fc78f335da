"""Networks, each with its backward spelled out."""

from numpy_nn.models.image_text import ImageText
from numpy_nn.models.lenet import LeNet
from numpy_nn.models.mlp import ACTIVATIONS, MLP
from numpy_nn.models.resnet import BasicBlock, ResNet18
from numpy_nn.models.simple_net import SimpleNet
from numpy_nn.models.vision_transformer import VisionTransformer

__all__ = ["ACTIVATIONS", "MLP", "BasicBlock", "ImageText", "LeNet", "ResNet18", "SimpleNet", "VisionTransformer"]
