"""Bugs in the activations that are flat, straight or exponential by parts, and in those that shrink."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

EXPONENTIAL, HARD, SHRINK = (f"functional/activations/{name}.py" for name in ("exponential", "hard", "shrink"))

selu = partial(Mutant, "functional.selu", EXPONENTIAL)
celu = partial(Mutant, "functional.celu", EXPONENTIAL, within="def celu")
hardtanh = partial(Mutant, "functional.hardtanh", HARD, within="def hardtanh")
relu6 = partial(Mutant, "functional.relu6", HARD, within="def relu6")
hardsigmoid = partial(Mutant, "functional.hardsigmoid", HARD)
hardswish = partial(Mutant, "functional.hardswish", HARD, within="def hardswish")
threshold = partial(Mutant, "functional.threshold", SHRINK, within="def threshold")
hardshrink = partial(Mutant, "functional.hardshrink", SHRINK, within="def hardshrink")
softshrink = partial(Mutant, "functional.softshrink", SHRINK, within="def softshrink")
tanhshrink = partial(Mutant, "functional.tanhshrink", SHRINK, within="def tanhshrink")

MUTANTS = [
    selu("pullback(SCALE * dy)", "pullback(dy)", "the scale lost in the gradient"),
    selu("return SCALE * y,", "return y,", "the scale lost in the value"),
    selu("\nALPHA = 1.6732632423543772", "\nALPHA = 1.6732632423", "a constant cut short"),
    selu("\nSCALE = 1.0507009873554805", "\nSCALE = 1.0507", "the scale cut short"),
    celu("dy * xp.exp(x / alpha)", "dy * (alpha * xp.exp(x / alpha))", "ELU's gradient"),
    celu("dy * xp.exp(x / alpha)", "dy * xp.exp(x)", "alpha lost in the gradient"),
    celu("xp.expm1(x / alpha)", "xp.expm1(x)", "alpha lost in the exponent"),
    celu("xp.expm1(x / alpha)", "(xp.exp(x / alpha) - 1)", "e^x − 1 loses its digits near 0"),
    celu("alpha: float = 1.0", "alpha: float = 0.5", "a changed default"),
    hardtanh("(x <= min_val)", "(x < min_val)", "gradient 1 at the lower bound"),
    hardtanh("(x >= max_val)", "(x > max_val)", "gradient 1 at the upper bound"),
    hardtanh("xp.where((x <= min_val) | (x >= max_val), 0, dy)", "dy", "backward is the identity"),
    hardtanh("xp.where(x > max_val, max_val, x)", "x", "no upper bound"),
    hardtanh("(x <= min_val) | (x >= max_val), 0, dy", "(x > min_val) & (x < max_val), dy, 0", "no gradient at nan"),
    hardtanh("min_val: float = -1.0", "min_val: float = 0.0", "a changed default"),
    relu6("0.0, 6.0", "0.0, 1.0", "another upper bound"),
    relu6("0.0, 6.0", "-1.0, 6.0", "another lower bound"),
    relu6("0.0, 6.0", "0.0, 6.0005", "a bound off by 0.01 %"),
    hardsigmoid("dy / 6, 0", "dy, 0", "the sixth lost in the gradient"),
    hardsigmoid("dy / 6, 0", "dy * 0.1666666716337204, 0", "a sixth of float32"),
    hardsigmoid("(x > -3) & (x < 3)", "(x >= -3) & (x <= 3)", "a gradient at the kinks"),
    hardsigmoid("x + 3)) / 6", "1.2 * x + 3)) / 6", "the slope 0.2 of other libraries"),
    hardswish("x / 3 + 0.5", "x / 6 + 0.5", "gradient of the sigmoid alone"),
    hardswish("x <= -3", "x < -3", "a gradient at −3"),
    hardswish("x < 3, dy", "x <= 3, dy", "a larger gradient at 3"),
    hardswish("x * _clipped(x)", "_clipped(x)", "x forgotten"),
    threshold("below = x <=", "below = x <", "what lies on the threshold passes"),
    threshold("xp.where(below, 0, dy)", "dy", "backward is the identity"),
    threshold('checks.number("value", value), x)', 'checks.number("value", threshold), x)', "the threshold as value"),
    hardshrink("(x >= -lambd) & (x <= lambd)", "(x > -lambd) & (x < lambd)", "what lies on lambd passes"),
    hardshrink("(x >= -lambd) & (x <= lambd)", "x <= lambd", "everything below is shrunk"),
    hardshrink("lambda dy: xp.where(small, 0, dy)", "lambda dy: dy", "backward is the identity"),
    hardshrink("lambd: float = 0.5", "lambd: float = 0.25", "a changed default"),
    softshrink("x + lambd, x - lambd", "x - lambd, x - lambd", "numbers below 0 are moved away from it"),
    softshrink("lambda dy: xp.where(small, 0, dy)", "lambda dy: dy", "backward is the identity"),
    softshrink("(x >= -lambd) & (x <= lambd)", "(x > -lambd) & (x < lambd)", "a gradient at lambd"),
    softshrink("lambd: float = 0.5", "lambd: float = 1.0", "a changed default"),
    tanhshrink("dy * (t * t)", "dy * (1 - t * t)", "gradient of the tangent"),
    tanhshrink("dy * (t * t)", "dy * t", "t for t²"),
    tanhshrink("return x - t", "return x + t", "a wrong sign"),
]
