"""The same networks as a PyTorch user writes them: torch.nn, autograd, torch.optim, and nothing of numpy_nn."""

try:
    import torch as _torch  # noqa: F401
except ModuleNotFoundError as error:  # under this name, python -m torch_nn says it in one line
    raise ModuleNotFoundError('torch_nn needs PyTorch: pip install "numpy_nn[torch]"', name=__name__) from error

from torch_nn import data, interpret, metrics, semantics, training, word2vec
from torch_nn.image_text import ImageText
from torch_nn.lenet import LeNet
from torch_nn.models import MLP, SimpleNet
from torch_nn.perceptron import Perceptron
from torch_nn.resnet import BasicBlock, ResNet18
from torch_nn.vision_transformer import VisionTransformer

__all__ = [
    "MLP",
    "BasicBlock",
    "ImageText",
    "LeNet",
    "Perceptron",
    "ResNet18",
    "SimpleNet",
    "VisionTransformer",
    "data",
    "interpret",
    "metrics",
    "semantics",
    "training",
    "word2vec",
]
