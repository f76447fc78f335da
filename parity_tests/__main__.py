"""Both networks in lockstep, then the proof formula by formula; `mutants`: which witness kills which planted bug."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parity_tests.lockstep import Lockstep
    from parity_tests.report import Line

MODELS = ("simple", "lenet", "resnet18", "vit")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m parity_tests", description=__doc__)
    made.add_argument("what", nargs="?", choices=("proof", "mutants"), default="proof", help="proof by default")
    run = made.add_argument_group("the lockstep run")
    run.add_argument(
        "--model", choices=MODELS, default="simple", help="lenet is for mnist; dropout 0.2 where it has any"
    )
    run.add_argument("--width", type=_count, default=8, help="of resnet18 and vit")
    run.add_argument("--data", choices=("digits", "mnist"), default="digits")
    run.add_argument("--data-dir", metavar="FOLDER", help="where MNIST's four IDX files are, plain or .gz")
    run.add_argument("--seed", type=int, default=0)
    run.add_argument("--epochs", type=_count, default=None, help="30 on the digits, 3 with images; 5 on MNIST")
    run.add_argument("--batch-size", type=_count, default=32)
    run.add_argument("--lr", type=float, default=None, help="learning rate: 0.1 for sgd, 0.003 for adam and adamw")
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
    from parity_tests import show, strict, threads

    threads.one()
    strict.install()
    if options.what == "mutants":
        return show.mutants()

    from parity_tests.lockstep import Lockstep, Settings
    from parity_tests.picture import draw

    names = ("model", "width", "data", "data_dir", "seed", "batch_size", "lr", "optimizer", "dtype", "device")
    epochs = options.epochs or (5 if options.data == "mnist" else 30 if options.model == "simple" else 3)
    try:
        run = Lockstep(Settings(epochs=epochs, **{name: getattr(options, name) for name in names}))
    except (OSError, ValueError, ImportError) as error:
        print(f"python -m parity_tests: {error}", file=sys.stderr)
        return 2
    show.lockstep(run)
    draw(run, options.picture)
    show.say(f"picture: {options.picture}\n")
    lines = show.report(options.examples, options.device)
    if options.json:
        _write(options.json, json.dumps(_data(run, lines), indent=1))
    if options.html:
        from parity_tests.page import page

        _write(options.html, page(run, lines, options.picture))
    return 0 if run.holds and all(line.holds for line in lines) else 1


def _data(run: Lockstep, lines: list[Line]) -> dict[str, Any]:
    return {
        "settings": asdict(run.settings),
        "epochs": [asdict(row) for row in run.rows],
        "bound": run.bound,
        "holds": run.holds,
        "parity": [line.as_dict() for line in lines],
    }


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {number}")
    return number


if __name__ == "__main__":
    sys.exit(main())
