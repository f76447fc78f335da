"""The benchmarks time what agrees, and refuse what does not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

import numpy_nn as nn
import torch_nn
from benchmarks import (
    agreement,
    counting,
    formulas,
    images,
    memory,
    networks,
    optimizers,
    processes,
    rounding,
    scaling,
    start,
    steps,
    timing,
)
from benchmarks.backends import BASE, DEFAULT, NUMPY
from benchmarks.contest import Call, Contest, Work
from benchmarks.floor import Floor
from benchmarks.formulas import Subject
from benchmarks.networks import Network
from benchmarks.results import Row
from benchmarks.timing import ROUNDS, measured, pinned, race
from numpy_nn import kernels
from parity_tests.bounds import Mismatch, within
from parity_tests.case import Case, tensor
from parity_tests.specification import FORMULAS
from parity_tests.strategies import values

FLOOR = Floor(1e9, [(1e3, 1e9), (1e9, 1e9)])
RELU = Subject("relu", "relu", lambda: Case((values(0, (64, 128), np.float32),)))
SMALL = {
    "conv2d": lambda: images.convolution(2, 8, 24, 8, 3, 1),
    "batch_norm": lambda: images.normalization(8, 8, 12),
    "max_pool2d": lambda: images.alone(8, 8, 12, kernel_size=2),
}
PICTURES = Network(nn.LeNet, torch_nn.LeNet, (1, 28, 28), 2, images=True)
TINY = Network(
    *(partial(library.ResNet18, 10, 1, "small", width=4) for library in (nn, torch_nn)), (1, 8, 8), 3, images=True
)
VECTORS = networks.simple_net(4, *networks.ADAM)


def once(contest: Contest, *backends: str) -> list[Row]:
    """A contest with blocks as short as can be."""
    return measured(contest, backends or DEFAULT, 0.0, FLOOR)


def test_a_formula_that_agrees_is_timed_in_each_phase():
    rows = once(formulas.contest(RELU))
    assert [row.phase for row in rows] == ["forward", "backward", "forward and backward"]
    for row in rows:
        assert row.values.keys() == {"numpy-textbook", "numpy-fast", BASE}
        assert all(len(times) >= ROUNDS and min(times) > 0 for times in row.values.values())
        assert not row.problems
        assert row.floor == row.bytes / 1e9 > 0


@pytest.mark.parametrize("name", SMALL)
def test_an_image_formula_is_timed_with_both_kernels_and_both_memory_formats(name):
    *_, row = once(formulas.contest(Subject(name, name, SMALL[name], images=True)))
    assert row.values.keys() == {"numpy-textbook", "numpy-fast", BASE, "torch-cpu-channels_last"}
    assert not row.problems


def test_what_is_too_small_for_its_kernel_or_has_none_has_no_fast_row():
    least = kernels.sizes.LEAST["relu"]
    shapes = {
        size: replace(RELU, make=lambda size=size: Case((values(0, (size,), np.float32),)))
        for size in (least - 1, least)
    }
    assert [formulas.kernel_of(subject) for subject in shapes.values()] == [None, "kernels.cpu.relu"]
    assert formulas.kernel_of(Subject("mean", "mean", RELU.make)) is None


def test_every_formula_is_in_the_benchmark_under_a_name_of_its_own():
    names = [contest.name for suite in (formulas, images, optimizers, steps) for contest in suite.contests()]
    assert len(names) == len(set(names))
    assert {"linear", "word2vec.softmax_loss", "conv 3×3, 64 to 64 at 56²"} <= set(names)
    assert not any(name.startswith("kernels.") for name in names)


@pytest.mark.parametrize(
    "make", [partial(formulas.large, FORMULAS["functional.tanh"]), partial(images.alone, 8, 8, 12), SMALL["batch_norm"]]
)
def test_the_upstream_gradient_is_not_the_input(make):
    case = make()
    x = case.args[0]
    assert abs(np.corrcoef(x.ravel(), case.upstream(x.shape).ravel())[0, 1]) < 0.2


def wrong_relu(x: np.ndarray) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    return np.maximum(x, 0), lambda dy: dy


@pytest.mark.parametrize(
    ("owner", "backend", "other"),
    [(nn.functional, "numpy-textbook", "numpy-fast"), (nn.kernels.cpu, "numpy-fast", "numpy-textbook")],
)
def test_a_wrong_formula_is_refused_and_the_others_are_timed(monkeypatch, owner, backend, other):
    contest = formulas.contest(RELU)
    monkeypatch.setattr(owner, "relu", wrong_relu)
    for row in once(contest):
        assert row.values.keys() == {other, BASE}
        assert row.problems.keys() == {backend}
        assert row.problems[backend].startswith("refused: ")
        assert "gradient 0[" in row.problems[backend]


def test_where_everything_is_refused_there_is_a_row_that_says_so():
    def refuse() -> Any:
        raise Mismatch("not PyTorch's")

    (row,) = once(Contest("wrong", {"numpy-fast": refuse}))
    assert (row.values, row.problems) == ({}, {"numpy-fast": "refused: not PyTorch's"})


def undecayed(self: Any, parameter: Any, gradient: np.ndarray, group: dict[str, Any]) -> np.ndarray:
    return gradient


def dampened(self: Any, parameter: Any, gradient: np.ndarray, state: dict[str, Any], group: dict[str, Any]) -> None:
    state["momentum_buffer"] = 0.9 * state["momentum_buffer"] + 0.9 * gradient
    parameter.data -= group["lr"] * state["momentum_buffer"]


SHAPES = [(100,), (20, 5)]


@pytest.mark.parametrize(
    ("name", "options", "method", "bug"),
    [("optim.AdamW", {}, "decay", undecayed), ("optim.SGD", {"momentum": 0.9}, "update", dampened)],
)
def test_a_wrong_optimizer_is_refused(monkeypatch, name, options, method, bug):
    contest = optimizers.contest(name, name, options, SHAPES)
    (row,) = once(contest)
    assert row.values.keys() == {*NUMPY, BASE, "torch-cpu-fused"}
    monkeypatch.setattr(getattr(nn.optim, name.removeprefix("optim.")), method, bug)
    (row,) = once(contest, "numpy-textbook")
    assert row.problems["numpy-textbook"].startswith(f"refused: {name}")


def test_another_setting_of_pytorchs_is_held_to_the_same_step(monkeypatch):
    twin = optimizers.twin

    def slower(name: str, options: Any, shapes: Any, fused: bool = False, on: str = "cpu") -> Any:
        return twin(name, options | ({"lr": 0.01} if fused else {}), shapes, fused, on)

    contest = optimizers.contest("Adam", "optim.Adam", {}, SHAPES)
    monkeypatch.setattr(optimizers, "twin", slower)
    (row,) = once(contest, "torch-cpu-fused", BASE)
    assert row.values.keys() == {BASE}
    assert row.problems["torch-cpu-fused"].startswith("refused: optim.Adam parameter")


@pytest.mark.parametrize("network", [VECTORS, PICTURES, TINY], ids=["SimpleNet", "LeNet", "ResNet-18"])
def test_a_training_step_that_agrees_is_timed_in_each_phase(network):
    rows = once(steps.contest("step", network))
    assert [row.phase for row in rows] == ["inference", "forward", "gradients", "step"]
    expected = set(DEFAULT) - ({"torch-cpu-channels_last"} if not network.images else set())
    for row in rows:
        assert row.values.keys() == expected, row.problems
        assert row.flops > 0
    assert rows[0].bytes == rows[1].bytes < rows[2].bytes < rows[3].bytes


def test_what_is_compiled_agrees_too(monkeypatch):
    used: list[object] = []

    def traced(function: Any) -> Any:  # without the C++ compiler
        used.append(function)
        return compiled(function, backend="eager")

    compiled = torch.compile
    monkeypatch.setattr(torch, "compile", traced)
    assert not any(row.problems for row in once(formulas.contest(RELU), "torch-cpu-compiled"))
    (row,) = once(steps.contest("step", replace(VECTORS, optimizer="optim.SGD"), phase="step"), "torch-cpu-compiled")
    assert row.values.keys() == {"torch-cpu-compiled"}, row.problems
    assert len(used) == 2


def test_what_is_compiled_to_something_else_is_refused(monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda function: lambda x: function(x) + x)
    for row in once(formulas.contest(RELU), "torch-cpu-compiled", BASE):
        assert row.values.keys() == {BASE}
        assert row.problems["torch-cpu-compiled"].startswith("refused: value: off by")


def through_the_kink(self: Any, dy: np.ndarray) -> np.ndarray:
    self._backward = None
    return dy


def a_millionth_more(self: Any, gradient: np.ndarray, *rest: Any) -> None:
    self.grad = 1.000001 * gradient if gradient.dtype == np.float64 else gradient


def a_tenth_more(self: Any, gradient: np.ndarray, *rest: Any) -> None:
    self.grad = np.float32(1.1) * gradient if gradient.dtype == np.float32 else gradient


@pytest.mark.parametrize(
    ("owner", "method", "bug", "what"),
    [
        (nn.ReLU, "backward", through_the_kink, r"conv1\.weight in float64"),
        (nn.Parameter, "accumulate", a_millionth_more, r"conv1\.weight in float64"),
        (nn.Parameter, "accumulate", a_tenth_more, "gradients in float32"),
    ],
)
@pytest.mark.parametrize("kernel_set", nn.kernels.SETS)
def test_a_wrong_training_step_is_refused(monkeypatch, kernel_set, owner, method, bug, what):
    steps.ours(PICTURES, kernel_set)
    monkeypatch.setattr(owner, method, bug)
    with pytest.raises(Mismatch, match=f"{what}: off by"):
        steps.ours(PICTURES, kernel_set)
    nn.use_kernels("fast")


def test_simple_net_is_held_to_the_bound_of_its_own_rounding_errors(monkeypatch):
    monkeypatch.setattr(agreement, "KINKS", 1.0)
    monkeypatch.setattr(nn.Parameter, "accumulate", a_tenth_more)
    with pytest.raises(Mismatch, match=r"SimpleNet fc1\.weight"):
        steps.ours(VECTORS, "fast")


@pytest.mark.parametrize("N", [1, 32])
def test_pytorchs_own_float32_step_is_within_the_bound(N):
    network = networks.simple_net(N, *networks.SGD)
    side, (x, target) = networks.Theirs(network), network.batches()[0]
    bounds = rounding.simple_net({key: p.detach().numpy() for key, p in side.model.named_parameters()}, x, target)
    exact = steps.exact_gradients(side, x, target)
    for key, found in networks.their_gradients(side.model, side.criterion, tensor(x), tensor(target)).items():
        within(key, found, exact[key], bounds[key])


def test_a_block_of_training_starts_where_the_one_before_it_did():
    model = nn.SimpleNet(3, 4, 2)
    stepper = nn.optim.Adam(model.parameters())
    restart = agreement.restart(model, stepper)
    begin = deepcopy(model.state_dict())
    for _ in range(2):
        for parameter in model.parameters():
            parameter.grad = np.ones(parameter.shape, dtype=np.float32)
        stepper.step()
        assert not np.array_equal(model.state_dict()["fc1.weight"], begin["fc1.weight"])
        restart()
        assert not stepper.state_dict()["state"]
        for key, array in model.state_dict().items():
            np.testing.assert_array_equal(array, begin[key])


def test_sides_take_turns_in_blocks_that_begin_anew():
    happened: list[str] = []

    def call(name: str) -> Call:
        return Call(lambda: happened.append(name), lambda: happened.append(f"restart {name}"))

    values, share = race({"a": call("a"), "b": call("b")}, 0.0)
    assert len(values["a"]) == len(values["b"]) == ROUNDS
    starts = [what for what in happened if what.startswith("restart")]
    assert starts[-2 * ROUNDS :] == ["restart a", "restart b"] * ROUNDS
    assert share > 0


@pytest.mark.parametrize(("threads", "rests"), [(1, set()), (2, {timing.REST})])
def test_threads_of_one_side_are_asleep_when_the_other_begins(threads, rests, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(timing.time, "sleep", slept.append)
    prepare = {name: lambda: {"step": Call(lambda: None)} for name in ("numpy-fast", BASE)}
    once(Contest("threads", prepare, threads=threads))
    assert set(slept) == rests
    assert len(slept) == 2 * ROUNDS * len(rests)


def test_long_rounds_are_few(monkeypatch):
    monkeypatch.setattr(timing, "LONG", 0.0)
    times, _ = race({"a": Call(lambda: None)}, 0.0)
    assert len(times["a"]) == timing.FEW


def test_sleeping_is_seen_as_a_machine_that_is_not_quiet():
    _, share = race({"a": Call(lambda: time.sleep(0.001))}, 0.0)
    assert share < 0.5


def test_kernel_sets_that_a_side_sets_end_with_the_contest():
    def prepare() -> dict[str, Call]:
        nn.use_kernels("textbook")
        return {"step": Call(lambda: None)}

    once(Contest("sets", {"numpy-textbook": prepare}))
    assert nn.kernels.chosen(nn.functional.relu) is not nn.functional.relu


def test_a_step_is_timed_with_the_kernels_it_says():
    sides = {name: steps.ours(VECTORS, name)["step"] for name in ("fast", "textbook")}
    for name, call in sides.items():
        call.restart()
        assert (nn.kernels.chosen(nn.functional.relu) is nn.functional.relu) == (name == "textbook")
    nn.use_kernels("fast")


@pytest.mark.parametrize("count", range(1, (os.cpu_count() or 1) + 1))
def test_pinned_is_so_many_threads_and_ends(count):
    before = torch.get_num_threads()
    with pinned(count) as cores:
        assert torch.get_num_threads() == count
        assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {count}
        assert cores is None or set(cores) == os.sched_getaffinity(0)
    assert torch.get_num_threads() == before


def test_images_lie_in_memory_as_is_said():
    (x, _), *_ = replace(TINY, shape=(3, 8, 8)).batches()
    last = tensor(formulas.channels_last(x))
    assert last.is_contiguous(memory_format=torch.channels_last)
    assert not last.is_contiguous()
    np.testing.assert_array_equal(last.numpy(), x)


def test_work_is_what_one_counts_by_hand():
    N, M, K = 3, 5, 7
    given = [torch.zeros(N, K), torch.zeros(M, K)]
    leaves = [x.requires_grad_() for x in given]
    found = counting.of_formula(lambda: torch.nn.functional.linear(*given), given, leaves, torch.zeros(N, M))
    assert found["forward"] == Work(2 * N * M * K, 4 * (N * K + M * K + N * M))
    assert found["backward"] == Work(4 * N * M * K, 4 * (N * M + N * K + M * K))
    assert found["forward and backward"] == found["forward"] + found["backward"]
    view = counting.of_formula(lambda: given[0].reshape(K, N), given[:1], leaves[:1], torch.zeros(K, N))
    assert view["forward and backward"] == Work(0, 0)
    (size,) = optimizers.work("optim.Adam", {}, [(1000,)]).values()
    assert size == Work(0, 4 * 7 * 1000 + 2 * 4), (
        "p, m and v read and written, the gradient read; and the step's number"
    )


def test_the_floor_is_the_slower_of_arithmetic_and_moving():
    floor = Floor(1e9, [(100, 1e6), (10_000, 1e4)])
    assert floor.of(Work(1e9, 1)) == 1
    assert floor.of(Work(1, 100)) == pytest.approx(1e-4)
    assert floor.of(Work(1, 1e6)) == pytest.approx(100), "beyond the last size its bandwidth holds"
    assert floor.bandwidth(1000) == pytest.approx((1e6 + 1e4) / 2)


def test_the_exponent_is_the_powers():
    assert scaling.exponent({n: 3.0 * n**1.5 for n in (1, 10, 100)}) == pytest.approx(1.5)
    assert scaling.exponent({n: 5.0 + (n >= 8) * n**2 for n in (1, 2, 4)}) == pytest.approx(0)
    assert scaling.exponent({1: 1.0, 2: 1.0, 4: 1.0, 8: 8.0, 16: 64.0}) == pytest.approx(3), "the upper half"
    assert scaling.exponent({1: 1.0}) is None


def test_every_axis_grows_and_is_timed_in_one_phase():
    found: dict[str, list[int]] = {}
    for contest in scaling.contests():
        found.setdefault(contest.name, []).append(contest.size)
    assert len(found) == 5
    assert all(sizes == sorted(set(sizes)) for sizes in found.values())
    (row,) = once(scaling.vocabulary(50), "numpy-textbook")
    assert (row.phase, row.size) == ("forward and backward", 50)


def test_memory_is_measured_in_a_process_for_each_backend(monkeypatch):
    monkeypatch.setattr(memory, "said", lambda arguments: 100 * len(arguments[-1]))
    rows = list(memory.rows(DEFAULT))
    assert [row.name for row in rows] == list(memory.TRAINED)
    assert rows[0].values == {name: [100 * len(name)] for name in DEFAULT if name != "torch-cpu-channels_last"}
    assert rows[1].values.keys() == set(DEFAULT)


def test_a_process_tells_the_most_memory_that_it_took(capsys):
    memory.main(["SimpleNet, Adam, batch 256", "numpy-textbook"])
    here = int(capsys.readouterr().out)
    nn.use_kernels("fast")
    assert memory.peak("SimpleNet, Adam, batch 256", "numpy-fast") > 50e6
    assert here > 50e6


def test_a_process_that_fails_says_why():
    with pytest.raises(RuntimeError, match="ZeroDivisionError: division by zero"):
        processes.said(["-c", "1 / 0"])


def test_a_process_has_one_thread_and_may_keep_what_it_compiled(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    tell = "import json, os, sys; print(json.dumps([os.environ['OMP_NUM_THREADS'], sys.dont_write_bytecode]))"
    assert processes.said(["-c", tell]) == ["1", False]


def test_the_first_prediction_is_the_same_and_its_cost_is_told(monkeypatch):
    monkeypatch.setattr(start, "TIMES", 1)
    seconds, memory_row, size = start.rows(DEFAULT)
    assert [row.unit for row in (seconds, memory_row, size)] == ["s", "B", "B"]
    for row in (seconds, memory_row, size):
        assert row.values.keys() == {"numpy-fast", BASE}
        assert row.floor > 0
    assert size.median("numpy-fast") > size.floor, "NumPy is a part of it"


def test_another_first_prediction_is_refused(monkeypatch):
    monkeypatch.setattr(start, "TIMES", 1)
    monkeypatch.setattr(start, "once", lambda program, files: (1.0, 1, np.float32([len(program)])))
    with pytest.raises(Mismatch, match="logits of the first prediction"):
        list(start.rows(DEFAULT))
