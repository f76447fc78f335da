"""The bugs, by subject; no two of a subject under the same description."""

from parity_tests.mutants.bugs import (
    activations,
    arithmetic,
    autograd,
    checkpoint,
    data,
    layers,
    linear,
    losses,
    metrics,
    optimizers,
    perceptron,
    random,
    reductions,
    schedulers,
    shape,
    softmax,
    training,
)

MUTANTS = [
    mutant
    for module in (
        linear,
        activations,
        softmax,
        losses,
        arithmetic,
        reductions,
        shape,
        autograd,
        layers,
        optimizers,
        schedulers,
        metrics,
        random,
        data,
        checkpoint,
        perceptron,
        training,
    )
    for mutant in module.MUTANTS
]

__all__ = ["MUTANTS"]
