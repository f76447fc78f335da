"""Tables: with rich on a terminal, elsewhere lines with tabs, for other programs to read."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows of text and numbers; title and names of columns only where a person is looking."""
    texts = [[_text(value) for value in row] for row in rows]
    if not sys.stdout.isatty():
        for row in texts:
            print("\t".join(row))
        return
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        print(title)
        for row in texts:
            print("  ".join(row))
        return
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, justify="left" if column in WORDS else "right")
    for row in texts:
        table.add_row(*map(Text, row))
    Console().print(table)


WORDS = ("word", "words", "section", "file")
"""Columns that hold text."""


def _text(value: object) -> str:
    """A value as it is shown; a word that would command the terminal in quotes."""
    if isinstance(value, float):
        return f"{value:.4f}"
    return str(value) if str(value).isprintable() else repr(value)
