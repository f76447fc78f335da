"""Optimizers: how gradients change parameters."""

from numpy_nn.optim import lr_scheduler
from numpy_nn.optim.adam import Adam, AdamW
from numpy_nn.optim.clip import clip_grad_norm_, clip_grad_value_
from numpy_nn.optim.optimizer import Optimizer
from numpy_nn.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "clip_grad_norm_", "clip_grad_value_", "lr_scheduler"]
