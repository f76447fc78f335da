"""A table, and the ways to show one: on a terminal, as lines with tabs, as Markdown and as HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Grid:
    """columns: their titles, the first one that of the rows' names.  notes: what one must know to read it."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """The table alone."""
        lines = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def html(self) -> str:
        """Title, table and notes."""
        head = "".join(f"<th>{escape(column)}</th>" for column in self.columns)
        body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        notes = "".join(f"<p>{escape(note)}</p>\n" for note in self.notes)
        return f"<h2>{escape(self.title)}</h2>\n{notes}<table><tr>{head}</tr>\n{body}</table>\n"

    def show(self) -> None:
        """On the terminal, or as lines with tabs where stdout is none."""
        console = Console()
        if not console.is_terminal:
            print("\n".join("\t".join(line) for line in [[self.title, *self.columns[1:]], *self.rows]))
        else:
            table = Table(self.title, *self.columns[1:], box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
            for column in table.columns[1:]:
                column.justify = "right"
            for row in self.rows:
                table.add_row(*row)
            console.print(table)
        for note in self.notes:
            console.print(note, markup=False, highlight=False, soft_wrap=not console.is_terminal)
        print()
