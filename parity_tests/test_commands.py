"""python -m numpy_nn and python -m torch_nn: the same numbers, runs that survive a kill, and messages that help."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import torch_nn
from numpy_nn import checkpoint, data, files, pictures
from numpy_nn.command_line import by_hand
from numpy_nn.command_line.by_hand import ByHand
from numpy_nn.command_line.main import main
from parity_tests.full_disk import full
from torch_nn.command_line import InTorch

pytestmark = pytest.mark.usefixtures("elsewhere")

WINGS = {"numpy_nn": ByHand, "torch_nn": InTorch}
ROOT = Path(__file__).resolve().parent.parent


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


def test_inspect_counts_one_in_the_singular(capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint.save({"weight": np.ones(1)}, "a.npz")
    assert run("numpy_nn", "inspect", "a.npz") == 0
    assert capsys.readouterr().out.endswith("\n1 entry, 1 number in arrays\n")


def test_inspect_keeps_a_hostile_name_from_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint.save({"red\x1b[31m\nname": 1}, "a.pth")
    assert run("numpy_nn", "inspect", "a.pth") == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["'red\\x1b[31m\\nname'", "int", "1"]


def test_pictures_are_drawn() -> None:
    assert run("numpy_nn", "train", "--epochs", "2", "--pictures", "drawn") == 0
    assert run("numpy_nn", "evaluate", "results/numpy_nn.pth", "--picture", "drawn/matrix.png") == 0
    assert run("numpy_nn", "schedule", "one-cycle", "--batches", "9", "--out", "drawn/schedule.png") == 0
    for name in ("losses", "confusion", "matrix", "schedule"):
        with Image.open(f"drawn/{name}.png") as image:
            assert image.format == "PNG"


@pytest.mark.parametrize(
    ("arguments", "steps", "per"),
    [
        (["cosine"], 30, "epoch"),
        (["step", "--epochs", "7"], 7, "epoch"),
        (["one-cycle", "--batches", "4"], 120, "step"),
    ],
)
def test_a_schedule_is_drawn_to_its_last_step(
    arguments: list[str], steps: int, per: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Any] = []
    monkeypatch.setattr(pictures, "_save", lambda path, figure: figures.append(figure))
    assert run("numpy_nn", "schedule", *arguments) == 0
    axes = figures[0].axes
    assert axes[0].lines[0].get_xdata()[-1] == steps - 1
    assert (axes[0].get_title(loc="left"), axes[-1].get_xlabel()) == (arguments[0], per)


@pytest.mark.parametrize("wing", WINGS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["train", "--data", "cats"],
            ": --data: expected digits, mnist, fashion-mnist, or a file ending in .csv or .npz",
        ),
        (["train", "--data", "none.csv"], "none.csv: No such file or directory"),
        (["train", "--data", "mnist", "--data-dir", "nowhere"], "nowhere: expected train-images-idx3-ubyte"),
        (["train", "--data", "mnist", "--data-dir", "nowhere"], "not found; --download fetches them"),
        (["train", "--validation", "0.0001"], "training, validation and test, got 1438, 0 and 359"),
        (["train", "--validation", "0"], "--validation: expected a share above 0 and below 1, got 0.0"),
        (["train", "--validation", "inf"], "--validation: expected a share above 0 and below 1, got inf"),
        (["train", "--layers", "8", "0"], "--layers: expected at least 1, got 0"),
        (["train", "--layers", str(10**13)], f"--layers: expected a network that fits into memory, got [64, {10**13}"),
        (["train", "--epochs", "0"], "--epochs: expected at least 1, got 0"),
        (["train", "--batch-size", "0"], "--batch-size: expected at least 1, got 0"),
        (["train", "--accumulate", "0"], "--accumulate: expected at least 1, got 0"),
        (["train", "--patience", "0"], "--patience: expected at least 1, got 0"),
        (["train", "--every", "0"], "--every: expected at least 1, got 0"),
        (["train", "--dropout", "nan"], "--dropout: expected a number between 0 and 1, got nan"),
        (["train", "--lr", "inf"], "--lr: expected a finite number, got inf"),
        (["train", "--optimizer", "sgd", "--momentum", "nan"], "--momentum: expected a number of at least 0, got nan"),
        (["train", "--clip", "-1"], "--clip: expected a number above 0, got -1.0"),
        (["train", "--clip", "0"], "--clip: expected a number above 0, got 0.0"),
        (["train", "--momentum", "0.5"], "--momentum: expected only with --optimizer sgd, got adam"),
        (["train", "--target", "3"], "--target: expected only with --data a .csv file, got --data digits"),
        (
            ["train", "--data-dir", "x"],
            "--data-dir: expected only with --data mnist or fashion-mnist, got --data digits",
        ),
        (["train", "--checkpoint", "run"], "--checkpoint: expected a name that ends in "),
        (["train", "--checkpoint", "folder.pth"], "folder.pth: expected the name of a file, got a folder"),
        (["train", "--checkpoint", ""], "--checkpoint: expected a name that ends in "),
        (
            ["train", "--checkpoint", "other.pth/run.pth"],
            "other.pth/run.pth: expected a file that can be written, got: ",
        ),
        (
            ["train", "--pictures", "other.pth"],
            "other.pth/losses.png: expected a file that can be written, got: File ex",
        ),
        (["schedule", "step", "--epochs", "1"], "--epochs: expected from 2 to 100000 steps to draw, got 1"),
        (["schedule", "step", "--epochs", "1000000"], "--epochs: expected from 2 to 100000 steps to draw, got 1000000"),
        (["schedule", "cosine", "--batches", "5"], "--batches: expected only with one-cycle, got cosine"),
        (["schedule", "one-cycle", "--out", "a.pdf"], ": --out: expected the name of a .png file, got 'a.pdf'"),
        (["schedule", "one-cycle", "--batches", "0"], "--batches: expected at least 1, got 0"),
        (["schedule", "step", "--lr", "inf"], "--lr: expected a finite number, got inf"),
        (["train", "--resume", "none.pth"], "none.pth"),
        (["evaluate", "none.pth"], "none.pth"),
        (["evaluate", "broken.pth"], "broken.pth: expected "),
        (["train", "--resume", "broken.pth"], "broken.pth: expected "),
        (
            ["train", "--resume", "other.pth"],
            "other.pth: expected a checkpoint that train wrote, got one without setti",
        ),
        (["evaluate", "other.pth"], "other.pth: expected a checkpoint that train wrote, got one without settings, in"),
        (["predict", "other.pth"], "FILE: expected at least one image, .csv file or --row, got none"),
        (["predict", "other.pth", "--row", "1", "--invert"], "--invert: expected only with images, got rows"),
        (["predict", "other.pth", "rows.csv", "--invert"], "--invert: expected only with images, got rows"),
        (["inspect", "broken.pth"], "broken.pth"),
        (["inspect", "file"], ": CHECKPOINT: expected a name that ends in "),
        (["inspect", "file.txt"], "file.txt"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_leaves_nothing_behind(
    wing: str, arguments: Sequence[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint.save({"model": {"weight": np.ones(2)}}, "other.pth")
    Path("folder.pth").mkdir()
    Path("broken.pth").write_bytes(b"PK\3\4 and so on")
    before = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert run(wing, *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"python -m {wing}: ")
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
def test_help_teaches_by_example_and_fits_a_terminal(
    wing: str, command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as stopped:
        run(wing, *command.split(), "--help")
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert "examples:" in text
    assert "python -m " in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_two_parsers_take_the_same_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    texts: list[Any] = []
    for wing in WINGS:
        with pytest.raises(SystemExit):
            run(wing, "train", "--help")
        texts.append(capsys.readouterr().out.replace("torch_nn", "numpy_nn").split())
    assert texts[0] == texts[1]


@pytest.mark.parametrize("wing", WINGS)
def test_without_a_gpu_the_gpu_is_refused_and_its_checkpoints_are_read(
    wing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(by_hand, "device_module", refuse)
    assert run(wing, "train", "--device", "cuda") == 2
    assert ': --device: got "cuda", expected a machine with a CUDA GPU' in capsys.readouterr().err
    assert run(wing, "train", "--epochs", "1", "--checkpoint", "run.pth") == 0
    state = checkpoint.load("run.pth")
    checkpoint.save(state | {"settings": state["settings"] | {"device": "cuda"}}, "run.pth")
    monkeypatch.setattr(by_hand, "device_module", lambda device: np)
    assert run(wing, "evaluate", "run.pth") == 0
    assert run(wing, "predict", "run.pth", "--row", ",".join("1" * 64)) == 0


def refuse(device: str) -> None:
    if device == "cuda":
        raise ValueError('device: got "cuda", expected a machine with a CUDA GPU and its driver')


CHANGES: dict[str, Callable[[Any], Any]] = {
    "settings: a number": lambda state: state.update(settings=3),
    "settings: another activation": lambda state: state["settings"].update(activation="swish"),
    "settings: layers that are text": lambda state: state["settings"].update(layers="abc"),
    "settings: a rate that is text": lambda state: state["settings"].update(lr="fast"),
    "settings: data that is no text": lambda state: state["settings"].update(data=3),
    "input: a number": lambda state: state.update(input=3),
    "input: without classes": lambda state: state["input"].pop("classes"),
    "input: fewer classes": lambda state: state["input"].update(classes=["a"]),
    "input: a scale of 0": lambda state: state["input"].update(scale=np.zeros(())),
    "input: another shape": lambda state: state["input"].update(shape=[8, 9]),
    "model: a number": lambda state: state.update(model=3),
    "model: empty": lambda state: state.update(model={}),
    "model: without a bias": lambda state: state["model"].pop("0.bias"),
    "model: text": lambda state: state["model"].update({"0.weight": "hi"}),
    "model: nan": lambda state: state["model"].update({"0.bias": state["model"]["0.bias"] * np.nan}),
}
PLACES: dict[str, Callable[[Any], Any]] = {
    "epoch: text": lambda state: state.update(epoch="x"),
    "epoch: negative": lambda state: state.update(epoch=-3),
    "step: too large": lambda state: state.update(step=999),
    "random: empty": lambda state: state.update(random={}),
    "random: short": lambda state: state["random"].update(now=np.zeros(3, np.uint8)),
    "history: a number": lambda state: state.update(history=3),
    "optimizer: empty": lambda state: state.update(optimizer={}),
    "scheduler: none": lambda state: state.update(scheduler=None),
}


@pytest.mark.parametrize("wing", WINGS)
def test_a_changed_checkpoint_is_refused_in_one_line(wing: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(wing, "train", "--epochs", "1", "--layers", "5", "--checkpoint", "run.pth") == 0
    commands = {
        "evaluate": ["evaluate", "run.pth"],
        "predict": ["predict", "run.pth", "--row", ",".join("1" * 64)],
        "train": ["train", "--resume", "run.pth", "--epochs", "2", "--checkpoint", "next.pth"],
    }
    whole = Path("run.pth").read_bytes()
    for what, change in (CHANGES | PLACES).items():
        Path("run.pth").write_bytes(whole)
        state = checkpoint.load("run.pth")
        change(state)
        checkpoint.save(state, "run.pth")
        capsys.readouterr()
        asked = ("train",) if what in PLACES else ("evaluate", "predict")
        for command in asked:
            assert run(wing, *commands[command]) == 2, what
            message = capsys.readouterr().err
            assert message.startswith(f"python -m {wing}: run.pth: expected a checkpoint as train writes it"), what
            assert message.count("\n") == 1, what
    assert not Path("next.pth").exists()


@pytest.mark.parametrize("wing", WINGS)
def test_a_run_goes_on_with_its_own_data_only(wing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_iris(tmp_path / "iris.csv")
    assert run(wing, "train", "--data", "iris.csv", "--epochs", "1", "--checkpoint", "run.pth") == 0
    (tmp_path / "iris.csv").rename(tmp_path / "moved.csv")
    for command in (
        ["evaluate", "run.pth"],
        ["train", "--resume", "run.pth", "--epochs", "2", "--checkpoint", "b.pth"],
    ):
        assert run(wing, *command) == 2
        assert capsys.readouterr().err == f"python -m {wing}: iris.csv: No such file or directory\n"
        assert run(wing, *command, "--data", "moved.csv") == 0
        (tmp_path / "iris.csv").write_text((tmp_path / "moved.csv").read_text() + "1,2,3,iris\n")
        assert run(wing, *command) == 2
        assert ": --data: expected the samples that run.pth has learnt from, got others" in capsys.readouterr().err
        (tmp_path / "iris.csv").unlink()
    assert run(wing, "evaluate", "run.pth", "--data-dir", "somewhere") == 2
    assert "--data-dir: expected only with --data mnist or fashion-mnist" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lines", "arguments", "message"),
    [
        (["1,a"] * 40, [], "expected at least two classes, of two samples each on average, got 1 in 40 samples"),
        ([f"1,{n}.5" for n in range(40)], [], "expected at least two classes, of two samples each on average, got 40"),
        (["1;a", "2;b"] * 20, [], "expected at least one row and two columns, commas between, found 40 and 1"),
    ],
)
def test_a_table_without_classes_is_refused(
    lines: list[str], arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("set.csv").write_text("\n".join(lines))
    assert run("numpy_nn", "train", "--data", "set.csv", *arguments) == 2
    assert message in capsys.readouterr().err


def test_the_target_may_be_a_number_or_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{'ab'[n % 2]},{n % 2},{n}" for n in range(40)]
    for head, targets in (("kind,x,y\n", ("0", "-3", "kind")), ("", ("0", "-3"))):
        Path("set.csv").write_text(head + "\n".join(rows))
        for target in targets:
            assert run("numpy_nn", "train", "--data", "set.csv", "--target", target, "--epochs", "1") == 0
            assert "network 2-256-2," in capsys.readouterr().out


@pytest.mark.parametrize("wing", WINGS)
def test_one_cycle_goes_no_further_than_planned(wing: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--schedule", "one-cycle", "--accumulate", "4", "--checkpoint", "run.pth")
    assert run(wing, "train", "--epochs", "2", *arguments) == 0
    before = Path("run.pth").read_bytes()
    assert run(wing, "train", "--resume", "run.pth", "--epochs", "3") == 2
    assert "--epochs: expected at most 2, for which one-cycle was planned, got 3" in capsys.readouterr().err
    assert run(wing, "train", "--resume", "run.pth") == 0
    assert "nothing is left to train: epoch 2 is over, and --epochs is 2\n" in capsys.readouterr().out
    assert Path("run.pth").read_bytes() == before


@pytest.mark.parametrize("wing", WINGS)
def test_a_run_that_diverges_names_the_place_and_the_last_good_checkpoint(
    wing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("train", "--optimizer", "sgd", "--lr", "1e9", "--checkpoint", "run.pth")
    assert run(wing, *arguments) == 2
    error = capsys.readouterr().err
    assert re.search(r"epoch 1, step \d+: the loss is (nan|inf).*; no checkpoint has been saved\n$", error)
    assert run(wing, *arguments, "--every", "1") == 2
    found = re.search(
        r"step (\d+): the loss is .*; last good checkpoint: run.pth \(epoch 1, step (\d+)\)\n$", capsys.readouterr().err
    )
    assert found is not None
    assert int(found[1]) == int(found[2]) + 1
    assert all(np.isfinite(array).all() for array in checkpoint.load("run.pth")["model"].values())
    assert run(wing, "train", "--resume", "run.pth") == 2
    assert "; last good checkpoint: run.pth (epoch 1, step " in capsys.readouterr().err


@pytest.mark.parametrize("wing", WINGS)
def test_a_full_disk_leaves_the_checkpoint_before(
    wing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(wing, "train", "--epochs", "1", "--checkpoint", "run.pth") == 0
    before = Path("run.pth").read_bytes()
    monkeypatch.setattr(files.os, "fsync", full)
    assert run(wing, "train", "--resume", "run.pth", "--epochs", "2") == 2
    message = "run.pth: cannot be written: No space left on device; last good checkpoint: run.pth (end of epoch 1)\n"
    assert capsys.readouterr().err.endswith(message)
    assert Path("run.pth").read_bytes() == before
    assert [path.name for path in Path().iterdir()] == ["run.pth"]


def test_a_polite_kill_saves_like_ctrl_c(tmp_path: Path) -> None:
    arguments = ("numpy_nn", "train", "--epochs", "3000", "--checkpoint", "run.pth")
    process = subprocess.Popen(python(*arguments), env=environment(), cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    wait_for(tmp_path / "run.pth", process)
    process.terminate()
    output, _ = process.communicate()
    assert process.returncode == 130
    assert re.search(r"^stopped; saved .* to run\.pth; to go on:$", output, re.M)


def test_odd_images_are_seen_as_a_person_sees_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("numpy_nn", "train", "--epochs", "20", "--checkpoint", "run.pth") == 0
    picture = (data.digits()[0][0].reshape(8, 8) * 255).astype(np.uint8)
    ink = Image.fromarray(picture)
    ink.save("plain.png")
    Image.fromarray(picture.astype(np.uint16) * 257).save("deep.png")
    light, dark = (Image.new("RGBA", (8, 8), colour) for colour in ("white", "black"))
    for name, layer in (("light", light), ("dark", dark)):
        layer.putalpha(ink)
        layer.save(f"{name}.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter to the right
    ink.transpose(Image.Transpose.ROTATE_90).save("turned.png", exif=exif)
    capsys.readouterr()
    for names in (["plain.png"], ["deep.png"], ["light.png"], ["turned.png"], ["dark.png", "--invert"]):
        assert run("numpy_nn", "predict", "run.pth", *names, "--top", "3") == 0
    answers = [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()]
    assert len(answers) == 5
    assert len(set(answers)) == 1
    Image.fromarray(picture.astype(np.float32)).save("fractions.tif")
    Path("text.png").write_text("hello")
    refused = {"fractions.tif": "found fractions", "text.png": "cannot identify", "plain.png": "exceeds limit of 40"}
    for name, message in refused.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40 if name == "plain.png" else 1000)
            assert run("numpy_nn", "predict", "run.pth", name) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"python -m numpy_nn: {name}: expected an image: ")
        assert message in error
        assert error.count("\n") == 1


@pytest.mark.parametrize("wing", WINGS)
def test_rows_are_read_as_spreadsheets_write_them(wing: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_iris(Path("iris.csv"))
    assert run(wing, "train", "--data", "iris.csv", "--epochs", "1", "--checkpoint", "run.pth") == 0
    capsys.readouterr()
    Path("rows.csv").write_text('\ufeff"a, b",c,d\n"1",2,3\n\n4,5,6\n', encoding="utf-8")
    assert run(wing, "predict", "run.pth", "rows.csv", "--row=-1,2,3") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["rows.csv:1", "rows.csv:2", "-1,2,3"]
    for content, message in (
        ("", "rows.csv: expected at least one row, found none"),
        ("a,b,c\n1,2,x\n", "rows.csv, line 2, column 'c': expected a finite number, found 'x'"),
        ("1,2\n", "rows.csv, row 1: expected 3 numbers, got 2"),
    ):
        Path("rows.csv").write_text(content)
        assert run(wing, "predict", "run.pth", "rows.csv") == 2
        assert capsys.readouterr().err == f"python -m {wing}: {message}\n"
    for command in (["evaluate", "run.pth"], ["predict", "run.pth", "--row", "1,2,3"]):
        for top, message in (
            ("0", "--top: expected at least 1, got 0"),
            ("4", "--top: expected at most 3, the number"),
        ):
            assert run(wing, *command, "--top", top) == 2
            captured = capsys.readouterr()
            assert captured.out == ""
            assert message in captured.err


def test_names_in_korean_stand_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{n % 2},{n},{('개', '아주 긴 이름의 고양이')[n % 2]}" for n in range(40)]
    Path("set.csv").write_text("\n".join(rows), encoding="utf-8")
    assert run("numpy_nn", "train", "--data", "set.csv", "--epochs", "1", "--pictures", "drawn") == 0
    capsys.readouterr()
    assert run("numpy_nn", "evaluate", "results/numpy_nn.pth") == 0
    head, *lines = capsys.readouterr().out.splitlines()[1:]
    names = [re.split(r"\d", line)[0] for line in lines]
    assert {len(name) + len(re.findall("[가-힣]", name)) for name in names} == {head.index("precision")}


def test_a_terminal_without_the_characters_shows_others(tmp_path: Path) -> None:
    checkpoint.save({"weight": np.ones((2, 2))}, "run.pth")
    shown = subprocess.run(
        python("numpy_nn", "inspect", "run.pth"),
        env=environment() | {"PYTHONIOENCODING": "ascii"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2?2" in shown.stdout
