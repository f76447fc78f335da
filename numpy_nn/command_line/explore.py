"""python -m numpy_nn explore: small experiments, each ending in a picture and a sentence of measured numbers."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from numpy_nn.command_line.places import writable
from numpy_nn.explore import EXPERIMENTS, Experiment, canvas
from numpy_nn.explore.experiment import Language
from numpy_nn.progress import bar

EXAMPLES = """\
examples:
  python -m numpy_nn explore --list        what there is
  python -m numpy_nn explore xor           it draws results/explore/xor.png
  python -m numpy_nn explore vanishing dying-relu --seed 3
  python -m numpy_nn explore --lang ko --out FOLDER      all of them, in Korean
"""


def add(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "explore",
        help="small experiments, each ending in a picture and a sentence of measured numbers",
        description="Small experiments, each ending in a picture and a sentence of measured numbers.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(EXPERIMENTS)}; all of them by default")
    parser.add_argument("--lang", choices=("en", "ko"), default="en", help="language of sentences and pictures")
    parser.add_argument("--out", type=Path, default=Path("results/explore"), metavar="FOLDER", help="for the pictures")
    parser.add_argument("--seed", type=int, default=0, help="where all random draws start (default 0)")
    parser.add_argument("--list", action="store_true", help="name each experiment in one line, and run none")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the experiments asked for; 0 where all ended in a picture, 2 where something was asked that cannot be."""
    if unknown := [name for name in arguments.names if name not in EXPERIMENTS]:
        close = get_close_matches(unknown[0], EXPERIMENTS, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        return _refused(f"NAME: expected one of {', '.join(EXPERIMENTS)}, got {unknown[0]!r}{hint}")
    chosen = [EXPERIMENTS[name] for name in dict.fromkeys(arguments.names or EXPERIMENTS)]
    if arguments.list:
        width = max(map(len, EXPERIMENTS))
        for experiment in chosen:
            print(f"{experiment.name:{width}}  {experiment.summary(arguments.lang)}")
        return 0
    try:
        drawn_in = _drawable(arguments.lang)
        for experiment in chosen:
            writable("--out", _picture(experiment, arguments))
        with _one_thread():
            for experiment in chosen:
                _explore(experiment, arguments, drawn_in)
    except (ImportError, ValueError, OSError) as error:
        return _refused(str(error))
    return 0


def _drawable(language: Language) -> Language:
    """The language of the pictures: English where no font has Hangul, which is then said."""
    if canvas.hangul_font() is None and language == "ko":
        print("한글 글꼴이 없어 그림의 글은 영어로 씁니다 (예: sudo apt install fonts-nanum)", file=sys.stderr)
        return "en"
    return language


def _one_thread() -> AbstractContextManager[Any]:
    """Matrix products on one thread, where threadpoolctl is there: on small ones, threads only wait for each other."""
    try:
        limits: AbstractContextManager[Any] = import_module("threadpoolctl").threadpool_limits(1)
    except ImportError:
        return nullcontext()
    return limits


def _explore(experiment: Experiment[Any], arguments: argparse.Namespace, drawn_in: Language) -> None:
    """Say what is done, do it, say what was found, and draw it."""
    _say(f"{experiment.name}: {experiment.summary(arguments.lang)}", style="bold")
    with bar(experiment.name, experiment.parts) as advance:
        result = experiment.run(arguments.seed, lambda: advance(1))
    _say(experiment.sentence(result, arguments.lang))
    path = _picture(experiment, arguments)
    canvas.save(experiment, result, path, drawn_in)
    _say(f"{path}\n", style="dim")


def _picture(experiment: Experiment[Any], arguments: argparse.Namespace) -> Path:
    """The file that an experiment is drawn into."""
    return Path(arguments.out, f"{experiment.name}.png")


def _say(text: str, style: str = "") -> None:
    """A line of text: with rich on a terminal, plain elsewhere."""
    if sys.stdout.isatty():
        try:
            from rich.console import Console
        except ImportError:
            pass
        else:
            Console(highlight=False).print(text, style=style, markup=False)
            return
    print(text, flush=True)


def _refused(why: str) -> int:
    """Say why nothing can be done; returns the exit code."""
    print(f"python -m numpy_nn explore: {why}", file=sys.stderr)
    return 2
