"""The vectors that a command reads, and the words of them that it is about."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from numpy_nn.command_line.answers import counted
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
    """The words to choose, by name or the most frequent, and the file of their vectors."""
    parser.add_argument("words", nargs="*", metavar="WORD", help="the words; the most frequent by default")
    parser.add_argument("--top", type=int, metavar="N", default=top, help=f"how many of the most frequent ({top})")
    parser.add_argument("--skip", type=int, metavar="N", default=0, help="pass over so many of them: and, the, ... (0)")
    add_vectors(parser)


def add_picture(parser: ArgumentParser, name: str) -> None:
    """The option that names the file of a picture."""
    path = Path("results", f"{name}.png")
    parser.add_argument("--out", type=Path, metavar="FILE", default=path, help=f"({path})")


def read(path: str) -> WordVectors:
    """The vectors of a file. Raises FileNotFoundError, which says how they are made, or ValueError for another file."""
    if Path(path).suffix not in formats.FORMATS:
        raise ValueError(f"vectors: expected a name that ends in {', '.join(formats.FORMATS)}, got {path!r}")
    if not Path(path).is_file():
        hint = "; python -m numpy_nn embed train makes them, --vectors FILE names others" if path == DEFAULT else ""
        raise FileNotFoundError(f"{path}: expected word vectors, found none{hint}")
    return WordVectors.load(path)


def chosen(arguments: Namespace, least: int) -> tuple[WordVectors, list[str]]:
    """The vectors, and the words of add_words: those asked for, else the most frequent, which a file has first.

    Raises as read does, UnknownWordError for a word without a vector, ValueError for fewer than `least` words.
    """
    vectors = read(arguments.vectors)
    checks.integer("top", arguments.top, low=1)
    checks.integer("skip", arguments.skip, low=0)
    for word in arguments.words:
        vectors[word]
    frequent = vectors.words[arguments.skip : arguments.skip + arguments.top]
    found = list(dict.fromkeys(arguments.words)) or frequent
    if len(found) < least:
        raise ValueError(f"WORD: expected at least {counted(least, 'word')}, got {len(found)}")
    return vectors, found
