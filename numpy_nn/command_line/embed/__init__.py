"""python -m numpy_nn embed: word vectors made from text, asked, drawn and judged."""

from __future__ import annotations

import argparse
from typing import Any

from numpy_nn.command_line.embed import analogy, cluster, evaluate, heat, map, similar, train

EXAMPLES = """\
examples:
  python -m numpy_nn embed train            from text that every Python carries
  python -m numpy_nn embed similar list     its nearest words
  python -m numpy_nn embed train generated  small, Korean and English
  python -m numpy_nn embed analogy king man woman
  python -m numpy_nn embed evaluate         against what is true of it
  python -m numpy_nn embed map              a picture: results/map.png
"""


def add(commands: Any) -> None:
    """Put the commands in the parser."""
    parser = commands.add_parser(
        "embed",
        help="word vectors: train them, ask them for neighbours and analogies, draw them",
        description="Word vectors by Word2Vec: made from text, asked, drawn and judged.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    inner = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (train, similar, analogy, cluster, map, heat, evaluate):
        command.add(inner)
