"""python -m numpy_nn and python -m torch_nn: the same numbers, runs that survive a kill, and messages that help."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import torch_nn
from numpy_nn import checkpoint, data
from numpy_nn.command_line.by_hand import ByHand
from numpy_nn.command_line.main import main
from torch_nn.command_line import InTorch

WINGS = {"numpy_nn": ByHand, "torch_nn": InTorch}
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def run(wing: str, *arguments: str) -> int:
    return main(WINGS[wing](), arguments)


def table(capsys: pytest.CaptureFixture[str], skip: str = "seconds") -> list[str]:
    """What was printed, without the seconds, which no two runs share, and the names of the wings."""
    lines = capsys.readouterr().out.replace("torch_nn", "numpy_nn").splitlines()
    return [re.sub(r"  \d+\.\d\d$", "", line) for line in lines]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--layers", "20", "12", "--activation", "tanh", "--dropout", "0", "--schedule", "constant"],
        ["--optimizer", "sgd", "--schedule", "one-cycle", "--clip", "0.5"],
        ["--optimizer", "adamw", "--schedule", "cosine", "--accumulate", "3", "--weight-decay", "0.1"],
        ["--layers", "--lr", "0.01", "--schedule", "plateau", "--batch-size", "100"],
        ["--schedule", "warm-restarts", "--activation", "gelu"],
        ["--schedule", "step", "--activation", "leaky_relu"],
        ["--schedule", "exponential", "--activation", "elu", "--seed", "5"],
        ["--schedule", "linear", "--activation", "silu", "--validation", "0.3"],
        ["--activation", "softplus", "--momentum", "0", "--optimizer", "sgd"],
        ["--activation", "sigmoid", "--patience", "1", "--lr", "0.1", "--epochs", "9"],
    ],
    ids=" ".join,
)
def test_both_wings_print_the_same_numbers(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for wing in WINGS:
        assert run(wing, "train", "--dtype", "float64", "--epochs", "3", *arguments) == 0
        assert run(wing, "evaluate", f"results/{wing}.pth", "--top", "3") == 0
        printed.append(table(capsys))
    assert printed[0] == printed[1]
    assert len([line for line in printed[0] if re.match(r"\d+ +\d", line)]) >= 3


def test_the_default_reaches_97_percent_and_one_wing_reads_the_others_checkpoint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for wing in WINGS:
        assert run(wing, "train") == 0
        found = re.search(r"^test: ([\d.]+)% of 359; saved to results/(\w+)\.pth$", capsys.readouterr().out, re.M)
        assert found is not None
        assert float(found[1]) >= 96
        assert found[2] == wing
    for path in ("results/numpy_nn.pth", "results/torch_nn.pth"):
        lines = []
        for wing in WINGS:
            assert run(wing, "evaluate", path) == 0
            lines.append(table(capsys))
        assert lines[0] == lines[1]


def python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.01)


TRAIN = ("numpy_nn", "train", "--epochs", "40", "--dropout", "0.3", "--schedule", "one-cycle", "--seed", "2")


def test_killed_and_resumed_a_run_ends_byte_for_byte_as_one_that_was_not(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole.pth", tmp_path / "killed.pth"
    subprocess.run(python(*TRAIN, "--checkpoint", str(whole)), env=environment(), check=True, capture_output=True)
    process = subprocess.Popen(
        python(*TRAIN, "--checkpoint", str(killed), "--every", "7"),
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    for pause in (0.15, 0.3):
        wait_for(killed, process)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        state = checkpoint.load(killed)
        assert state["epoch"] + state["step"] > 0
        assert state["epoch"] < 40
        arguments = ("numpy_nn", "train", "--resume", str(killed), "--every", "7")
        process = subprocess.Popen(python(*arguments), env=environment(), stdout=subprocess.PIPE, text=True)
    output, _ = process.communicate()
    assert process.returncode == 0
    assert output.startswith(f"resumed from {killed}: ")
    assert killed.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("wing", WINGS)
def test_ctrl_c_saves_and_says_how_to_go_on(wing: str, tmp_path: Path) -> None:
    arguments = ("train", "--epochs", "3000", "--dtype", "float64", "--checkpoint", "run.pth")
    process = subprocess.Popen(
        python(wing, *arguments), env=environment(), cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    wait_for(tmp_path / "run.pth", process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert process.returncode == 130
    place = re.search(r"^stopped; saved (.*) to run\.pth; to go on:\n  python -m (.*)$", output, re.M)
    assert place is not None
    again = f"{place[2]} --epochs 1"
    done = subprocess.run(
        python(*again.split()), env=environment(), cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"resumed from run.pth: {place[1]}\n")


def test_a_checkpoint_gives_equal_predictions_in_pytorch() -> None:
    """As a PyTorch user would load it, and with nothing of numpy_nn."""
    assert run("numpy_nn", "train", "--epochs", "2", "--dtype", "float64") == 0
    state = torch.load("results/numpy_nn.pth", weights_only=True)
    model = torch_nn.MLP(64, 256, 10, dtype=torch.float64)
    model.load_state_dict(state["model"])
    x, _ = data.digits(np.float64)
    ours = ByHand().scores(state["settings"], checkpoint.load("results/numpy_nn.pth")["model"], x)
    with torch.no_grad():
        theirs = model(torch.from_numpy(x)).numpy()
    assert np.abs(ours - theirs).max() <= 1e-13
    assert np.array_equal(ours.argmax(1), theirs.argmax(1))


def write_iris(path: Path) -> None:
    """Three classes of flowers, four measures each, in the form of a spreadsheet."""
    random = np.random.default_rng(0)
    lines = ["sepal,petal,height,species"]
    for number, name in enumerate(("setosa", "virginica", "iris")):
        lines += [",".join(f"{value:.3f}" for value in row) + f",{name}" for row in random.normal(number, 0.2, (40, 3))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("wing", WINGS)
def test_a_csv_file_is_learnt_and_rows_are_predicted(
    wing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_iris(tmp_path / "iris.csv")
    assert run(wing, "train", "--data", "iris.csv", "--target", "species", "--layers", "8", "--lr", "0.1") == 0
    assert "test: 100.00% of 24" in capsys.readouterr().out
    (tmp_path / "new.csv").write_text("sepal,petal,height\n0,0.1,0\n2,2,1.9\n", encoding="utf-8")
    assert run(wing, "predict", f"results/{wing}.pth", "new.csv", "--row", "1,1.1,0.9", "--top", "2") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [re.split(" {2,}", line)[0] for line in lines] == ["new.csv:1", "new.csv:2", "1,1.1,0.9"]
    assert [re.split(r" +", line)[1] for line in lines] == ["setosa", "iris", "virginica"]
    shares = [float(share) for share in re.findall(r"([\d.]+)%", lines[0])]
    assert len(shares) == 2
    assert shares[0] > 90 > shares[1]


def test_an_npz_file_is_learnt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x, target = data.digits()
    np.savez(tmp_path / "set.npz", x=x, y=target)
    assert run("numpy_nn", "train", "--data", "set.npz", "--epochs", "5") == 0
    assert "set.npz: 1294 to train on" in capsys.readouterr().out


@pytest.mark.parametrize("wing", WINGS)
def test_images_are_predicted_whatever_their_size(wing: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(wing, "train", "--epochs", "20") == 0
    images, targets = data.digits()
    for number in range(10):
        picture = (images[number].reshape(8, 8) * 255).astype(np.uint8)
        large = Image.fromarray(picture).resize((80, 80), Image.Resampling.NEAREST)
        large.save(f"{number}.png")
        Image.fromarray(255 - np.asarray(large)).convert("RGB").save(f"inverted{number}.png")
    capsys.readouterr()
    answers = []
    for names, extra in (("{}.png", []), ("inverted{}.png", ["--invert"])):
        assert run(wing, "predict", f"results/{wing}.pth", *(names.format(n) for n in range(10)), *extra) == 0
        answers.append([line.split()[1:] for line in capsys.readouterr().out.splitlines()])
    assert answers[0] == answers[1]
    state = checkpoint.load(f"results/{wing}.pth")
    expected = ByHand().scores(state["settings"], state["model"], images[:10].astype(np.float64)).argmax(1)
    assert [int(answer[0]) for answer in answers[0]] == list(expected)
    assert (expected == targets[:10]).mean() >= 0.9


def test_inspect_lists_names_shapes_and_statistics(capsys: pytest.CaptureFixture[str]) -> None:
    weights = {"weight": np.array([[1.0, 0.0], [3.0, 0.0]], np.float32), "count": np.array(3)}
    for name in ("a.pth", "a.npz", "a.safetensors"):
        checkpoint.save(weights, name)
        assert run("torch_nn", "inspect", name) == 0
        head, *rows, last = capsys.readouterr().out.splitlines()
        assert head.split() == ["name", "dtype", "shape", "mean", "std", "min", "max", "zeros", "nan"]
        assert sorted(row.split() for row in rows) == [
            ["count", "int64", "scalar", "3", "0", "3", "3", "0%", "0"],
            ["weight", "float32", "2×2", "1", "1.225", "0", "3", "50%", "0"],
        ]
        assert last == "2 entries, 5 numbers in arrays"


def test_pictures_are_drawn() -> None:
    assert run("numpy_nn", "train", "--epochs", "2", "--pictures", "drawn") == 0
    assert run("numpy_nn", "evaluate", "results/numpy_nn.pth", "--picture", "drawn/matrix.png") == 0
    assert run("numpy_nn", "schedule", "one-cycle", "--batches", "9", "--out", "drawn/schedule.png") == 0
    for name in ("losses", "confusion", "matrix", "schedule"):
        with Image.open(f"drawn/{name}.png") as image:
            assert image.format == "PNG"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--data", "cats"], "data: expected digits, mnist, fashion-mnist, or a file ending in .csv or .npz"),
        (["train", "--data", "none.csv"], "none.csv"),
        (["train", "--data", "mnist", "--data-dir", "nowhere"], "nowhere: expected train-images-idx3-ubyte"),
        (["train", "--validation", "0"], "data: expected enough samples for training, validation and test"),
        (["train", "--layers", "0"], "layers: expected sizes of at least 1, got 0"),
        (["schedule", "step", "--epochs", "0"], "steps: expected"),
        (["train", "--epochs", "0"], "epochs: expected at least 1, got 0"),
        (["train", "--every", "0"], "every: expected at least 1, got 0"),
        (["train", "--dropout", "2"], "p: expected a number between 0 and 1, got 2.0"),
        (["train", "--resume", "none.pth"], "none.pth"),
        (["evaluate", "none.pth"], "none.pth"),
        (["evaluate", "other.pth"], "other.pth: expected a checkpoint that train wrote, got one without settings, in"),
        (["predict", "other.pth"], "FILE: expected at least one image, .csv file or --row, got none"),
        (["inspect", "broken.pth"], "broken.pth"),
        (["inspect", "file.txt"], "file.txt"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_leaves_nothing_behind(
    arguments: Sequence[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint.save({"model": {"weight": np.ones(2)}}, "other.pth")
    Path("broken.pth").write_bytes(b"PK\3\4 and so on")
    before = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert run("numpy_nn", *arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("python -m numpy_nn: ")
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == before


def test_a_resumed_run_cannot_be_made_another_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("numpy_nn", "train", "--epochs", "1") == 0
    assert run("numpy_nn", "train", "--resume", "results/numpy_nn.pth", "--lr", "0.5") == 2
    assert "--lr: expected 0.002, which the resumed run has, got 0.5" in capsys.readouterr().err
    assert run("numpy_nn", "train", "--resume", "results/numpy_nn.pth", "--epochs", "2", "--lr", "0.002") == 0
    assert "resumed from results/numpy_nn.pth: end of epoch 1" in capsys.readouterr().out


@pytest.mark.parametrize("wing", WINGS)
@pytest.mark.parametrize("command", ["", "train", "evaluate", "predict", "inspect", "schedule", "explore"])
def test_help_teaches_by_example(wing: str, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(wing, *command.split(), "--help")
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert "examples:" in text
    assert "python -m " in text
    assert max(map(len, text.splitlines())) <= 120


def test_the_two_parsers_take_the_same_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    texts: list[Any] = []
    for wing in WINGS:
        with pytest.raises(SystemExit):
            run(wing, "train", "--help")
        texts.append(capsys.readouterr().out.replace("torch_nn", "numpy_nn").split())
    assert texts[0] == texts[1]
