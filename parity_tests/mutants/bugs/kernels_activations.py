"""Bugs in the fast kernels of the activations, and in the blocks that they share."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

RECTIFIED, SMOOTH = "kernels/cpu/rectified.py", "kernels/cpu/smooth.py"
relu = partial(Mutant, "kernels.cpu.relu", RECTIFIED, within="def relu")
leaky_relu = partial(Mutant, "kernels.cpu.leaky_relu", RECTIFIED, within="def leaky_relu")
elu = partial(Mutant, "kernels.cpu.elu", RECTIFIED, within="def elu")
sigmoid = partial(Mutant, "kernels.cpu.sigmoid", SMOOTH)
tanh = partial(Mutant, "kernels.cpu.tanh", SMOOTH, within="def tanh")
silu = partial(Mutant, "kernels.cpu.silu", SMOOTH, within="def silu")
gelu = partial(Mutant, "kernels.cpu.gelu", SMOOTH)
blocks = partial(Mutant, "kernels.cpu.relu", "kernels/cpu/elementwise.py")
gates = partial(Mutant, "kernels.cpu.silu", "kernels/cpu/elementwise.py")

MUTANTS = [
    relu("np.less_equal(y, 0,", "np.less(y, 0,", "the gradient passes at 0"),
    relu("np.maximum(0, x, out=y)", "np.maximum(x, 0, out=y)", "−0 becomes 0"),
    relu("mask -= 1", "np.greater(y, 0, out=mask, casting='unsafe'); mask *= -1", "nan does not pass"),
    relu("mask &= dy.view(bits)", "np.multiply(dy, mask != 0, out=dx)", "infinity times 0 is nan"),
    blocks("array.transpose(order).reshape", "array.reshape", "a gradient in another order than its values"),
    blocks("begin : begin + BLOCK", "begin : begin + BLOCK - 1", "the last value of a block left out"),
    blocks("array.flags.c_contiguous for array in arrays)", "True for _ in arrays)", "results written to a copy"),
    leaky_relu("<= 1:", "<= 9:", "a slope above 1 taken by the larger of two"),
    leaky_relu("if not plain(x) or not isinstance", "if not isinstance", "complex numbers not handed over"),
    leaky_relu("not 0 < x", "not 0 <= x", "a slope of 0 times infinity is nan"),
    leaky_relu("np.greater(y, 0,", "np.greater_equal(y, 0,", "the gradient at 0 is 1"),
    leaky_relu("np.maximum(dx, a,", "np.maximum(dx, 1.0005 * a,", "a slope off by 0.05 %"),
    elu("np.fmin(y, 0,", "np.minimum(y, 0,", "the gradient at nan is nan"),
    elu("np.maximum(y, x,", "np.maximum(x, y,", "−0 becomes 0, as of two zeros the second is taken"),
    elu("np.expm1(y, out=y)", "np.subtract(np.exp(y), 1, out=y)", "digits lost near 0"),
    elu("dx += 1", "dx += 1.0005", "a slope off by 0.05 %"),
    elu(" or alpha != 1", "", "alpha forgotten"),
    sigmoid("y += 2", "y += 2.001", "a denominator off by 0.05 %", within="def _sigmoid("),
    sigmoid("np.expm1(y, out=y)\n    y += 2", "np.exp(y, out=y)\n    y += 2", "1 too much", within="def _sigmoid("),
    sigmoid("np.subtract(1, y, out=dx)", "np.multiply(1, y, out=dx)", "y² for y (1 − y)"),
    sigmoid(
        "np.negative(x, out=y)\n    np.expm1(y, out=y)\n    y += 2\n    np.divide(1, y, out=y)",
        "np.multiply(x, 0.5, out=y)\n    np.tanh(y, out=y)\n    y += 1\n    y *= 0.5",
        "digits lost far below 0",
    ),
    tanh("np.multiply(y, y, out=dx)", "np.multiply(y, 1, out=dx)", "1 − y"),
    tanh("dx *= dy", "dx[...] = dy", "backward is the identity"),
    tanh("np.subtract(1, dx,", "np.subtract(1.0005, dx,", "a gradient off by 0.05 %"),
    silu("dx += 1", "dx += 1.0005", "a gradient off by 0.05 %"),
    silu("dx *= x", "pass", "a factor of x missing"),
    silu("_sigmoid(x, g)", "np.tanh(x, out=g)", "another gate"),
    gates("in_blocks(gate, x, g, y)", "in_blocks(gate, x, y, g)", "gate and value exchanged"),
    gates("in_blocks(slope, x, g, dy, dx)", "in_blocks(slope, y, g, dy, dx)", "the slope at y"),
    gelu("0.03633308441204529", "0.0363", "a coefficient off in its third digit"),
    gelu("exact and x.dtype != np.float32", "False", "three roundings of float32 in float64"),
    gelu("dx *= -0.5", "dx *= 0.5", "a wrong sign"),
    gelu("dx *= 1 / sqrt(2 * pi)", "dx *= 0.4", "a density off by 0.3 %"),
    gelu("dx *= 6 * 0.044715", "dx *= 3 * 0.044715", "half of the cubic's slope"),
    gelu("dx *= 1 - g", "dx *= 1 + g", "a wrong sign by tanh"),
]
