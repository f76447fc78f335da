"""Pictures of a training: the schedule of its learning rate, its losses, and what was taken for what."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from inspect import Parameter, signature
from itertools import cycle
from pathlib import Path
from typing import Any

from numpy_nn.backend import Array, to_host
from numpy_nn.files import whole
from numpy_nn.functional import checks

BLUE, ORANGE, GREEN, PINK, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#555555"
"""Okabe and Ito's colours, which the colour-blind can tell apart; the kinds of line tell them apart on paper."""

LINES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PINK, ":"))
NUMBERED = 20
"""Up to so many classes each cell of a confusion matrix shows its number."""


def schedule(
    path: str | os.PathLike[str], schedule: Any, steps: int | None = None, title: str = "", per: str = "step"
) -> None:
    """Draw the learning rate over the steps of a training, and the momentum where the schedule moves it.

    path: the PNG file.  schedule: a scheduler, which is left as it is and drawn from where it stands; or a function
    that makes (optimizer, scheduler); or the rates themselves, numbers.  steps: how many, needed except for rates.
    per: what stands below, "epoch" where the schedule steps once in each.
    Raises TypeError for another schedule, ReduceLROnPlateau among them as its rates depend on the losses, ValueError
    for no steps or no PNG file, ImportError without matplotlib.
    """
    _save(path, _schedule(schedule, steps, title, per))


def losses(path: str | os.PathLike[str], history: Sequence[Mapping[str, Any]], title: str = "") -> None:
    """Draw loss and accuracy over the epochs, of training and validation, and the learning rate.

    path: the PNG file.  history: one record for each epoch, with "loss" and, where there are any, "epoch", "accuracy",
    "validation_loss", "validation_accuracy" and "lr"; None leaves a gap.
    Raises TypeError or ValueError for another history, ValueError for no PNG file, ImportError without matplotlib.
    """
    _save(path, _losses(history, title))


def confusion(
    path: str | os.PathLike[str], matrix: Array, classes: Sequence[object] | None = None, title: str = ""
) -> None:
    """Draw a confusion matrix, each row coloured by the shares of its samples.

    path: the PNG file.  matrix: (C, C), integers, rows true and columns predicted.  classes: C names; numbers if None.
    Raises TypeError or ValueError for anything else, ValueError for no PNG file, ImportError without matplotlib.
    """
    _save(path, _confusion(matrix, classes, title))


def check(path: str | os.PathLike[str]) -> None:
    """Raise ValueError where a path names no PNG file, ImportError without matplotlib."""
    if Path(path).suffix.lower() != ".png":
        raise ValueError(f"path: expected the name of a .png file, got {os.fspath(path)!r}")
    _matplotlib()


def _schedule(schedule: Any, steps: int | None, title: str, per: str) -> Any:
    """The figure of a schedule."""
    rates, momenta = _course(schedule, steps)
    moving = any(len(set(values)) > 1 for values in momenta)
    figure = _figure(7, 5 if moving else 3.4)
    panels = figure.subplots(2 if moving else 1, 1, sharex=True, squeeze=False)[:, 0]
    for axes, courses, name in zip(panels, (rates, momenta), ("learning rate", "momentum"), strict=False):
        for number, (values, (colour, line)) in enumerate(zip(courses, cycle(LINES), strict=False)):
            marker = "o" if len(values) == 1 else None
            axes.plot(range(len(values)), values, color=colour, linestyle=line, label=f"group {number}", marker=marker)
        axes.set_ylabel(name)
    panels[-1].set_xlabel(per)
    panels[-1].xaxis.get_major_locator().set_params(integer=True)
    panels[0].set_title(title, loc="left")
    if len(rates) > 1:
        panels[0].legend(frameon=False)
    return figure


def _course(schedule: Any, steps: int | None) -> tuple[list[list[float]], list[list[float]]]:
    """The rates of each group and their momenta, step by step."""
    if isinstance(schedule, Sequence) and not isinstance(schedule, str):
        if not schedule:
            raise ValueError("schedule: expected at least one rate, got none")
        return [[checks.number(f"schedule[{place}]", rate) for place, rate in enumerate(schedule)]], []
    if steps is None:
        raise ValueError("steps: expected how many steps to draw, got None")
    checks.integer("steps", steps, low=1)
    scheduler = _apart(schedule) if hasattr(schedule, "get_last_lr") else _made(schedule)
    if any(p.default is Parameter.empty for p in signature(scheduler.step).parameters.values()):
        raise TypeError(f"schedule: expected one whose step takes nothing, got {type(scheduler).__name__}")
    groups, rows = scheduler.optimizer.param_groups, []
    for step in range(steps):
        if step:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # no optimizer steps in between, and none needs to
                scheduler.step()
        rows.append([(group["lr"], group.get("betas", (group.get("momentum", 0.0),))[0]) for group in groups])
    return tuple([[row[group][kind] for row in rows] for group in range(len(groups))] for kind in (0, 1))  # type: ignore[return-value]


def _apart(scheduler: Any) -> Any:
    """A copy of a scheduler and of its optimizer, which shares the parameters and has no state of theirs."""
    optimizer = scheduler.optimizer
    kept = {id(parameter): parameter for group in optimizer.param_groups for parameter in group["params"]}
    return deepcopy(scheduler, {**kept, id(optimizer.state): {}})


def _made(make: Callable[[], tuple[Any, Any]]) -> Any:
    """The scheduler that a function makes."""
    pair = make() if callable(make) else None
    if not isinstance(pair, tuple) or len(pair) != 2 or not hasattr(pair[1], "get_last_lr"):
        raise TypeError(
            "schedule: expected a scheduler, a function that makes (optimizer, scheduler), or rates, "
            f"got {type(make).__name__}"
        )
    return pair[1]


def _losses(history: Sequence[Mapping[str, Any]], title: str) -> Any:
    """The figure of a history."""
    if not isinstance(history, Sequence) or not all(isinstance(record, Mapping) for record in history):
        raise TypeError(f"history: expected a list with a record for each epoch, got {type(history).__name__}")
    if not history or "loss" not in history[0]:
        raise ValueError("history: expected a loss for each epoch, got none")
    epochs = [record.get("epoch", number) for number, record in enumerate(history, start=1)]
    has = {name for record in history for name, value in record.items() if value is not None}
    panels = [["loss", "validation_loss"]]
    panels += [["accuracy", "validation_accuracy"]] if {"accuracy", "validation_accuracy"} & has else []
    panels += [["lr"]] if "lr" in has else []
    figure = _figure(7, 1.2 + 2.2 * len(panels))
    ratios = [1 if names == ["lr"] else 2 for names in panels]
    for axes, names in zip(
        figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0], panels, strict=True
    ):
        for name, (colour, line) in zip(names, LINES, strict=False):
            values = [record.get(name) for record in history]
            if any(value is not None for value in values):
                label = "validation" if name.startswith("validation") else "training"
                gaps = [float("nan") if value is None else checks.number(name, value) for value in values]
                axes.plot(epochs, gaps, color=GREY if name == "lr" else colour, linestyle=line, marker=".", label=label)
        axes.set_ylabel("learning rate" if names == ["lr"] else names[0])
        if names[0] == "loss":
            axes.set_title(title, loc="left")
            axes.legend(frameon=False)
    figure.axes[-1].set_xlabel("epoch")
    figure.axes[-1].xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    return figure


def _confusion(matrix: Array, classes: Sequence[object] | None, title: str) -> Any:
    """The figure of a confusion matrix."""
    checks.indices("matrix", matrix, "int64", "int32", "uint8")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"matrix: expected shape (C, C), got {matrix.shape}")
    C = len(matrix)
    names = [str(name) for name in (range(C) if classes is None else classes)]
    if len(names) != C:
        raise ValueError(f"classes: expected {C}, one for each row of the matrix, got {len(names)}")
    counts = to_host(matrix)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(1)
    side = max(4.0, min(0.5 * C + 2, 12.0))
    figure = _figure(side + 0.9, side)
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, label="share of the true class", shrink=0.8)
    slanted = max(map(len, names)) > 3
    axes.set_xticks(range(C), names, rotation=45 if slanted else 0, ha="right" if slanted else "center")
    axes.set_yticks(range(C), names)
    axes.set(xlabel="predicted", ylabel="true")
    axes.set_title(title, loc="left")
    if C <= NUMBERED:
        for row, column in zip(*counts.nonzero(), strict=True):
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, fontsize=9)
    return figure


def _matplotlib() -> tuple[Any, Any]:
    """Figure, and the canvas without a window that it is drawn on. Raises ImportError without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError('a picture needs matplotlib: pip install "numpy_nn[cli]"') from error
    return Figure, FigureCanvasAgg


def _figure(width: float, height: float) -> Any:
    """An empty figure of so many inches. Raises ImportError without matplotlib."""
    make, canvas = _matplotlib()
    figure = make(figsize=(width, height), layout="constrained")
    canvas(figure)
    return figure


def _save(path: str | os.PathLike[str], figure: Any) -> None:
    """Write the figure as PNG, the whole file or none."""
    check(path)
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    with whole(path) as file, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # names in a script that no font here has
        figure.savefig(file, format="png", dpi=130)
