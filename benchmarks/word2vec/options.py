"""What the command can be told, and what is wrong with it, before anything is timed."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.word2vec.tables import LABELS
from benchmarks.word2vec.trial import FILES
from numpy_nn.command_line import places
from numpy_nn.functional import checks
from numpy_nn.word2vec import Settings

SHARED = ("vector_size", "window", "negative", "sample", "epochs", "alpha")
"""Settings that an option sets, for all contenders."""


def parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks word2vec",
        description="Word2Vec by numpy_nn, gensim and PyTorch: speed, quality and memory, on one core.",
        epilog="A contender's name may end with a number of workers, which get as many cores: fast-2, gensim-2.",
    )
    add, default = parser.add_argument, Settings()
    add(
        "corpus", nargs="?", metavar="CORPUS", help="a text file (.txt, .gz, .xz, .bz2), a line a sentence, or a folder"
    )
    add("--contenders", nargs="+", default=list(LABELS), metavar="NAME", help=f"of {', '.join(LABELS)} (all of them)")
    add("--seeds", type=int, default=3, metavar="N", help="how many trainings of each (3)")
    add("--epochs", type=int, default=default.epochs, help=f"({default.epochs})")
    add("--vector-size", type=int, default=default.vector_size, help=f"({default.vector_size})")
    add("--window", type=int, default=default.window, help=f"({default.window})")
    add("--negative", type=int, default=default.negative, help=f"({default.negative})")
    add("--sample", type=float, default=default.sample, help=f"({default.sample})")
    add("--alpha", type=float, default=default.alpha, help=f"({default.alpha})")
    add("--min-count", type=int, default=5, help="(5)")
    add("--slow-words", type=int, default=300_000, metavar="N", help="words for textbook and torch, one epoch (300000)")
    add("--target", type=float, default=0.5, metavar="RHO", help="WordSim353 to which seconds are counted (0.5)")
    files = ", ".join(FILES.values())
    add("--eval", metavar="FOLDER", help=f"with {files}; by default wordeval-en in the folder that NN_DATA names")
    add("--json", type=Path, metavar="FILE", help="write the results")
    add("--picture", type=Path, metavar="FILE", help="draw them, as PNG")
    add("--table", type=Path, metavar="FILE", help="print the Markdown table of a result file, and nothing else")
    return parser


def plan(arguments: argparse.Namespace) -> dict[str, Any]:
    """The report's first part, of checked options. Raises ValueError or FileNotFoundError, naming the option."""
    if arguments.corpus is None:
        raise ValueError("CORPUS: expected a file or a folder, got none")
    if not os.path.exists(arguments.corpus):
        raise FileNotFoundError(f"CORPUS: expected a file or a folder, found none at {arguments.corpus}")
    for name in ("seeds", "slow_words", "min_count"):
        checks.integer(f"--{name.replace('_', '-')}", getattr(arguments, name), low=1)
    if not arguments.target <= 1:
        raise ValueError(f"--target: expected a correlation of at most 1, got {arguments.target}")
    for contender in arguments.contenders:
        if not re.fullmatch(r"textbook|torch|(fast|gensim)(-[1-9]\d*)?", contender):
            expected = f"one of {', '.join(LABELS)}, fast-2, gensim-2, …"
            raise ValueError(f"--contenders: expected {expected}, got {contender!r}")
    shared = Settings(**{name: getattr(arguments, name) for name in SHARED})
    judgements = _judgements(arguments.eval)
    places.writable("--json", arguments.json)
    places.drawable("--picture", arguments.picture)
    return {
        "contenders": list(dict.fromkeys(arguments.contenders)),
        "seeds": list(range(1, arguments.seeds + 1)),
        "settings": {name: asdict(shared)[name] for name in SHARED},
        "min_count": arguments.min_count,
        "slow_words": arguments.slow_words,
        "target": arguments.target,
        "judgements": judgements,
    }


def _judgements(folder: str | None) -> str | None:
    """The folder to judge by: the one asked for, or the one that NN_DATA has, if it has one."""
    if folder is None:
        data = os.environ.get("NN_DATA")
        found = Path(data, "wordeval-en") if data else None
        return str(found.absolute()) if found is not None and found.is_dir() else None
    for file in FILES.values():
        if not Path(folder, file).is_file():
            raise FileNotFoundError(f"--eval: expected a folder with {file}, found none in {folder}")
    return str(Path(folder).absolute())
