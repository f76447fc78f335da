"""Pictures: what is drawn, that nothing is disturbed by drawing it, and that a file is whole or not there."""

from __future__ import annotations

import builtins
import warnings
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpy_nn as nn
from numpy_nn import optim, pictures
from numpy_nn.backend import to_device
from numpy_nn.optim import lr_scheduler

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures that were drawn, as matplotlib has them."""
    figures: list[Any] = []
    empty = pictures._figure

    def kept(width: float, height: float) -> Any:
        figures.append(empty(width, height))
        return figures[-1]

    monkeypatch.setattr(pictures, "_figure", kept)
    return figures


def sgd(*rates: float, **options: Any) -> optim.SGD:
    return optim.SGD([{"params": [nn.Parameter(np.ones(2))], "lr": rate} for rate in rates], **options)


def curves(axes: Any) -> dict[str, list[float]]:
    """The lines of a panel by their labels."""
    return {line.get_label(): list(line.get_ydata()) for line in axes.lines}


def test_a_schedule_is_drawn_step_by_step_for_each_group(tmp_path: Path, drawn: list[Any]) -> None:
    pictures.schedule(
        tmp_path / "a.png", lr_scheduler.StepLR(sgd(1.0, 8.0), 2, gamma=0.5), steps=5, title="a staircase"
    )
    (axes,) = drawn[0].axes
    assert curves(axes) == {"group 0": [1, 1, 0.5, 0.5, 0.25], "group 1": [8, 8, 4, 4, 2]}
    assert list(axes.lines[0].get_xdata()) == [0, 1, 2, 3, 4]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title(loc="left")) == (
        "step",
        "learning rate",
        "a staircase",
    )
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)


def test_what_a_schedule_steps_in_stands_below(tmp_path: Path, drawn: list[Any]) -> None:
    pictures.schedule(tmp_path / "a.png", lr_scheduler.StepLR(sgd(1.0), 2), steps=5, per="epoch")
    assert drawn[0].axes[0].get_xlabel() == "epoch"


def test_a_momentum_that_moves_has_a_panel_of_its_own(tmp_path: Path, drawn: list[Any]) -> None:
    for optimizer in (sgd(0.1), optim.Adam([nn.Parameter(np.ones(2))])):
        pictures.schedule(tmp_path / "a.png", lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=9), steps=9)
    for figure in drawn:
        rates, momenta = figure.axes
        assert momenta.get_ylabel() == "momentum"
        assert max(curves(rates)["group 0"]) <= 0.1
        assert curves(momenta)["group 0"][0] == pytest.approx(0.95)
        assert min(curves(momenta)["group 0"]) >= 0.85


@pytest.mark.parametrize("steps", [1, 7])
def test_a_scheduler_is_drawn_from_where_it_stands_and_left_as_it_is(
    steps: int, tmp_path: Path, drawn: list[Any]
) -> None:
    optimizer = optim.Adam([nn.Parameter(np.ones(2))], lr=0.1)
    members = [lr_scheduler.LinearLR(optimizer, total_iters=3), lr_scheduler.CosineAnnealingLR(optimizer, 9)]
    scheduler = lr_scheduler.SequentialLR(optimizer, members, [3])
    parameter = optimizer.param_groups[0]["params"][0]
    for _ in range(2):
        parameter.grad = np.ones(2)
        optimizer.step()
        scheduler.step()
    state, saved, data = scheduler.state_dict(), deepcopy(optimizer.state_dict()), parameter.data.copy()
    pictures.schedule(tmp_path / "a.png", scheduler, steps)
    assert scheduler.state_dict() == state
    assert repr(optimizer.state_dict()) == repr(saved)
    assert np.array_equal(parameter.data, data)
    expected = []
    for _ in range(steps):
        expected += scheduler.get_last_lr()
        scheduler.step()
    assert curves(drawn[0].axes[0]) == {"group 0": expected}


def test_the_step_order_is_judged_afterwards_as_before(tmp_path: Path) -> None:
    scheduler = lr_scheduler.StepLR(sgd(1.0), 2)
    pictures.schedule(tmp_path / "a.png", scheduler, 3)
    with pytest.warns(UserWarning, match="never used"):
        scheduler.step()


def test_a_schedule_can_be_made_by_a_function_or_given_as_rates(tmp_path: Path, drawn: list[Any]) -> None:
    def make() -> tuple[optim.SGD, lr_scheduler.LRScheduler]:
        optimizer = sgd(1.0)
        return optimizer, lr_scheduler.ExponentialLR(optimizer, 0.5)

    pictures.schedule(tmp_path / "a.png", make, 3)
    pictures.schedule(tmp_path / "b.png", [1.0, 0.5, 0.25])
    assert curves(drawn[0].axes[0]) == curves(drawn[1].axes[0]) == {"group 0": [1, 0.5, 0.25]}


def record(epoch: int, **more: Any) -> dict[str, Any]:
    return {"epoch": epoch, "loss": 1 / epoch, **more}


def test_losses_are_drawn_by_epoch_with_gaps_where_there_is_none(tmp_path: Path, drawn: list[Any]) -> None:
    history = [
        record(5, validation_loss=0.5, validation_accuracy=0.1, lr=0.1),
        record(6, validation_loss=None, validation_accuracy=None, lr=0.1),
        record(7, validation_loss=0.3, validation_accuracy=0.3, lr=0.05),
    ]
    pictures.losses(tmp_path / "a.png", history, title="a run")
    loss, accuracy, rate = drawn[0].axes
    assert curves(loss)["training"] == [1 / 5, 1 / 6, 1 / 7]
    np.testing.assert_array_equal(curves(loss)["validation"], [0.5, np.nan, 0.3])
    assert curves(accuracy).keys() == {"validation"}
    assert curves(rate)["training"] == [0.1, 0.1, 0.05]
    assert list(rate.lines[0].get_xdata()) == [5, 6, 7]
    assert [axes.get_ylabel() for axes in drawn[0].axes] == ["loss", "accuracy", "learning rate"]
    assert (loss.get_title(loc="left"), rate.get_xlabel()) == ("a run", "epoch")
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)


def test_one_epoch_is_marked_as_one(tmp_path: Path, drawn: list[Any]) -> None:
    pictures.losses(tmp_path / "a.png", [{"loss": 1.0}])
    axes = drawn[0].axes[-1]
    low, high = axes.get_xlim()
    assert [tick for tick in axes.get_xticks() if low <= tick <= high] == [1]


def test_a_history_of_losses_alone_has_one_panel_and_counts_its_epochs(tmp_path: Path, drawn: list[Any]) -> None:
    pictures.losses(tmp_path / "a.png", [{"loss": 1.0}, {"loss": 0.5}])
    (axes,) = drawn[0].axes
    assert curves(axes) == {"training": [1.0, 0.5]}
    assert list(axes.lines[0].get_xdata()) == [1, 2]


def test_a_confusion_matrix_shows_shares_as_colours_and_counts_as_numbers(tmp_path: Path, drawn: list[Any]) -> None:
    matrix = np.array([[6, 2, 0], [0, 5, 0], [0, 0, 0]])
    pictures.confusion(tmp_path / "a.png", matrix, ["zero", "one", "two"], title="who is who")
    axes = drawn[0].axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), [[0.75, 0.25, 0], [0, 1, 0], [0, 0, 0]])
    assert {(t.get_position(), t.get_text()) for t in axes.texts} == {((0, 0), "6"), ((1, 0), "2"), ((1, 1), "5")}
    assert [text.get_text() for text in axes.get_xticklabels()] == ["zero", "one", "two"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["zero", "one", "two"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)


def test_a_confusion_matrix_of_many_classes_on_a_device(tmp_path: Path, drawn: list[Any]) -> None:
    pictures.confusion(tmp_path / "a.png", to_device(np.eye(40, dtype=np.int64), "strict"))
    axes = drawn[0].axes[0]
    assert not axes.texts
    assert axes.get_xticklabels()[39].get_text() == "39"


step = {"schedule": lambda: lr_scheduler.StepLR(sgd(1.0), 2)}
eye = np.eye(2, dtype=np.int64)

REFUSED = {
    "no steps": (ValueError, "steps: expected how many", lambda p: pictures.schedule(p, step["schedule"]())),
    "0 steps": (ValueError, "steps: expected at least 1", lambda p: pictures.schedule(p, step["schedule"](), 0)),
    "no schedule": (TypeError, "schedule: expected a scheduler, a function", lambda p: pictures.schedule(p, 3, 3)),
    "another function": (TypeError, "schedule: expected a scheduler", lambda p: pictures.schedule(p, dict, 3)),
    "no rates": (ValueError, "schedule: expected at least one rate", lambda p: pictures.schedule(p, [])),
    "rates of text": (TypeError, r"schedule\[1\]: expected a number", lambda p: pictures.schedule(p, [1.0, "2"])),
    "beyond its end": (
        ValueError,
        "step: expected at most",
        lambda p: pictures.schedule(p, lr_scheduler.OneCycleLR(sgd(1.0), 0.1, 3), 9),
    ),
    "a plateau": (
        TypeError,
        "schedule: expected one whose step takes nothing, got ReduceLROnPlateau",
        lambda p: pictures.schedule(p, lr_scheduler.ReduceLROnPlateau(sgd(1.0)), 3),
    ),
    "no history": (TypeError, "history: expected a list", lambda p: pictures.losses(p, 3)),
    "an empty history": (ValueError, "history: expected a loss", lambda p: pictures.losses(p, [])),
    "no loss": (ValueError, "history: expected a loss", lambda p: pictures.losses(p, [{"epoch": 1}])),
    "a loss of text": (TypeError, "loss: expected a number", lambda p: pictures.losses(p, [{"loss": "1"}])),
    "a list": (TypeError, "matrix: expected an array", lambda p: pictures.confusion(p, [[1]])),
    "no square": (ValueError, "matrix: expected shape", lambda p: pictures.confusion(p, eye[:1])),
    "names": (ValueError, "classes: expected 2, one for each row", lambda p: pictures.confusion(p, eye, ["a"])),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_drawn_is_refused_and_leaves_no_file(what: str, tmp_path: Path) -> None:
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call(tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_kind_or_in_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"path: expected the name of a .png file, got .*a.jpg"):
        pictures.schedule(tmp_path / "a.jpg", [1.0])
    with pytest.raises(FileNotFoundError, match="expected a folder"):
        pictures.schedule(tmp_path / "none" / "a.png", [1.0])
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_writing_leaves_the_old_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    def broken(self: Any, file: Any, **options: Any) -> None:
        file.write(PNG)
        raise OSError("no space left on device")

    pictures.schedule(tmp_path / "a.png", [1.0, 2.0])
    before = (tmp_path / "a.png").read_bytes()
    monkeypatch.setattr(Figure, "savefig", broken)
    with pytest.raises(OSError, match="no space left"):
        pictures.schedule(tmp_path / "a.png", [3.0])
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.png", before)]


def test_without_matplotlib_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r'pip install "numpy_nn\[cli\]"'):
        pictures.schedule(tmp_path / "a.png", [1.0])


def test_no_window_and_no_state_of_pyplot(tmp_path: Path) -> None:
    import sys

    loaded = "matplotlib.pyplot" in sys.modules
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pictures.schedule(tmp_path / "a.png", [1.0])
    assert ("matplotlib.pyplot" in sys.modules) == loaded
