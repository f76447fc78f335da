"""What must hold before a trainer of numpy_nn is timed: its steps are PyTorch's."""

from __future__ import annotations

from collections.abc import Callable

from parity_tests import witnesses, word2vec_steps
from parity_tests.bounds import Mismatch
from parity_tests.specification import FORMULAS

STEPS = 3
"""In the first one the output matrix is still 0."""


def textbook() -> None:
    """The objective and both hidden layers, at their large sizes, against autograd. Raises Mismatch."""
    for name in ("word2vec.negative_sampling_loss", "functional.embedding", "functional.embedding_bag"):
        row = FORMULAS[name]
        witnesses.pytorch(row, row.large())


def fast() -> None:
    """Steps of both objectives on a small text, every vector after each of them. Raises Mismatch."""
    text = word2vec_steps.text()
    for cbow in (False, True):
        try:
            word2vec_steps.compare(word2vec_steps.model_of(text, cbow=cbow), text, most=STEPS)
        except Mismatch as error:
            raise Mismatch(f"{'CBOW' if cbow else 'Skip-gram'} is not PyTorch's: {error}") from error


CHECKS: dict[str, Callable[[], None]] = {"textbook": textbook, "fast": fast}
"""By the kind of contender."""
