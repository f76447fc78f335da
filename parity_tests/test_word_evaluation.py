"""Analogies and judged pairs: the numbers of gensim and SciPy, on drawn vectors and on the published files."""

from __future__ import annotations

import math
import os
import warnings
from pathlib import Path
from typing import Any

import gensim.models
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from numpy_nn.backend import to_device
from numpy_nn.word2vec import WordVectors, evaluation
from numpy_nn.word2vec.correlation import spearman
from numpy_nn.word2vec.evaluation import Section, Similarity
from parity_tests.bounds import agree, unit
from parity_tests.strategies import seeds
from parity_tests.test_similarity import roundings

RHO = 8 * unit(np.dtype(np.float64))
"""Of sums of ranks, which are exact, two roots and two quotients on either side; no rho is above 1."""
KINDS = ("capital", "family", "gram1-plural")
needs_data = pytest.mark.skipif(
    "NN_DATA" not in os.environ, reason="needs real judgements: set NN_DATA to a folder that holds wordeval-en/*.txt"
)


def regular(seed: int, pairs: int = 12) -> tuple[list[str], np.ndarray, str]:
    """Words of three kinds of pairs, their vectors with as many directions and some noise, and questions about them.

    A few words are there in two or three spellings of large and small letters, a few are unknown.
    """
    random = np.random.default_rng(seed)
    words, rows, lines = [], [], []
    for kind in KINDS:
        names = [(f"{kind}-a{pair}", f"{kind}-B{pair}") for pair in range(pairs)]
        direction = random.standard_normal(8)
        for first, second in names:
            start = random.standard_normal(8)
            words += [first, second]
            rows += [start, start + direction + 0.5 * random.standard_normal(8)]
        lines.append(f": {kind}")
        for _ in range(20):
            one, other = random.choice(pairs + 2, 2, replace=False)  # the last two are unknown
            lines.append(f"{kind}-a{one} {kind}-B{one} {kind}-A{other} {kind}-b{other}")
    order = random.permutation(len(words))
    others = [words[row].upper() for row in order[:6]] + [words[row].title() for row in order[4:9]]
    others = list(dict.fromkeys(word for word in others if word not in words))
    table = np.vstack([np.array(rows)[order], random.standard_normal((len(others), 8))])
    mixed = random.permutation(len(table))
    names_of = [words[row] for row in order] + others
    return [names_of[row] for row in mixed], table[mixed].astype(np.float32), "\n".join(lines) + "\n"


def gensims(words: list[str], table: np.ndarray) -> gensim.models.KeyedVectors:
    model = gensim.models.KeyedVectors(table.shape[1])
    model.add_vectors(words, table)
    return model


def counted(sections: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    """gensim's lists of questions as numbers: name, right, all."""
    return [(part["section"], len(part["correct"]), len(part["correct"] + part["incorrect"])) for part in sections]


def assert_gensims(words: list[str], table: np.ndarray, path: Path, top: int, ignore_case: bool, unknown: str) -> None:
    ours = evaluation.analogies(WordVectors(words, table), path, top=top, ignore_case=ignore_case, unknown=unknown)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # gensim divides by the length of a zero vector
        score, theirs = gensims(words, table).evaluate_word_analogies(
            path, restrict_vocab=top, case_insensitive=ignore_case, dummy4unknown=unknown == "wrong"
        )
    found = [(part.name, part.correct, part.asked) for part in (*ours.sections, ours.total)]
    assert found == [*counted(theirs[:-1]), ("total", *counted(theirs)[-1][1:])]
    questions = sum(not line.startswith(":") for line in path.read_text().splitlines())
    assert ours.total.asked + ours.total.skipped == questions
    assert ours.total.accuracy == score if ours.total.asked else math.isnan(ours.total.accuracy)


@given(seeds, st.integers(20, 90), st.booleans(), st.sampled_from(["skip", "wrong"]))
def test_analogies_are_gensims(tmp_path_factory, seed, top, ignore_case, unknown) -> None:
    words, table, text = regular(seed)
    path = tmp_path_factory.getbasetemp() / "questions.txt"
    path.write_text(text)
    assert_gensims(words, table, path, top, ignore_case, unknown)


def pairs_of(seed: int, words: list[str]) -> str:
    """Pairs, some of them unknown, some twice, with judgements among which there are ties."""
    random = np.random.default_rng(seed)
    asked = [*words, "unknown", "Nobody"]
    drawn = [(*random.choice(len(asked), 2), random.integers(0, 21) / 2) for _ in range(40)]
    drawn += [(first, first + 1, first) for first in range(15)]  # the first words, which take part in all cases
    return "# a line of explanation\n" + "".join(f"{asked[a]}\t{asked[b]}\t{value}\n" for a, b, value in drawn)


@given(seeds, st.sampled_from([None, 20, 60]), st.booleans(), st.sampled_from(["skip", "zero"]))
def test_similarity_is_gensims(tmp_path_factory, seed, top, ignore_case, unknown) -> None:
    words, table, _ = regular(seed)
    path = tmp_path_factory.getbasetemp() / "pairs.txt"
    path.write_text(pairs_of(seed, words))
    assert_spearmans(words, table, path, top, ignore_case, unknown)


def assert_spearmans(
    words: list[str], table: np.ndarray, path: Path, top: int | None, ignore_case: bool, unknown: str
) -> None:
    """SciPy's rho and gensim's share of unknown words.

    gensim's own rho may swap the ranks of two pairs whose similarities are equal but for rounding: of N pairs, such a
    swap changes Σ r s by at most N, and rho by 12 N / (N³ − N); two of them are allowed for.
    """
    ours = evaluation.similarity(WordVectors(words, table), path, top=top, ignore_case=ignore_case, unknown=unknown)
    _, theirs, share = gensims(words, table).evaluate_word_pairs(
        path, restrict_vocab=top or len(words), case_insensitive=ignore_case, dummy4unknown=unknown == "zero"
    )
    N = ours.pairs
    assert abs(ours.rho - theirs.statistic) <= 2 * 12 * N / (N**3 - N) + RHO
    assert ours.missing / (N if unknown == "zero" else N + ours.missing) * 100 == share


@needs_data
@pytest.mark.parametrize("top", [700, 30_000])
def test_the_published_files_give_gensims_numbers(top: int) -> None:
    folder = Path(os.environ["NN_DATA"], "wordeval-en")
    questions = [line.split() for line in (folder / "questions-words.txt").read_text().splitlines() if line[0] != ":"]
    judged = [folder / "EN-WS-353-ALL.txt", folder / "EN-SIMLEX-999.txt"]
    known = {word for line in questions for word in line}
    known |= {word for path in judged for line in path.read_text().splitlines() for word in line.split("\t")[:2]}
    words = sorted(known)
    np.random.default_rng(0).shuffle(words)
    words = words[60:]  # 60 are unknown
    table = np.random.default_rng(1).standard_normal((len(words), 16)).astype(np.float32)
    row = {word: number for number, word in enumerate(words)}
    for a, b, c, d in questions[::7]:  # some of which are answered right
        if {a, b, c, d} <= row.keys():
            table[row[d]] = table[row[b]] - table[row[a]] + table[row[c]]
    assert_gensims(words, table, folder / "questions-words.txt", top, True, "skip")
    for path in judged:
        assert_spearmans(words, table, path, None, True, "skip")
        assert_spearmans(words, table, path, top, False, "zero")


def test_a_file_of_analogies_by_hand(tmp_path: Path) -> None:
    words = ["man", "woman", "king", "queen", "KING", "prince", "Boy", "girl"]
    table = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 2], [0, 1, 2], [0, 1, 1.9], [1, 0, 1.8], [1, 0, -1], [0, 1, -1]])
    (tmp_path / "a.txt").write_text(
        ": royal\nman king woman queen\nMAN King Woman QUEEN\n\nman king woman prince\nman king woman emperor\n"
        ":young people\nman boy woman girl\nman boy woman boy\n: none\n: unknown\na b c d\n"
    )
    vectors = WordVectors(words, table)
    found = evaluation.analogies(vectors, tmp_path / "a.txt")
    sections = (
        Section("royal", 2, 3, 1),  # KING would be nearer, but is king
        Section("young people", 1, 2, 0),  # no word asked with is an answer
        Section("none", 0, 0, 0),
        Section("unknown", 0, 0, 1),
    )
    assert found.sections == sections
    assert found.total == Section("total", 3, 5, 2)
    assert [section.accuracy for section in sections[:2]] == [2 / 3, 1 / 2]
    assert math.isnan(sections[2].accuracy)
    assert found.total.accuracy == 3 / 5
    exact = evaluation.analogies(vectors, str(tmp_path / "a.txt"), ignore_case=False, unknown="wrong")
    assert exact.sections[:2] == (Section("royal", 0, 4, 0), Section("young people", 0, 2, 0))  # KING is an answer
    assert evaluation.analogies(vectors, tmp_path / "a.txt", top=6).sections[1] == Section("young people", 0, 0, 2)
    assert evaluation.analogies(vectors, tmp_path / "a.txt", top=None, method="3cosmul").total.asked == 5
    there = WordVectors(words, to_device(table, "strict"))
    assert evaluation.analogies(there, tmp_path / "a.txt") == found


def test_thirty_thousand_words_take_part_in_analogies_by_default(tmp_path: Path) -> None:
    words = [f"w{row}" for row in range(30_001)]
    vectors = WordVectors(words, np.eye(30_001, 1) + 1)
    (tmp_path / "a.txt").write_text(": a\nw1 w2 w3 w29999\nw1 w2 w3 w30000\n")
    assert evaluation.analogies(vectors, tmp_path / "a.txt").total == Section("total", 0, 1, 1)
    assert evaluation.analogies(vectors, tmp_path / "a.txt", top=None).total.asked == 2
    (tmp_path / "b.txt").write_text("w1\tw30000\t1\n")
    assert evaluation.similarity(vectors, tmp_path / "b.txt").pairs == 1


def test_a_file_of_pairs_by_hand(tmp_path: Path) -> None:
    vectors = WordVectors(["a", "b", "C", "c"], np.array([[1.0, 0], [1, 1], [0, 1], [-1, 0]]))
    (tmp_path / "a.txt").write_bytes(
        b"# words\r\na\tb\t5\r\na\tc\t3\r\nb\tA\t5\r\nx\ta\t9\r\na\tA\t10\n\nb\tnobody\t-1\n"
    )
    similarities, judgements = [0.5**0.5, 0, 0.5**0.5, 1], [5, 3, 5, 10]
    assert scipy.stats.spearmanr(similarities, judgements).statistic == pytest.approx(1, abs=RHO)
    assert evaluation.similarity(vectors, tmp_path / "a.txt") == Similarity(1.0, 4, 2)
    zero = scipy.stats.spearmanr([*similarities, 0, 0], [*judgements, 9, -1]).statistic
    found = evaluation.similarity(vectors, tmp_path / "a.txt", unknown="zero")
    assert (found.rho, found.pairs, found.missing) == (pytest.approx(zero, abs=RHO), 6, 2)
    exact = evaluation.similarity(vectors, tmp_path / "a.txt", ignore_case=False)
    assert (exact.pairs, exact.missing) == (2, 4)
    assert evaluation.similarity(vectors, tmp_path / "a.txt", top=2).pairs == 3
    there = WordVectors(vectors.words, to_device(vectors.vectors, "strict"))
    assert evaluation.similarity(there, tmp_path / "a.txt") == Similarity(1.0, 4, 2)


@given(seeds, st.integers(2, 60), st.integers(1, 60))
def test_spearmans_rho_is_scipys(seed, N, distinct) -> None:
    random = np.random.default_rng(seed)
    x, y = random.integers(0, distinct, (2, N)) * 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scipy.stats.ConstantInputWarning)
        expected = scipy.stats.spearmanr(x, y).statistic
    assert spearman(x, y) == pytest.approx(expected, abs=RHO, nan_ok=True)


def test_rho_is_one_exactly_for_the_same_order_and_nan_where_there_is_none() -> None:
    x = np.random.default_rng(0).integers(0, 500, 1000)
    assert spearman(x, x**3) == 1
    assert spearman(x, -x) == -1
    for a, b in (([1, 1], [1, 2]), ([1, 2], [3, 3]), ([1], [1]), ([1, math.nan, 2], [1, 2, 3])):
        assert math.isnan(spearman(np.array(a, float), np.array(b, float)))
    with pytest.raises(ValueError, match=r"y: expected shape \(2,\)"):
        spearman(np.ones(2), np.ones(3))


@given(seeds, st.sampled_from([np.float32, np.float64]))
def test_the_similarities_behind_rho_are_cosines(seed, dtype) -> None:
    table = np.random.default_rng(seed).standard_normal((9, 5)).astype(dtype)
    pairs = [(0, 1), (2, 2), (3, 8), (1, 0)]
    first, second = (table[[pair[side] for pair in pairs]].astype(np.float64) for side in (0, 1))
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    found = evaluation._cosines(table, pairs)
    assert found[0] == found[3]
    expected = (first * second).sum(1) / lengths
    agree("cosines", found, expected.astype(dtype), np.abs(first * second).sum(1) / lengths, roundings(5))


FILES = {
    "analogies, empty": (b"", "expected analogies, found none"),
    "analogies, sections": (b": a\n: b\n", "expected analogies, found none"),
    "analogies, no section": (
        b"\na b c d\n",
        "line 2: expected a section such as ': family' before the first question",
    ),
    "analogies, three words": (b": x\na b c d\na b c\n", "line 3: expected four words, found 'a b c'"),
    "analogies, five words": (b": x\na b c d e\n", "line 2: expected four words, found 'a b c d e'"),
    "analogies, no UTF-8": (b": x\na b c \xff\n", "expected text in UTF-8, found 0xff at byte 10"),
    "similarity, empty": (b"", "expected pairs of words of the vocabulary, found 0 pairs of others"),
    "similarity, unknown": (b"x\ty\t1\n", "expected pairs of words of the vocabulary, found 1 pairs of others"),
    "similarity, spaces": (b"a b 1\n", "line 1: expected two words and a number, divided by tabs, found 'a b 1'"),
    "similarity, four": (b"a\tb\t1\na\tb\t1\t2\n", "line 2: expected two words and a number"),
    "similarity, no number": (b"a\tb\tmuch\n", "line 1: expected two words and a number"),
    "similarity, nan": (b"a\tb\tnan\n", "line 1: expected two words and a number"),
    "similarity, no UTF-8": (b"a\t\xff\t1\n", "expected text in UTF-8, found 0xff at byte 2"),
}


@pytest.mark.parametrize("what", FILES)
def test_bad_files_are_refused_with_the_line(what: str, tmp_path: Path) -> None:
    content, message = FILES[what]
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    evaluate = getattr(evaluation, what.split(",")[0])
    with pytest.raises(ValueError, match=f"{path}.*{message}"):
        evaluate(WordVectors(list("abcd"), np.eye(4)), path)


def test_names_and_options_are_checked(tmp_path: Path) -> None:
    vectors = WordVectors(list("abcd"), np.eye(4))
    for evaluate in (evaluation.analogies, evaluation.similarity):
        for path in (tmp_path, tmp_path / "none"):
            with pytest.raises(FileNotFoundError, match="expected a file, found none"):
                evaluate(vectors, path)
        with pytest.raises(ValueError, match="unknown: expected one of 'skip'"):
            evaluate(vectors, tmp_path, unknown="ignore")
        with pytest.raises(ValueError, match="top: expected at least 1, got 0"):
            evaluate(vectors, tmp_path, top=0)
