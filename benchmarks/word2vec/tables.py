"""The report as a table: on a terminal, as lines with tabs, and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean, median, stdev
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.word2vec.trial import FILES

BASE = "gensim"
"""What the others are compared with."""

LABELS = {"textbook": "numpy_nn, textbook", "fast": "numpy_nn, fast", "gensim": "gensim", "torch": "PyTorch, sparse"}
MISSING = "–"


@dataclass(frozen=True)
class Row:
    """A contender's runs of all seeds together.

    speed, cpu: words a second of wall and of processor time, medians.  ratio: speed over the BASE's.  quality: by name,
    a value for each seed.  reached: wall seconds to the target, the median; None where some run did not reach it.
    peak: bytes, the most.  problem: why there is nothing to tell, else None.
    """

    objective: str
    label: str
    speed: float = 0.0
    cpu: float = 0.0
    ratio: float | None = None
    quality: dict[str, list[float]] | None = None
    reached: float | None = None
    peak: int = 0
    problem: str | None = None

    def cells(self) -> list[str]:
        """What stands in the row, behind the objective and the label."""
        if self.problem is not None:
            return [self.problem]
        return [
            f"{self.speed:,.0f}",
            f"{self.cpu:,.0f}",
            MISSING if self.ratio is None else f"{self.ratio:.2f}",
            *(spread((self.quality or {}).get(name, [])) for name in FILES),
            MISSING if self.reached is None else f"{self.reached:.1f}",
            f"{self.peak / 2**20:,.0f}",
        ]


def columns(report: dict[str, Any]) -> list[str]:
    """The titles of the cells."""
    return ["words/s", "per CPU s", f"× {BASE}", *FILES, f"s to {decimal(report['target'], 2)}", "MiB"]


def rows(report: dict[str, Any]) -> list[Row]:
    """A row for each objective and contender, in the order of the report."""
    found = []
    for cbow in (False, True):
        base = [run["result"] for run in report["runs"] if run["cbow"] == cbow and run["contender"] == BASE]
        for contender in report["contenders"]:
            runs = [run for run in report["runs"] if run["cbow"] == cbow and run["contender"] == contender]
            found.append(_row(report, "CBOW" if cbow else "Skip-gram", contender, runs, base))
    return found


def _row(report: dict[str, Any], objective: str, contender: str, runs: list[Any], base: list[Any]) -> Row:
    label = name(contender)
    problem = report["problems"].get(contender) or next((run["error"] for run in runs if run["error"]), None)
    if problem is not None or not runs:
        return Row(objective, label, problem=problem or "not run")
    results = [run["result"] for run in runs]
    speed = median(result["words"] / result["wall"] for result in results)
    ratio = speed / median(result["words"] / result["wall"] for result in base) if base and all(base) else None
    times = [time_to(result["curve"], report["target"]) for result in results]
    return Row(
        objective,
        label,
        speed,
        median(result["words"] / result["cpu"] for result in results),
        ratio,
        {name: [result["quality"][name] for result in results if name in result["quality"]] for name in FILES},
        None if None in times else median(times),
        max(result["peak"] for result in results),
    )


def time_to(curve: list[list[float]], target: float) -> float | None:
    """The seconds after which the target was first seen reached; None where it was not, or was not looked for."""
    return next((seconds for seconds, rho in curve if rho >= target), None) if len(curve) > 1 else None


def name(contender: str) -> str:
    """A contender in words: fast-2 is the fast trainer with two workers."""
    kind, _, workers = contender.partition("-")
    return f"{LABELS[kind]}, {workers} workers" if workers else LABELS[kind]


def spread(values: list[float]) -> str:
    """The mean, and the standard deviation of several values."""
    if not values:
        return MISSING
    return decimal(mean(values)) + (f" ± {decimal(stdev(values))}" if len(values) > 1 else "")


def decimal(value: float, digits: int = 3) -> str:
    """A number below 1 without the 0 before its point."""
    return f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{digits}f}"


def notes(report: dict[str, Any]) -> list[str]:
    """What one must know to read the table."""
    settings, text = report["settings"], report["text"]
    options = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in settings.items())
    lines = [
        f"{text['file']}: {text['words']:,} words of a vocabulary of {text['vocabulary']:,}; {options}.",
        f"Seeds {', '.join(map(str, report['seeds']))}; medians of words a second of the text, epochs counted, on one "
        f"core; mean ± standard deviation of quality. {report['slow_words']:,} words and one epoch for the textbook "
        "trainer and PyTorch, whose quality is then not comparable and left out.",
        "Not on the clock: cutting the text into words, counting and numbering them (gensim is given lists of words in "
        "memory, the others numbers), making the model, measuring quality.",
        f"s to {decimal(report['target'], 2)}: seconds until WordSim353 is seen to reach it, looked at after each "
        "epoch. MiB: the most resident memory, of each in a process of its own, its libraries and its text included.",
    ]
    if report["judgements"] is None:
        lines.append("Quality: not measured (--eval FOLDER).")
    return lines


def show(report: dict[str, Any]) -> None:
    """A table for each objective on a terminal, lines with tabs elsewhere, and the notes."""
    console, titles = Console(), columns(report)
    found = rows(report)
    for objective in dict.fromkeys(row.objective for row in found):
        of_it = [row for row in found if row.objective == objective]
        if not console.is_terminal:
            print("\t".join([objective, *titles]))
            for row in of_it:
                print("\t".join([row.label, *row.cells()]))
            print()
            continue
        table = Table(objective, *titles, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for column in table.columns[1:]:
            column.justify = "right"
        for row in of_it:
            table.add_row(row.label, *(["–"] if row.problem else row.cells()))
        console.print(table)
        for row in of_it:
            if row.problem:
                console.print(f"{row.label}: {row.problem}", markup=False, highlight=False)
    for line in notes(report):
        console.print(line, markup=False, highlight=False, soft_wrap=not console.is_terminal)


def markdown(report: dict[str, Any]) -> str:
    """The table for a README."""
    titles = ["", *columns(report)]
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)]]
    for row in rows(report):
        label = f"{row.objective}, {row.label}"
        lines.append([f"**{label}**" if row.label == LABELS["fast"] else label, *row.cells()])
    return "\n".join(f"| {' | '.join(line + [''] * (len(titles) - len(line)))} |" for line in lines)
