"""Cutting text into words, syllables or letters.

A tokenizer is any callable that takes a string and gives its words, in order: a morpheme analyser's, for instance.
Those here first bring their text into Unicode's composed form, NFC. Korean written on macOS often comes decomposed,
each syllable as two or three letters that look like one: uncomposed, 한 and 한 would be two words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, partial
from itertools import chain
from typing import TypeAlias
from unicodedata import category, normalize

from numpy_nn.data.text.hangul import JAMO, SYLLABLES, decompose

Tokenizer: TypeAlias = Callable[[str], Iterable[str]]
"""What cuts a text into its words."""


def words(text: str, lower: bool = True) -> list[str]:
    """The words of a text: runs of letters, digits and underscores of any script, with the marks set on them.

    An apostrophe inside a word belongs to it, ’ read as '; other punctuation is left out.  lower: in small letters.
    """
    text = normalize("NFC", text).replace("’", "'")
    return _word_pattern().findall(text.lower() if lower else text)


def cased(text: str) -> list[str]:
    """The words of a text with their capitals."""
    return words(text, lower=False)


def whitespace(text: str) -> list[str]:
    """What stands between spaces, tabs and line ends, as it is."""
    return normalize("NFC", text).split()


def syllables(text: str, lower: bool = True) -> list[str]:
    """Each Hangul syllable by itself; other words as `words` cuts them."""
    text = normalize("NFC", text).replace("’", "'")
    return _unit_pattern(SYLLABLES).findall(text.lower() if lower else text)


def jamo(text: str, lower: bool = True) -> list[str]:
    """Each letter of the Hangul syllables by itself, as hangul.decompose gives it; other words as `words` cuts them.

    강 → ᄀ ᅡ ᆼ. An initial consonant and a final one are different characters, so hangul.compose of the letters,
    joined, is the text again.
    """
    text = decompose(normalize("NFC", text).replace("’", "'"))
    return _unit_pattern(JAMO).findall(text.lower() if lower else text)


def regex(pattern: str) -> Tokenizer:
    r"""A tokenizer that gives all that matches a regular expression: regex(r"[a-z]+").

    Groups in it do not matter, and an empty match is no word. Raises ValueError where it is no regular expression.
    """
    try:
        return partial(_matches, re.compile(pattern))
    except re.error as error:
        raise ValueError(f"pattern: expected a regular expression, got {pattern!r}: {error}") from error


def _matches(pattern: re.Pattern[str], text: str) -> list[str]:
    text = normalize("NFC", text)
    found = pattern.findall(text) if not pattern.groups else (match.group() for match in pattern.finditer(text))
    return [word for word in found if word]


TOKENIZERS: dict[str, Tokenizer] = {
    "words": words,
    "cased": cased,
    "whitespace": whitespace,
    "syllables": syllables,
    "jamo": jamo,
}
"""The tokenizers by name."""


@cache
def _letters() -> str:
    r"""The inside of a character class: \w, and Unicode's marks, which Python's \w lacks (Hindi's vowels, say)."""
    marks = [code for code in chain(range(0x300, 0x20000), range(0xE0100, 0xE01F0)) if category(chr(code))[0] == "M"]
    starts = [code for code, before in zip(marks, [0, *marks], strict=False) if code != before + 1]
    ends = [code for code, after in zip(marks, [*marks[1:], 0], strict=True) if code != after - 1]
    return r"\w" + "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


@cache
def _word_pattern() -> re.Pattern[str]:
    return re.compile(f"[{_letters()}]+(?:'[{_letters()}]+)*")


@cache
def _unit_pattern(hangul: str) -> re.Pattern[str]:
    """One Hangul character of a class, or a word of others."""
    other = f"(?:(?![{hangul}])[{_letters()}])+"
    return re.compile(f"[{hangul}]|{other}(?:'{other})*")
