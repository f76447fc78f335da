"""schedule: a picture of a learning-rate schedule, before anything is trained with it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from numpy_nn import optim, pictures
from numpy_nn.command_line.wing import SCHEDULES, optimizer_of, schedule_of
from numpy_nn.parameter import Parameter

EXAMPLES = """\
examples:
  python -m numpy_nn schedule cosine                       results/schedule.png, over 30 epochs
  python -m numpy_nn schedule one-cycle --lr 0.1 --epochs 10 --batches 100
"""


def add(commands: Any) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "schedule",
        help="draw a learning-rate schedule",
        description="Draw what train --schedule NAME makes of the learning rate.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shown = [name for name in SCHEDULES if name not in ("constant", "plateau")]  # plateau depends on the losses
    parser.add_argument("name", choices=shown, metavar="NAME", help=", ".join(shown))
    parser.add_argument("--lr", type=float, default=0.002, metavar="RATE", help="(0.002)")
    parser.add_argument("--epochs", type=int, default=30, metavar="N", help="(30)")
    parser.add_argument("--batches", type=int, default=1, metavar="N", help="in an epoch, for one-cycle (1)")
    parser.add_argument("--out", default="results/schedule.png", metavar="FILE", help="(results/schedule.png)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draw the schedule on an optimizer of its own."""
    settings = {"lr": arguments.lr, "epochs": arguments.epochs, "schedule": arguments.name, "accumulate": 1}
    settings |= {"optimizer": "sgd", "momentum": 0.9, "weight_decay": 0.0}
    optimizer = optimizer_of(optim, settings, [Parameter(np.zeros(1))])
    scheduler, per = schedule_of(optim.lr_scheduler, settings, optimizer, arguments.batches)
    Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    steps = arguments.epochs * (arguments.batches if per == "step" else 1) - 1
    pictures.schedule(arguments.out, scheduler, steps, title=f"{arguments.name}, by {per}")
    print(f"picture: {arguments.out}")
    return 0
