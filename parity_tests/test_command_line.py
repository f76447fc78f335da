"""python -m parity_tests, as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from numpy_nn import functional
from parity_tests import __main__ as command
from parity_tests import show
from parity_tests.lockstep import Lockstep, Settings
from parity_tests.report import lines

SHORT = ["--epochs", "1", "--examples", "2"]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A short run, piped, with everything written."""
    folder = tmp_path_factory.mktemp("proof")
    options = ["--picture", folder / "p.png", "--json", folder / "r.json", "--html", folder / "r.html"]
    call = [sys.executable, "-m", "parity_tests", *SHORT, *map(str, options)]
    return folder, subprocess.run(call, capture_output=True, text=True, check=True)


def test_piped_it_prints_plain_lines(outputs):
    _, done = outputs
    assert "\x1b" not in done.stdout
    assert done.stderr == ""
    assert "bound 1.0e-10: holds" in done.stdout
    assert done.stdout.rstrip().endswith("all hold")


def test_the_data_says_what_was_shown(outputs):
    folder, _ = outputs
    data = json.loads((folder / "r.json").read_text())
    assert data["holds"]
    assert [epoch["epoch"] for epoch in data["epochs"]] == [1]
    assert {line["name"] for line in data["parity"]} >= {"functional.relu", "Linear", "optim.Adam"}
    assert all(line["holds"] for line in data["parity"])


def test_the_page_holds_its_picture_itself(outputs):
    folder, _ = outputs
    text = (folder / "r.html").read_text()
    assert "data:image/png;base64," in text
    assert "http" not in text
    assert (folder / "p.png").read_bytes().startswith(b"\x89PNG")


def test_a_wrong_gradient_is_shown_and_ends_non_zero(monkeypatch, capsys):
    relu = functional.relu

    def wrong(x):
        y, backward = relu(x)
        return y, lambda dy: 1.0005 * backward(dy)

    monkeypatch.setattr(functional, "relu", wrong)
    found = next(line for line in lines(20) if line.name == "functional.relu")
    assert not found.holds
    assert "Mismatch" in found.witnesses["pytorch"]
    monkeypatch.setattr(show, "names", lambda: ["functional.relu"])
    monkeypatch.setattr(show, "lines", lambda examples, device: iter([found]))
    shown = show.report(1, "cpu")
    assert [line.holds for line in shown] == [False]
    assert "1 do not hold" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "mnist"], "--data mnist needs --data-dir FOLDER"),
        (["--model", "lenet"], "--model lenet needs --data mnist"),
        (["--epochs", "0"], "expected at least 1, got 0"),
        (["--optimizer", "magic"], "invalid choice: 'magic'"),
    ],
)
def test_wrong_options_are_refused_by_name(options, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(options)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_the_network_in_lockstep_is_named(capsys):
    small = {"model": "resnet18", "width": 2}
    for options, name, dropout in (
        ({}, "SimpleNet 64-128-10", "dropout 0.2, "),
        (small, "ResNet18 of width 2", ""),
    ):
        show.lockstep(Lockstep(Settings(epochs=1, **options)))
        printed = capsys.readouterr().out
        assert printed.startswith(f"Lockstep: {name} on digits, adam lr 0.003, {dropout}float64, seed 0, nothing ")
        assert "holds" in printed


def test_a_folder_without_mnist_is_named(tmp_path, capsys):
    assert command.main(["--data", "mnist", "--data-dir", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
