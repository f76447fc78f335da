"""The built-in texts: the generated one is true to what it claims, and the help topics come out as prose."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from itertools import pairwise
from unicodedata import normalize

import pytest

from numpy_nn.data.text import generated, topics
from numpy_nn.data.text.phrases import ENGLISH, KOREAN
from numpy_nn.data.text.tokenizers import words

HANGUL = re.compile("[가-힣]")
FINAL = re.compile("[\u11a8-\u11c2]$")
"""The last consonant of a decomposed syllable."""

PAIRS = {"은": "는", "이": "가", "을": "를", "과": "와", "으로": "로"}
"""Particles after a consonant and after a vowel."""


@cache
def sentences(seed: int = 0) -> list[list[str]]:
    return generated.sentences(seed=seed)


@cache
def partners() -> dict[str, set[str]]:
    """What each word ever shares a sentence with; particles, whose form is a matter of sound, apart."""
    found = defaultdict(set)
    for sentence in sentences():
        kept = {word for word in sentence if word not in PAIRS and word not in PAIRS.values()}
        for word in kept:
            found[word] |= kept - {word}
    return found


@cache
def frames() -> dict[str, set[str]]:
    """Around each word, the whole sentences it is in, the word itself left open and particles apart."""
    found = defaultdict(set)
    for sentence in sentences():
        kept = [word for word in sentence if word not in PAIRS and word not in PAIRS.values()]
        for place, word in enumerate(kept):
            found[word].add(" ".join([*kept[:place], "_", *kept[place + 1 :]]))
    return found


def test_one_seed_has_one_text_and_a_longer_one_goes_on_from_it() -> None:
    assert generated.sentences(500, 3) == generated.sentences(1000, 3)[:500]
    assert generated.sentences(500, 3) != generated.sentences(500, 4)
    assert len(generated.sentences(seed=1)) == 20_000
    assert generated.sentences(0) == []


def test_the_written_text_has_the_same_words() -> None:
    for written, split in zip(generated.text(3000, 5), generated.sentences(3000, 5), strict=True):
        assert written.replace(" ", "") == "".join(split)
        assert HANGUL.search(written) or written.split() == split
    assert "우리는 강아지를 동물병원에 데려갔다" in generated.text()
    assert ["우리", "는", "강아지", "를", "동물병원", "에", "데려갔다"] in sentences()


@pytest.mark.parametrize(("language", "korean"), [("en", {False}), ("ko", {True}), ("both", {False, True})])
def test_a_language_is_spoken_alone_or_both_are(language: str, korean: set[bool]) -> None:
    for sentence in generated.sentences(300, 0, language):
        assert len({bool(HANGUL.search(word)) for word in sentence}) == 1
    assert {bool(HANGUL.search(sentence[0])) for sentence in generated.sentences(300, 0, language)} == korean
    named = [word for group in generated.classes(language).values() for word in group]
    named += [word for found in generated.analogies(language).values() for four in found for word in four]
    assert {bool(HANGUL.search(word)) for word in named} == korean


def test_a_particle_fits_the_sound_before_it() -> None:
    seen = set()
    for sentence in sentences():
        for before, word in pairwise(sentence):
            if word in PAIRS or word in PAIRS.values():
                ending = normalize("NFD", before)
                closed = bool(FINAL.search(ending)) and not (ending.endswith("\u11af") and word in ("로", "으로"))
                assert word in (PAIRS if closed else PAIRS.values()), f"{before} {word}"
                seen.add(word)
    assert seen == {*PAIRS, *PAIRS.values()}


def test_words_of_a_class_are_said_in_the_same_sentences_and_no_other_word_is() -> None:
    for name, group in generated.classes().items():
        assert len(group) == len(set(group)) >= 5
        for word in group:
            assert frames()[word] == frames()[group[0]], f"{name}: {word}"
        others = [frame for word, frame in frames().items() if word not in group]
        assert not frames()[group[0]] & set().union(*others), name


def test_an_analogy_is_what_the_row_and_the_column_say() -> None:
    """For a : b = c : d, what is said of a and not of b is said of c and not of d; the same with b and c exchanged."""
    for name, found in generated.analogies().items():
        for a, b, c, d in found:
            near = partners()
            assert near[a] - near[b] - {b} == near[c] - near[d] - {d} != set(), f"{name}: {a} {b} {c} {d}"
            assert near[a] - near[c] - {c} == near[b] - near[d] - {d} != set(), f"{name}: {a} {b} {c} {d}"


SAID = [
    ("throne", "king queen", "prince princess man woman boy girl"),
    ("her", "queen princess woman girl", "king prince man boy"),
    ("himself", "king prince man boy", "queen princess woman girl"),
    ("han", "korea seoul", "japan tokyo"),
    ("sushi", "japan tokyo", "france paris"),
    ("mayor", "seoul tokyo paris cairo nairobi", "korea japan france egypt kenya"),
    ("moos", "cow calf", "horse foal sheep lamb goose gosling"),
    ("pie", "bakes baked", "paints painted plants planted mends mended"),
    ("yesterday", "painted baked planted mended", "paints bakes plants mends"),
    ("왕관", "왕 왕비", "왕자 공주 남자 여자 아들 딸"),
    ("치마", "왕비 공주 여자 딸", "왕 왕자 남자 아들"),
    ("센강", "프랑스 파리", "한국 서울 일본 도쿄 이집트 카이로 영국 런던"),
    ("어린", "송아지 망아지 병아리 새끼돼지", "소 말 닭 돼지"),
    ("어제", "그렸다 구웠다 심었다 고쳤다", "그린다 굽는다 심는다 고친다"),
]
"""A word, those that it is said of, and those that it never is."""


@pytest.mark.parametrize(("said", "of", "not_of"), SAID)
def test_what_is_said_of_words_makes_sense(said: str, of: str, not_of: str) -> None:
    assert [said in partners()[word] for word in of.split()] == [True] * len(of.split())
    assert [said in partners()[word] for word in not_of.split()] == [False] * len(not_of.split())


def test_all_analogies_of_a_grid_are_there_once() -> None:
    found = generated.analogies("en")
    assert {name: len(four) for name, four in found.items()} == {"person": 24, "state": 40, "beast": 24, "deed": 24}
    assert ("man", "king", "woman", "queen") not in found["person"]  # rows are kinds of person, columns he and she
    assert ("man", "woman", "king", "queen") in found["person"]
    assert ("seoul", "korea", "tokyo", "japan") in found["state"]
    assert ("walks", "walked") not in found["deed"]
    for four in found.values():
        assert len(set(four)) == len(four)
        assert all(len({*words}) == 4 for words in four)
    assert ("왕", "왕비", "남자", "여자") in generated.analogies("ko")["사람"]


@pytest.mark.parametrize("part", [ENGLISH, KOREAN], ids=["English", "Korean"])
def test_every_class_grid_and_cue_is_used_and_no_word_has_two_parts(part) -> None:
    slots = set(re.findall(r"{([^}]+)}", part.patterns))
    cues = {f"{name}.{cue}" for name, grid in part.grids.items() for cue in (*grid.rows, *grid.columns)}
    assert slots == {*part.classes, *part.grids, *cues}
    literal = set(re.findall(r"[^\s+]+", re.sub(r"{[^}]+}", "", part.patterns)))
    drawn = [word for group in part.classes.values() for word in group.split()]
    for grid in part.grids.values():
        width = len(grid.table[0])
        assert all(len(row) == width for row in grid.table)
        assert all(len(cue.split()) == len(grid.table) for cue in grid.rows.values())
        assert all(len(cue.split()) == width for cue in grid.columns.values())
        drawn += [word for row in grid.table for word in row]
        drawn += [word for cue in (*grid.rows.values(), *grid.columns.values()) for word in re.split(r"[\s|]+", cue)]
    assert len(drawn) == len(set(drawn))
    assert literal & set(drawn) == set()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": -1}, ValueError, "count: expected at least 0, got -1"),
        ({"count": 2.0}, TypeError, "count: expected an integer, got 2.0"),
        ({"seed": "a"}, TypeError, "seed: expected an integer, got 'a'"),
        ({"language": "fr"}, ValueError, "language: expected one of 'en', 'ko', 'both', got 'fr'"),
    ],
)
def test_what_cannot_be_generated_is_refused(arguments: dict, error: type[Exception], message: str) -> None:
    for make in (generated.sentences, generated.text):
        with pytest.raises(error, match=re.escape(message)):
            make(**arguments)


@pytest.mark.parametrize("ask", [generated.classes, generated.analogies])
def test_another_language_is_refused(ask) -> None:
    with pytest.raises(ValueError, match="language: expected one of 'en', 'ko', 'both', got 'fr'"):
        ask("fr")


MARKED = """Heading of a "section"
**********************

It is *not* guaranteed that "__del__()" methods are called for comma-
separated objects.  **See also this one (or not).** Is that so?  It is, e.g. here.

   Display of a list ::= "[" [starred list | comprehension] "]"

   >>> this is code, and it ends with a stop.
   >>> "really."

* The first item of a list,
  in two lines.

* The second one has "``code``" in it.
* An item that has no end is a heading
* And the fourth is right below.

for key in found.items():
    And so on, for all of them.

   Changed in version 3.9: Words may be “quoted”.

Too short.

lower case is how code begins, most of the time.
"""


def test_prose_is_what_remains_of_a_marked_up_text() -> None:
    assert list(topics.prose(MARKED)) == [
        "It is not guaranteed that __del__() methods are called for comma-separated objects.",
        "See also this one (or not).",
        "Is that so?",
        "It is, e.g. here.",
        "The first item of a list, in two lines.",
        "The second one has code in it.",
        "And the fourth is right below.",
        "Changed in version 3.9: Words may be quoted.",
    ]


@pytest.mark.parametrize(("docstrings", "least", "kinds"), [(False, 30_000, 2_000), (True, 120_000, 6_000)])
def test_every_python_carries_so_much_english(docstrings: bool, least: int, kinds: int) -> None:
    lines = topics.text(docstrings)
    found = [word for line in lines for word in words(line)]
    assert len(found) >= least
    assert len(set(found)) >= kinds
    said = [line for line in lines if line]
    assert len(said) == len(set(said))
    assert "Called when the instance is about to be destroyed." in said
    assert ("Return True if two sets have a null intersection." in said) == docstrings
    assert [line for line in said if re.search(r"[*`\"“”\n]|::=|>>> |  ", line)] == []
    assert lines[-1] == ""
    assert "" not in (lines[0], *(line for line, after in pairwise(lines) if not after))
    assert docstrings or lines == topics.text(docstrings)
