"""embed cluster: words in groups."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from numpy_nn.backend import Array, to_host
from numpy_nn.command_line import table
from numpy_nn.command_line.answers import counted
from numpy_nn.command_line.embed import reading
from numpy_nn.command_line.embed.typed import as_typed
from numpy_nn.functional import checks
from numpy_nn.random import Generator
from numpy_nn.semantics import kmeans
from numpy_nn.semantics.similarity import unit
from numpy_nn.word2vec import WordVectors

EXAMPLES = """\
examples:
  python -m numpy_nn embed cluster                  the 200 most frequent words
  python -m numpy_nn embed cluster --top 500 --skip 50 --clusters 20
  python -m numpy_nn embed cluster tea coffee hammer saw --clusters 2
"""


def add(commands: Any) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "cluster",
        help="words in groups",
        description="Words in groups by the directions of their vectors: k-means.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reading.add_words(parser, 200)
    parser.add_argument("--clusters", type=int, metavar="K", default=10, help="how many groups (10)")
    parser.add_argument("--seed", type=int, metavar="N", default=0, help="of the starts (0)")
    parser.set_defaults(run=run)


@as_typed()
def run(arguments: argparse.Namespace) -> int:
    """Print a group a line: its number, its size, and its words, those nearest to its centre first."""
    vectors, words = reading.chosen(arguments, least=1)
    labels, distances = grouped(vectors, words, arguments.clusters, arguments.seed)
    order = np.argsort(distances, kind="stable").tolist()
    groups = [[words[place] for place in order if labels[place] == number] for number in range(arguments.clusters)]
    largest_first = sorted(groups, key=len, reverse=True)
    rows = [(number, len(group), " ".join(group)) for number, group in enumerate(largest_first, 1)]
    table.show(f"{counted(len(words), 'word')} in {counted(len(groups), 'group')}", ["group", "size", "words"], rows)
    return 0


def grouped(vectors: WordVectors, words: list[str], clusters: int, seed: int) -> tuple[Array, Array]:
    """The number of each word's group, (N,), and how far the word is from its centre, (N,), in directions alone."""
    x = directions(vectors, words)
    if checks.integer("clusters", clusters, low=1) > len(words):
        raise ValueError(f"clusters: expected at most {len(words)}, the number of words, got {clusters}")
    found = kmeans(x, clusters, generator=Generator(checks.integer("seed", seed)))
    return found.labels, np.linalg.norm(x - found.centers[found.labels], axis=1)


def directions(vectors: WordVectors, words: list[str]) -> Array:
    """The vectors of words, scaled to length 1, (N, D)."""
    return unit(to_host(np.stack([vectors[word] for word in words])))
