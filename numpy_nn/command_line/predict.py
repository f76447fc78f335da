"""predict: what a trained network takes new images or rows for."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from numpy_nn import data
from numpy_nn.backend import Array
from numpy_nn.command_line.answers import check_top, padded, probabilities, width
from numpy_nn.command_line.images import read_image
from numpy_nn.command_line.saved import read_network
from numpy_nn.command_line.settings import CHOICES
from numpy_nn.command_line.source import ready
from numpy_nn.command_line.typed import as_typed
from numpy_nn.command_line.wing import Wing

EXAMPLES = """\
examples:
  python -m {wing} predict digits.pth three.png seven.png
  python -m {wing} predict digits.pth scan.png --invert  dark ink, light paper
  python -m {wing} predict iris.pth new.csv --top 3      a row is a sample
  python -m {wing} predict iris.pth --row 5.1,3.5,1.4,0.2
"""
LONGEST = 40
"""Characters of a row that are shown before its class."""


def add(commands: Any, wing: Wing) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "predict",
        help="ask a trained network about images or rows",
        description="The class of each image or row, and its probability.",
        epilog=EXAMPLES.format(wing=wing.name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="a file that train wrote")
    parser.add_argument("files", nargs="*", metavar="FILE", help="an image, or a .csv of rows without their class")
    parser.add_argument(
        "--row",
        action="append",
        default=[],
        metavar="A,B,...",
        help="a sample's numbers; --row=-1,2 if the first is negative",
    )
    parser.add_argument("--top", type=int, default=1, metavar="K", help="print the K likeliest classes (1)")
    parser.add_argument("--invert", action="store_true", help="take dark for light: the sets it learnt have light ink")
    parser.add_argument("--device", choices=CHOICES["device"], default="cpu", help="(cpu)")
    parser.set_defaults(run=lambda arguments: run(arguments, wing))


@as_typed("device", path="CHECKPOINT")
def run(arguments: argparse.Namespace, wing: Wing) -> int:
    """Print a line for every sample."""
    if not arguments.files and not arguments.row:
        raise ValueError("FILE: expected at least one image, .csv file or --row, got none")
    if arguments.invert and all(file.endswith(".csv") for file in arguments.files):
        raise ValueError("--invert: expected only with images, got rows")
    saved = read_network(wing, arguments.checkpoint, arguments.device)
    made, classes = saved["input"], saved["input"]["classes"]
    check_top(arguments.top, classes)
    names, rows = zip(*_samples(arguments, made, saved["features"]), strict=True)
    scores = wing.scores(saved["settings"], saved["model"], ready(np.stack(rows), made, saved["settings"]))
    columns = max(map(width, names))
    for name, chances in zip(names, probabilities(scores), strict=True):
        best = np.argsort(-chances, kind="stable")[: arguments.top]
        print(f"{padded(name, columns)}  " + "  ".join(f"{classes[place]} {chances[place]:.2%}" for place in best))
    return 0


def _samples(arguments: argparse.Namespace, made: Mapping[str, Any], features: int) -> Iterator[tuple[str, Array]]:
    """A name and the raw numbers of each sample, (features,)."""
    for file in arguments.files:
        if not Path(file).is_file():
            raise FileNotFoundError(f"{file}: expected an image or a .csv file, found none")
        if file.endswith(".csv"):
            for number, row in enumerate(data.unlabelled_csv(file), start=1):
                yield f"{file}:{number}", _checked(row, features, f"{file}, row {number}")
        elif made["shape"] is None:
            raise ValueError(f"{file}: expected rows of {features} numbers, for the network was not trained on images")
        else:
            yield file, read_image(file, made, arguments.invert)
    for text in arguments.row:
        try:
            row = np.array([float(part) for part in text.split(",")])
        except ValueError:
            raise ValueError(f"--row: expected numbers with commas between, got {text!r}") from None
        yield text if len(text) <= LONGEST else f"{text[:LONGEST]}…", _checked(row, features, "--row")


def _checked(row: Array, features: int, where: str) -> Array:
    """The row. Raises ValueError unless it is as many finite numbers as there are features."""
    if row.shape != (features,):
        raise ValueError(f"{where}: expected {features} numbers, got {row.size}")
    if not np.isfinite(row).all():
        raise ValueError(f"{where}: expected finite numbers, got {row[~np.isfinite(row)][0]}")
    return row
