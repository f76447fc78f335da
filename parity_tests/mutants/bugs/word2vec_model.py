"""Bugs in the Word2Vec model."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

model = partial(Mutant, "word2vec.model", "word2vec/model.py")

MUTANTS = [
    model("half = 0.5 / settings", "half = 1.0 / settings", "vectors that start twice as far out"),
    model("Generator(settings.seed)", "Generator(0)", "every seed alike"),
    model('- (settings.objective == "hierarchical")', "", "an inner node too many"),
    model("[len(self.input) :]", "[: len(self.vocabulary) - len(self.input)]", "new words that start as the first did"),
    model("np.zeros_like(start)", "start", "the output of new words is not zero"),
    model(
        "np.concatenate([self.frozen, np.zeros(new, bool)])", "np.zeros(len(self.input), bool)", "freezing forgotten"
    ),
    model(
        "frozen = np.zeros(len(self.vocabulary), bool)",
        "frozen = np.zeros(len(self.vocabulary), bool) if self.frozen is None else self.frozen",
        "freezing adds up",
    ),
    model("frozen if frozen.any() else None", "frozen", "none frozen is an array of nothing"),
    model("model.input[:] = vectors.vectors", "pass", "vectors not taken over"),
    model("np.maximum(vectors.counts, 1)", "vectors.counts", "a count of zero"),
    model(
        """        encoded = self.vocabulary.encode(sentences)
        before, self.settings = self.settings, changed
""",
        """        before, self.settings = self.settings, changed
        encoded = self.vocabulary.encode(sentences)
""",
        "settings changed before the text is read",
    ),
    model("before, self.settings = self.settings, changed", "before = self.settings", "settings forgotten"),
    model("            self.settings = before\n", "", "settings that nothing was learnt with"),
    model('("vector_size", "objective", "dtype")', '("vector_size", "dtype")', "another objective"),
    model("vocabulary is None and isinstance", "isinstance", "a vocabulary that was given is not enough"),
]
