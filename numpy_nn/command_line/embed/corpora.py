"""The texts that train reads: built in, by name, or a file or folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numpy_nn.data.text import Corpus, generated, tokenizers, topics
from numpy_nn.data.text.tokenizers import TOKENIZERS, Tokenizer

BUILT_IN: dict[str, dict[str, Any]] = {
    "topics": {"epochs": 20, "alpha": 0.05},
    "generated": {"epochs": 20, "alpha": 0.05},
}
"""The names of the built-in texts, and what is set for them where nothing is said: they are small."""


def sentences(corpus: str, tokenizer: str | None, errors: str) -> Iterable[list[str]]:
    """The sentences of a corpus, which can be read several times.

    tokenizer: see `cutting`; None cuts words, and of the generated text the parts that it was made of.
    Raises FileNotFoundError or ValueError where there is no such corpus or tokenizer.
    """
    cut = cutting(tokenizer or "words")
    if corpus == "generated":
        return generated.sentences() if tokenizer is None else Corpus(generated.text(), cut)
    if corpus == "topics":
        return Corpus(topics.text(), cut)
    if not Path(corpus).exists():
        raise FileNotFoundError(f"source: expected a file, a folder, {' or '.join(BUILT_IN)}, got {corpus!r}")
    return Corpus(Path(corpus), cut, errors=errors)


def cutting(name: str) -> Tokenizer:
    """A tokenizer by its name, or regex:PATTERN. Raises ValueError for another name or no pattern."""
    kind, colon, pattern = name.partition(":")
    if kind == "regex" and colon:
        return tokenizers.regex(pattern)
    if name not in TOKENIZERS:
        raise ValueError(f"tokenizer: expected one of {', '.join(TOKENIZERS)} or regex:PATTERN, got {name!r}")
    return TOKENIZERS[name]
