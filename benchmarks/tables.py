"""What a report says, as tables. Wins and losses stand in the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from benchmarks.backends import BACKENDS, BASE, GPU, NUMPY
from benchmarks.grid import Grid
from benchmarks.results import Report, Row, Suite
from benchmarks.scaling import exponent

NONE = "–"
NOISY = " ~"
RATIOS = (
    "PyTorch's time / ours: above 1 numpy_nn is faster. Medians of blocks. Strongest: the best of PyTorch's settings. "
    "Of the floor: how much of the speed is reached that a large product of matrices, or a copy of as many bytes, has "
    "on this machine; elementwise arithmetic is not counted, and a product may be had for fewer operations than "
    f"counted, which gives more than 100 %. fast {NONE}: no kernel of its own, layers run the formula."
)
QUIET = f"{NOISY.strip()} behind a name: the machine was not quiet then."


def tables(report: Report, suite: str) -> Grid:
    """The table of a suite."""
    found = report.suites[suite]
    if suite == "scaling":
        return scaled(found)
    if suite in ("memory", "start", "training"):
        return plain(suite, found)
    return ratios(suite, found)


def ours(row: Row) -> str | None:
    """The kernels where there are some, else the formulas; None where neither was measured."""
    return next((backend for backend in NUMPY if backend in row.values), None)


def ratios(title: str, suite: Suite) -> Grid:
    """A line for each thing: its last phase, which has all of it, and the ratios of the ones before."""
    groups = [list(group) for _, group in groupby(suite.rows, key=lambda row: (row.name, row.size))]
    before = list(dict.fromkeys(row.phase for group in groups for row in group[:-1]))
    columns = ["", "ms", "textbook", "fast", "strongest", "of the floor", *before]
    lines, problems = [], []
    for *parts, whole in groups:
        best = ours(whole)
        strongest = None if best is None else whole.ratio(best, whole.strongest)
        apart = {row.phase: None if (own := ours(row)) is None else row.ratio(own) for row in parts}
        lines.append(
            [
                label(whole),
                NONE if best is None else f"{1e3 * whole.statistics[best].median:.4g}",
                *(refused(whole, backend) or times(whole.ratio(backend)) for backend in reversed(NUMPY)),
                times(strongest),
                percent(None if best is None else whole.reached(best)),
                *(times(apart.get(phase)) for phase in before),
            ]
        )
        problems += [f"{whole.name}, {backend}: {problem}" for backend, problem in whole.problems.items()]
    return Grid(title, columns, lines, [RATIOS, QUIET, *problems, missing(suite)])


def on_gpu(title: str, suite: Suite) -> Grid | None:
    """A line for each phase of what was measured on a GPU: the best of ours, and ratios to PyTorch there; or None."""
    lines, columns = [], ("cupy-textbook", "cupy-fast", "cupy-graph")
    for row in suite.rows:
        ours, theirs = (
            sorted((row.median(b), b) for b in row.values if b.startswith(of)) for of in ("cupy", "torch-cuda")
        )
        if ours:
            best = row.ratio(ours[0][1], theirs[0][1]) if theirs else None
            ratios = (refused(row, backend) or times(row.ratio(backend, "torch-cuda-eager")) for backend in columns)
            lines.append([f"{label(row)}: {row.phase}", amount(ours[0][0], row.unit), *ratios, times(best)])
    notes = ["PyTorch's time on the same GPU, eager, / ours. Strongest: the best of its settings there / our best."]
    return (
        Grid(f"{title} on a GPU", ["", "best", "textbook", "fast", "graph", "strongest"], lines, notes)
        if lines
        else None
    )


def refused(row: Row, backend: str) -> str:
    """In a word, why there is no number; nothing where there is one, or none to be expected."""
    return row.problems.get(backend, "").partition(":")[0]


def label(row: Row) -> str:
    """What a row is called."""
    return row.name + (NOISY if row.noisy else "")


def scaled(suite: Suite) -> Grid:
    """A line for each axis: exponents, and how the ratio changes from the smallest size to the largest."""
    backends = [b for b in BACKENDS if any(b in row.values for row in suite.rows)]
    lines = []
    for name, group in by_name(suite.rows).items():
        smallest, largest = group[0], group[-1]
        lines.append(
            [
                name + (NOISY if any(row.noisy for row in group) else ""),
                f"{smallest.size} … {largest.size}",
                *(fitted(group, backend) for backend in backends),
                *(times(None if (own := ours(row)) is None else row.ratio(own)) for row in (smallest, largest)),
            ]
        )
    columns = ["", "sizes", *backends, "ratio at the smallest", "at the largest"]
    note = (
        "By backend the exponent b of cost = a sizeᵇ, fitted over the upper half of the sizes. Ratio: PyTorch's / ours."
    )
    return Grid("scaling", columns, lines, [note, QUIET, missing(suite)])


def by_name(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each thing, in order of their sizes."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.name, []).append(row)
    return {name: sorted(group, key=lambda row: row.size or 0) for name, group in found.items()}


def fitted(rows: list[Row], backend: str) -> str:
    """The exponent of a backend's cost."""
    costs = {row.size: row.statistics[backend].median for row in rows if row.size and backend in row.values}
    found = exponent(costs)
    return NONE if found is None else f"{found:.2f}"


def plain(title: str, suite: Suite) -> Grid:
    """A line for each number: it by every backend, what cannot be avoided, and the ratio.

    Where PyTorch has several settings that matter, as in training, the ratio to the strongest, too.
    """
    backends = [b for b in BACKENDS if any(b in row.values or b in row.problems for row in suite.rows)]
    floors, settings = any(row.floor is not None for row in suite.rows), title == "training"
    lines, problems = [], []
    for row in suite.rows:
        best = ours(row)
        line = [f"{row.name}: {row.phase}" + (NOISY if row.noisy and row.unit == "s" else "")]
        line += [refused(row, backend) or amount(row.median(backend), row.unit) for backend in backends]
        to = [BASE, *([row.strongest] if settings else [])]
        lines.append(
            [
                *line,
                *([amount(row.floor, row.unit)] if floors else []),
                *(times(row.ratio(best, other) if best and row.unit else None) for other in to),
            ]
        )
        problems += [f"{row.name}, {backend}: {problem}" for backend, problem in row.problems.items()]
    columns = ["", *backends, *(["NumPy alone"] if floors else []), "ratio", *(["strongest"] if settings else [])]
    note = f"Ratio: {BASE}'s / ours, above 1 ours is less."
    return Grid(title, columns, lines, [note, QUIET, *problems, missing(suite)])


def everything(title: str, suite: Suite) -> Grid:
    """Every number of a suite: a line for each phase, a column for each backend, those that were not measured, too."""
    lines = []
    for row in suite.rows:
        name = ": ".join(filter(None, [row.name, None if row.size is None else str(row.size), row.phase]))
        lines.append([name + (NOISY if row.noisy else ""), *(cell(row, backend) for backend in BACKENDS)])
    return Grid(f"{title}: every number", ["", *BACKENDS], lines, ["Median ± interquartile range."])


def cell(row: Row, backend: str) -> str:
    """What a backend took, or why there is no number."""
    if backend in row.problems:
        return refused(row, backend)
    if backend not in row.values:
        return "not measured" if backend in GPU else NONE
    found = row.statistics[backend]
    return f"{amount(found.median, row.unit)} ± {amount(found.iqr, row.unit)}"


def machine(report: Report) -> Grid:
    """What the suites were measured with; where they differ, which suites with what."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, suite in report.suites.items():
        for what, value in suite.environment.items():
            found.setdefault(what, {}).setdefault(value, []).append(name)
    lines = []
    for what, values in found.items():
        differ = len(values) > 1
        lines.append([what, "; ".join(f"{v} ({', '.join(names)})" if differ else v for v, names in values.items())])
    return Grid("measured with", ["", report.machine], lines)


def missing(suite: Suite) -> str:
    """The backends that need a GPU, of which nothing is known."""
    names = [name for name in GPU if not any(name in row.values for row in suite.rows)]
    return f"Not measured: {', '.join(names) or 'nothing'}."


def times(ratio: float | None) -> str:
    """A ratio."""
    return NONE if ratio is None else f"{ratio:.2f}"


def percent(share: float | None) -> str:
    """A share."""
    return NONE if share is None else f"{share:.0%}"


def amount(value: float | None, unit: str) -> str:
    """Milliseconds, megabytes, or a number that counts something."""
    if value is None:
        return NONE
    if not unit:
        return f"{value:.4g}"
    return f"{1e3 * value:.4g} ms" if unit == "s" else f"{value / 1e6:.4g} MB"
