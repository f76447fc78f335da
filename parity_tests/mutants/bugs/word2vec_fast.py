"""Bugs in word2vec's fast trainer."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

skip_gram = partial(Mutant, "word2vec.fast.skip_gram", "word2vec/fast/skip_gram.py")
cbow = partial(Mutant, "word2vec.fast.cbow", "word2vec/fast/cbow.py")
blocks = partial(Mutant, "word2vec.fast.blocks", "word2vec/fast/blocks.py")
rows = partial(Mutant, "kernels.cpu.rows", "kernels/cpu/rows.py")
trainer = partial(Mutant, "word2vec.fast.trainer", "word2vec/fast/trainer.py")

MUTANTS = [
    skip_gram("np.subtract(self.one, self.S_near", "np.add(self.one, self.S_near", "pairs pushed apart"),
    skip_gram("np.add(self.one, self.S_noise", "np.subtract(self.one, self.S_noise", "noise with the wrong slope"),
    skip_gram("self.S_bands[self.mixed[here]] *= self.same[here]", "pass", "pairs across sentences"),
    skip_gram(
        "-self.settings.negative / NOISE", "-self.settings.negative / (NOISE + 1)", "noise that weighs too little"
    ),
    skip_gram("np.matmul(self.G_noise, self.inner, out=self.dnoise)", "pass", "noise words do not move"),
    skip_gram("rate / 4)", "rate / 2)", "the output moves too far"),
    skip_gram("np.multiply(self.S_near, self.nearness, out", "np.multiply(self.S_near, 1.0, out", "no nearness"),
    skip_gram("block * sentences.shape[2] + band", "block + band * sentences.shape[0]", "the bands of other blocks"),
    cbow("H *= self.mean[number]", "pass", "the sum for the mean"),
    cbow("self.S_noise *= self.repulsion", "pass", "noise that weighs too much, and with the wrong sign"),
    cbow("np.maximum(counts, 1)", "counts.max()", "every window as wide as the widest"),
    cbow("(distance >= 1) & ", "", "a word in its own context"),
    cbow("distance <= widths", "distance < widths", "windows too narrow by one"),
    cbow("dH += np.multiply", "dH -= np.multiply", "a wrong sign"),
    cbow(
        "np.matmul(self.A.swapaxes(1, 2), dH", "np.matmul(self.A.swapaxes(1, 2), H", "the hidden vector for its error"
    ),
    cbow("self.inside &= sentences", "self.inside |= sentences", "sentences mixed"),
    blocks("(window + 1 - distance) / window", "(window - distance) / window", "nearness off by one"),
    blocks("if settings.dynamic_window else 1.0", "if not settings.dynamic_window else 1.0", "the kind exchanged"),
    blocks("< self._keep[ids])", "<= 1)", "no subsampling"),
    blocks("contexts[..., w : w + T]", "contexts[..., :T]", "centres in the wrong place"),
    blocks("SFC64([self.settings.seed, number])", "SFC64([self.settings.seed])", "every run draws the same"),
    blocks("np.cumsum(~words, dtype=np.int32)", "np.cumsum(words, dtype=np.int32)", "every word a sentence"),
    blocks("settings.noise_exponent, generator", "1.0, generator", "noise as frequent as words"),
    blocks(
        "(starts + lengths)[there] - 1 - d", "(starts + lengths)[there] - 1", "a sentence's end is not seen from afar"
    ),
    blocks(
        "ids = self._ids[start : start + RUN]", "ids = self._ids[start : start + RUN - 1]", "a word lost in each run"
    ),
    rows(
        "np.add.at(values.view(pairs), stands[again], values.view(pairs)[again])",
        "values[stands[again]] += values[again]",
        "a lost duplicate index",
    ),
    rows("last[rows] = places", "last[rows] = places[::-1]", "another row stands for a word"),
    rows("np.multiply(scale, factors[rows], out=scale)", "pass", "no factors"),
    rows("values *= scale[:, None]", "values *= scale[0]", "the first row's rate for all"),
    trainer("self.settings.rate((before", "self.settings.rate((0 * before", "the rate starts anew with each run"),
    trainer("run.words * step / steps", "run.words", "the rate falls in jumps"),
    trainer("self.output *= 0.5", "self.output *= 1.0", "an output twice its size"),
    trainer("        self.output *= 2\n", "", "an output half its size"),
    trainer("(~model.frozen)", "(model.frozen)", "all but the frozen are frozen"),
    trainer("if not item(abs(vectors).max()) < LIMIT", "if item(abs(vectors).max()) > LIMIT", "nan passes"),
    trainer("np.minimum(1.0, CAP / (", "np.minimum(1.0, 1e9 / (", "too frequent words overshoot"),
    trainer("CBOW if self.settings.cbow else SkipGram", "SkipGram if self.settings.cbow else CBOW", "exchanged"),
]
