"""Progress bars with the time left, on a terminal that has rich; elsewhere nothing is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def bar(what: str, total: int | None = None, unit: str = "") -> Iterator[Callable[..., None]]:
    """A bar on stderr for the length of a `with`; gives advance(n=1, note=""), which moves it and may say something.

    what: the words before the bar.  total: how much there is to do, None if nobody knows.  unit: what is counted;
    "B" counts bytes in kB and MB.  The bar is gone afterwards, so that it leaves no lines between the results.
    """
    columns = _columns(unit)
    if columns is None:
        yield lambda n=1, note="": None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total, note="")
        yield lambda n=1, note="": progress.update(task, advance=n, note=note)


def _columns(unit: str) -> list[Any] | None:
    """What the bar shows, from left to right; None where none can be shown."""
    if not sys.stderr.isatty():
        return None
    try:
        from rich import progress
    except ImportError:
        return None
    counted = progress.DownloadColumn() if unit == "B" else progress.TextColumn(f"{{task.completed:.0f}} {unit}")
    text = progress.TextColumn("{task.description}")
    note = progress.TextColumn("{task.fields[note]}")
    return [text, progress.BarColumn(bar_width=24), counted, progress.TimeRemainingColumn(), note]
