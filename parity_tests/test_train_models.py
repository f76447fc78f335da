"""python -m numpy_nn train --model NAME, and the same of torch_nn: every network, from training to looking inside."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import torch_nn
from numpy_nn import checkpoint, data
from numpy_nn import functional as F
from numpy_nn.command_line import by_hand
from numpy_nn.command_line.by_hand import ByHand
from numpy_nn.kernels import chosen
from parity_tests.pairs import check_scores, images
from parity_tests.test_commands import WINGS, run, table, write_iris

pytestmark = pytest.mark.usefixtures("elsewhere")


def write_mnist(folder: Path) -> None:
    """A set in the form of MNIST: digits brought to 28×28, 300 to train on and 60 to test."""
    folder.mkdir()
    x, target = images(360, 28)
    pixels = (x.clip(0, 1) * 255).astype(np.uint8)
    for half, part in (("train", slice(300)), ("t10k", slice(300, None))):
        shape = pixels[part, 0].shape
        (folder / f"{half}-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, *shape) + pixels[part].tobytes())
        labels = target[part].astype(np.uint8)
        (folder / f"{half}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, len(labels)) + labels.tobytes())


MNIST = ["--data", "mnist", "--data-dir", "mnist"]
NETWORKS: dict[str, list[str]] = {
    "simple": ["--layers", "32", "--dropout", "0.1"],
    "lenet": [*MNIST, "--dropout", "0.3"],
    "resnet18": ["--width", "4", "--optimizer", "sgd", "--lr", "0.05"],
    "resnet18 --stem imagenet": [*MNIST, "--width", "2", "--weight-decay", "0.01", "--optimizer", "adamw"],
    "vit": ["--patch", "2", "--width", "12", "--depth", "2", "--heads", "3"],
}


def trained(wing: str, network: str, *arguments: str) -> str:
    """A run of two epochs of the small sets, in float64; returns its checkpoint."""
    if not Path("mnist").exists():
        write_mnist(Path("mnist"))
    path = f"{wing}.pth"
    options = ("--dtype", "float64", "--epochs", "2", "--batch-size", "50", *NETWORKS[network], *arguments)
    assert run(wing, "train", "--model", *network.split(), *options, "--checkpoint", path) == 0
    return path


@pytest.mark.parametrize("network", NETWORKS)
def test_both_wings_print_the_same_numbers_and_read_each_others_checkpoints(
    network: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, picture in (("0.png", images(1, 28)[0]), ("1.png", images(2, 28)[0][1:])):
        Image.fromarray((picture[0, 0].clip(0, 1) * 255).astype(np.uint8)).save(name)
    printed = []
    for wing in WINGS:
        trained(wing, network)
        printed.append(table(capsys))
    assert printed[0] == printed[1]
    assert len([line for line in printed[0] if re.match(r"\d+ +\d", line)]) == 2
    for path in ("numpy_nn.pth", "torch_nn.pth"):
        told = []
        for wing in WINGS:
            assert run(wing, "evaluate", path, "--top", "2") == 0
            assert run(wing, "predict", path, "0.png", "1.png", "--top", "3") == 0
            assert run(wing, "inspect", path, "--only", "model.") == 0
            told.append(table(capsys))
        assert told[0] == told[1]


@pytest.mark.parametrize("wing", WINGS)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_run_goes_on_as_if_it_had_not_been_stopped(
    network: str, wing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Running statistics, and how many batches they have seen, are part of a run."""
    whole = checkpoint.load(trained(wing, network, "--schedule", "constant"))
    assert run(wing, "train", "--resume", trained(wing, network, "--schedule", "constant", "--epochs", "1")) == 0
    assert run(wing, "train", "--resume", f"{wing}.pth", "--epochs", "2") == 0
    assert "resumed from" in capsys.readouterr().out
    resumed = checkpoint.load(f"{wing}.pth")
    for name, array in whole["model"].items():
        assert np.array_equal(array, resumed["model"][name]), name
    assert whole["history"] == resumed["history"]


def test_kernels_change_how_long_it_takes_and_not_what_comes_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The set that was in use before is in use afterwards."""
    fast: list[bool] = []
    step = by_hand.Trainer._update
    monkeypatch.setattr(
        by_hand.Trainer, "_update", lambda self: fast.append(chosen(F.conv2d) is not F.conv2d) or step(self)
    )
    printed = []
    for kernels in (["--kernels", "textbook"], ["--kernels", "fast"], []):
        trained("numpy_nn", "resnet18", "--epochs", "1", *kernels)
        printed.append(table(capsys))
        assert chosen(F.conv2d) is not F.conv2d
    assert printed[0] == printed[1] == printed[2]
    steps = len(fast) // 3
    assert fast == [False] * steps + [True] * 2 * steps


def test_the_network_is_named_with_what_shapes_it(capsys: pytest.CaptureFixture[str]) -> None:
    small, large = torch_nn.ResNet18(10, 1, "small", 4), torch_nn.ResNet18(10, 1, "imagenet", 2)
    sizes = [sum(parameter.numel() for parameter in model.parameters()) for model in (small, large)]
    names = {
        "simple": "network simple 64-32-10; adam,",
        "lenet": "network lenet, 61,706 parameters; adam,",
        "resnet18": f"network resnet18, small stem, width 4, {sizes[0]:,} parameters; sgd,",
        "vit": "network vit, patches of 2, width 12, depth 2, 3 heads, ",
        "resnet18 --stem imagenet": f"network resnet18, imagenet stem, width 2, {sizes[1]:,} parameters; adamw,",
    }
    for network, named in names.items():
        trained("numpy_nn", network, "--epochs", "1")
        assert named in capsys.readouterr().out


def test_a_checkpoint_gives_equal_predictions_in_pytorch() -> None:
    """As a PyTorch user would load it, and with nothing of numpy_nn."""
    state = torch.load(trained("numpy_nn", "resnet18"), weights_only=True)
    model = torch_nn.ResNet18(10, 1, "small", 4, dtype=torch.float64)
    model.load_state_dict(state["model"])
    x = data.digits(np.float64)[0].reshape(-1, 1, 8, 8)
    ours = ByHand().scores(state["settings"], checkpoint.load("numpy_nn.pth")["model"], x)
    check_scores("resnet18", ours, model, x)


@pytest.mark.parametrize("wing", WINGS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "lenet"], "--model lenet: expected only with --data mnist or fashion-mnist, got --data digits"),
        (
            ["--model", "resnet18", "--data", "iris.csv"],
            "--model resnet18: expected only with --data digits or mnist or fashion-mnist, got --data iris.csv",
        ),
        (["--width", "8"], "--width: expected only with --model resnet18 or vit, got --model mlp"),
        (["--stem", "small"], "--stem: expected only with --model resnet18, got --model mlp"),
        (
            ["--model", "resnet18", "--layers", "8"],
            "--layers: expected only with --model mlp or simple, got --model resnet18",
        ),
        (
            ["--model", "simple", "--activation", "tanh"],
            "--activation: expected only with --model mlp, got --model simple",
        ),
        (
            ["--model", "resnet18", "--dropout", "0.1"],
            "--dropout: expected only with --model mlp or simple or lenet or vit, got --model resnet18",
        ),
        (["--model", "simple", "--layers", "8", "9"], "--layers: expected one size with --model simple, got [8, 9]"),
        (["--model", "simple", "--layers"], "--layers: expected one size with --model simple, got []"),
        (["--model", "lenet", *MNIST, "--heads", "2"], "--heads: expected only with --model vit, got --model lenet"),
        (["--model", "vit", "--width", "10"], "--width: expected a multiple of --heads 4, got 10"),
        (["--model", "vit", "--patch", "3"], "--patch: expected squares that fill an image of 8×8, got 3×3"),
        (["--model", "resnet18", "--width", "0"], "--width: expected at least 1, got 0"),
        (
            ["--model", "resnet18", "--width", str(10**13)],
            f"--width: expected a network that fits into memory, got {10**13}",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line(
    wing: str, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_iris(Path("iris.csv"))
    assert run(wing, "train", *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"python -m {wing}: {message}\n"


@pytest.mark.parametrize("wing", WINGS)
def test_a_checkpoint_whose_settings_name_another_network_is_refused_with_the_keys(
    wing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = trained(wing, "resnet18", "--epochs", "1")
    state = checkpoint.load(path)
    for change in ({"model": "mlp"}, {"width": 5}, {"stem": "imagenet"}, {"model": "lenet", "data": "mnist"}):
        checkpoint.save(state | {"settings": state["settings"] | change}, path)
        capsys.readouterr()
        assert run(wing, "predict", path, "--row", ",".join("1" * 64)) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"python -m {wing}: {path}: expected a checkpoint as train writes it, got another: ")
        assert error.count("\n") == 1
        if "model" in change:
            assert "Missing key(s) in state_dict: " in error
            assert "Unexpected key(s) in state_dict: " in error
            assert "layer4.1.bn2.running_var" in error
        else:
            assert "size mismatch for conv1.weight" in error


@pytest.mark.parametrize("wing", WINGS)
@pytest.mark.parametrize("network", ["resnet18", "vit", "simple"])
def test_a_checkpoint_whose_images_are_of_another_size_is_refused(
    network: str, wing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before an array of that size is made."""
    path = trained(wing, network, "--epochs", "1")
    state = checkpoint.load(path)
    for shape in ([10**6, 10**6], [0, 8], None, [8], [257, 256]):
        if network == "simple" and shape in (None, [8]):
            continue  # a table's network takes no notice
        checkpoint.save(state | {"input": state["input"] | {"shape": shape}}, path)
        capsys.readouterr()
        assert run(wing, "predict", path, "--row", ",".join("1" * 64)) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"python -m {wing}: {path}: expected a checkpoint as train writes it, got another: ")
        assert error.count("\n") == 1


def test_a_resumed_run_keeps_its_network(capsys: pytest.CaptureFixture[str]) -> None:
    path = trained("numpy_nn", "resnet18", "--epochs", "1")
    for option, before, value in (("model", "resnet18", "mlp"), ("width", 4, 8), ("stem", "small", "imagenet")):
        assert run("numpy_nn", "train", "--resume", path, f"--{option}", str(value)) == 2
        message = f"--{option}: expected {before!r}, which the resumed run has, got {value!r}\n"
        assert capsys.readouterr().err.endswith(message)


@pytest.mark.parametrize("wing", WINGS)
def test_evaluate_names_its_own_options(wing: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_mnist(Path("mnist"))
    assert run(wing, "train", *MNIST, "--layers", "2", "--epochs", "1", "--checkpoint", "run.pth") == 0
    capsys.readouterr()
    for extra, message in (
        (["--data-dir", "nowhere"], "not found; --data-dir names the folder that has them\n"),
        (["--picture", "a.jpg"], ": --picture: expected the name of a .png file, got 'a.jpg'\n"),
    ):
        assert run(wing, "evaluate", "run.pth", *extra) == 2
        assert message in capsys.readouterr().err
