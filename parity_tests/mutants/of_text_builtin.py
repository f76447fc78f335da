"""What the suite holds against the built-in texts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from parity_tests import test_text_builtin as tests
from parity_tests.mutants.drawing import Check


def _anew(test: Callable[[], None]) -> Check:
    """A test, with nothing that was generated before it; it leaves nothing behind either."""

    def check() -> None:
        kept = (tests.sentences, tests.partners, tests.frames)
        for cached in kept:
            cached.cache_clear()
        try:
            test()
        finally:
            for cached in kept:
                cached.cache_clear()

    return check


def _languages() -> None:
    for language, korean in (("en", {False}), ("ko", {True}), ("both", {False, True})):
        tests.test_a_language_is_spoken_alone_or_both_are(language, korean)


def _sense() -> None:
    for said, of, not_of in tests.SAID:
        tests.test_what_is_said_of_words_makes_sense(said, of, not_of)


CHECKS: dict[str, dict[str, Check]] = {
    "data.text.generated": {
        "seed": _anew(tests.test_one_seed_has_one_text_and_a_longer_one_goes_on_from_it),
        "written": _anew(tests.test_the_written_text_has_the_same_words),
        "languages": _anew(_languages),
        "particles": _anew(tests.test_a_particle_fits_the_sound_before_it),
        "classes": _anew(tests.test_words_of_a_class_are_said_in_the_same_sentences_and_no_other_word_is),
        "analogies": _anew(tests.test_an_analogy_is_what_the_row_and_the_column_say),
        "sense": _anew(_sense),
        "grids": _anew(tests.test_all_analogies_of_a_grid_are_there_once),
    },
    "data.text.topics": {
        "prose": tests.test_prose_is_what_remains_of_a_marked_up_text,
        "topics": partial(tests.test_every_python_carries_so_much_english, False, 30_000, 2_000),
    },
}
