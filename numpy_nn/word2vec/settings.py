"""What a training of word vectors can be told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numpy_nn.functional import checks

OBJECTIVES = ("negative", "hierarchical", "softmax")
TRAINERS = ("fast", "textbook")


@dataclass(frozen=True)
class Settings:
    """The settings of a training, under gensim's names where it has them.

    vector_size: numbers in a vector.  window: words on each side that count as context.  negative: noise words for
    each pair.  sample: share of the text above which a word is thinned out, 0 for none.  epochs: passes over the text.
    alpha, min_alpha: the learning rate at the start and at the end, falling linearly with the words read.
    cbow: guess a word from its context; otherwise (Skip-gram) the context from a word.  objective: "negative",
    "hierarchical" or "softmax".  dynamic_window: each word's window is drawn from 1 to window.  noise_exponent: noise
    words are drawn by count to this power.  seed: of every draw.  workers: how many train at once.
    trainer: "textbook" is the one to read, "fast" the one to use, for negative sampling only; None takes the fast one
    where there is one.  dtype: "float32" or "float64".
    Raises TypeError or ValueError, naming the setting.
    """

    vector_size: int = 100
    window: int = 5
    negative: int = 5
    sample: float = 1e-3
    epochs: int = 5
    alpha: float = 0.025
    min_alpha: float = 1e-4
    cbow: bool = False
    objective: str = "negative"
    dynamic_window: bool = True
    noise_exponent: float = 0.75
    seed: int = 1
    workers: int = 1
    trainer: str | None = None
    dtype: str = "float32"

    def __post_init__(self) -> None:
        """Check every setting."""
        for name in ("vector_size", "window", "negative", "epochs", "workers"):
            checks.integer(name, getattr(self, name), low=1)
        checks.integer("seed", self.seed, low=0)
        checks.number("sample", self.sample, low=0)
        checks.number("alpha", self.alpha, low=0)
        checks.number("min_alpha", self.min_alpha, low=0)
        checks.number("noise_exponent", self.noise_exponent)
        if self.min_alpha > self.alpha:
            raise ValueError(f"min_alpha: expected at most alpha, {self.alpha}, got {self.min_alpha}")
        checks.option("cbow", self.cbow, True, False)
        checks.option("dynamic_window", self.dynamic_window, True, False)
        checks.option("objective", self.objective, *OBJECTIVES)
        if self.trainer is None:
            object.__setattr__(self, "trainer", "fast" if self.objective == "negative" else "textbook")
        checks.option("trainer", self.trainer, *TRAINERS)
        if self.trainer == "fast" and self.objective != "negative":
            raise ValueError(f"trainer: expected 'textbook' for objective {self.objective!r}, got 'fast'")
        if self.trainer == "textbook" and self.workers > 1:
            raise ValueError(f"workers: expected 1 with the textbook trainer, got {self.workers}")
        checks.option("dtype", self.dtype, "float32", "float64")

    def rate(self, progress: float) -> float:
        """The learning rate after a share of the training, from 0 to 1."""
        return self.alpha + (self.min_alpha - self.alpha) * min(progress, 1.0)

    @property
    def floating(self) -> np.dtype[np.floating]:
        """The dtype of the vectors."""
        return np.dtype(self.dtype)
