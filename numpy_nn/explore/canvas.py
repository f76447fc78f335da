"""What pictures are drawn on and with: figures, fonts with Hangul, colours that colour-blind eyes tell apart."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy_nn.explore.experiment import Experiment, Language
from numpy_nn.files import whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, PURPLE, GOLD, SKY, GREY = "#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #595959".split()
"""Okabe and Ito 2008, Color Universal Design."""

BOLD: dict[str, Any] = {"fontfamily": "DejaVu Sans", "fontweight": "bold"}
"""For text without Hangul: a font with Hangul may lack this weight, which matplotlib would print."""

HANGUL = (
    "NanumGothic, NanumBarunGothic, NanumSquare, Noto Sans KR, Noto Sans CJK KR, Noto Sans CJK JP, Noto Sans CJK SC, "
    "Source Han Sans KR, Source Han Sans K, Pretendard, Malgun Gothic, Apple SD Gothic Neo, AppleGothic, UnDotum, "
    "Baekmuk Dotum, Gulim, Dotum"
).split(", ")
"""Fonts with Hangul, the best first. matplotlib knows Noto's collection of all CJK fonts by its first name alone."""


def hangul_font() -> str | None:
    """The best installed font with Hangul, None where there is none. Raises ImportError without matplotlib."""
    manager = _matplotlib("font_manager").fontManager
    return _best(manager) or _best(_with_new_fonts(manager))


def _best(manager: Any) -> str | None:
    """The first of the fonts with Hangul that matplotlib knows."""
    installed = {font.name for font in manager.ttflist}
    return next((name for name in HANGUL if name in installed), None)


def _with_new_fonts(manager: Any) -> Any:
    """matplotlib's fonts, and those that were installed since it made its list, which it keeps for good."""
    known = {font.fname for font in manager.ttflist}
    for path in set(_matplotlib("font_manager").findSystemFonts()) - known:
        with suppress(OSError, RuntimeError):  # no font that matplotlib can read
            manager.addfont(path)
    return manager


def save(experiment: Experiment[Any], result: Any, path: Path, language: Language) -> None:
    """Draw a result and write the picture, whole or not at all, as PNG.

    language: "ko" needs a `hangul_font`; ValueError without one.  Raises ImportError without matplotlib.
    """
    if language == "ko" and hangul_font() is None:
        raise ValueError("language: expected a font with Hangul for 'ko', found none")
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(path, experiment.size, lambda figure: experiment.draw(result, figure, language))


def draw(path: Path, size: tuple[float, float], paint: Callable[[Figure], None]) -> None:
    """Write the picture that a function paints on an empty figure of so many inches, whole or not at all, as PNG.

    Hangul is in the `hangul_font`, where there is one.  Raises ImportError without matplotlib, OSError as open does.
    """
    fonts = ["DejaVu Sans", *filter(None, [hangul_font()])]  # the first comes with matplotlib and has all but Hangul
    settings = {"font.family": fonts, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}
    with _matplotlib("").rc_context(settings):
        figure = _matplotlib("figure").Figure(figsize=size, layout="constrained")
        paint(figure)
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
