"""Results as they are kept: rows of numbers by backend, suites of rows, one JSON file for each machine.

{"form": 1, "machine": "intel-xeon-2-cores",
 "suites": {"steps": {"environment": {"CPU": …, "commit": …}, "floor": {"flops": …, "copies": [[bytes, bytes/s], …]},
                      "rows": [{"name": …, "phase": …, "unit": "s", "values": {"numpy-fast": [seconds, …]}, …}, …]}}}
"""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from torch.utils.benchmark import Measurement, TaskSpec

from benchmarks.backends import BASE, is_torch
from numpy_nn.files import write_text

FORM = 1
FOLDER = Path(__file__).parent / "results"
DIGITS = 5
"""So many digits of a number are kept: no block is timed more exactly."""

NOISE = 0.1
"""A quarter of the blocks above the median by about half of this, or as many below: the machine was not quiet."""

BUSY = 0.95
"""Where the process had less than this share of its core, somebody else was there."""


@dataclass
class Row:
    """What was measured of one phase of one thing.

    unit: "s", "B", or "" for what is counted; less is better.  values: by backend, a number for each block or process.
    problems: by backend, why there is none.  size: of things that are measured at several.
    share: of the processor's time that the blocks got.  flops, bytes: the work.  floor: what it takes at the least, in
    the unit; 0 where nothing has to be done, None where nobody knows.
    """

    name: str
    phase: str
    unit: str
    values: dict[str, list[float]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    size: int | None = None
    share: float = 1.0
    flops: float = 0.0
    bytes: float = 0.0
    floor: float | None = None

    @property
    def key(self) -> tuple[str, str, int | None]:
        """What makes two rows of two reports the same one."""
        return self.name, self.phase, self.size

    @cached_property
    def statistics(self) -> dict[str, Measurement]:
        """PyTorch's statistics of the values: median, iqr, …"""
        return {backend: Measurement(1, values, TaskSpec("", "")) for backend, values in self.values.items()}

    def median(self, backend: str) -> float | None:
        """None where it was not measured."""
        return self.statistics[backend].median if backend in self.values else None

    @property
    def strongest(self) -> str | None:
        """The best of PyTorch's settings; None where none was measured."""
        return min(filter(is_torch, self.values), key=lambda backend: self.statistics[backend].median, default=None)

    def ratio(self, backend: str, to: str | None = BASE) -> float | None:
        """`to`'s median over a backend's: above 1 the backend is better. None where one of them was not measured."""
        ours, theirs = self.median(backend), None if to is None else self.median(to)
        return None if ours is None or theirs is None or not ours else theirs / ours

    def reached(self, backend: str) -> float | None:
        """Which fraction of the floor's speed a backend reaches."""
        ours = self.median(backend)
        return None if not self.floor or not ours else self.floor / ours

    @property
    def noisy(self) -> bool:
        """Whether the machine was not quiet meanwhile."""
        return self.share < BUSY or not all(m.meets_confidence(NOISE) for m in self.statistics.values())


@dataclass
class Suite:
    """The rows of one run of a suite, with what they were measured. floor: see floor.Floor."""

    environment: dict[str, str]
    floor: dict[str, Any]
    rows: list[Row]


@dataclass
class Report:
    """All there is of one machine."""

    machine: str
    suites: dict[str, Suite] = field(default_factory=dict)


def load(path: Path) -> Report:
    """Raises FileNotFoundError, or ValueError for a file of another form."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: expected a result file of python -m benchmarks, found none")
    try:
        found = json.loads(path.read_bytes())
        if not isinstance(found, dict):
            raise ValueError(f"no object, {type(found).__name__}")
        if found["form"] != FORM:
            raise ValueError(f"form {found['form']}, expected {FORM}")
        suites = {
            name: Suite(suite["environment"], suite["floor"], [Row(**row) for row in suite["rows"]])
            for name, suite in found["suites"].items()
        }
        return Report(found["machine"], suites)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else error
        raise ValueError(f"{path}: expected a result file of python -m benchmarks, got {what}") from None


def save(report: Report, path: Path) -> None:
    """Write a report, whole or not at all, a row a line. The folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, dumped(report))


def dumped(report: Report) -> str:
    """The JSON of a report."""
    suites = []
    for name, suite in report.suites.items():
        head = ",\n   ".join(f"{_json(key)}: {_json(getattr(suite, key))}" for key in ("environment", "floor"))
        rows = ",\n    ".join(_json(_short(row)) for row in suite.rows)
        suites.append(f'  {_json(name)}: {{\n   {head},\n   "rows": [\n    {rows}\n   ]\n  }}')
    body = ",\n".join(suites)
    return f'{{\n "form": {FORM},\n "machine": {_json(report.machine)},\n "suites": {{\n{body}\n }}\n}}\n'


def _short(row: Row) -> dict[str, Any]:
    """A row without what is as it would be anyway, its numbers rounded."""
    usual = {
        "values": {},
        "problems": {},
        **{each.name: each.default for each in fields(Row) if each.default != MISSING},
    }
    return {key: _rounded(value) for key, value in asdict(row).items() if key not in usual or value != usual[key]}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
