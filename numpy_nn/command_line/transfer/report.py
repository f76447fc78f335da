"""What was found: a table, a sentence and a picture."""

from __future__ import annotations

import sys
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.command_line import table
from numpy_nn.command_line.transfer.comparison import Found
from numpy_nn.explore import canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = {"scratch": "from scratch", "frozen": "frozen, new head", "tuned": "then fine-tuned"}

STYLES = {"scratch": (canvas.ORANGE, "s"), "frozen": (canvas.BLUE, "o"), "tuned": (canvas.GREEN, "^")}


def show(found: Found) -> None:
    """Print mean and standard deviation over the repeats, the time taken, and what it comes to."""
    columns = ["images a class", *NAMES.values(), "gain"]
    rows = [
        [str(number), *(_spread(found.accuracy[kind][place]) for kind in NAMES), _spread(found.gain[place], "+")]
        for place, number in enumerate(found.images)
    ]
    rows.append(["seconds each", *(f"{found.seconds[kind].mean():.2f}" for kind in NAMES), ""])
    if sys.stdout.isatty():
        table.show("accuracy, and what fine-tuned gains on from scratch", columns, rows)
    else:
        for row in [columns, *rows]:
            print("".join(f"{cell:<{width}}" for cell, width in zip(row, WIDTHS, strict=True)).rstrip())
    print(sentence(found))


WIDTHS = (16, 18, 18, 18, 16)


def sentence(found: Found) -> str:
    """Where transfer pays, and where it does not: a gain, a loss or neither counts where every repeat has it."""
    gains = dict(zip(found.images, found.gain, strict=True))
    told = []
    for verb, sign in (("gains", 1), ("loses", -1)):
        if sure := [number for number, gain in gains.items() if (sign * gain > 0).all()]:
            points = ", ".join(f"{100 * abs(gains[number].mean()):.1f} points with {number}" for number in sure)
            told.append(f"transfer {verb} {points} image{'s' * (sure[-1] > 1)} a class")
    if even := [str(number) for number, gain in gains.items() if not gain.any()]:
        told.append(f"with {', '.join(even)} it changes nothing")
    if unsure := [str(number) for number, gain in gains.items() if len(set(np.sign(gain).tolist())) > 1]:
        told.append(f"with {', '.join(unsure)} it depends on the draw")
    return ("" if found.gain.shape[1] > 1 else "in a single draw ") + "; ".join(told)


def draw(path: Path, found: Found, title: str) -> None:
    """Draw accuracy over the number of images, the mean of the repeats in the band from the lowest to the highest."""
    lowest = min(float(each.min()) for each in found.accuracy.values())

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for kind, (colour, marker) in STYLES.items():
            each = found.accuracy[kind]
            axes.fill_between(found.images, each.min(axis=1), each.max(axis=1), color=colour, alpha=0.15, linewidth=0)
            axes.plot(found.images, each.mean(axis=1), color=colour, marker=marker, linewidth=2, label=NAMES[kind])
        axes.set(xscale="log", xticks=found.images, xticklabels=found.images, ylim=(floor(10 * lowest) / 10, 1))
        axes.set(xlabel="images of each class to learn from", ylabel="accuracy on other images")
        axes.minorticks_off()
        axes.grid(axis="y", color="#e5e5e5")
        axes.set_title(title, loc="left")
        axes.legend(loc="lower right")

    canvas.draw(path, (7, 4.5), paint)


def _spread(values: Array, sign: str = "") -> str:
    """Mean and standard deviation in per cent; of a single value itself."""
    text = f"{100 * values.mean():{sign}.1f}"
    return text if len(values) == 1 else f"{text} ± {100 * values.std(ddof=1):.1f}"
