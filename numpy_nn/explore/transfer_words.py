"""What word vectors are good for: few labelled sentences suffice where the words are known from unlabelled text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn import functional as F
from numpy_nn import optim, random, word2vec
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, GOLD, GREEN, GREY, ORANGE, PURPLE, SKY, picture_only
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text
from numpy_nn.explore.labelled_text import Sentences, as_rows, documents, shuffled, telling
from numpy_nn.explore.rehearsal import seeded
from numpy_nn.modules import EmbeddingBag, Linear, Parameter, Sequential
from numpy_nn.random import Generator
from numpy_nn.semantics import tsne
from numpy_nn.word2vec import Vocabulary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TOPICS, TEST, DRAWS = 8, 100, 3
SHOTS = (1, 2, 5, 10, 20, 50)
FEW = 5
SIZE, EPOCHS, ALPHA = 50, 20, 0.05
STEPS, RATE = 40, 0.05
TELLING, PERPLEXITY = 8, 7
WIDTH, HEIGHT = 0.11, 0.03
"""Of a word on the map, whose sides are 1."""

SUMMARY = Text(
    en="A text classifier from few labelled sentences: on word vectors from unlabelled text, and from scratch",
    ko="라벨 붙은 문장이 적을 때, 라벨 없는 글로 얻은 단어 벡터가 문장 분류를 얼마나 돕는지 봅니다",
)
FOUND = Text(
    en="Sentences of Python's own documentation, {topics} topics, {few} labelled sentences of each, mean of {draws} "
    "draws: a classifier from scratch is right on {scratch:.1%} (guessing: {guess:.1%}), one on word vectors that "
    "Skip-gram learned from {words:,} words of text without labels on {frozen:.1%}; from scratch that takes {needed} "
    "of each. With {many} of each it is {scratch_many:.1%} and {frozen_many:.1%}, and {tuned_many:.1%} where the "
    "vectors may learn too: {verdict}",
    ko="파이썬에 딸린 설명서의 문장을 주제 {topics}개로 나누는 일입니다. 주제마다 라벨 붙은 문장이 {few}개일 때"
    "({draws}번 뽑은 평균) 처음부터 배우면 {scratch:.1%}를 맞히고(찍으면 {guess:.1%}), 라벨 없는 글 {words:,}단어에서 "
    "Skip-gram이 배운 단어 벡터 위에서는 {frozen:.1%}를 맞힙니다. 처음부터 배워서 그만큼 맞히려면 문장이 {needed} "
    "듭니다. {many}개씩이면 차례로 {scratch_many:.1%}와 {frozen_many:.1%}, 벡터도 함께 배우면 "
    "{tuned_many:.1%}입니다. {verdict}",
)
TUNE = Text(
    en="with examples enough it pays to tune them.",
    ko="예가 넉넉하면 벡터도 다듬는 편이 낫습니다.",
)
LEAVE = Text(
    en="here they are better left as they are.",
    ko="여기서는 벡터를 그대로 두는 편이 낫습니다.",
)
SO_MANY = Text(en="{shots}", ko="{shots}개씩")
MORE_THAN = Text(en="more than {shots}", ko="{shots}개씩보다 더 많이")
NAMES = {
    "scratch": Text(en="from scratch", ko="처음부터 학습"),
    "frozen": Text(en="on word vectors, frozen", ko="단어 벡터 위에서 (고정)"),
    "tuned": Text(en="on word vectors, then fine-tuned", ko="단어 벡터 위에서 (이어서 미세 조정)"),
}
STYLES = {"scratch": (ORANGE, "s"), "frozen": (BLUE, "o"), "tuned": (GREEN, "^")}
CURVES = Text(en="Accuracy by labelled sentences", ko="라벨 붙은 문장 수에 따른 정확도")
EXAMPLES = Text(en="labelled sentences of each topic", ko="주제마다 라벨 붙은 문장의 수")
ACCURACY = Text(en="accuracy on other sentences", ko="다른 문장에서의 정확도")
GUESSING = Text(en="guessing", ko="찍기")
MAP = Text(
    en="Words that set the topics apart, on a map of vectors\nthat have seen no topic (t-SNE; a colour is a topic)",
    ko="주제를 가르는 단어들의 지도: 벡터는 주제를 본 적이\n없습니다 (t-SNE, 색이 같으면 같은 주제)",
)


@dataclass(frozen=True)
class Transfer:
    """The classifiers' test accuracies, (len(SHOTS), DRAWS), by the keys of NAMES; and a map of words.

    telling: for each topic the words that set it apart.  places: where they lie, (their number, 2).
    words: how many the vectors were learned from.
    """

    accuracies: dict[str, Array]
    telling: list[list[str]]
    places: Array
    words: int

    def mean(self, kind: str, shots: int) -> float:
        """A classifier's accuracy from so many sentences of each topic, the mean of the draws."""
        return float(self.accuracies[kind][SHOTS.index(shots)].mean())


def run(seed: int, advance: Advance) -> Transfer:
    """Learn vectors from all but the test sentences, then which of the longest documents a sentence is from."""
    by_length = sorted(documents(), key=len, reverse=True)
    generator = Generator(seed)
    longest = [shuffled(document, generator) for document in by_length[:TOPICS]]
    rest, tested = [document[:-TEST] for document in longest], [document[-TEST:] for document in longest]
    text = [*chain(*rest, *by_length[TOPICS:])]
    vectors, vocabulary = _vectors(text, generator)
    used = sorted({vocabulary[word] for word in chain(*chain(*longest)) if word in vocabulary})
    row = {vocabulary.words[number]: place for place, number in enumerate(used)}
    table = np.vstack([vectors[used], np.zeros((1, SIZE), np.float32)])  # the last row is padding
    test = as_rows(tested, row)
    advance()
    accuracies = {kind: np.zeros((len(SHOTS), DRAWS)) for kind in NAMES}
    with seeded(seed):
        for draw in range(DRAWS):
            rest = [shuffled(document, generator) for document in rest]
            for place, shots in enumerate(SHOTS):
                train = as_rows([document[:shots] for document in rest], row)
                for kind, accuracy in _learned(table, train, test).items():
                    accuracies[kind][place, draw] = accuracy
            advance()
    setting_apart = telling(rest, row, TELLING)
    directions, _ = F.normalize(table[[row[word] for word in chain(*setting_apart)]])
    return Transfer(accuracies, setting_apart, tsne(directions, perplexity=PERPLEXITY).y, sum(map(len, text)))


def _vectors(text: list[list[str]], generator: Generator) -> tuple[Array, Vocabulary]:
    """Vectors of every word by Skip-gram, scaled to a variance of 1, with which an EmbeddingBag starts."""
    seed = int(random.randint(0, 2**31 - 1, 1, generator=generator)[0])
    model = word2vec.train(text, min_count=2, vector_size=SIZE, epochs=EPOCHS, alpha=ALPHA, seed=seed)
    return model.input / model.input.std(), model.vocabulary


def _learned(table: Array, train: Sentences, test: Sentences) -> dict[str, float]:
    """The test accuracy of each of the three classifiers after training."""
    V, D = table.shape
    scratch = Sequential(EmbeddingBag(V, D, padding_idx=-1), Linear(D, TOPICS))
    _fit(scratch, list(scratch.parameters()), train, RATE, STEPS + STEPS // 2)
    bag = EmbeddingBag.from_pretrained(table.copy(), padding_idx=-1)
    model = Sequential(bag, Linear(D, TOPICS))
    _fit(model, list(model[1].parameters()), train, RATE, STEPS)
    frozen = _accuracy(model, test)
    bag.weight.requires_grad = True
    _fit(model, list(model.parameters()), train, RATE / 3, STEPS // 2)
    return {"scratch": _accuracy(scratch, test), "frozen": frozen, "tuned": _accuracy(model, test)}


def _fit(model: Sequential, parameters: list[Parameter], train: Sentences, lr: float, steps: int) -> None:
    """Steps of Adam on all of the training sentences at once."""
    optimizer = optim.Adam(parameters, lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        _, backward = F.cross_entropy(model(train.rows), train.topic)
        model.backward(backward())
        optimizer.step()


def _accuracy(model: Sequential, test: Sentences) -> float:
    return float((model(test.rows).argmax(axis=1) == test.topic).mean())


def sentence(result: Transfer, language: Language) -> str:
    """Few sentences and many, and what the vectors are worth in sentences."""
    many, frozen = SHOTS[-1], result.mean("frozen", FEW)
    enough = [shots for shots in SHOTS if result.mean("scratch", shots) >= frozen]
    better = result.mean("tuned", many) > result.mean("frozen", many)
    return FOUND(
        language,
        topics=TOPICS,
        few=FEW,
        draws=DRAWS,
        scratch=result.mean("scratch", FEW),
        guess=1 / TOPICS,
        words=result.words,
        frozen=frozen,
        needed=SO_MANY(language, shots=enough[0]) if enough else MORE_THAN(language, shots=many),
        many=many,
        scratch_many=result.mean("scratch", many),
        frozen_many=result.mean("frozen", many),
        tuned_many=result.mean("tuned", many),
        verdict=(TUNE if better else LEAVE)(language),
    )


def draw(result: Transfer, figure: Figure, language: Language) -> None:
    """On the left accuracy by number of labelled sentences, on the right the test sentences as points."""
    curves, points = figure.subplots(1, 2)
    for kind, (color, marker) in STYLES.items():
        each = result.accuracies[kind]
        curves.fill_between(SHOTS, each.min(axis=1), each.max(axis=1), color=color, alpha=0.15, linewidth=0)
        curves.plot(SHOTS, each.mean(axis=1), color=color, marker=marker, linewidth=2, label=NAMES[kind](language))
    curves.axhline(1 / TOPICS, color=GREY, linewidth=1, linestyle=":", label=GUESSING(language))
    curves.set(xscale="log", xticks=SHOTS, xticklabels=SHOTS, ylim=(0, 1), xlabel=EXAMPLES(language))
    curves.set_ylabel(ACCURACY(language))
    curves.minorticks_off()
    curves.grid(axis="y", color="#e5e5e5")
    curves.set_title(CURVES(language), loc="left")
    curves.legend(loc="upper left")
    colors = (BLUE, ORANGE, GREEN, PURPLE, GOLD, SKY, GREY, "black")
    points.set(xlim=(-0.08, 1.08), ylim=(-0.03, 1.03))
    picture_only(points)
    places = iter(_legible(result.places))
    for topic, color in zip(result.telling, colors, strict=True):
        for word in topic:
            points.text(*next(places), word, color=color, fontsize=9, ha="center", va="center")
    points.set_title(MAP(language), loc="left", fontsize=11)


def _legible(places: Array) -> Array:
    """Places between 0 and 1, of which those that would cover each other are moved up or down a little."""
    places = (places - places.min(axis=0)) / np.ptp(places, axis=0)
    for _ in range(200):
        across, up = places[:, None, 0] - places[:, 0], places[:, None, 1] - places[:, 1]
        covered = (np.abs(across) < WIDTH) & (np.abs(up) < HEIGHT) & ~np.eye(len(places), dtype=bool)
        places[:, 1] += (covered * np.where(up < 0, -1, 1)).sum(axis=1) * HEIGHT / 20
    return places


EXPERIMENT = Experiment("transfer-words", SUMMARY, 1 + DRAWS, (13, 6), run, sentence, draw)
