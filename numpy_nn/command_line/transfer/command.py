"""What is asked, and in which order the networks learn."""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from numpy_nn.command_line.answers import counted
from numpy_nn.command_line.places import drawable, writable
from numpy_nn.command_line.saved import fitting
from numpy_nn.command_line.settings import CHOICES
from numpy_nn.command_line.transfer import report
from numpy_nn.command_line.transfer.asked import resolved
from numpy_nn.command_line.transfer.comparison import KINDS, Comparison
from numpy_nn.command_line.transfer.images import SETS, Images, source_images, target_images
from numpy_nn.command_line.transfer.weights import HEADS, read_weights
from numpy_nn.command_line.typed import as_typed
from numpy_nn.command_line.wing import Wing
from numpy_nn.files import write_text
from numpy_nn.progress import bar

EXAMPLES = """\
examples:
  python -m {wing} transfer          from the digits 0 to 4 to the digits 5 to 9
  python -m {wing} transfer --source mnist --target fashion-mnist --data FOLDER
  python -m {wing} transfer --source mnist --source-classes 0-4 --target-classes 5-9
  python -m {wing} transfer --target fashion-mnist --weights resnet18.pth
      torchvision's, say: grey images become coloured ones of --side 64

The network learns the source's classes from many images; then, from a few
images of each of the target's,
  scratch  a network that has learnt nothing before learns everything,
  frozen   of the one that has learnt, all layers are frozen but a new last one,
  tuned    and after that all of them learn, the old ones at a smaller rate.
All have as many updates: scratch as many as the other two together.
"""


def add(commands: Any, wing: Wing) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "transfer",
        help="what a network that has learnt before gains where there are few images",
        description="Learn from many images, then from few of other classes, and from those alone: what is gained?",
        epilog=EXAMPLES.format(wing=wing.name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    option = parser.add_argument
    option("--source", choices=SETS, help="what is learnt from before (digits)")
    option("--target", choices=SETS, help="what there are few images of (the source)")
    option("--source-classes", metavar="NUMBERS", help="0-4, say (all; of one set the first half)")
    option("--target-classes", metavar="NUMBERS", help="5-9, say (all; of one set the second half)")
    option("--weights", metavar="FILE", help="a network that has learnt before, in place of a source")
    option("--data", metavar="FOLDER", help="the folder that holds mnist/ and fashion-mnist/ (the cache)")
    option("--download", action="store_true", help="fetch them into it if they are not there")
    option("--images", type=int, nargs="+", metavar="N", help="of each class to learn from (10 50 200; digits 1 5 20)")
    option("--repeats", type=int, default=5, metavar="N", help="with other images and new weights each time (5)")
    option("--model", choices=HEADS, help="the network (lenet)")
    option(
        "--replace",
        choices=("classifier", "last"),
        default="classifier",
        help="what becomes one new layer: all that follows the convolutions, or the last layer alone (classifier)",
    )
    option("--width", type=int, metavar="N", help="of resnet18: channels of the first stage (16)")
    option("--side", type=int, metavar="N", help="of the images that resnet18 sees (theirs; 64 for colour)")
    option("--epochs", type=int, metavar="N", help="passes over the source (1; 8 over digits)")
    option("--steps", type=int, default=200, metavar="N", help="updates of a new head; half as many to tune (200)")
    option("--batch-size", type=int, default=32, metavar="N", help="images a step (32)")
    option("--lr", type=float, default=3e-3, metavar="RATE", help="of Adam (0.003)")
    option(
        "--tuning", type=float, default=0.1, metavar="FACTOR", help="of that for layers that have learnt before (0.1)"
    )
    option("--seed", type=int, default=0, metavar="N", help="of everything that is drawn (0)")
    option("--device", choices=CHOICES["device"], default="cpu", help="where the numbers are (cpu)")
    option("--dtype", choices=CHOICES["dtype"], default="float32", help="how exact they are (float32)")
    option("--json", metavar="FILE", help="write all that was measured")
    option("--picture", metavar="FILE", help="draw accuracy over images, a .png file")
    parser.set_defaults(run=lambda arguments: run(arguments, wing))


@as_typed("device", path="--weights")
def run(arguments: argparse.Namespace, wing: Wing) -> int:
    """Let every network learn, print what each finds, and write what was asked for."""
    asked = resolved(vars(arguments))
    wing.check_device(asked["device"])
    writable("--json", asked["json"])
    drawable("--picture", asked["picture"])
    pool, test = target_images(
        asked["target"], asked["target_classes"], asked["data"], asked["download"], asked["seed"]
    )
    if max(asked["images"]) > pool.fewest:
        raise ValueError(
            f"--images: expected at most {pool.fewest}, which one of {asked['target']}'s classes has, "
            f"got {max(asked['images'])}"
        )
    comparison = _pretrained(asked, wing)
    print(
        f"target: {asked['target']}, classes {_listed(asked['target_classes'])}; "
        f"{len(test)} images to test on, {counted(asked['repeats'], 'repeat')}",
        flush=True,
    )
    with bar("transfer", len(asked["images"]) * asked["repeats"] * len(KINDS), "networks") as advance:
        found = comparison.run(pool, test, asked["images"], asked["repeats"], asked["seed"], advance)
    report.show(found)
    if asked["json"] is not None:
        told = {name: value for name, value in asked.items() if name not in ("json", "picture", "data", "download")}
        write_text(asked["json"], json.dumps({**told, **found.record()}, indent=1) + "\n")
    if asked["picture"] is not None:
        report.draw(Path(asked["picture"]), found, _title(asked))
        print(f"picture: {asked['picture']}")
    return 0


def _pretrained(asked: dict[str, Any], wing: Wing) -> Comparison:
    """The network that has learnt before, from the weights or from the source, and what is to be done with it."""
    if asked["weights"] is not None:
        state, network = read_weights(wing, asked["weights"])
        asked |= network  # what is told and drawn at the end has it, too
    side = asked["side"] or (64 if asked["stem"] == "imagenet" else 28)
    names = ("model", "stem", "width", "device", "dtype", "batch_size", "lr", "tuning")
    settings = {"dropout": 0.0} | {name: asked[name] for name in names}
    shape = (asked["channels"], side, side)
    transfer = wing.transfer(settings, shape, HEADS[asked["model"]][asked["replace"]])
    fitted = partial(Images.fitted, channels=asked["channels"], side=side)
    if asked["weights"] is not None:
        with fitting(asked["weights"]):
            pretrained = transfer.loaded(state)
        print(f"source: {asked['weights']}, {asked['model']}")
    else:
        many = source_images(asked["source"], asked["source_classes"], asked["data"], asked["download"])
        x, start = fitted(many), perf_counter()
        steps = asked["epochs"] * max(1, len(x) // asked["batch_size"])
        pretrained = transfer.learnt(x, many.target, steps, asked["seed"], bar=True)
        seen = slice(-2000, None)
        print(
            f"source: {asked['source']}, classes {_listed(asked['source_classes'])}; {asked['model']} learnt "
            f"{len(x)} images in {perf_counter() - start:.1f} s, and knows "
            f"{transfer.accuracy(pretrained, x[seen], many.target[seen]):.1%} of them",
            flush=True,
        )
    return Comparison(transfer, pretrained, fitted, asked["steps"])


def _title(asked: dict[str, Any]) -> str:
    """From where to where, and what guessing would find."""
    if asked["weights"] is None:
        source = f"{asked['source']} {_listed(asked['source_classes'])}"
    else:
        source = Path(asked["weights"]).name
    classes = asked["target_classes"]
    return f"{source} to {asked['target']} {_listed(classes)} (guessing: {1 / len(classes):.0%})"


def _listed(classes: list[int]) -> str:
    """0-4 where they follow each other, else 1, 3, 7."""
    first, last = classes[0], classes[-1]
    return f"{first}-{last}" if classes == [*range(first, last + 1)] else ", ".join(map(str, classes))
