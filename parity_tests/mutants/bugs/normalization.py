"""Bugs in normalization: the mean terms of the gradient, the variance, eps, the axes, and what is kept."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

SHARED, EXAMPLES = "functional/standardization.py", "functional/normalization.py"
LAYER = "modules/normalization.py"

batch = partial(Mutant, "functional.batch_norm", "functional/batch_norm.py", within="def batch_norm")
kept = partial(Mutant, "BatchNorm1d", "functional/batch_norm.py", within="def batch_norm")
standard = partial(Mutant, "functional.batch_norm", SHARED, within="def standardized")
standard_of_layer = partial(Mutant, "functional.layer_norm", SHARED, within="def standardized")
affine = partial(Mutant, "functional.layer_norm", SHARED, within="def affine")
layer = partial(Mutant, "functional.layer_norm", EXAMPLES, within="def layer_norm")
group = partial(Mutant, "functional.group_norm", EXAMPLES, within="def group_norm")
root = partial(Mutant, "functional.rms_norm", EXAMPLES, within="def rms_norm")
trailing = partial(Mutant, "functional.layer_norm", EXAMPLES, within="def _trailing")
batch_layer = partial(Mutant, "BatchNorm1d", "modules/batch_norm.py")

GRADIENT = "scale * (dxhat - mean_over(dxhat, axes) - xhat * mean_over(dxhat * xhat, axes))"

MUTANTS = [
    standard(GRADIENT, "0 * dxhat", "backward is zero"),
    standard(GRADIENT, "scale * dxhat", "mean and variance taken for constants"),
    standard("dxhat - mean_over(dxhat, axes) - xhat", "dxhat - xhat", "the mean taken for a constant"),
    standard(" - xhat * mean_over(dxhat * xhat, axes)", "", "the variance taken for a constant"),
    standard("- xhat * mean_over", "+ xhat * mean_over", "a wrong sign"),
    standard("mean_over(centred * centred, axes)", "mean_over(centred * centred, axes) * 1.01", "a larger variance"),
    standard("sqrt(var + eps)", "sqrt(var) + eps", "eps outside the root"),
    standard("1 / array_module(x).sqrt(var + eps)", "1 / array_module(x).sqrt(var)", "eps forgotten"),
    standard("var = mean_over(centred * centred, axes)", "var = mean_over(x * x, axes) - mean * mean", "digits lost"),
    standard_of_layer(GRADIENT, "scale * dxhat", "mean and variance taken for constants"),
    standard_of_layer(
        "    centred = centred - mean_over(centred, axes)",
        "    pass",
        "the rounding of the mean magnified",
    ),
    standard_of_layer("sqrt(var + eps)", "sqrt(var) + eps", "eps outside the root"),
    affine("xhat.copy() if", "xhat if", "what comes out is what backward needs"),
    affine("xhat * w\n", "xhat\n", "the weight forgotten"),
    affine("dy if w is None else dy * w", "dy", "the weight forgotten in the gradient"),
    affine("unbroadcast(dy * xhat, shape)", "unbroadcast(dy, shape)", "the weight's gradient is the bias's"),
    affine("unbroadcast(dy, shape)", "unbroadcast(dy * xhat, shape)", "the bias's gradient is the weight's"),
    batch("(0, *range(2, x.ndim)), (1, C)", "(0,), (1, C)", "every pixel by itself"),
    batch("training: bool = False", "training: bool = True", "a changed default"),
    batch("eps: float = 1e-5", "eps: float = 1e-8", "another changed default"),
    batch("1 / xp.sqrt(running_var + eps)", "1 / (xp.sqrt(running_var) + eps)", "eps outside the other root"),
    batch("(x - running_mean.reshape(of_channels)) * scale", "(x - x.mean()) * scale", "the batch's mean"),
    batch("lambda dxhat: dxhat * scale", "lambda dxhat: 0 * dxhat", "backward is zero in evaluation"),
    batch("is not None and x.size:", "is not None:", "an empty batch makes the statistics nan"),
    kept("momentum * mean.reshape(C) + (1 - momentum)", "(1 - momentum) * mean.reshape(C) + momentum", "the wrong way"),
    kept(" * (n / (n - 1))", "", "the biased variance is kept"),
    kept(
        "momentum * var.reshape(C) * (n / (n - 1)) + (1 - momentum)", "var.reshape(C) * (n / (n - 1)) + 0", "no memory"
    ),
    kept("running_mean[...] =", "running_mean =", "the mean is not kept"),
    kept("training and n == 1", "n == 1", "one value is refused in evaluation, too"),
    batch("momentum: float = 0.1", "momentum: float = 0.9", "a third changed default"),
    layer("eps: float = 1e-5", "eps: float = 1e-3", "a changed default"),
    layer(
        "_trailing(x, normalized_shape, weight, bias)", "_trailing(x, normalized_shape[-1:], weight, bias)", "one axis"
    ),
    trailing("range(x.ndim - len(shape), x.ndim)", "range(len(shape))", "the first dimensions"),
    group("eps: float = 1e-5", "eps: float = 1e-3", "a changed default"),
    group("x.reshape(groups), (2,)", "x.reshape(groups), (1, 2)", "all channels are one group"),
    group("standard_backward(dxhat.reshape(groups))", "(dxhat.reshape(groups))", "a gradient passed through"),
    root("xhat * mean_over(dxhat * xhat, axes)", "0", "the root taken for a constant"),
    root("xp.sqrt(mean_over(x * x, axes) + eps)", "(xp.sqrt(mean_over(x * x, axes)) + eps)", "eps outside the root"),
    root("scale * (dxhat - xhat", "scale * (dxhat + xhat", "a wrong sign"),
    root("xp.finfo(x.dtype).eps", "1e-5", "a changed default"),
    batch_layer("self.num_batches_tracked += 1", "pass", "batches are not counted"),
    batch_layer("(item(self.num_batches_tracked) + 1)", "max(item(self.num_batches_tracked), 1)", "one behind"),
    batch_layer("update = self.training and", "update =", "statistics move at rest", within="class _BatchNorm"),
    batch_layer("self.running_mean if kept else None", "None", "no running mean", within="class _BatchNorm"),
    batch_layer("            self.eps,\n", "", "eps forgotten", within="class _BatchNorm"),
    Mutant("BatchNorm2d", "modules/batch_norm.py", "            self.eps,\n", "", "eps forgotten"),
    Mutant("BatchNorm2d", "modules/batch_norm.py", "eps: float = 1e-5", "eps: float = 1e-3", "a changed default"),
    Mutant(
        "LayerNorm",
        LAYER,
        "self.normalized_shape, *self._affine, self.eps)",
        "self.normalized_shape, *self._affine)",
        "eps forgotten",
    ),
    Mutant("LayerNorm", LAYER, "elementwise_affine and bias, device", "bias, device", "a bias without a weight"),
    Mutant("GroupNorm", LAYER, "self.num_groups, *self._affine, self.eps)", "self.num_groups, *self._affine)", "eps"),
    Mutant("GroupNorm", LAYER, "F.group_norm(x, self.num_groups,", "F.group_norm(x, 1,", "one group"),
    Mutant("RMSNorm", LAYER, "self._affine[0], self.eps)", "self._affine[0])", "eps forgotten"),
    Mutant("RMSNorm", LAYER, "xp.ones(shape", "xp.zeros(shape", "a weight that starts as 0"),
]
