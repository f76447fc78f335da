"""Images and words in one space: a digit finds its word, a word its digits, and two languages meet over pictures."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np

from numpy_nn import data, optim
from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, GREY, ORANGE, picture_only
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text
from numpy_nn.explore.rehearsal import parted_digits, seeded
from numpy_nn.models import ImageText

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TRAIN, BATCH, RATE, NEAREST = 1200, 64, 3e-3, 10
WIDE, FLAT = (16, 8), (2, 16)
"""Dimensions of the space, and epochs of training: one that has room, and one that can be seen."""
SHOWN, RINGS, APART_BY = 300, (0.93, 0.83, 0.73, 0.63, 0.53), 0.085
"""How many images are put on the picture of the circle, at which distances, and how near to each other they may be."""

ENGLISH = "zero one two three four five six seven eight nine".split()
KOREAN = "영 일 이 삼 사 오 육 칠 팔 구".split()

SUMMARY = Text(
    en="Digits and words in one space, by a contrastive loss: images find words, and words images",
    ko="대조 손실로 숫자 그림과 낱말을 한 공간에 놓으면 그림은 낱말을, 낱말은 그림을 찾아냅니다",
)
FOUND = Text(
    en="After {steps} steps an unseen image finds its English word {english:.1%} of the time, its Korean word "
    "{korean:.1%} (guessing: 10.0%), and of the {nearest} images nearest to a word {precision:.1%} are right. For "
    "{translated} of 10 English words the nearest Korean word is the translation: {verdict}. In a space of two "
    "dimensions, a mere circle, {flat:.1%} of the images still find their word.",
    ko="{steps}번 갱신하고 나면 처음 보는 그림이 영어 낱말을 찾는 비율은 {english:.1%}, 한국어 낱말을 찾는 비율은 "
    "{korean:.1%}이고(찍으면 10.0%), 낱말에서 가장 가까운 그림 {nearest}장 가운데 {precision:.1%}가 맞습니다. 영어 "
    "낱말 10개 가운데 {translated}개는 가장 가까운 한국어 낱말이 제 번역입니다. {verdict} 공간이 2차원, 곧 원 "
    "하나뿐이어도 그림의 {flat:.1%}가 제 낱말을 찾습니다.",
)
MET = Text(
    en="no two words were ever compared, they met over the pictures",
    ko="낱말끼리는 한 번도 견주지 않았으니, 그림을 사이에 두고 만난 것입니다.",
)
APART = Text(
    en="here the pictures have not brought the two languages together",
    ko="여기서는 그림이 두 언어를 이어 주지 못했습니다.",
)
CIRCLE = Text(
    en="An image finds its word: a space of two dimensions",
    ko="그림이 낱말을 찾습니다: 2차원 공간",
)
ROWS = Text(
    en="A word finds its images: sixteen dimensions",
    ko="낱말이 그림을 찾습니다: 16차원 공간",
)
RIGHT = Text(en="the nearest word is right", ko="가장 가까운 낱말이 맞음")
WRONG = Text(en="another word is nearer", ko="다른 낱말이 더 가까움")


@dataclass(frozen=True)
class Space:
    """Where the test images and the words ended: unit vectors, images (N, D) and words (20, D), English ones first.

    target: (N,), the digits that the images show.  steps: how often the parameters were moved.
    """

    images: Array
    words: Array
    target: Array
    steps: int

    def nearest(self, first: int) -> Array:
        """For each image, the nearest of the ten words from the first on: (N,), 0 to 9."""
        return (self.images @ self.words[first : first + 10].T).argmax(axis=1)

    def accuracy(self, first: int) -> float:
        """How many images find their word among the ten."""
        return float((self.nearest(first) == self.target).mean())

    def retrieved(self) -> Array:
        """For each word the nearest images, the nearest first: (20, NEAREST)."""
        return np.argsort(-self.words @ self.images.T, axis=1, kind="stable")[:, :NEAREST]

    def precision(self) -> float:
        """How many of the images nearest to a word show its digit."""
        return float((self.target[self.retrieved()] == np.arange(20)[:, None] % 10).mean())

    def translated(self) -> int:
        """For how many English words the nearest Korean word is their translation."""
        return int(((self.words[:10] @ self.words[10:].T).argmax(axis=1) == np.arange(10)).sum())


@dataclass(frozen=True)
class Captions:
    """The test images, (N, 64), and two spaces: one of many dimensions, one of two."""

    images: Array
    wide: Space
    flat: Space


def run(seed: int, advance: Advance) -> Captions:
    """Train twice on the same pairs: each digit with its English word, and with its Korean one."""
    images, target, test_images, test_target = parted_digits(seed, TRAIN)
    words = np.concatenate([target, target + 10])
    dataset = data.TensorDataset(np.concatenate([images, images]), words, words % 10)
    spaces = []
    for dimensions, epochs in (WIDE, FLAT):
        with seeded(seed):
            spaces.append(_space(dataset, dimensions, epochs, test_images, test_target))
        advance()
    return Captions(test_images, *spaces)


def _space(dataset: data.TensorDataset, dimensions: int, epochs: int, images: Array, target: Array) -> Space:
    """A model trained on pairs, and where it puts the test images and the words."""
    model = ImageText(64, 128, 20, dimensions)
    optimizer = optim.Adam(model.parameters(), lr=RATE)
    loader = data.DataLoader(dataset, BATCH, shuffle=True)
    for _ in range(epochs):
        for x, words, labels in loader:
            optimizer.zero_grad()
            image, text, scale = model(x, words)
            _, pullback = F.contrastive_loss(image, text, scale, labels)
            model.backward(pullback())
            optimizer.step()
    places, _ = F.normalize(model.encode_image(images))
    words, _ = F.normalize(model.encode_text(np.arange(20)))
    return Space(places, words, target, epochs * len(loader))


def sentence(result: Captions, language: Language) -> str:
    """What finds what, how often, and whether the languages have met."""
    translated = result.wide.translated()
    return FOUND(
        language,
        steps=result.wide.steps,
        english=result.wide.accuracy(0),
        korean=result.wide.accuracy(10),
        nearest=NEAREST,
        precision=result.wide.precision(),
        translated=translated,
        verdict=(MET if translated > 5 else APART)(language),
        flat=result.flat.accuracy(0),
    )


def draw(result: Captions, figure: Figure, language: Language) -> None:
    """On the left the circle with images and words on it, on the right each word with its nearest images."""
    grid = figure.add_gridspec(1, 2, width_ratios=(1.15, 1))
    left, right = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    _circle(result, left.subplots(), language)
    rows = right.subplots(10, NEAREST)
    first = 10 if language == "ko" else 0
    for digit, row in enumerate(rows):
        for axes, place in zip(row, result.wide.retrieved()[first + digit], strict=True):
            _show(axes, result.images[place], BLUE if result.wide.target[place] == digit else ORANGE)
        name = f"{KOREAN[digit]} " if language == "ko" else ENGLISH[digit]
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=8, fontsize=13)
    right.suptitle(ROWS(language), fontsize=13)


def _circle(result: Captions, axes: Axes, language: Language) -> None:
    """The space of two dimensions: an image lies at its angle, on the outermost ring that has room, if one has."""
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    space = result.flat
    picture_only(axes)
    edge = 1.38 if language == "ko" else 1.28
    axes.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal")
    axes.set_title(CIRCLE(language), fontsize=13)
    turn = np.linspace(0, 2 * pi, 200)
    axes.plot(np.cos(turn), np.sin(turn), color="#d9d9d9", linewidth=1)
    right = space.nearest(0) == space.target
    taken = np.empty((0, 2))
    for vector, image, is_right in zip(space.images[:SHOWN], result.images, right, strict=False):
        free = (radius * vector for radius in RINGS if not _near(taken, radius * vector))
        if (spot := next(free, None)) is not None:
            taken = np.vstack([taken, spot])
            ink = OffsetImage(_tinted(image, BLUE if is_right else ORANGE), zoom=2.3, interpolation="nearest")
            axes.add_artist(AnnotationBbox(ink, tuple(spot), frameon=False))
    for number, (x, y) in enumerate(space.words):
        korean = number >= 10
        if korean and language == "en":
            continue
        name = KOREAN[number - 10] if korean else ENGLISH[number]
        axes.plot([0.97 * x, 1.03 * x], [0.97 * y, 1.03 * y], color="black", linewidth=2)
        where = 1.29 if korean else 1.14
        axes.text(where * x, where * y, name, ha="center", va="center", fontsize=13, color=GREY if korean else "black")
    for color, label in ((BLUE, RIGHT), (ORANGE, WRONG)):
        axes.plot([], [], "s", color=color, label=label(language))
    axes.legend(loc="center", fontsize=9)


def _near(taken: Array, spot: Array) -> bool:
    """Whether a spot is too near to one that is taken."""
    return bool((np.hypot(*(taken - spot).T) < APART_BY).any())


def _show(axes: Axes, image: Array, color: str) -> None:
    """One image in one colour."""
    axes.imshow(_tinted(image, color))
    picture_only(axes)


def _tinted(image: Array, color: str) -> Any:
    """An image as ink of one colour on nothing: (8, 8, 4)."""
    from matplotlib.colors import to_rgb

    return np.dstack([np.full((8, 8, 3), to_rgb(color)), image.reshape(8, 8)])


EXPERIMENT = Experiment("captions", SUMMARY, 2, (13, 6.6), run, sentence, draw)
