"""Bugs in softmax and its logarithm."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

FILE = "functional/activations/softmax.py"

softmax = partial(Mutant, "functional.softmax", FILE, within="def softmax")
log_softmax = partial(Mutant, "functional.log_softmax", FILE, within="def log_softmax")
softmin = partial(Mutant, "functional.softmin", FILE, within="def softmin")

MUTANTS = [
    softmax("y * (dy - (dy * y).sum(axis=axis, keepdims=True))", "0 * dy", "backward is zero"),
    softmax("(dy - (dy * y).sum(axis=axis, keepdims=True))", "(1 - y) * dy", "the diagonal of the Jacobian only"),
    softmax("(dy * y).sum(axis=axis, keepdims=True)", "(dy * y).sum(keepdims=True)", "gradient summed over all axes"),
    softmax("(dy * y).sum(", "(dy * y).mean(", "a mean for a sum"),
    softmax("xp.exp(x - x.max(axis=axis, keepdims=True))", "xp.exp(x)", "large logits overflow"),
    softmax("checks.dimension(dim, x.ndim)", "checks.dimension(-1, x.ndim)", "the last axis for dim"),
    softmax("checks.dimension(dim, x.ndim)", "checks.dimension(min(x.ndim, 2) - 1, x.ndim)", "axis 1 for dim"),
    log_softmax("dy - xp.exp(y) * dy.sum(axis=axis, keepdims=True)", "dy - xp.exp(y)", "takes Σ dy to be 1"),
    log_softmax(
        "dy - xp.exp(y) * dy.sum(axis=axis, keepdims=True)", "(1 - xp.exp(y)) * dy", "the diagonal of the Jacobian only"
    ),
    log_softmax(
        "shifted - xp.log(xp.exp(shifted).sum(axis=axis, keepdims=True))",
        "xp.log(xp.exp(shifted) / xp.exp(shifted).sum(axis=axis, keepdims=True))",
        "the logarithm of a softmax that underflows",
    ),
    log_softmax("checks.dimension(dim, x.ndim)", "checks.dimension(-1, x.ndim)", "the last axis for dim"),
    log_softmax("x - x.max(axis=axis, keepdims=True)", "x - x.max()", "the maximum of everything"),
    softmin("softmax(-x, dim)", "softmax(x, dim)", "softmax"),
    softmin("-pullback(dy)", "pullback(dy)", "a wrong sign in the gradient"),
    softmin("softmax(-x, dim)", "softmax(-x, -1)", "the last axis for dim"),
]
