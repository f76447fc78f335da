"""embed evaluate: how good vectors are."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from numpy_nn.command_line import table
from numpy_nn.command_line.embed import reading
from numpy_nn.command_line.embed.typed import as_typed
from numpy_nn.data.text import generated
from numpy_nn.word2vec import WordVectors, evaluation
from numpy_nn.word2vec.evaluation import Analogies

EXAMPLES = """\
examples:
  python -m numpy_nn embed evaluate --similarity wordsim353.tsv simlex999.tsv
  python -m numpy_nn embed evaluate --analogies questions-words.txt
  python -m numpy_nn embed train generated && python -m numpy_nn embed evaluate
      against the neighbours and analogies that are true of that text

An analogies file has a line ": name" before each section and four words a
line, "man king woman queen"; a similarity file has two words and a number a
line, divided by tabs. What has a word without a vector is skipped, and counted.
"""


def add(commands: Any) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "evaluate",
        help="how good vectors are: analogies, and people's judgements of similarity",
        description="How many analogies are answered right, and how cosines go with judgements\nof people.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reading.add_vectors(parser)
    parser.add_argument("--analogies", nargs="+", default=[], metavar="FILE", help="questions by section")
    parser.add_argument("--similarity", nargs="+", default=[], metavar="FILE", help="pairs of words and judgements")
    parser.add_argument("--method", choices=("3cosadd", "3cosmul"), default="3cosadd", help="of analogies (3cosadd)")
    parser.set_defaults(run=run)


@as_typed()
def run(arguments: argparse.Namespace) -> int:
    """Print a line for each section and file; without files, against the generated text's own truth."""
    vectors = reading.read(arguments.vectors)
    if not arguments.analogies and not arguments.similarity:
        _against_the_truth(vectors, arguments.method)
        return 0
    for path in arguments.analogies:
        _show(path, evaluation.analogies(vectors, path, method=arguments.method))
    rows = [(path, evaluation.similarity(vectors, path)) for path in arguments.similarity]
    if rows:
        shown = [(path, found.rho, found.pairs, found.missing) for path, found in rows]
        table.show("similarity", ["file", "Spearman's rho", "pairs", "skipped"], shown)
    return 0


def _show(title: str, found: Analogies) -> None:
    """A line for each section, and one for all; and which of them have no question that could be asked."""
    parts = [*found.sections, found.total]
    rows = [
        (part.name, part.correct, part.asked, f"{part.accuracy:.1%}" if part.asked else "–", part.skipped)
        for part in parts
    ]
    table.show(title, ["section", "right", "asked", "share", "skipped"], rows)
    if unasked := [part.name for part in parts if not part.asked]:
        print(f"{title}: none could be asked of {', '.join(unasked)}", file=sys.stderr)


def _against_the_truth(vectors: WordVectors, method: str) -> None:
    """The classes of the generated text, each word asked for as many neighbours as it truly has, and its analogies."""
    groups = {name: words for name, words in generated.classes().items() if all(word in vectors for word in words)}
    if not groups:
        raise ValueError("--analogies, --similarity: expected at least one FILE for these vectors, got none")
    table.show("neighbours", ["section", "right", "asked", "share"], _neighbours(vectors, groups))
    with TemporaryDirectory() as folder:
        path = Path(folder, "analogies.txt")
        parts = generated.analogies().items()
        lines = [line for name, part in parts for line in (f": {name}", *map(" ".join, part))]
        path.write_text("\n".join(lines), encoding="utf-8")
        _show("analogies", evaluation.analogies(vectors, path, method=method))


def _neighbours(vectors: WordVectors, groups: dict[str, list[str]]) -> Iterator[tuple[str, int, int, str]]:
    """For each class how many of its words' nearest neighbours are of it."""
    for name, words in groups.items():
        near = [found for word in words for found, _ in vectors.most_similar(word, topn=len(words) - 1)]
        right = sum(word in words for word in near)
        yield name, right, len(near), f"{right / len(near):.1%}"
