"""Small experiments for a learner: each ends in a picture and a sentence with the numbers it has just measured.

Each module holds one experiment: `run` computes the numbers, `sentence` words them in English or Korean by what they
are, `draw` makes the picture. `python -m numpy_nn explore` runs them. The pictures need matplotlib, most of the
experiments scikit-learn's digits; both are imported only when they are used.
"""

from typing import Any

from numpy_nn.explore import (
    activations,
    brain,
    captions,
    dying_relu,
    energy,
    optimizers,
    perceptron,
    regularization,
    sparsity,
    transfer_words,
    vanishing,
    weights,
    xor,
)
from numpy_nn.explore.experiment import Experiment

_IN_ORDER = (
    perceptron,
    xor,
    activations,
    vanishing,
    dying_relu,
    sparsity,
    optimizers,
    regularization,
    weights,
    brain,
    energy,
    captions,
    transfer_words,
)

EXPERIMENTS: dict[str, Experiment[Any]] = {module.EXPERIMENT.name: module.EXPERIMENT for module in _IN_ORDER}
"""Every experiment by its name, in the order of learning."""

__all__ = ["EXPERIMENTS", "Experiment"]
