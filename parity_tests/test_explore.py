"""The experiments: what their numbers claim, that the sentences follow the numbers, the pictures, the counters."""

from __future__ import annotations

import argparse
import ctypes
import importlib
import pkgutil
import re
import string
import subprocess
import sys
from dataclasses import replace
from functools import cache
from math import nan
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from numpy_nn import explore, perceptron, random
from numpy_nn.command_line import explore as command
from numpy_nn.explore import (
    EXPERIMENTS,
    brain,
    canvas,
    captions,
    dying_relu,
    energy,
    labelled_text,
    metering,
    optimizers,
    regularization,
    transfer_words,
    vanishing,
    xor,
)
from numpy_nn.explore.counters import Graphics, NotMeasurable, Processor, load_nvml
from numpy_nn.explore.experiment import Text, scientific, unseen
from numpy_nn.explore.metering import Reading
from numpy_nn.models import SimpleNet
from parity_tests.bounds import unit, within

HANGUL = re.compile("[가-힣]")


@pytest.fixture(autouse=True)
def brief(monkeypatch):
    monkeypatch.setattr(metering, "TIMED", 0.01)
    monkeypatch.setattr(metering, "COUNTED_FOR", 0.01)


@cache
def observed(name: str, seed: int):
    """An experiment's result, how many parts it counted, and whether it left the default stream where it was."""
    random.manual_seed(7)
    before, parts = random.get_rng_state(), []
    found = EXPERIMENTS[name].run(seed, lambda: parts.append(name))
    return found, len(parts), bool((random.get_rng_state() == before).all())


def result(name: str, seed: int = 0):
    return observed(name, seed)[0]


def texts():
    for module in pkgutil.iter_modules(explore.__path__):
        found = vars(importlib.import_module(f"numpy_nn.explore.{module.name}"))
        for key, value in found.items():
            several = value.items() if isinstance(value, dict) else [("", value)]
            yield from (
                pytest.param(text, id=f"{module.name}.{key}{sub}") for sub, text in several if type(text) is Text
            )


@pytest.mark.parametrize("text", [*texts()])
def test_every_text_says_the_same_in_both_languages(text):
    fields = [
        {(field, form) for _, field, form, _ in string.Formatter().parse(words) if field}
        for words in (text.en, text.ko)
    ]
    assert fields[0] == fields[1]
    assert not HANGUL.search(text.en)
    assert text.en.strip()
    assert HANGUL.search(text.ko) or re.fullmatch(r"f\(x\)|GPU|Adam [\d.]+", text.ko)


@pytest.mark.parametrize("text", [*texts()])
def test_korean_is_formal(text):
    """Sentences end in 합니다체: in 니다 wherever they end in 다, but for 마다, which is no verb."""
    assert not re.search(r"(?<![니마])다(?=\.|$)", text.ko)


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_sentence_is_whole(name, language):
    said = EXPERIMENTS[name].sentence(result(name), language)
    assert not re.search(r"[{}]|\bnan\b|\binf\b", said)
    assert len(re.findall(r"\d", said)) >= 2
    assert bool(HANGUL.search(said)) == (language == "ko")
    assert said.endswith((".", "%)", "%)."))
    assert ("니다" in said) == (language == "ko")


def test_names_are_kebab_case_and_in_one_place():
    modules = {module.name.replace("_", "-") for module in pkgutil.iter_modules(explore.__path__)}
    assert set(EXPERIMENTS) < modules
    assert [experiment.name for experiment in EXPERIMENTS.values()] == list(EXPERIMENTS)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0.0, "0"),
        (0.28, "0.28"),
        (32.4, "32"),
        (1234.4, "1234"),
        (3.4e-5, "3.4 × 10⁻⁵"),
        (-7.2e12, "-7.2 × 10¹²"),
        (nan, "nan"),
    ],
)
def test_scientific(number, words):
    assert scientific(number) == words


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_run_counts_its_parts_and_leaves_the_default_stream_alone(name):
    assert observed(name, 0)[1:] == (EXPERIMENTS[name].parts, True)


@pytest.mark.parametrize("name", ["perceptron", "xor", "vanishing", "optimizers"])
def test_the_seed_decides(name):
    again, other = (EXPERIMENTS[name].run(seed, unseen) for seed in (0, 1))
    words = [EXPERIMENTS[name].sentence(found, "en") for found in (result(name), again, other)]
    assert words[0] == words[1] != words[2]


def test_slopes_are_those_of_the_values():
    """The pullback's slope is the difference quotient, away from the kinks at 0."""
    found = result("activations")
    away = np.abs(found.x) > 0.02
    for name, values in found.values.items():
        np.testing.assert_allclose(found.slopes[name][away], np.gradient(values, found.x)[away], atol=1e-2)
    assert found.slopes["sigmoid"].max() == 0.25
    assert found.slope("ReLU", -3.0) == 0


@pytest.mark.parametrize("seed", range(8))
def test_the_perceptron_stays_within_novikoffs_bound(seed):
    found = result("perceptron", seed)
    assert found.converged
    assert found.wrong[-1] == 0
    assert 0 < len(found.history) == len(found.wrong) <= found.bound
    last = found.history[-1]
    assert perceptron.margin(found.x, found.y, last.weight, last.bias) > 0


def test_xor_loops_for_the_perceptron_and_is_solved_by_a_hidden_layer():
    found = result("xor")
    loop = sum(found.mistakes[-found.period :])
    assert min(found.mistakes) > 0
    assert (found.states[-1] == found.states[-1 - loop]).all()
    assert max(xor.correct(state).sum() for state in found.states) < 4
    assert found.right.all()
    corners = [found.probability[np.ix_(found.axis == y, found.axis == x)].item() for x, y in xor.POINTS]
    assert (np.array(corners) > 0.5).tolist() == [False, True, True, False]


def test_a_loop_is_found_only_where_there_is_one():
    assert xor._period([(1.0,), (2.0,), (3.0,), (2.0,), (3.0,)]) == 2
    assert xor._period([(1.0,), (2.0,), (3.0,)]) == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_sigmoids_gradient_vanishes(seed):
    found = result("vanishing", seed)
    assert found.first("sigmoid", 20) < 1e-3 * found.first("ReLU", 20)
    assert found.first("tanh", 20) > 1e-3 * found.first("ReLU", 20)
    by_depth = [found.first("sigmoid", depth) for depth in vanishing.DEPTHS]
    assert by_depth == sorted(by_depth, reverse=True)
    assert all(len(norms) == depth + 1 for norms in found.norms.values() for depth, norms in norms.items())


def test_relu_units_die_more_than_leaky_ones():
    found = result("dying-relu")
    relu, leaky = found["ReLU"], found["Leaky ReLU, 0.1"]
    assert relu.silent[-1] > 2 * leaky.silent[-1]
    assert relu.accuracy < leaky.accuracy
    assert all(len(course.silent) == len(course.losses) == dying_relu.EPOCHS for course in found.values())


def test_what_diverges_is_said_to_have_diverged(monkeypatch):
    monkeypatch.setattr(dying_relu, "FIERCE", 1e4)
    monkeypatch.setattr(dying_relu, "SLOPES", {"ReLU": 0.0, "Leaky ReLU, 0.1": 0.1})
    found = dying_relu.run(0, unseen)
    assert np.isnan([found["Leaky ReLU, 0.1"].losses[-1], found["Leaky ReLU, 0.1"].accuracy]).all()
    assert "became infinite or nan" in dying_relu.sentence(found, "en")


def test_only_relu_is_sparse():
    found = result("sparsity")
    assert min(found["ReLU"].zeros) > 0.1
    assert found["ReLU"].zeros[0] == (found["ReLU"].first <= 0).mean()
    assert all(found[name].zeros == (0, 0) for name in ("GELU", "tanh", "sigmoid"))
    assert all(activity.accuracy > 0.9 for activity in found.values())


@pytest.mark.parametrize("seed", range(5))
def test_learning_rates_crawl_arrive_and_diverge(seed):
    last = {name: path.losses[-1] for name, path in result("optimizers", seed).items()}
    start = result("optimizers", seed)["slow"].losses[0]
    assert max(last["good"], last["momentum"], last["adam"]) < optimizers.NEAR < last["slow"] < start < last["large"]


def test_the_ravines_loss_and_gradient_are_what_the_picture_says():
    value, backward = optimizers.loss(np.array([2.0, -1.0]))
    assert float(value) == 2**2 + 25
    assert backward().tolist() == [4, -50]
    path = result("optimizers")["good"]
    assert path.losses.tolist() == [float(optimizers.loss(place)[0]) for place in path.places]


def test_l2_and_dropout_narrow_the_gap_and_forget_wrong_labels():
    found = result("regularization")
    for name in ("l2", "dropout"):
        assert found[name].gap < found["plain"].gap / 2
        assert found[name].by_heart < found["plain"].by_heart
        assert found[name].test_accuracies[-1] > found["plain"].test_accuracies[-1]
    assert found["plain"].by_heart > 0.8 * regularization.MISLABELLED
    assert found["plain"].train_accuracies[-1] > 0.95


def test_weights_look_like_their_classes():
    found = result("weights")
    assert found.correlations.min() > 0.8
    assert found.classes.shape == found.means.shape == found.units.shape == (10, 64)
    assert abs(found.means.sum(axis=0)).max() < 1e-5
    assert min(found.linear, found.net) > 0.9


def test_a_network_trained_with_dropout_bears_the_loss_of_neurons_better():
    found = result("brain")
    half = brain.SHARES.index(0.5)
    assert found.lost["dropout"][half] > found.lost["plain"][half]
    for kind in ("plain", "dropout"):
        assert found.lost[kind][0] == found.noisy[kind][0] > 0.95
        assert found.lost[kind][-1] < 0.6
        assert found.noisy[kind] == sorted(found.noisy[kind], reverse=True)
    assert found.few[0] < found.few[-1] - 0.15


@pytest.mark.parametrize("seed", range(2))
def test_images_and_words_find_each_other_and_two_languages_meet(seed):
    found = result("captions", seed)
    assert min(found.wide.accuracy(0), found.wide.accuracy(10)) > 0.95
    assert found.wide.precision() > 0.95
    assert found.wide.translated() == 10
    assert found.flat.accuracy(0) > 0.8
    assert found.flat.words.shape == (20, 2)
    lengths = np.linalg.norm(found.wide.images.astype(np.float64), axis=1)
    # a vector of D numbers is divided by its length with D/2 + 3 roundings
    within("lengths", lengths, np.ones(len(lengths)), np.array(11 * unit(found.wide.images.dtype)))


def test_what_finds_what_is_counted_right():
    """Two images, of 0 and 1, and words of which the Korean ones are exchanged."""
    words = np.zeros((20, 2))
    words[[0, 11]], words[[1, 10]] = [1, 0], [0, 1]
    space = captions.Space(np.eye(2), words, np.array([0, 1]), 1)
    assert (space.accuracy(0), space.accuracy(10)) == (1, 0)
    assert space.translated() == 0
    assert space.retrieved()[:2].tolist() == [[0, 1], [1, 0]]
    assert space.precision() == 2 / 20


def test_word_vectors_from_text_without_labels_save_labels():
    found = result("transfer-words")
    assert found.mean("frozen", 1) > found.mean("scratch", 1) + 0.05
    assert found.mean("frozen", 5) > found.mean("scratch", 5) + 0.1
    assert found.mean("tuned", 50) > max(found.mean("frozen", 50), found.mean("scratch", 50))
    assert found.mean("scratch", 1) > 1 / transfer_words.TOPICS
    words = [word for topic in found.telling for word in topic]
    assert len(words) == len(set(words)) == len(found.places)


def test_a_telling_word_is_the_documents_own():
    documents = [[["the", "cat", "cat"], ["the", "dog"]], [["the", "sea"], ["sea", "dog", "dog"]]]
    row = {"the": 0, "cat": 1, "sea": 2}
    assert labelled_text.telling(documents, row, 8) == [["cat", "the"], ["sea"]]


def test_no_word_covers_another_on_the_map():
    places = transfer_words._legible(np.random.default_rng(0).random((40, 2)))
    across, up = (np.abs(places[:, None, axis] - places[:, axis]) for axis in (0, 1))
    apart = (across >= transfer_words.WIDTH) | (up >= 0.9 * transfer_words.HEIGHT)
    assert (apart | np.eye(40, dtype=bool)).all()


def altered():
    """A result that does not show what is expected, and the words that must then be said."""
    yield "perceptron", lambda r: replace(r, converged=False), ("had not finished", "아직 끝나지 않았습니다")
    yield "xor", lambda r: replace(r, period=0), ("did not come back", "돌아오지 않았고")
    yield "xor", lambda r: replace(r, right=np.arange(4) < 3), ("gets 3 of the four", "3개를 맞힙니다")
    yield (
        "vanishing",
        lambda r: replace(r, norms=r.norms | {"sigmoid": r.norms["ReLU"]}),
        ("no vanishing", "소실이라 할 수 없"),
    )
    yield "dying-relu", lambda r: r | {"Leaky ReLU, 0.1": r["ReLU"]}, ("did not keep more", "살리지 못했습니다")
    yield "sparsity", lambda r: r | {"tanh": r["ReLU"]}, ("the most is 35", "가장 많아야 35")
    yield "optimizers", lambda r: r | {"large": r["good"]}, ("does not show", "나타나지 않습니다")
    yield "regularization", lambda r: r | {"l2": r["plain"]}, ("only dropout 0.6 narrows", "드롭아웃 0.6만")
    yield "regularization", lambda r: dict.fromkeys(r, r["plain"]), ("neither narrows", "어느 쪽도")
    yield (
        "weights",
        lambda r: replace(r, correlations=-r.correlations),
        ("no plain templates", "그대로 겹치지는 않습니다"),
    )
    yield (
        "brain",
        lambda r: replace(r, lost=dict.fromkeys(r.lost, r.lost["plain"])),
        ("not make it hardier", "만들지 못했습니다"),
    )
    yield (
        "captions",
        lambda r: replace(r, wide=replace(r.wide, words=np.vstack([r.wide.words[:10], r.wide.words[9::-1]]))),
        ("have not brought the two languages together", "이어 주지 못했습니다"),
    )
    yield (
        "transfer-words",
        lambda r: replace(r, accuracies=r.accuracies | {"tuned": r.accuracies["scratch"] - 1}),
        ("better left as they are", "그대로 두는 편이"),
    )
    yield (
        "transfer-words",
        lambda r: replace(r, accuracies=r.accuracies | {"frozen": r.accuracies["tuned"] + 1}),
        ("more than 50 of each", "50개씩보다 더 많이"),
    )


@pytest.mark.parametrize(("name", "alter", "words"), [*altered()])
def test_a_claim_that_does_not_hold_is_not_made(name, alter, words):
    for language, said in zip(("en", "ko"), words, strict=True):
        assert said in EXPERIMENTS[name].sentence(alter(result(name)), language)
        assert said not in EXPERIMENTS[name].sentence(result(name), language)


def package(powercap: Path, name: str, energy: str, wrap: str = "1000") -> Path:
    zone = powercap / name
    zone.mkdir()
    (zone / "max_energy_range_uj").write_text(wrap)
    (zone / "energy_uj").write_text(energy)
    return zone / "energy_uj"


def test_rapl_adds_up_the_packages_and_survives_a_wrap(tmp_path):
    counters = [package(tmp_path, f"intel-rapl:{number}", "900") for number in (0, 1)]
    package(tmp_path, "intel-rapl:0:0", "5")
    processor = Processor.find(tmp_path)
    before = processor.read()
    assert before == [900, 900]
    counters[0].write_text("950")
    counters[1].write_text("30")
    assert processor.joules(before, processor.read()) == (50 + 130) / 1e6


@pytest.mark.parametrize("reason", ["no-rapl", "unreadable", "no-permission"])
def test_rapl_says_why_it_cannot_be_read(tmp_path, monkeypatch, reason):
    if reason != "no-rapl":
        package(tmp_path, "intel-rapl:0", "nonsense")
    if reason == "no-permission":
        monkeypatch.setattr(Path, "read_text", lambda path: refuse(path))
    with pytest.raises(NotMeasurable) as caught:
        Processor.find(tmp_path)
    assert caught.value.reason == reason
    assert caught.value.detail


def refuse(path: Path) -> str:
    raise PermissionError(13, "Permission denied", str(path))


class FakeNvml:
    """NVML with one GPU whose counter moves by 250 mJ for each reading."""

    def __init__(self, counts: bool = True) -> None:
        self.energy, self.counts = 1000, counts

    def nvmlInit_v2(self) -> int:
        return 0

    def nvmlDeviceGetHandleByPciBusId_v2(self, name: ctypes.c_char_p, handle: object) -> int:
        return 0 if name.value == b"0000:01:00.0" else 6

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: ctypes.c_void_p, energy: object) -> int:
        self.energy += 250
        energy._obj.value = self.energy
        return 0 if self.counts else 3


def test_nvml_counts_the_gpu():
    gpu = Graphics.find(FakeNvml(), "0000:01:00.0")
    assert gpu.joules(gpu.read(), gpu.read()) == 0.25


def test_nvml_says_why_it_cannot_count():
    with pytest.raises(NotMeasurable, match="no-nvml"):
        load_nvml("no-such-library.so")
    with pytest.raises(NotMeasurable, match="no-gpu: NVML error 6"):
        Graphics.find(FakeNvml(), "0000:02:00.0")
    with pytest.raises(NotMeasurable, match="no-gpu-counter: NVML error 3"):
        Graphics.find(FakeNvml(counts=False), "0000:01:00.0")


def test_what_is_counted_is_shared_among_the_images(monkeypatch):
    monkeypatch.setattr(metering, "_times", lambda model, images: [0.1, 0.2, 0.3])
    monkeypatch.setattr(metering, "_repeat", lambda model, images, seconds: 500)
    reading = metering.measured(SimpleNet(4, 3, 2), np.ones((2, 4), np.float32), "cpu", lambda: Counter([0, 20]))
    assert reading.joules == 20 / 500
    assert reading.watts > 0
    still = metering.measured(SimpleNet(4, 3, 2), np.ones((2, 4), np.float32), "cpu", lambda: Counter([5, 5]))
    assert (still.joules, still.watts, still.missing.reason) == (None, None, "too-short")


class Counter:
    def __init__(self, readings: list[int]) -> None:
        self.readings = iter(readings)

    def read(self) -> list[int]:
        return [next(self.readings)]

    def joules(self, before: list[int], after: list[int]) -> float:
        return after[0] - before[0]


def test_no_counter_no_joules():
    missing = NotMeasurable("no-permission", "/sys/energy_uj")
    found = energy.Energy(
        (64, 128, 10), 9472, {"cpu": Reading([1e-4, 1e-5, 1e-6], missing=missing), "cuda": Reading([], missing=missing)}
    )
    said = energy.sentence(found, "en")
    assert said.count("not measurable here (no permission to read /sys/energy_uj)") == 2
    assert not re.search(r"\d J\b|\d W\b", said)


def test_counted_joules_stand_beside_a_brain():
    found = energy.Energy(
        (64, 128, 10), 9472, {"cpu": Reading([1e-4, 1e-5, 1e-6], 4e-5, 31.0), "cuda": Reading([1e-4] * 3, 2e-4, 70.0)}
    )
    for language in ("en", "ko"):
        said = energy.sentence(found, language)
        assert all(words in said for words in ("4.0 × 10⁻⁵ J", "31 W", "20 W", "2.0 × 10⁻⁶", "70 W", "9,472"))


def test_every_reason_has_its_words():
    source = "".join(
        Path(vars(module)["__file__"]).read_text() for module in (metering, sys.modules[NotMeasurable.__module__])
    )
    assert set(re.findall(r'NotMeasurable\("([\w-]+)"', source)) == set(energy.REASONS)


def test_multiply_adds_are_those_of_the_layers():
    assert result("energy").operations == 64 * 128 + 128 * 10
    assert all(seconds > 0 for seconds in result("energy").readings["cpu"].seconds)


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_pictures_words_are_in_its_language(name, language):
    from matplotlib.figure import Figure
    from matplotlib.text import Text as Words

    figure = Figure()
    EXPERIMENTS[name].draw(result(name), figure, language)
    words = " ".join(text.get_text() for text in figure.findobj(Words))
    assert bool(HANGUL.search(words)) == (language == "ko")
    assert not re.search(
        "[{}]", words.replace("$\\mathdefault{", "").replace("}$", "").replace("^{", "").replace("}", "")
    )


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_picture_is_a_png(name, tmp_path):
    from matplotlib.image import imread

    path = tmp_path / "new" / f"{name}.png"
    canvas.save(EXPERIMENTS[name], result(name), path, "en")
    width, height = EXPERIMENTS[name].size
    pixels = imread(path)
    assert pixels.shape[:2] == (120 * height, 120 * width)
    assert pixels.std() > 0.05


def test_a_picture_that_fails_leaves_the_old_one(tmp_path):
    path = tmp_path / "xor.png"
    path.write_bytes(b"old")
    broken = replace(EXPERIMENTS["xor"], draw=lambda result, figure, language: figure.text(0, 0, "$\\nothing$"))
    with pytest.raises(ValueError, match="nothing"):  # no formula: noticed only when the file is being written
        canvas.save(broken, None, path, "en")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_best_font_with_hangul_is_taken(monkeypatch):
    from matplotlib import font_manager

    names = ("DejaVu Sans", "Malgun Gothic", "Noto Sans CJK JP")
    fonts = [SimpleNamespace(name=name, fname=f"{name}.ttf") for name in names]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", fonts)
    assert canvas.hangul_font() == "Noto Sans CJK JP"
    monkeypatch.setattr(font_manager.fontManager, "ttflist", fonts[:1])
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: ["DejaVu Sans.ttf"])
    assert canvas.hangul_font() is None
    with pytest.raises(ValueError, match="language"):
        canvas.save(EXPERIMENTS["activations"], result("activations"), Path("unwritten.png"), "ko")


def test_a_font_that_was_installed_after_matplotlib_made_its_list_is_found(monkeypatch):
    from matplotlib import font_manager

    manager = font_manager.fontManager
    monkeypatch.setattr(manager, "ttflist", [SimpleNamespace(name="DejaVu Sans", fname="DejaVu Sans.ttf")])
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: ["DejaVu Sans.ttf", "broken.ttf", "NanumGothic.ttf"])

    def add(path):
        if path == "broken.ttf":
            raise RuntimeError("no font")
        manager.ttflist.append(SimpleNamespace(name=path.removesuffix(".ttf"), fname=path))

    monkeypatch.setattr(manager, "addfont", add)
    assert canvas.hangul_font() == "NanumGothic"
    assert [font.fname for font in manager.ttflist] == ["DejaVu Sans.ttf", "NanumGothic.ttf"]


def explored(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers(required=True))
    parsed = parser.parse_args(["explore", *arguments])
    return parsed.run(parsed)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_list_names_every_experiment_in_one_line(language, capsys):
    assert explored("--list", "--lang", language) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(EXPERIMENTS)
    assert all(bool(HANGUL.search(line)) == (language == "ko") for line in lines)


def test_the_command_says_what_it_found_and_where_the_picture_is(tmp_path, capsys):
    assert explored("optimizers", "perceptron", "optimizers", "--seed", "3", "--out", str(tmp_path / "here")) == 0
    out = capsys.readouterr().out
    for name in ("optimizers", "perceptron"):
        assert out.count(EXPERIMENTS[name].sentence(result(name, 3), "en")) == 1
        assert f"{tmp_path / 'here' / name}.png" in out
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == ["optimizers.png", "perceptron.png"]


def test_without_a_korean_font_the_picture_is_english_and_that_is_said(tmp_path, capsys, monkeypatch):
    spoken = []
    monkeypatch.setattr(canvas, "hangul_font", lambda: None)
    monkeypatch.setattr(canvas, "save", lambda experiment, result, path, language: spoken.append(language))
    assert explored("perceptron", "--lang", "ko", "--out", str(tmp_path)) == 0
    captured = capsys.readouterr()
    assert spoken == ["en"]
    assert len(captured.err.splitlines()) == 1
    assert "글꼴" in captured.err
    assert "퍼셉트론은" in captured.out
    monkeypatch.setattr(canvas, "hangul_font", lambda: "NanumGothic")
    assert explored("perceptron", "--lang", "ko", "--out", str(tmp_path)) == 0
    assert spoken == ["en", "ko"]
    assert not capsys.readouterr().err


def test_an_unknown_name_lists_the_names(tmp_path, capsys):
    assert explored("xor", "vanshing", "--out", str(tmp_path)) == 2
    captured = capsys.readouterr()
    assert f"NAME: expected one of {', '.join(EXPERIMENTS)}, got" in captured.err
    assert "got 'vanshing' (did you mean vanishing?)" in captured.err
    assert not captured.out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [("--seed", "99999999999999999999"), ("--out", __file__)])
def test_what_cannot_be_is_refused(wrong, capsys):
    assert explored("perceptron", *wrong) == 2
    assert capsys.readouterr().err.startswith("python -m numpy_nn explore: ")


@pytest.mark.parametrize("place", ["taken", "taken/in"])
def test_where_nothing_can_be_written_is_said_before_anything_is_run(place, tmp_path, capsys, monkeypatch):
    (tmp_path / "taken").write_text("")
    asked = []
    slow = replace(EXPERIMENTS["perceptron"], run=lambda seed, advance: asked.append(seed))
    monkeypatch.setitem(EXPERIMENTS, "perceptron", slow)
    assert explored("perceptron", "--out", str(tmp_path / place)) == 2
    captured = capsys.readouterr()
    picture = tmp_path / place / "perceptron.png"
    assert captured.err.startswith(
        f"python -m numpy_nn explore: --out: {picture}: expected a file that can be written, got: "
    )
    assert (captured.out, asked) == ("", [])


@pytest.mark.parametrize("name", ["xor", "activations", "weights", "sparsity"])
def test_bold_text_is_in_the_font_that_has_it(name):
    """matplotlib prints what it takes instead of a weight that a font lacks; its own font lacks none."""
    from matplotlib.figure import Figure
    from matplotlib.text import Text as Words

    figure = Figure()
    EXPERIMENTS[name].draw(result(name), figure, "en")
    bold = [text for text in figure.findobj(Words) if text.get_fontweight() == "bold"]
    assert bold
    assert {tuple(text.get_fontfamily()) for text in bold} == {("DejaVu Sans",)}


def test_without_matplotlib_the_extra_is_named(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.font_manager", None)
    assert explored("perceptron") == 2
    assert 'pip install "numpy_nn[cli]"' in capsys.readouterr().err


def test_the_help_teaches_by_example(capsys):
    with pytest.raises(SystemExit):
        explored("--help")
    examples = re.findall(r"python -m numpy_nn explore (\S+)", capsys.readouterr().out)
    assert len(examples) >= 3
    assert all(example in EXPERIMENTS for example in examples if not example.startswith("-"))


def test_exploring_needs_no_torch_and_importing_it_neither_matplotlib_nor_rich(tmp_path):
    code = (
        "import sys, argparse; from numpy_nn.command_line import explore\n"
        "assert not {'matplotlib', 'rich', 'sklearn'} & set(sys.modules)\n"
        "parser = argparse.ArgumentParser(); explore.add(parser.add_subparsers())\n"
        f"parsed = parser.parse_args(['explore', 'weights', '--out', {str(tmp_path)!r}]); code = parsed.run(parsed)\n"
        "assert 'torch' not in sys.modules; sys.exit(code)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert (tmp_path / "weights.png").exists()
