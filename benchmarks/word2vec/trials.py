"""The trainings of a report, each in a process of its own, one after the other, the seeds in turn."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from benchmarks.processes import surroundings
from benchmarks.word2vec.tables import name
from benchmarks.word2vec.trial import Task

SLOW = ("textbook", "torch")
"""Contenders that train on a share of the text."""


def run(report: dict[str, Any], folder: Path, cores: list[int] | None) -> Iterator[dict[str, Any]]:
    """Train as the report says, but for contenders that have a problem; the text is in the folder.

    cores: those that may be used; None where the system cannot pin. One worker gets the last one, two the last two.
    Yields, of each training: contender, cbow, seed, and result (see trial.Result) or error, the other None. The
    progress on stderr is drawn between trainings only.
    """
    able = [contender for contender in report["contenders"] if contender not in report["problems"]]
    plan = [(cbow, seed, who) for cbow in (False, True) for seed in report["seeds"] for who in able]
    console = Console(stderr=True)
    columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}")
    hidden = not console.is_terminal
    with Progress(*columns, console=console, auto_refresh=False, transient=True, disable=hidden) as bar:
        moved = bar.add_task("", total=len(plan))
        for number, (cbow, seed, contender) in enumerate(plan, start=1):
            what = f"{'CBOW' if cbow else 'Skip-gram'}, seed {seed}: {name(contender)}"
            bar.update(moved, description=what, refresh=True)
            if hidden:
                console.print(f"{number}/{len(plan)} {what}", highlight=False)
            came = trained(task(report, folder, cores, cbow, seed, contender), folder)
            yield {"contender": contender, "cbow": cbow, "seed": seed, **came}
            bar.advance(moved)


def task(report: dict[str, Any], folder: Path, cores: list[int] | None, cbow: bool, seed: int, contender: str) -> Task:
    """A training of the report."""
    kind, _, workers = contender.partition("-")
    slow, count = kind in SLOW, int(workers or 1)
    settings = report["settings"] | {"cbow": cbow, "seed": seed, "workers": count}
    settings["trainer"] = "textbook" if kind == "textbook" else "fast"
    if slow:
        settings["epochs"] = 1
    share = report["slow_words"] if slow else None
    return Task(kind, settings, str(folder), share, None if cores is None else cores[-count:], report["judgements"])


def trained(task: Task, folder: Path) -> dict[str, Any]:
    """Train in a new process; the result, or the last line of what it said when it failed."""
    given, taken = folder / "task.json", folder / "result.json"
    given.write_text(json.dumps(asdict(task)), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.word2vec.trial", str(given), str(taken)],
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        return {"result": None, "error": said[-1] if said else f"ended with status {done.returncode}"}
    return {"result": json.loads(taken.read_text("utf-8")), "error": None}
