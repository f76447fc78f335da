"""embed heat: which words are like which, all against all."""

from __future__ import annotations

import argparse
from typing import Any

from numpy_nn.command_line.embed import pictures, reading
from numpy_nn.command_line.embed.cluster import directions
from numpy_nn.command_line.embed.typed import as_typed
from numpy_nn.command_line.places import drawable
from numpy_nn.semantics import cosine_similarity, leaf_order, linkage

EXAMPLES = """\
examples:
  python -m numpy_nn embed heat                     the 50 most frequent words
  python -m numpy_nn embed heat king queen man woman tea coffee --out few.png
"""


def add(commands: Any) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "heat",
        help="a picture of the cosines between words, like beside like",
        description="A picture of the cosines between words, like beside like: in the order of a tree\n"
        "in which the nearest two groups are merged until one is left.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reading.add_words(parser, 50)
    reading.add_picture(parser, "heat")
    parser.set_defaults(run=run)


@as_typed()
def run(arguments: argparse.Namespace) -> int:
    """Draw the picture."""
    drawable("--out", arguments.out)
    vectors, words = reading.chosen(arguments, least=2)
    x = directions(vectors, words)
    order = leaf_order(linkage(x, "average", "cosine"))
    ordered = [words[place] for place in order.tolist()]
    pictures.heat_map(arguments.out, cosine_similarity(x[order], x[order]), ordered, f"{len(words)} words")
    print(f"{len(words)} words; picture: {arguments.out}")
    return 0
