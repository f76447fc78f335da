"""What the suite holds against the bugs in word2vec's fast trainer: tests of test_word2vec_fast."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from parity_tests import test_word2vec_fast as tests
from parity_tests.mutants.drawing import Check, drawn, together


def patched(test: Callable[..., None], *arguments: object) -> Check:
    """A test that shortens runs."""

    def check() -> None:
        with pytest.MonkeyPatch.context() as patch:
            test(*arguments, patch)

    return check


def added(name: str) -> Check:
    """Rows added with or without SciPy."""

    def holds(seed: int) -> None:
        tests.test_rows_are_added_as_often_as_they_occur.hypothesis.inner_test(name, float, seed)

    return drawn(holds, st.integers(0, 2**32 - 1), examples=50)


STEPS = together(
    *(patched(tests.test_every_vector_is_pytorchs_after_every_step, kind) for kind in tests.KINDS),
    lambda: tests.test_also_where_words_are_frozen_or_too_frequent(False),
    lambda: tests.test_also_where_words_are_frozen_or_too_frequent(True),
)
READING = together(
    drawn(
        tests.test_a_run_holds_every_pair_once_and_none_across_sentences,
        st.integers(0, 2**32 - 1),
        st.integers(1, 6),
        st.booleans(),
        examples=30,
    ),
    tests.test_frequent_words_are_thinned_out,
    tests.test_noise_is_drawn_as_word2vec_draws_it,
    patched(tests.test_the_words_are_counted_and_no_run_is_drawn_like_another),
)
ROWS = together(added("product"), added("_folded"))
TRAINING = together(
    *(lambda cbow=cbow: tests.test_a_training_goes_on_from_where_the_model_is(cbow) for cbow in (False, True)),
    *(patched(tests.test_it_trains_what_was_asked_for, cbow) for cbow in (False, True)),
    patched(tests.test_the_rate_falls_with_the_words_read),
    patched(tests.test_the_words_are_counted_and_no_run_is_drawn_like_another),
    tests.test_one_seed_one_run,
    tests.test_float32_stays_float32,
    *(
        lambda settings=settings, size=size: tests.test_a_training_that_diverges_is_stopped_and_leaves_the_model(
            settings, size
        )
        for settings in ({"alpha": 1e30}, {"alpha": 1e30, "cbow": True})
        for size in (4, 120)
    ),
)

CHECKS: dict[str, dict[str, Check]] = {
    "word2vec.fast.skip_gram": {"steps": STEPS},
    "word2vec.fast.cbow": {"steps": STEPS},
    "word2vec.fast.blocks": {"steps": STEPS, "reading": READING},
    "kernels.cpu.rows": {"steps": STEPS, "rows": ROWS},
    "word2vec.fast.trainer": {"steps": STEPS, "training": TRAINING},
}
