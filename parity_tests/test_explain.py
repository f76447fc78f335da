"""python -m numpy_nn explain, python -m torch_nn explain: the same pictures from both wings, and what they show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from numpy_nn import data, interpret
from numpy_nn.command_line import looking
from numpy_nn.command_line.by_hand import ByHand
from numpy_nn.command_line.main import main
from parity_tests import side_by_side
from parity_tests.lockstep import FLOAT64_BOUND
from torch_nn.command_line import InTorch

WINGS = {"numpy_nn": ByHand, "torch_nn": InTorch}
NETWORKS = {
    "mlp": ["--epochs", "3"],
    "resnet18": ["--model", "resnet18", "--width", "4", "--epochs", "1"],
}


def run(wing: str, *arguments: str) -> int:
    return main(WINGS[wing](), arguments)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a checkpoint of each network, and pictures of digits."""
    folder = tmp_path_factory.mktemp("trained")
    for name, arguments in NETWORKS.items():
        path = str(folder / f"{name}.pth")
        assert run("numpy_nn", "train", "--dtype", "float64", "--checkpoint", path, *arguments) == 0
    images, _ = data.digits()
    for number in range(3):
        Image.fromarray((images[number].reshape(8, 8) * 255).astype(np.uint8)).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, trained: Path, tmp_path: Path) -> list[Sequence[looking.Looked]]:
    """What was drawn by each command, which runs in a folder of its own, with the checkpoints beside it."""
    kept: list[Sequence[looking.Looked]] = []
    paint = looking.paint

    def painted(figure: Figure, samples: Sequence[looking.Looked]) -> None:
        kept.append(samples)
        paint(figure, samples)

    monkeypatch.setattr(looking, "paint", painted)
    for file in trained.iterdir():
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.chdir(tmp_path)
    return kept


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("extra", [[], ["--class", "8"]], ids=" ".join)
def test_both_wings_find_and_print_the_same(
    network: str, extra: list[str], drawn: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    printed = []
    for wing in WINGS:
        assert run(wing, "explain", f"{network}.pth", "0.png", "1.png", *extra) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    ours, theirs = drawn
    for mine, his in zip(ours, theirs, strict=True):
        assert mine.title == his.title
        assert mine.maps.keys() == his.maps.keys()
        for name, found in mine.maps.items():
            assert found.shape == his.maps[name].shape
            assert np.abs(found - his.maps[name]).max() <= FLOAT64_BOUND, name
    methods = list(looking.METHODS) if network == "resnet18" else ["saliency", "guided", "integrated"]
    assert list(ours[0].maps)[: len(methods)] == methods


def test_the_class_and_its_probability_are_those_of_predict(
    drawn: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["0.png", "1.png", "2.png"]
    assert run("numpy_nn", "predict", "resnet18.pth", *files) == 0
    predicted = capsys.readouterr().out.splitlines()
    assert run("numpy_nn", "explain", "resnet18.pth", *files) == 0
    *explained, last = capsys.readouterr().out.splitlines()
    assert explained == predicted
    assert last == f"results/explained.png: {', '.join(looking.METHODS)}"
    with Image.open("results/explained.png") as picture:
        assert picture.format == "PNG"
    assert [sample.title for sample in drawn[0]] == [line.split(maxsplit=1)[1] for line in predicted]


def test_what_a_network_has_no_layers_for_is_left_out_and_said(
    drawn: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("numpy_nn", "explain", "mlp.pth", "0.png", "--out", "a.png") == 0
    *_, done, left_out = capsys.readouterr().out.splitlines()
    assert done == "a.png: saliency, guided, integrated, occlusion, weights"
    assert left_out == "left out: grad-cam, which needs a Conv2d, activations, which needs a Conv2d"
    assert drawn[0][0].maps["weights"].shape == (256, 8, 8)


def test_a_class_a_layer_and_a_method_are_chosen(drawn: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["explain", "resnet18.pth", "0.png", "--class", "7", "--layer", "layer2", "--method"]
    assert run("numpy_nn", *arguments, "activations", "grad-cam") == 0
    assert re.match(r"0\.png  \d [\d.]+%(; why 7 [\d.]+%)?$", capsys.readouterr().out.splitlines()[0])
    ((sample,),) = drawn
    assert {name: found.shape for name, found in sample.maps.items()} == {
        "grad-cam": (4, 4),
        "activations": (8, 4, 4),
    }
    assert np.array_equal(sample.image * 255 / 16, np.asarray(Image.open("0.png")))
    assert run("numpy_nn", "explain", "mlp.pth", "0.png", "--layer", "1") == 0
    assert drawn[1][0].maps["activations"].shape == (256, 1, 1)
    assert "grad-cam" not in drawn[1][0].maps


@pytest.mark.parametrize("wing", WINGS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mlp.pth", "none.png"], "none.png: expected an image, found none"),
        (["none.pth", "0.png"], "none.pth"),
        (["mlp.pth", "text.png"], "text.png: expected an image: cannot identify"),
        (["mlp.pth", "fractions.tif"], "fractions.tif: expected an image: its pixels are whole numbers"),
        (["mlp.pth", "0.png", "--class", "cat"], "--class: expected one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, got 'cat'"),
        (
            ["mlp.pth", "0.png", "--method", "grad-cam"],
            ": CHECKPOINT: expected one with a Conv2d, whose maps Grad-CAM weighs",
        ),
        (
            ["mlp.pth", "0.png", "--method", "grad-cam", "--layer", "0"],
            ": --layer: expected one that gives maps (N, C, H, W), got 0, which gives shape (1, 256)",
        ),
        (["mlp.pth", "0.png", "--layer", "conv1"], ": --layer: expected one of 0, 1, 2, 3, got 'conv1'"),
        (
            ["resnet18.pth", "0.png", "--layer", "conv9"],
            ": --layer: expected one of conv1, bn1, relu, maxpool, layer1, ",
        ),
        (["mlp.pth", "0.png", "--out", "a.jpg"], ": --out: expected the name of a .png file, got 'a.jpg'"),
        (["rows.pth", "0.png"], "rows.pth: expected a network that was trained on images, got one on rows"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_leaves_no_picture(
    wing: str, arguments: list[str], message: str, drawn: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("text.png").write_text("hello")
    Image.fromarray(np.ones((8, 8), np.float32)).save("fractions.tif")
    if "rows.pth" in arguments:
        Path("set.csv").write_text("\n".join(f"{n % 2},{n},{n % 2}" for n in range(40)))
        assert run("numpy_nn", "train", "--data", "set.csv", "--epochs", "1", "--checkpoint", "rows.pth") == 0
    capsys.readouterr()
    assert run(wing, "explain", *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"python -m {wing}: ")
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert not [*Path().rglob("results/*.png"), *Path().rglob("a.*")]


@pytest.mark.parametrize("wing", WINGS)
def test_help_teaches_by_example_and_fits_a_terminal(
    wing: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as stopped:
        run(wing, "explain", "--help")
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert f"python -m {wing} explain" in text
    for method in looking.METHODS:
        assert f"\n  {method} " in text
    assert max(map(len, text.splitlines())) <= 80


CAPTIONS = {
    ("grad-cam",): "Grad-CAM: yellow to red speaks for the class",
    ("saliency",): "blue speaks for the class, red against it",
    ("weights",): "weights: blue above 0, red below",
    ("occlusion", "activations"): "blue speaks for the class, red against it; maps: blue above 0, red below",
    tuple(looking.METHODS): "blue speaks for the class, red against it; Grad-CAM: yellow to red speaks for the "
    "class; maps and weights: blue above 0, red below",
}


@pytest.mark.parametrize("methods", CAPTIONS, ids=" ".join)
def test_the_caption_tells_of_what_is_shown_and_fits_the_picture(methods: Sequence[str]) -> None:
    image = np.ones((8, 8))
    found = {name: np.ones((4, 8, 8) if name in looking.SCALED else (8, 8)) for name in methods}
    samples = [looking.Looked("8 99.99%", image, found)]
    figure = Figure(looking.size(samples), layout="constrained")
    looking.paint(figure, samples)
    assert " ".join(figure.get_supxlabel().split()) == CAPTIONS[tuple(methods)]
    figure.draw_without_rendering()
    caption = next(text for text in figure.texts if text.get_text() == figure.get_supxlabel())
    extent = caption.get_window_extent()
    assert 0 <= extent.x0 < extent.x1 <= figure.bbox.width
    assert 0 <= extent.y0 < extent.y1 < figure.axes[1].get_window_extent().y0


# Both wings side by side


def test_side_by_side_grad_cam_is_drawn_from_both_wings(drawn: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["resnet18.pth", "0.png", "1.png", "--layer", "layer1", "--out", "a.png"]
    assert side_by_side.main(arguments) == 0
    assert re.match(r"a\.png: apart by [\d.]+e-\d+, bound 1e-10: holds$", capsys.readouterr().out)
    with Image.open("a.png") as picture:
        assert picture.format == "PNG"
    for pair in side_by_side.pairs("resnet18.pth", ["0.png", "2.png"], "layer1"):
        assert pair.by_hand.shape == (8, 8)
        assert pair.by_hand.max() > 0
        assert 0 <= pair.apart <= FLOAT64_BOUND
    assert side_by_side.main(["none.pth", "0.png", "--out", "a.pdf"]) == 2
    assert "--out: expected the name of a .png file, got 'a.pdf'" in capsys.readouterr().err
    assert side_by_side.main(["mlp.pth", "0.png"]) == 2
    assert "model: expected one with a Conv2d" in capsys.readouterr().err


def test_side_by_side_two_that_differ_end_with_1(
    drawn: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    grad_cam = interpret.grad_cam
    monkeypatch.setattr(interpret, "grad_cam", lambda *arguments: grad_cam(*arguments) + 1e-9)
    assert side_by_side.main(["resnet18.pth", "0.png", "--out", "a.png"]) == 1
    assert capsys.readouterr().out == "a.png: apart by 1.0e-09, bound 1e-10: does not hold\n"


@pytest.mark.parametrize("images", [["0.png"], ["0.png", "1.png", "2.png"]])
def test_side_by_side_no_label_touches_the_edge(
    images: list[str], drawn: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Figure] = []
    paint = side_by_side.paint

    def painted(figure: Figure, found: Sequence[side_by_side.Pair]) -> None:
        figures.append(figure)
        paint(figure, found)

    monkeypatch.setattr(side_by_side, "paint", painted)
    assert side_by_side.main(["resnet18.pth", *images, "--out", "a.png"]) == 0
    labels = [axes.yaxis.label for axes in figures[0].axes if axes.get_ylabel()]
    assert [label.get_text().split(",")[0] for label in labels] == ["NumPy", "PyTorch"]
    assert min(label.get_window_extent().x0 for label in labels) >= 0.05 * figures[0].dpi


# The pictures


def axes() -> Any:
    return Figure().subplots()


def test_heat_lies_over_the_image_the_denser_the_further_from_zero() -> None:
    panel, image = axes(), np.arange(6.0).reshape(2, 3)
    interpret.overlay(panel, image, np.array([[0.0, -2.0, 1.0], [0.0, 0.0, 0.0]]), signed=True)
    below, above = panel.images
    assert np.array_equal(below.get_array(), image)
    assert above.get_array().tolist() == [[0, -2, 1], [0, 0, 0]]
    assert above.get_clim() == (-2, 2)
    assert np.array_equal(above.get_alpha()[0], np.array([0, 1, 0.5]) ** 0.6)
    assert above.get_cmap().name == "RdBu"
    red, _, blue, _ = above.cmap(above.norm(1.0))
    assert blue > red


def test_coarse_heat_is_enlarged_and_starts_at_zero() -> None:
    panel = axes()
    interpret.overlay(panel, np.zeros((4, 6, 3)), np.array([[1.0, 3.0]]))
    above = panel.images[1]
    assert above.get_array().shape == (4, 6)
    assert above.get_clim() == (0, 3)
    assert panel.images[0].get_array().shape == (4, 6, 3)


def test_without_any_heat_the_image_stands_alone() -> None:
    panel = axes()
    interpret.overlay(panel, np.ones((4, 4)), np.zeros((2, 2)))
    assert len(panel.images) == 1


def test_a_mosaic_scales_each_image_and_parts_them_by_a_pixel() -> None:
    images = np.array([[[1.0, 2.0]], [[-4.0, 2.0]], [[0.0, 0.0]]])
    nan = np.nan
    expected = [[0.5, 1, nan, -1, 0.5], [nan] * 5, [0, 0, nan, nan, nan]]
    np.testing.assert_array_equal(interpret.mosaic(images), expected)
    assert interpret.mosaic(images, columns=3).shape == (1, 8)


@pytest.mark.parametrize(
    ("message", "call"),
    [
        ("image: expected shape", lambda: interpret.overlay(axes(), np.ones((2, 2, 4)), np.ones((2, 2)))),
        ("image: expected shape", lambda: interpret.show(axes(), np.ones(3))),
        ("maps: expected shape", lambda: interpret.overlay(axes(), np.ones((2, 2)), np.ones(2))),
        ("images: expected shape", lambda: interpret.mosaic(np.ones((2, 2)))),
        ("images: expected shape", lambda: interpret.mosaic(np.ones((0, 2, 2)))),
        ("columns: expected at least 1, got 0", lambda: interpret.mosaic(np.ones((1, 2, 2)), 0)),
    ],
)
def test_what_cannot_be_drawn_is_refused(message: str, call: Any) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        call()
