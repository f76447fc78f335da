"""Bugs in the formulas of two operands, and in exp, log and sqrt."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

ARITHMETIC, ELEMENTWISE = "functional/arithmetic.py", "functional/elementwise.py"
BROADCASTING = "functional/broadcasting.py"

add = partial(Mutant, "functional.add", ARITHMETIC, within="def add")
sub = partial(Mutant, "functional.sub", ARITHMETIC, within="def sub")
mul = partial(Mutant, "functional.mul", ARITHMETIC, within="def mul")
div = partial(Mutant, "functional.div", ARITHMETIC, within="def div")
neg = partial(Mutant, "functional.neg", ARITHMETIC, within="def neg")
pow_ = partial(Mutant, "functional.pow", ARITHMETIC)
exp = partial(Mutant, "functional.exp", ELEMENTWISE, within="def exp")
log = partial(Mutant, "functional.log", ELEMENTWISE, within="def log")
sqrt = partial(Mutant, "functional.sqrt", ELEMENTWISE, within="def sqrt")
maximum = partial(Mutant, "functional.maximum", ELEMENTWISE)
minimum = partial(Mutant, "functional.minimum", ELEMENTWISE)
where = partial(Mutant, "functional.where", ELEMENTWISE, within="def where")
matmul = partial(Mutant, "functional.matmul", "functional/matmul.py")

MUTANTS = [
    add("lambda: dy)", "lambda: -dy)", "the second gradient with a wrong sign"),
    add("both(x, dy,", "both(x, 1.0005 * dy,", "gradient off by 0.05 %"),
    add("x + other, lambda", "x - other, lambda", "a difference for a sum"),
    Mutant(
        "functional.add",
        BROADCASTING,
        ".sum(axis=1).reshape(shape)",
        ".sum(axis=1).reshape(shape) * 1.0005",
        "the sum over copies off by 0.05 %",
    ),
    Mutant(
        "functional.add", BROADCASTING, "dx = unbroadcast(dx, x.shape)", "dx = dx * 1", "a gradient not summed back"
    ),
    Mutant(
        "functional.mul",
        BROADCASTING,
        "unbroadcast(dother(), other.shape)",
        "dother()",
        "the second gradient not summed back",
    ),
    sub("lambda: -dy)", "lambda: dy)", "the second gradient with a wrong sign"),
    sub("both(x, dy,", "both(x, -dy,", "the first gradient with a wrong sign"),
    sub("x - other, lambda", "other - x, lambda", "the operands swapped"),
    mul("dy * other, other, lambda: dy * x", "dy * x, other, lambda: dy * x", "the first gradient with its own factor"),
    mul("lambda: dy * x)", "lambda: dy)", "the second gradient without its factor"),
    mul("lambda: dy * x)", "lambda: 1.0005 * dy * x)", "gradient off by 0.05 %"),
    div("-dy * (y / other)", "dy * (y / other)", "a wrong sign"),
    div("-dy * (y / other)", "-dy * y", "x / other for x / other²"),
    div("dy / other, other", "dy * other, other", "a product for a quotient"),
    div("-dy * (y / other)", "-dy * (x / (other * other))", "a square that overflows", examples=400),
    neg("lambda dy: -dy", "lambda dy: dy", "a wrong sign"),
    neg("return -x,", "return 0 - x,", "−0 lost"),
    neg("lambda dy: -dy", "lambda dy: -1.0005 * dy", "gradient off by 0.05 %"),
    pow_("dy * (e * _power(x, e - 1))", "dy * (e * _power(x, e))", "an exponent too large by 1"),
    pow_(
        "xp.where(xp.asarray(e == 0), 0, dy * (e * _power(x, e - 1)))",
        "dy * (e * _power(x, e - 1))",
        "0⁰ has the gradient nan",
    ),
    pow_("(x == 0) & (e >= 0)", "(x == 0)", "gradient 0 of a pole"),
    pow_("xp.log(x)", "xp.log(abs(x))", "a real gradient of the exponent below 0"),
    pow_("abs(e) == 0.5", "abs(e) == 0.25", "no square root"),
    pow_("dy * (y * xp.log(x))", "dy * xp.log(x)", "a lost factor"),
    exp("dy * y", "dy * x", "gradient from x instead of y"),
    exp("dy * y", "dy", "gradient of the identity"),
    exp("dy * y", "1.0005 * dy * y", "gradient off by 0.05 %"),
    log("lambda dy: dy / x", "lambda dy: dy * x", "a product for a quotient"),
    log("lambda dy: dy / x", "lambda dy: dy / abs(x)", "a positive gradient below 0"),
    log("lambda dy: dy / x", "lambda dy: dy / (x + 1e-7)", "a guard that nobody asked for"),
    log("xp.log(x),", "xp.log(x + 1e-12),", "another guard"),
    sqrt("(2 * y)", "y", "the factor 2 lost"),
    sqrt("(2 * y)", "(2 * x)", "gradient from x instead of y"),
    sqrt("(2 * y)", "(2 * y + 1e-9)", "a guard that nobody asked for"),
    maximum("xp.where(x == other, dy / 2, dy)", "dy", "both get all of a tie"),
    maximum("_split(x, other, x < other, x > other)", "_split(x, other, x > other, x < other)", "the loser gets it"),
    maximum("_split(x, other, x < other, x > other)", "_split(x, other, x <= other, x > other)", "a tie to the second"),
    maximum("xp.maximum(x, other)", "xp.where(x > other, x, other)", "nan is lost on one side"),
    minimum("_split(x, other, x > other, x < other)", "_split(x, other, x < other, x > other)", "the loser gets it"),
    minimum("_split(x, other, x > other, x < other)", "_split(x, other, x > other, x <= other)", "a tie to the first"),
    minimum("xp.minimum(x, other)", "xp.maximum(x, other)", "the larger one"),
    where('"x": (dy, 0)', '"x": (dy, dy)', "gradient where nothing was chosen"),
    where("xp.where(condition, x, other), backward", "xp.where(condition, other, x), backward", "the operands swapped"),
    where(
        "unbroadcast(xp.where(condition, *chosen[name]), array.shape)",
        "xp.where(condition, *chosen[name])",
        "a gradient not summed back",
    ),
    matmul("xp.matmul(dY, B.swapaxes(-1, -2))", "xp.matmul(dY, abs(B).swapaxes(-1, -2))", "a sign lost"),
    matmul("xp.matmul(A.swapaxes(-1, -2), dY)", "xp.matmul(A[..., ::-1, :].swapaxes(-1, -2), dY)", "rows reversed"),
    matmul("dA.reshape(x.shape)", "1.0005 * dA.reshape(x.shape)", "gradient off by 0.05 %"),
    matmul("y = xp.matmul(A, B)", "y = xp.matmul(A, B) * 1.0005", "value off by 0.05 %"),
]
