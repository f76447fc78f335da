"""train: a network of fully connected layers learns to tell classes apart."""

from __future__ import annotations

import argparse
import shlex
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy_nn import metrics, pictures
from numpy_nn.command_line import source
from numpy_nn.command_line.wing import SCHEDULES, Wing, sizes
from numpy_nn.functional import checks
from numpy_nn.models import ACTIVATIONS
from numpy_nn.training import Checkpoints, EarlyStopping

DEFAULTS: dict[str, Any] = {
    "data": "digits",
    "data_dir": None,
    "download": False,
    "target": -1,
    "validation": 0.1,
    "layers": [256],
    "activation": "relu",
    "dropout": 0.2,
    "epochs": 30,
    "batch_size": 64,
    "optimizer": "adam",
    "lr": None,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "schedule": "cosine",
    "clip": None,
    "accumulate": 1,
    "patience": None,
    "seed": 0,
    "device": "cpu",
    "dtype": "float32",
    "kernels": "textbook",
}
"""What a checkpoint keeps of the command that made it, and what each is where nothing is said."""

RATES = {"sgd": 0.1, "adam": 2e-3, "adamw": 2e-3}
"""The learning rate of each optimizer where none is given."""

INTERRUPTED = "interrupted"

CHANGEABLE = {"epochs", "data_dir", "download", "device", "kernels"}
"""What a resumed run may be given anew; anything else would make another run of it."""

EXAMPLES = """\
examples:
  python -m {wing} train                                   the bundled digits, with every default
  python -m {wing} train --data mnist --data-dir FOLDER --layers 512 128 --dropout 0.3
  python -m {wing} train --data iris.csv --target species --layers 16 --activation tanh
  python -m {wing} train --optimizer sgd --lr 0.1 --schedule cosine --pictures results
  python -m {wing} train --checkpoint run.pth --every 100  stop it with Ctrl-C, or kill it, and then
  python -m {wing} train --resume run.pth                  it goes on as if nothing had happened
  python -m {wing} train --resume run.pth --epochs 60      and further than was planned

schedules:
  step, exponential   the rate falls to a tenth after every third of the epochs, or by 5 % in every epoch
  linear, cosine      it rises from a third in the first five epochs, or falls to 0 along half a cosine
  warm-restarts       cosines over 5, 10, 20, ... epochs
  one-cycle           it rises to the given rate in the first 30 % of the steps and falls for the rest
  plateau             it falls to a tenth when the validation loss has not improved for 5 epochs

From the same seed and arguments, python -m numpy_nn and python -m torch_nn print the same numbers with --dtype float64;
in float32 rounding sets the two apart after a while.
"""


def add(commands: Any, wing: Wing) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "train",
        help="train a network on digits, MNIST, Fashion-MNIST or a file of your own",
        description="Train a network of fully connected layers to tell classes apart.",
        epilog=EXAMPLES.format(wing=wing.name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    option = parser.add_argument
    option("--data", metavar="NAME|FILE", help="digits, mnist, fashion-mnist, FILE.csv or FILE.npz (digits)")
    option("--data-dir", metavar="FOLDER", help="the folder with the IDX files of mnist or fashion-mnist (the cache)")
    option("--download", action="store_true", help="fetch mnist or fashion-mnist into the cache if it is not there")
    option("--target", metavar="COLUMN", help="the column of a CSV file that holds the class (the last)")
    option("--validation", type=float, metavar="SHARE", help="of the training part, held out after every epoch (0.1)")
    option("--layers", type=int, nargs="*", metavar="SIZE", help="the size of each hidden layer (256)")
    option("--activation", choices=ACTIVATIONS, help="between the layers (relu)")
    option("--dropout", type=float, metavar="P", help="the share of hidden units dropped in training (0.2)")
    option("--epochs", type=int, metavar="N", help="passes over the training part (30)")
    option("--batch-size", type=int, metavar="N", help="samples a step (64)")
    option("--optimizer", choices=RATES, help="(adam)")
    option("--lr", type=float, metavar="RATE", help="the learning rate (0.002; 0.1 with sgd)")
    option("--momentum", type=float, metavar="M", help="of sgd (0.9)")
    option("--weight-decay", type=float, metavar="W", help="L2 regularization; decoupled with adamw (0)")
    option("--schedule", choices=SCHEDULES, help="how the learning rate changes (cosine)")
    option("--clip", type=float, metavar="NORM", help="the largest norm of all gradients together (no limit)")
    option("--accumulate", type=int, metavar="N", help="how many batches share one update (1)")
    option("--patience", type=int, metavar="N", help="stop after N epochs without a new lowest validation loss (never)")
    option("--seed", type=int, metavar="N", help="of weights, order, dropout and split (0)")
    option("--device", choices=("cpu", "cuda"), help="(cpu)")
    option("--dtype", choices=("float32", "float64"), help="(float32)")
    option("--kernels", choices=("textbook",), help="how the formulas are computed; PyTorch has its own (textbook)")
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


def run(arguments: argparse.Namespace, wing: Wing) -> int:
    """Train, print a line an epoch, save, and test."""
    saved = None if arguments.resume is None else wing.load(arguments.resume)
    settings = resolved(vars(arguments), saved)
    checks.integer("epochs", settings["epochs"], low=1)
    path = arguments.checkpoint or arguments.resume or f"results/{wing.name}.pth"
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    samples = source.read(settings)
    keeper = Checkpoints(path, arguments.every, {"settings": settings, "input": samples.input()}, wing.save)
    patience = [] if settings["patience"] is None else [EarlyStopping(settings["patience"])]
    trainer = wing.trainer(settings, samples, [keeper, *patience])
    if saved is not None:
        trainer.load_state_dict(saved)
        print(f"resumed from {arguments.resume}: {trainer.place}")
    network = "-".join(map(str, sizes(settings, samples)))
    print(
        f"{settings['data']}: {len(samples.train[0])} to train on, {len(samples.validation[0])} to validate, "
        f"{len(samples.test[0])} to test; network {network}, {settings['activation']}, {settings['optimizer']} "
        f"lr {settings['lr']:g}, {settings['dtype']}, seed {settings['seed']}"
    )
    print("epoch  loss            validation      accuracy  lr          seconds", flush=True)
    with interruptible(trainer):
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
        folder = Path(arguments.pictures)
        folder.mkdir(parents=True, exist_ok=True)
        pictures.losses(folder / "losses.png", trainer.history)
        matrix = metrics.confusion_matrix(target, scores.argmax(axis=1), len(samples.classes))
        pictures.confusion(folder / "confusion.png", matrix, samples.classes)
        print(f"pictures: {folder / 'losses.png'}, {folder / 'confusion.png'}")
    return 0


def resolved(given: Mapping[str, Any], saved: Mapping[str, Any] | None) -> dict[str, Any]:
    """The settings of a run: what was typed, else what the resumed checkpoint says, else the defaults.

    Raises ValueError where a resumed run is given what would make another run of it.
    """
    typed = {name: value for name, value in given.items() if name in DEFAULTS}
    if saved is None:
        settings = DEFAULTS | typed
        if settings["lr"] is None:
            settings["lr"] = RATES[settings["optimizer"]]
        return settings
    if "settings" not in saved:
        raise ValueError("resume: expected a checkpoint that this command wrote, got one without its settings")
    before = dict(saved["settings"])
    for name, value in typed.items():
        if name not in CHANGEABLE and before[name] != value:
            option = f"--{name.replace('_', '-')}"
            raise ValueError(f"{option}: expected {before[name]!r}, which the resumed run has, got {value!r}")
    return before | typed


@contextmanager
def interruptible(trainer: Any) -> Iterator[None]:
    """Ctrl-C ends the run after the update under way; a second one ends it at once."""

    def stop(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        trainer.stop = INTERRUPTED

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
