"""predict: what a trained network takes new images or rows for."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.command_line import source
from numpy_nn.command_line.evaluate import trained
from numpy_nn.command_line.wing import Wing, probabilities

EXAMPLES = """\
examples:
  python -m {wing} predict results/{wing}.pth three.png seven.png
  python -m {wing} predict results/{wing}.pth scan.png --invert --top 3      dark ink on light paper
  python -m {wing} predict iris.pth new.csv                                a row is a sample, its columns the features
  python -m {wing} predict iris.pth --row 5.1,3.5,1.4,0.2
"""


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
    parser.add_argument("--row", action="append", default=[], metavar="A,B,...", help="a sample's numbers")
    parser.add_argument("--top", type=int, default=1, metavar="K", help="print the K likeliest classes (1)")
    parser.add_argument("--invert", action="store_true", help="take dark for light: the sets it learnt have light ink")
    parser.set_defaults(run=lambda arguments: run(arguments, wing))


def run(arguments: argparse.Namespace, wing: Wing) -> int:
    """Print a line for every sample."""
    if not arguments.files and not arguments.row:
        raise ValueError("FILE: expected at least one image, .csv file or --row, got none")
    saved = trained(wing, arguments.checkpoint)
    made = {name: np.asarray(part) if name in ("shift", "scale") else part for name, part in saved["input"].items()}
    features = next(array.shape[1] for name, array in saved["model"].items() if name.endswith("weight"))
    names, rows = zip(*_samples(arguments, made, features), strict=True)
    scores = wing.scores(saved["settings"], saved["model"], source.ready(np.stack(rows), made))
    width = max(map(len, names))
    for name, chances in zip(names, probabilities(scores), strict=True):
        best = np.argsort(-chances, kind="stable")[: max(1, arguments.top)]
        print(f"{name:<{width}}  " + "  ".join(f"{made['classes'][place]} {chances[place]:.2%}" for place in best))
    return 0


def _samples(arguments: argparse.Namespace, made: Mapping[str, Any], features: int) -> Iterator[tuple[str, Array]]:
    """A name and the raw numbers of each sample, (features,)."""
    for file in arguments.files:
        if not Path(file).is_file():
            raise FileNotFoundError(f"{file}: expected an image or a .csv file, found none")
        if file.endswith(".csv"):
            for line, row in enumerate(_rows(file), start=1):
                yield f"{file}:{line}", _checked(row, features, f"{file}, row {line}")
        elif made["shape"] is None:
            raise ValueError(f"{file}: expected rows of {features} numbers, for the network was not trained on images")
        else:
            yield file, _image(file, made, arguments.invert)
    for text in arguments.row:
        try:
            row = np.array([float(part) for part in text.split(",")])
        except ValueError:
            raise ValueError(f"--row: expected numbers with commas between, got {text!r}") from None
        yield text, _checked(row, features, "--row")


def _rows(file: str) -> Array:
    """The numbers of a CSV file, (N, columns); a first line of names is passed over."""
    with open(file, encoding="utf-8") as lines:
        first = lines.readline()
    try:
        [float(cell) for cell in first.split(",")]
        names = 0
    except ValueError:
        names = 1
    try:
        return np.loadtxt(file, delimiter=",", ndmin=2, skiprows=names)
    except ValueError as error:
        raise ValueError(f"{file}: expected rows of numbers with commas between: {error}") from None


def _checked(row: Array, features: int, where: str) -> Array:
    if row.shape != (features,) or not np.isfinite(row).all():
        raise ValueError(f"{where}: expected {features} finite numbers, got {row.size}")
    return row


def _image(file: str, made: Mapping[str, Any], invert: bool) -> Array:
    """The grey values of an image, brought to the size and range of those that were learnt, (rows · columns,).

    An image of another shape gets dark margins.
    """
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        raise ImportError('images need Pillow: pip install "numpy_nn[cli]"') from error
    rows, columns = made["shape"]
    try:
        with Image.open(file) as image:
            grey = image.convert("L")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"{file}: expected an image: {error}") from None
    grey = ImageOps.invert(grey) if invert else grey
    fitted = ImageOps.pad(grey, (columns, rows), Image.Resampling.BOX)
    return np.asarray(fitted, np.float64).ravel() * (made["scale"] / 255)
