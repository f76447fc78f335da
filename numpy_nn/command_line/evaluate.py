"""evaluate: how often a trained network is right, class by class."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from numpy_nn import metrics, pictures
from numpy_nn.command_line import source
from numpy_nn.command_line.train import DEFAULTS
from numpy_nn.command_line.wing import Wing

EXAMPLES = """\
examples:
  python -m {wing} evaluate results/{wing}.pth                       the test part of what it was trained on
  python -m {wing} evaluate run.pth --data-dir FOLDER --top 3 --picture confusion.png
"""


def add(commands: Any, wing: Wing) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "evaluate",
        help="test a trained network, class by class",
        description="Accuracy, precision and recall of a trained network on the test part of its data.",
        epilog=EXAMPLES.format(wing=wing.name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="a file that train wrote")
    parser.add_argument("--data-dir", metavar="FOLDER", help="where the data is now, if not where it was")
    parser.add_argument("--top", type=int, default=1, metavar="K", help="count a class among the K likeliest too")
    parser.add_argument("--picture", metavar="FILE", help="draw the confusion matrix")
    parser.set_defaults(run=lambda arguments: run(arguments, wing))


def run(arguments: argparse.Namespace, wing: Wing) -> int:
    """Print the share that is right, and for each class precision, recall, F1 and how many there are."""
    saved = trained(wing, arguments.checkpoint)
    settings = dict(saved["settings"])
    if arguments.data_dir is not None:
        settings["data_dir"] = arguments.data_dir
    samples = source.read(settings)
    x, target = samples.test
    scores = wing.scores(settings, saved["model"], x)
    print(f"{settings['data']}, test part: {metrics.accuracy(scores, target):.2%} of {len(target)}")
    if arguments.top > 1:
        share = metrics.top_k_accuracy(scores, target, arguments.top)
        print(f"among the {arguments.top} likeliest: {share:.2%}")
    matrix = metrics.confusion_matrix(target, scores.argmax(axis=1), len(samples.classes))
    report = metrics.precision_recall(matrix)
    print("class         precision  recall   F1       samples")
    for number, name in enumerate(samples.classes):
        precision, recall, f1, support = (np.asarray(column)[number] for column in report)
        print(f"{name:<12}  {precision:<9.2%}  {recall:<7.2%}  {f1:<7.2%}  {support}")
    if arguments.picture is not None:
        pictures.confusion(Path(arguments.picture), matrix, samples.classes)
        print(f"picture: {arguments.picture}")
    return 0


def trained(wing: Wing, path: str) -> Mapping[str, Any]:
    """A checkpoint that train wrote. Raises ValueError for another one."""
    saved = wing.load(path)
    missing = [name for name in ("settings", "input", "model") if not isinstance(saved, dict) or name not in saved]
    if missing:
        raise ValueError(f"{path}: expected a checkpoint that train wrote, got one without {', '.join(missing)}")
    return {**saved, "settings": DEFAULTS | saved["settings"]}
