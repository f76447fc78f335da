"""Grad-CAM by hand and in PyTorch, side by side.

python -m parity_tests.side_by_side lenet.pth 3.png 7.png --layer relu2 --out docs/grad-cam.png

CHECKPOINT is a file that `python -m numpy_nn train` or `python -m torch_nn train` wrote for a network of convolutions.
Both wings read it and work in float64; the largest difference is printed, and ends the command with 1 above 1e-10.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from numpy_nn.command_line.answers import probabilities
from numpy_nn.command_line.by_hand import ByHand
from numpy_nn.command_line.images import read_image
from numpy_nn.command_line.main import MISTAKES
from numpy_nn.command_line.places import drawable
from numpy_nn.command_line.saved import read_network
from numpy_nn.command_line.source import ready
from numpy_nn.explore import canvas
from numpy_nn.interpret import overlay, show
from parity_tests.lockstep import FLOAT64_BOUND
from torch_nn.command_line import InTorch


@dataclass(frozen=True)
class Pair:
    """An image, what the network takes it for, and the heat over it from both wings, each (h, w)."""

    title: str
    image: np.ndarray
    by_hand: np.ndarray
    in_torch: np.ndarray

    @property
    def apart(self) -> float:
        """The largest difference."""
        return float(np.abs(self.by_hand - self.in_torch).max())


def pairs(path: str, files: Sequence[str], layer: str | None, invert: bool = False) -> list[Pair]:
    """Grad-CAM of the likeliest class of each image, from both wings."""
    saved = read_network(ByHand(), path, "cpu")
    made, settings = saved["input"], saved["settings"] | {"dtype": "float64"}
    if made["shape"] is None:
        raise ValueError(f"{path}: expected a network that was trained on images, got one on rows")
    raw = np.stack([read_image(file, made, invert) for file in files])
    x = ready(raw, made, settings)
    chances = probabilities(ByHand().scores(settings, saved["model"], x))
    heats = []
    for wing in (ByHand(), InTorch()):
        opened = wing.opened(settings, wing.load(path)["model"], x)
        heats.append(opened.to_host(opened.interpret.grad_cam(opened.model, opened.x, chances.argmax(axis=1), layer)))
    titles = [f"{made['classes'][row.argmax()]} {row.max():.2%}" for row in chances]
    return [Pair(*pair) for pair in zip(titles, raw.reshape(-1, *made["shape"]), *heats, strict=True)]


def paint(figure: Figure, found: Sequence[Pair]) -> None:
    """A column for each image: itself, Grad-CAM by hand, in PyTorch, and how far apart the two are."""
    figure.get_layout_engine().set(w_pad=0.12)
    grid = figure.subplots(3, len(found), squeeze=False)
    for (top, middle, bottom), pair in zip(grid.T, found, strict=True):
        show(top, pair.image)
        top.set_title(pair.title, fontsize=11)
        overlay(middle, pair.image, pair.by_hand)
        overlay(bottom, pair.image, pair.in_torch)
        bottom.set_xlabel(f"apart by {pair.apart:.0e}", fontsize=10)
    for axes, name in zip(grid[1:, 0], ("NumPy,\nby hand", "PyTorch,\nwith hooks"), strict=True):
        axes.set_ylabel(name, rotation=0, ha="right", va="center", labelpad=10, fontsize=11)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the picture; returns 0, 1 where the wings are too far apart, 2 for a mistake in what was given."""
    parser = argparse.ArgumentParser(
        prog="python -m parity_tests.side_by_side",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT")
    parser.add_argument("images", nargs="+", metavar="IMAGE")
    parser.add_argument("--layer", metavar="NAME", help="whose maps are weighed (the last convolution)")
    parser.add_argument("--invert", action="store_true", help="take dark for light")
    parser.add_argument("--out", default="results/grad-cam.png", metavar="FILE", help="(results/grad-cam.png)")
    parsed = parser.parse_args(arguments)
    try:
        drawable("--out", parsed.out)
        found = pairs(parsed.checkpoint, parsed.images, parsed.layer, parsed.invert)
        canvas.draw(Path(parsed.out), (1.6 * len(found) + 1.8, 5.4), lambda figure: paint(figure, found))
    except MISTAKES as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    apart = max(pair.apart for pair in found)
    holds = apart <= FLOAT64_BOUND
    print(f"{parsed.out}: apart by {apart:.1e}, bound {FLOAT64_BOUND:.0e}: {'holds' if holds else 'does not hold'}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
