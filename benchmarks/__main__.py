"""python -m benchmarks [formulas] [optimizers] [steps] [--min-time SECONDS]"""

from __future__ import annotations

import argparse
import math
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from threadpoolctl import threadpool_info

from benchmarks.contests import GROUPS
from benchmarks.timing import Contest, Refused, Timed, one_core, race

COLUMNS = ("ours ms", "IQR", "torch ms", "IQR", "ratio")


def main(argv: Sequence[str] | None = None) -> int:
    """Time the groups asked for and print them; 1 where a contest was refused, else 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="numpy_nn against PyTorch, on one core.")
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
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    threads = max((pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"), default=1)
    return [
        f"CPU      {cpu()}, {'not pinned' if core is None else f'core {core}'}",
        f"NumPy    {np.__version__}, {blas['name']} {blas['version']}, threads: {threads}",
        f"PyTorch  {torch.__version__}, eager, threads: {torch.get_num_threads()}",
        "Medians and interquartile ranges (IQR) of one call in ms; ratio torch/ours: above 1 numpy_nn is faster.",
    ]


def cpu() -> str:
    """The processor's name, as Linux tells it, or else as Python does."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


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
        print(f"\n{group:<36}\t" + "\t".join(f"{column:>10}" for column in COLUMNS))
        for result in results:
            print(f"{result.name:<36}\t" + "\t".join(f"{cell:>10}" for cell in cells(result)))
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
