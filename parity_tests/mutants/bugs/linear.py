"""Bugs in linear, dropout, flatten and embedding."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

linear = partial(Mutant, "functional.linear", "functional/linear.py")
dropout = partial(Mutant, "functional.dropout", "functional/dropout.py")
flatten = partial(Mutant, "functional.flatten", "functional/shape.py", within="def flatten")
embedding = partial(Mutant, "functional.embedding", "functional/embedding.py")

MUTANTS = [
    linear("_ones(xp, N, dy.dtype).dot(drows)", "drows[:1].sum(axis=0)", "bias gradient of the first row only"),
    linear("_ones(xp, N, dy.dtype)", "(_ones(xp, N, dy.dtype) / max(N, 1))", "a spurious 1/N"),
    linear("rows.T.dot(drows)", "rows.T.dot(drows[::-1])", "samples paired in reverse"),
    linear("drows.dot(weight)", "drows.dot(abs(weight))", "the weight's sign lost"),
    linear("rows.T.dot(drows).T", "1.0005 * rows.T.dot(drows).T", "gradient off by 0.05 %"),
    dropout("scale = mask / (1 - p)", "scale = mask", "the kept ones are not scaled up"),
    dropout("return x * scale, lambda dy: dy * scale", "return x * scale, lambda dy: dy", "backward is the identity"),
    dropout(
        "return x * scale, lambda dy: dy * scale",
        "return x * scale, lambda dy: dy * _random_mask(x, 1 - p, generator) / (1 - p)",
        "another mask for the gradient",
    ),
    dropout("_random_mask(x, 1 - p, generator)", "_random_mask(x, p, generator)", "keeps with probability p"),
    dropout("memory_order(x)", "list(range(x.ndim))", "the mask drawn in C order"),
    Mutant(
        "functional.dropout",
        "backend.py",
        "-abs(x.strides[axis])",
        "-x.strides[axis]",
        "the mask's order where strides are negative",
    ),
    dropout("p: float = 0.5", "p: float = 0.4", "a changed default"),
    flatten("dy.reshape(x.shape)", "dy.reshape(x.shape[::-1]).T", "swapped axes"),
    flatten("x.reshape(joined),", "x.T.reshape(joined),", "the values in another order"),
    flatten("lambda dy: dy.reshape(x.shape)", "lambda dy: 1.0005 * dy.reshape(x.shape)", "gradient off by 0.05 %"),
    flatten("start_dim: int = 0", "start_dim: int = 1", "a changed default"),
    Mutant(
        "functional.embedding",
        "backend.py",
        "array_module(target).add.at(target, indices, values)",
        "target[indices] += values",
        "a lost duplicate index",
    ),
    Mutant(
        "functional.embedding",
        "backend.py",
        "array_module(target).add.at(target, indices, values)",
        "target[indices] = values",
        "= for +=",
    ),
    embedding("dweight[padding_idx] = 0", "dweight[padding_idx] *= 1", "the padding row gets a gradient"),
    embedding("if padding_idx is not None:", "if padding_idx:", "padding row 0 gets a gradient"),
    embedding("xp.maximum(count, 1)", "xp.maximum(count - 1, 1)", "frequencies counted one too low"),
    embedding("if scale_grad_by_freq:", "if scale_grad_by_freq and padding_idx is None:", "frequency or padding"),
    embedding("norm + 1e-7", "norm + 1e-6", "the guard of the quotient ten times too large", examples=400),
    embedding("ord=norm_type", "ord=2", "the 2-norm whatever norm_type is", examples=400),
    embedding("norm_type: float = 2.0,", "norm_type: float = 1.0,", "a changed default", examples=400),
    embedding("xp.unique(indices)", "xp.arange(V)", "rows not in use are scaled down too"),
    embedding(
        "_renormalise(weight, xp.unique(indices)",
        "weight = weight.copy()\n        _renormalise(weight, xp.unique(indices)",
        "the table itself is not scaled down",
    ),
    embedding(
        "xp.where(norm > max_norm, used * (max_norm / (norm + 1e-7)), used)",
        "used * (max_norm / (norm + 1e-7))",
        "short rows are stretched",
    ),
]
