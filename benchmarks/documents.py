"""The tables of a document, which are those of a result file.

    <!-- benchmarks table: intel-xeon-2-cores.json steps -->
    …
    <!-- end -->

Between the two lines stands what `block` makes of the file and the suite; or of the file and the word "machine": with
what its suites were measured.
"""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks import pictures, results, tables
from numpy_nn.files import write_text

ROOT = Path(__file__).parent.parent
READMES = (ROOT / "README.md", ROOT / "README.ko.md")
PICTURES = ROOT / "docs"
BLOCK = re.compile(r"(<!-- benchmarks table: (\S+) (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str, folder: Path = results.FOLDER) -> str:
    """A document with every table made anew. Raises FileNotFoundError or ValueError where there is no such table."""
    return BLOCK.sub(lambda found: f"{found[1]}{block(folder / found[2], found[3])}\n{found[4]}", text)


def block(path: Path, part: str) -> str:
    """A table of a result file, in Markdown."""
    report = results.load(path)
    if part == "machine":
        return tables.machine(report).markdown()
    if part not in report.suites:
        expected = ", ".join([*report.suites, "machine"])
        raise ValueError(f"benchmarks table: expected one of {expected} of {path.name}, got {part!r}")
    return tables.tables(report, part).markdown()


def named(text: str) -> set[str]:
    """The result files that a document has tables of."""
    return {found[2] for found in BLOCK.finditer(text)}


def write(report: results.Report) -> list[Path]:
    """Bring the tables of the READMEs and the pictures up to date; returns what was changed."""
    changed = []
    for path in READMES:
        text = path.read_text("utf-8")
        new = filled(text)
        if new != text:
            write_text(path, new)
            changed.append(path)
    for name, picture in pictures.drawn(report).items():
        path = picture_path(name)
        if not path.is_file() or pictures.drawn_from(path) != pictures.fingerprint(report):
            pictures.save(path, picture)
            changed.append(path)
    return changed


def picture_path(name: str) -> Path:
    """Where a picture of the README is."""
    return PICTURES / f"speed-{name}.png"
