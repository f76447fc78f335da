"""embed analogy: A is to B as what is to C."""

from __future__ import annotations

import argparse
from typing import Any

from numpy_nn.command_line import table, typed
from numpy_nn.command_line.embed import reading
from numpy_nn.command_line.embed.typed import as_typed
from numpy_nn.functional import checks

EXAMPLES = """\
examples:
  python -m numpy_nn embed analogy king man woman
      king - man + woman: what is to woman as king is to man
  python -m numpy_nn embed analogy king man woman --expect queen
      and how many words are nearer than queen
  python -m numpy_nn embed analogy 서울 한국 일본 --method 3cosmul
"""


def add(commands: Any) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "analogy",
        help="A - B + C: king, man, woman",
        description="The words nearest to A - B + C: what is to C as A is to B. A, B and C are no\nanswers.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name in ("A", "B", "C"):
        parser.add_argument(name.lower(), metavar=name)
    parser.add_argument("--expect", metavar="WORD", help="say where among all words this one stands")
    reading.add_vectors(parser)
    parser.add_argument("--topn", type=int, metavar="N", default=10, help="how many (10)")
    parser.add_argument(
        "--method",
        choices=("3cosadd", "3cosmul"),
        default="3cosadd",
        help="add up cosines, or multiply them, which lets no one of them rule (3cosadd)",
    )
    parser.set_defaults(run=run)


@as_typed()
def run(arguments: argparse.Namespace) -> int:
    """Print an answer and its score a line, and with --expect the rank of the right one."""
    checks.integer("topn", arguments.topn, low=1)
    vectors = reading.read(arguments.vectors)
    a, b, c, expected = arguments.a, arguments.b, arguments.c, arguments.expect
    for name, word in (("A", a), ("B", b), ("C", c)):
        with typed.as_typed(word=name):
            vectors[word]
    asked = {"positive": [a, c], "negative": [b], "method": arguments.method}
    with typed.as_typed(word="--expect"):
        rank = None if expected is None else vectors.rank(expected, **asked)
    found = vectors.most_similar(topn=arguments.topn, **asked)
    table.show(f"{a} - {b} + {c}", ["word", "score"], found)
    if rank is not None:
        print(f"{expected}: number {rank:,} of {len(vectors) - len({a, b, c}):,}")
    return 0
