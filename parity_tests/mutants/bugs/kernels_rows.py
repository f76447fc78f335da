"""Bugs in the fast kernels that work along rows: normalization of each example, and attention."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

layer_norm = partial(Mutant, "kernels.cpu.layer_norm", "kernels/cpu/layer_norm.py")
attention = partial(Mutant, "kernels.cpu.scaled_dot_product_attention", "kernels/cpu/attention.py")
powers = partial(Mutant, "kernels.cpu.scaled_dot_product_attention", "kernels/cpu/softmax.py")
softmax = partial(Mutant, "kernels.cpu.softmax", "kernels/cpu/softmax.py", within="def softmax")
log_softmax = partial(Mutant, "kernels.cpu.log_softmax", "kernels/cpu/softmax.py", within="def log_softmax")
near = partial(Mutant, "kernels.cpu.log_softmax", "kernels/cpu/softmax.py")

MUTANTS = [
    softmax("dx[block] *= y[block]", "pass", "the gradient not weighed"),
    softmax("np.vecdot(slopes[block], y[block])", "np.vecdot(slopes[block], slopes[block])", "another sum"),
    softmax("row if within(row, FAR) else lowered(row, out)", "row", "powers that overflow"),
    softmax("1 / np.dot(out, ones)", "1.0005 / np.dot(out, ones)", "a sum off by 0.05 %"),
    near("z.max(axis=-1, keepdims=True)", "z.max(keepdims=True)", "one maximum for all rows"),
    log_softmax("np.dot(slope, ones)[:, None]", "np.dot(out, ones)[:, None]", "the sum of the wrong thing"),
    log_softmax("if not within(row, NEAR)", "if False", "powers that overflow"),
    log_softmax("np.subtract(slope, out, out=out)", "np.subtract(out, slope, out=out)", "a wrong sign"),
    near("NEAR = 8.0", "NEAR = 80.0", "digits lost to the size of the scores"),
    layer_norm("hat -= (np.dot(hat, across) / D)[:, None]", "pass", "the rounding of the mean magnified"),
    layer_norm("np.sqrt(var + eps)", "(np.sqrt(var) + eps)", "eps outside the root"),
    layer_norm("np.vecdot(hat, hat) / D", "np.vecdot(hat, hat) / max(D - 1, 1)", "the unbiased variance"),
    layer_norm("np.multiply(hat, w, out=out)", "np.multiply(hat, abs(w), out=out)", "the weight's sign lost"),
    layer_norm("part += k[:, None]", "pass", "the mean of the gradient is not taken off"),
    layer_norm("np.dot(part, w) / D, np", "np.dot(part, w * w) / D, np", "the weight twice in a mean"),
    layer_norm("out *= scale[block]", "pass", "1 / σ missing in the gradient"),
    layer_norm("dweight += np.dot", "dweight = np.dot", "= for +=, between blocks"),
    layer_norm("dbias += np.dot(down[: len(slope)], slope)", "dbias += np.dot(down[: len(slope)], part)", "db is dw"),
    layer_norm("out -= part", "out += part", "a wrong sign"),
    powers("z.min() >= -most and z.max()", "z.max()", "scores far below 0 become 0 alike"),
    powers("largest[largest == -inf] = 0", "pass", "a query that sees no key gets nan"),
    attention("sums[sums == 0] = inf", "pass", "0 / 0 where no key is seen"),
    attention("key.shape[-2], dtype=bool)", "key.shape[-2], -1, dtype=bool)", "a query does not see its own key"),
    attention(
        "mask if mask.ndim == 2 else mask[block]", "mask if mask.ndim == 2 else mask[: len(w)]", "the first mask"
    ),
    attention("np.negative(np.vecdot", "np.positive(np.vecdot", "a wrong sign in the softmax's gradient"),
    attention("dz *= w", "pass", "the softmax's gradient without its weights"),
    attention("dq *= scale", "pass", "the scale missing in the query's gradient"),
    attention("if scale is None else scale\n", "if not scale else scale\n", "a scale of 0 taken for none"),
    attention(" or dropout_p != 0:", ":", "nothing is dropped", within="def _usual"),
    attention("if dropout_p or not safe", "if not safe", "nothing is dropped by a layer", within="def attend"),
    attention("if dropout_p or not safe", "if dropout_p", "0 where PyTorch has nan", within="def attend"),
    attention("hides and within", "within", "a mask that adds far more than scores are"),
    attention("w += mask", "w -= mask", "a mask subtracted"),
]
