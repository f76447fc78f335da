"""Bugs in the fast kernels of losses, and of embedding."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

cross_entropy = partial(Mutant, "kernels.cpu.cross_entropy", "kernels/cpu/classification.py")
cross_entropy_calls = partial(Mutant, "kernels.cpu.cross_entropy", "kernels/class_indices.py")
bce_with_logits = partial(Mutant, "kernels.cpu.binary_cross_entropy_with_logits", "kernels/cpu/losses.py")
smooth_l1 = partial(Mutant, "kernels.cpu.smooth_l1_loss", "kernels/cpu/losses.py")
embedding = partial(Mutant, "kernels.cpu.embedding", "kernels/cpu/embedding.py")

MUTANTS = [
    cross_entropy("np.maximum.reduce(scores, axis=0)", "scores[0]", "the first score taken for the largest"),
    cross_entropy("np.subtract(np.log(total), right,", "np.add(np.log(total), right,", "a wrong sign"),
    cross_entropy("memory[places] -= share", "pass", "no 1 taken from the right class"),
    cross_entropy(
        "memory, places[part]", "memory, places[: len(places[part])]", "every block has the first one's targets"
    ),
    cross_entropy("share[part] if", "share[: len(places[part])] if", "every block has the first one's shares"),
    cross_entropy("type(1 / count)", "type(1)", "no 1/N in the gradient"),
    cross_entropy("count = w.sum()", "count = valid.sum()", "a mean over samples for one over weights"),
    cross_entropy("share = np.where(valid, w * share, 0)", "share = w * share", "0 · ∞ where all is ignored"),
    cross_entropy("losses = np.where(valid, w * losses, 0)", "losses = 1 * losses", "what is ignored counts"),
    cross_entropy("waiting.pop() if waiting", "waiting[0] if waiting", "given away and kept"),
    cross_entropy("if dy.ndim or dy.item() != 1:", "if dy.ndim:", "dy forgotten"),
    cross_entropy("if not np.isfinite(dy).all():", "if False:", "an infinite gradient of what is ignored"),
    cross_entropy("or 0 <= ignore_index < C", "", "an ignored class counts"),
    cross_entropy("classes.view(np.uint64)", "(classes * (classes != -1)).view(np.uint64)", "−1 passes for a class"),
    cross_entropy_calls("label_smoothing == 0)", "True)", "no smoothing"),
    bce_with_logits("np.minimum(x, 0,", "np.maximum(x, 0,", "the other half of x"),
    bce_with_logits("np.negative(losses, out=losses)", "pass", "large logits overflow"),
    bce_with_logits("np.log1p(losses, out=losses)", "np.log(losses, out=losses)", "log e^−|x| for log(1 + e^−|x|)"),
    bce_with_logits("dx -= target", "dx += target", "a wrong sign"),
    bce_with_logits("or weight is not None", "", "the weight forgotten"),
    bce_with_logits("or pos_weight is not None", "", "pos_weight forgotten"),
    smooth_l1("dx *= share", "dx *= abs(share)", "the sign of dy lost"),
    smooth_l1("near /= 2", "near /= 3", "a third for a half"),
    smooth_l1("near *= 2 / beta", "near *= 2", "β only where the parts meet"),
    smooth_l1("dx /= beta", "pass", "β forgotten backwards"),
    smooth_l1("np.clip(dx, -1, 1, out=dx)", "np.minimum(dx, 1, out=dx)", "no bound below"),
    embedding(
        "np.add.at(sums, (starts[begin:end] + across).reshape(-1), terms[begin * width : end * width])",
        "sums[(starts[begin:end] + across).reshape(-1)] += terms[begin * width : end * width]",
        "one of several equal indices counts",
    ),
    embedding(
        "terms[begin * width : end * width]",
        "terms[: len(starts[begin:end]) * width]",
        "every block has the first one's gradient",
    ),
    embedding("np.ones(rows.size,", "1.0005 * np.ones(rows.size,", "SciPy's sum is off by 0.05 %"),
    embedding("astype(np.int64)", "astype(np.int64, copy=False)", "the rows that are there later"),
    embedding("dweight.fill(0)", "dweight.fill(1)", "rows that are not used get a gradient"),
    embedding("            dweight[padding_idx] = 0", "            pass", "the padding row gets a gradient"),
    embedding("scale_grad_by_freq is False", "True", "not divided by the count"),
    embedding("max_norm is None", "True", "rows in use keep their norm"),
    embedding("< len(weight)  #", "<= len(weight)  #", "an index past the end is the last"),
]
