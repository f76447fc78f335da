"""What became slower or faster from one report to another, and how sure that is.

Two runs are made at different times, on a machine that is never the same twice. So what is compared for one of ours is
not its time but its time over PyTorch's in the same round: what slows both by as much all along is gone, no more than
that. Where PyTorch was not measured, or is itself what is compared, times are compared.

    change = median of the new ones / median of the old ones
    certainty = 1 − p of Yuen's t-test (SciPy's ttest_ind) on the logarithms, the outer fifth on each side left out

p is the chance that two runs of the same program would differ as much. Of many rows some would differ by chance, so
p is raised as Benjamini and Hochberg do: among the changes called certain to 99 %, one in a hundred is none. Single
numbers, which no test is made of, do not count among them: one that differs, differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import false_discovery_control, ttest_ind

from benchmarks.backends import BASE, NUMPY
from benchmarks.grid import Grid
from benchmarks.results import Report, Row
from benchmarks.tables import NOISY, QUIET

CERTAIN = 0.99
LEAST = 0.03
"""Smaller changes are not told: they come and go with where arrays happen to lie in memory."""

TRIM = 0.2

MANY = 5
"""From so many rounds on they are tested; fewer are single numbers, such as a peak of memory."""


@dataclass(frozen=True)
class Change:
    """change: new / old, above 1 it became slower, or more.  certainty: from 0 to 1.  tested: it comes of a test.

    noisy: the machine was not quiet for the one or the other.
    """

    suite: str
    row: Row
    backend: str
    change: float
    certainty: float
    tested: bool
    noisy: bool = False

    @property
    def told(self) -> bool:
        """Whether it is large and certain."""
        return self.certainty >= CERTAIN and abs(np.log(self.change)) >= np.log1p(LEAST)


def changes(old: Report, new: Report) -> list[Change]:
    """Of every row and backend that both have, in the order of the new one."""
    found = list(_pairs(old, new))
    tested = [number for number, each in enumerate(found) if each.tested]
    if tested:
        adjusted = false_discovery_control([1 - found[number].certainty for number in tested])
        for number, p in zip(tested, adjusted, strict=True):
            found[number] = replace(found[number], certainty=float(1 - p))
    return found


def _pairs(old: Report, new: Report) -> Iterator[Change]:
    for suite in new.suites:
        before = {row.key: row for row in old.suites[suite].rows} if suite in old.suites else {}
        for row in new.suites[suite].rows:
            if row.key in before:
                for backend in row.values:
                    if backend in before[row.key].values:
                        yield _change(suite, before[row.key], row, backend)


def _change(suite: str, old: Row, new: Row, backend: str) -> Change:
    paired = backend in NUMPY and all(BASE in row.values for row in (old, new)) and new.unit == "s"
    a, b = (costs(row, backend, paired) for row in (old, new))
    tested = min(len(a), len(b)) >= MANY
    noisy = new.unit == "s" and (old.noisy or new.noisy)
    return Change(suite, new, backend, float(np.median(b) / np.median(a)), certainty(a, b), tested, noisy)


def costs(row: Row, backend: str, paired: bool) -> np.ndarray:
    """Of each round; paired: over PyTorch's of the same round."""
    values = np.array(row.values[backend])
    return values / row.values[BASE] if paired else values


def certainty(a: np.ndarray, b: np.ndarray) -> float:
    """That two samples are not of the same distribution. Of single numbers: whether they differ at all."""
    if min(len(a), len(b)) < MANY:
        return float(not np.array_equal(a, b))
    x, y = np.log(a), np.log(b)
    inner = [np.unique(np.sort(z)[int(TRIM * len(z)) : len(z) - int(TRIM * len(z))]) for z in (x, y)]
    if all(len(values) == 1 for values in inner):  # each time the same, of which no test can be made
        return float(inner[0][0] != inner[1][0])
    return float(1 - ttest_ind(x, y, equal_var=False, trim=TRIM).pvalue)


def table(found: list[Change]) -> Grid:
    """What is told, the slower ones first."""
    told = sorted((each for each in found if each.told), key=lambda each: -each.change)
    lines = [
        [
            ", ".join(filter(None, [each.suite, each.row.name, str(each.row.size or ""), each.row.phase]))
            + NOISY * each.noisy,
            each.backend,
            f"{each.change:.2f}",
            word(each),
            f"{each.certainty:.2%}",
        ]
        for each in told
    ]
    note = (
        f"{len(found)} numbers compared; told are changes by {LEAST:.0%} or more that are {CERTAIN:.0%} certain. Ours "
        "are compared by their time over PyTorch's of the same round."
    )
    return Grid("what changed", ["", "backend", "new / old", "", "certainty"], lines, [note, QUIET])


def word(change: Change) -> str:
    """What became of it."""
    worse, better = ("slower", "faster") if change.row.unit == "s" else ("more", "less")
    return worse if change.change > 1 else better
