"""Sparsity: how many activations of a trained network are exactly zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn import optim
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, BOLD, GREEN, GREY, ORANGE, PURPLE
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text
from numpy_nn.explore.rehearsal import parted_digits, seeded, trained
from numpy_nn.modules import GELU, Linear, Module, ReLU, Sequential, Sigmoid, Tanh
from numpy_nn.training import evaluate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LAYERS: dict[str, type[Module]] = {"ReLU": ReLU, "GELU": GELU, "tanh": Tanh, "sigmoid": Sigmoid}
TRAIN, WIDTH, EPOCHS = 1200, 128, 8

SUMMARY = Text(
    en="How many activations of a trained network are exactly zero",
    ko="학습한 신경망의 활성값 가운데 정확히 0인 값의 비율을 셉니다",
)
FOUND = Text(
    en="In the trained ReLU network {first:.1%} of the activations of the first hidden layer and {second:.1%} of the "
    "second are exactly 0 on test images; {others} (test accuracy: ReLU {accuracy:.1%}).",
    ko="학습한 ReLU 신경망은 시험 이미지에서 첫째 은닉층 활성값의 {first:.1%}, 둘째 은닉층 활성값의 {second:.1%}가 "
    "정확히 0입니다. {others} (ReLU의 시험 정확도 {accuracy:.1%})",
)
NONE_ELSE = Text(
    en="with GELU, tanh and the sigmoid none is",
    ko="GELU, tanh, 시그모이드에서는 정확히 0인 값이 하나도 없습니다.",
)
SOME_ELSE = Text(
    en="of the others, the most is {most:.2%}",
    ko="다른 활성화 함수에서는 가장 많아야 {most:.2%}입니다.",
)
SHARES = Text(en="Activations that are exactly 0", ko="정확히 0인 활성값")
FIRST = Text(en="first hidden layer", ko="첫째 은닉층")
SECOND = Text(en="second hidden layer", ko="둘째 은닉층")
SHARE = Text(en="share", ko="비율")
VALUES = Text(en="How the values of the first hidden layer spread", ko="첫째 은닉층 활성값의 분포")
VALUE = Text(en="activation", ko="활성값")
OF_VALUES = Text(en="share of the activations (log scale)", ko="활성값의 비율 (로그 눈금)")


@dataclass(frozen=True)
class Activity:
    """The share of exact zeros in both hidden layers, the first layer's activations (N, WIDTH), the test accuracy."""

    zeros: tuple[float, float]
    first: Array
    accuracy: float


def run(seed: int, advance: Advance) -> dict[str, Activity]:
    """The same network for every activation, trained on the same digits and looked at on those left out."""
    images, target, test_images, test_target = parted_digits(seed, TRAIN)
    found = {}
    for name, layer in LAYERS.items():
        with seeded(seed):
            model = Sequential(Linear(64, WIDTH), layer(), Linear(WIDTH, WIDTH), layer(), Linear(WIDTH, 10))
            trained(model, images, target, optim.Adam(model.parameters(), lr=3e-3), EPOCHS)
        first = model[1](model[0](test_images))
        second = model[3](model[2](first))
        zeros = float((first == 0).mean()), float((second == 0).mean())
        found[name] = Activity(zeros, first, evaluate(model, test_images, test_target))
        advance()
    return found


def sentence(result: dict[str, Activity], language: Language) -> str:
    """ReLU's share of zeros, and the largest among the others."""
    most = max(max(activity.zeros) for name, activity in result.items() if name != "ReLU")
    others = SOME_ELSE(language, most=most) if most else NONE_ELSE(language)
    first, second = result["ReLU"].zeros
    return FOUND(language, first=first, second=second, others=others, accuracy=result["ReLU"].accuracy)


def draw(result: dict[str, Activity], figure: Figure, language: Language) -> None:
    """Left the shares of zeros, right histograms of the activations."""
    shares, *histograms = figure.subplot_mosaic("AABBB;AACCC;AADDD;AAEEE").values()
    places = np.arange(len(result))
    for layer, (label, color) in enumerate(((FIRST, BLUE), (SECOND, ORANGE))):
        heights = [activity.zeros[layer] for activity in result.values()]
        bars = shares.bar(places + 0.4 * layer - 0.2, heights, 0.38, color=color, label=label(language))
        shares.bar_label(bars, [f"{height:.0%}" for height in heights], padding=2)
    shares.set(xticks=places, xticklabels=list(result), ylim=(0, 1), ylabel=SHARE(language))
    shares.set_title(SHARES(language), loc="left")
    shares.legend(loc="upper right")
    edges = np.linspace(-1.1, 3, 83).tolist()
    for axes, (name, activity), color in zip(histograms, result.items(), (BLUE, GREEN, PURPLE, GREY), strict=True):
        values = activity.first.ravel()
        axes.hist(values, bins=edges, weights=np.full(values.size, 1 / values.size), color=color)
        axes.set(yscale="log", ylim=(1e-4, 1), xlim=(-1.1, 3))
        axes.text(0.99, 0.85, name, transform=axes.transAxes, ha="right", va="top", **BOLD)
        if axes is not histograms[-1]:
            axes.tick_params(labelbottom=False)
    histograms[0].set_title(VALUES(language), loc="left")
    histograms[-1].set_xlabel(f"{VALUE(language)}  —  {OF_VALUES(language)}")


EXPERIMENT = Experiment("sparsity", SUMMARY, len(LAYERS), (12, 5.4), run, sentence, draw)
