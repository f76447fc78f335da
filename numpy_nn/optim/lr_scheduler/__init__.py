"""Schedulers: how the learning rate changes in the course of a training."""

from numpy_nn.optim.lr_scheduler.composite import ChainedScheduler, SequentialLR
from numpy_nn.optim.lr_scheduler.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from numpy_nn.optim.lr_scheduler.decay import ExponentialLR, LambdaLR, MultiStepLR, StepLR
from numpy_nn.optim.lr_scheduler.one_cycle import OneCycleLR
from numpy_nn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from numpy_nn.optim.lr_scheduler.scheduler import LRScheduler
from numpy_nn.optim.lr_scheduler.warmup import ConstantLR, LinearLR

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
