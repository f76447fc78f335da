"""Bugs in the activations in which more than one number makes one."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

prelu = partial(Mutant, "functional.prelu", "functional/activations/learned.py")
rrelu = partial(Mutant, "functional.rrelu", "functional/activations/randomized.py")
glu = partial(Mutant, "functional.glu", "functional/activations/gated.py")

MUTANTS = [
    prelu("xp.where(x > 0, 0, x * dy)", "x * dy", "the slope's gradient from above 0, too"),
    prelu("xp.where(x > 0, 0, x * dy)", "xp.where(x > 0, 0, dy)", "x lost in the slope's gradient"),
    prelu("xp.where(x > 0, dy, slope * dy)", "xp.where(x >= 0, dy, slope * dy)", "gradient 1 at the kink"),
    prelu("xp.where(x > 0, dy, slope * dy)", "dy", "backward is the identity"),
    prelu("(1,) * (x.ndim - 2)", "(1,) * 0", "channels last"),
    prelu(
        "xp.where(x > 0, 0, x * dy)",
        "xp.where(x > 0, 0, x * dy) / (x.shape[0] if x.ndim else 1)",
        "a mean over the batch",
    ),
    rrelu("(lower + upper) / 2)", "lower)", "the lowest slope without training"),
    rrelu("xp.where(x <= 0, slope, 1)", "xp.where(x < 0, slope, 1)", "gradient 1 at the kink"),
    rrelu("lambda dy: dy * factor", "lambda dy: dy", "backward is the identity"),
    rrelu("random.uniform(int(below.sum()), dtype", "random.uniform(1, dtype", "one slope for all"),
    rrelu("dtype=np.float64", "dtype=np.float32", "slopes drawn in float32"),
    rrelu("* (high - low)", "* high", "slopes beyond the upper bound"),
    glu("a, b = x[(*before, slice(n))], x", "b, a = x[(*before, slice(n))], x", "the first half is the gate"),
    glu("[dy * gate, gate_backward(dy * a)]", "[gate_backward(dy * a), dy * gate]", "the halves of dx swapped"),
    glu("gate_backward(dy * a)", "gate_backward(dy)", "a lost in the gradient of the gate"),
    glu("[dy * gate,", "[dy,", "the gate lost in the gradient"),
    glu("dim: int = -1", "dim: int = 0", "a changed default"),
]
