"""Both networks in lockstep, then the proof formula by formula; `mutants`: which witness kills which planted bug."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy_nn.command_line import places
from numpy_nn.files import write_text
from numpy_nn.functional import checks

if TYPE_CHECKING:
    from parity_tests.lockstep import Lockstep, Settings
    from parity_tests.report import Line

MODELS = ("simple", "lenet", "resnet18", "vit")
EPOCHS = {"simple": {"digits": 30, "mnist": 5}, "images": {"digits": 3, "mnist": 1}}
"""By default: by what the network sees, and by the data."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m parity_tests", description=__doc__)
    made.add_argument("what", nargs="?", choices=("proof", "mutants"), default="proof", help="proof by default")
    run = made.add_argument_group("the lockstep run")
    run.add_argument(
        "--model",
        choices=MODELS,
        default="simple",
        help="simple sees rows, the others images, lenet MNIST's; dropout 0.2 where it has any",
    )
    run.add_argument("--width", type=_count, help="of resnet18 and vit (8)")
    run.add_argument("--data", choices=("digits", "mnist"), default="digits")
    run.add_argument("--data-dir", metavar="FOLDER", help="where MNIST's four IDX files are, plain or .gz")
    run.add_argument("--seed", type=int, default=0)
    run.add_argument("--epochs", type=_count, help="30, 5 on MNIST; with images 3, 1 on MNIST")
    run.add_argument("--batch-size", type=_count, default=32)
    run.add_argument(
        "--lr", type=float, help="learning rate: 0.1 for sgd, 0.003 for adam and adamw; with images 0.01 and 0.001"
    )
    run.add_argument("--optimizer", choices=("sgd", "adam", "adamw"), default="adam")
    run.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    run.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where numpy_nn computes")
    out = made.add_argument_group("what is written")
    out.add_argument("--picture", type=Path, default=Path("results/lockstep.png"), metavar="FILE")
    out.add_argument("--json", type=Path, metavar="FILE", help="lockstep and report as data")
    out.add_argument("--html", type=Path, metavar="FILE", help="lockstep, picture and report as one page")
    made.add_argument("--examples", type=_count, default=60, help="calls that each witness tries for each formula")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where everything holds, 1 where something left its bound."""
    options = parser().parse_args(arguments)
    if options.data == "mnist" and options.data_dir is None:
        parser().error("--data mnist needs --data-dir FOLDER, with MNIST's four IDX files in it")
    if options.model == "lenet" and options.data == "digits":
        parser().error("--model lenet needs --data mnist, for its images are of 28×28")
    if options.width is not None and options.model in ("simple", "lenet"):
        parser().error(f"--width: expected only with --model resnet18 or vit, got it with {options.model}")
    try:
        work = _prepared(options)
    except ModuleNotFoundError as error:
        missing, extras = str(error.name).partition(".")[0], "torch,data,cli" + ",test" * (options.what == "mutants")
        print(f'python -m parity_tests needs {missing}: pip install "numpy_nn[{extras}]"', file=sys.stderr)
        return 2
    except (OSError, ValueError, ImportError) as error:
        print(f"python -m parity_tests: {error}", file=sys.stderr)
        return 2
    return work()


def _prepared(options: argparse.Namespace) -> Callable[[], int]:
    """The work, with everything imported and checked that it needs."""
    from parity_tests import show, strict, threads

    threads.one()
    strict.install()
    if options.what == "mutants":
        from parity_tests.mutants import catalogue

        return partial(show.mutants, catalogue())

    from parity_tests.lockstep import Lockstep

    if options.lr is not None:
        checks.number("--lr", options.lr, low=0)
    places.writable("--json", options.json)
    places.writable("--html", options.html)
    places.drawable("--picture", options.picture)
    return partial(_proof, Lockstep(_settings(options)), options)


def _settings(options: argparse.Namespace) -> Settings:
    """What was asked for, and what suits it."""
    from parity_tests.lockstep import Settings

    given = {each.name: getattr(options, each.name, None) for each in fields(Settings)}
    epochs = EPOCHS["simple" if options.model == "simple" else "images"][options.data]
    return Settings(**{"epochs": epochs} | {name: value for name, value in given.items() if value is not None})


def _proof(run: Lockstep, options: argparse.Namespace) -> int:
    """The lockstep run and the parity report."""
    from parity_tests import show
    from parity_tests.page import page
    from parity_tests.picture import draw

    show.lockstep(run)
    draw(run, options.picture)
    show.say(f"picture: {options.picture}\n")
    lines = show.report(options.examples, options.device)
    if options.json:
        write_text(options.json, json.dumps(_data(run, lines), indent=1))
    if options.html:
        write_text(options.html, page(run, lines, options.picture))
    return 0 if run.holds and all(line.holds for line in lines) else 1


def _data(run: Lockstep, lines: list[Line]) -> dict[str, Any]:
    return {
        "settings": asdict(run.settings),
        "epochs": [asdict(row) for row in run.rows],
        "bound": run.bound,
        "holds": run.holds,
        "parity": [line.as_dict() for line in lines],
    }


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
