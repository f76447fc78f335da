"""Pictures of a report: what was reached of what the machine can do, and cost against size.

A picture says in its PNG which numbers it was drawn from, so that it can be seen to be out of date.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from PIL import Image

from benchmarks.backends import BASE, NUMPY
from benchmarks.results import Report, Row, Suite, dumped
from benchmarks.tables import by_name
from numpy_nn.explore.canvas import BLUE, GREY, ORANGE, PURPLE, SKY
from numpy_nn.files import whole

COLORS = {
    "numpy-fast": BLUE,
    "numpy-textbook": SKY,
    BASE: ORANGE,
    "torch-cpu-fused": PURPLE,
    "torch-cpu-channels_last": PURPLE,
}
MARKERS = {"numpy-fast": "o", "numpy-textbook": "s", BASE: "^"}
DRAWN = (*NUMPY, BASE)
TIMED = ("formulas", "images", "optimizers", "steps")
SOURCE = "Source"


def roofline(report: Report) -> bytes:
    """Operations a second against operations a byte, and bytes a second against bytes, each under its roof."""
    suites = [report.suites[name] for name in TIMED if name in report.suites]

    def paint(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for suite in suites:
            rows = [row for row in whole_rows(suite) if row.bytes]
            scatter(left, [row for row in rows if row.flops], lambda row: row.flops / row.bytes, lambda row: row.flops)
            scatter(right, [row for row in rows if not row.flops], lambda row: row.bytes, lambda row: row.bytes)
        if suites:
            roofs(left, right, suites[-1])
        left.set(xlabel="operations a byte", ylabel="operations a second", title="products")
        right.set(xlabel="bytes", ylabel="bytes a second", title="what only moves numbers")
        for axes in (left, right):
            axes.set(xscale="log", yscale="log")
        legend(right if not left.collections else left)

    return png(report, (12, 5), paint)


def whole_rows(suite: Suite) -> list[Row]:
    """The last phase of each thing."""
    return list({(row.name, row.size): row for row in suite.rows}.values())


def scatter(axes: Axes, rows: list[Row], x: Callable[[Row], float], work: Callable[[Row], float]) -> None:
    """A point for each row and backend."""
    for backend in DRAWN:
        points = [(x(row), work(row) / row.statistics[backend].median) for row in rows if backend in row.values]
        if points:
            axes.scatter(
                *zip(*points, strict=True), s=16, c=COLORS[backend], marker=MARKERS[backend], label=backend, alpha=0.7
            )


def roofs(left: Axes, right: Axes, suite: Suite) -> None:
    """The lines that nobody gets above: arithmetic, and a copy from memory or from the nearest cache."""
    flops, copies = suite.floor["flops"], suite.floor["copies"]
    slow, fast = (pick(speed for _, speed in copies) for pick in (min, max))
    ends = [0.03, 1e3]
    for bandwidth, style in ((slow, "-"), (fast, "--")):
        corner = flops / bandwidth
        left.plot([ends[0], corner, ends[1]], [ends[0] * bandwidth, flops, flops], style, color=GREY, linewidth=1)
    right.plot(*zip(*copies, strict=True), color=GREY, linewidth=1)


def scaling(report: Report) -> bytes:
    """A panel for each axis."""
    groups = by_name(report.suites["scaling"].rows)

    def paint(figure: Figure) -> None:
        panels = figure.subplots(1, len(groups), squeeze=False)[0]
        for axes, (name, rows) in zip(panels, groups.items(), strict=True):
            for backend in [each for each in COLORS if any(each in row.values for row in rows)]:
                points = [(row.size, 1e3 * row.statistics[backend].median) for row in rows if backend in row.values]
                axes.plot(*zip(*points, strict=True), marker="o", markersize=4, color=COLORS[backend], label=backend)
            what, _, over = name.partition(", over ")
            axes.set(xscale="log", yscale="log", xlabel=over)
            axes.set_title(what, fontsize=9)
            axes.set_xticks([row.size for row in rows], [str(row.size) for row in rows], rotation=60)
            axes.xaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g}"))
            axes.yaxis.set_minor_locator(NullLocator())
        panels[0].set_ylabel("ms")
        legend(panels[0])

    return png(report, (3.4 * len(groups), 4), paint)


def legend(axes: Axes) -> None:
    """Each label once."""
    handles, labels = axes.get_legend_handles_labels()
    if labels:
        axes.legend(*zip(*dict(zip(labels, zip(handles, labels, strict=True), strict=True)).values(), strict=True))


def drawn(report: Report) -> dict[str, bytes]:
    """The pictures that the report has the suites for, as PNG."""
    found = {}
    if any(name in report.suites for name in TIMED):
        found["roofline"] = roofline(report)
    if "scaling" in report.suites:
        found["scaling"] = scaling(report)
    return found


def png(report: Report, size: tuple[float, float], paint: Callable[[Figure], None]) -> bytes:
    """What a function paints on an empty figure of so many inches."""
    with rc_context({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "font.size": 9}):
        figure = Figure(figsize=size, layout="constrained")
        paint(figure)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=110, metadata={SOURCE: fingerprint(report)})
    return file.getvalue()


def fingerprint(report: Report) -> str:
    """Of all numbers of a report."""
    return hashlib.sha256(dumped(report).encode()).hexdigest()


def drawn_from(path: Path) -> str | None:
    """The fingerprint of the report that a picture was drawn from."""
    with Image.open(path) as image:
        return image.info.get(SOURCE)


def save(path: Path, picture: bytes) -> None:
    """Write a picture, whole or not at all."""
    with whole(path) as file:
        file.write(picture)
