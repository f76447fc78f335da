"""python -m benchmarks word2vec CORPUS: the trainings one after the other, and the report."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import environment
from benchmarks.timing import pinned
from benchmarks.word2vec import agreement, options, tables, trials
from benchmarks.word2vec.text import Text
from numpy_nn.files import write_text
from parity_tests.bounds import Mismatch

NOT_INSTALLED = "not installed"


def main(argv: Sequence[str] | None = None) -> int:
    """Time what is asked for, or print a result file's table; 1 where a contender was refused or failed, else 0."""
    parser = options.parser()
    arguments = parser.parse_args(argv)
    try:
        if arguments.table is not None:
            print(tables.markdown(saved(arguments.table)))
            return 0
        report = options.plan(arguments)
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
        with pinned() as core, TemporaryDirectory() as folder:
            measure(report, arguments.corpus, Path(folder), cores, core)
    except (ImportError, OSError, ValueError, TypeError) as error:
        parser.error(str(error))
    print()
    tables.show(report)
    if arguments.json is not None:
        write_text(arguments.json, json.dumps(told(report), indent=1, ensure_ascii=False) + "\n")
    if arguments.picture is not None:
        from benchmarks.word2vec import picture

        picture.save(report, arguments.picture)
    return int(any(row.problem not in (None, NOT_INSTALLED) for row in tables.rows(report)))


def told(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what concerns this machine alone: of the folder of judgements there is the name."""
    folder = report["judgements"]
    return report | {"judgements": None if folder is None else Path(folder).name}


def saved(path: Path) -> dict[str, Any]:
    """A result file. Raises FileNotFoundError, or ValueError for another one."""
    if not path.is_file():
        raise FileNotFoundError(f"--table: expected a result file of this command, found none at {path}")
    try:
        report = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"--table: expected a result file of this command, got {path}: {error}") from None
    if not isinstance(report, dict) or not {"contenders", "problems", "runs", "target"} <= report.keys():
        raise ValueError(f"--table: expected a result file of this command, got {path}")
    return report


def measure(report: dict[str, Any], corpus: str, folder: Path, cores: list[int] | None, core: list[int] | None) -> None:
    """Fill the report: with what, of which text, and the runs. Raises OSError or ValueError for the corpus."""
    report["environment"] = environment.machine(core) | {"gensim": installed("gensim") or NOT_INSTALLED}
    for what, value in report["environment"].items():
        print(f"{what:<8} {value}")
    sys.stdout.flush()
    text = Text.read(corpus, report["min_count"])
    text.save(folder)
    size = {"words": text.encoded.words, "vocabulary": len(text.vocabulary)}
    report["text"] = {"file": Path(corpus).name, **size}
    del text
    report["problems"] = problems(report["contenders"], cores)
    report["runs"] = list(trials.run(report, folder, cores))


def problems(contenders: Sequence[str], cores: list[int] | None) -> dict[str, str]:
    """Why a contender cannot run, or must not: its trainer is not shown to agree with PyTorch."""
    found = {}
    for contender in contenders:
        kind, _, workers = contender.partition("-")
        if kind == "gensim" and installed("gensim") is None:
            found[contender] = NOT_INSTALLED
        elif cores is not None and workers and int(workers) > len(cores):
            found[contender] = f"needs {workers} cores, may use {len(cores)}"
        elif kind in agreement.CHECKS:
            try:
                agreement.CHECKS[kind]()
            except Mismatch as mismatch:
                found[contender] = f"refused: {mismatch}"
    return found


def installed(package: str) -> str | None:
    """A package's version; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
