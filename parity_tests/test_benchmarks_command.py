"""The command: what is asked for is measured, shown and kept, and mistakes are named before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks import command, contest, documents, environment, floor, results, suites
from benchmarks.backends import BASE, DEFAULT
from benchmarks.contest import Call, Contest
from benchmarks.results import Report, Row, Suite
from parity_tests.bounds import Mismatch


def agreeing() -> dict[str, Call]:
    return {"step": Call(lambda: sum(range(100)))}


def wrong() -> dict[str, Call]:
    raise Mismatch("not PyTorch's")


RIGHT = [Contest("one", dict.fromkeys(("numpy-fast", BASE), agreeing)), Contest("two", {BASE: agreeing})]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Suites of two contests, one process, a floor that takes no time, results in a folder of their own."""
    monkeypatch.setattr(suites, "TIMED", {"formulas": lambda: RIGHT, "steps": lambda: RIGHT})

    def rows(backends: list[str], only: list[str]) -> Iterator[Row]:
        if contest.wanted("net", only):
            yield Row("net", "peak memory", "B", {backends[0]: [1e6]})

    monkeypatch.setattr(suites, "PROCESSES", {"memory": rows})
    monkeypatch.setattr(suites, "SUITES", ("formulas", "steps", "memory"))
    monkeypatch.setattr(floor, "measure", lambda: floor.Floor(1e9, [(1.0, 1e9), (1e9, 1e9)]))
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")


def kept(tmp_path: Path) -> Report:
    return results.load(tmp_path / "results" / f"{environment.slug()}.json")


def test_every_suite_is_measured_shown_and_kept(tmp_path, capsys):
    page = tmp_path / "new" / "page.html"
    assert command.main(["--min-time", "0", "--html", str(page)]) == 0
    found = kept(tmp_path)
    assert list(found.suites) == ["formulas", "steps", "memory"]
    assert [row.name for row in found.suites["steps"].rows] == ["one", "two"]
    assert found.suites["memory"].rows[0].values == {DEFAULT[0]: [1e6]}
    assert page.read_text().startswith("<!doctype html>")
    out, progress = capsys.readouterr()
    assert out.startswith("formulas\tms\t")
    assert [line for line in progress.splitlines() if "…" in line] == ["formulas …", "steps …", "memory …"]


def test_suites_of_several_runs_are_one_file(tmp_path):
    command.main(["steps", "--min-time", "0"])
    first = kept(tmp_path).suites["steps"]
    command.main(["formulas", "--min-time", "0", "--backends", BASE])
    found = kept(tmp_path)
    assert found.suites["steps"] == first
    assert all(row.values.keys() == {BASE} for row in found.suites["formulas"].rows)


def test_a_part_of_a_suite_is_kept_only_where_it_is_told(tmp_path):
    assert command.main(["steps", "--only", "two", "--min-time", "0"]) == 0
    assert not (tmp_path / "results").exists()
    path = tmp_path / "part.json"
    command.main(["steps", "memory", "--only", "two", "net", "--min-time", "0", "--json", str(path)])
    assert [row.name for suite in results.load(path).suites.values() for row in suite.rows] == ["two", "net"]


def test_what_is_refused_is_told_and_the_status_says_so(monkeypatch, capsys):
    monkeypatch.setattr(suites, "TIMED", {"steps": lambda: [Contest("bad", {"numpy-fast": wrong, BASE: agreeing})]})
    assert command.main(["steps", "--min-time", "0"]) == 1
    assert "bad, numpy-fast: refused: not PyTorch's" in capsys.readouterr().out


def test_a_suite_that_fails_leaves_those_before_it(monkeypatch, tmp_path):
    def broken() -> list[Contest]:
        raise KeyboardInterrupt

    monkeypatch.setattr(suites, "TIMED", {"formulas": lambda: RIGHT, "steps": broken})
    with pytest.raises(KeyboardInterrupt):
        command.main(["--min-time", "0"])
    assert list(kept(tmp_path).suites) == ["formulas"]


def test_other_work_on_the_machine_is_warned_of(monkeypatch, capsys):
    monkeypatch.setattr(environment, "load", lambda: 3.0)
    command.main(["steps", "--min-time", "0"])
    assert "warning: other work is running here (load 3.0)" in capsys.readouterr().err


def saved(path: Path, machine: str, seconds: float) -> Path:
    values = {"numpy-fast": (seconds * np.linspace(0.99, 1.01, 9)).tolist(), BASE: [1e-3] * 9}
    suite = Suite({"CPU": "x"}, {"flops": 1.0, "copies": [[1, 1]]}, [Row("a step", "step", "s", values)])
    results.save(Report(machine, {"steps": suite}), path)
    return path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "suite: expected one of formulas, steps, memory, word2vec, got 'nothing'"),
        (["--backends", "jax"], "--backends: expected some of numpy-textbook"),
        (["--backends", "cupy-fast"], "--backends: cupy-fast needs a GPU and its driver, and CuPy"),
        (["--min-time", "-1"], "--min-time: expected a number of seconds, got -1"),
        (["--min-time", "nan"], "--min-time: expected a number of seconds, got nan"),
        (["--json", "."], "--json: .: expected the name of a file, got a folder"),
        (["--html", f"{__file__}/x.html"], f"--html: {__file__}/x.html: expected a file that can be written, got: "),
        (["report", "--json", "OTHER", "--html", f"{__file__}/x.html"], f"--html: {__file__}/x.html: expected a file"),
        (["--json", "OTHER"], "--json: expected a new file, or results of"),
        (["--json", __file__], "expected a result file"),
        (["--only", "three"], "--only: expected a part of a row's name, got 'three'"),
        (["report", "--json", "nowhere.json"], "nowhere.json: expected a result file"),
        (["compare", "OTHER", "nowhere.json"], "nowhere.json: expected a result file"),
    ],
)
def test_mistakes_are_named(tmp_path, capsys, arguments, message):
    other = str(saved(tmp_path / "other.json", "another-machine", 1.0))
    with pytest.raises(SystemExit, match="2"):
        command.main([other if argument == "OTHER" else argument for argument in arguments])
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_report_is_shown_and_written(tmp_path, monkeypatch, capsys):
    path, page = saved(tmp_path / "here.json", "here", 1e-3), tmp_path / "page.html"
    monkeypatch.setattr(documents, "write", lambda report: [documents.ROOT / "README.md"])
    assert command.main(["report", "--json", str(path), "--html", str(page), "--write"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("steps\tms\t")
    assert "a step\t1\t" in out
    assert out.endswith("written: README.md\n")
    assert "a step" in page.read_text()


def test_what_became_slower_is_told_and_the_status_says_so(tmp_path, capsys):
    old, new = saved(tmp_path / "old.json", "here", 1e-3), saved(tmp_path / "new.json", "there", 2e-3)
    assert command.main(["compare", str(old), str(new)]) == 1
    out, err = capsys.readouterr()
    assert "steps, a step, step\tnumpy-fast\t2.00\tslower\t100.00%" in out
    assert "warning: here and there are two machines" in err
    assert command.main(["compare", str(new), str(old)]) == 0
    assert "\tfaster\t" in capsys.readouterr().out


def test_words_have_a_command_of_their_own(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main(["word2vec"])
    assert "CORPUS: expected a file or a folder" in capsys.readouterr().err


def test_the_form_of_the_file_is_plain_json(tmp_path):
    command.main(["steps", "--min-time", "0"])
    (path,) = (tmp_path / "results").iterdir()
    assert json.loads(path.read_text())["suites"]["steps"]["rows"][0]["name"] == "one"
