"""Bugs in the activation layers."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

rectified = partial(Mutant, file="modules/activations/rectified.py")
smooth = partial(Mutant, file="modules/activations/smooth.py")
hard = partial(Mutant, file="modules/activations/hard.py")
shrink = partial(Mutant, file="modules/activations/shrink.py")
softmax = partial(Mutant, file="modules/activations/softmax.py")

MUTANTS = [
    rectified(
        "LeakyReLU",
        old="chosen(F.leaky_relu)(x, self.negative_slope)",
        new="chosen(F.leaky_relu)(x)",
        what="slope forgotten",
    ),
    rectified("ELU", old="alpha: float = 1.0", new="alpha: float = 0.5", what="a changed default", within="class ELU"),
    rectified("CELU", old="F.celu(x, self.alpha)", new="F.elu(x, self.alpha)", what="ELU in place of CELU"),
    rectified("SELU", old="F.selu(x)", new="F.elu(x)", what="ELU in place of SELU"),
    rectified("PReLU", old="init: float = 0.25", new="init: float = 0.01", what="a changed default"),
    rectified("PReLU", old="F.prelu(x, self.weight.data)", new="F.prelu(x, self.weight.data[:1])", what="one slope"),
    rectified("PReLU", old="num_parameters: int = 1", new="num_parameters: int = 2", what="a changed number"),
    rectified("RReLU", old="self.upper, self.training)", new="self.upper, True)", what="it draws in evaluation"),
    smooth("Softplus", old="self.beta, self.threshold)", new="self.beta)", what="threshold forgotten", examples=600),
    smooth("GELU", old="chosen(F.gelu)(x, self.approximate)", new="chosen(F.gelu)(x)", what="approximate forgotten"),
    hard("Hardtanh", old="self.min_val, self.max_val)", new="self.min_val)", what="max_val forgotten"),
    hard("Hardtanh", old="max_val: float = 1.0", new="max_val: float = 6.0", what="a changed default"),
    hard("ReLU6", old="F.relu6(x)", new="F.relu(x)", what="ReLU in place of ReLU6"),
    shrink("Threshold", old="self.threshold, self.value)", new="self.value, self.threshold)", what="options swapped"),
    shrink("Hardshrink", old="F.hardshrink(x, self.lambd)", new="F.hardshrink(x)", what="lambd forgotten"),
    shrink("Softshrink", old="F.softshrink(x, self.lambd)", new="F.hardshrink(x, self.lambd)", what="the hard one"),
    softmax(
        "Softmax",
        old="chosen(F.softmax)(x, self.dim)",
        new="chosen(F.log_softmax)(x, self.dim)",
        what="the logarithm of it",
    ),
    softmax("Softmin", old="F.softmin(x, self.dim)", new="F.softmax(x, self.dim)", what="the largest counts most"),
    softmax("GLU", old="F.glu(x, self.dim)", new="F.glu(x)", what="dim forgotten"),
]
