"""What the benchmarks do on a GPU, on the stand-in for one: the same checks first, and the clock waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import torch_nn
from benchmarks import backends, formulas, memory, networks, optimizers, steps
from benchmarks.contest import Call, Contest
from benchmarks.floor import Floor
from benchmarks.formulas import Subject
from benchmarks.networks import Network
from benchmarks.results import Row
from benchmarks.timing import measured, race
from numpy_nn import backend
from parity_tests import emulation
from parity_tests.bounds import Mismatch
from parity_tests.case import Case
from parity_tests.emulation import needs_compiler
from parity_tests.graphs import graphed
from parity_tests.strategies import values
from parity_tests.strict import StrictArray, strict

FLOOR = Floor(1e9, [(1e3, 1e9), (1e9, 1e9)])
RELU = Subject("relu", "relu", lambda: Case((values(0, (9, 30), np.float32),)))
MEAN = Subject("mean", "mean", lambda: Case((values(0, (9, 30), np.float32),)))
NETS = [partial(library.SimpleNet, 20, 8, 4) for library in (nn, torch_nn)]
SMALL = {
    rule: Network(*NETS, (20,), 3, f"optim.{rule}", options, classes=4)
    for rule, options in {"SGD": {"momentum": 0.9}, "Adam": {}}.items()
}

pytestmark = needs_compiler


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The strict array is the GPU's; gives what its streams and graphs are asked for."""
    monkeypatch.setattr(backend, "_modules", {"cpu": np, "cuda": strict})
    with graphed() as asked:
        yield asked


def once(contest: Contest, *names: str) -> list[Row]:
    return measured(contest, names, 0.0, FLOOR)


def test_a_formula_is_timed_there_and_back_and_on_its_way(gpu: list[str]) -> None:
    rows = once(formulas.contest(RELU), *backends.CUPY)
    assert [row.phase for row in rows] == ["transfer", "forward", "backward", "forward and backward"]
    for row in rows:
        assert row.values.keys() == {*backends.CUPY}, row.problems
        assert row.share == 1.0
    assert gpu.count("synchronize") >= 2 * sum(len(times) for row in rows for times in row.values.values())


def test_what_has_no_kernel_there_has_no_fast_row(gpu: list[str]) -> None:
    *_, row = once(formulas.contest(MEAN), *backends.CUPY)
    assert row.values.keys() == {"cupy-textbook"}


@pytest.mark.parametrize(("name", "launches"), [("cupy-fast", ["value"]), ("cupy-textbook", [])])
def test_each_kernel_set_runs_where_it_says(gpu: list[str], name: str, launches: list[str]) -> None:
    side = formulas.contest(RELU).prepare[name]()
    emulation.launched.clear()
    y, _ = side["forward"].run()
    assert isinstance(y, StrictArray)
    assert emulation.launched == launches


@pytest.mark.parametrize("rule", optimizers.RULES)
def test_an_optimizer_is_timed(gpu: list[str], rule: str) -> None:
    (row,) = once(optimizers.contest(rule, *optimizers.RULES[rule], [(100,), (20, 5)]), *backends.CUPY)
    assert row.values.keys() == {*backends.CUPY}, row.problems


@pytest.mark.parametrize("rule", SMALL)
def test_a_training_step_is_timed_in_each_phase_and_as_a_graph(gpu: list[str], rule: str) -> None:
    rows = once(steps.contest("step", SMALL[rule]), *backends.CUPY, "cupy-graph")
    assert [row.phase for row in rows] == ["transfer", "inference", "forward", "gradients", "step"]
    assert rows[-1].values.keys() == rows[0].values.keys() == {*backends.CUPY, "cupy-graph"}, rows[-1].problems
    assert gpu.count("launch") > 2 * len(rows[-1].values["cupy-graph"])


def test_a_step_that_cannot_be_captured_says_why(gpu: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("numpy_nn.kernels.cuda.linear"), "LARGE", 0)  # every product is cuBLAS's
    rows = once(steps.contest("step", SMALL["SGD"]), "cupy-fast", "cupy-graph")
    assert rows[-1].values.keys() == {"cupy-fast"}
    assert rows[-1].problems["cupy-graph"].startswith("not captured: step: expected what a CUDA graph can hold")


def test_a_graph_that_does_something_else_is_refused(gpu: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(step: Callable[..., Any], check: bool) -> Callable[..., Any]:
        return lambda *batch: (step(*batch), step(*batch))

    monkeypatch.setattr("benchmarks.networks.training.capture", twice)
    with pytest.raises(Mismatch, match="after three steps"):
        steps.ours(SMALL["SGD"], "fast", "cuda", captured=True)


def test_a_wrong_step_there_is_refused(gpu: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numpy_nn.kernels.cuda.elementwise.elementwise", lambda x, *rest: (x, lambda dy: dy))
    with pytest.raises(Mismatch):
        steps.ours(SMALL["SGD"], "fast", "cuda")


def test_the_clock_is_looked_at_when_the_device_is_done() -> None:
    """Work that is only queued would take no time."""
    queue: list[float] = []
    done: list[float] = []

    def wait() -> None:
        done.extend(queue)
        queue.clear()

    values, share = race({"queued": Call(lambda: queue.append(1.0), wait=wait)}, 0.0)
    assert not queue
    assert len(done) > len(values["queued"])
    assert share == 1.0


def test_pytorchs_settings_there_are_those_of_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the CPU in the GPU's place, which takes the same way."""
    monkeypatch.setattr(torch.Tensor, "to", on_cpu(torch.Tensor.to))
    monkeypatch.setattr(torch.nn.Module, "to", on_cpu(torch.nn.Module.to))
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    for contest, last in (
        (formulas.contest(RELU), "forward and backward"),
        (optimizers.contest("SGD", "optim.SGD", {}, [(20, 5)]), "step"),
        (steps.contest("step", SMALL["Adam"]), "step"),
    ):
        names = [name for name in ("torch-cuda-eager", "torch-cuda-fused") if name in contest.prepare]
        rows = once(contest, *names)
        assert rows[-1].phase == last
        assert all(row.values.keys() == {*names} for row in rows), rows[-1].problems


def on_cpu(to: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: to(self, *("cpu" if arg == "cuda" else arg for arg in args), **kwargs)


def test_a_graph_of_pytorchs_is_captured_after_three_steps_and_gets_its_batches_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []

    @contextmanager
    def capture(graph: Any) -> Iterator[None]:
        seen.append("begin")
        yield
        seen.append("end")

    def step(x: torch.Tensor, target: torch.Tensor) -> None:
        seen.append(x)

    stream = SimpleNamespace(wait_stream=lambda other: seen.append("wait"))
    graph = SimpleNamespace(replay=lambda: seen.append(held[0].tolist()))
    stand_ins = {"Stream": lambda: stream, "current_stream": lambda: stream, "stream": lambda side: nullcontext()}
    for name, stand_in in {**stand_ins, "CUDAGraph": lambda: graph, "graph": capture}.items():
        monkeypatch.setattr(torch.cuda, name, stand_in)
    first = torch.zeros(2)
    replay = networks.graph(step, first, torch.zeros(2))
    held = [x for x in seen if isinstance(x, torch.Tensor)]
    assert ["x" if isinstance(x, torch.Tensor) else x for x in seen] == [
        "wait",
        "x",
        "x",
        "x",
        "wait",
        "begin",
        "x",
        "end",
    ]
    replay(torch.tensor([1.0, 2.0]), torch.zeros(2))
    assert seen[-1] == [1.0, 2.0]
    assert first.tolist() == [0.0, 0.0]


def test_without_a_gpu_its_backends_are_neither_default_nor_available() -> None:
    if not torch.cuda.is_available():
        assert backends.here() == backends.DEFAULT
        assert not any(map(backends.available, backends.GPU))
    assert all(map(backends.available, backends.DEFAULT))


def test_with_a_gpu_they_are_but_for_what_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(backend, "is_available", lambda device: True)
    assert set(backends.here()) == {*backends.BACKENDS} - {"torch-cpu-compiled", "torch-cuda-compiled"}


def test_a_process_memory_is_the_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "peak", lambda name, backend: 1)
    assert all(row.values.keys() == {"numpy-fast"} for row in memory.rows(["numpy-fast", *backends.GPU]))


def test_both_libraries_multiply_in_full_precision() -> None:
    once(formulas.contest(RELU), "numpy-textbook")
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32
