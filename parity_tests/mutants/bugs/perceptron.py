"""Bugs in the perceptron."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

perceptron = partial(Mutant, "Perceptron", "perceptron.py", within="class Perceptron")

MUTANTS = [
    perceptron("sign * score <= 0", "sign * score < 0", "a score of 0 is no mistake"),
    perceptron("bias = bias + self.eta * sign", "bias = bias + sign", "eta lost for the bias"),
    perceptron("bias = bias + self.eta * sign", "bias = bias - self.eta * sign", "a wrong sign"),
    perceptron("scores > 0, 1", "scores >= 0, 1", "a score of 0 is label 1"),
    perceptron("if mistakes[epoch] == 0:", "if mistakes[epoch] <= 1:", "stops at one mistake"),
    perceptron("enumerate(signs)", "enumerate(signs[:-1])", "the last sample is never seen"),
    perceptron(
        "append(Mistake(epoch, index, weight, bias))",
        "append(Mistake(epoch + 1, index, weight, bias))",
        "epochs counted from 1",
    ),
]
