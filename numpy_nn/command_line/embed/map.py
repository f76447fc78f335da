"""embed map: words on paper, near where they mean alike."""

from __future__ import annotations

import argparse
from typing import Any

from numpy_nn.backend import Array
from numpy_nn.command_line.embed import pictures, reading
from numpy_nn.command_line.embed.cluster import directions, grouped
from numpy_nn.command_line.embed.typed import as_typed
from numpy_nn.command_line.places import drawable
from numpy_nn.semantics import pca, tsne

EXAMPLES = """\
examples:
  python -m numpy_nn embed map                     the 100 most frequent words
  python -m numpy_nn embed map --method pca --clusters 6
  python -m numpy_nn embed map king queen man woman --method pca --out royal.png
  python -m numpy_nn embed map --top 300 --skip 100 --perplexity 10
"""
PERPLEXITY = 12.0


def add(commands: Any) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "map",
        help="a picture of words, near where they mean alike",
        description="A picture of words in two dimensions: by t-SNE, which keeps neighbours together,\n"
        "or by PCA, which keeps the two directions in which they differ most.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reading.add_words(parser, 100)
    parser.add_argument("--method", choices=("tsne", "pca"), help="(tsne; pca for fewer than 20 words)")
    parser.add_argument(
        "--perplexity", type=float, metavar="P", help=f"neighbours of a word, for tsne ({PERPLEXITY:g})"
    )
    parser.add_argument("--clusters", type=int, metavar="K", help="colour the words by K groups (8; 1 for pca)")
    parser.add_argument("--seed", type=int, metavar="N", default=0, help="of the groups (0)")
    reading.add_picture(parser, "map")
    parser.set_defaults(run=run)


@as_typed()
def run(arguments: argparse.Namespace) -> int:
    """Draw the picture."""
    drawable("--out", arguments.out)
    vectors, words = reading.chosen(arguments, least=3)
    method = arguments.method or ("tsne" if len(words) >= 20 else "pca")
    clusters = arguments.clusters if arguments.clusters is not None else min(8, len(words)) if method == "tsne" else 1
    labels, _ = grouped(vectors, words, clusters, arguments.seed)
    points = placed(directions(vectors, words), method, arguments.perplexity)
    pictures.word_map(arguments.out, points, words, labels.tolist(), f"{len(words)} words, {NAMES[method]}")
    print(f"{len(words)} words by {NAMES[method]}; picture: {arguments.out}")
    return 0


NAMES = {"tsne": "t-SNE", "pca": "PCA"}


def placed(x: Array, method: str, perplexity: float | None) -> Array:
    """Points (N, 2) for directions (N, D). Raises ValueError for a perplexity that does not fit, or has no part."""
    if method == "pca":
        if perplexity is not None:
            raise ValueError(f"perplexity: expected only with --method tsne, got {perplexity:g} with pca")
        return pca(x).transform(x)
    return tsne(x, perplexity=min(PERPLEXITY, (len(x) - 2) / 3) if perplexity is None else perplexity).y
