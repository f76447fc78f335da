"""One row for every public formula, layer and optimizer: what is drawn for it, and what its result may be off by.

Parity, gradient, strict-array and benchmark cases are made from these rows; a public name without a row fails the
suite. A new formula is a new row here, not a new test.
"""

from __future__ import annotations

from parity_tests.specification import (
    activations,
    arithmetic,
    attention,
    convolution,
    elementwise,
    embedding,
    embedding_bag,
    gated_activations,
    hard_activations,
    kernels,
    linear,
    losses,
    multi_head_attention,
    normalization,
    padding,
    pooling,
    reductions,
    semantics,
    shape,
    similarity,
    word2vec,
)
from parity_tests.specification.layers import LAYERS
from parity_tests.specification.optimizers import OPTIMIZERS
from parity_tests.specification.row import Row
from parity_tests.specification.schedulers import SCHEDULERS

MODULES = (
    *(linear, activations, hard_activations, gated_activations, embedding, embedding_bag, losses, similarity),
    *(convolution, padding, pooling, normalization, arithmetic, elementwise, reductions, shape),
    *(attention, multi_head_attention, word2vec, semantics, kernels),
)

FORMULAS: dict[str, Row] = {row.name: row for module in MODULES for row in module.ROWS}

__all__ = ["FORMULAS", "LAYERS", "OPTIMIZERS", "SCHEDULERS", "Row"]
