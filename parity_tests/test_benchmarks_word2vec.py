"""The benchmark of word vectors: equal texts for all, nothing but the training on the clock, and a true table."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import command as report
from benchmarks.word2vec import agreement, command, contenders, options, tables, trial, trials
from benchmarks.word2vec.text import Text
from numpy_nn.data.text import generated
from numpy_nn.word2vec import Settings, WordVectors, evaluation
from numpy_nn.word2vec.fast import skip_gram, trainer
from parity_tests.bounds import Mismatch

EPOCHS = 2


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "generated.txt"
    path.write_text("\n".join(generated.text(400, language="en")), "utf-8")
    return path


@pytest.fixture(scope="module")
def judgements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of judgements about the words of the generated text."""
    folder = tmp_path_factory.mktemp("judgements")
    first, second, *_ = generated.classes("en").values()
    near = [f"{a}\t{b}\t9.0" for a, b in pairwise(first)]
    far = [f"{a}\t{b}\t1.0" for a, b in zip(first, second, strict=False)]
    for name in ("WordSim353", "SimLex"):
        (folder / trial.FILES[name]).write_text("\n".join(near + far) + "\n", "utf-8")
    questions = [" ".join(question) for grid in generated.analogies("en").values() for question in grid[:50]]
    (folder / trial.FILES["analogies"]).write_text("\n".join([": all", *questions]) + "\n", "utf-8")
    return folder


@pytest.fixture
def agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "CHECKS", {})


@pytest.fixture
def text(corpus: Path) -> Text:
    return Text.read(str(corpus), 2)


def made_report(**changes: Any) -> dict[str, Any]:
    """A report of two contenders and two seeds, gensim half as fast at Skip-gram, and as fast at CBOW."""
    runs = [
        {
            "contender": contender,
            "cbow": cbow,
            "seed": seed,
            "error": None,
            "result": {
                "words": 1000 * speed * (1 + (cbow and contender == "gensim")),
                "wall": 1.0,
                "cpu": 0.5,
                "peak": 2**20 * (100 + seed),
                "quality": {"WordSim353": 0.6 + 0.1 * seed, "SimLex": 0.3, "analogies": 1.0},
                "curve": [[0.5, 0.4], [1.0 + seed, 0.5], [9.0, 0.6]],
            },
        }
        for cbow in (False, True)
        for seed in (0, 1)
        for contender, speed in (("fast", 4 + 2 * seed), ("gensim", 2 + seed))
    ]
    return {
        "contenders": ["fast", "gensim"],
        "seeds": [0, 1],
        "settings": {"window": 5, "epochs": 1},
        "slow_words": 300,
        "target": 0.5,
        "judgements": "here",
        "problems": {},
        "text": {"file": "wiki.txt", "words": 1000, "vocabulary": 10},
        "runs": runs,
    } | changes


@pytest.mark.usefixtures("agreed")
def test_a_report_from_the_corpus_to_the_table(corpus, judgements, tmp_path, capsys):
    result, picture = tmp_path / "new" / "result.json", tmp_path / "picture.png"
    wanted = ["--contenders", "fast", "gensim", "--seeds", "1", "--epochs", str(EPOCHS), "--vector-size", "8"]
    files = ["--eval", str(judgements), "--json", str(result), "--picture", str(picture)]
    assert report.main(["word2vec", str(corpus), *wanted, *files, "--min-count", "2"]) == 0
    out, progress = capsys.readouterr()
    assert out.startswith("CPU ")
    assert "gensim   4" in out
    assert "1/4 Skip-gram, seed 1: numpy_nn, fast\n2/4 Skip-gram, seed 1: gensim\n" in progress

    saved = json.loads(result.read_text())
    assert [run["contender"] for run in saved["runs"]] == ["fast", "gensim"] * 2
    words = Text.read(str(corpus), 2).encoded.words
    for run in saved["runs"]:
        found = run["result"]
        assert found["words"] == EPOCHS * words
        assert len(found["curve"]) == EPOCHS
        assert found["curve"][0][0] < found["curve"][1][0] == found["wall"]
        assert found["curve"][1][1] == found["quality"]["WordSim353"]
        assert found["quality"].keys() == trial.FILES.keys()
        assert 10 * 2**20 < found["peak"] < 2**30
    assert picture.read_bytes().startswith(b"\x89PNG")

    cbow = {row.label: row.cells() for row in tables.rows(saved) if row.objective == "CBOW"}
    lines = [line.split("\t") for line in out.splitlines()]
    shown = {label: cells for label, *cells in lines if label in cbow}
    assert shown == cbow, "the last table is CBOW's"
    assert report.main(["word2vec", "--table", str(result)]) == 0
    assert capsys.readouterr().out == tables.markdown(saved) + "\n"


@pytest.mark.parametrize("contender", tables.LABELS)
@pytest.mark.parametrize("cbow", [False, True])
def test_every_contender_trains(text, judgements, contender, cbow):
    settings = Settings(vector_size=8, epochs=EPOCHS, cbow=cbow, sample=0.0)
    if contender == "textbook":
        settings = replace(settings, trainer="textbook")
    looks: list[int] = []
    clock = contenders.Clock()
    vectors = getattr(contenders, contender)(text, settings, clock, lambda now: looks.append(len(now)))
    assert vectors.words == text.vocabulary.words
    assert vectors.vectors.shape == (len(text.vocabulary), 8)
    assert np.abs(vectors.vectors).max() > 0.5 / 8, "they have moved from where they started"
    assert clock.wall > 0
    assert clock.cpu > 0
    assert looks == ([len(text.vocabulary)] * (EPOCHS - 1) if contender in ("fast", "gensim") else [])


def test_gensim_gets_our_vocabulary_and_our_settings(text, monkeypatch):
    from gensim.models import Word2Vec

    seen: list[Any] = []
    train = Word2Vec.train

    def watched(self: Word2Vec, sentences: list[list[str]], **rest: Any) -> Any:
        seen.append((self, sentences))
        return train(self, sentences, **rest)

    monkeypatch.setattr(Word2Vec, "train", watched)
    settings = Settings(vector_size=7, window=3, negative=4, sample=0.01, alpha=0.03, epochs=1, seed=9, cbow=True)
    contenders.gensim(text, settings, contenders.Clock(), lambda vectors: None)
    ((model, sentences),) = seen
    assert Counter(word for sentence in sentences for word in sentence) == dict(
        zip(text.vocabulary.words, text.vocabulary.counts.tolist(), strict=True)
    )
    assert [model.wv.get_vecattr(word, "count") for word in text.vocabulary.words] == text.vocabulary.counts.tolist()
    assert (model.sg, model.hs, model.vector_size, model.window, model.negative) == (0, 0, 7, 3, 4)
    assert (model.sample, model.alpha, model.min_alpha, model.seed, model.workers) == (0.01, 0.03, 1e-4, 9, 1)
    assert (model.cbow_mean, model.shrink_windows, model.ns_exponent) == (1, True, 0.75)


def test_pauses_are_off_the_clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(contenders.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(contenders.time, "process_time", lambda: now[0] / 2)

    def spend(seconds: float) -> None:
        now[0] += seconds

    clock, seen = contenders.Clock(), []
    spend(100)
    with clock:
        spend(3)
        clock.pause(lambda: (seen.append(clock.wall), spend(50)))
        spend(4)
    spend(100)
    assert seen == [3.0]
    assert (clock.wall, clock.cpu) == (7.0, 3.5)


def test_a_saved_text_is_the_same(text, tmp_path):
    text.save(tmp_path)
    again = Text.load(tmp_path)
    assert np.array_equal(again.encoded.ids, text.encoded.ids)
    assert again.encoded.words == text.encoded.words
    assert again.vocabulary.words == text.vocabulary.words
    assert np.array_equal(again.vocabulary.counts, text.vocabulary.counts)


def test_the_sentences_are_those_of_the_numbers(text):
    sentences = text.sentences()
    assert np.array_equal(text.vocabulary.encode(sentences).ids, text.encoded.ids)
    assert len({id(word) for sentence in sentences for word in sentence}) == len(text.vocabulary)


@pytest.mark.parametrize("words", [1, 50, 51, 52, 53, 54, 10**9])
def test_a_share_ends_with_the_sentence_that_fills_it(text, words):
    part = text.share(words)
    lengths = [len(sentence) for sentence in text.sentences()]
    ends = np.cumsum(lengths)
    expected = int(ends[min(np.searchsorted(ends, words), len(ends) - 1)])
    assert part.encoded.words == expected == int((part.encoded.ids >= 0).sum())
    assert part.encoded.ids[-1] == -1
    assert np.array_equal(part.encoded.ids, text.encoded.ids[: len(part.encoded.ids)])


def test_contenders_take_turns_and_those_with_a_problem_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(trials, "trained", lambda task, folder: {"result": task.settings["cbow"], "error": None})
    given = made_report(contenders=["textbook", "torch", "fast", "gensim"], problems={"torch": "not installed"})
    came = [(run["cbow"], run["seed"], run["contender"]) for run in trials.run(given, tmp_path, None)]
    able = "textbook", "fast", "gensim"
    assert came == [(cbow, seed, contender) for cbow in (False, True) for seed in (0, 1) for contender in able]


def test_slow_contenders_get_a_share_and_one_epoch(tmp_path):
    given = made_report(settings={"epochs": 5, "alpha": 0.03})
    for contender, share, epochs in (("torch", 300, 1), ("textbook", 300, 1), ("fast", None, 5), ("gensim-2", None, 5)):
        task = trials.task(given, tmp_path, [0, 1, 2, 3], False, 7, contender)
        assert (task.share, task.settings["epochs"], task.settings["seed"]) == (share, epochs, 7)
        assert task.cores == ([2, 3] if contender == "gensim-2" else [3])
        assert task.settings["workers"] == (2 if contender == "gensim-2" else 1)
        assert Settings(**task.settings).trainer == ("textbook" if contender == "textbook" else "fast")


def test_quality_is_what_evaluation_says(judgements, text):
    vectors = WordVectors(text.vocabulary.words, np.random.default_rng(0).normal(size=(len(text.vocabulary), 5)))
    similarity = evaluation.similarity(vectors, judgements / trial.FILES["SimLex"])
    assert trial.judged(vectors, judgements, "SimLex") == similarity.rho
    total = evaluation.analogies(vectors, judgements / trial.FILES["analogies"], top=30_000).total
    assert trial.judged(vectors, judgements, "analogies") == total.accuracy
    assert total.asked > 0
    strange = WordVectors(["ᚠ", "ᚢ"], np.eye(2))
    assert all(trial.judged(strange, judgements, name) is None for name in trial.FILES)


def test_a_process_tells_its_own_memory_not_its_parents():
    import subprocess
    import sys

    code = "from benchmarks.peak import peak_memory; print(peak_memory())"
    ballast = np.ones(2**25)  # 256 MiB

    def peak(code: str) -> int:
        return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)

    assert peak(code) < ballast.nbytes / 2
    assert peak(f"import numpy; numpy.ones(2**24).sum(); {code}") > 2**27


def test_a_trainer_that_is_not_pytorchs_is_refused(monkeypatch):
    step = skip_gram.SkipGram.step
    monkeypatch.setattr(trainer.SkipGram, "step", lambda self, number, rate: step(self, number, 1.001 * rate))
    with pytest.raises(Mismatch, match="Skip-gram is not PyTorch's: after step 1"):
        agreement.fast()


def test_what_is_refused_is_not_timed_and_the_status_says_so(corpus, monkeypatch, capsys):
    def refuse() -> None:
        raise Mismatch("a step is not PyTorch's")

    monkeypatch.setattr(agreement, "CHECKS", {"fast": refuse})
    monkeypatch.delenv("NN_DATA", raising=False)
    assert command.main([str(corpus), "--contenders", "fast", "--seeds", "1"]) == 1
    out, progress = capsys.readouterr()
    assert "numpy_nn, fast\trefused: a step is not PyTorch's" in out
    assert "not measured" in out
    assert not progress


@pytest.mark.usefixtures("agreed")
def test_without_gensim_its_row_says_so_and_the_others_run(corpus, monkeypatch, capsys):
    monkeypatch.setattr(command, "installed", lambda package: None)
    small = ["--seeds", "1", "--epochs", "1", "--vector-size", "8", "--min-count", "2"]
    assert command.main([str(corpus), "--contenders", "gensim", "fast", *small]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert lines.count(["gensim", "not installed"]) == 2
    assert [line[3] for line in lines if line[0] == "numpy_nn, fast"] == [tables.MISSING] * 2, "nothing to compare with"


@pytest.mark.usefixtures("agreed")
def test_a_training_that_fails_says_why(corpus, capsys):
    small = ["--seeds", "1", "--epochs", "1", "--vector-size", "8", "--alpha", "1e30"]
    assert command.main([str(corpus), "--contenders", "fast", *small]) == 1
    assert "numpy_nn, fast\tnumpy_nn.training.nonfinite.NonFiniteError: word" in capsys.readouterr().out


def test_more_workers_than_cores_do_not_run():
    assert command.problems(["gensim-3"], [0, 1]) == {"gensim-3": "needs 3 cores, may use 2"}
    assert command.problems(["gensim-2"], [0, 1]) == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "CORPUS: expected a file or a folder, got none"),
        (["nowhere.txt"], "CORPUS: expected a file or a folder, found none at nowhere.txt"),
        (["CORPUS", "--contenders", "glove"], "--contenders: expected one of textbook, fast, gensim, torch"),
        (["CORPUS", "--contenders", "torch-2"], "--contenders: expected one of"),
        (["CORPUS", "--seeds", "0"], "--seeds: expected"),
        (["CORPUS", "--slow-words", "0"], "--slow-words: expected"),
        (["CORPUS", "--min-count", "0"], "--min-count: expected"),
        (["CORPUS", "--min-count", "100000"], "min_count: expected at most"),
        (["CORPUS", "--target", "nan"], "--target: expected"),
        (["CORPUS", "--window", "0"], "window: expected"),
        (["CORPUS", "--alpha", "-1"], "alpha: expected"),
        (["CORPUS", "--eval", "nowhere"], "--eval: expected a folder with EN-WS-353-ALL.txt, found none in nowhere"),
        (["CORPUS", "--json", f"{__file__}/x.json"], f"--json: {__file__}/x.json: expected a file that can be written"),
        (["CORPUS", "--picture", "x.pdf"], "--picture: expected the name of a .png file, got 'x.pdf'"),
        (["--table", "nowhere.json"], "--table: expected a result file of this command, found none at nowhere.json"),
        (["--table", "RUNS"], "--table: expected a result file of this command, got"),
        (["--table", "CORPUS"], "--table: expected a result file"),
    ],
)
def test_mistakes_are_named_before_anything_is_timed(corpus, tmp_path, capsys, arguments, message):
    (tmp_path / "runs.json").write_text('{"runs": []}')
    files = {"CORPUS": str(corpus), "RUNS": str(tmp_path / "runs.json")}
    with pytest.raises(SystemExit, match="2"):
        command.main([files.get(argument, argument) for argument in arguments])
    assert message in capsys.readouterr().err


def test_the_judgements_are_those_of_nn_data_if_it_has_them(corpus, judgements, tmp_path, monkeypatch):
    def found(*more: str) -> Any:
        return options.plan(options.parser().parse_args([str(corpus), *more]))["judgements"]

    monkeypatch.setenv("NN_DATA", str(tmp_path))
    assert found() is None
    (tmp_path / "wordeval-en").mkdir()
    assert found() == str(tmp_path / "wordeval-en")
    assert found("--eval", str(judgements)) == str(judgements)


def test_the_rows_are_the_runs():
    ours, gensim, cbow, _ = tables.rows(made_report())
    assert ours.cells() == ["5,000", "10,000", "2.00", ".650 ± .071", ".300 ± .000", "1.000 ± .000", "1.5", "101"]
    assert gensim.cells()[:3] == ["2,500", "5,000", "1.00"]
    assert cbow.cells()[:3] == ["5,000", "10,000", "1.00"]


@pytest.mark.parametrize(
    ("curve", "seconds"), [([[1, 0.4], [2, 0.5]], 2), ([[1, 0.4], [2, 0.49]], None), ([[1, 0.9]], None), ([], None)]
)
def test_the_target_is_reached_where_it_is_first_seen(curve, seconds):
    assert tables.time_to(curve, 0.5) == seconds


def test_the_markdown_table():
    lines = tables.markdown(made_report(problems={"gensim": "not installed"})).splitlines()
    assert len(lines) == 6
    assert lines[0] == ("|  | words/s | per CPU s | × gensim | WordSim353 | SimLex | analogies | s to .50 | MiB |")
    assert lines[2].startswith("| **Skip-gram, numpy_nn, fast** | 5,000 | 10,000 | ")
    assert lines[3] == "| Skip-gram, gensim | not installed |  |  |  |  |  |  |  |"
    assert {line.count("|") for line in lines} == {10}


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_the_readmes_table_is_the_measured_one(readme):
    root = Path(report.__file__).parent.parent
    measured = json.loads((root / "benchmarks/results/word2vec.json").read_text("utf-8"))
    text = (root / readme).read_text("utf-8")
    shown = text.split("<!-- word2vec table -->\n")[1].split("\n<!-- end -->")[0]
    assert shown == tables.markdown(measured)
