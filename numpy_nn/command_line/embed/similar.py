"""embed similar: a word's nearest neighbours."""

from __future__ import annotations

import argparse
from typing import Any

from numpy_nn.command_line import table
from numpy_nn.command_line.embed import reading
from numpy_nn.command_line.embed.typed import as_typed
from numpy_nn.functional import checks

EXAMPLES = """\
examples:
  python -m numpy_nn embed similar list
  python -m numpy_nn embed similar 한국 --vectors kowiki.bin --topn 20
  python -m numpy_nn embed similar list | cut -f1      a word a line
"""


def add(commands: Any) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "similar",
        help="the nearest neighbours of a word",
        description="The words whose vectors have the smallest angle with this one's.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("word", metavar="WORD")
    reading.add_vectors(parser)
    parser.add_argument("--topn", type=int, metavar="N", default=10, help="how many (10)")
    parser.set_defaults(run=run)


@as_typed()
def run(arguments: argparse.Namespace) -> int:
    """Print a neighbour and its similarity a line."""
    checks.integer("topn", arguments.topn, low=1)
    found = reading.read(arguments.vectors).most_similar(arguments.word, topn=arguments.topn)
    table.show(f"nearest to {arguments.word}", ["word", "cosine"], found)
    return 0
