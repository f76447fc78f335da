"""What the command line shows: with rich in a terminal, as plain lines when piped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from parity_tests.lockstep import Lockstep, Row
from parity_tests.page import margin
from parity_tests.report import AGREES, Line, lines, names

if TYPE_CHECKING:
    from parity_tests.mutants import Mutant
    from parity_tests.mutants import Row as Kill

EVERYWHERE = ("pytorch", "derivative", "purity", "strict", "tape", "edges")
"""The witnesses that get a column of the kill matrix; what only some subjects have comes after them by name."""

console = Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """A line of text."""
    console.print(text)


def lockstep(run: Lockstep) -> None:
    """Train both, with a row as every epoch ends."""
    settings = run.settings
    dropout = "" if settings.model == "resnet18" else f"dropout {settings.dropout:g}, "
    say(
        f"Lockstep: {_network(run)} on {settings.data}, {settings.optimizer} lr {settings.rate:g}, "
        f"{dropout}{settings.dtype}, seed {settings.seed}, nothing copied across"
    )
    heads = (
        "epoch",
        "loss NumPy",
        "loss PyTorch",
        "test NumPy",
        "test PyTorch",
        "weights apart",
        "ms/step NumPy",
        "ms/step PyTorch",
    )
    table = _table(heads)
    if console.is_terminal:
        with Live(table, console=console, refresh_per_second=8):
            for row in run:
                table.add_row(*_cells(row))
    else:
        widths = [5, *[16] * 2, *[13] * 4, 15]
        say(_line(heads, widths))
        for row in run:
            say(_line(_cells(row), widths))
    verdict = "[green]holds[/]" if run.holds else "[bold red]does not hold[/]"
    say(f"largest difference of any weight {run.rows[-1].difference:.1e}, bound {run.bound:.1e}: {verdict}")


def _network(run: Lockstep) -> str:
    """The network by its class, with what shapes it."""
    settings, name = run.settings, type(run.theirs.model).__name__
    shapes = {
        "simple": f" {run.theirs.images.shape[1]}-{settings.hidden_features}-10",
        "resnet18": f" of width {settings.width}",
        "vit": f" of width {settings.width}",
    }
    return name + shapes.get(settings.model, "")


def report(examples: int, device: str) -> list[Line]:
    """Collect the parity report behind a progress bar, then show it."""
    found = []
    with _progress() as progress:
        task = progress.add_task("parity", total=len(names()))
        for line in lines(examples, device):
            found.append(line)
            progress.update(task, advance=1, description=_short(line.name))
    heads = ("name", "witnesses that agree", "cases", "worst error/uS", "bound/uS", "margin")
    rows = [
        (
            _short(line.name),
            ", ".join(name for name, what in line.witnesses.items() if what == AGREES),
            f"{line.cases}",
            f"{line.error:.1f}",
            f"{line.bound:.1f}",
            margin(line),
        )
        for line in found
    ]
    _show(heads, rows)
    for line in found:
        for witness, what in line.witnesses.items():
            if what != AGREES:
                console.print(f"{line.name}: {witness}: {what}", style="bold red", markup=False)
    wrong = sum(not line.holds for line in found)
    verdict = "[green]all hold[/]" if not wrong else f"[bold red]{wrong} do not hold[/]"
    cases = sum(line.cases for line in found)
    say(f"{len(found)} formulas, layers, optimizers and schedulers, {cases} cases: {verdict}")
    return found


def mutants(catalogue: Sequence[Mutant]) -> int:
    """Plant every bug of the catalogue and show who notices; 1 where one goes unnoticed. Piped, row by row."""
    from parity_tests.mutants import matrix

    heads = ("subject", "planted bug", *EVERYWHERE, "its own tests")
    named = [(_short(mutant.subject), mutant.what) for mutant in catalogue]
    widths = [*(max(map(len, column)) for column in zip(heads[:2], *named, strict=True)), *map(len, heads[2:])]
    if not console.is_terminal:
        say(_line(heads, widths))
    with _progress() as progress:
        task = progress.add_task("planting", total=len(catalogue))
        kills = []
        for kill in matrix(catalogue):
            kills.append(kill)
            progress.update(task, advance=1, description=kill.mutant.subject)
            if not console.is_terminal:
                console.print(_line(_outcomes(kill), widths), markup=False)
    if console.is_terminal:
        _show(heads, map(_outcomes, kills))
    survivors = [kill for kill in kills if not kill.killed]
    verdict = "[green]no survivor[/]" if not survivors else f"[bold red]{len(survivors)} survive[/]"
    say(f"{len(kills)} planted bugs: {verdict}")
    return 1 if survivors else 0


def _outcomes(kill: Kill) -> tuple[str, ...]:
    """The cells of a planted bug."""
    marks = {"killed": "kill", "survived": "·", "crashed": "CRASH"}
    own = [name for name, found in kill.outcomes.items() if name not in EVERYWHERE and found == "killed"]
    everywhere = (marks.get(kill.outcomes.get(witness, ""), "") for witness in EVERYWHERE)
    return _short(kill.mutant.subject), kill.mutant.what, *everywhere, ", ".join(own)


def _show(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    if console.is_terminal:
        table = _table(heads)
        for row in rows:
            table.add_row(*row)
        console.print(table)
        return
    everything = [heads, *rows]
    widths = [max(map(len, column)) for column in zip(*everything, strict=True)]
    for row in everything:
        console.print(_line(row, widths), markup=False)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _table(heads: tuple[str, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for number, head in enumerate(heads):
        left = number == 0 or head in ("witnesses that agree", "planted bug", "its own tests")
        table.add_column(head, justify="left" if left else "right", overflow="fold")
    return table


def _cells(row: Row) -> tuple[str, ...]:
    return (
        f"{row.epoch}",
        *(f"{loss:.12f}" for loss in row.losses),
        *(f"{accuracy:.2%}" for accuracy in row.accuracies),
        f"{row.difference:.1e}",
        *(f"{milliseconds:.3f}" for milliseconds in row.milliseconds),
    )


def _progress() -> Progress:
    """A progress bar on stderr, gone when done; nothing when piped."""
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _short(name: str) -> str:
    """A dotted name without what the table makes plain."""
    return name.removeprefix("functional.").removeprefix("optim.lr_scheduler.")
