"""What the suite holds against similarity and analogies, word vectors, their files and their evaluation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests import (
    test_similarity,
    test_word_evaluation,
    test_word_formats,
    test_word_formats_hostile,
    test_word_vectors,
)
from parity_tests.mutants.drawing import Check, drawn, each, in_a_folder, together
from parity_tests.strategies import dtypes, layouts, scales, seeds
from parity_tests.test_similarity import blocks, methods

EXAMPLES = 60


class _Folder:
    """A folder in the place of pytest's, for tests that draw."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def getbasetemp(self) -> Path:
        return self._path


def _drawn_in_a_folder(test: Any, *strategies: st.SearchStrategy[Any]) -> Check:
    def check(folder: Path) -> None:
        drawn(test, st.just(_Folder(folder)), *strategies, examples=EXAMPLES)()

    return in_a_folder(check)


def _each(test: Callable[..., None], *cases: tuple[Any, ...]) -> Check:
    """A test of files, each case in a folder of its own."""
    return together(*(in_a_folder(lambda folder, case=case: test(*case, folder)) for case in cases))


_REFUSED = each(test_similarity.test_what_is_no_space_is_refused, test_similarity.REFUSED)
_HOSTILE = test_word_formats_hostile

CHECKS: dict[str, dict[str, Check]] = {
    "semantics.cosine_similarity": {
        "pytorch": drawn(
            test_similarity.test_cosine_similarity_is_pytorchs,
            *(seeds, st.integers(0, 7), st.integers(1, 7), st.integers(1, 9), dtypes, scales, layouts),
        ),
        "sizes": each(test_similarity.test_no_length_is_too_small_or_too_large, (np.float32, np.float64)),
    },
    "semantics.nearest_neighbours": {
        "ties": drawn(
            test_similarity.test_of_equal_similarities_the_lower_index_is_nearer,
            *(seeds, st.integers(1, 300), st.integers(1, 30), st.integers(1, 6), st.integers(0, 3), dtypes, blocks),
        ),
        "pytorch": drawn(
            test_similarity.test_nearest_neighbours_are_pytorchs,
            *(seeds, st.integers(0, 5), st.integers(1, 60), st.integers(1, 9), dtypes, blocks, scales),
        ),
        "refused": _REFUSED,
    },
    "semantics.analogy": {
        "by hand": together(
            test_similarity.test_man_is_to_king_as_woman_to_queen,
            test_similarity.test_terms_may_be_other_vectors_and_then_nothing_is_left_out,
        ),
        "pytorch": drawn(
            test_similarity.test_analogies_are_pytorchs,
            *(seeds, st.integers(7, 40), st.integers(2, 9), st.integers(1, 3), st.integers(0, 2)),
            *(methods, dtypes, blocks),
        ),
    },
    "word2vec.WordVectors": {
        "by hand": together(
            test_word_vectors.test_king_minus_man_plus_woman,
            test_word_vectors.test_one_term_may_be_a_word_or_a_vector_or_several_of_either,
            test_word_vectors.test_ten_are_given_by_default_and_fewer_where_there_are_not_so_many,
            test_word_vectors.test_the_layer_shares_the_vectors_and_is_frozen_unless_told_otherwise,
        ),
        "answers": drawn(
            test_word_vectors.test_most_similar_are_the_best_answers_and_rank_is_their_place,
            *(seeds, dtypes, methods, st.integers(1, 3), st.integers(0, 2), st.integers(1, 14)),
            examples=EXAMPLES,
        ),
        "gensim": drawn(test_word_vectors.test_most_similar_is_gensims, seeds, examples=EXAMPLES),
        "refused": each(test_word_vectors.test_what_is_no_vectors_of_words_is_refused, test_word_vectors.REFUSED),
    },
    "word2vec.formats": {
        "hostile": together(
            _each(
                _HOSTILE.test_a_bad_file_is_refused_with_the_place,
                *(case.values for case in (*_HOSTILE.TEXT_FILES, *_HOSTILE.BINARY_FILES)),
            ),
            _each(
                _HOSTILE.test_a_bad_safetensors_file_is_refused,
                *((*case, mmap) for case in _HOSTILE.HEADERS for mmap in (False, True)),
            ),
            _each(
                _HOSTILE.test_words_that_rows_cannot_hold_are_refused,
                *((ending, word) for ending in test_word_formats.ROWS for word in ("", "New York")),
            ),
        ),
        "options": in_a_folder(
            _HOSTILE.test_binary_files_hold_float32_alone, _HOSTILE.test_names_and_options_are_checked
        ),
        "by hand": in_a_folder(
            test_word_formats.test_text_has_the_shortest_digits_that_are_read_back_as_the_same_number,
            test_word_formats.test_the_binary_file_by_hand,
            test_word_formats.test_text_is_read_as_float32_unless_told_otherwise,
            test_word_formats.test_variants_that_other_programs_write,
        ),
        "round trip": _drawn_in_a_folder(
            test_word_formats.test_what_is_saved_is_loaded_to_the_last_bit,
            *(seeds, st.sampled_from(test_word_formats.ENDINGS), st.integers(1, 30), st.integers(1, 6)),
            st.sampled_from(["f4", "f8"]),
        ),
        "strides": _each(
            test_word_formats.test_many_rows_and_other_strides_are_kept,
            *((ending,) for ending in test_word_formats.ENDINGS),
        ),
        "others": in_a_folder(
            test_word_formats.test_safetensors_reads_ours_and_we_read_what_it_writes,
            test_word_formats.test_numpy_reads_ours_and_we_read_what_it_writes,
        ),
    },
    "word2vec.evaluation.analogies": {
        "by hand": in_a_folder(
            test_word_evaluation.test_a_file_of_analogies_by_hand,
            test_word_evaluation.test_thirty_thousand_words_take_part_in_analogies_by_default,
        ),
        "gensim": _drawn_in_a_folder(
            test_word_evaluation.test_analogies_are_gensims,
            *(seeds, st.integers(20, 90), st.booleans(), st.sampled_from(["skip", "wrong"])),
        ),
    },
    "word2vec.evaluation.similarity": {
        "by hand": in_a_folder(test_word_evaluation.test_a_file_of_pairs_by_hand),
        "cosine": drawn(test_word_evaluation.test_the_similarities_behind_rho_are_cosines, seeds, dtypes),
        "gensim": _drawn_in_a_folder(
            test_word_evaluation.test_similarity_is_gensims,
            *(seeds, st.sampled_from([None, 20, 60]), st.booleans(), st.sampled_from(["skip", "zero"])),
        ),
    },
    "word2vec.correlation.spearman": {
        "scipy": drawn(
            test_word_evaluation.test_spearmans_rho_is_scipys, seeds, st.integers(2, 60), st.integers(1, 60)
        ),
        "edges": test_word_evaluation.test_rho_is_one_exactly_for_the_same_order_and_nan_where_there_is_none,
    },
}
