"""XOR: no line separates it, so the perceptron goes round in circles; one hidden layer is enough."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn import functional as F
from numpy_nn import optim
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, BOLD, ORANGE
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text
from numpy_nn.explore.rehearsal import seeded
from numpy_nn.models import SimpleNet
from numpy_nn.modules import CrossEntropyLoss
from numpy_nn.perceptron import ConvergenceWarning, Perceptron
from numpy_nn.training import predict, train_step

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EPOCHS, HIDDEN, STEPS, SIDE = 30, 8, 400, 101

SUMMARY = Text(
    en="XOR, which no line separates: the perceptron against a small hidden layer",
    ko="직선 하나로는 가를 수 없는 XOR에서 퍼셉트론과 작은 은닉층을 견줍니다",
)
CYCLE = Text(
    en="The perceptron comes back to the same weights after {loop} mistakes (epochs in the loop: {period}), so it goes "
    "round for ever and never separates XOR; at no point of the loop are more than {best} of the four points right.",
    ko="퍼셉트론은 {loop}번 틀릴 때마다 같은 가중치로 돌아와(한 바퀴의 에폭 수: {period}) 끝없이 맴돌 뿐 XOR를 가르지 "
    "못합니다. 한 바퀴를 도는 동안 네 점 가운데 많아야 {best}개를 맞힙니다.",
)
NO_CYCLE = Text(
    en="In {epochs} epochs the perceptron did not come back to the same weights, and ended with {most} mistakes.",
    ko="{epochs} 에폭 동안 퍼셉트론의 가중치가 같은 값으로 돌아오지 않았고, 마지막 에폭에 {most}번 틀렸습니다.",
)
SOLVED = Text(
    en=" A hidden layer of {hidden} ReLU units gets all four points right after {steps} steps of Adam, at a loss of "
    "{loss:.4f}.",
    ko=" ReLU 유닛 {hidden}개의 은닉층은 Adam {steps}걸음 만에 네 점을 모두 맞히며, 손실은 {loss:.4f}입니다.",
)
UNSOLVED = Text(
    en=" From this seed the hidden layer of {hidden} ReLU units gets {right} of the four points right after {steps} "
    "steps of Adam (loss {loss:.4f}): it can express XOR, but this start led elsewhere.",
    ko=" 이 시드에서 ReLU 유닛 {hidden}개의 은닉층은 Adam {steps}걸음 뒤 네 점 가운데 {right}개를 맞힙니다(손실 "
    "{loss:.4f}). XOR를 나타낼 수는 있지만 이 출발점에서는 거기에 이르지 못했습니다.",
)
LAST = Text(en="After mistake {number}: {right} of 4 right", ko="{number}번 틀린 뒤: 4개 중 {right}개 맞음")
NET = Text(en="Probability of class 1", ko="클래스 1의 확률")
WRONG = Text(
    en="Left, the perceptron after its last four mistakes (× wrong); right, a network with one hidden layer",
    ko="왼쪽은 마지막으로 네 번 틀린 뒤의 퍼셉트론(× 틀린 점), 오른쪽은 은닉층이 하나 있는 신경망",
)


@dataclass(frozen=True)
class Xor:
    """The perceptron's mistakes in each epoch, its weights after each, its loop in epochs (0: none), and the network.

    states: (M, 3), rows (w₁, w₂, b).  probability: (SIDE, SIDE), of class 1 on the grid `axis` × `axis`, rows x₂.
    right: (4,), which of the four points the network gets right.  loss: its cross-entropy.
    """

    mistakes: list[int]
    states: Array
    period: int
    axis: Array
    probability: Array
    right: Array
    loss: float


POINTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
TARGET = np.array([0, 1, 1, 0])


def run(seed: int, advance: Advance) -> Xor:
    """The perceptron, which starts at 0 whatever the seed, and a SimpleNet 2-8-2 whose start the seed decides."""
    perceptron = Perceptron()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is what this is about
        perceptron.fit(POINTS, TARGET, max_epochs=EPOCHS)
    advance()
    with seeded(seed):
        model = SimpleNet(2, HIDDEN, 2)
    optimizer, criterion = optim.Adam(model.parameters(), lr=0.03), CrossEntropyLoss()
    for _ in range(STEPS):
        train_step(model, POINTS, TARGET, optimizer, criterion)
    advance()
    axis = np.linspace(-0.5, 1.5, SIDE, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    probability = F.softmax(model(grid), dim=-1)[0][..., 1]
    loss = float(F.cross_entropy(model(POINTS), TARGET)[0])
    steps = [(*step.weight[0], *step.bias) for step in perceptron.history]
    ends = [steps[sum(perceptron.mistakes[: epoch + 1]) - 1] for epoch in range(EPOCHS)]
    right = predict(model, POINTS) == TARGET
    return Xor(perceptron.mistakes, np.array(steps), _period(ends), axis, probability, right, loss)


def _period(states: list[tuple[float, ...]]) -> int:
    """After how many epochs the last weights come back, 0 where they do not.

    An epoch's end follows from its beginning alone, so what has come back once comes back for ever.
    """
    earlier = states[-2::-1]
    return earlier.index(states[-1]) + 1 if states[-1] in earlier else 0


def sentence(result: Xor, language: Language) -> str:
    """Whether the perceptron goes in circles, and whether the network has learned XOR."""
    if result.period:
        loop = sum(result.mistakes[-result.period :])
        best = max(int(correct(state).sum()) for state in result.states[-loop:])
        first = CYCLE(language, loop=loop, period=result.period, best=best)
    else:
        first = NO_CYCLE(language, epochs=len(result.mistakes), most=result.mistakes[-1])
    second = SOLVED if result.right.all() else UNSOLVED
    return first + second(language, hidden=HIDDEN, steps=STEPS, loss=result.loss, right=int(result.right.sum()))


def correct(state: Array) -> Array:
    """Which of the four points the weights (w₁, w₂, b) get right: (4,)."""
    return (POINTS @ state[:2] + state[2] > 0) == TARGET


def draw(result: Xor, figure: Figure, language: Language) -> None:
    """Four small maps for the perceptron's last four mistakes, a large one for the network."""
    panels = figure.subplot_mosaic("ABNN;CDNN", width_ratios=[1, 1, 1.15, 1.15])
    *maps, net = (panels[name] for name in "ABCDN")
    x1, x2 = np.meshgrid(result.axis, result.axis)
    for number, (axes, state) in enumerate(zip(maps, result.states[-4:], strict=True), start=len(result.states) - 3):
        score = state[0] * x1 + state[1] * x2 + state[2]
        axes.contourf(x1, x2, score > 0, levels=[-0.5, 0.5, 1.5], colors=[ORANGE, BLUE], alpha=0.25)
        right = correct(state)
        _points(axes, right)
        axes.set_title(LAST(language, number=number, right=int(right.sum())), loc="left", fontsize=10)
    shades = net.contourf(x1, x2, result.probability, levels=np.linspace(0, 1, 11), cmap="RdBu", alpha=0.7)
    net.contour(x1, x2, result.probability, levels=[0.5], colors="black", linewidths=2)
    _points(net, result.right)
    net.set_title(NET(language), loc="left")
    figure.colorbar(shades, ax=net, ticks=[0, 0.5, 1], shrink=0.8)
    figure.suptitle(WRONG(language), fontsize=11)


def _points(axes: Axes, right: Array) -> None:
    """The four points of XOR, crossed out where they are not right."""
    for point, label, good in zip(POINTS, TARGET, right, strict=True):
        color, marker = ((ORANGE, "s"), (BLUE, "o"))[label]
        axes.scatter(point[0], point[1], color=color, marker=marker, s=150, edgecolor="white", linewidth=1.5, zorder=3)
        if good:
            axes.annotate(f"{label}", point, ha="center", va="center", color="white", zorder=4, **BOLD)
        else:
            axes.scatter(point[0], point[1], color="black", marker="x", s=150, linewidth=2.5, zorder=4)
    axes.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), aspect="equal", xlabel="x₁", ylabel="x₂")
    axes.set(xticks=[0, 1], yticks=[0, 1])


EXPERIMENT = Experiment("xor", SUMMARY, 2, (13, 6), run, sentence, draw)
