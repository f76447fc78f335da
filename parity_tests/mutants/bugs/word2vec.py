"""Bugs in embedding_bag, in word2vec's objectives, and in its textbook trainer."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

FILE = "word2vec/objectives.py"

bag = partial(Mutant, "functional.embedding_bag", "functional/embedding_bag.py")
softmax = partial(Mutant, "word2vec.softmax_loss", FILE, within="def softmax_loss")
negative = partial(Mutant, "word2vec.negative_sampling_loss", FILE, within="def negative_sampling_loss")
hierarchical = partial(Mutant, "word2vec.hierarchical_softmax_loss", FILE, within="def hierarchical_softmax_loss")
block = partial(Mutant, "word2vec.block_loss", FILE, within="def block_loss")
yes_or_no = partial(Mutant, file=FILE, within="def _yes_or_no")
batches = partial(Mutant, "word2vec.batches", "word2vec/batches.py")
textbook = partial(Mutant, "word2vec.textbook", "word2vec/textbook.py")


def lost_duplicate(subject: str) -> Mutant:
    """W[i] += g, which keeps one of several equal indices."""
    right, wrong = "array_module(target).add.at(target, indices, values)", "target[indices] += values"
    return Mutant(subject, "backend.py", right, wrong, "a lost duplicate index")


MUTANTS = [
    lost_duplicate("functional.embedding_bag"),
    bag("ids != padding_idx % len(weight)", "ids != padding_idx", "padding counted from the end is in the bag"),
    bag(
        "if padding_idx is not None:\n        within",
        "if padding_idx:\n        within",
        "padding row 0 is in the bag",
    ),
    bag("rows = xp.where(within, rows, 0)", "rows = rows * within", "nan in the padding row"),
    bag("rows[:, place] > y", "rows[:, place] >= y", "the last of equal maxima"),
    bag("(winner < 0) | ", "(winner < -1) | ", "no maximum below 0"),
    bag("(dy / count)[:, None, :]", "dy[:, None, :]", "the gradient's 1/n lost"),
    bag("xp.maximum(within.sum(axis=1), 1)", "xp.maximum((rows == rows).sum(axis=1), 1)", "padding in the mean"),
    bag("within, s * dy[:, None, :]", "within, dy[:, None, :]", "weights lost in the gradient"),
    bag("(rows * dy[:, None, :])", "(abs(rows) * dy[:, None, :])", "the weights' gradient without a sign"),
    bag("scatter_add(ds, place, ", "scatter_add(ds, place[::-1], ", "the weights' gradients of another bag"),
    bag('mode: str = "mean"', 'mode: str = "sum"', "a changed default"),
    bag("include_last_offset: bool = False", "include_last_offset: bool = True", "another changed default"),
    softmax('reduction: str = "sum"', 'reduction: str = "mean"', "a changed default"),
    softmax("layer_backward(loss_backward(dy))", "layer_backward(loss_backward(0 * dy + 1))", "takes dy to be 1"),
    softmax("layer_backward(loss_backward(dy))", "layer_backward(1.0005 * loss_backward(dy))", "off by 0.05 %"),
    lost_duplicate("word2vec.negative_sampling_loss"),
    negative('reduction: str = "sum"', 'reduction: str = "mean"', "a changed default"),
    negative("right | (words != target[:, None])", "right | (words >= 0)", "a negative that is the target counts"),
    negative("right | (words != target[:, None])", "words != target[:, None]", "the target does not count"),
    negative("xp.arange(words.shape[1]) == 0", "xp.arange(words.shape[1]) >= 0", "negatives are right, too"),
    *(
        yes_or_no(subject, old=old, new=new, what=what)
        for subject in ("word2vec.negative_sampling_loss", "word2vec.hierarchical_softmax_loss")
        for old, new, what in (
            ("spread(dy)[..., None]", "(spread(dy) * 0 + 1)[..., None]", "takes dy to be 1"),
            ("ds[:, :, None] * hidden[:, None, :]", "ds[:, :, None] * abs(hidden)[:, None, :]", "a lost sign"),
            ("xp.matmul(ds[:, None, :], w)", "xp.matmul(ds[:, None, ::-1], w)", "the errors of other rows"),
        )
    ),
    block("xp.full_like(s, target), weight", "xp.full_like(s, target), weight * 0 + 1", "no weights"),
    block("xp.full_like(s, target)", "xp.full_like(s, 1 - target)", "yes and no exchanged"),
    block("loss_backward(dloss)", "loss_backward(dloss * 0 + 1)", "takes dy to be 1"),
    block("xp.matmul(ds.swapaxes(1, 2), y), ", "xp.matmul(ds.swapaxes(1, 2), y) * 1.0005, ", "off by 0.05 %"),
    lost_duplicate("word2vec.hierarchical_softmax_loss"),
    hierarchical("codes == 0", "codes == 1", "yes and no exchanged"),
    hierarchical("< lengths[:, None]", "<= lengths[:, None]", "one node beyond the end"),
    hierarchical("xp.where(counted, points, 0)", "points", "padding is looked up"),
    hierarchical('reduction: str = "sum"', 'reduction: str = "mean"', "a changed default"),
    batches("drawn < keep[ids]", "drawn >= keep[ids]", "frequent words kept, rare ones thinned out"),
    batches("max(start - window, 0)", "start", "no window reaches back over a batch's border"),
    batches("np.zeros(high - low, np.int64)", "np.full(high - low, window)", "pairs at the borders twice"),
    batches("random.randint(1, window + 1, ", "random.randint(1, window, ", "never the widest window"),
    batches("if settings.dynamic_window else", "if not settings.dynamic_window else", "the window's kind exchanged"),
    batches("run[: ends[-1] + 1]", "run[: ends[0] + 1]", "a run of one sentence"),
    batches("np.cumsum(ids >= 0) - (ids >= 0)", "np.cumsum(ids >= 0)", "the first word counts before it is read"),
    batches("return center, None, context", "return context, None, center", "center and context exchanged"),
    textbook(
        "words, inputs = np.unique(batch.inputs, return_inverse=True)",
        "words, inputs = batch.inputs, np.arange(batch.inputs.size)",
        "a lost duplicate index",
    ),
    textbook(
        "rows, places = np.unique(np.column_stack([target, negatives]), return_inverse=True)",
        "rows, places = negatives[:, :1].ravel(), np.arange(len(negatives))[:, None].repeat(2, axis=1)",
        "the first negative alone, and for the target, too",
    ),
    textbook("- rate * dinput", "+ rate * dinput", "uphill"),
    textbook("- rate * doutput", "- rate * doutput / len(batch.target)", "the mean over the batch"),
    textbook("backward(dhidden * n[:, None].astype(dhidden.dtype))", "backward(dhidden)", "the mean's 1/n kept"),
    textbook('mode="mean"', 'mode="sum"', "the sum of the words around"),
    textbook("settings.rate(batch.begin / total)", "settings.rate(batch.end / total)", "the rate falls a step early"),
    textbook("encoded.words * settings.epochs\n    for", "encoded.words\n    for", "the rate falls in one epoch"),
    textbook("random.Generator(settings.seed + 1)", "random.Generator(settings.seed)", "the start's draws again"),
    textbook("noise(counts, settings.noise_exponent)", "noise(counts)", "the exponent of the noise forgotten"),
    textbook("model.input[words], moved_input)", "moved_input, model.input[words])", "frozen words move alone"),
    textbook(
        "model.input[words], model.output[rows] = moved_input, moved_output",
        "model.input[words], model.output[rows] = moved_input, moved_output if model.frozen is None else 0",
        "the output frozen, too",
    ),
    textbook("    encoded.check_pairs()\n", "", "nothing is learned, and nobody told"),
    textbook(
        "if not value < DIVERGED * batch.target.size",
        "if value == float('inf')",
        "diverges unseen until it is infinite",
    ),
    textbook("STRIDE / most", "2 * STRIDE / most", "steps twice as large by default"),
    textbook("advance(step.read - read)", "advance(step.read)", "words counted again and again"),
]
