"""The picture of a lockstep run: losses, differences, and test images with both predictions."""

from __future__ import annotations

from math import isqrt
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from numpy_nn import backend
from parity_tests.lockstep import Lockstep

matplotlib.use("Agg")
HAND, TORCH = "#1f4e8c", "#e4572e"
SHOWN = 15


def draw(run: Lockstep, path: Path) -> None:
    """Save the picture of a finished run as PNG."""
    settings = run.settings
    epochs = [row.epoch for row in run.rows]
    figure = Figure(figsize=(12, 6.2), layout="constrained")
    grid = figure.add_gridspec(1, 2, width_ratios=[1.25, 1])
    curves = grid[0].subgridspec(2, 1, height_ratios=[1.6, 1])

    losses = figure.add_subplot(curves[0], yscale="log")
    by_hand, in_torch = zip(*(row.losses for row in run.rows), strict=True)
    dot = "o" if len(epochs) == 1 else None  # of which no line can be drawn
    losses.plot(epochs, by_hand, color=HAND, linewidth=5, alpha=0.45, marker=dot, markersize=12, label="NumPy, by hand")
    losses.plot(epochs, in_torch, color=TORCH, linewidth=1.6, linestyle="--", marker=dot, label="PyTorch")
    losses.set(ylabel="training loss")
    losses.set_title(f"{settings.data}, {settings.optimizer}, {settings.dtype}, seed {settings.seed}", loc="left")
    losses.legend(frameon=False)

    apart = figure.add_subplot(curves[1], sharex=losses, yscale="log")
    smallest = float(np.finfo(settings.dtype).eps) / 16
    apart.plot(epochs, [max(row.difference, smallest) for row in run.rows], color="#444444", marker="o", markersize=3)
    apart.axhline(run.bound, color=TORCH, linewidth=1, linestyle=":")
    apart.annotate(f"bound {run.bound:.0e}", (epochs[0], run.bound), xytext=(2, -11), textcoords="offset points")
    apart.set(xlabel="epoch", ylabel="largest difference\nof any weight")
    apart.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)

    tiles = grid[1].subgridspec(3, 5)
    ours, theirs = backend.to_host(run.ours.predict()), run.theirs.predict().numpy()
    images, target = run.theirs.images.numpy(), run.theirs.target.numpy()
    side = isqrt(images[0].size)
    shown = np.argsort(ours == target, kind="stable")[:SHOWN]  # mistakes first
    for place, index in enumerate(shown):
        tile = figure.add_subplot(tiles[place // 5, place % 5])
        tile.imshow(images[index].reshape(side, side), cmap="gray_r")
        right = ours[index] == theirs[index] == target[index]
        tile.set_title(f"{ours[index]} | {theirs[index]}", color="black" if right else "#c0392b", fontsize=11)
        tile.set_xlabel("" if right else f"is {target[index]}", fontsize=9, color="#c0392b")
        tile.set(xticks=[], yticks=[])
    for axes in (losses, apart):
        axes.spines[["top", "right"]].set_visible(False)
    figure.text(0.78, 0.985, "test images: NumPy | PyTorch, mistakes first", ha="center", va="top", fontsize=11)

    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
