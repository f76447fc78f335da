"""Training: the loop that every example shares, what is measured on the way, and how it goes on after a stop."""

from numpy_nn.training.callbacks import Callback, Checkpoints, EarlyStopping
from numpy_nn.training.capture import Captured, capture
from numpy_nn.training.evaluation import evaluate, predict, scores
from numpy_nn.training.nonfinite import NonFiniteError
from numpy_nn.training.step import train_step
from numpy_nn.training.trainer import Epoch, Trainer, fit

__all__ = [
    "Callback",
    "Captured",
    "Checkpoints",
    "EarlyStopping",
    "Epoch",
    "NonFiniteError",
    "Trainer",
    "capture",
    "evaluate",
    "fit",
    "predict",
    "scores",
    "train_step",
]
