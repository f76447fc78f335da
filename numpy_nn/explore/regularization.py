"""Overfitting: few digits, some of them mislabelled, learned by heart or not, with L2 or dropout against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from numpy_nn import functional as F
from numpy_nn import optim, random
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, GREEN, ORANGE
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text
from numpy_nn.explore.rehearsal import epochs, parted_digits, seeded
from numpy_nn.models import SimpleNet
from numpy_nn.random import Generator
from numpy_nn.training import evaluate, predict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TRAIN, MISLABELLED, EPOCHS, DECAY, DROPOUT = 200, 40, 80, 0.01, 0.6

SUMMARY = Text(
    en="L2 and dropout against overfitting, on a few digits of which some are mislabelled",
    ko="이름표가 더러 틀린 적은 수의 숫자로, L2와 드롭아웃이 과적합을 얼마나 막는지 봅니다",
)
FOUND = Text(
    en="Of {mislabelled} wrong labels among {train} digits the plain network learned {plain_heart} by heart, L2 "
    "{l2_heart}, dropout {dropout_heart}; on test digits they are right on {plain:.1%}, {l2:.1%} and {dropout:.1%}, "
    "and the loss there is {plain_gap:+.2f}, {l2_gap:+.2f} and {dropout_gap:+.2f} from that in training: {verdict}",
    ko="숫자 {train}개에 섞인 틀린 이름표 {mislabelled}개 가운데 그대로 외운 수는 규제 없음 {plain_heart}개, L2 "
    "{l2_heart}개, 드롭아웃 {dropout_heart}개입니다. 시험 정확도는 차례로 {plain:.1%}, {l2:.1%}, {dropout:.1%}이고, "
    "시험 손실과 학습 손실의 차이는 {plain_gap:+.2f}, {l2_gap:+.2f}, {dropout_gap:+.2f}입니다. {verdict}",
)
BOTH = Text(en="both narrow the gap.", ko="둘 다 그 차이를 줄입니다.")
ONE = Text(en="only {which} narrows the gap here.", ko="여기서는 {which}만 그 차이를 줄입니다.")
NEITHER = Text(en="neither narrows the gap here.", ko="여기서는 어느 쪽도 그 차이를 줄이지 못합니다.")
NAMES = {
    "plain": Text(en="nothing against it", ko="규제 없음"),
    "l2": Text(en=f"L2, weight decay {DECAY:g}", ko=f"L2, 가중치 감쇠 {DECAY:g}"),
    "dropout": Text(en=f"dropout {DROPOUT:g}", ko=f"드롭아웃 {DROPOUT:g}"),
}
LOSS = Text(en="Loss", ko="손실")
ACCURACY = Text(en="Accuracy", ko="정확도")
TRAINED = Text(en="on the training digits, wrong labels included", ko="학습 숫자 (틀린 이름표 포함)")
TESTED = Text(en="on test digits", ko="시험 숫자")
EPOCH = Text(en="epoch", ko="에폭")


@dataclass(frozen=True)
class Course:
    """After each epoch the losses and accuracies in training and test, and the wrong labels known by heart at last."""

    train_losses: list[float]
    test_losses: list[float]
    train_accuracies: list[float]
    test_accuracies: list[float]
    by_heart: int

    @property
    def gap(self) -> float:
        """How much larger the loss is on test digits than in training, at the end."""
        return self.test_losses[-1] - self.train_losses[-1]


def run(seed: int, advance: Advance) -> dict[str, Course]:
    """The same network from the same start on the same digits, plain, with L2 and with dropout."""
    images, target, test_images, test_target = parted_digits(seed, TRAIN)
    target[:MISLABELLED] += random.randint(1, 10, MISLABELLED, generator=Generator(seed))
    target %= 10
    courses = {}
    for name in NAMES:
        with seeded(seed):
            model = SimpleNet(64, 128, 10, dropout=DROPOUT if name == "dropout" else 0.0)
            optimizer = optim.Adam(model.parameters(), lr=3e-3, weight_decay=DECAY if name == "l2" else 0)
            course = Course([], [], [], [], 0)
            for _ in epochs(model, images, target, optimizer, EPOCHS, batch_size=20):
                course.train_losses.append(_loss(model, images, target))
                course.test_losses.append(_loss(model, test_images, test_target))
                course.train_accuracies.append(evaluate(model, images, target))
                course.test_accuracies.append(evaluate(model, test_images, test_target))
        by_heart = int((predict(model, images) == target)[:MISLABELLED].sum())
        lists = course.train_losses, course.test_losses, course.train_accuracies, course.test_accuracies
        courses[name] = Course(*lists, by_heart)
        advance()
    return courses


def _loss(model: SimpleNet, images: Array, target: Array) -> float:
    """The mean cross-entropy."""
    return float(F.cross_entropy(model(images), target)[0])


def sentence(result: dict[str, Course], language: Language) -> str:
    """Labels known by heart, test accuracy and the gap, and which of the two means narrowed it."""
    narrower = [name for name in ("l2", "dropout") if result[name].gap < result["plain"].gap]
    verdict = (NEITHER, ONE, BOTH)[len(narrower)](language, which=NAMES[narrower[0]](language) if narrower else "")
    numbers: dict[str, float] = {}
    for name, course in result.items():
        numbers |= {name: course.test_accuracies[-1], f"{name}_gap": course.gap, f"{name}_heart": course.by_heart}
    return FOUND(language, train=TRAIN, mislabelled=MISLABELLED, verdict=verdict, **numbers)


def draw(result: dict[str, Course], figure: Figure, language: Language) -> None:
    """Loss and accuracy by epoch: dashed in training, solid in the test."""
    losses, accuracies = figure.subplots(1, 2)
    for (name, course), color in zip(result.items(), (ORANGE, BLUE, GREEN), strict=True):
        steps = range(1, EPOCHS + 1)
        for axes, train, test in (
            (losses, course.train_losses, course.test_losses),
            (accuracies, course.train_accuracies, course.test_accuracies),
        ):
            axes.plot(steps, train, color=color, linewidth=1.6, linestyle="--")
            axes.plot(steps, test, color=color, linewidth=2.2)
        losses.plot([], [], color=color, linewidth=4, label=NAMES[name](language))
    losses.plot([], [], color="black", linewidth=1.6, linestyle="--", label=TRAINED(language))
    losses.plot([], [], color="black", linewidth=2.2, label=TESTED(language))
    losses.set(xlabel=EPOCH(language))
    losses.set_ylim(bottom=0)
    losses.set_title(LOSS(language), loc="left")
    accuracies.set(xlabel=EPOCH(language), ylim=(0.4, 1))
    accuracies.set_title(ACCURACY(language), loc="left")
    for axes in (losses, accuracies):
        axes.grid(axis="y", color="#e5e5e5")
    figure.legend(*losses.get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=10)


EXPERIMENT = Experiment("regularization", SUMMARY, len(NAMES), (12, 5.2), run, sentence, draw)
