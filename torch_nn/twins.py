"""The PyTorch twin of every public name of numpy_nn.

Keys are the dotted names below numpy_nn. Where PyTorch has the thing, the twin is PyTorch's own; where it has not, it
is written in this wing.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.autograd.gradcheck import GradcheckError, gradcheck
from torch.utils import data

import torch_nn
from torch_nn.activations import hardsigmoid
from torch_nn.attention import multi_head_attention
from torch_nn.contrastive import contrastive_loss
from torch_nn.indexing import getitem

FORMULAS = (
    "conv1d conv2d conv_transpose2d pad "
    "relu leaky_relu elu sigmoid tanh softplus gelu silu softmax log_softmax linear dropout embedding embedding_bag "
    "selu celu prelu glu hardtanh relu6 hardswish mish logsigmoid softsign softmin threshold hardshrink softshrink "
    "tanhshrink rrelu "
    "normalize cosine_similarity scaled_dot_product_attention "
    "max_pool2d avg_pool2d adaptive_avg_pool2d batch_norm layer_norm group_norm rms_norm "
    "mse_loss l1_loss smooth_l1_loss nll_loss cross_entropy binary_cross_entropy binary_cross_entropy_with_logits"
).split()
ARRAY_FORMULAS = (
    "add sub mul div neg pow matmul exp log sqrt maximum minimum where sum mean amax amin "
    "flatten reshape transpose permute cat stack"
).split()
LAYERS = (
    "Conv1d Conv2d ConvTranspose2d "
    "Module Parameter Sequential Linear ReLU LeakyReLU ELU Sigmoid Tanh Softplus GELU SiLU Softmax LogSoftmax Dropout "
    "SELU CELU PReLU GLU Hardtanh ReLU6 Hardsigmoid Hardswish Mish LogSigmoid Softsign Softmin Threshold Hardshrink "
    "Softshrink Tanhshrink RReLU "
    "MaxPool2d AvgPool2d AdaptiveAvgPool2d BatchNorm1d BatchNorm2d LayerNorm GroupNorm RMSNorm "
    "MultiheadAttention TransformerEncoderLayer "
    "Flatten Embedding EmbeddingBag CosineSimilarity MSELoss L1Loss SmoothL1Loss NLLLoss CrossEntropyLoss BCELoss "
    "BCEWithLogitsLoss"
).split()
SCHEDULERS = (
    "LRScheduler StepLR MultiStepLR ConstantLR LinearLR ExponentialLR CosineAnnealingLR CosineAnnealingWarmRestarts "
    "OneCycleLR LambdaLR ReduceLROnPlateau SequentialLR ChainedScheduler"
).split()
DATA = (
    "Dataset TensorDataset Subset ConcatDataset random_split DataLoader default_collate default_convert Sampler "
    "SequentialSampler RandomSampler SubsetRandomSampler WeightedRandomSampler BatchSampler"
).split()
SOURCES = ("digits", "idx_images", "mnist", "fashion_mnist", "TransformedDataset")
TRANSFORMS = "Compose ToDtype Normalize Pad CenterCrop RandomCrop RandomHorizontalFlip".split()
OBJECTIVES = ("softmax_loss", "negative_sampling_loss", "hierarchical_softmax_loss", "block_loss")
INITIAL = ("uniform_", "normal_", "kaiming_uniform_", "kaiming_normal_", "xavier_uniform_")
INTERPRET = (
    "activations convolutions enlarged grad_cam guided_backpropagation integrated_gradients occlusion saliency "
    "strongest weight_images"
).split()
KERNELS = {
    **dict.fromkeys(("conv2d", "conv2d_columns", "conv2d_neighbours", "conv2d_winograd"), "conv2d"),
    **{name: name for name in ("batch_norm", "layer_norm", "scaled_dot_product_attention", "max_pool2d")},
    **{name: name for name in ("cross_entropy", "embedding", "binary_cross_entropy_with_logits", "smooth_l1_loss")},
    **{name: name for name in ("relu", "leaky_relu", "elu", "sigmoid", "tanh", "silu", "gelu")},
    **{name: name for name in ("softmax", "log_softmax")},
}
CUDA_KERNELS = "relu leaky_relu elu sigmoid tanh silu gelu cross_entropy embedding linear".split()
METRICS = ("accuracy", "top_k_accuracy", "confusion_matrix", "precision_recall")

TWINS: dict[str, Any] = {
    **{f"functional.{name}": getattr(F, name) for name in FORMULAS},
    **{f"functional.{name}": getattr(torch, name) for name in ARRAY_FORMULAS},
    **{f"kernels.cpu.{name}": getattr(F, formula) for name, formula in KERNELS.items()},
    **{f"kernels.cuda.{name}": getattr(F, name) for name in CUDA_KERNELS},
    **{f"kernels.cpu.{name.lower()}": getattr(optim, name) for name in ("SGD", "Adam")},
    **{f"kernels.cuda.{name.lower()}": getattr(optim, name) for name in ("SGD", "Adam")},
    "functional.hardsigmoid": hardsigmoid,
    "functional.multi_head_attention": multi_head_attention,
    "functional.getitem": getitem,
    "functional.contrastive_loss": contrastive_loss,
    "autograd.Tensor": torch.Tensor,
    "autograd.gradcheck": gradcheck,
    "autograd.GradcheckError": GradcheckError,
    "no_grad": torch.no_grad,
    "enable_grad": torch.enable_grad,
    **{f"autograd.{name}": getattr(torch, name) for name in ("no_grad", "enable_grad", "is_grad_enabled")},
    **{name: getattr(nn, name) for name in LAYERS},
    "MLP": torch_nn.MLP,
    "ImageText": torch_nn.ImageText,
    "LeNet": torch_nn.LeNet,
    "BasicBlock": torch_nn.BasicBlock,
    "ResNet18": torch_nn.ResNet18,
    "SimpleNet": torch_nn.SimpleNet,
    "VisionTransformer": torch_nn.VisionTransformer,
    "Perceptron": torch_nn.Perceptron,
    "Generator": torch.Generator,
    "manual_seed": torch.manual_seed,
    **{f"init.{name}": getattr(nn.init, name) for name in INITIAL},
    **{f"optim.{name}": getattr(optim, name) for name in ("Optimizer", "SGD", "Adam", "AdamW")},
    **{f"optim.lr_scheduler.{name}": getattr(optim.lr_scheduler, name) for name in SCHEDULERS},
    **{f"optim.{name}": getattr(nn.utils, name) for name in ("clip_grad_norm_", "clip_grad_value_")},
    **{f"data.{name}": getattr(data, name) for name in DATA},
    **{f"data.{name}": getattr(torch_nn.data, name) for name in SOURCES},
    **{f"data.transforms.{name}": getattr(torch_nn.data, name) for name in TRANSFORMS},
    "random.multinomial": torch.multinomial,
    **{f"interpret.{name}": getattr(torch_nn.interpret, name) for name in INTERPRET},
    **{f"metrics.{name}": getattr(torch_nn.metrics, name) for name in METRICS},
    **{f"word2vec.{name}": getattr(torch_nn.word2vec, name) for name in OBJECTIVES},
    **{f"semantics.{name}": getattr(torch_nn.semantics, name) for name in torch_nn.semantics.__all__},
    "checkpoint.save": torch.save,
    "checkpoint.load": torch.load,
    **{f"training.{name}": getattr(torch_nn.training, name) for name in ("fit", "train_step", "evaluate", "predict")},
}
