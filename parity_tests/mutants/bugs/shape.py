"""Bugs in the formulas that move values: reshape, transpose, permute, cat, stack and getitem."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

FILE = "functional/shape.py"

reshape = partial(Mutant, "functional.reshape", FILE, within="def reshape")
transpose = partial(Mutant, "functional.transpose", FILE, within="def transpose")
permute = partial(Mutant, "functional.permute", FILE, within="def permute")
cat = partial(Mutant, "functional.cat", FILE, within="def cat")
stack = partial(Mutant, "functional.stack", FILE, within="def stack")
getitem = partial(Mutant, "functional.getitem", "functional/indexing.py")

MUTANTS = [
    reshape("x.reshape(lengths)", "x.T.reshape(lengths)", "the values in another order"),
    reshape("dy.reshape(x.shape)", "dy.T.reshape(x.shape)", "the gradients in another order"),
    reshape("dy.reshape(x.shape)", "1.0005 * dy.reshape(x.shape)", "gradient off by 0.05 %"),
    transpose("lambda dy: dy.swapaxes(*axes)", "lambda dy: dy.reshape(x.shape)", "the gradients in another order"),
    transpose('checks.dimension(dim1, x.ndim, "dim1")', "checks.dimension(-1, x.ndim)", "the last dimension for dim1"),
    transpose("lambda dy: dy.swapaxes(*axes)", "lambda dy: 1.0005 * dy.swapaxes(*axes)", "gradient off by 0.05 %"),
    permute("x.transpose(axes)", "x.transpose(before)", "the order turned round"),
    permute("lambda dy: dy.transpose(before)", "lambda dy: dy.reshape(x.shape)", "the gradients in another order"),
    permute("lambda dy: dy.transpose(before)", "lambda dy: dy.transpose(axes)", "the order not turned round"),
    cat("slice(end - x.shape[axis], end)", "slice(0, x.shape[axis])", "everyone gets the first part"),
    cat("xp.concatenate(list(tensors)", "xp.concatenate(list(tensors)[::-1]", "the last one first"),
    cat("dim: int = 0", "dim: int = -1", "a changed default"),
    stack("dy[(*before, k)]", "dy[(*before, 0)]", "everyone gets the first part"),
    stack("xp.stack(list(tensors)", "xp.stack(list(tensors)[::-1]", "the last one first"),
    stack("dim: int = 0", "dim: int = -1", "a changed default"),
    getitem(
        "scatter_add(dx, places.reshape(-1), dy.reshape(-1))",
        "dx[places.reshape(-1)] = dy.reshape(-1)",
        "a lost duplicate index",
    ),
    getitem("return dx.reshape(x.shape)", "return 1.0005 * dx.reshape(x.shape)", "gradient off by 0.05 %"),
    getitem("list(xp.nonzero(part))", "list(xp.nonzero(~part))", "what the mask leaves out"),
    getitem("low=-shape[0]", "low=0", "negative indices are refused"),
    getitem(
        "places = pick(xp.arange(x.size).reshape(x.shape))",
        "places = pick(xp.arange(x.size).reshape(x.shape[::-1]).T)",
        "places counted in another order",
    ),
]
