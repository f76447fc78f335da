"""Bugs in the activations that take each number by itself."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

RECTIFIED, SMOOTH = "functional/activations/rectified.py", "functional/activations/smooth.py"

relu = partial(Mutant, "functional.relu", RECTIFIED, within="def relu")
leaky_relu = partial(Mutant, "functional.leaky_relu", RECTIFIED, within="def leaky_relu")
elu = partial(Mutant, "functional.elu", RECTIFIED, within="def elu")
sigmoid = partial(Mutant, "functional.sigmoid", SMOOTH, within="def sigmoid")
tanh = partial(Mutant, "functional.tanh", SMOOTH, within="def tanh")
softplus = partial(Mutant, "functional.softplus", SMOOTH, within="def softplus")
gelu = partial(Mutant, "functional.gelu", SMOOTH, within="def gelu")
silu = partial(Mutant, "functional.silu", SMOOTH, within="def silu")
mish = partial(Mutant, "functional.mish", SMOOTH, within="def mish")
logsigmoid = partial(Mutant, "functional.logsigmoid", SMOOTH, within="def logsigmoid")
softsign = partial(Mutant, "functional.softsign", SMOOTH, within="def softsign")

MUTANTS = [
    relu("xp.where(y <= 0, 0, dy)", "dy", "backward is the identity"),
    relu("y <= 0", "y < 0", "gradient 1 at the kink"),
    relu("xp.where(y <= 0, 0, dy)", "xp.where(y <= 0, 0, 1.0005 * dy)", "gradient off by 0.05 %"),
    relu("xp.where(x < 0, 0, x)", "xp.multiply(x, x >= 0, out=x)", "the input is overwritten"),
    relu("xp.where(y <= 0, 0, dy)", "xp.where(y > 0, dy, 0)", "no gradient at nan"),
    leaky_relu("xp.where(x > 0, dy,", "xp.where(x >= 0, dy,", "gradient 1 at the kink"),
    leaky_relu("negative_slope * dy", "0 * dy", "gradient of the plain ReLU"),
    leaky_relu(
        "xp.where(x > 0, x, negative_slope * x)", "xp.maximum(x, negative_slope * x)", "maximum, for slopes below 1"
    ),
    leaky_relu("negative_slope: float = 0.01", "negative_slope: float = 0.1", "a changed default"),
    elu("xp.where(x <= 0, dy", "xp.where(x < 0, dy", "gradient 1 at the kink"),
    elu("(alpha * xp.exp(x))", "xp.exp(x)", "alpha lost in the gradient"),
    elu("alpha * xp.expm1(x)", "alpha * (xp.exp(x) - 1)", "e^x − 1 loses its digits near 0"),
    elu("alpha * xp.exp(x)", "y + alpha", "gradient y + alpha loses its digits far below 0"),
    elu("xp.where(x <= 0, dy", "xp.where(x <= 0.0005, dy", "the kink in another place"),
    elu("alpha: float = 1.0", "alpha: float = 1.6732632423543772", "a changed default"),
    sigmoid("y * (1 - y)", "x * (1 - x)", "gradient from x instead of y"),
    sigmoid("y * (1 - y)", "y", "the factor 1 − y lost"),
    sigmoid("dy * (y * (1 - y))", "1.0005 * dy * (y * (1 - y))", "gradient off by 0.05 %"),
    sigmoid("return dy * (y * (1 - y))", "dy *= y * (1 - y)\n        return dy", "backward overwrites dy"),
    tanh("1 - y * y", "1 - y", "y for y²"),
    tanh("1 - y * y", "1 + y * y", "a wrong sign"),
    tanh("1 - y * y", "(xp.tanh(x + 1e-6) - y) / 1e-6", "gradient by a difference"),
    tanh("1 - y * y", "1", "gradient of the identity"),
    softplus("linear = beta * x > threshold", "linear = x > threshold", "beta lost in the threshold"),
    softplus("beta * x > threshold", "beta * x >= threshold", ">= for >"),
    softplus("_sigmoid(beta * x)", "_sigmoid(x)", "beta lost in the gradient"),
    softplus(
        "xp.where(linear, dy, dy * _sigmoid(beta * x))",
        "dy * _sigmoid(beta * x)",
        "gradient of the curve on the line",
    ),
    softplus("xp.log1p(xp.exp(beta * x))", "xp.log(1 + xp.exp(beta * x))", "log(1 + e^x) loses its digits far below 0"),
    softplus("threshold: float = 20.0", "threshold: float = 10.0", "a changed default"),
    gelu("(cdf + x * normal_pdf(x))", "cdf", "the term x φ(x) lost"),
    gelu("cdf + x", "cdf - x", "a wrong sign"),
    gelu("1 + 3 * cubic * x * x", "1 + cubic * x * x", "the factor 3 lost in the gradient of tanh's argument"),
    gelu("0.044715\n", "0.044714\n", "a constant off in its last digit"),
    gelu('approximate: str = "none"', 'approximate: str = "tanh"', "a changed default"),
    Mutant(
        "functional.gelu",
        "functional/normal.py",
        "0.059209939998191890498",
        "0.059209939998181890498",
        "a coefficient off in its eleventh digit",
    ),
    Mutant(
        "functional.gelu",
        "functional/normal.py",
        "tail = 0.5 * xp.exp(-z * z) * g / (1 + 2 * z)",
        "tail = 0.5 - 0.5 * (1 - xp.exp(-z * z) * g / (1 + 2 * z))",
        "the tail as a difference of large numbers",
    ),
    silu("(s * (1 + x * (1 - s)))", "s", "gradient of x alone"),
    silu("1 + x * (1 - s)", "1 - x * (1 - s)", "a wrong sign"),
    silu("1 + x * (1 - s)", "1 + x * s", "σ for 1 − σ"),
    mish("(1 - t * t) * _sigmoid(x)", "(1 - t * t)", "σ lost in the gradient"),
    mish("t + x * (1 - t * t)", "t - x * (1 - t * t)", "a wrong sign"),
    mish("dy * (t + x * (1 - t * t) * _sigmoid(x))", "dy * t", "gradient of x alone"),
    mish("w * (w + 2)", "(1 + w) * (1 + w) - 1", "a difference loses its digits far below 0"),
    logsigmoid("dy * _sigmoid(-x)", "dy * _sigmoid(x)", "gradient of the softplus"),
    logsigmoid("xp.where(x < 0, x, 0) - xp", "-xp", "the linear part lost"),
    logsigmoid("xp.log1p(xp.exp(", "xp.log(1 + xp.exp(", "log(1 + e^x) loses its digits far above 0"),
    logsigmoid(
        "xp.where(x < 0, x, 0) - xp.log1p(xp.exp(xp.where(x < 0, x, -x)))",
        "-xp.log1p(xp.exp(-x))",
        "e^−x overflows far below 0",
    ),
    softsign("dy / size / size", "dy / size", "the square lost in the gradient"),
    softsign("dy / size / size", "dy * (1 - y * y)", "the gradient of tanh"),
    softsign("xp.where(xp.isnan(y), y, dy / size / size)", "dy / size / size", "gradient 0 at infinity"),
    softsign("dy / size / size", "dy * (1 - abs(y)) / size", "a difference that loses its digits"),
]
