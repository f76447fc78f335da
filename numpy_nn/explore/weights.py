"""Weights as images: what a trained network looks for, class by class and unit by unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn import optim
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BOLD, picture_only
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text
from numpy_nn.explore.rehearsal import parted_digits, seeded, trained
from numpy_nn.models import SimpleNet
from numpy_nn.modules import Linear
from numpy_nn.training import evaluate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TRAIN, HIDDEN, EPOCHS, UNITS = 1200, 64, 20, 10

SUMMARY = Text(
    en="The weights of trained networks, seen as images",
    ko="학습한 신경망의 가중치를 이미지로 봅니다",
)
FOUND = Text(
    en="Softmax regression is right on {linear:.1%} of the test digits. Its weight image of a class correlates by "
    "{mean:.2f} on average with what sets that class's mean digit apart (least: {worst}, {least:.2f}). {verdict} "
    "SimpleNet, with {hidden} hidden units between, is right on {net:.1%}.",
    ko="소프트맥스 회귀는 시험 숫자의 {linear:.1%}를 맞힙니다. 클래스마다 가중치 이미지와 그 숫자의 평균이 남다른 "
    "부분의 상관은 평균 {mean:.2f}이고, 가장 낮은 숫자는 {worst}({least:.2f})입니다. {verdict} 은닉 유닛 {hidden}개를 "
    "둔 SimpleNet은 {net:.1%}를 맞힙니다.",
)
TEMPLATES = Text(
    en="The weights are templates of the classes.",
    ko="가중치가 클래스의 본보기 노릇을 합니다.",
)
NO_TEMPLATES = Text(
    en="The weights are no plain templates of the classes.",
    ko="가중치가 클래스의 본보기와 그대로 겹치지는 않습니다.",
)
MEANS = Text(en="mean digit minus\nthe mean of all", ko="숫자의 평균에서\n전체 평균을 뺀 것")
CLASSES = Text(en="softmax regression:\nweights of the class", ko="소프트맥스 회귀:\n클래스의 가중치")
PARTS = Text(en="SimpleNet: units of\nthe first layer", ko="SimpleNet:\n첫 층의 유닛")
SIGNS = Text(en="blue: ink there counts for it", ko="파랑: 잉크가 있으면 찬성")
AGAINST = Text(en="red: ink there counts against it", ko="빨강: 잉크가 있으면 반대")


@dataclass(frozen=True)
class Weights:
    """Images (10, 64): each class's weights, its mean digit less the mean of all, the UNITS strongest hidden units.

    correlations: (10,), between the first two.  linear, net: the test accuracies.
    """

    classes: Array
    means: Array
    units: Array
    correlations: Array
    linear: float
    net: float


def run(seed: int, advance: Advance) -> Weights:
    """Train softmax regression and SimpleNet on the same digits."""
    images, target, test_images, test_target = parted_digits(seed, TRAIN)
    with seeded(seed):
        linear = Linear(64, 10)
        trained(linear, images, target, optim.SGD(linear.parameters(), lr=0.1), EPOCHS)
        advance()
        net = SimpleNet(64, HIDDEN, 10)
        trained(net, images, target, optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3), EPOCHS)
        advance()
    classes = linear.weight.data - linear.weight.data.mean(axis=0)  # what all classes share, the softmax does not see
    means = np.stack([images[target == label].mean(axis=0) for label in range(10)])
    means = means - means.mean(axis=0)
    correlations = np.array([np.corrcoef(image, mean)[0, 1] for image, mean in zip(classes, means, strict=True)])
    influence = np.linalg.norm(net.fc1.weight.data, axis=1) * np.linalg.norm(net.fc2.weight.data, axis=0)
    strongest = np.argsort(-influence)[:UNITS]
    accuracies = (evaluate(model, test_images, test_target) for model in (linear, net))
    return Weights(classes, means, net.fc1.weight.data[strongest], correlations, *accuracies)


def sentence(result: Weights, language: Language) -> str:
    """How much a class's weights look like the class."""
    worst = int(result.correlations.argmin())
    mean = float(result.correlations.mean())
    return FOUND(
        language,
        linear=result.linear,
        hidden=HIDDEN,
        net=result.net,
        mean=mean,
        worst=worst,
        least=result.correlations[worst],
        verdict=(TEMPLATES if mean > 0.5 else NO_TEMPLATES)(language),
    )


def draw(result: Weights, figure: Figure, language: Language) -> None:
    """Three rows of images: mean digits, class weights, hidden units."""
    rows = figure.subplots(3, 10)
    for row, images, title in zip(
        rows, (result.means, result.classes, result.units), (MEANS, CLASSES, PARTS), strict=True
    ):
        for axes, image in zip(row, images, strict=True):
            _show(axes, image)
        row[0].set_ylabel(title(language), rotation=0, ha="right", va="center", labelpad=12, fontsize=11)
    for label, (top, middle) in enumerate(zip(rows[0], rows[1], strict=True)):
        top.set_title(f"{label}", **BOLD)
        middle.set_xlabel(f"r = {result.correlations[label]:.2f}", fontsize=10)
    figure.supxlabel(f"{SIGNS(language)},  {AGAINST(language)}", fontsize=11)


def _show(axes: Axes, image: Array) -> None:
    """One image, white at zero."""
    largest = float(np.abs(image).max())
    axes.imshow(image.reshape(8, 8), cmap="RdBu", vmin=-largest, vmax=largest)
    picture_only(axes)


EXPERIMENT = Experiment("weights", SUMMARY, 2, (13, 4.8), run, sentence, draw)
