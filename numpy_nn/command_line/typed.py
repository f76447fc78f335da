"""Errors that name what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from numpy_nn.word2vec import UnknownWordError


@contextmanager
def as_typed(*same: str, **others: str) -> Iterator[None]:
    """In the block, or the function that this decorates, an error about an argument names what was typed for it.

    same: arguments that are typed under their own name: vector_size as --vector-size.
    others: by its name, how an argument is typed: path="--out".
    """
    try:
        yield
    except (TypeError, ValueError, FileNotFoundError, UnknownWordError) as error:
        name, colon, rest = str(error).partition(":")
        typed = {option: f"--{option.replace('_', '-')}" for option in same} | others
        if name not in typed:
            raise
        kind = ValueError if isinstance(error, UnknownWordError) else type(error)
        raise kind(f"{typed[name]}{colon}{rest}") from error
