"""Bugs in the losses."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

REGRESSION, CLASSES, BINARY = (f"functional/losses/{name}.py" for name in ("regression", "classification", "binary"))

mse_loss = partial(Mutant, "functional.mse_loss", REGRESSION, within="def mse_loss")
l1_loss = partial(Mutant, "functional.l1_loss", REGRESSION, within="def l1_loss")
smooth_l1_loss = partial(Mutant, "functional.smooth_l1_loss", REGRESSION, within="def smooth_l1_loss")
nll_loss = partial(Mutant, "functional.nll_loss", CLASSES, within="def nll_loss")
cross_entropy = partial(Mutant, "functional.cross_entropy", CLASSES, within="def cross_entropy")
bce = partial(Mutant, "functional.binary_cross_entropy", BINARY, within="def binary_cross_entropy")
bce_with_logits = partial(
    Mutant, "functional.binary_cross_entropy_with_logits", BINARY, within="def binary_cross_entropy_with_logits"
)

MUTANTS = [
    mse_loss("(2 * error)", "error", "the factor 2 lost"),
    mse_loss("spread(dy) * (2 * error)", "dy * (2 * error)", "the gradient's 1/N lost"),
    mse_loss("spread(dy)", "spread(0 * dy + 1)", "takes dy to be 1"),
    mse_loss('reduction: str = "mean"', 'reduction: str = "sum"', "a changed default"),
    Mutant(
        "functional.mse_loss",
        "functional/losses/reduction.py",
        "losses.size if count is None",
        "max(losses.shape, default=1) if count is None",
        "divided by the batch, not by the elements",
    ),
    l1_loss("lambda dy: spread(dy) * sign", "lambda dy: spread(dy) * (2 * (error >= 0) - 1)", "gradient 1 at a tie"),
    l1_loss("spread(dy) * sign", "dy * sign", "the gradient's 1/N lost"),
    l1_loss("spread(dy) * sign", "spread(dy) * -sign", "a wrong sign"),
    l1_loss("sign * error, reduction", "error, reduction", "the absolute value lost"),
    smooth_l1_loss("size - 0.5 * beta", "size - 0.5", "beta lost far from the target"),
    smooth_l1_loss("sign, error / beta)", "sign, error)", "beta lost in the gradient"),
    smooth_l1_loss("losses = xp.where(far, size - 0.5 * beta,", "losses = xp.where(far, size,", "a jump at beta"),
    smooth_l1_loss("far = size >= beta", "far = error >= beta", "far only above the target"),
    smooth_l1_loss("beta: float = 1.0", "beta: float = 0.5", "a changed default"),
    nll_loss("count=w.sum()", "count=valid.astype(w.dtype).sum()", "the mean divided by a number, not by weights"),
    nll_loss("count=w.sum()", "count=w.size", "ignored targets count in the mean"),
    nll_loss("xp.where(valid, -w * spread(dy), 0)", "xp.where(valid, -spread(dy), 0)", "weight lost in the gradient"),
    nll_loss("xp.where(valid, -w * spread(dy), 0)", "-w * spread(dy)", "gradient nan where every target is ignored"),
    nll_loss("ignore_index: int = -100", "ignore_index: int = -1", "a changed default"),
    cross_entropy(
        "lambda dy: log_softmax_backward(nll_backward(dy))",
        "lambda dy: nll_backward(dy)",
        "the softmax's Jacobian lost",
    ),
    cross_entropy("-(w * log_p).sum(axis=axis), 0)", "-log_p.sum(axis=axis), 0)", "weights lost in the smoothing"),
    cross_entropy("deven = -w * ", "deven = -", "weights lost in the smoothing's gradient"),
    cross_entropy("count=total", "count=target.size", "the smoothing's mean counts ignored targets"),
    cross_entropy(
        "w.reshape(C)[target], 0).sum()", "1.0, 0).sum().astype(w.dtype)", "the smoothing's mean without weights"
    ),
    cross_entropy("label_smoothing / max(C, 1)", "label_smoothing / max(C - 1, 1)", "C − 1 for C"),
    cross_entropy("log_softmax_backward(-w * q * ", "log_softmax_backward(-q * ", "weights lost with probabilities"),
    cross_entropy(
        "reduce(-(w * q * log_p).sum(axis=axis), reduction)",
        "reduce(-(w * q * log_p).sum(axis=axis), reduction, count=(w * q).sum())",
        "the mean over weights with probabilities",
    ),
    cross_entropy("label_smoothing: float = 0.0", "label_smoothing: float = 0.1", "a changed default"),
    cross_entropy("ignore_index: int = -100", "ignore_index: int = -1", "another changed default"),
    bce("xp.maximum(xp.log(x), -100)", "xp.log(x)", "a logarithm that is not clamped"),
    bce("xp.log1p(-x)", "xp.log(1 - x)", "log(1 − x) loses its digits near 0", examples=400),
    bce("spread(dy) * w * (", "spread(dy) * (", "weight lost in the gradient"),
    bce("SMALLEST_SLOPE_DIVISOR", "1e-12", "1e-12 that was not rounded to float32"),
    bce("(1 - target) * log_rest", "(1 - target) * log_x", "the other class's logarithm"),
    bce_with_logits("- v * opposite_probability", "- opposite_probability", "pos_weight lost in the gradient"),
    bce_with_logits(
        "xp.log1p(xp.exp(xp.where(x < 0, x, -x))) + opposite", "xp.log1p(xp.exp(-x))", "large logits overflow"
    ),
    bce_with_logits('("pos_weight", pos_weight, x) - 1)', '("pos_weight", pos_weight, x))', "a lost − 1"),
    bce_with_logits("spread(dy) * w * (", "spread(dy) * (", "weight lost in the gradient"),
    bce_with_logits("((1 - target) - v", "(target - v", "a swapped target"),
]
