"""Dying ReLU: too large a learning rate silences units, and a ReLU that is silent everywhere gets no gradient again."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

from numpy_nn import optim
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, GREEN, GREY, ORANGE
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text
from numpy_nn.explore.rehearsal import epochs, parted_digits, seeded
from numpy_nn.modules import LeakyReLU, Linear, Sequential
from numpy_nn.training import NonFiniteError, evaluate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SLOPES = {"ReLU": 0.0, "Leaky ReLU, 0.01": 0.01, "Leaky ReLU, 0.1": 0.1}
"""What each lets through below zero; ReLU is the Leaky ReLU that lets nothing through."""

TRAIN, WIDTH, FIERCE, CALM, FIERCE_EPOCHS, EPOCHS = 1000, 64, 0.9, 0.05, 5, 20

SUMMARY = Text(
    en="Units that fall silent under a large learning rate: ReLU against Leaky ReLU",
    ko="큰 학습률에서 유닛이 죽는 정도를 ReLU와 Leaky ReLU로 견줍니다",
)
FOUND = Text(
    en="After {epochs} epochs at learning rate {fierce:g}, {relu} of {units} hidden units are silent on every training "
    "image with ReLU, {leaky} with a Leaky ReLU of slope 0.1. {later} epochs later, at {calm:g}, they are {relu_end} "
    "and {leaky_end}, and the test accuracy is {relu_accuracy:.1%} and {leaky_accuracy:.1%}: {verdict}",
    ko="학습률 {fierce:g}로 {epochs} 에폭을 돌면 은닉 유닛 {units}개 가운데 모든 학습 이미지에서 침묵하는 유닛은 ReLU "
    "{relu}개, 기울기 0.1의 Leaky ReLU {leaky}개입니다. 학습률을 {calm:g}로 낮추어 {later} 에폭을 더 돌면 각각 "
    "{relu_end}개와 {leaky_end}개이고, 시험 정확도는 {relu_accuracy:.1%}와 {leaky_accuracy:.1%}입니다. {verdict}",
)
DIED = Text(
    en="the leak kept more units alive.",
    ko="음수 쪽의 작은 기울기가 더 많은 유닛을 살렸습니다.",
)
NOT_WORSE = Text(
    en="from this seed the leak did not keep more units alive.",
    ko="이 시드에서는 음수 쪽의 작은 기울기가 더 많은 유닛을 살리지 못했습니다.",
)
DIVERGED = Text(
    en="At learning rate {fierce:g} the loss of {which} became infinite or nan from this seed; there is nothing to "
    "compare. Try another --seed.",
    ko="이 시드에서는 학습률 {fierce:g}에서 {which}의 손실이 발산하여 견줄 것이 없습니다. 다른 --seed로 해 보세요.",
)
SILENT = Text(en="Hidden units that no training image activates", ko="어떤 학습 이미지에도 켜지지 않는 은닉 유닛")
UNITS = Text(en="silent units of {units}", ko="침묵하는 유닛 ({units}개 중)")
LOSS = Text(en="Training loss", ko="학습 손실")
EPOCH = Text(en="epoch", ko="에폭")
LOWERED = Text(en="learning rate\n{fierce:g} → {calm:g}", ko="학습률\n{fierce:g} → {calm:g}")


@dataclass(frozen=True)
class Course:
    """After each epoch the silent units and the loss, nan once it has diverged; the test accuracy at the end."""

    silent: list[float]
    losses: list[float]
    accuracy: float


def run(seed: int, advance: Advance) -> dict[str, Course]:
    """The same network from the same start, once for each slope below zero."""
    images, target, test_images, test_target = parted_digits(seed, TRAIN)
    courses = {}
    for name, slope in SLOPES.items():
        with seeded(seed):
            model = Sequential(
                *(Linear(64, WIDTH), LeakyReLU(slope)), *(Linear(WIDTH, WIDTH), LeakyReLU(slope)), Linear(WIDTH, 10)
            )
            optimizer = optim.SGD(model.parameters(), lr=FIERCE)
            silent, losses = [], []
            try:
                for epoch, loss in enumerate(epochs(model, images, target, optimizer, EPOCHS), start=1):
                    if epoch == FIERCE_EPOCHS:
                        optimizer.param_groups[0]["lr"] = CALM
                    silent.append(float(_silent(model, images)))
                    losses.append(loss)
            except NonFiniteError:
                pass  # it diverged: what follows is nan
        accuracy = evaluate(model, test_images, test_target) if len(losses) == EPOCHS else nan
        rest = [nan] * (EPOCHS - len(losses))
        courses[name] = Course(silent + rest, losses + rest, accuracy)
        advance()
    return courses


def _silent(model: Sequential, images: Array) -> int:
    """How many hidden units are not above zero for any image."""
    first = model[1](model[0](images))
    second = model[3](model[2](first))
    return int((first <= 0).all(axis=0).sum() + (second <= 0).all(axis=0).sum())


def sentence(result: dict[str, Course], language: Language) -> str:
    """The silent units when the learning rate is lowered and at the end, and the accuracy they leave."""
    relu, leaky = result["ReLU"], result["Leaky ReLU, 0.1"]
    if diverged := [name for name in ("ReLU", "Leaky ReLU, 0.1") if isnan(result[name].accuracy)]:
        return DIVERGED(language, fierce=FIERCE, which=diverged[0])
    return FOUND(
        language,
        epochs=FIERCE_EPOCHS,
        fierce=FIERCE,
        calm=CALM,
        units=2 * WIDTH,
        later=EPOCHS - FIERCE_EPOCHS,
        relu=f"{relu.silent[FIERCE_EPOCHS - 1]:.0f}",
        leaky=f"{leaky.silent[FIERCE_EPOCHS - 1]:.0f}",
        relu_end=f"{relu.silent[-1]:.0f}",
        leaky_end=f"{leaky.silent[-1]:.0f}",
        relu_accuracy=relu.accuracy,
        leaky_accuracy=leaky.accuracy,
        verdict=(DIED if relu.silent[-1] > leaky.silent[-1] else NOT_WORSE)(language),
    )


def draw(result: dict[str, Course], figure: Figure, language: Language) -> None:
    """Silent units and loss by epoch; a line where the learning rate is lowered."""
    silent, losses = figure.subplots(1, 2)
    for (name, course), color, marker in zip(result.items(), (ORANGE, GREEN, BLUE), "so^", strict=True):
        style = {"color": color, "marker": marker, "markersize": 5, "linewidth": 1.8, "label": name}
        silent.plot(range(1, EPOCHS + 1), course.silent, **style)
        losses.plot(range(1, EPOCHS + 1), course.losses, **style)
    silent.set(ylabel=UNITS(language, units=2 * WIDTH), ylim=(0, 2 * WIDTH))
    silent.set_title(SILENT(language), loc="left")
    losses.set_ylim(bottom=0)
    losses.set_title(LOSS(language), loc="left")
    for axes in (silent, losses):
        axes.axvline(FIERCE_EPOCHS + 0.5, color=GREY, linewidth=1, linestyle=":")
        axes.set(xlabel=EPOCH(language), xticks=[1, 5, 10, 15, 20])
    words = LOWERED(language, fierce=FIERCE, calm=CALM)
    silent.annotate(words, (FIERCE_EPOCHS + 0.8, 2 * WIDTH), va="top", color=GREY)
    losses.legend(loc="upper right", fontsize=11)


EXPERIMENT = Experiment("dying-relu", SUMMARY, len(SLOPES), (12, 4.8), run, sentence, draw)
