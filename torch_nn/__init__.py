"""The same networks as a PyTorch user writes them: torch.nn, autograd, torch.optim, and nothing of numpy_nn."""

from torch_nn import data, metrics, semantics, training, word2vec
from torch_nn.image_text import ImageText
from torch_nn.models import MLP, SimpleNet
from torch_nn.perceptron import Perceptron

__all__ = ["MLP", "ImageText", "Perceptron", "SimpleNet", "data", "metrics", "semantics", "training", "word2vec"]
