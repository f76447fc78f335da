"""python -m benchmarks [formulas] [optimizers] [steps] [images] [--min-time SECONDS]

Or python -m benchmarks memory, or python -m benchmarks word2vec CORPUS.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from benchmarks import contests, memory
from benchmarks.environment import machine
from benchmarks.images import images
from benchmarks.timing import Contest, Refused, Timed, one_core, race
from benchmarks.word2vec import command as word2vec

GROUPS = {**contests.GROUPS, "images": images}
COLUMNS = ("ours ms", "IQR", "torch ms", "IQR", "ratio")


def main(argv: Sequence[str] | None = None) -> int:
    """Time the groups asked for and print them; 1 where a contest was refused, else 0."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["word2vec"]:
        return word2vec.main(argv[1:])
    if argv[:1] == ["memory"]:
        return memory.main(argv[1:])
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="numpy_nn against PyTorch, on one core.",
        epilog="Word vectors, against gensim too, have a command of their own: python -m benchmarks word2vec --help; "
        "and so has the memory that training takes: python -m benchmarks memory",
    )
    parser.add_argument("groups", nargs="*", metavar="group", help=f"{', '.join(GROUPS)}; all of them by default")
    parser.add_argument("--min-time", type=float, default=0.3, metavar="SECONDS", help="for each case (default 0.3)")
    arguments = parser.parse_args(argv)
    for group in arguments.groups:
        if group not in GROUPS:
            parser.error(f"group: expected one of {', '.join(GROUPS)}, got {group!r}")
    if not 0 <= arguments.min_time < math.inf:
        parser.error(f"--min-time: expected a number of seconds, got {arguments.min_time}")
    refused = False
    with one_core() as core:
        print("\n".join(header(core)), flush=True)
        for group in arguments.groups or GROUPS:
            results = timed(group, GROUPS[group](), arguments.min_time)
            show(group, results)
            refused |= any(isinstance(result, Refused) for result in results)
    return int(refused)


def header(core: int | None) -> list[str]:
    """What the numbers were measured with."""
    return [
        *(f"{what:<8} {value}" for what, value in machine(core).items()),
        "Medians and interquartile ranges (IQR) of one call in ms; ratio torch/ours: above 1 numpy_nn is faster.",
    ]


def timed(group: str, contests: list[Contest], min_time: float) -> list[Timed | Refused]:
    """Race every contest, with the progress on stderr, drawn between the races only."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn(group),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        console=console,
        auto_refresh=False,
        transient=True,
        disable=not console.is_terminal,
    )
    results = []
    with bar:
        task = bar.add_task("", total=len(contests))
        for contest in contests:
            bar.update(task, description=contest.name, refresh=True)
            results.append(race(contest, min_time))
            bar.advance(task)
    return results


def show(group: str, results: Iterable[Timed | Refused]) -> None:
    """A table on a terminal, lines with tabs elsewhere."""
    console = Console()
    if not console.is_terminal:
        results = list(results)
        width = max(36, *(len(result.name) for result in results))
        print(f"\n{group:<{width}}\t" + "\t".join(f"{column:>10}" for column in COLUMNS))
        for result in results:
            print(f"{result.name:<{width}}\t" + "\t".join(f"{cell:>10}" for cell in cells(result)))
        sys.stdout.flush()
        return
    table = Table(group, *COLUMNS, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in table.columns[1:]:
        column.justify = "right"
    notes = []
    for result in results:
        if isinstance(result, Refused):
            table.add_row(result.name, "refused")
            notes.append(f"{result.name}: {cells(result)[0]}")
        else:
            table.add_row(result.name, *cells(result))
    console.print(table)
    for note in notes:
        console.print(note, markup=False, highlight=False)


def cells(result: Timed | Refused) -> list[str]:
    """What stands in a row behind the name."""
    if isinstance(result, Refused):
        return [f"refused: {result.reason}"]
    times = [
        f"{1e3 * seconds:.{digits}g}"
        for side in (result.ours, result.theirs)
        for seconds, digits in ((side.median, 4), (side.iqr, 2))
    ]
    return [*times, f"{result.ratio:.2f}"]


if __name__ == "__main__":
    sys.exit(main())
