"""What the suite holds against text: tokenizers, corpora, vocabularies, and what word2vec draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from numpy_nn.data.text import hangul
from parity_tests import test_huffman, test_sampling, test_text, test_vocabulary
from parity_tests.mutants.drawing import Check, drawn, each, in_a_folder, together
from parity_tests.strategies import seeds


def _with_a_file(test: Callable[..., None], *cases: Any) -> Check:
    """A test of a file, in a new folder, of each case there is."""

    def check(folder: Path) -> None:
        for case in cases or ((),):
            test(folder / "text.txt", *case)

    return in_a_folder(check)


def _drawn_with_a_file(test: Any, *strategies: st.SearchStrategy[Any]) -> Check:
    def check(folder: Path) -> None:
        drawn(test, st.just(folder / "text.txt"), *strategies)()

    return in_a_folder(check)


def _in_files(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for limit, mapped in ((0, True), (11, True), (12, False)):
            test_vocabulary.test_many_numbers_lie_in_a_file_without_a_name(limit, mapped, folder, patch)


def _anew(*checks: Check) -> Check:
    """With the table of letters made anew, and once more afterwards."""

    def check() -> None:
        hangul._letters_of_syllables.cache_clear()
        try:
            together(*checks)()
        finally:
            hangul._letters_of_syllables.cache_clear()

    return check


def _bar() -> None:
    with pytest.MonkeyPatch.context() as patch:
        test_vocabulary.test_the_bar_moves_by_every_word(patch)


SENTENCES = test_vocabulary.SENTENCES
NUMBERS = drawn(
    test_vocabulary.test_a_text_is_its_words_numbers,
    *(SENTENCES, st.integers(1, 12), st.integers(0, 40)),
    examples=80,
)
KEPT = {
    "gensim": drawn(test_sampling.test_a_word_is_kept_with_gensims_probability, seeds, test_sampling.SAMPLES),
    "word2vec.c": drawn(test_sampling.test_a_word_is_kept_with_word2vecs_probability, seeds, test_sampling.SAMPLES),
    "defaults": test_sampling.test_a_sample_of_zero_keeps_all_and_a_thousandth_is_the_default,
}
WINDOWS = {
    "loops": drawn(test_sampling.test_windows_are_what_nested_loops_give, test_sampling.texts()),
    "example": test_sampling.test_windows_of_a_sentence,
}
MATRICES = {
    "loops": drawn(
        test_sampling.test_a_context_matrix_is_what_nested_loops_give,
        *(test_sampling.texts(window=3), st.integers(3, 5), st.sampled_from([-1, 9, 2**31 - 1])),
    ),
    "refusals": each(test_sampling.test_what_cannot_be_sampled_is_refused, test_sampling.REFUSED),
}

CHECKS: dict[str, dict[str, Check]] = {
    "data.text.hangul": {
        "unicodedata": _anew(test_text.test_every_syllable_is_its_letters_and_they_are_the_syllable),
        "loose letters": _anew(
            drawn(test_text.test_composed_text_comes_back_from_its_letters, test_text.WITH_LOOSE_LETTERS)
        ),
    },
    "data.text.tokenizers": {
        "examples": test_text.test_a_sentence_is_cut_as_each_tokenizer_says,
        "decomposed": drawn(test_text.test_decomposed_text_is_cut_into_the_same_words, test_text.TEXTS),
        "capitals": test_text.test_capitals_stay_where_they_are_asked_for,
        "regex": test_text.test_a_regular_expression_gives_whole_matches,
    },
    "data.text.Corpus": {
        "files": _with_a_file(test_text.test_every_kind_of_file_is_the_same_text_in_every_pass, [".txt"]),
        "endings": _with_a_file(test_text.test_another_ending_is_plain_text),
        "folder": in_a_folder(test_text.test_a_folder_is_its_files_in_order),
        "strings": test_text.test_strings_are_lines_or_several,
        "form": test_text.test_the_tokenizer_is_given_the_form_that_is_asked_for,
        "pieces": _drawn_with_a_file(
            test_text.test_a_long_line_comes_in_pieces_that_are_the_line,
            *(test_text.LINES, st.integers(8, 24), st.sampled_from(["\n", "\r\n"]), st.booleans()),
        ),
        "place": _with_a_file(test_text.test_the_place_counts_from_the_start_of_the_unpacked_file),
        "binary": _with_a_file(test_text.test_a_binary_file_is_refused, [b"\0\xff"], [b"ab\n\0"]),
        "packed": _with_a_file(
            test_text.test_a_file_that_is_not_packed_as_its_name_says_is_refused, [".gz"], [".xz"], [".bz2"]
        ),
        "refusals": each(test_text.test_what_is_no_corpus_is_refused, test_text.REFUSED),
    },
    "word2vec.Vocabulary": {
        "five": test_vocabulary.test_five_occurrences_are_needed_by_default,
        "memory": test_vocabulary.test_no_more_than_a_chunk_of_a_text_is_in_memory,
        "bar": _bar,
        "new": test_vocabulary.test_new_words_come_by_count,
        "five more": test_vocabulary.test_five_occurrences_are_needed_of_a_new_word_by_default,
        "own": test_vocabulary.test_a_list_of_counts_stays_its_owners,
        "refusals": each(test_vocabulary.test_what_is_no_vocabulary_is_refused, test_vocabulary.REFUSED),
        "gensim": drawn(
            test_vocabulary.test_words_and_counts_are_gensims,
            *(SENTENCES, st.integers(1, 4), st.integers(1, 30)),
            examples=80,
        ),
        "most": drawn(
            test_vocabulary.test_the_most_frequent_are_kept_and_of_equals_the_first,
            *(SENTENCES, st.integers(2, 6)),
            examples=80,
        ),
        "numbers": NUMBERS,
        "extended": drawn(
            test_vocabulary.test_a_further_text_adds_its_words_behind,
            *(SENTENCES, SENTENCES, st.integers(1, 3)),
            examples=80,
        ),
    },
    "word2vec.Encoded": {
        "numbers": NUMBERS,
        "files": in_a_folder(_in_files),
    },
    "word2vec.UnknownWordError": {
        "message": test_vocabulary.test_an_unknown_word_is_named_with_what_is_near_to_it,
        "near": test_vocabulary.test_near_is_what_is_spelled_so,
        "slips": drawn(
            test_vocabulary.test_the_nearest_have_the_fewest_slips,
            *(test_vocabulary.SPELLED, st.lists(test_vocabulary.SPELLED, max_size=20, unique=True), st.integers(1, 5)),
        ),
    },
    "word2vec.sampling.keep_probability": KEPT,
    "word2vec.sampling.noise": {
        "gensim": drawn(test_sampling.test_noise_is_gensims, seeds, test_sampling.EXPONENTS),
        "extremes": test_sampling.test_noise_does_not_overflow,
        "power": drawn(test_sampling.test_noise_is_a_power_of_the_counts, seeds, test_sampling.EXPONENTS),
    },
    "word2vec.sampling.noise_table": {
        "shares": drawn(
            test_sampling.test_every_word_has_its_share_of_the_table,
            *(seeds, st.sampled_from([40, 41, 60, 500, 5000]), test_sampling.EXPONENTS),
        ),
        "even": drawn(test_sampling.test_words_of_equal_counts_share_the_table_evenly, seeds, st.integers(1, 60)),
        "order": drawn(test_sampling.test_the_table_is_ordered_by_what_is_drawn, seeds),
        "size": test_sampling.test_the_table_has_four_million_entries_of_counts_to_three_quarters,
    },
    "word2vec.sampling.windows": WINDOWS,
    "word2vec.sampling.context_matrix": MATRICES,
    "word2vec.huffman.tree": {
        "gensim": drawn(test_huffman.test_the_ways_are_gensims_where_no_two_nodes_are_equal, seeds, st.integers(2, 60)),
        "cheapest": drawn(
            test_huffman.test_no_tree_is_cheaper,
            *(seeds, st.integers(2, 60), st.sampled_from([1, 3, 100]), test_huffman.INTEGERS),
        ),
        "word2vec.c": together(test_huffman.test_equal_nodes_are_joined_in_word2vecs_order),
    },
}
