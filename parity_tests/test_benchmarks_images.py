"""The benchmarks on images time what agrees, and refuse what does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
from benchmarks import __main__ as report
from benchmarks import images, memory
from benchmarks.timing import Contest, Refused, Timed, race
from parity_tests.bounds import Mismatch

SMALL = {
    "conv2d": lambda: images.convolution(2, 3, 6, 4, 3, 1),
    "batch_norm": lambda: images.normalization(3, 2, 4),
    "max_pool2d": lambda: images.pooled(2, 3, 6, kernel_size=2),
}
TINY = images.Network(lambda library: library.ResNet18(10, 1, "small", width=4), (1, 8, 8), 3)


@pytest.mark.parametrize(("kernels", "memory_format"), images.SIDES)
@pytest.mark.parametrize("name", SMALL)
def test_a_formula_that_agrees_is_timed(name, kernels, memory_format):
    result = race(Contest(name, lambda: images.formula(name, SMALL[name], kernels, memory_format)), min_time=0.0)
    assert isinstance(result, Timed)


@pytest.mark.parametrize(("kernels", "memory_format"), images.SIDES)
def test_a_training_step_that_agrees_is_timed_and_begins_anew_each_time(kernels, memory_format):
    sides = images.step(TINY, kernels, memory_format)
    for side in sides:
        side.run()
        side.restart()
    assert isinstance(race(Contest("step", lambda: sides), min_time=0.0), Timed)


def test_what_pytorch_is_given_lies_in_memory_as_is_said():
    (x, _), *_ = images.batches(TINY)
    last = images.as_images(np.repeat(x, 4, axis=1), "channels_last")
    assert last.is_contiguous(memory_format=torch.channels_last)
    assert not last.is_contiguous()
    assert images.as_images(x, "default").is_contiguous()


def test_a_wrong_kernel_is_refused(monkeypatch):
    right = nn.kernels.cpu.relu
    monkeypatch.setattr(nn.kernels.cpu, "relu", lambda x: (right(x)[0], lambda dy: dy))
    contest = next(contest for contest in images.images() if contest.name == "ReLU, 64 at 28²: fast | default")
    result = race(contest, min_time=0.0)
    assert isinstance(result, Refused)
    assert "gradient 0" in result.reason


def a_tenth_more(self: Any, gradient: np.ndarray) -> None:
    self.grad = np.float32(1.1) * gradient if gradient.dtype == np.float32 else gradient


def a_millionth_more(self: Any, gradient: np.ndarray) -> None:
    self.grad = 1.000001 * gradient if gradient.dtype == np.float64 else gradient


@pytest.mark.parametrize(
    ("bug", "what"), [(a_tenth_more, "gradients"), (a_millionth_more, r"conv1\.weight in float64")]
)
def test_a_wrong_training_step_is_refused(monkeypatch, bug, what):
    network = images.Network(lambda library: library.LeNet(), (1, 28, 28), 2)
    images.step(network, "fast", "default")
    monkeypatch.setattr(nn.Parameter, "accumulate", bug)
    with pytest.raises(Mismatch, match=f"{what}: off by"):
        images.step(network, "fast", "default")


def test_every_case_is_timed_with_both_kernels_and_both_memory_formats():
    names = [contest.name for contest in images.images()]
    assert len(names) == len(set(names)) == 3 * (len(images.CASES) + len(images.NETWORKS))
    assert {name.partition(": ")[2] for name in names} == {" | ".join(side) for side in images.SIDES}


def test_the_table_of_memory_has_a_row_for_each_network(monkeypatch, capsys):
    monkeypatch.setattr(memory, "peak", lambda name, side: {"fast": 300.0, "default": 200.0}.get(side, 100.0))
    assert report.main(["memory"]) == 0
    title, *rows = capsys.readouterr().out.splitlines()
    assert [cell.strip() for cell in title.split("\t")[1:-1]] == list(memory.SIDES)
    assert [row.split("\t")[0].strip() for row in rows] == list(images.NETWORKS)
    assert {row.split("\t")[-1].strip() for row in rows} == {"1.50"}


def test_a_process_tells_the_most_memory_that_it_took():
    name = "LeNet step, batch 64"
    assert 50 < memory.peak(name, "fast") < 5000
