"""The PyTorch twin of every public name of numpy_nn.

Keys are the dotted names below numpy_nn. Where PyTorch has the thing, the twin is PyTorch's own; where it has not, it
is written in this wing.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils import data

import torch_nn

FORMULAS = (
    "relu leaky_relu elu sigmoid tanh softplus gelu silu softmax log_softmax linear dropout embedding "
    "mse_loss l1_loss smooth_l1_loss nll_loss cross_entropy binary_cross_entropy binary_cross_entropy_with_logits"
).split()
LAYERS = (
    "Module Parameter Sequential Linear ReLU LeakyReLU ELU Sigmoid Tanh Softplus GELU SiLU Softmax LogSoftmax Dropout "
    "Flatten Embedding MSELoss L1Loss SmoothL1Loss NLLLoss CrossEntropyLoss BCELoss BCEWithLogitsLoss"
).split()

TWINS: dict[str, Any] = {
    **{f"functional.{name}": getattr(F, name) for name in FORMULAS},
    "functional.flatten": torch.flatten,
    **{name: getattr(nn, name) for name in LAYERS},
    "SimpleNet": torch_nn.SimpleNet,
    "Perceptron": torch_nn.Perceptron,
    "Generator": torch.Generator,
    "manual_seed": torch.manual_seed,
    **{f"init.{name}": getattr(nn.init, name) for name in ("uniform_", "normal_", "kaiming_uniform_")},
    **{f"optim.{name}": getattr(optim, name) for name in ("Optimizer", "SGD", "Adam", "AdamW")},
    **{f"optim.{name}": getattr(nn.utils, name) for name in ("clip_grad_norm_", "clip_grad_value_")},
    **{f"data.{name}": getattr(data, name) for name in ("Dataset", "TensorDataset", "DataLoader")},
    **{f"data.{name}": getattr(torch_nn.data, name) for name in ("digits", "idx_images")},
    **{f"training.{name}": getattr(torch_nn.training, name) for name in ("fit", "train_step", "evaluate", "predict")},
}
