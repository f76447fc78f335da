"""Whole trainings are timed where they are the same training, and say what they took."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpy_nn as nn
from benchmarks import suites, tables, training
from benchmarks.backends import BASE, DEFAULT
from benchmarks.results import Report, Row, Suite
from benchmarks.training import Course, Training
from parity_tests.test_idx import idx

BACKENDS = ("numpy-textbook", "numpy-fast", BASE, "torch-cpu-fused")
COURSE = Course(32, "optim.SGD", {"lr": 0.1}, 10, 0.9)


@pytest.fixture(scope="module")
def data() -> training.Data:
    """Ten patterns under noise: 330 of them to learn from, which no batch size divides, 100 to test."""
    random = np.random.default_rng(0)
    patterns = random.standard_normal((10, 784), np.float32)

    def noisy(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels = random.integers(0, 10, n)
        return patterns[labels] + 5 * random.standard_normal((n, 784), np.float32), labels

    return *noisy(330), *noisy(100)


@pytest.fixture
def measured(data: training.Data, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The rows of a course, after two runs of each backend."""
    monkeypatch.setattr(training, "TIMES", 2)
    yield lambda course=COURSE, backends=BACKENDS: training.measured("net", course, backends, data)
    nn.use_kernels("fast")


def test_a_training_is_timed_to_its_accuracy_with_every_backend(measured):
    seconds, steps, wrong = measured()
    assert [row.unit for row in (seconds, steps, wrong)] == ["s", "", ""]
    assert seconds.phase == "time to 90%"
    assert wrong.phase == "wrong of 100"
    assert not seconds.problems
    assert {backend: len(values) for backend, values in seconds.values.items()} == dict.fromkeys(BACKENDS, 2)
    assert len({steps.median(backend) for backend in BACKENDS}) == 1
    assert steps.median(BASE) % COURSE.every == 0
    assert all(0 <= wrong.median(backend) <= 10 for backend in BACKENDS)


def test_both_libraries_see_the_same_batches_in_the_same_order(data):
    ours, theirs = (Training(backend, COURSE, data) for backend in ("numpy-fast", BASE))
    seen = list(islice(zip(ours.batches(), theirs.batches(), strict=True), 21))  # two epochs and a batch
    for (x, labels), (their_x, their_labels) in seen:
        np.testing.assert_array_equal(x, their_x)
        np.testing.assert_array_equal(labels, their_labels)
        assert len(x) == COURSE.N
    first, second, third = (seen[number][0][1] for number in (0, 10, 20))
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)


def test_a_run_begins_where_the_first_one_did(data):
    for backend in ("numpy-fast", BASE):
        run = Training(backend, COURSE, data)
        before = run.losses(3)
        run()
        taken, wrong = run.taken, run.wrong
        run()
        assert (run.taken, run.wrong) == (taken, wrong)
        np.testing.assert_array_equal(run.losses(3), before)


def a_tenth_more(self: Any, gradient: np.ndarray, *rest: Any) -> None:
    self.grad = gradient + gradient.dtype.type(0.1) * gradient


@pytest.mark.parametrize(
    ("owner", "name", "bug", "reason"),
    [
        (nn.Parameter, "accumulate", a_tenth_more, "in float64: off by"),
        (training, "our_orders", lambda n: iter([np.arange(n)] * 99), "the first 50 losses: off by"),
    ],
)
def test_another_training_is_refused_and_pytorchs_is_timed(measured, monkeypatch, owner, name, bug, reason):
    monkeypatch.setattr(owner, name, bug)
    seconds, steps, wrong = measured(backends=("numpy-fast", BASE))
    assert seconds.problems.keys() == {"numpy-fast"}
    assert seconds.problems["numpy-fast"].startswith("refused: ")
    assert reason in seconds.problems["numpy-fast"]
    assert seconds.values.keys() == steps.values.keys() == wrong.values.keys() == {BASE}


def test_a_training_that_does_not_get_there_is_given_up(measured, monkeypatch):
    monkeypatch.setattr(training, "EPOCHS", 1)
    seconds, steps, _ = measured(Course(32, "optim.SGD", {"lr": 1e-4}, 10), ("numpy-fast", BASE))
    assert seconds.problems.keys() == {"numpy-fast", BASE}
    assert all(reason.startswith("not reached: ") for reason in seconds.problems.values())
    assert not seconds.values
    assert not steps.values


def test_without_mnist_the_rows_say_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.delenv("NN_DATA", raising=False)
    rows = list(training.rows((*DEFAULT, "cupy-fast")))
    assert [row.name for row in rows] == list(training.COURSES)
    for row in rows:
        assert row.problems.keys() == set(BACKENDS)
        assert row.problems[BASE].startswith("not measured: NN_DATA: expected the name of a folder")
    monkeypatch.setenv("NN_DATA", str(tmp_path))
    (row,) = training.rows(DEFAULT, ["Adam"])
    assert "train-images-idx3-ubyte.gz" in row.problems[BASE]
    assert not list(training.rows(DEFAULT, ["another"]))
    grid = tables.tables(suites_of(rows), "training")
    assert grid.rows[0][1:] == ["not measured"] * 4 + ["–", "–"]
    assert any("SimpleNet, Adam, batch 256, numpy-fast: not measured" in note for note in grid.notes)


def suites_of(rows: list[Row]) -> Report:
    """A report of this suite alone."""
    return Report("here", {"training": Suite({}, {}, rows)})


def test_the_table_tells_seconds_and_counts_and_both_ratios():
    values = {"numpy-fast": [1.0] * 5, BASE: [1.5] * 5, "torch-cpu-fused": [1.25] * 5}
    counted = {backend: [2000.0] for backend in values}
    grid = tables.tables(suites_of([Row("net", "time", "s", values), Row("net", "steps", "", counted)]), "training")
    assert grid.columns == ["", *values, "ratio", "strongest"]
    assert grid.rows[0] == ["net: time", "1000 ms", "1500 ms", "1250 ms", "1.50", "1.25"]
    assert grid.rows[1] == ["net: steps", "2000", "2000", "2000", "–", "–"]


def test_the_images_of_the_folder_are_normalized(monkeypatch, tmp_path):
    random = np.random.default_rng(0)
    (tmp_path / "mnist").mkdir()
    for half, n in (("train", 20), ("t10k", 10)):
        images, labels = random.integers(0, 256, (n, 28, 28), np.uint8), random.integers(0, 10, n).astype(np.uint8)
        Path(tmp_path, "mnist", f"{half}-images-idx3-ubyte").write_bytes(idx(images))
        Path(tmp_path, "mnist", f"{half}-labels-idx1-ubyte").write_bytes(idx(labels))
    monkeypatch.setenv("NN_DATA", str(tmp_path))
    x, y, test_x, test_y = training.mnist()
    assert [array.shape for array in (x, y, test_x, test_y)] == [(20, 784), (20,), (10, 784), (10,)]
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    assert abs(x.mean()) < 1e-6
    assert abs(x.std() - 1) < 1e-6
    assert 0 < abs(test_x.mean()) < 0.1, "by the mean of those to learn from"


def test_the_suite_is_one_of_the_commands():
    assert suites.PROCESSES["training"] is training.rows
    assert "training" in suites.SUITES
