"""python -m parity_tests, as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from numpy_nn import functional
from parity_tests import __main__ as command
from parity_tests import mutants, show
from parity_tests.bounds import Worst
from parity_tests.lockstep import Lockstep, Row, Settings
from parity_tests.mutants import Mutant
from parity_tests.mutants import Row as Kill
from parity_tests.picture import SHOWN, draw
from parity_tests.report import lines, made

SHORT = ["--epochs", "1", "--examples", "5"]  # with fewer there are optimizers of which none takes a step


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
        (["--model", "simple", "--width", "3"], "--width: expected only with --model resnet18 or vit, got it with"),
        (["--data", "mnist", "--data-dir", ".", "--model", "lenet", "--width", "8"], "got it with lenet"),
        (["--epochs", "0"], "argument --epochs: expected a whole number of at least 1, got '0'"),
        (["--examples", "x"], "argument --examples: expected a whole number of at least 1, got 'x'"),
        (["--optimizer", "magic"], "invalid choice: 'magic'"),
    ],
)
def test_wrong_options_are_refused_by_name(options, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(options)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lr", "-1"], "--lr: expected a number of at least 0, got -1.0"),
        (["--picture", "FILE/a.png"], "--picture: FILE/a.png: expected a file that can be written, got: "),
        (["--picture", "a.pdf"], "--picture: expected the name of a .png file, got 'a.pdf'"),
        (["--html", "FILE/a.html"], "--html: FILE/a.html: expected a file that can be written, got: "),
        (["--json", "."], "--json: .: expected the name of a file, got a folder"),
    ],
)
def test_what_cannot_work_is_one_line_before_anything_is_trained(options, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("FILE").touch()
    monkeypatch.setattr(show, "lockstep", lambda run: pytest.fail("trained"))
    assert command.main(options) == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"python -m parity_tests: {message}")
    assert complaint.count("\n") == 1


def test_a_line_of_no_cases_does_not_hold():
    for count, holds in ((0, False), (1, True)):
        assert made("relu", "formula", {"pytorch": "agrees"}, count, Worst()).holds is holds


def run_without(packages, module, *arguments):
    """A command in a Python that has not got some packages."""
    script = f"""
import runpy, sys
sys.modules.update(dict.fromkeys({packages}))
sys.argv = {[module, *arguments]}
runpy._run_module_as_main({module!r})
"""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)


@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [
        ("parity_tests", [], 'python -m parity_tests needs rich: pip install "numpy_nn[torch,data,cli]"'),
        ("parity_tests", ["mutants"], 'python -m parity_tests needs rich: pip install "numpy_nn[torch,data,cli,test]"'),
        ("benchmarks", [], 'python -m benchmarks needs scipy: pip install "numpy_nn[bench]"'),
    ],
)
def test_a_package_that_is_missing_is_named_with_the_way_to_get_it(module, arguments, message):
    done = run_without(["rich", "scipy"], module, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{message}\n")


def test_without_torch_its_command_says_so_in_one_line():
    done = run_without(["torch"], "torch_nn", "train")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert 'torch_nn needs PyTorch: pip install "numpy_nn[torch]"' in done.stderr


@pytest.mark.parametrize("settings", [{}, {"model": "resnet18", "width": 1}])
def test_the_picture_shows_test_images_whatever_the_network_sees(settings, tmp_path, monkeypatch):
    shown, figures = [], []
    monkeypatch.setattr(Axes, "imshow", lambda axes, image, **options: shown.append(image))
    monkeypatch.setattr(Figure, "savefig", lambda figure, path, **options: figures.append(figure))
    run = Lockstep(Settings(epochs=1, **settings))
    run.rows.append(Row(1, (0.28, 0.28), (0.5, 0.5), 1e-15, (1.0, 1.0)))
    draw(run, tmp_path / "p.png")
    images = run.theirs.images.numpy().reshape(-1, 8, 8)
    assert len(shown) == SHOWN
    assert all((image == images).all(axis=(1, 2)).any() for image in shown)
    losses, apart = figures[0].axes[:2]
    low, high = losses.get_ylim()
    assert 0.01 < low < 0.28 < high < 10
    assert [line.get_marker() for line in losses.lines] == ["o", "o"], "of one epoch no line can be drawn"
    assert [tick for tick in apart.get_xticks() if tick % 1] == []


def test_planted_bugs_are_shown_as_they_are_found(monkeypatch, capsys):
    bugs = [Mutant("functional.relu", "a.py", "", "", what) for what in ("one", "a longer one")]

    def matrix(mutants):
        for number, mutant in enumerate(mutants):
            assert len(capsys.readouterr().out.splitlines()) == 1, "the heads, then the row before"
            yield Kill(mutant, {"pytorch": "survived", "edges": "killed", "walk": ["killed", "survived"][number]})

    monkeypatch.setattr(mutants, "matrix", matrix)
    assert show.mutants(bugs) == 0
    assert capsys.readouterr().out.startswith("relu     a longer one  ·        ")


@pytest.mark.parametrize(
    ("options", "epochs", "rate", "width"),
    [
        ([], 30, 3e-3, 8),
        (["--data", "mnist", "--optimizer", "sgd"], 5, 0.1, 8),
        (["--model", "vit"], 3, 1e-3, 8),
        (["--model", "resnet18", "--optimizer", "sgd", "--width", "4"], 3, 0.01, 4),
        (["--model", "lenet", "--data", "mnist"], 1, 1e-3, 8),
        (["--model", "lenet", "--data", "mnist", "--epochs", "7", "--lr", "0"], 7, 0, 8),
    ],
)
def test_what_is_not_said_suits_the_network_and_the_data(options, epochs, rate, width):
    settings = command._settings(command.parser().parse_args(options))
    assert (settings.epochs, settings.rate, settings.width) == (epochs, rate, width)


def test_the_network_in_lockstep_is_named(capsys):
    small = {"model": "resnet18", "width": 2}
    for options, name, rate, dropout in (
        ({}, "SimpleNet 64-128-10", "0.003", "dropout 0.2, "),
        (small, "ResNet18 of width 2", "0.001", ""),
    ):
        show.lockstep(Lockstep(Settings(epochs=1, **options)))
        printed = capsys.readouterr().out
        assert printed.startswith(f"Lockstep: {name} on digits, adam lr {rate}, {dropout}float64, seed 0, nothing ")
        assert "holds" in printed


def test_a_folder_without_mnist_is_named(tmp_path, capsys):
    assert command.main(["--data", "mnist", "--data-dir", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
