"""Transfer learning: what is frozen stands still, what is new learns, and both wings end at the same networks."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import torch_nn
import torch_nn.transfer
from numpy_nn.command_line.transfer.comparison import KINDS, Comparison, Found
from numpy_nn.command_line.transfer.images import MEAN, STD, Images, class_numbers, target_images
from numpy_nn.command_line.transfer.report import sentence, show
from numpy_nn.command_line.transfer.weights import HEADS
from numpy_nn.transfer import Transfer
from parity_tests.bounds import unit, within
from parity_tests.lockstep import FLOAT64_BOUND
from parity_tests.test_commands import run
from parity_tests.test_freezing import arrays

pytestmark = pytest.mark.usefixtures("elsewhere")

OPTIONS = {"batch_size": 8, "lr": 0.01, "dtype": "float64"}
NETWORKS = {
    "lenet": (
        HEADS["lenet"]["classifier"],
        (1, 28, 28),
        lambda library, dtype: lambda classes: library.LeNet(classes, dtype=dtype),
    ),
    "resnet18": (
        *(("fc",), (1, 8, 8)),
        lambda library, dtype: lambda classes: library.ResNet18(classes, 1, "small", 2, dtype=dtype),
    ),
}


def by_hand(name: str) -> Transfer:
    head, _, network = NETWORKS[name]
    return Transfer(network(nn, np.float64), head, **OPTIONS)


def in_torch(name: str) -> torch_nn.transfer.Transfer:
    head, _, network = NETWORKS[name]
    return torch_nn.transfer.Transfer(network(torch_nn, torch.float64), head, **OPTIONS)


def images(name: str, seed: int, classes: int, number: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Noise with a class's row lit."""
    random = np.random.default_rng(seed)
    target = np.arange(number) % classes
    x = random.random((number, *NETWORKS[name][1]))
    x[np.arange(number), 0, target] += 1
    return x, target


def moves(transfer: Any, name: str) -> tuple[dict[str, dict[str, np.ndarray]], list[np.ndarray]]:
    """Every network on the way, and what each says of other images."""
    many, few, other = images(name, 0, 3, 30), images(name, 1, 2), images(name, 2, 2)[0]
    networks, scores = {}, []

    def keep(what: str, model: Any) -> None:
        networks[what] = {key: array.copy() for key, array in arrays(model).items()}
        scores.append(transfer.scores(model, other))

    pretrained = transfer.learnt(*many, 6, seed=1)
    keep("pretrained", pretrained)
    keep("loaded", transfer.loaded(pretrained.state_dict()))
    keep("scratch", transfer.learnt(*few, 6, seed=2))
    model = transfer.with_new_head(pretrained, 2, seed=3)
    keep("new head", model)
    transfer.train_head(model, *few, 6, seed=4)
    keep("frozen", model)
    transfer.fine_tune(model, *few, 6, seed=5)
    keep("tuned", model)
    keep("pretrained afterwards", pretrained)
    return networks, scores


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_on_the_way_is_pytorchs_from_one_seed(name):
    networks, scores = moves(by_hand(name), name)
    expected, their_scores = moves(in_torch(name), name)
    for what, state in expected.items():
        assert networks[what].keys() == state.keys()
        for key, array in state.items():
            assert np.abs(networks[what][key] - array).max() <= FLOAT64_BOUND, f"{what}: {key}"
    assert all(np.abs(ours - theirs).max() <= FLOAT64_BOUND for ours, theirs in zip(scores, their_scores, strict=True))


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_frozen_stands_still_and_what_is_tuned_moves_less(name):
    transfer = by_hand(name)
    networks, _ = moves(transfer, name)
    head = {f"{transfer.head[0]}.weight", f"{transfer.head[0]}.bias"}

    def changed(before: str, after: str) -> set[str]:
        one, other = networks[before], networks[after]
        kept = one.keys() & other.keys()
        return {key for key in one.keys() | other.keys() if key not in kept or not np.array_equal(one[key], other[key])}

    assert changed("pretrained", "loaded") == changed("pretrained", "pretrained afterwards") == set()
    assert changed("new head", "frozen") == head
    kept = networks["frozen"].keys() - head
    assert kept < networks["pretrained"].keys()
    assert all(np.array_equal(networks["pretrained"][key], networks["frozen"][key]) for key in kept)
    assert changed("frozen", "tuned") == set(networks["frozen"])
    slow, quick = (
        np.abs(networks["tuned"][key] - networks["frozen"][key]).max() for key in ("conv1.weight", min(head, key=len))
    )
    assert slow <= 6 * 2 * 0.1 * transfer.lr  # Adam moves by about the rate in each of six steps
    assert quick > 0.1 * transfer.lr * 6


@pytest.mark.parametrize("name", NETWORKS)
def test_features_are_what_the_head_is_given_and_are_computed_once(name):
    transfer, (x, target) = by_hand(name), images(name, 3, 2)
    model = transfer.with_new_head(transfer.learnt(*images(name, 0, 3), 2, seed=0), 2, seed=1)
    head = getattr(model, transfer.head[0])
    features = transfer.features(model, x)
    assert features.shape == (len(x), head.in_features)
    assert [p for p in model.parameters() if p.requires_grad] == list(head.parameters())
    assert not any(module.training for module in model.conv1.modules())
    np.testing.assert_array_equal(head(features), transfer.scores(model, x))
    assert getattr(model, transfer.head[0]) is head
    with pytest.raises(ValueError, match="expected"):
        transfer.features(model, x[:, :, :, :2, None])
    assert getattr(model, transfer.head[0]) is head
    conv1, calls = model.conv1, []
    conv1.formula = lambda x, formula=conv1.formula: (calls.append(len(x)), formula(x))[1]
    transfer.train_head(model, x, target, 9, seed=0)
    assert calls == [len(x)]


def test_with_a_rate_of_zero_tuning_changes_the_head_alone():
    transfer = replace(by_hand("lenet"), tuning=0.0)
    model = transfer.with_new_head(transfer.learnt(*images("lenet", 0, 3), 2, seed=0), 2, seed=1)
    before = {key: array.copy() for key, array in arrays(model).items()}
    transfer.fine_tune(model, *images("lenet", 1, 2), 3, seed=0)
    assert {key for key in before if not np.array_equal(before[key], arrays(model)[key])} == {"fc1.weight", "fc1.bias"}


STEPS = [(20, 3, 4), (20, 4, 4), (6, 3, 3), (17, 5, 6)]


@pytest.mark.parametrize(("number", "steps", "taken"), STEPS)
def test_steps_are_whole_epochs_of_full_batches(number, steps, taken):
    """Batches of 8: of 20 images two are full, and the last four are left out; 6 images are one batch."""
    transfer, sizes = by_hand("lenet"), []
    x, target = images("lenet", 0, 2, number)

    def network(classes: int) -> nn.LeNet:
        model = nn.LeNet(classes, dtype=np.float64)
        model.conv1.formula = lambda x, formula=model.conv1.formula: (sizes.append(len(x)), formula(x))[1]
        return model

    replace(transfer, network=network).learnt(x, target, steps, seed=0)
    assert sizes == [min(number, 8)] * taken


def sheet(number: int = 60, classes: int = 3) -> Images:
    """Images that are told apart by their one lit pixel's value."""
    x = np.zeros((number, 4, 4))
    x[:, 1, 2] = np.arange(1, number + 1) / number
    return Images(x, np.arange(number) % classes)


def test_few_images_are_as_many_of_each_class_and_more_of_them_have_the_fewer():
    every = sheet()
    few, more, other = every.few(4, seed=1), every.few(9, seed=1), every.few(4, seed=2)
    assert np.bincount(few.target).tolist() == [4, 4, 4]
    assert np.bincount(more.target).tolist() == [9, 9, 9]
    values = {name: {float(x.max()) for x in images.x} for name, images in (("4", few), ("9", more), ("2", other))}
    assert values["4"] < values["9"]
    assert values["4"] != values["2"]
    for part in (few, more):
        assert all(every.target[round(x.max() * len(every)) - 1] == c for x, c in zip(part.x, part.target, strict=True))


def test_no_image_is_both_learnt_from_and_tested_on():
    pool, test = target_images("digits", [5, 6, 7, 8, 9], None, False, 0)
    assert len(test) == (len(pool) + len(test)) // 3
    assert set(pool.target) == set(test.target) == {0, 1, 2, 3, 4}
    digits, target = nn.data.digits(np.float32)
    known = {image.tobytes(): c for image, c in zip(digits, target, strict=True)}
    parts = [{image.tobytes() for image in images.x.reshape(len(images), -1)} for images in (pool, test)]
    assert not parts[0] & parts[1]
    assert all(known[x.tobytes()] == c + 5 for x, c in zip(test.x.reshape(len(test), -1), test.target, strict=True))
    assert pool.fewest == np.bincount(pool.target).min()


def test_images_are_enlarged_by_whole_numbers_and_black_around():
    x = sheet().fitted(1, 11)
    assert x.shape == (60, 1, 11, 11)
    lit = np.zeros((11, 11))
    lit[3:5, 5:7] = 1
    np.testing.assert_array_equal(x[-1, 0], lit)
    coloured = sheet().fitted(3, 11)
    off = np.array(4 * unit(x.dtype))  # four roundings of numbers of at most 1
    within("coloured", coloured * STD + MEAN, x.repeat(3, axis=1), off)
    with pytest.raises(ValueError, match=r"^--side: expected at least 4, the side of the images, got 3$"):
        sheet().fitted(1, 3)


@pytest.mark.parametrize(
    ("text", "numbers"), [("0-4", [0, 1, 2, 3, 4]), ("7,1", [1, 7]), ("9,1,3-4,4", [1, 3, 4, 9]), ("0-9", [*range(10)])]
)
def test_classes_are_numbers_and_ranges(text, numbers):
    assert class_numbers("--target-classes", text) == numbers


@pytest.mark.parametrize("text", ["", "3", "3-3", "a", "0-10", "-1,2", "4-1", "1,,2", "1.5,2", "0x1,2"])
def test_other_classes_are_refused(text):
    with pytest.raises(ValueError, match=r"^--target-classes: expected two classes or more between 0 and 9, such as"):
        class_numbers("--target-classes", text)


def found(gains: list[list[float]], images: Sequence[int] = (10, 50, 200)) -> Found:
    """What came out where scratch is right on half, and transfer gains so much."""
    scratch = np.full((len(gains), len(gains[0])), 0.5)
    accuracy = {"scratch": scratch, "frozen": scratch, "tuned": scratch + gains}
    return Found([*images][: len(gains)], accuracy, dict.fromkeys(KINDS, scratch))


GAINS = [
    ([[0.1, 0.2], [0.02, 0.04]], "transfer gains 15.0 points with 10, 3.0 points with 50 images a class"),
    ([[-0.1]], "in a single draw transfer loses 10.0 points with 10 images a class"),
    (
        [[0.1, 0.2], [-0.02, 0.04]],
        "transfer gains 15.0 points with 10 images a class; with 50 it depends on the draw",
    ),
    (
        [[0.1, 0.1], [0.0, 0.04], [-0.01, -0.03]],
        "transfer gains 10.0 points with 10 images a class; transfer loses 2.0 points with 200 images a class; "
        "with 50 it depends on the draw",
    ),
    ([[0.0], [0.1]], "in a single draw transfer gains 10.0 points with 50 images a class; with 10 it changes nothing"),
]


@pytest.mark.parametrize(("gains", "text"), GAINS)
def test_a_gain_counts_where_every_repeat_has_it(gains, text):
    assert sentence(found(gains)) == text


def test_one_repeat_is_named_in_the_singular(capsys):
    assert run("numpy_nn", "transfer", "--epochs", "1", "--steps", "2", "--repeats", "1", "--images", "1") == 0
    assert "images to test on, 1 repeat\n" in capsys.readouterr().out


def test_one_image_is_named_in_the_singular():
    assert sentence(found([[0.1]], [1])) == "in a single draw transfer gains 10.0 points with 1 image a class"
    both = "in a single draw transfer gains 10.0 points with 1, 10.0 points with 5 images a class"
    assert sentence(found([[0.1], [0.1]], [1, 5])) == both


def test_the_spread_is_the_deviation_of_a_sample():
    printed = StringIO()
    with redirect_stdout(printed):
        show(found([[0.0, 0.2], [0.02, 0.04]]))
    assert printed.getvalue().splitlines()[1].split("  ")[-1].strip() == "+10.0 ± 14.1"


def test_on_a_terminal_there_is_a_table(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show(found([[0.25, 0.25]]))
    printed = capsys.readouterr().out
    assert "─" in printed
    for told in ("accuracy, and what fine-tuned gains on from scratch", "from scratch", "75.0 ± 0.0", "+25.0 ± 0.0"):
        assert told in printed


def test_every_repeat_draws_images_of_its_own():
    seen: list[bytes] = []

    class Looking:
        """Keeps what would be learnt from."""

        def learnt(self, x: np.ndarray, target: np.ndarray, steps: int, seed: int) -> int:
            seen.append(x.tobytes())
            return seed

        def with_new_head(self, pretrained: str, classes: int, seed: int) -> int:
            assert (pretrained, classes) == ("before", 3)
            return seed

        train_head = fine_tune = lambda self, model, x, target, steps, seed: seen.append(x.tobytes())

        def accuracy(self, model: int, x: np.ndarray, target: np.ndarray) -> float:
            assert len(x) == len(target) == 60
            return float(model)

    comparison = Comparison(Looking(), "before", lambda images: images.x, 10)
    result = comparison.run(sheet(), sheet(), [4, 9], 2, seed=7, advance=lambda: None)
    assert {kind: array.tolist() for kind, array in result.accuracy.items()} == {
        kind: [[7, 8], [7, 8]] for kind in KINDS
    }
    assert len(seen) == 12
    assert len(set(seen)) == 4  # the three networks learn from the same images, every repeat and number has its own


QUICK = ("transfer", "--epochs", "1", "--steps", "2", "--repeats", "2", "--images", "3", "5", "--dtype", "float64")


def compared(wing: str, *arguments: str) -> dict[str, Any]:
    """What a command has written, without the seconds, which no two runs share."""
    assert run(wing, *arguments, "--json", "found.json", "--picture", "found.png") == 0
    written = json.loads(Path("found.json").read_bytes())
    assert Path("found.png").read_bytes().startswith(b"\x89PNG")
    assert {kind: np.shape(rows) for kind, rows in written.pop("seconds").items()} == dict.fromkeys(KINDS, (2, 2))
    return written


def test_both_wings_print_and_write_the_same(capsys):
    written, printed = [], []
    for wing in ("numpy_nn", "torch_nn"):
        written.append(compared(wing, *QUICK))
        lines = capsys.readouterr().out.splitlines()
        printed.append([lines[1:5], lines[6:]])  # between them are seconds
    assert written[0] == written[1]
    assert printed[0] == printed[1]
    assert written[0]["images"] == [3, 5]
    assert {kind: np.shape(rows) for kind, rows in written[0]["accuracy"].items()} == dict.fromkeys(KINDS, (2, 2))
    assert (written[0]["source_classes"], written[0]["target_classes"]) == ([0, 1, 2, 3, 4], [5, 6, 7, 8, 9])
    table, (said, picture) = printed[0]
    assert table[0].startswith("target: digits, classes 5-9; 298 images to test on, 2 repeats")
    assert [line.split("  ")[0] for line in table[1:]] == ["images a class", "3", "5"]
    mean = np.mean(written[0]["accuracy"]["scratch"][0])
    assert table[2].split()[1] == f"{100 * mean:.1f}"
    assert "images" in said or "draw" in said
    assert picture == "picture: found.png"


def test_repeats_have_seeds_of_their_own():
    first, second = (compared("torch_nn", *QUICK, "--seed", seed)["accuracy"]["scratch"] for seed in ("0", "1"))
    assert [rows[1] for rows in first] != [rows[0] for rows in first]
    assert first != second


@pytest.mark.parametrize(("channels", "stem"), [(3, "imagenet"), (1, "small")])
@pytest.mark.parametrize("whole_run", [False, True])
def test_weights_of_pytorch_are_taken_as_they_are(channels, stem, whole_run):
    """A state_dict such as torchvision's, or a checkpoint of train, which has it as its model."""
    torch.manual_seed(0)
    state = torch_nn.ResNet18(7, channels, stem, 2).state_dict()
    torch.save({"model": state, "epoch": 3} if whole_run else state, "weights.pth")
    side = ("--side", "16" if stem == "imagenet" else "8")
    quick = ("transfer", "--weights", "weights.pth", "--steps", "2", "--repeats", "2", "--images", "2", "4", *side)
    ours, theirs = (compared(wing, *quick, "--dtype", "float64") for wing in ("numpy_nn", "torch_nn"))
    assert ours == theirs
    assert (ours["model"], ours["stem"], ours["width"], ours["channels"]) == ("resnet18", stem, 2, channels)
    assert (ours["source"], ours["target_classes"]) == (None, [*range(10)])


@pytest.mark.parametrize("wing", ["numpy_nn", "torch_nn"])
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda state: state.clear(), "expected the parameters of lenet or resnet18, got nothing"),
        (lambda state: state.pop("fc.weight"), "expected the parameters of lenet or resnet18, got conv1.weight, "),
        (lambda state: state.pop("layer4.1.bn2.running_var"), "Missing key.*layer4.1.bn2.running_var"),
        (lambda state: state.update({"fc.bias": torch.zeros(3)}), "size mismatch for fc.bias"),
        (lambda state: state.update({"conv1.weight": torch.zeros(3)}), "expected a checkpoint as train writes it"),
    ],
)
def test_other_weights_are_refused(wing, spoil, message, capsys):
    state = dict(torch_nn.ResNet18(7, 1, "small", 2).state_dict())
    spoil(state)
    torch.save(state, "weights.pth")
    assert run(wing, "transfer", "--weights", "weights.pth") == 2
    error = capsys.readouterr().err
    assert error.startswith(f"python -m {wing}: weights.pth: expected")
    assert re.search(message, error)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source-classes", "0-5"], "--target-classes: expected others than the source's, got [5, 6, 7, 8, 9]"),
        (["--target-classes", "5"], "--target-classes: expected two classes or more between 0 and 9, such as 0-4"),
        (["--weights", "x.pth", "--source", "digits"], "--source: expected none beside --weights, which say it"),
        (["--weights", "x.pth", "--epochs", "3"], "--epochs: expected none beside --weights, which say it, got 3"),
        (["--weights", "README.md"], ": --weights: expected a name that ends in "),
        (["--weights", "nowhere.pth"], "nowhere.pth: expected a file, found none"),
        (["--images", "0"], "--images: expected at least 1, got 0"),
        (["--images", "200"], "--images: expected at most 109, which one of digits's classes has, got 200"),
        (["--repeats", "0"], "--repeats: expected at least 1, got 0"),
        (["--steps", "1"], "--steps: expected at least 2, got 1"),
        (["--batch-size", "1"], "--batch-size: expected at least 2, got 1"),
        (["--epochs", "0"], "--epochs: expected at least 1, got 0"),
        (["--lr", "nan"], "--lr: expected"),
        (["--tuning", "-1"], "--tuning: expected a number of at least 0, got -1.0"),
        (["--width", "8"], "--width: expected only with resnet18, got lenet"),
        (["--side", "32"], "--side: expected only with resnet18, got lenet"),
        (["--model", "resnet18", "--side", "7"], "--side: expected at least 8, the side of the images, got 7"),
        (["--source", "mnist", "--data", "."], "mnist: expected t10k-images-idx3-ubyte.gz and"),
        (["--picture", "found.jpg"], ": --picture: expected the name of a .png file, got 'found.jpg'"),
        (["--json", "."], "expected the name of a file, got a folder"),
    ],
)
def test_what_is_impossible_is_said_at_once(arguments, message, capsys):
    assert run("numpy_nn", "transfer", *arguments) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""


def test_the_networks_run_on_a_device_that_converts_nothing():
    with nn.use_kernels("textbook"):  # the only ones there
        _, scores = moves(by_hand("lenet"), "lenet")
        network = lambda classes: nn.LeNet(classes, dtype=np.float64).to("strict")  # noqa: E731
        _, other = moves(replace(by_hand("lenet"), network=network, device="strict"), "lenet")
    assert all(np.array_equal(*pair) for pair in zip(scores, other, strict=True))
