"""The vectors that a command reads, and the words of them that it is about."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from numpy_nn.functional import checks
from numpy_nn.word2vec import WordVectors, formats

DEFAULT = "results/vectors.npz"
"""Where train writes, and all else reads."""


def add_vectors(parser: ArgumentParser) -> None:
    """The option that names the file of the vectors."""
    parser.add_argument(
        "--vectors", metavar="FILE", default=DEFAULT, help=f".txt, .bin, .npz or .safetensors ({DEFAULT})"
    )


def add_words(parser: ArgumentParser, top: int) -> None:
    """The words to choose: by name, or the most frequent."""
    parser.add_argument("words", nargs="*", metavar="WORD", help="the words; the most frequent by default")
    parser.add_argument("--top", type=int, metavar="N", default=top, help=f"how many of the most frequent ({top})")
    parser.add_argument("--skip", type=int, metavar="N", default=0, help="pass over so many of them: and, the, ... (0)")


def read(path: str) -> WordVectors:
    """The vectors of a file. Raises FileNotFoundError, which says how they are made, or ValueError for another file."""
    if Path(path).suffix not in formats.FORMATS:
        raise ValueError(f"vectors: expected a name that ends in {', '.join(formats.FORMATS)}, got {path!r}")
    if not Path(path).is_file():
        hint = "; python -m numpy_nn embed train makes them, --vectors FILE names others" if path == DEFAULT else ""
        raise FileNotFoundError(f"{path}: expected word vectors, found none{hint}")
    return WordVectors.load(path)


def chosen(vectors: WordVectors, words: list[str], top: int, skip: int, least: int) -> list[str]:
    """The words that are asked for, else the `top` most frequent after `skip`, in a file in the order of their counts.

    Raises UnknownWordError for a word without a vector, ValueError for fewer than `least` words.
    """
    checks.integer("top", top, low=1)
    checks.integer("skip", skip, low=0)
    for word in words:
        vectors[word]
    found = list(dict.fromkeys(words)) or list(vectors.words[skip : skip + top])
    if len(found) < least:
        raise ValueError(f"word: expected at least {least} words, got {len(found)}")
    return found
