"""schedule: a picture of a learning-rate schedule, before anything is trained with it."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from numpy_nn import optim, pictures
from numpy_nn.command_line.places import drawable
from numpy_nn.command_line.settings import SCHEDULES, finite_number
from numpy_nn.command_line.wing import optimizer_of, schedule_of
from numpy_nn.functional import checks
from numpy_nn.parameter import Parameter

EXAMPLES = """\
examples:
  python -m numpy_nn schedule cosine           results/schedule.png, 30 epochs
  python -m numpy_nn schedule one-cycle --lr 0.1 --epochs 10 --batches 100
"""
MOST = 100_000
"""Steps in a picture."""


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
    parser.add_argument("--lr", type=float, default=0.002, metavar="RATE", help="the rate that it is given (0.002)")
    parser.add_argument("--epochs", type=int, default=30, metavar="N", help="how many (30)")
    parser.add_argument("--batches", type=int, metavar="N", help="in an epoch, for one-cycle (1)")
    parser.add_argument(
        "--out", default="results/schedule.png", metavar="FILE", help="the picture (results/schedule.png)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draw the schedule on an optimizer of its own."""
    finite_number("--lr", arguments.lr)
    if arguments.batches is not None and arguments.name != "one-cycle":
        raise ValueError(f"--batches: expected only with one-cycle, got {arguments.name}")
    batches = 1 if arguments.batches is None else checks.integer("--batches", arguments.batches, low=1)
    steps = checks.integer("--epochs", arguments.epochs) * batches
    if not 2 <= steps <= MOST:
        raise ValueError(f"--epochs: expected from 2 to {MOST} steps to draw, got {steps}")
    drawable("--out", arguments.out)
    settings = {"lr": arguments.lr, "epochs": arguments.epochs, "schedule": arguments.name, "accumulate": 1}
    settings |= {"optimizer": "sgd", "momentum": 0.9, "weight_decay": 0.0}
    optimizer = optimizer_of(optim, settings, [Parameter(np.zeros(1))])
    scheduler, per = schedule_of(optim.lr_scheduler, settings, optimizer, batches)
    pictures.schedule(arguments.out, scheduler, steps, arguments.name, per)
    print(f"picture: {arguments.out}")
    return 0
