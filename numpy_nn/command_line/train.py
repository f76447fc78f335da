"""train: a network learns to tell classes apart."""

from __future__ import annotations

import argparse
import shlex
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

from numpy_nn import metrics, pictures
from numpy_nn.command_line import source
from numpy_nn.command_line.places import drawable, writable
from numpy_nn.command_line.saved import fitting, read_saved
from numpy_nn.command_line.settings import CHOICES, resolved
from numpy_nn.command_line.typed import as_typed
from numpy_nn.command_line.wing import Wing, described
from numpy_nn.functional import checks
from numpy_nn.kernels import use_kernels
from numpy_nn.training import Checkpoints, EarlyStopping

INTERRUPTED = "interrupted"

PICTURES = ("losses.png", "confusion.png")

EXAMPLES = """\
examples:
  python -m {wing} train             the bundled digits, with every default
  python -m {wing} train --data mnist --data-dir FOLDER --layers 512 128
  python -m {wing} train --data iris.csv --target species --layers 16
  python -m {wing} train --model lenet --data mnist --epochs 10
      99 % in ten passes
  python -m {wing} train --model resnet18 --width 8 --data mnist --epochs 2 \\
      --schedule one-cycle --lr 0.01    99 % in two
  python -m {wing} train --optimizer sgd --lr 0.1 --pictures results
  python -m {wing} train --checkpoint run.pth --every 100
      stop it with Ctrl-C or kill it; the next goes on as if nothing had been
  python -m {wing} train --resume run.pth
  python -m {wing} train --resume run.pth --epochs 60
      further than was planned, with any schedule but one-cycle

networks:
  mlp       fully connected layers
  simple    two of them
  lenet     two convolutions, then three fully connected layers; 28×28 images
  resnet18  residual blocks of convolutions with batch normalization; images
  vit       a transformer that reads an image patch by patch

schedules of the learning rate:
  constant       it stays
  step           it falls to a tenth after every third of the epochs
  exponential    it falls by 5 % in every epoch
  linear         it rises from a third in the first five epochs
  cosine         it falls to 0 along half a cosine
  warm-restarts  cosines over 5, 10, 20, ... epochs
  one-cycle      it rises in the first 30 % of the steps and falls for the rest
  plateau        it falls to a tenth after 5 epochs without a new lowest loss

From the same seed and arguments, python -m numpy_nn and python -m torch_nn
print the same numbers with --dtype float64; in float32 rounding sets the two
apart after a while.
"""


def add(commands: Any, wing: Wing) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "train",
        help="train a network on digits, MNIST, Fashion-MNIST or a file of your own",
        description="Train a network to tell classes apart.",
        epilog=EXAMPLES.format(wing=wing.name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    option, activations = parser.add_argument, ", ".join(CHOICES["activation"])
    option("--data", metavar="NAME|FILE", help="digits, mnist, fashion-mnist, FILE.csv or FILE.npz (digits)")
    option("--data-dir", metavar="FOLDER", help="the folder with the IDX files of mnist or fashion-mnist (the cache)")
    option("--download", action="store_true", help="fetch mnist or fashion-mnist into that folder if it is not there")
    option(
        "--target",
        type=column,
        metavar="COLUMN",
        help="name of the class's column in a CSV file, or its number from 0 (the last)",
    )
    option("--validation", type=float, metavar="SHARE", help="of the training part, held out after every epoch (0.1)")
    option("--model", choices=CHOICES["model"], metavar="NAME", help=f"{', '.join(CHOICES['model'])}; see below (mlp)")
    option("--layers", type=int, nargs="*", metavar="SIZE", help="of mlp and simple: each hidden layer (256)")
    option("--activation", choices=CHOICES["activation"], metavar="NAME", help=f"of mlp: {activations} (relu)")
    option("--dropout", type=float, metavar="P", help="the share of hidden units dropped in training (0.2)")
    option("--stem", choices=CHOICES["stem"], help="of resnet18: what images of its kind begin with (small)")
    option("--width", type=int, metavar="N", help="of resnet18: channels of its first stage; of vit: of a patch (64)")
    option("--depth", type=int, metavar="N", help="of vit: how many blocks (4)")
    option("--heads", type=int, metavar="N", help="of vit: how many ways to look, in each (4)")
    option("--patch", type=int, metavar="N", help="of vit: the side of a patch, in pixels (4)")
    option("--epochs", type=int, metavar="N", help="passes over the training part (30)")
    option("--batch-size", type=int, metavar="N", help="samples a step (64)")
    option("--optimizer", choices=CHOICES["optimizer"], help="how the weights are changed (adam)")
    option("--lr", type=float, metavar="RATE", help="the learning rate (0.002; 0.1 with sgd)")
    option("--momentum", type=float, metavar="M", help="of sgd (0.9)")
    option("--weight-decay", type=float, metavar="W", help="L2 regularization; decoupled with adamw (0)")
    option("--schedule", choices=CHOICES["schedule"], metavar="NAME", help="see below (cosine)")
    option("--clip", type=float, metavar="NORM", help="the largest norm of all gradients together (no limit)")
    option("--accumulate", type=int, metavar="N", help="how many batches share one update (1)")
    option("--patience", type=int, metavar="N", help="stop after N epochs without a new lowest validation loss (never)")
    option("--seed", type=int, metavar="N", help="of weights, order, dropout and split (0)")
    option("--device", choices=CHOICES["device"], help="where the numbers are (cpu)")
    option("--dtype", choices=CHOICES["dtype"], help="how exact they are (float32)")
    option("--kernels", choices=CHOICES["kernels"], help="how the formulas are computed; PyTorch has its own (fast)")
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        default=None,
        help=f"where the run is saved after every epoch (results/{wing.name}.pth; the resumed file)",
    )
    parser.add_argument("--every", type=int, metavar="N", default=None, help="save after every N batches too")
    parser.add_argument("--resume", metavar="FILE", default=None, help="go on from a checkpoint of either wing")
    parser.add_argument("--pictures", metavar="FOLDER", default=None, help="draw loss curves and confusion matrix")
    parser.set_defaults(run=lambda arguments: run(arguments, wing))


def column(text: str) -> str | int:
    """A column's number, or else its name."""
    try:
        return int(text)
    except ValueError:
        return text


@as_typed("device", path="--resume")
def run(arguments: argparse.Namespace, wing: Wing) -> int:
    """Train, print a line an epoch, save, and test."""
    saved = None if arguments.resume is None else read_saved(wing, arguments.resume)
    settings = resolved(vars(arguments), saved and saved["settings"])
    given = (name for name in (arguments.checkpoint, arguments.resume, f"results/{wing.name}.pth") if name is not None)
    path = next(given)
    _check(arguments, settings, wing, path)
    samples = source.read(settings)
    if saved is not None:
        samples.check_same(arguments.resume, saved["input"])
    keeper = Checkpoints(path, arguments.every, {"settings": settings, "input": samples.input()}, wing.save)
    patience = [] if settings["patience"] is None else [EarlyStopping(settings["patience"])]
    trainer = wing.trainer(settings, samples, [keeper, *patience])
    if saved is not None:
        with fitting(arguments.resume):
            trainer.load_state_dict(saved)
            _check_place(trainer)
        _check_plan(trainer, settings)
        trainer.last_good = f"; last good checkpoint: {arguments.resume} ({trainer.place})"
        print(f"resumed from {arguments.resume}: {trainer.place}")
    numbers = sum(prod(parameter.shape) for parameter in trainer.model.parameters())
    print(
        f"{settings['data']}: {len(samples.train[0])} to train on, {len(samples.validation[0])} to validate, "
        f"{len(samples.test[0])} to test\n"
        f"network {described(settings, samples, numbers)}; {settings['optimizer']}, lr {settings['lr']:g}, "
        f"{settings['dtype']}, seed {settings['seed']}"
    )
    if trainer.epoch < settings["epochs"]:
        print("epoch  loss            validation      accuracy  lr          seconds", flush=True)
    else:
        print(f"nothing is left to train: epoch {trainer.epoch} is over, and --epochs is {settings['epochs']}")
    with use_kernels(settings["kernels"]), interruptible(trainer):
        for epoch in trainer.fit(settings["epochs"]):
            print(
                f"{epoch.number:<5}  {epoch.loss:<14.10f}  {epoch.validation_loss:<14.10f}  "
                f"{epoch.validation_accuracy:<8.2%}  {epoch.lr:<10.4g}  {epoch.seconds:.2f}",
                flush=True,
            )
    if trainer.stop == INTERRUPTED:
        keeper.save(trainer)
        print(f"stopped; saved {trainer.place} to {path}; to go on:")
        print(f"  python -m {wing.name} train --resume {shlex.quote(str(path))}")
        return 130
    if trainer.stop:
        print(f"stopped early: {trainer.stop}")
    x, target = samples.test
    scores = wing.scores(settings, trainer.state_dict()["model"], x)
    print(f"test: {metrics.accuracy(scores, target):.2%} of {len(target)}; saved to {path}")
    if arguments.pictures is not None:
        losses, confusion = (Path(arguments.pictures, name) for name in PICTURES)
        pictures.losses(losses, trainer.history)
        matrix = metrics.confusion_matrix(target, scores.argmax(axis=1), len(samples.classes))
        pictures.confusion(confusion, matrix, samples.classes)
        print(f"pictures: {losses}, {confusion}")
    return 0


def _check(arguments: argparse.Namespace, settings: Mapping[str, Any], wing: Wing, path: str) -> None:
    """Raise what would only be raised after an epoch, or at the end, before anything is read."""
    if arguments.every is not None:
        checks.integer("--every", arguments.every, low=1)
    wing.check_device(settings["device"])
    if Path(path).suffix not in wing.endings:
        raise ValueError(f"--checkpoint: expected a name that ends in {', '.join(wing.endings)}, got {path!r}")
    writable("--checkpoint", path)
    if arguments.pictures is not None:
        for name in PICTURES:
            drawable("--pictures", Path(arguments.pictures, name))


def _check_place(trainer: Any) -> None:
    """Raise TypeError or ValueError where a run stands nowhere that it can have come to."""
    checks.integer("epoch", trainer.epoch, low=0)
    if not checks.integer("step", trainer.step, low=0) <= len(trainer.loader):
        raise ValueError(f"step: expected at most {len(trainer.loader)}, got {trainer.step}")


def _check_plan(trainer: Any, settings: Mapping[str, Any]) -> None:
    """Raise ValueError where a resumed one-cycle schedule, which ends where it was to end, has no more steps."""
    steps = getattr(trainer.scheduler, "total_steps", None)
    planned = steps and steps // -(-len(trainer.loader) // settings["accumulate"])
    if planned and settings["epochs"] > planned:
        raise ValueError(
            f"--epochs: expected at most {planned}, for which one-cycle was planned, got {settings['epochs']}"
        )


@contextmanager
def interruptible(trainer: Any) -> Iterator[None]:
    """Ctrl-C, or a polite kill, ends the run after the update under way; a second one ends it at once."""

    def put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def stop(number: int, frame: Any) -> None:
        put_back()
        trainer.stop = INTERRUPTED

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        put_back()
