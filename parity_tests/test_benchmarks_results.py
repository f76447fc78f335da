"""Results are kept whole, shown truly, and compared by a test that tells chance from change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import comparison, documents, environment, page, pictures, results, tables
from benchmarks.backends import BACKENDS, BASE, GPU
from benchmarks.results import Report, Row, Suite

FAST, TEXTBOOK, FUSED = "numpy-fast", "numpy-textbook", "torch-cpu-fused"
FLOOR = {"flops": 1e11, "copies": [[1e4, 5e10], [1e8, 1e10]]}


def row(name: str = "a step", phase: str = "step", **changes: Any) -> Row:
    """Ours in 2 ms, the formulas in 8, PyTorch's in 4 and 3, and nobody in less than 1."""
    values = {FAST: [2e-3] * 7, TEXTBOOK: [8e-3] * 7, BASE: [4e-3] * 7, FUSED: [3e-3] * 7}
    given = {"values": values, "flops": 1e8, "bytes": 1e6, "floor": 1e-3} | changes
    return Row(name, phase, given.pop("unit", "s"), **given)


def report(**suites: list[Row]) -> Report:
    """A report of these rows."""
    return Report(
        "here-2-cores",
        {name: Suite({"CPU": "here", "date": "2026-01-01"}, FLOOR, rows) for name, rows in suites.items()},
    )


def test_a_row_compares_with_pytorchs_default_and_with_its_strongest():
    made = row()
    assert made.strongest == FUSED
    assert made.ratio(FAST) == pytest.approx(2)
    assert made.ratio(FAST, made.strongest) == pytest.approx(1.5)
    assert made.ratio(TEXTBOOK) == pytest.approx(0.5)
    assert made.reached(FAST) == pytest.approx(0.5)
    alone = row(values={FAST: [1.0] * 7})
    assert (alone.strongest, alone.ratio(FAST), alone.ratio(FAST, alone.strongest)) == (None, None, None)
    assert row(floor=None).reached(FAST) is None


@pytest.mark.parametrize(
    ("changes", "noisy"),
    [
        ({}, False),
        ({"share": 0.9}, True),
        ({"values": {FAST: [1, 1, 1, 1, 1.2, 1.2, 1.2]}}, True),
        ({"values": {FAST: [1, 1, 1, 1, 1, 1, 9]}}, False),
    ],
)
def test_a_machine_that_is_not_quiet_shows(changes, noisy):
    assert row(**changes).noisy is noisy


def test_what_is_saved_comes_back(tmp_path):
    made = report(
        steps=[row(), row("another", problems={FAST: "refused: wrong"}, size=3)],
        memory=[Row("net", "peak memory", "B", {FAST: [123456789]})],
    )
    path = tmp_path / "new" / "here.json"
    results.save(made, path)
    assert results.load(path) == made
    lines = path.read_text().splitlines()
    assert sum('"name": "a step"' in line for line in lines) == 1, "a row is a line"
    assert json.loads(path.read_bytes())["form"] == results.FORM


def test_numbers_are_kept_to_so_many_digits():
    assert "0.0012346" in results.dumped(report(steps=[row(values={FAST: [0.00123456789]})]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "Expecting value"),
        ("[]", "got no object, list"),
        ("{}", "no 'form'"),
        ('{"form": 0}', "form 0, expected 1"),
        ('{"form": 1, "machine": "x", "suites": {"a": {"environment": {}, "floor": {}, "rows": [{"x": 1}]}}}', "'x'"),
    ],
)
def test_another_file_is_not_taken_for_results(tmp_path, content, message):
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="expected a result file of python -m benchmarks, got") as error:
        results.load(path)
    assert message in str(error.value)
    with pytest.raises(FileNotFoundError, match="found none"):
        results.load(tmp_path / "nowhere.json")


def test_the_table_of_ratios_shows_wins_and_losses():
    lost = row("lost", values={FAST: [8e-3] * 7, TEXTBOOK: [9e-3] * 7, BASE: [4e-3] * 7}, share=0.5)
    without = row("no kernel", values={TEXTBOOK: [8e-3] * 7, BASE: [4e-3] * 7})
    refused = row("wrong", values={BASE: [4e-3] * 7}, problems={FAST: "refused: off by 1"})
    first = row(phase="forward", values={FAST: [1e-3] * 7, BASE: [4e-3] * 7})
    grid = tables.tables(report(steps=[first, row(), lost, without, refused]), "steps")
    assert grid.columns == ["", "ms", "textbook", "fast", "strongest", "of the floor", "forward"]
    assert grid.rows == [
        ["a step", "2", "0.50", "2.00", "1.50", "50%", "4.00"],
        ["lost ~", "8", "0.44", "0.50", "0.50", "12%", "–"],
        ["no kernel", "8", "0.50", "–", "0.50", "12%", "–"],
        ["wrong", "–", "–", "refused", "–", "–", "–"],
    ]
    assert "wrong, numpy-fast: refused: off by 1" in grid.notes
    assert all(name in grid.notes[-1] for name in GPU)


def test_what_was_measured_on_a_gpu_has_a_table_of_its_own():
    found = {"cupy-fast": [2e-3] * 7, "cupy-textbook": [8e-3] * 7, "torch-cuda-eager": [4e-3] * 7}
    made = row(values=found | {"torch-cuda-graph": [1e-3] * 7}, problems={"cupy-graph": "not captured: step: …"})
    grid = tables.on_gpu("steps", report(steps=[row(), made]).suites["steps"])
    assert grid.rows == [["a step: step", "2 ms", "0.50", "2.00", "not captured", "0.50"]]
    assert tables.on_gpu("steps", report(steps=[row()]).suites["steps"]) is None
    assert "cupy-fast" not in tables.tables(report(steps=[made]), "steps").notes[-1]
    cells = tables.everything("steps", report(steps=[made]).suites["steps"]).rows[0]
    assert {"2 ms ± 0 ms", "8 ms ± 0 ms", "4 ms ± 0 ms", "not captured", "not measured"} <= {*cells}


def test_the_table_of_scaling_tells_exponents():
    rows = [row("over n", size=n, values={FAST: [1e-6 * n**2] * 7, BASE: [1e-5 * n] * 7}) for n in (100, 1, 10)]
    grid = tables.tables(report(scaling=rows), "scaling")
    assert grid.columns == ["", "sizes", FAST, BASE, "ratio at the smallest", "at the largest"]
    assert grid.rows == [["over n", "1 … 100", "2.00", "1.00", "10.00", "0.10"]]


def test_the_table_of_memory_tells_megabytes():
    made = Row("net", "peak memory", "B", {FAST: [200e6], BASE: [300e6]})
    grid = tables.tables(report(memory=[made]), "memory")
    assert grid.rows == [["net: peak memory", "200 MB", "300 MB", "1.50"]]
    with_floor = tables.tables(report(start=[replace(made, floor=50e6)]), "start")
    assert with_floor.columns == ["", FAST, BASE, "NumPy alone", "ratio"]
    assert with_floor.rows == [["net: peak memory", "200 MB", "300 MB", "50 MB", "1.50"]]


def test_every_number_has_a_place_and_what_needs_a_gpu_says_so():
    made = row(problems={"torch-cpu-compiled": "not compiled: why"})
    grid = tables.everything("steps", report(steps=[made]).suites["steps"])
    (line,) = grid.rows
    cells = dict(zip(grid.columns, line, strict=True))
    assert cells.keys() == {"", *BACKENDS}
    assert {cells[name] for name in GPU} == {"not measured"}
    assert cells[FAST] == "2 ms ± 0 ms"
    assert cells["torch-cpu-compiled"] == "not compiled"
    assert cells["torch-cpu-channels_last"] == "–"


def test_suites_of_several_runs_say_which_was_measured_with_what():
    made = report(steps=[row()], images=[row()])
    made.suites["images"].environment["date"] = "2026-02-02"
    assert tables.machine(made).rows == [["CPU", "here"], ["date", "2026-01-01 (steps); 2026-02-02 (images)"]]


def test_a_page_has_every_table_and_picture_and_escapes():
    made = report(steps=[row("<b>")], scaling=[row("s, over n", size=n) for n in (1, 2)])
    text = page.page(made)
    assert text.count("data:image/png;base64,") == 2
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    assert text.count("not measured</td>") == 3 * len(GPU)
    assert "<h2>word2vec</h2>" in text


def test_a_picture_says_which_numbers_it_was_drawn_from(tmp_path):
    made = report(steps=[row(), row("moves", flops=0.0)])
    (picture,) = pictures.drawn(made).values()
    path = tmp_path / "roofline.png"
    pictures.save(path, picture)
    assert pictures.drawn_from(path) == pictures.fingerprint(made)
    assert pictures.fingerprint(report(steps=[row("other")])) != pictures.fingerprint(made)


DOCUMENT = """before
<!-- benchmarks table: here.json steps -->
old
<!-- end -->
between
<!-- benchmarks table: here.json machine -->
<!-- end -->
<!-- word2vec table -->
stays
<!-- end -->
"""


def test_a_documents_tables_are_those_of_the_results(tmp_path):
    results.save(report(steps=[row()]), tmp_path / "here.json")
    new = documents.filled(DOCUMENT, tmp_path)
    assert "| a step | 2 | 0.50 | 2.00 | 1.50 | 50% |\n<!-- end -->" in new
    assert "| CPU | here |" in new
    assert "old" not in new
    assert "<!-- word2vec table -->\nstays\n<!-- end -->" in new
    assert documents.filled(new, tmp_path) == new
    assert documents.named(new) == {"here.json"}
    results.save(report(steps=[row(values={TEXTBOOK: [1.0] * 7})]), tmp_path / "here.json")
    assert documents.filled(new, tmp_path) != new
    with pytest.raises(ValueError, match=r"expected one of steps, machine of here\.json, got 'images'"):
        documents.filled(DOCUMENT.replace("json steps", "json images"), tmp_path)


def test_readmes_and_pictures_are_brought_up_to_date(tmp_path, monkeypatch):
    readme = tmp_path / "README.md"
    readme.write_text(DOCUMENT.replace("here.json", "made.json"))
    for name, value in (("READMES", [readme]), ("PICTURES", tmp_path), ("ROOT", tmp_path)):
        monkeypatch.setattr(documents, name, value)
    made = report(steps=[row()])
    results.save(made, tmp_path / "made.json")
    monkeypatch.setattr(documents.filled, "__defaults__", (tmp_path,))
    assert documents.write(made) == [readme, tmp_path / "speed-roofline.png"]
    assert "| a step |" in readme.read_text()
    assert documents.write(made) == []
    made.suites["steps"].rows[0].share = 0.99
    assert documents.write(made) == [tmp_path / "speed-roofline.png"]


@pytest.mark.parametrize("readme", documents.READMES, ids=lambda path: path.name)
def test_the_readmes_tables_are_the_measured_ones(readme: Path):
    text = readme.read_text("utf-8")
    assert documents.filled(text) == text
    measured = {path.name for path in results.FOLDER.glob("*.json")} - {"word2vec.json"}
    assert documents.named(text) == measured, "what was measured is shown"


@pytest.mark.parametrize("path", sorted(results.FOLDER.glob("*")), ids=lambda path: path.name)
def test_results_tell_nothing_of_where_they_were_measured(path: Path):
    text = path.read_text("utf-8")
    assert not [word for word in ("/work", "/home", "/tmp", "/root", "/Users") if word in text]


def test_the_pictures_are_of_the_measured_numbers():
    files = [path for path in results.FOLDER.glob("*.json") if path.name != "word2vec.json"]
    measured = {pictures.fingerprint(results.load(path)) for path in files}
    assert {pictures.drawn_from(path) for path in documents.PICTURES.glob("speed-*.png")} <= measured


def drawn(rng: np.random.Generator, seconds: float, spread: float = 0.02) -> list[float]:
    return (seconds * np.exp(rng.normal(0, spread, 9))).tolist()


def two(change: float, drift: float = 1.0) -> tuple[Report, Report]:
    """Two reports of 40 rows, in the second of which the first row of ours changed, and everything drifted."""
    random = np.random.default_rng(0)
    made = []
    for ours, all_of_it in ((1.0, 1.0), (change, drift)):
        rows = []
        for number in range(40):
            weather = np.array(drawn(random, all_of_it, 0.2))
            own = np.array(drawn(random, ours if number == 0 else 1.0))
            theirs = np.array(drawn(random, 2.0))
            rows.append(
                row(f"row {number}", values={FAST: (own * weather).tolist(), BASE: (theirs * weather).tolist()})
            )
        made.append(report(steps=rows))
    return made[0], made[1]


@pytest.mark.parametrize(("change", "word"), [(1.2, "slower"), (0.8, "faster")])
def test_a_change_is_told_with_its_certainty(change, word):
    found = [each for each in comparison.changes(*two(change)) if each.backend == FAST]
    (told,) = [each for each in found if each.told]
    assert told.row.name == "row 0"
    assert told.change == pytest.approx(change, rel=0.05)
    assert told.certainty > 0.99
    (line,) = comparison.table(found).rows
    assert line[:2] == ["steps, row 0, step ~", FAST]
    assert line[3] == word


def test_what_drifts_with_pytorch_is_no_change():
    found = comparison.changes(*two(1.0, drift=1.5))
    assert not [each for each in found if each.told and each.backend == FAST]
    theirs = [each for each in found if each.backend == BASE]
    assert np.median([each.change for each in theirs]) == pytest.approx(1.5, rel=0.1)


def test_of_many_rows_that_are_the_same_hardly_one_is_told():
    assert not [each for each in comparison.changes(*two(1.0)) if each.told]


def test_a_correction_for_many_rows_keeps_chance_from_being_told():
    random = np.random.default_rng(1)
    old, new = (report(steps=[row(f"{i}", values={FAST: drawn(random, 1.0, 0.1)}) for i in range(300)]) for _ in "ab")
    pairs = zip(old.suites["steps"].rows, new.suites["steps"].rows, strict=True)
    alone = [comparison.certainty(*(comparison.costs(each, FAST, False) for each in pair)) for pair in pairs]
    assert max(alone) > 0.99
    assert not [each for each in comparison.changes(old, new) if each.told]


def test_small_changes_are_not_told():
    made = comparison.Change("steps", row(), FAST, 1.2, 1.0, True)
    assert made.told
    assert not replace(made, change=1.02).told
    assert not replace(made, change=1 / 1.02).told
    assert not replace(made, certainty=0.98).told


def test_single_numbers_are_compared_as_they_are():
    old, new = (report(memory=[Row("net", "peak memory", "B", {FAST: [size]})]) for size in (100e6, 120e6))
    (told,) = comparison.changes(old, new)
    assert (told.told, told.change, comparison.word(told)) == (True, 1.2, "more")
    assert not comparison.changes(old, old)[0].told
    assert comparison.changes(old, report(steps=[row()])) == []


def test_numbers_that_are_not_tested_make_none_of_the_others_certain():
    """Nor less so: they have no chance that could be corrected for."""
    old, new = two(1.0)
    alone = comparison.changes(old, new)
    for number, made in enumerate((old, new)):
        made.suites |= report(memory=[Row(f"{i}", "peak", "B", {FAST: [1e8 + number]}) for i in range(99)]).suites
    beside = [each for each in comparison.changes(old, new) if each.tested]
    assert [each.certainty for each in beside] == [each.certainty for each in alone]


@pytest.mark.parametrize(("old", "new", "mark"), [(1.0, 1.0, ""), (0.5, 1.0, " ~"), (1.0, 0.5, " ~")])
def test_a_change_on_a_machine_that_was_not_quiet_is_marked(old, new, mark):
    rows = [row(values={FAST: [took] * 7, BASE: [1.0] * 7}, share=share) for took, share in ((1.0, old), (2.0, new))]
    table = comparison.table(comparison.changes(*(report(steps=[each]) for each in rows)))
    assert [line[0] for line in table.rows] == ["steps, a step, step" + mark]
    assert table.notes[-1] == "~ behind a name: the machine was not quiet then."
    sizes = [Row("net", "peak memory", "B", {FAST: [size]}, share=0.5) for size in (100e6, 120e6)]
    (told,) = comparison.changes(*(report(memory=[each]) for each in sizes))
    assert not told.noisy


def test_what_differs_in_its_outliers_alone_is_no_change():
    assert comparison.certainty(np.array([100.0] * 4 + [101.0]), np.array([100.0] * 5)) == 0


def test_a_machine_has_a_name_that_a_file_can_have(monkeypatch):
    monkeypatch.setattr(environment, "cpu", lambda: "Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz")
    monkeypatch.setattr(environment.os, "cpu_count", lambda: 12)
    assert environment.slug() == "intel-core-i7-9750h-12-cores"


def test_the_environment_tells_what_and_not_where(monkeypatch):
    found = environment.machine([1])
    assert found.keys() == {"CPU", "caches", "NumPy", "PyTorch", "GPU", "system", "commit", "date"}
    assert np.__version__ in found["NumPy"]
    assert str(documents.ROOT) not in str(found)
    assert environment.machine(None)["CPU"].endswith("not pinned")
    monkeypatch.setattr(environment, "_said", lambda command: "A100, 550.1\nA100, 550.1")
    assert environment.gpu() == "A100, driver 550.1"
    monkeypatch.setattr(environment, "_said", lambda command: None)
    assert (environment.gpu(), environment.commit()) == ("none", "unknown")
