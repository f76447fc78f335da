"""evaluate: how often a trained network is right, class by class."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from numpy_nn import metrics, pictures
from numpy_nn.command_line import source
from numpy_nn.command_line.answers import check_top, padded, width
from numpy_nn.command_line.places import drawable
from numpy_nn.command_line.saved import read_network
from numpy_nn.command_line.settings import CHOICES, resolved
from numpy_nn.command_line.typed import as_typed
from numpy_nn.command_line.wing import Wing

EXAMPLES = """\
examples:
  python -m {wing} evaluate results/{wing}.pth
  python -m {wing} evaluate run.pth --data-dir FOLDER --top 3
  python -m {wing} evaluate run.pth --picture confusion.png
"""


def add(commands: Any, wing: Wing) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "evaluate",
        help="test a trained network, class by class",
        description="Accuracy, precision and recall on the samples that were kept for testing.",
        epilog=EXAMPLES.format(wing=wing.name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="a file that train wrote")
    parser.add_argument("--data", metavar="FILE", help="the .csv or .npz file, if not where it was")
    parser.add_argument("--data-dir", metavar="FOLDER", help="with mnist or fashion-mnist, if not where it was")
    parser.add_argument("--device", choices=CHOICES["device"], default="cpu", help="(cpu)")
    parser.add_argument("--top", type=int, default=1, metavar="K", help="count a class among the K likeliest too")
    parser.add_argument("--picture", metavar="FILE", help="draw the confusion matrix")
    parser.set_defaults(run=lambda arguments: run(arguments, wing))


@as_typed("device", path="CHECKPOINT")
def run(arguments: argparse.Namespace, wing: Wing) -> int:
    """Print the share that is right, and for each class precision, recall, F1 and how many there are."""
    saved = read_network(wing, arguments.checkpoint, arguments.device)
    moved = {name: vars(arguments)[name] for name in ("data", "data_dir") if vars(arguments)[name] is not None}
    settings = resolved(moved, saved["settings"])
    check_top(arguments.top, saved["input"]["classes"])
    drawable("--picture", arguments.picture)
    samples = source.read(settings, "--data-dir names the folder that has them")
    samples.check_same(arguments.checkpoint, saved["input"])
    x, target = samples.test
    scores = wing.scores(settings, saved["model"], x)
    print(f"{settings['data']}, test part: {metrics.accuracy(scores, target):.2%} of {len(target)}")
    if arguments.top > 1:
        share = metrics.top_k_accuracy(scores, target, arguments.top)
        print(f"among the {arguments.top} likeliest: {share:.2%}")
    matrix = metrics.confusion_matrix(target, scores.argmax(axis=1), len(samples.classes))
    report = metrics.precision_recall(matrix)
    columns = max(12, *map(width, samples.classes))
    print(f"{'class':<{columns}}  precision  recall   F1       samples")
    for number, name in enumerate(samples.classes):
        precision, recall, f1, support = (np.asarray(column)[number] for column in report)
        print(f"{padded(name, columns)}  {precision:<9.2%}  {recall:<7.2%}  {f1:<7.2%}  {support}")
    if arguments.picture is not None:
        pictures.confusion(arguments.picture, matrix, samples.classes)
        print(f"picture: {arguments.picture}")
    return 0
