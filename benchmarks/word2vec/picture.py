"""The report as a picture: how fast everyone is, and how good after how long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from benchmarks.word2vec.tables import BASE, Row, decimal, name, rows
from numpy_nn.explore import canvas

COLORS = {"textbook": canvas.SKY, "fast": canvas.BLUE, "gensim": canvas.ORANGE, "torch": canvas.PURPLE}
OBJECTIVES = {"Skip-gram": False, "CBOW": True}


def save(report: dict[str, Any], path: Path) -> None:
    """Draw a report as PNG. Without quality there are bars only."""
    curves = any(run["result"] and len(run["result"]["curve"]) > 1 for run in report["runs"])

    def paint(figure: Figure) -> None:
        grid = figure.subplots(2, 2 if curves else 1, squeeze=False, width_ratios=[1.15, 1] if curves else None)
        found = rows(report)
        for axes, (objective, cbow) in zip(grid, OBJECTIVES.items(), strict=True):
            bars(axes[0], objective, report["contenders"], [row for row in found if row.objective == objective])
            if curves:
                quality(axes[1], report, cbow)
        grid[1, 0].set_xlabel("words per second, on one core")
        if curves:
            grid[1, 1].set_xlabel(f"seconds of training, {report['settings']['epochs']} epochs")
        text, dimensions = report["text"], report["settings"]["vector_size"]
        title = (
            f"{text['file']}: {text['words']:,} words, {text['vocabulary']:,} vectors of {dimensions}; "
            f"×: times {BASE}'s speed"
        )
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, color=canvas.GREY)

    canvas.draw(path, (12 if curves else 7.5, 6.2), paint)


def bars(axes: Axes, objective: str, contenders: list[str], found: list[Row]) -> None:
    """Words per second of each contender, and how many times as many as the base's."""
    for place, (contender, row) in enumerate(zip(contenders, found, strict=True)):
        color = COLORS[contender.partition("-")[0]]
        axes.barh(place, row.speed, height=0.62, color=color)
        said = row.problem.partition(":")[0] if row.problem else f"{thousands(row.speed)}"
        if row.ratio is not None and contender != BASE:
            said += f"   {row.ratio:.1f}×" if row.ratio >= 0.95 else f"   {row.ratio:.2f}×"
        axes.annotate(said, (row.speed, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=11)
    axes.set_yticks(range(len(found)), [row.label.replace(", ", "\n", 1) for row in found], fontsize=11)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.margins(x=0.3)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda speed, _: thousands(speed)))
    axes.spines["left"].set_visible(False)
    axes.set_title(objective, loc="left", fontsize=15)


def quality(axes: Axes, report: dict[str, Any], cbow: bool) -> None:
    """WordSim353 after each epoch, a line for each seed."""
    for contender in report["contenders"]:
        runs = (run for run in report["runs"] if run["contender"] == contender and run["cbow"] == cbow)
        curves = [run["result"]["curve"] for run in runs if run["result"] and len(run["result"]["curve"]) > 1]
        kind, _, workers = contender.partition("-")
        look = {"color": COLORS[kind], "linestyle": "--" if workers else "-", "linewidth": 1.6, "alpha": 0.85}
        for number, curve in enumerate(curves):
            label = None if number else name(contender)
            axes.plot(*zip(*curve, strict=True), marker="o", markersize=4.5, label=label, **look)
    axes.axhline(report["target"], color=canvas.GREY, linewidth=1, linestyle=":")
    where = {"xycoords": axes.get_yaxis_transform(), "textcoords": "offset points", "color": canvas.GREY, "fontsize": 9}
    axes.annotate(decimal(report["target"], 2), (1, report["target"]), xytext=(-2, 3), ha="right", **where)
    axes.set_xlim(left=0)
    axes.margins(y=0.12)
    axes.set_ylabel("WordSim353, Spearman's ρ")
    axes.grid(axis="y", color="#e8e8e8", linewidth=0.8)
    axes.set_axisbelow(True)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower right", fontsize=10)


def thousands(speed: float) -> str:
    """30,400 as 30 k and 1,730,000 as 1.73 M."""
    return f"{speed / 1e6:.2f} M" if speed >= 999_500 else f"{speed / 1e3:.3g} k" if speed else "0"
