"""inspect: what is in a checkpoint."""

from __future__ import annotations

import argparse
from typing import Any

from numpy_nn import checkpoint
from numpy_nn.command_line.answers import counted
from numpy_nn.command_line.typed import as_typed

EXAMPLES = """\
examples:
  python -m numpy_nn inspect results/numpy_nn.pth
  python -m numpy_nn inspect model.safetensors
  python -m numpy_nn inspect resnet18.pth --only layer1
"""
LONGEST = 48
"""Characters of a value that are shown."""


def add(commands: Any) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "inspect",
        help="list what is in a checkpoint of any format",
        description="Names, shapes, dtypes and statistics of everything in a .pth, .pt, .npz or\n.safetensors file. "
        "Nothing in the file is executed.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT")
    parser.add_argument("--only", default="", metavar="TEXT", help="rows whose name contains TEXT")
    parser.set_defaults(run=run)


@as_typed(path="CHECKPOINT")
def run(arguments: argparse.Namespace) -> int:
    """Print a row for every array and every value."""
    rows = [row for row in checkpoint.inspect(arguments.checkpoint) if arguments.only in row.name]
    names = [row.name if row.name.isprintable() else repr(row.name) for row in rows]  # else they command the terminal
    width = max(map(len, names), default=4)
    print(f"{'name':<{width}}  dtype    shape           mean        std         min         max         zeros  nan")
    numbers = 0
    for name, row in zip(names, rows, strict=True):
        head = f"{name:<{width}}  {row.dtype:<7}"
        if row.array is None or row.statistics is None:
            text = repr(row.value)
            print(f"{head}  {text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}")
            continue
        numbers += row.array.size
        found = row.statistics
        parts = "  ".join(f"{value:<10.4g}" for value in (found.mean, found.std, found.min, found.max))
        print(
            f"{head}  {'×'.join(map(str, row.array.shape)) or 'scalar':<14}  {parts}  {found.zeros:<5.0%}  {found.nans}"
        )
    entries = "1 entry" if len(rows) == 1 else f"{len(rows)} entries"
    print(f"{entries}, {counted(numbers, 'number')} in arrays")
    return 0
