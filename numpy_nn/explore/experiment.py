"""What every experiment is: numbers, a sentence about them and a picture of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Language: TypeAlias = Literal["en", "ko"]
Advance: TypeAlias = Callable[[], None]
"""Called by an experiment whenever one of its parts is done."""

R = TypeVar("R")


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def scientific(x: float) -> str:
    """A number in two digits, with a power of ten where it is far from 1: 0.000034 is "3.4 × 10⁻⁵"."""
    if x == 0 or 1e-3 <= abs(x) < 100 or not isfinite(x):
        return f"{x:.2g}"
    if 100 <= abs(x) < 1e4:
        return f"{x:.0f}"
    digits, _, power = f"{x:.1e}".partition("e")
    return f"{digits} × 10{str(int(power)).translate(_RAISED)}"


def unseen() -> None:
    """An Advance that nobody watches."""


@dataclass(frozen=True)
class Text:
    """The same words in English and in Korean, with the same {fields} to fill in."""

    en: str
    ko: str

    def __call__(self, language: Language, **fields: Any) -> str:
        """The words in a language, filled in."""
        words: str = getattr(self, language)
        return words.format(**fields)


@dataclass(frozen=True)
class Experiment(Generic[R]):
    """A question, the numbers that answer it, and the ways to tell them.

    name: in kebab case.  summary: one line, what is looked at.  parts: how often `run` calls its Advance.
    run(seed, advance): the numbers, all computed now; it draws from streams that start at the seed and leaves the
    default stream where it was.  sentence(result, language): what was found, worded by the numbers.
    draw(result, figure, language): the picture, on an empty matplotlib Figure of `size` inches.
    """

    name: str
    summary: Text
    parts: int
    size: tuple[float, float]
    run: Callable[[int, Advance], R]
    sentence: Callable[[R, Language], str]
    draw: Callable[[R, Figure, Language], None]
