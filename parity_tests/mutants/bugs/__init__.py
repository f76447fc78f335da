"""The bugs, by subject; no two of a subject under the same description."""

from parity_tests.mutants.bugs import (
    activations,
    data,
    layers,
    linear,
    losses,
    optimizers,
    perceptron,
    random,
    softmax,
)

MUTANTS = [
    mutant
    for module in (linear, activations, softmax, losses, layers, optimizers, random, data, perceptron)
    for mutant in module.MUTANTS
]

__all__ = ["MUTANTS"]
