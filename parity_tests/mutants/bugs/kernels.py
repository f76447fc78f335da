"""Bugs in the fast kernels, in the memory they take and in the choice between them and the formulas."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

conv2d = partial(Mutant, "kernels.cpu.conv2d", "kernels/cpu/convolution.py")
columns = partial(Mutant, "kernels.cpu.conv2d_columns", "kernels/cpu/columns.py")
neighbours = partial(Mutant, "kernels.cpu.conv2d_neighbours", "kernels/cpu/neighbours.py")
winograd = partial(Mutant, "kernels.cpu.conv2d_winograd", "kernels/cpu/winograd.py")
tiles = partial(Mutant, "kernels.cpu.conv2d_winograd", "kernels/cpu/tiles.py")
batch_norm = partial(Mutant, "kernels.cpu.batch_norm", "kernels/cpu/normalization.py")
max_pool2d = partial(Mutant, "kernels.cpu.max_pool2d", "kernels/cpu/pooling.py")
memory = partial(Mutant, "kernels.cpu.memory", "kernels/cpu/memory.py")
choice = partial(Mutant, "use_kernels", "kernels/choice.py")

MUTANTS = [
    conv2d("return algorithm(x, weight, bias,", "return algorithm(x, weight, None,", "the bias forgotten"),
    conv2d(
        "return algorithm(x, weight, bias, stride, padding,",
        "return algorithm(x, weight, bias, stride, 0,",
        "no padding",
    ),
    conv2d(
        "padding, dilation, groups)\n    if g is not None and g.O",
        "padding, 1, groups)\n    if g is not None and g.O",
        "no dilation",
    ),
    columns("part += bias", "part -= bias", "a wrong sign"),
    columns(
        "total += np.dot(_windows",
        "total = np.dot(_windows",
        "the gradient of the last block only",
        within="def _dweight",
    ),
    columns("places[:, :, :, : end - begin] += dw", "places[:, :, :, : end - begin] = dw", "= for +="),
    columns("if g.dilation[1] == 1 else 1", "", "taps that are apart taken for neighbours", examples=800),
    columns("left : left + width]", "0:width]", "the padding on the left cut off on the right", within="def _dx"),
    columns("down * g.dilation[0], across * g.dilation[1], channel)", "down, across, channel)", "dilation forgotten"),
    columns("first = max(-begin, 0)", "first = 0", "the padding above is below"),
    columns('None if "bias" in without', 'None if "weight" in without', "the wrong one left out"),
    conv2d(
        "return conv2d_neighbours(x, weight, bias, stride, padding,",
        "return conv2d_neighbours(x, weight, bias, stride, 0,",
        "no padding where windows are shared",
    ),
    neighbours("p * s + KW] = weight", "p * s + KW] = weight[..., ::-1]", "the kernel is turned"),
    neighbours("p * s + KW] = weight", "p * s + KW] = 1.0005 * weight", "a kernel off by 0.05 %"),
    neighbours("sum(dV[p, ..., p * s : p * s + KW]", "sum(dV[p, ..., :KW]", "the gradient of the first place's taps"),
    neighbours(
        "for p in range(P))", "for p in range(1))", "the gradient of one place of several", within="def backward"
    ),
    neighbours("[bias] * P", "[bias] + [0 * bias] * (P - 1)", "a bias for the first place only"),
    neighbours("dbias[0].reshape(P, g.O).sum(axis=0)", "dbias[0][: g.O]", "the bias's gradient of the first place"),
    neighbours("not finite(z)", "False", "nan is seen by all places that share a window"),
    neighbours("not finite(dx, dV)", "False", "nan is seen by all places that share a window backwards"),
    neighbours("g.dilation != (1, 1) or ", "", "taps that are apart taken for neighbours"),
    winograd("(np.subtract, 3, 1)", "(np.subtract, 1, 3)", "a wrong sign"),
    winograd("(0.5, -0.5, 0.5)", "(0.5, -0.5, 0.50025)", "a kernel off by 0.05 %"),
    winograd("turned=True)", "turned=False)", "the kernel is not turned"),
    winograd("2 - before, 2 - after", "before, after", "the same margins backwards"),
    winograd("sums[1] -= part", "sums[1] += part", "a wrong sign in every second row"),
    winograd("dU[a] += part", "dU[a] = part", "= for +=, between blocks"),
    winograd("not finite(y)", "False", "nan is seen by the whole tile"),
    winograd("not finite(dx, dweight)", "False", "nan is seen by the whole tile backwards"),
    winograd("> 2:", "> 3:", "padding wider than the kernel is too wide backwards"),
    winograd("y += bias", "y -= bias", "a bias with a wrong sign"),
    tiles("dealt[:, :, last:] = 0", "dealt[:, :, last:] = 1", "what lies below the image is not zero"),
    tiles("whole[:, :, W:] = 0", "whole[:, :, W:] = 1", "what lies beside the gradient is not zero"),
    tiles("    begin = min(max(0, -(start // step)), count)", "    begin = 0", "columns before the image are taken"),
    batch_norm("np.where(np.isfinite(mean), mean, 0)", "mean", "an infinite mean taken off itself"),
    batch_norm("np.all(mean * mean <= FAR * var)", "True", "digits lost to a large mean"),
    batch_norm("(n / (n - 1))", "1", "the biased variance is kept"),
    batch_norm("along -= mean * total", "along -= 0 * total", "gradients along x instead of x − μ"),
    batch_norm("np.sqrt(var + eps)", "(np.sqrt(var) + eps)", "eps outside the root"),
    batch_norm("total * slope / n - mean * back", "total * slope / n", "a dropped term"),
    batch_norm("momentum * (mean + rows.shift)", "momentum * mean", "the shift is missing from the running mean"),
    batch_norm("scale * weight", "scale * abs(weight)", "the weight's sign lost"),
    batch_norm("if training:", "if True:", "the batch's statistics in evaluation", within="def batch_norm"),
    batch_norm("rows.times(slopes, slope.", "rows.times(slopes, scale.", "no weight in evaluation's gradient"),
    max_pool2d("np.greater(wins, taken[places], out=wins)", "pass", "every one of several maxima wins"),
    max_pool2d("if np.isnan(y.max()):", "if False:", "nan is no maximum backwards"),
    max_pool2d("largest[...] = -inf", "largest[...] = 0", "the padding counts as 0"),
    max_pool2d("back[under] += (", "back[under] = (", "= for +="),
    max_pool2d("i * apart - p", "i - p", "dilation forgotten"),
    memory(
        "self.in_use += size",
        "self.in_use += size\n        self.free[size].append(memory)",
        "memory lent twice",
    ),
    memory("memory, memory.begin)", "memory)", "arrays that begin anywhere"),
    memory("self.free[size].append(memory)", "pass", "memory that never comes back"),
    memory("if self.waiting > self.most:", "if False:", "memory that is kept for ever"),
    memory("(-abs(x.strides[axis]), -x.shape[axis], axis)", "axis", "an array that lies in another order"),
    choice('_set.get() == "fast"', "True", "the textbook is never opened"),
    choice("watching.reset(self._watching.pop())", "self._watching.pop()", "what runs after the block is counted, too"),
    Mutant("use_kernels", "functional/watching.py", "+= 1", "= 1", "everything ran once"),
    Mutant("use_kernels", "optim/optimizer.py", "note(self.update)", "pass", "no readable rules"),
    choice("            note(rule)\n            rule(parameter", "            rule(parameter", "no kernels of rules"),
    choice("_set.set(self._before.pop())", "self._before.pop()", "the choice outlives its block"),
    choice("            _set.set(self._name)\n", "", "a second block has what there was"),
    choice("x.size >= least", "x.size", "small arrays too"),
    choice("[order.index(axis) for axis in axes]", "order", "a weight of another shape"),
]
