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
    semantics,
    shape,
    similarity,
    softmax,
    text,
    text_builtin,
    training,
    word2vec,
    word2vec_fast,
    word2vec_model,
    word_vectors,
)

MUTANTS = [
    mutant
    for module in (
        linear,
        activations,
        softmax,
        losses,
        similarity,
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
        text,
        checkpoint,
        perceptron,
        training,
        text_builtin,
        word2vec,
        word2vec_fast,
        word2vec_model,
        word_vectors,
        semantics,
    )
    for mutant in module.MUTANTS
]

__all__ = ["MUTANTS"]
