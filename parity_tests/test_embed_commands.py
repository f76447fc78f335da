"""python -m numpy_nn embed: word vectors trained, asked, drawn and judged, and messages that help."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest
from PIL import Image

from numpy_nn import files, word2vec
from numpy_nn.command_line.by_hand import ByHand
from numpy_nn.command_line.embed import pictures
from numpy_nn.command_line.main import main
from numpy_nn.data.text import Corpus, generated, topics
from numpy_nn.data.text.phrases import ENGLISH, KOREAN
from numpy_nn.explore import canvas
from numpy_nn.word2vec import WordVectors
from parity_tests.bounds import unit, within
from parity_tests.full_disk import full
from parity_tests.test_similarity import roundings

pytestmark = pytest.mark.usefixtures("elsewhere")

COMMANDS = ("train", "similar", "analogy", "cluster", "map", "heat", "evaluate")


def run(*arguments: str) -> int:
    return main(ByHand(), ("embed", *arguments))


PEOPLE = "king queen prince princess man woman boy girl".split()
PETS = "강아지 고양이 토끼".split()


@pytest.fixture
def vectors() -> WordVectors:
    """People that are twice their kind and once he or she, each in a direction of its own, and pets in a third one."""
    people = [
        [2.0 * (kind == row) for row in range(4)] + [float(she), 1.0 - she, 0] for kind in range(4) for she in (0, 1)
    ]
    pets = [[0.0, 0, 0, 0, tilt, 0, 1] for tilt in (0.0, 0.1, 0.2)]
    made = WordVectors(PEOPLE + PETS, np.array(people + pets), np.arange(11, 0, -1))
    Path("results").mkdir()
    made.save("results/vectors.npz")
    return made


def table(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """What was printed, line by line, cut at the tabs."""
    captured = capsys.readouterr()
    assert captured.err == ""
    return [line.split("\t") for line in captured.out.splitlines()]


def test_similar_gives_the_nearest_words_and_their_cosines(
    vectors: WordVectors, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("similar", "queen", "--topn", "4") == 0
    expected = [["king", "0.8000"], ["princess", "0.2000"], ["woman", "0.2000"], ["girl", "0.2000"]]
    assert table(capsys) == expected
    assert run("similar", "king") == 0
    assert len(table(capsys)) == 10
    vectors.save("other.txt")
    assert run("similar", "강아지", "--vectors", "other.txt", "--topn", "1") == 0
    assert table(capsys) == [["고양이", f"{1 / 1.01**0.5:.4f}"]]


@pytest.mark.parametrize("method", ["3cosadd", "3cosmul"])
def test_king_minus_man_plus_woman_is_queen(
    vectors: WordVectors, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("analogy", "king", "man", "woman", "--topn", "3", "--method", method)
    assert run(*asked, "--expect", "queen") == 0
    *rows, rank = table(capsys)
    found = vectors.most_similar(["king", "woman"], ["man"], 3, method)
    assert rows == [[word, f"{score:.4f}"] for word, score in found]
    assert rows[0][0] == "queen"
    assert rank == ["queen: number 1 of 8"]
    assert run(*asked, "--expect", "토끼") == 0
    place = vectors.rank("토끼", ["king", "woman"], ["man"], method)
    assert place > 1
    assert table(capsys)[-1] == [f"토끼: number {place} of 8"]


def test_cluster_puts_like_with_like(vectors: WordVectors, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("cluster", "--clusters", "5") == 0
    found = [(number, size, set(words.split())) for number, size, words in table(capsys)]
    assert [number for number, _, _ in found] == ["1", "2", "3", "4", "5"]
    assert [size for _, size, _ in found] == ["3", "2", "2", "2", "2"]
    assert found[0][2] == set(PETS)
    assert {frozenset(words) for _, _, words in found[1:]} == {frozenset(PEOPLE[k : k + 2]) for k in (0, 2, 4, 6)}
    assert run("cluster", "king", "토끼", "queen", "고양이", "--clusters", "2") == 0
    assert {frozenset(row[2].split()) for row in table(capsys)} == {
        frozenset({"king", "queen"}),
        frozenset({"토끼", "고양이"}),
    }
    for seed in range(8):
        assert run("cluster", "--clusters", "5", "--seed", str(seed)) == 0
        sizes = [int(row[1]) for row in table(capsys)]
        assert sizes == sorted(sizes, reverse=True)
    assert run("cluster", "--top", "3", "--skip", "7", "--clusters", "1") == 0
    assert table(capsys)[0][1] == "3"


def test_the_words_of_a_group_begin_with_the_one_nearest_to_its_centre(
    vectors: WordVectors, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("cluster", *PETS, "--clusters", "1") == 0
    assert table(capsys) == [
        ["1", "3", "고양이 토끼 강아지"]
    ]  # tilted by 0.1, 0.2 and 0, of which the last is furthest


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["map"], "11 words by PCA"),
        (["map", "--method", "tsne", "--perplexity", "2", "--clusters", "9"], "11 words by t-SNE"),
        (["map", *PEOPLE], "8 words by PCA"),
        (["heat"], "11 words"),
        (["heat", "king", "강아지"], "2 words"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_picture_is_drawn(
    vectors: WordVectors, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments, "--out", "new/drawn.png") == 0
    assert capsys.readouterr().out == f"{said}; picture: new/drawn.png\n"
    with Image.open("new/drawn.png") as image:
        assert image.format == "PNG"
        assert np.asarray(image.convert("L")).std() > 3


def test_a_map_shows_each_word_once_and_none_on_another(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(canvas, "draw", lambda path, size, paint: shown.append(painted(size, paint)))
    random = np.random.default_rng(0)
    words = [f"word{number}" for number in range(60)] + ["$\\alpha$", "a_b$c"]
    pictures.word_map(Path("map.png"), random.normal(size=(62, 2)), words, [n % 9 for n in range(62)], "title")
    ((figure, axes),) = shown
    assert sorted(text.get_text() for text in axes.texts) == sorted(words)
    assert not any(text.get_parse_math() for text in axes.texts)  # $ is a sign like others
    boxes = [text.get_window_extent() for text in axes.texts]
    hidden = sum(a.overlaps(b) for place, a in enumerate(boxes) for b in boxes[:place])
    for text in axes.texts:
        text.set(position=(3, 2))
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert hidden < sum(a.overlaps(b) for place, a in enumerate(boxes) for b in boxes[:place]) / 3


def painted(size: tuple[float, float], paint: object) -> tuple:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    paint(figure)
    return figure, figure.axes[0]


def test_a_heat_map_puts_like_beside_like(vectors: WordVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(canvas, "draw", lambda path, size, paint: shown.append(painted(size, paint)))
    mixed = ["king", "강아지", "boy", "queen", "토끼", "girl", "고양이"]
    assert run("heat", *mixed) == 0
    ((_, axes),) = shown
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [label.get_text() for label in axes.get_xticklabels()]
    assert sorted(names) == sorted(mixed)
    kinds = ["pet" if name in PETS else "royal" if name in ("king", "queen") else "child" for name in names]
    assert sum(kinds[n] != kinds[n + 1] for n in range(6)) == 2
    cells = np.asarray(axes.images[0].get_array())
    expected = [[vectors.similarity(a, b) for b in names] for a in names]
    within("cells", cells, np.array(expected), np.array(roundings(7) * unit(cells.dtype)))  # vectors of 7 numbers


def test_without_a_korean_font_hangul_is_spelled_and_that_is_said(
    vectors: WordVectors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(canvas, "hangul_font", lambda: None)
    assert pictures.spelled(["강아지", "a한국"]) == ["gangaji", "ahangug"]
    assert (
        capsys.readouterr().err == "no font with Hangul: drawn in Latin letters (e.g. sudo apt install fonts-nanum)\n"
    )
    assert pictures.spelled(["dog", "犬"]) == ["dog", "犬"]
    assert run("map") == 0
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setattr(canvas, "hangul_font", lambda: "NanumGothic")
    assert pictures.spelled(["강아지"]) == ["강아지"]
    assert capsys.readouterr().err == ""


def test_evaluate_counts_by_section_and_file(vectors: WordVectors, capsys: pytest.CaptureFixture[str]) -> None:
    Path("questions.txt").write_text(
        ": royal\nman king woman queen\nman king boy prince\n: other\nboy girl 강아지 토끼\nboy girl cat tiger\n",
        encoding="utf-8",
    )
    Path("pairs.tsv").write_text("king\tqueen\t9\nking\tprince\t5\nking\t토끼\t1\nking\tcat\t1\n", encoding="utf-8")
    assert run("evaluate", "--analogies", "questions.txt", "--similarity", "pairs.tsv", "pairs.tsv") == 0
    assert table(capsys) == [
        ["royal", "1", "2", "50.0%", "0"],
        ["other", "1", "1", "100.0%", "1"],
        ["total", "2", "3", "66.7%", "1"],
        ["pairs.tsv", "1.0000", "3", "1"],
        ["pairs.tsv", "1.0000", "3", "1"],
    ]


def test_one_word_is_counted_in_the_singular(
    vectors: WordVectors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run("cluster", "king", "--clusters", "1") == 0
    assert "1 word in 1 group " in capsys.readouterr().out


def test_evaluate_says_where_nothing_could_be_asked(vectors: WordVectors, capsys: pytest.CaptureFixture[str]) -> None:
    Path("questions.txt").write_text(": royal\nman king woman queen\n: other\nboy girl cat tiger\n", encoding="utf-8")
    assert run("evaluate", "--analogies", "questions.txt") == 0
    captured = capsys.readouterr()
    assert captured.out == "royal\t1\t1\t100.0%\t0\nother\t0\t0\t–\t1\ntotal\t1\t1\t100.0%\t1\n"
    assert captured.err == "questions.txt: none could be asked of other\n"


def test_evaluate_without_files_holds_against_the_generated_truth(capsys: pytest.CaptureFixture[str]) -> None:
    """With vectors that have it by construction: a word is its class, or its row and its column."""
    parts: dict[str, dict[str, float]] = {
        word: {name: 1.0} for name, group in generated.classes().items() for word in group
    }
    for name, grid in (ENGLISH.grids | KOREAN.grids).items():
        for number, row in enumerate(grid.table):
            for column, word in enumerate(row):
                parts[word] = {f"row {number} of {name}": 2.0, f"column {column} of {name}": 1.0}
    axes = sorted({axis for part in parts.values() for axis in part})
    made = np.array([[part.get(axis, 0.0) for axis in axes] for part in parts.values()])
    WordVectors(list(parts), made).save("made.npz")
    assert run("evaluate", "--vectors", "made.npz") == 0
    rows = table(capsys)
    assert rows[:12] == [[name, "20", "20", "100.0%"] for name in generated.classes()]
    asked = [str(len(found)) for found in generated.analogies().values()]
    assert rows[12:-1] == [[name, n, n, "100.0%", "0"] for name, n in zip(generated.analogies(), asked, strict=True)]
    assert rows[-1] == ["total", "224", "224", "100.0%", "0"]
    made[list(parts).index("cello")] = made[list(parts).index("bread")]
    WordVectors(list(parts), made).save("made.npz")
    assert run("evaluate", "--vectors", "made.npz") == 0
    rows = table(capsys)
    assert rows[4] == ["instrument", "12", "20", "60.0%"]  # four times no cello, and cello finds four foods


@pytest.mark.parametrize("command", ["similar", "analogy", "cluster", "evaluate"])
def test_on_a_terminal_there_is_a_table(
    vectors: WordVectors, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("pairs.tsv").write_text("king\tqueen\t9\nking\tprince\t5\n", encoding="utf-8")
    arguments = {
        "similar": ["queen"],
        "analogy": ["king", "man", "woman", "--expect", "queen"],
        "cluster": ["--clusters", "2"],
        "evaluate": ["--similarity", "pairs.tsv"],
    }
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run(command, *arguments[command]) == 0
    printed = capsys.readouterr().out
    assert "\t" not in printed
    plain = re.sub(r"\x1b\[[\d;]*m", "", printed)
    assert {"similar": "nearest to queen", "analogy": "king - man + woman"}.get(command, "") in plain
    assert "━" in plain or "─" in plain
    assert max(map(len, plain.splitlines())) <= 80


def test_on_a_terminal_without_rich_there_are_lines_under_a_title(
    vectors: WordVectors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run("similar", "queen", "--topn", "2") == 0
    assert capsys.readouterr().out == "nearest to queen\nking  0.8000\nprincess  0.2000\n"


def test_a_word_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    WordVectors(["red\x1b[31m", "one", "two"], np.eye(3) + 1).save("odd.npz")
    assert run("similar", "one", "--vectors", "odd.npz") == 0
    assert "'red\\x1b[31m'" in capsys.readouterr().out


ERRORS = [
    (["similar", "king", "--vectors", "none.bin"], "none.bin: expected word vectors, found none\n"),
    (
        ["similar", "king", "--vectors", "results/vectors.npz"],
        "results/vectors.npz: expected word vectors, found none; python -m numpy_nn embed train makes them, --vectors",
    ),
    (
        ["similar", "qeen", "--vectors", "v.npz"],
        ": WORD: expected one of the 11 words of the vocabulary, got 'qeen' (near in",
    ),
    (["similar", "강아자", "--vectors", "v.npz"], "(near in spelling: 강아지)"),
    (["similar", "king", "--topn", "0", "--vectors", "v.npz"], "--topn: expected at least 1, got 0"),
    (
        ["similar", "king", "--vectors", "v.csv"],
        "--vectors: expected a name that ends in .txt, .vec, .bin, .npz, .safe",
    ),
    (
        ["analogy", "king", "man", "woman", "--expect", "king", "--vectors", "v.npz"],
        "--expect: expected one that is not asked",
    ),
    (
        ["analogy", "king", "mann", "woman", "--vectors", "v.npz"],
        ": B: expected one of the 11 words of the vocabulary, got 'mann' (near in spelling: man",
    ),
    (
        ["analogy", "king", "man", "woman", "--expect", "qeen", "--vectors", "v.npz"],
        ": --expect: expected one of the 11 words of the vocabulary, got 'qeen'",
    ),
    (["cluster", "kin", "--vectors", "v.npz"], ": WORD: expected one of the 11 words of the vocabulary, got 'kin'"),
    (
        ["cluster", "--clusters", "12", "--vectors", "v.npz"],
        "--clusters: expected at most 11, the number of words, got 12",
    ),
    (["cluster", "--clusters", "0", "--vectors", "v.npz"], "--clusters: expected at least 1, got 0"),
    (["cluster", "--top", "0", "--vectors", "v.npz"], "--top: expected at least 1, got 0"),
    (["cluster", "--skip", "-1", "--vectors", "v.npz"], "--skip: expected at least 0, got -1"),
    (["cluster", "--skip", "11", "--vectors", "v.npz"], "WORD: expected at least 1 word, got 0"),
    (["map", "king", "king", "man", "--vectors", "v.npz"], "WORD: expected at least 3 words, got 2"),
    (
        ["map", "--perplexity", "3", "--vectors", "v.npz"],
        "--perplexity: expected only with --method tsne, got 3 with pca",
    ),
    (
        ["map", "--method", "tsne", "--perplexity", "99", "--vectors", "v.npz"],
        "--perplexity: expected a number above 1",
    ),
    (["map", "--out", "map.jpg", "--vectors", "v.npz"], "--out: expected the name of a .png file, got 'map.jpg'"),
    (
        ["heat", "--out", "v.csv/map.png", "--vectors", "v.npz"],
        "v.csv/map.png: expected a file that can be written, got",
    ),
    (["heat", "king", "--vectors", "v.npz"], "WORD: expected at least 2 words, got 1"),
    (
        ["evaluate", "--vectors", "v.npz"],
        "--analogies, --similarity: expected at least one FILE for these vectors, got",
    ),
    (["evaluate", "--analogies", "none.txt", "--vectors", "v.npz"], "none.txt: expected a file, found none"),
    (["evaluate", "--similarity", "v.csv", "--vectors", "v.npz"], "v.csv, line 1: expected two words and a number"),
    (["train", "none.txt"], "CORPUS: expected a file, a folder, topics or generated, got 'none.txt'"),
    (["train", "empty.txt"], "CORPUS: expected at least two different words, got none"),
    (["train", "one.txt"], "CORPUS: expected at least two different words, got only 'one'"),
    (["train", "few.txt"], "--min-count: expected at most 2, with which two words stay, got 5"),
    (["train", "latin.txt"], "latin.txt: expected text in UTF-8, found 0xe9 at byte 11"),
    (["train", "latin.txt"], "; --errors replace reads it as \ufffd\n"),
    (["train", "binary.txt"], "binary.txt: expected text in UTF-8, found a NUL byte at byte 3"),
    (
        ["train", "few.txt", "--out", "out.pth"],
        "--out: expected a name that ends in .txt, .vec, .bin, .npz, .safetensors",
    ),
    (["train", "few.txt", "--out", "v.csv/out.txt"], "v.csv/out.txt: expected a file that can be written, got"),
    (["train", "few.txt", "--out", "folder.txt"], "folder.txt: expected the name of a file, got a folder"),
    (["train", "few.txt", "--vector-size", "0"], "--vector-size: expected at least 1, got 0"),
    (["train", "few.txt", "--epochs", "0"], "--epochs: expected at least 1, got 0"),
    (["train", "few.txt", "--min-count", "0"], "--min-count: expected at least 1, got 0"),
    (["train", "few.txt", "--max-vocab", "1"], "--max-vocab: expected at least 2, got 1"),
    (["train", "few.txt", "--continue", "v.npz", "--max-vocab", "9"], "--max-vocab: expected only without --continue"),
    (
        ["train", "few.txt", "--continue", "v.npz", "--min-count", "1", "--freeze", "kin"],
        ": --freeze: expected one of the 13 words of the vocabulary, got 'kin'",
    ),
    (["train", "few.txt", "--freeze"], "--freeze: expected only with --continue FILE, got no FILE"),
    (["train", "few.txt", "--sample", "-1"], "--sample: expected a number of at least 0, got -1.0"),
    (["train", "few.txt", "--alpha", "nan"], "--alpha: expected a"),
    (["train", "few.txt", "--min-alpha", "1"], "--min-alpha: expected at most alpha, 0.025, got 1.0"),
    (
        ["train", "few.txt", "--tokenizer", "word"],
        "--tokenizer: expected one of words, cased, whitespace, syllables, jamo",
    ),
    (["train", "few.txt", "--tokenizer", "regex:["], "--tokenizer: expected a regular expression, got '['"),
]


@pytest.mark.parametrize(
    ("arguments", "message"), ERRORS, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_mistake_is_one_line_and_leaves_nothing_behind(
    vectors: WordVectors, arguments: Sequence[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("results/vectors.npz").rename("v.npz")
    Path("folder.txt").mkdir()
    Path("v.csv").write_text("a,b\n")
    Path("empty.txt").write_text("")
    Path("one.txt").write_text("one one one\n")
    Path("few.txt").write_text("one two one two one\n")
    Path("latin.txt").write_bytes("one\ntwo caf\xe9\n".encode("latin-1"))
    Path("binary.txt").write_bytes(b"one\0two")
    before = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("python -m numpy_nn: ")
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == before


@pytest.mark.parametrize("ending", [".txt", ".bin", ".npz", ".safetensors"])
def test_a_truncated_file_is_refused_in_one_line(
    vectors: WordVectors, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    WordVectors(vectors.words, vectors.vectors.astype(np.float32)).save(f"v{ending}")
    content = Path(f"v{ending}").read_bytes()
    missing = 3 if ending != ".txt" else 80  # a line of text that lost a digit is still one
    for part in (0, 1, len(content) // 2, len(content) - missing):
        Path(f"v{ending}").write_bytes(content[:part])
        assert run("similar", "king", "--vectors", f"v{ending}") == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith(f"python -m numpy_nn: v{ending}: ")
        assert captured.err.count("\n") == 1


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_teaches_by_example_and_fits_a_terminal(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as stopped:
        run(*command.split(), "--help")
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert "examples:" in text
    assert f"python -m numpy_nn embed {command}" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.fixture
def text() -> Path:
    """A text of 60 sentences, as a file."""
    path = Path("text.txt")
    path.write_text("\n".join(generated.text(60, 1)) + "\n", encoding="utf-8")
    return path


QUICK = ("--vector-size", "8", "--epochs", "2", "--min-count", "1", "--trainer", "textbook")
"""The textbook trainer makes no table of noise words, which on so small a text takes longer than all else."""


@pytest.mark.parametrize("ending", [".txt", ".bin", ".npz", ".safetensors"])
def test_train_writes_vectors_in_the_format_of_the_ending(
    text: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "text.txt", "--out", f"new/v{ending}", *QUICK) == 0
    first, last = capsys.readouterr().out.splitlines()
    words = text.read_text(encoding="utf-8").split()
    assert first.startswith(
        f"text.txt: {len(words):,} words, {len(set(words)):,} vectors; Skip-gram, 5 negatives, 8 di"
    )
    assert re.fullmatch(rf"\d+\.\d seconds, [\d,]+ words a second; saved to new/v\{ending}", last)
    made = WordVectors.load(f"new/v{ending}")
    assert set(made.words) == set(words)
    assert made.vectors.shape == (len(set(words)), 8)
    trained = word2vec.train(Corpus("text.txt"), vector_size=8, epochs=2, min_count=1, trainer="textbook").vectors
    assert made.words == trained.words
    assert np.array_equal(made.vectors, trained.vectors)


OPTIONS = [
    (
        "--window 2 --negative 3",
        {"window": 2, "negative": 3},
        "Skip-gram, 3 negatives, 8 dimensions, window 2, 2 epochs",
    ),
    (
        "--sample 0 --seed 4",
        {"sample": 0.0, "seed": 4},
        "5 negatives, 8 dimensions, window 5, 2 epochs, textbook trainer",
    ),
    ("--alpha 0.1 --min-alpha 0.01", {"alpha": 0.1, "min_alpha": 0.01}, "Skip-gram, 5 negatives"),
    ("--cbow", {"cbow": True}, "CBOW, 5 negatives"),
    ("--trainer fast", {"trainer": "fast"}, "fast trainer"),
    ("--hs", {"objective": "hierarchical"}, "Skip-gram, hierarchical softmax"),
    ("--softmax --cbow", {"objective": "softmax", "cbow": True}, "CBOW, softmax"),
    ("--max-vocab 50", {}, "50 vectors"),
]


@pytest.mark.parametrize(("options", "settings", "said"), OPTIONS, ids=[options for options, *_ in OPTIONS])
def test_each_option_reaches_the_trainer(
    text: Path, options: str, settings: dict, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = Corpus("text.txt")
    vocabulary = word2vec.Vocabulary.build(corpus, 1, 50 if "--max-vocab" in options else None)
    same = {"vector_size": 8, "epochs": 2, "trainer": "textbook"}
    expected = word2vec.train(corpus, vocabulary, **same | settings).vectors
    assert run("train", "text.txt", "--out", "v.npz", *QUICK, *options.split()) == 0
    assert said in capsys.readouterr().out
    assert np.array_equal(WordVectors.load("v.npz").vectors, expected.vectors)


def test_several_workers_reach_the_trainer(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(word2vec.Word2Vec, "train", lambda model, sentences: seen.append(model.settings.workers))
    assert run("train", "text.txt", *QUICK, "--trainer", "fast", "--workers", "2") == 0
    assert seen == [2]


def test_training_goes_on_from_vectors_and_what_is_frozen_stays(text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "text.txt", "--out", "first.npz", *QUICK) == 0
    Path("more.txt").write_text("the unicorn sleeps in a basket\n" * 20, encoding="utf-8")
    first = WordVectors.load("first.npz")
    going_on = ("train", "more.txt", "--continue", "first.npz", "--out", "next.npz", *QUICK[2:])
    capsys.readouterr()
    new = [word for word in ("the", "unicorn", "sleeps", "in", "a", "basket") if word not in first]
    assert "unicorn" in new
    for freeze, stays in (([], []), (["--freeze"], first.words), (["--freeze", "the", "in"], ["the", "in"])):
        assert run(*going_on, *freeze) == 0
        frozen = f" ({len(stays):,} frozen)" if stays else ""
        printed = capsys.readouterr().out
        assert printed.startswith(f"more.txt: 120 words, {len(first) + len(new):,} vectors{frozen}; Skip-gram, 5 neg")
        made = WordVectors.load("next.npz")
        assert made.words == [*first.words, *new]
        assert made.counts[made.index["the"]] == first.counts[first.index["the"]] + 20
        for word in stays:
            assert np.array_equal(made[word], first[word])
        assert stays == first.words or not np.array_equal(made["a"], first["a"])


@pytest.mark.parametrize(
    ("tokenizer", "words"),
    [
        ("whitespace", {"강아지를", "Dog,", "dog"}),
        ("words", {"강아지를", "dog"}),
        ("cased", {"강아지를", "Dog", "dog"}),
        ("syllables", {"강", "아", "지", "를", "dog"}),
        ("jamo", {*normalize("NFD", "강아지를"), "dog"}),
        ("regex:[a-z]+", {"og", "dog"}),
    ],
)
def test_the_tokenizer_cuts(tokenizer: str, words: set[str]) -> None:
    Path("text.txt").write_text("강아지를 Dog, dog\n", encoding="utf-8")
    assert run("train", "text.txt", "--out", "v.npz", *QUICK, "--tokenizer", tokenizer) == 0
    assert set(WordVectors.load("v.npz").words) == words


def test_bytes_that_are_no_text_are_replaced_where_that_is_asked_for() -> None:
    Path("latin.txt").write_bytes(b"one two caf\xe9 one two\n")
    assert run("train", "latin.txt", *QUICK, "--errors", "replace") == 0
    assert set(WordVectors.load("results/vectors.npz").words) == {"one", "two", "caf"}


def test_a_full_disk_leaves_the_file_before(
    text: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "text.txt", "--out", "v.npz", *QUICK) == 0
    before = Path("v.npz").read_bytes()
    monkeypatch.setattr(files.os, "fsync", full)
    capsys.readouterr()
    assert run("train", "text.txt", "--out", "v.npz", *QUICK, "--seed", "2") == 2
    assert capsys.readouterr().err == "python -m numpy_nn: v.npz: cannot be written: No space left on device\n"
    assert Path("v.npz").read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["text.txt", "v.npz"]


def test_ctrl_c_leaves_the_file_before_and_says_so(
    text: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("v.npz").write_bytes(b"before")

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(word2vec.Word2Vec, "train", interrupted)
    assert run("train", "text.txt", "--out", "v.npz", *QUICK) == 130
    assert capsys.readouterr().out.splitlines()[-1] == "stopped; v.npz was not written"
    assert Path("v.npz").read_bytes() == b"before"
    assert sorted(path.name for path in Path().iterdir()) == ["text.txt", "v.npz"]


@pytest.mark.parametrize("trainer", ["fast", "textbook"])
def test_a_rate_that_diverges_is_stopped_with_advice(trainer: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("text.txt").write_text("\n".join(generated.text(1000)), encoding="utf-8")
    assert run("train", "text.txt", "--out", "v.npz", *QUICK, "--alpha", "1e30", "--trainer", trainer) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert re.search(r"(word|step) [\d,]+.*: .* at learning rate .*; try a smaller alpha than 1e\+30", captured.err)
    assert not Path("v.npz").exists()


def test_without_a_corpus_the_help_of_python_is_learnt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(topics, "text", cache(topics.text))
    assert run("train", "--epochs", "1", "--vector-size", "8") == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("topics: ")
    assert first.endswith(" 1 epoch, fast trainer")
    assert last.endswith("; saved to results/vectors.npz")
    made = WordVectors.load("results/vectors.npz")
    counts = Counter(word for sentence in Corpus(topics.text()) for word in sentence)
    assert dict(zip(made.words, made.counts.tolist(), strict=True)) == {w: n for w, n in counts.items() if n >= 5}


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_the_generated_neighbours_and_analogies_are_found(seed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "generated", "--seed", seed) == 0
    assert "20 epochs" in capsys.readouterr().out
    assert run("evaluate") == 0
    rows = table(capsys)
    assert [row[3] for row in rows[:12]] == ["100.0%"] * 12
    assert int(rows[-1][1]) >= 0.97 * 224
    for asked in ("king man woman --expect queen", "서울 한국 일본 --expect 도쿄"):
        assert run("analogy", *asked.split()) == 0
        assert re.search(r": number 1 of \d+$", capsys.readouterr().out.rstrip())
