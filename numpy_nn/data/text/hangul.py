"""Hangul syllables and the letters, jamo, that they are made of, by arithmetic.

syllable = 0xAC00 + 28 (21 l + v) + t;   initial = 0x1100 + l,   vowel = 0x1161 + v,   final = 0x11A7 + t, none if t = 0

with 0 ≤ l < 19, 0 ≤ v < 21, 0 ≤ t < 28. The letters are the conjoining ones, among which an initial ᄀ and a final ᆨ
differ (the compatibility letters of keyboards, ㄱ for both, would not lead back).
The Unicode Standard 3.12, "Conjoining Jamo Behavior".
"""

from __future__ import annotations

import re
from functools import cache

_SYLLABLE, _INITIAL, _VOWEL, _FINAL = 0xAC00, 0x1100, 0x1161, 0x11A7
_VOWELS, _FINALS, _COUNT = 21, 28, 11172

SYLLABLES = "가-힣"
"""The inside of a regular expression's class: every syllable."""
JAMO = "\u1100-\u1112\u1161-\u1175\u11a8-\u11c2"
"""The inside of a regular expression's class: every letter that a syllable is made of."""


def decompose(text: str) -> str:
    """The text with every syllable as its two or three letters, and all else as it is: 강 → ᄀ ᅡ ᆼ, three characters."""
    return text.translate(_letters_of_syllables())


def compose(text: str) -> str:
    """The text with every initial and vowel, and a final after them, as one syllable, and all else as it is.

    compose(decompose(text)) is text where that is in Unicode's composed form, NFC.
    """
    return re.sub("([\u1100-\u1112])([\u1161-\u1175])([\u11a8-\u11c2]?)", _syllable, text)


@cache
def _letters_of_syllables() -> dict[int, str]:
    return {_SYLLABLE + place: _letters(place) for place in range(_COUNT)}


def _letters(place: int) -> str:
    initial_vowel, t = divmod(place, _FINALS)
    initial, v = divmod(initial_vowel, _VOWELS)
    return chr(_INITIAL + initial) + chr(_VOWEL + v) + (chr(_FINAL + t) if t else "")


def _syllable(letters: re.Match[str]) -> str:
    initial, vowel, final = letters.groups()
    t = ord(final) - _FINAL if final else 0
    return chr(_SYLLABLE + _FINALS * (_VOWELS * (ord(initial) - _INITIAL) + ord(vowel) - _VOWEL) + t)
