"""Errors of embed, which name what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from numpy_nn.command_line import typed
from numpy_nn.word2vec import Settings

OTHERS = {
    "source": "CORPUS",
    "sentences": "CORPUS",
    "max_size": "--max-vocab",
    "pattern": "--tokenizer",
    "extend": "--continue",
    "word": "WORD",
}
"""Arguments of functions that are typed under another name."""

SAME = {field.name for field in fields(Settings)} | set(
    "min_count max_vocab freeze tokenizer errors out vectors topn top skip clusters seed perplexity method".split()
)
"""Those that are typed under their own names."""

REPLACE = '; errors="replace"'


@contextmanager
def as_typed() -> Iterator[None]:
    """In the block, or the function that this decorates, an error about an argument names the option it came from."""
    try:
        with typed.as_typed(*SAME, **OTHERS):
            yield
    except ValueError as error:
        name, _, rest = str(error).partition(":")
        if REPLACE in rest:
            raise ValueError(f"{name}:{rest.partition(REPLACE)[0]}; --errors replace reads it as �") from error
        raise
