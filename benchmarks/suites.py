"""The suites, and how one is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import environment, floor, formulas, images, memory, optimizers, scaling, start, steps, training
from benchmarks.contest import Contest, wanted
from benchmarks.results import Row, Suite
from benchmarks.timing import measured, pinned

TIMED: dict[str, Callable[[], list[Contest]]] = {
    "formulas": formulas.contests,
    "images": images.contests,
    "optimizers": optimizers.contests,
    "steps": steps.contests,
    "scaling": scaling.contests,
}
"""Contests."""

PROCESSES: dict[str, Callable[[Sequence[str], Sequence[str]], Iterator[Row]]] = {
    "memory": memory.rows,
    "start": start.rows,
    "training": training.rows,
}
"""What measures whole processes, or whole trainings."""

SUITES = (*TIMED, *PROCESSES)

Step = Callable[[str], None]


def run(suite: str, backends: Sequence[str], min_time: float, only: Sequence[str] = ()) -> Suite:
    """Measure a suite, or what of it is wanted."""
    with pinned() as cores:
        made = Suite(environment.machine(cores), {}, [])
        limits = floor.measure()
        made.floor = limits.saved()
        if suite in PROCESSES:
            with progress(suite, None) as step:
                for row in PROCESSES[suite](backends, only):
                    made.rows.append(row)
                    step(row.name)
            return made
    contests = [contest for contest in TIMED[suite]() if wanted(contest.name, only)]
    with progress(suite, len(contests)) as step:
        for contest in contests:
            step(contest.name if contest.size is None else f"{contest.name}: {contest.size}")
            with pinned(contest.threads):
                made.rows += measured(contest, backends, min_time, limits)
    return made


@contextmanager
def progress(suite: str, total: int | None) -> Iterator[Step]:
    """A bar on stderr, drawn between the contests only, and moved by what is given the next one's name.

    Where stderr is no terminal, there is a line for each suite.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        console.print(f"{suite} …", highlight=False)
        yield lambda name: None
        return
    columns = TextColumn("{task.fields[suite]}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    bar = Progress(*columns, TextColumn("{task.description}"), console=console, auto_refresh=False, transient=True)
    with bar:
        task = bar.add_task("", total=total, suite=suite, completed=-1)

        def step(name: str) -> None:
            bar.update(task, description=name, advance=1, refresh=True)

        yield step
