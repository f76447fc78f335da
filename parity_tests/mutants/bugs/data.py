"""Bugs in the DataLoader."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

loader = partial(Mutant, "data.DataLoader", "data/loader.py")

MUTANTS = [
    loader("        random_((), generator=self.generator)\n", "", "no word drawn at the start of a pass"),
    loader(
        "        if self.shuffle and self.generator is not None:\n",
        "        if False:\n",
        "the unused permutation not drawn",
    ),
    loader("if rest and not self.drop_last", "if rest", "drop_last is not heeded"),
    loader("(rest > 0 and not self.drop_last)", "(rest > 0)", "a length that counts the dropped batch"),
    loader("Generator(int(random_(())))", "None", "shuffled by the default stream itself"),
    loader(
        "yield order[start : start + self.batch_size]",
        "yield order[start : start + self.batch_size][::-1]",
        "batches turned round",
    ),
    loader("order[N - rest :]", "order[: rest]", "the first samples again as the last batch"),
    loader("batch_size: int = 1,", "batch_size: int = 32,", "a changed default"),
]
