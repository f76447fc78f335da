"""Vanishing gradients: what is left of the gradient after many layers of sigmoid, tanh or ReLU."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn import functional as F
from numpy_nn import init
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, GREEN, ORANGE
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text, scientific
from numpy_nn.explore.rehearsal import parted_digits, seeded
from numpy_nn.modules import Linear, Module, ReLU, Sequential, Sigmoid, Tanh

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACTIVATIONS: dict[str, tuple[type[Module], float]] = {
    "ReLU": (ReLU, 0.0),
    "tanh": (Tanh, 1.0),
    "sigmoid": (Sigmoid, 1.0),
}
"""Each activation with the `a` of its Kaiming start: gain √2 for ReLU, 1 for the other two."""

WIDTH, BATCH, DEPTHS = 64, 256, (2, 5, 10, 15, 20, 25, 30)
DEEP = 20
"""The depth whose layers are shown one by one."""

SUMMARY = Text(
    en="The gradient of every layer in deep networks of sigmoid, tanh and ReLU",
    ko="시그모이드, tanh, ReLU를 쓴 깊은 신경망에서 층마다 그래디언트를 잽니다",
)
FOUND = Text(
    en="With {depth} hidden layers, the first layer's gradient has a norm of {relu} with ReLU, {tanh} with tanh "
    "and {sigmoid} with the sigmoid: {verdict}",
    ko="은닉층이 {depth}개일 때 첫 층 그래디언트의 크기는 ReLU {relu}, tanh {tanh}, 시그모이드 {sigmoid}"
    "입니다. {verdict}",
)
VANISHED = Text(
    en="the sigmoid leaves {times} times less than ReLU.",
    ko="시그모이드에 남는 그래디언트는 ReLU의 {times}분의 1입니다.",
)
COMPARABLE = Text(
    en="the sigmoid's is {times} times smaller than ReLU's, which is no vanishing.",
    ko="시그모이드와 ReLU의 차이는 {times}배이므로 소실이라 할 수 없습니다.",
)
BY_LAYER = Text(en="Layer by layer, {depth} hidden layers", ko="은닉층 {depth}개: 층마다")
LAYER = Text(en="layer, 1 next to the input", ko="층 (1이 입력 쪽)")
NORM = Text(en="norm of the weight's gradient", ko="가중치 그래디언트의 크기")
BY_DEPTH = Text(en="The first layer, by depth", ko="깊이에 따른 첫 층의 그래디언트")
DEPTH = Text(en="hidden layers", ko="은닉층의 수")


@dataclass(frozen=True)
class Vanishing:
    """Norms of each layer's gradient: norms[activation][depth] is (depth + 1,), the layer next to the input first."""

    norms: dict[str, dict[int, Array]]

    def first(self, activation: str, depth: int) -> float:
        """The norm of the first layer's gradient."""
        return float(self.norms[activation][depth][0])


def run(seed: int, advance: Advance) -> Vanishing:
    """One forward and one backward of untrained networks, all on the same digits."""
    images, target, _, _ = parted_digits(seed, BATCH)
    images = images.astype(np.float64)  # what is left of the sigmoid's gradient may be too small for float32
    norms: dict[str, dict[int, Array]] = {}
    for name in ACTIVATIONS:
        norms[name] = {}
        for depth in DEPTHS:
            with seeded(seed):
                model = _network(name, depth)
            _, backward = F.cross_entropy(model(images), target)
            model.backward(backward())
            gradients = [weight.grad for key, weight in model.named_parameters() if key.endswith("weight")]
            norms[name][depth] = np.array([np.linalg.norm(gradient) for gradient in gradients if gradient is not None])
        advance()
    return Vanishing(norms)


def _network(activation: str, depth: int) -> Sequential:
    """Hidden layers that start so that a signal keeps its size, each followed by the activation; then the logits."""
    layer, a = ACTIVATIONS[activation]
    parts: list[Module] = []
    for _ in range(depth):
        linear = Linear(WIDTH, WIDTH, dtype=np.float64)
        init.kaiming_uniform_(linear.weight, a=a)
        parts += [linear, layer()]
    last = Linear(WIDTH, 10, dtype=np.float64)
    init.uniform_(last.weight, -sqrt(3 / WIDTH), sqrt(3 / WIDTH))
    return Sequential(*parts, last)


def sentence(result: Vanishing, language: Language) -> str:
    """The first layer's gradients at the depth shown, and whether the sigmoid's has vanished beside ReLU's."""
    relu, tanh, sigmoid = (result.first(name, DEEP) for name in ("ReLU", "tanh", "sigmoid"))
    times = relu / sigmoid
    verdict = VANISHED if times > 1000 else COMPARABLE
    return FOUND(
        language,
        depth=DEEP,
        relu=scientific(relu),
        tanh=scientific(tanh),
        sigmoid=scientific(sigmoid),
        verdict=verdict(language, times=scientific(times)),
    )


def draw(result: Vanishing, figure: Figure, language: Language) -> None:
    """Left every layer of one depth, right the first layer at every depth."""
    layers, depths = figure.subplots(1, 2, sharey=True)
    styles = {"ReLU": (BLUE, "o"), "tanh": (GREEN, "^"), "sigmoid": (ORANGE, "s")}
    for name, (color, marker) in styles.items():
        style = {"color": color, "marker": marker, "markersize": 5, "linewidth": 1.8, "label": name}
        layers.plot(range(1, DEEP + 2), result.norms[name][DEEP], **style)
        depths.plot(DEPTHS, [result.first(name, depth) for depth in DEPTHS], **style)
    layers.set(yscale="log", xlabel=LAYER(language), ylabel=NORM(language), xticks=[1, 5, 10, 15, 20])
    layers.set_title(BY_LAYER(language, depth=DEEP), loc="left")
    depths.set(xlabel=DEPTH(language), xticks=DEPTHS)
    depths.set_title(BY_DEPTH(language), loc="left")
    for axes in (layers, depths):
        axes.grid(axis="y", color="#e5e5e5")
    layers.legend(loc="lower right", fontsize=12)


EXPERIMENT = Experiment("vanishing", SUMMARY, len(ACTIVATIONS), (12, 5), run, sentence, draw)
