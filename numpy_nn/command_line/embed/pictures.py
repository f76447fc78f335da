"""Pictures of words: a map in which near means alike, and a heat map of who is like whom."""

from __future__ import annotations

import sys
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.explore import canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = (canvas.BLUE, canvas.ORANGE, canvas.GREEN, canvas.PURPLE, canvas.GOLD, canvas.SKY, canvas.GREY)
MARKERS = "os^Dv*P"
"""Clusters differ in both, and after seven in the two together."""

SIDES = np.array([(1, 0.6), (-1, 0.6), (1, -0.6), (-1, -0.6), (0, 1), (0, -1), (1, 0), (-1, 0)])
"""Where a label may stand, seen from its point."""

SYLLABLE = "HANGUL SYLLABLE "


def word_map(path: Path, points: Array, words: Sequence[str], groups: Sequence[int], title: str) -> None:
    """Draw words (N) where their points (N, 2) are, in the colours of their groups, one number each."""

    def paint(figure: Figure) -> None:
        axes, labels = figure.subplots(), []
        for group, colour, marker in zip(range(max(groups) + 1), cycle(COLOURS), cycle(MARKERS), strict=False):
            mine = [place for place, number in enumerate(groups) if number == group]
            axes.scatter(points[mine, 0], points[mine, 1], s=14, color=colour, marker=marker)
            labels += [
                axes.annotate(names[place], points[place], (0, 0), textcoords="offset points", fontsize=9, color=colour)
                for place in mine
            ]
        for label in labels:
            label.set_parse_math(False)
        axes.set_title(title, loc="left")
        axes.margins(0.08)
        canvas.picture_only(axes)
        _keep_apart(figure, axes, labels)

    names = spelled(words)
    _draw(path, (10, 8), paint)


def _keep_apart(figure: Figure, axes: Any, labels: Sequence[Any]) -> None:
    """Put each label on the side of its point where it hides the least of the points and of the labels before it."""
    figure.draw_without_rendering()  # until then nobody knows how large anything is
    dots = axes.transData.transform([label.xy for label in labels])
    taken = np.hstack([dots - 3, dots + 3])  # (N, 4): left, bottom, right, top
    for label, dot in zip(labels, dots, strict=True):
        size = label.get_window_extent().size
        corners = [dot + shift * (size / 2 + 4) - size / 2 for shift in SIDES]
        boxes = np.array([np.hstack([corner, corner + size]) for corner in corners])
        overlap = np.minimum(boxes[:, None, 2:], taken[:, 2:]) - np.maximum(boxes[:, None, :2], taken[:, :2])
        best = int(overlap.clip(0).prod(axis=2).sum(axis=1).argmin())
        label.set(position=(boxes[best, :2] - dot) * 72 / figure.dpi, ha="left", va="bottom")
        taken = np.vstack([taken, boxes[best]])


def heat_map(path: Path, similarities: Array, words: Sequence[str], title: str) -> None:
    """Draw cosines (N, N) between words (N), in the order given."""

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        image = axes.imshow(similarities, cmap="RdBu_r", vmin=-1, vmax=1)
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=size, parse_math=False)
        axes.set_yticks(range(len(names)), names, fontsize=size, parse_math=False)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_title(title, loc="left")
        figure.colorbar(image, ax=axes, label="cosine", shrink=0.6)

    names = spelled(words)
    side = min(4 + 0.16 * len(names), 24.0)
    size = min(9.0, 72 * 0.8 * (side - 3) / len(names))
    _draw(path, (side + 1, side), paint)


def spelled(words: Sequence[str]) -> list[str]:
    """The words as a picture can have them: where no font has Hangul, in Latin letters, which is then said."""
    if canvas.hangul_font() is not None or not any(map(_has_hangul, words)):
        return list(words)
    print("no font with Hangul: drawn in Latin letters (e.g. sudo apt install fonts-nanum)", file=sys.stderr)
    return ["".join(map(_latin, word)) for word in words]


def _has_hangul(word: str) -> bool:
    return any(map(_is_syllable, word))


def _is_syllable(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(SYLLABLE)


def _latin(sign: str) -> str:
    """A syllable in Unicode's own spelling of it, 강 as gang; another sign as it is."""
    return unicodedata.name(sign).removeprefix(SYLLABLE).lower() if _is_syllable(sign) else sign


def _draw(path: Path, size: tuple[float, float], paint: Callable[[Figure], None]) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # words in a script that no font here has
        canvas.draw(path, size, paint)
