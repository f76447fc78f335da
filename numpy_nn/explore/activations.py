"""Activation functions and their slopes: what passes forward, and what is left of the gradient on its way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.explore.canvas import BLUE, BOLD, GREY, ORANGE
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text, scientific

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMULAS = {
    "ReLU": F.relu,
    "Leaky ReLU": F.leaky_relu,
    "ELU": F.elu,
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "softplus": F.softplus,
    "GELU": F.gelu,
    "SiLU": F.silu,
}
FAR = 3.0
"""How far below zero the slope is read for the sentence."""

SUMMARY = Text(
    en="Eight activation functions and their derivatives",
    ko="활성화 함수 여덟 개와 그 도함수를 그립니다",
)
FOUND = Text(
    en="The slope of the sigmoid is at most {sigmoid:.2f}, so ten of them in a row shrink a gradient to at most "
    "{ten} of it; tanh reaches {tanh:.2f}. At x = −{far:g} a slope of {relu:g} is left in ReLU, {leaky:g} in Leaky "
    "ReLU and {elu:.3f} in ELU.",
    ko="시그모이드의 기울기는 가장 커야 {sigmoid:.2f}이므로 열 번 거듭 지나면 그래디언트가 {ten}배 이하로 "
    "줄어듭니다. tanh의 최대 기울기는 {tanh:.2f}입니다. x = −{far:g}에 남는 기울기는 ReLU {relu:g}, Leaky ReLU "
    "{leaky:g}, ELU {elu:.3f}입니다.",
)
VALUE = Text(en="f(x)", ko="f(x)")
SLOPE = Text(en="derivative f′(x), from the pullback", ko="도함수 f′(x), 역전파 함수에서 얻은 값")
LARGEST = Text(en="largest slope {slope:.2f}", ko="최대 기울기 {slope:.2f}")


@dataclass(frozen=True)
class Activations:
    """x (N,), and for every function its values and its derivatives there, each (N,)."""

    x: Array
    values: dict[str, Array]
    slopes: dict[str, Array]

    def slope(self, name: str, x: float) -> float:
        """The slope of a function at the sample nearest to x."""
        return float(self.slopes[name][np.abs(self.x - x).argmin()])


def run(seed: int, advance: Advance) -> Activations:
    """Values and slopes on [−5, 5]; nothing is drawn, so the seed changes nothing."""
    x = np.linspace(-5, 5, 1001)
    values, slopes = {}, {}
    for name, formula in FORMULAS.items():
        values[name], backward = formula(x)
        slopes[name] = backward(np.ones_like(x))
        advance()
    return Activations(x, values, slopes)


def sentence(result: Activations, language: Language) -> str:
    """The largest slopes of the saturating functions, and the slopes far below zero."""
    sigmoid = float(result.slopes["sigmoid"].max())
    return FOUND(
        language,
        sigmoid=sigmoid,
        ten=scientific(sigmoid**10),
        tanh=float(result.slopes["tanh"].max()),
        far=FAR,
        relu=result.slope("ReLU", -FAR),
        leaky=result.slope("Leaky ReLU", -FAR),
        elu=result.slope("ELU", -FAR),
    )


def draw(result: Activations, figure: Figure, language: Language) -> None:
    """A panel for each function: the value as a line, the slope dashed."""
    panels = figure.subplots(2, 4, sharex=True, sharey=True)
    for axes, name in zip(panels.flat, result.values, strict=True):
        axes.axhline(0, color="#cccccc", linewidth=0.8)
        axes.axvline(0, color="#cccccc", linewidth=0.8)
        (value,) = axes.plot(result.x, result.values[name], color=BLUE, linewidth=2.4)
        (slope,) = axes.plot(result.x, result.slopes[name], color=ORANGE, linewidth=2, linestyle="--")
        axes.set_title(name, loc="left", **BOLD)
        text = LARGEST(language, slope=result.slopes[name].max())
        axes.text(-4.8, 2.55, text, color=GREY, fontsize=10)
        axes.set(ylim=(-1.4, 3), xticks=[-4, -2, 0, 2, 4])
    for axes in panels[1]:
        axes.set_xlabel("x")
    handles = [value, slope]
    figure.legend(handles, [VALUE(language), SLOPE(language)], loc="outside upper center", ncols=2, fontsize=12)


EXPERIMENT = Experiment("activations", SUMMARY, len(FORMULAS), (12, 6), run, sentence, draw)
