"""The perceptron learns: its boundary moves with every mistake, and the mistakes are bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn import random
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, GREY, ORANGE
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text
from numpy_nn.perceptron import Mistake, Perceptron, mistake_bound
from numpy_nn.random import Generator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SAMPLES, GAP = 60, 0.05
"""How many points, and how far each is at least from the line that labels them."""

SUMMARY = Text(
    en="A perceptron moves its boundary mistake by mistake until it separates two classes",
    ko="퍼셉트론이 틀릴 때마다 경계를 옮겨 두 무리를 가르는 과정을 봅니다",
)
FOUND = Text(
    en="After {mistakes} mistakes, made in {epochs} epochs, the perceptron separates all {samples} points; Novikoff's "
    "theorem allows at most {bound:.0f} mistakes for this gap between the classes.",
    ko="퍼셉트론은 {epochs} 에폭 동안 {mistakes}번 틀린 뒤 점 {samples}개를 모두 옳게 가릅니다. 두 무리의 간격에서 "
    "나오는 노비코프 정리의 한계는 {bound:.0f}번입니다.",
)
UNFINISHED = Text(
    en="After {mistakes} mistakes in {epochs} epochs the perceptron still gets some of the {samples} points wrong; "
    "Novikoff's theorem allows at most {bound:.0f} mistakes, so it had not finished.",
    ko="퍼셉트론은 {epochs} 에폭 동안 {mistakes}번 틀리고도 점 {samples}개 가운데 일부를 아직 틀립니다. 노비코프 "
    "정리의 한계가 {bound:.0f}번이므로 학습이 아직 끝나지 않았습니다.",
)
BOUNDARY = Text(en="The boundary after each mistake", ko="틀릴 때마다 움직이는 경계")
EARLY = Text(en="earlier boundaries, the first the lightest", ko="지나온 경계 (처음일수록 옅게)")
FINAL = Text(en="final boundary", ko="마지막 경계")
WRONG = Text(en="points still on the wrong side", ko="아직 잘못 갈린 점의 수")
MISTAKES = Text(en="mistakes so far", ko="지금까지 틀린 횟수")
UNEVEN = Text(en="A step towards one point may upset others", ko="한 점을 바로잡다가 다른 점이 틀어지기도 합니다")


@dataclass(frozen=True)
class Learning:
    """The points (N, 2), their labels (N,), every mistake, and how many points were wrong after each (mistakes,)."""

    x: Array
    y: Array
    history: list[Mistake]
    wrong: Array
    epochs: int
    converged: bool
    bound: float


def run(seed: int, advance: Advance) -> Learning:
    """Points labelled by a line drawn from the seed, and a perceptron that does not know the line."""
    generator = Generator(seed)
    angle, offset = random.uniform(2, dtype=np.float64, generator=generator) * (2 * np.pi, 0.6) - (0, 0.3)
    weight, bias = np.array([[np.cos(angle), np.sin(angle)]]), np.array([offset])
    x = random.uniform((8 * SAMPLES, 2), -1, 1, dtype=np.float64, generator=generator)
    scores = (x @ weight.T + bias)[:, 0]
    clear = np.flatnonzero(np.abs(scores) > GAP)[:SAMPLES]
    x, y = x[clear], (scores[clear] > 0).astype(np.int64)
    perceptron = Perceptron().fit(x, y)
    wrong = np.array([((x @ step.weight[0] + step.bias > 0) != y).sum() for step in perceptron.history])
    advance()
    bound = mistake_bound(x, y, weight, bias)
    return Learning(x, y, perceptron.history, wrong, len(perceptron.mistakes), perceptron.converged, bound)


def sentence(result: Learning, language: Language) -> str:
    """The mistakes beside Novikoff's bound."""
    found = FOUND if result.converged else UNFINISHED
    mistakes = len(result.history)
    return found(language, mistakes=mistakes, epochs=result.epochs, samples=len(result.y), bound=result.bound)


def draw(result: Learning, figure: Figure, language: Language) -> None:
    """Left the points and the boundaries, right how many points each of them got wrong."""
    plane, curve = figure.subplots(1, 2, width_ratios=[1, 1.1])
    for label, color, marker in ((0, ORANGE, "s"), (1, BLUE, "o")):
        points = result.x[result.y == label]
        plane.scatter(*points.T, color=color, marker=marker, s=34, edgecolor="white", linewidth=0.6, zorder=3)
    for number, step in enumerate(result.history, start=1):
        last = number == len(result.history)
        strength = 0.15 + 0.6 * number / len(result.history)
        style = {"color": "black", "linewidth": 2.6} if last else {"color": GREY, "alpha": strength, "linewidth": 1}
        ends = _ends(step.weight[0], float(step.bias[0]))
        name = FINAL(language) if last else EARLY(language) if number == (len(result.history) + 1) // 2 else None
        plane.plot(*ends, label=name, **style)
    plane.set(xlim=(-1.08, 1.08), ylim=(-1.08, 1.08), aspect="equal", xlabel="x₁", ylabel="x₂")
    plane.set_title(BOUNDARY(language), loc="left")
    plane.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)

    curve.plot(range(1, len(result.wrong) + 1), result.wrong, color=BLUE, marker="o", markersize=4, linewidth=1.6)
    curve.set(xlabel=MISTAKES(language), ylabel=WRONG(language))
    curve.set_ylim(bottom=-0.5)
    curve.set_title(UNEVEN(language), loc="left")


def _ends(weight: Array, bias: float) -> tuple[list[float], list[float]]:
    """Two far points of the line w·x + b = 0, as x₁ of both and x₂ of both; none where w is 0 and there is no line."""
    if not (squared := float(weight @ weight)):
        return [], []
    foot, along = -bias * weight / squared, np.array([-weight[1], weight[0]]) / squared**0.5
    ends = np.stack([foot - 4 * along, foot + 4 * along], axis=1)
    return ends[0].tolist(), ends[1].tolist()


EXPERIMENT = Experiment("perceptron", SUMMARY, 1, (12, 5.6), run, sentence, draw)
