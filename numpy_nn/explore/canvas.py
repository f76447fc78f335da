"""What pictures are drawn on and with: figures, fonts with Hangul, colours that colour-blind eyes tell apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy_nn.explore.experiment import Experiment, Language
from numpy_nn.files import whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, PURPLE, GOLD, SKY, GREY = "#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #595959".split()
"""Okabe and Ito 2008, Color Universal Design."""

HANGUL = (
    "NanumGothic, NanumBarunGothic, NanumSquare, Noto Sans KR, Noto Sans CJK KR, Noto Sans CJK JP, Noto Sans CJK SC, "
    "Source Han Sans KR, Source Han Sans K, Pretendard, Malgun Gothic, Apple SD Gothic Neo, AppleGothic, UnDotum, "
    "Baekmuk Dotum, Gulim, Dotum"
).split(", ")
"""Fonts with Hangul, the best first. matplotlib knows Noto's collection of all CJK fonts by its first name alone."""


def hangul_font() -> str | None:
    """The best installed font with Hangul, None where there is none. Raises ImportError without matplotlib."""
    installed = {font.name for font in _matplotlib("font_manager").fontManager.ttflist}
    return next((name for name in HANGUL if name in installed), None)


def save(experiment: Experiment[Any], result: Any, path: Path, language: Language) -> None:
    """Draw a result and write the picture, whole or not at all, as PNG.

    language: "ko" needs a `hangul_font`; ValueError without one.  Raises ImportError without matplotlib.
    """
    fonts = ["DejaVu Sans"]  # comes with matplotlib; has every sign but Hangul, so it stands first
    if language == "ko":
        if (font := hangul_font()) is None:
            raise ValueError("language: expected a font with Hangul for 'ko', found none")
        fonts.append(font)
    settings = {"font.family": fonts, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}
    with _matplotlib("").rc_context(settings):
        figure = _matplotlib("figure").Figure(figsize=experiment.size, layout="constrained")
        experiment.draw(result, figure, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as file:
            figure.savefig(file, format="png", dpi=120)


def picture_only(axes: Axes) -> None:
    """Take the ticks and the frame away."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _matplotlib(part: str) -> Any:
    """matplotlib, or a part of it, imported only when something is drawn."""
    from importlib import import_module

    try:
        return import_module(f"matplotlib.{part}".rstrip("."))
    except ImportError as error:
        raise ImportError('the pictures need matplotlib: pip install "numpy_nn[cli]"') from error
