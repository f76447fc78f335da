"""explain: what in an image a trained network's answer hangs on."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from numpy_nn.command_line import looking
from numpy_nn.command_line.answers import padded, probabilities, width
from numpy_nn.command_line.images import read_image
from numpy_nn.command_line.looking import METHODS, Looked, look, possible
from numpy_nn.command_line.places import drawable
from numpy_nn.command_line.saved import read_network
from numpy_nn.command_line.settings import CHOICES
from numpy_nn.command_line.source import ready
from numpy_nn.command_line.typed import as_typed
from numpy_nn.command_line.wing import Wing
from numpy_nn.explore import canvas
from numpy_nn.interpret.watching import named_layer

OUT = "results/explained.png"

EXAMPLES = """\
examples:
  python -m {wing} train --model lenet --data mnist --checkpoint lenet.pth
  python -m {wing} explain lenet.pth 3.png 7.png
  python -m {wing} explain lenet.pth 3.png --class 8     what looks like an 8?
  python -m {wing} explain lenet.pth 3.png --method grad-cam --layer conv1
  python -m {wing} explain lenet.pth scan.png --invert   dark ink, light paper

methods:
  saliency     the gradient of the score, pixel by pixel
  guided       the same, where each ReLU passes back only what speaks for it
  integrated   how much each pixel adds to the score of a black image
  grad-cam     where the maps of a layer speak for the class
  occlusion    what the score loses when a square is hidden
  activations  the maps of a layer, the first convolution if none is named
  weights      the first layer's
"""


def add(commands: Any, wing: Wing) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "explain",
        help="see what in an image a network's answer hangs on",
        description="The class of each image, and a picture of what speaks for it.",
        epilog=EXAMPLES.format(wing=wing.name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    option = parser.add_argument
    option("checkpoint", metavar="CHECKPOINT", help="a file that train wrote, from images")
    option("images", nargs="+", metavar="IMAGE", help="a picture of any size, brought to the size that was learnt")
    option("--method", nargs="+", choices=METHODS, metavar="NAME", help="some of the methods below (all)")
    option("--class", dest="named", metavar="NAME", help="ask about this class (the likeliest)")
    option("--layer", metavar="NAME", help="of Grad-CAM (the last convolution) and activations")
    option("--invert", action="store_true", help="take dark for light: the sets it learnt have light ink")
    option("--device", choices=CHOICES["device"], default="cpu", help="(cpu)")
    option("--out", default=OUT, metavar="FILE", help=f"the picture, a .png file ({OUT})")
    parser.set_defaults(run=lambda arguments: run(arguments, wing))


@as_typed("device", "layer", path="CHECKPOINT", model="CHECKPOINT")
def run(arguments: argparse.Namespace, wing: Wing) -> int:
    """Print a line for every image, and draw the picture."""
    saved = read_network(wing, arguments.checkpoint, arguments.device)
    made, settings = saved["input"], saved["settings"]
    if made["shape"] is None:
        raise ValueError(f"{arguments.checkpoint}: expected a network that was trained on images, got one on rows")
    raw = np.stack([read_image(file, made, arguments.invert) for file in arguments.images])
    x = ready(raw, made, settings)
    chances = probabilities(wing.scores(settings, saved["model"], x))
    targets = _targets(chances, made["classes"], arguments.named)
    opened = wing.opened(settings, saved["model"], x)
    if arguments.layer is not None:
        named_layer(opened.model, arguments.layer)  # before anything long is computed
    can = possible(opened.model, arguments.layer)
    methods = [name for name in METHODS if name in (arguments.method or can)]
    drawable("--out", arguments.out)
    samples = [
        Looked(
            _title(made["classes"], row, target),
            raw[place].reshape(made["shape"]),
            look(opened, place, made["shape"], target, methods, arguments.layer),
        )
        for place, (row, target) in enumerate(zip(chances, targets, strict=True))
    ]
    canvas.draw(Path(arguments.out), looking.size(samples), lambda figure: looking.paint(figure, samples))
    _report(arguments, samples, methods, can)
    return 0


def _targets(chances: Any, classes: Sequence[str], named: str | None) -> list[int]:
    """The class that is asked about, for each image."""
    if named is None:
        return [int(place) for place in chances.argmax(axis=1)]
    if named not in classes:
        raise ValueError(f"--class: expected one of {', '.join(classes)}, got {named!r}")
    return [classes.index(named)] * len(chances)


def _title(classes: Sequence[str], chances: Any, target: int) -> str:
    """The class that the network takes the image for, and the one that is asked about."""
    best = int(chances.argmax())
    title = f"{classes[best]} {chances[best]:.2%}"
    return title if target == best else f"{title}; why {classes[target]} {chances[target]:.2%}"


def _report(
    arguments: argparse.Namespace, samples: Sequence[Looked], methods: Sequence[str], can: Sequence[str]
) -> None:
    columns = max(map(width, arguments.images))
    for file, sample in zip(arguments.images, samples, strict=True):
        print(f"{padded(file, columns)}  {sample.title}")
    print(f"{arguments.out}: {', '.join(methods)}")
    if left_out := [name for name in METHODS if name not in can and name not in methods]:
        print("left out: " + ", ".join(f"{name}, which needs a {looking.NEEDS[name]}" for name in left_out))
