"""Three things that brains are good at, asked of a network: losing neurons, seeing through noise, learning from few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn import optim, random
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, GREY, ORANGE
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text
from numpy_nn.explore.rehearsal import parted_digits, seeded, trained
from numpy_nn.models import SimpleNet
from numpy_nn.random import Generator
from numpy_nn.training import evaluate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TRAIN, HIDDEN, EPOCHS, DROPOUT, DRAWS = 1000, 128, 15, 0.5, 5
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
NOISES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
SHOTS = (1, 2, 5, 10, 20, 50)

SUMMARY = Text(
    en="Lost neurons, noise and few examples: how gracefully a network degrades",
    ko="뉴런을 잃거나 잡음이 끼거나 예가 적을 때 신경망의 성능이 어떻게 떨어지는지 봅니다",
)
FOUND = Text(
    en="With {half:.0%} of its hidden neurons silenced the network is right on {plain:.1%} of the test digits instead "
    "of {whole:.1%}, and on {dropped:.1%} if it was trained with dropout: {verdict}. Noise of {noise:g} (ink is 1) "
    "leaves {noisy:.1%}, and one example of each digit teaches it {one:.1%}, {shots} of each {many:.1%}.",
    ko="은닉 뉴런의 {half:.0%}를 침묵시키면 시험 정확도가 {whole:.1%}에서 {plain:.1%}로 바뀌고, 드롭아웃으로 "
    "학습했다면 {dropped:.1%}가 됩니다. {verdict} 크기 {noise:g}의 잡음(잉크가 1)이 끼면 {noisy:.1%}가 남습니다. "
    "숫자마다 예 하나로 배우면 {one:.1%}, {shots}개로 배우면 {many:.1%}를 맞힙니다.",
)
GRACEFUL = Text(
    en="having had to do without some of them, it depends less on each",
    ko="일부 없이 푸는 연습을 한 신경망은 뉴런 하나하나에 덜 기댑니다.",
)
NOT_MORE = Text(
    en="here dropout did not make it hardier",
    ko="여기서는 드롭아웃이 더 튼튼하게 만들지 못했습니다.",
)
LOST = Text(en="Lost neurons", ko="잃은 뉴런")
SHARE = Text(en="share of hidden neurons silenced", ko="침묵시킨 은닉 뉴런의 비율")
NOISE = Text(en="Noise", ko="잡음")
STRENGTH = Text(en="standard deviation of the noise (ink is 1)", ko="잡음의 표준편차 (잉크가 1)")
FEW = Text(en="Few examples", ko="적은 예")
EXAMPLES = Text(en="training examples of each digit", ko="숫자마다 학습한 예의 수")
ACCURACY = Text(en="accuracy on test digits", ko="시험 정확도")
PLAIN = Text(en="trained plainly", ko="그냥 학습")
DROPPED = Text(en="trained with dropout 0.5", ko="드롭아웃 0.5로 학습")
CHANCE = Text(en="guessing", ko="찍기")


@dataclass(frozen=True)
class Degradation:
    """Test accuracies of the plain network and the one trained with dropout, and of the plain one from few examples."""

    lost: dict[str, list[float]]
    noisy: dict[str, list[float]]
    few: list[float]


def run(seed: int, advance: Advance) -> Degradation:
    """Train, then take neurons away and add noise; then train again on ever more examples."""
    images, target, test_images, test_target = parted_digits(seed, TRAIN)
    lost, noisy = {}, {}
    for name, dropout in (("plain", 0.0), ("dropout", DROPOUT)):
        model = _taught(seed, images, target, EPOCHS, dropout)
        generator = Generator(seed)
        orders = [random.randperm(HIDDEN, generator=generator) for _ in range(DRAWS)]
        noise = random.normal(test_images.shape, generator=generator)
        lost[name] = [_without(model, orders, share, test_images, test_target) for share in SHARES]
        noisy[name] = [evaluate(model, test_images + np.float32(level) * noise, test_target) for level in NOISES]
        advance()
    few = []
    for shots in SHOTS:
        chosen = np.concatenate([np.flatnonzero(target == label)[:shots] for label in range(10)])
        model = _taught(seed, images[chosen], target[chosen], 100, 0.0)
        few.append(evaluate(model, test_images, test_target))
        advance()
    return Degradation(lost, noisy, few)


def _taught(seed: int, images: Array, target: Array, epochs: int, dropout: float) -> SimpleNet:
    """A SimpleNet trained on the digits, in evaluation mode."""
    with seeded(seed):
        model = SimpleNet(64, HIDDEN, 10, dropout=dropout)
        trained(model, images, target, optim.Adam(model.parameters(), lr=3e-3), epochs)
    return model


def _without(model: SimpleNet, orders: list[Array], share: float, images: Array, target: Array) -> float:
    """The accuracy without a share of the hidden neurons, the first of each order; the mean over the orders."""
    hidden = model.relu(model.fc1(images))
    right = 0
    for order in orders:
        alive = np.ones(HIDDEN, hidden.dtype)
        alive[order[: round(share * HIDDEN)]] = 0
        right += int((model.fc2(hidden * alive).argmax(axis=1) == target).sum())
    return right / (len(orders) * len(target))


def sentence(result: Degradation, language: Language) -> str:
    """Half the neurons, a middling noise, one example: what each leaves."""
    half, noise = SHARES.index(0.5), NOISES.index(0.4)
    plain, dropped = result.lost["plain"][half], result.lost["dropout"][half]
    return FOUND(
        language,
        half=SHARES[half],
        whole=result.lost["plain"][0],
        plain=plain,
        dropped=dropped,
        verdict=(GRACEFUL if dropped > plain else NOT_MORE)(language),
        noise=NOISES[noise],
        noisy=result.noisy["plain"][noise],
        one=result.few[0],
        shots=SHOTS[-1],
        many=result.few[-1],
    )


def draw(result: Degradation, figure: Figure, language: Language) -> None:
    """Three curves of accuracy: by neurons lost, by noise, by examples."""
    panels = figure.subplots(1, 3, sharey=True)
    styles = (("plain", ORANGE, "s", PLAIN), ("dropout", BLUE, "o", DROPPED))
    for name, color, marker, label in styles:
        style = {"color": color, "marker": marker, "markersize": 5, "linewidth": 2, "label": label(language)}
        panels[0].plot(SHARES, result.lost[name], **style)
        panels[1].plot(NOISES, result.noisy[name], **style)
    panels[2].plot(SHOTS, result.few, color=ORANGE, marker="s", markersize=5, linewidth=2)
    panels[2].set(xscale="log", xticks=SHOTS, xticklabels=SHOTS)
    panels[2].minorticks_off()
    titles, labels = (LOST, NOISE, FEW), (SHARE, STRENGTH, EXAMPLES)
    for axes, title, label in zip(panels, titles, labels, strict=True):
        axes.axhline(0.1, color=GREY, linewidth=1, linestyle=":", label=CHANCE(language))
        axes.set(ylim=(0, 1.02), xlabel=label(language))
        axes.set_title(title(language), loc="left")
        axes.grid(axis="y", color="#e5e5e5")
    panels[0].set_ylabel(ACCURACY(language))
    panels[0].legend(loc="lower left", bbox_to_anchor=(0, 0.1))


EXPERIMENT = Experiment("brain", SUMMARY, 2 + len(SHOTS), (13, 4.6), run, sentence, draw)
