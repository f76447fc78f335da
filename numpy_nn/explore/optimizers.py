"""Optimizers on a ravine: what the learning rate, momentum and Adam make of the same slope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn import functional as F
from numpy_nn import optim, random
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text, scientific
from numpy_nn.optim import Optimizer
from numpy_nn.parameter import Parameter
from numpy_nn.random import Generator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEPS, NEAR = 80, 0.01
"""How many steps each goes, and the loss below which it has arrived."""

RAVINE = np.array([[1.0, 0.0], [0.0, 5.0]])
"""loss = ‖RAVINE p‖² = x² + 25 y²: the curvature across is 25 times that along; lr < 2 / 50 lets plain SGD converge."""

SUMMARY = Text(
    en="Learning rates, momentum and Adam on a ravine",
    ko="좁은 골짜기에서 학습률, 모멘텀, Adam이 지나는 길을 견줍니다",
)
FOUND = Text(
    en="On the ravine x² + 25y², from a loss of {start:.0f}, {steps} steps lead to {slow} with SGD at 0.003, "
    "{good} at 0.035, {large} at 0.041, {momentum} with momentum and {adam} with Adam: {verdict}",
    ko="골짜기 x² + 25y²에서 손실 {start:.0f}의 자리를 떠나 {steps}걸음 뒤의 손실은 SGD 학습률 0.003에서 {slow}, "
    "0.035에서 {good}, 0.041에서 {large}, 모멘텀 {momentum}, Adam {adam}입니다. {verdict}",
)
ARRIVED = Text(
    en="too small a rate crawls, too large a rate diverges.",
    ko="학습률이 너무 작으면 더디고, 너무 크면 발산합니다.",
)
UNEXPECTED = Text(
    en="from this start the usual order (crawl, arrive, diverge) does not show.",
    ko="이 출발점에서는 흔히 보는 순서(더딤, 도착, 발산)가 나타나지 않습니다.",
)
NAMES = {
    "slow": Text(en="SGD, 0.003: too small", ko="SGD 0.003: 너무 작음"),
    "good": Text(en="SGD, 0.035: good", ko="SGD 0.035: 알맞음"),
    "large": Text(en="SGD, 0.041: too large", ko="SGD 0.041: 너무 큼"),
    "momentum": Text(en="SGD, 0.01, momentum 0.8", ko="SGD 0.01, 모멘텀 0.8"),
    "adam": Text(en="Adam, 0.3", ko="Adam 0.3"),
}
LOSSES = Text(en="Loss by step", ko="걸음마다 손실")
STEP = Text(en="step", ko="걸음")

Make = Callable[[list[Parameter]], Optimizer]
OPTIMIZERS: dict[str, Make] = {
    "slow": lambda parameters: optim.SGD(parameters, lr=0.003),
    "good": lambda parameters: optim.SGD(parameters, lr=0.035),
    "large": lambda parameters: optim.SGD(parameters, lr=0.041),
    "momentum": lambda parameters: optim.SGD(parameters, lr=0.01, momentum=0.8),
    "adam": lambda parameters: optim.Adam(parameters, lr=0.3),
}


@dataclass(frozen=True)
class Path:
    """Where an optimizer went, (STEPS + 1, 2), and the loss at each place, (STEPS + 1,)."""

    places: Array
    losses: Array


def loss(p: Array) -> tuple[Array, Callable[[], Array]]:
    """The loss at p (2,), from numpy_nn's formulas, and the way back to its gradient (2,)."""
    y, linear_backward = F.linear(p, RAVINE)
    value, square_backward = F.mse_loss(y, np.zeros(2), reduction="sum")
    return value, lambda: linear_backward(square_backward())[0]


def run(seed: int, advance: Advance) -> dict[str, Path]:
    """Every optimizer from the same start, which the seed moves a little."""
    start = np.array([-4.0, 1.0]) + random.uniform(2, -0.2, 0.2, dtype=np.float64, generator=Generator(seed))
    paths = {}
    for name, make in OPTIMIZERS.items():
        p = Parameter(start.copy())
        optimizer = make([p])
        places, losses = [], []
        for _ in range(STEPS + 1):
            value, backward = loss(p.data)
            places.append(p.data.copy())
            losses.append(float(value))
            p.grad = backward()
            optimizer.step()
        paths[name] = Path(np.array(places), np.array(losses))
        advance()
    return paths


def sentence(result: dict[str, Path], language: Language) -> str:
    """The last losses, and whether they come in the expected order."""
    last = {name: float(path.losses[-1]) for name, path in result.items()}
    start = float(result["good"].losses[0])
    expected = last["good"] < NEAR < last["slow"] < start < last["large"]
    verdict = (ARRIVED if expected else UNEXPECTED)(language)
    losses = {name: scientific(value) for name, value in last.items()}
    return FOUND(language, start=start, steps=STEPS, verdict=verdict, **losses)


def draw(result: dict[str, Path], figure: Figure, language: Language) -> None:
    """A map of the ravine with each path, and all losses in the last panel."""
    *maps, curves = figure.subplots(2, 3).flat
    x, y = np.linspace(-5, 5, 201), np.linspace(-2.2, 2.2, 201)
    heights = x**2 + 25 * y[:, None] ** 2
    styles = zip((SKY, BLUE, ORANGE, GREEN, PURPLE), "s^odv", strict=True)
    for axes, (name, path), (color, marker) in zip(maps, result.items(), styles, strict=True):
        axes.contour(x, y, heights, levels=[0.3, 2, 6, 13, 25, 50, 90], colors=GREY, alpha=0.35, linewidths=0.8)
        axes.plot(*_on_the_map(path.places).T, color=color, marker=marker, markersize=3.5, linewidth=1.3)
        axes.plot(*path.places[0], color="black", marker="o", markersize=7)
        axes.plot(0, 0, color="black", marker="*", markersize=12)
        axes.set(xlim=(-5, 5), ylim=(-2.2, 2.2), xlabel="x", ylabel="y")
        axes.set_title(NAMES[name](language), loc="left")
        shown = {"color": color, "marker": marker, "markevery": 10, "markersize": 4, "linewidth": 1.8}
        curves.plot(np.maximum(path.losses, 1e-6), label=NAMES[name](language), **shown)
    curves.set(yscale="log", xlabel=STEP(language), ylim=(1e-6, 1e5))
    curves.set_title(LOSSES(language), loc="left")


def _on_the_map(places: Array) -> Array:
    """The places up to the first that is off the map; past it, zigzags would hide everything."""
    off = np.flatnonzero(np.abs(places[:, 1]) > 2.2)
    return places[: off[0] + 1] if off.size else places


EXPERIMENT = Experiment("optimizers", SUMMARY, len(OPTIMIZERS), (13, 7), run, sentence, draw)
