"""Bugs in directions: lengths, cosines, and the loss that brings pairs together."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

FILE, LOSS = "functional/similarity.py", "functional/losses/contrastive.py"

normalize = partial(Mutant, "functional.normalize", FILE, within="def normalize")
cosine = partial(Mutant, "functional.cosine_similarity", FILE, within="def cosine_similarity")
norm = partial(Mutant, "functional.normalize", FILE, within="def _norm")
slope = partial(Mutant, "functional.normalize", FILE, within="def _norm_slope")
contrastive = partial(Mutant, "functional.contrastive_loss", LOSS, within="def contrastive_loss")
model = partial(Mutant, "ImageText", "models/image_text.py")
answers = partial(Mutant, "functional.contrastive_loss", LOSS, within="def _right_answers")

MUTANTS = [
    normalize("xp.where(n < eps", "xp.where(n <= eps", "no slope at eps"),
    normalize("xp.where(n < eps, 0, along * _norm_slope(x, n, p, axes))", "0", "the length taken for a constant"),
    normalize("eps: float = 1e-12", "eps: float = 1e-8", "a changed default"),
    normalize("p: float = 2.0", "p: float = 1.0", "another changed default"),
    normalize("xp.maximum(n, eps)", "n + eps", "eps added"),
    normalize("= 1, eps", "= -1, eps", "the last dimension by default"),
    norm("xp.sqrt(summed(x * x, axes)", "(summed(x * x, axes)", "the square of the length"),
    slope("xp.power(size / n, p - 1)", "xp.power(size / n, p)", "a power too many"),
    slope(" / largest.sum(axis=axes, keepdims=True)", "", "ties do not share"),
    slope("sign * xp.power(size / n, p - 1)", "xp.power(size / n, p - 1)", "the sign lost"),
    cosine("eps: float = 1e-8", "eps: float = 1e-12", "a changed default"),
    cosine("(other - along *", "(other -", "y lost in the gradient"),
    cosine("(b, a), lengths", "(a, b), lengths", "the two sides mixed up"),
    cosine("_norm_slope(x, n, 2, axes))", "x / length)", "the derivative where PyTorch's gradient is none"),
    cosine("xp.maximum(n, eps), xp.maximum(n, eps))", "xp.maximum(n, eps), n)", "eps lost in the gradient"),
    cosine("dx2, x2.shape", "dx2, shape", "a gradient that is not summed over copies"),
    contrastive(
        "u, image_backward = normalize(image)", "u, image_backward = image, lambda du: du", "images of any length"
    ),
    contrastive(
        "cross_entropy(logits.T, q, reduction=reduction)",
        "cross_entropy(logits, q, reduction=reduction)",
        "one way alone",
    ),
    contrastive("columns_backward(dy / 2).T", "columns_backward(dy / 2)", "a lost transpose"),
    contrastive("return (rows + columns) / 2", "return rows + columns", "a lost half"),
    contrastive("rows_backward(dy / 2)", "rows_backward(dy)", "a lost half in the gradient"),
    contrastive("product_backward(scale * dlogits)", "product_backward(dlogits)", "the scale lost in the gradient"),
    contrastive("(dlogits * cosine).sum()", "(dlogits * logits).sum()", "the gradient of the scale's logarithm"),
    contrastive("= 1 / 0.07", "= 1.0", "a changed default"),
    answers("same / same.sum(axis=1, keepdims=True)", "same", "right answers that sum to more than 1"),
    model("self._scale_backward(dscale)", "dscale", "backward skips the exponential"),
    model("self.relu.backward(self.fc2.backward(dimage))", "self.fc2.backward(dimage)", "backward skips the ReLU"),
    model("self.words.backward(dtext)", "self.words.backward(dimage)", "words take the images' gradient"),
    model("asarray(log(1 / 0.07)", "asarray(log(0.07)", "a temperature for a scale"),
    model("std=0.02", "std=1.0", "long word vectors"),
    answers("(labels[:, None] == labels)", "(xp.arange(N)[:, None] == xp.arange(N))", "labels that do not count"),
]
