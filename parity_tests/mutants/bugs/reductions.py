"""Bugs in sum, mean, amax and amin."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

FILE = "functional/reductions.py"

sum_ = partial(Mutant, "functional.sum", FILE, within="def sum")
mean = partial(Mutant, "functional.mean", FILE, within="def mean")
amax = partial(Mutant, "functional.amax", FILE, within="def amax")
amin = partial(Mutant, "functional.amin", FILE, within="def amin")
shared = partial(Mutant, file=FILE, within="def _shared")

MUTANTS = [
    sum_("xp.broadcast_to(dy.reshape(kept), x.shape)", "xp.broadcast_to(1.0005 * dy.reshape(kept), x.shape)", "0.05 %"),
    sum_("_reduced(x, dim, keepdim)", "_reduced(x, None, keepdim)", "all dimensions whatever dim is"),
    sum_("_reduced(x, dim, keepdim)", "_reduced(x, dim, False)", "keepdim is not heeded"),
    sum_("keepdim: bool = False", "keepdim: bool = True", "a changed default"),
    sum_("x.shape).copy()", "x.shape)", "a gradient that nobody can write to"),
    mean("x.shape).copy()", "x.shape)", "a gradient that nobody can write to"),
    Mutant(
        "functional.sum",
        "functional/broadcasting.py",
        "array_module(x).ascontiguousarray(x.transpose(kept + axes))",
        "x.transpose(kept + axes)",
        "numbers added one after the other",
    ),
    mean("dy.reshape(kept) / n", "dy.reshape(kept)", "a missing 1/n"),
    mean("prod(x.shape[axis] for axis in axes)", "x.size", "the mean over all, whatever dim is"),
    mean(".reshape(shape) / n", ".reshape(shape) / max(n, 1)", "the mean of nothing is 0"),
    amax("x.max(", "x.min(", "the smallest"),
    shared("functional.amax", old=" / chosen.sum(axis=axes, keepdims=True)", new="", what="every tie gets it all"),
    shared(
        "functional.amax",
        old="chosen.sum(axis=axes, keepdims=True)",
        new="(chosen.sum(axis=axes, keepdims=True) + (chosen.sum(axis=axes, keepdims=True) == 0))",
        what="no gradient beside nan",
    ),
    amax("_shared(x, y, axes, kept)", "_shared(x, x.max(), axes, kept)", "the largest of all gets the gradient"),
    amin("x.min(", "x.max(", "the largest"),
    shared("functional.amin", old="chosen.sum(axis=axes, keepdims=True)", new="chosen.sum()", what="all rows share"),
    shared("functional.amin", old="(x == y)", new="(x >= y)", what="all share"),
    amin("keepdim: bool = False", "keepdim: bool = True", "a changed default"),
]
