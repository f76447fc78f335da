"""A report as one self-contained HTML page."""

from __future__ import annotations

import base64
import json
from html import escape

from benchmarks import pictures
from benchmarks.backends import BACKENDS
from benchmarks.grid import Grid
from benchmarks.results import FOLDER, Report
from benchmarks.tables import everything, machine, tables
from benchmarks.word2vec import tables as words
from parity_tests.page import STYLE

WORDS = FOLDER / "word2vec.json"
NARROW = "h2 + p { margin-top: 0 } td { font-size: 13px } body { max-width: none }"


def page(report: Report) -> str:
    """Every table, every picture, every number."""
    what = Grid("backends", ["", "what it is"], [list(item) for item in BACKENDS.items()])
    shown = "".join(f'<img alt="{name}" src="{inline(png)}">' for name, png in pictures.drawn(report).items())
    short = "".join(tables(report, name).html() for name in report.suites)
    every = "".join(everything(name, suite).html() for name, suite in report.suites.items())
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>numpy_nn: benchmarks</title>
<style>{STYLE}{NARROW}</style>
<h1>numpy_nn and PyTorch on the clock: {escape(report.machine)}</h1>
{shown}
{short}{vectors()}{machine(report).html()}{what.html()}{every}</html>
"""


def vectors() -> str:
    """The table of word2vec, which has results of its own; nothing where there are none."""
    if not WORDS.is_file():
        return ""
    found = json.loads(WORDS.read_bytes())
    cells = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in words.markdown(found).splitlines()]
    return Grid("word2vec", cells[0], cells[2:], words.notes(found)).html()


def inline(png: bytes) -> str:
    """A picture as an address."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
