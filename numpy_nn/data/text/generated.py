"""A small corpus whose true neighbours and analogies are known, because it was made from them.

Words of one class stand in the same patterns, and no other words do: they are each other's neighbours. Words of a grid
stand in the same patterns too, beside cues of their row and cues of their column; so log P(cue | word) is a sum of what
the row and what the column says, and for any two rows and columns  vector(b) − vector(a) + vector(c) = vector(d).
(Levy and Goldberg 2014, Neural Word Embedding as Implicit Matrix Factorization, for why vectors follow that sum.)

The Korean half is written with particles joined to their words, 강아지를; `sentences` splits them off, as a morpheme
analyser does, and each particle is a word: 강아지, 를. A particle has the form that the sound before it asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from numpy_nn import random
from numpy_nn.data.text.phrases import ENGLISH, KOREAN, Language
from numpy_nn.functional import checks

LANGUAGES: dict[str, tuple[Language, ...]] = {"en": (ENGLISH,), "ko": (KOREAN,), "both": (ENGLISH, KOREAN)}
"""What can be asked for."""

PARTICLES = (("는", "은"), ("가", "이"), ("를", "을"), ("와", "과"), ("로", "으로"))
"""Particles that have one form after a vowel and one after a consonant."""

Unit = list[str]
"""What is written without a space: a word and the particles joined to it."""


def sentences(count: int = 20_000, seed: int = 0, language: str = "both") -> list[list[str]]:
    """Sentences as lists of words, particles split off; the same ones for the same arguments.

    count: how many.  seed: an integer.  language: "en", "ko", or "both", mixed.  Raises TypeError or ValueError.
    """
    return [[word for unit in units for word in unit] for units in _said(count, seed, language)]


def text(count: int = 20_000, seed: int = 0, language: str = "both") -> list[str]:
    """The same sentences as they are written: particles joined to their words, spaces between."""
    return [" ".join("".join(unit) for unit in units) for units in _said(count, seed, language)]


def classes(language: str = "both") -> dict[str, list[str]]:
    """The true neighbours: words of each class, which are nearer to each other than to any other word."""
    checks.option("language", language, *LANGUAGES)
    return {name: words.split() for part in LANGUAGES[language] for name, words in part.classes.items()}


def analogies(language: str = "both") -> dict[str, list[tuple[str, str, str, str]]]:
    """The true analogies of each grid, (a, b, c, d): a is to b as c is to d; all there are, in a fixed order."""
    checks.option("language", language, *LANGUAGES)
    return {
        name: [
            (first[left], first[right], second[left], second[right])
            for first, second in permutations(grid.table, 2)
            for left, right in permutations(range(len(first)), 2)
        ]
        for part in LANGUAGES[language]
        for name, grid in part.grids.items()
    }


def _said(count: int, seed: int, language: str) -> Iterator[list[Unit]]:
    """The sentences, unit by unit."""
    checks.integer("count", count, low=0)
    checks.option("language", language, *LANGUAGES)
    numbers = _numbers(checks.integer("seed", seed))
    parts = [(part, part.patterns.strip().splitlines()) for part in LANGUAGES[language]]
    for _ in range(count):
        part, patterns = parts[next(numbers) % len(parts)]
        yield _filled(patterns[next(numbers) % len(patterns)], part, numbers)


def _numbers(seed: int) -> Iterator[int]:
    """Random integers below 2²⁸ − 1 without end."""
    generator = random.Generator(seed)
    while True:
        yield from random.randint(0, 2**28 - 1, 4096, generator=generator).tolist()


def _filled(pattern: str, part: Language, numbers: Iterator[int]) -> list[Unit]:
    """A sentence of a pattern: a word drawn for every slot; all slots of one grid are about one word of it."""
    places: dict[str, tuple[int, int]] = {}
    sentence = []
    for written in pattern.split():
        stem, *particles = written.split("+")
        if stem.startswith("{"):
            name, _, cue = stem[1:-1].partition(".")
            if name in part.classes:
                options = part.classes[name].split()
            else:
                grid = part.grids[name]
                if name not in places:
                    places[name] = next(numbers) % len(grid.table), next(numbers) % len(grid.table[0])
                row, column = places[name]
                if not cue:
                    options = [grid.table[row][column]]
                elif cue in grid.rows:
                    options = grid.rows[cue].split()[row].split("|")
                else:
                    options = grid.columns[cue].split()[column].split("|")
            stem = options[next(numbers) % len(options)]
        sentence.append([stem, *(_fitting(particle, stem) for particle in particles)])
    return sentence


def _fitting(particle: str, word: str) -> str:
    """The form of a particle after a word: of 를 and 을 the first after a vowel; 로 after ㄹ too."""
    final = (ord(word[-1]) - ord("가")) % 28  # the last consonant of a syllable of Hangul, 0 for none, 8 for ㄹ
    for after_vowel, after_consonant in PARTICLES:
        if particle in (after_vowel, after_consonant):
            return after_vowel if final == 0 or (final == 8 and particle in ("로", "으로")) else after_consonant
    return particle
