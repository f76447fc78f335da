"""A captured training step is the step itself, bit for bit; what a graph cannot hold is refused and changes nothing."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from contextlib import nullcontext
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

import numpy_nn as nn
from numpy_nn import optim, training
from numpy_nn.backend import is_array, to_device, to_host
from parity_tests.emulation import emulated, needs_compiler
from parity_tests.graphs import CUDA, Graph, Stream, graphed
from parity_tests.strict import install, strict
from parity_tests.test_cupy import needs_cupy

install()
pytestmark = needs_compiler

N, FEATURES, CLASSES, STEPS = 5, 20, 4, 6


def batches(on: str) -> list[tuple[Any, Any]]:
    random = np.random.default_rng(0)
    drawn = [(random.standard_normal((N, FEATURES), np.float32), random.integers(0, CLASSES, N)) for _ in range(STEPS)]
    return [(to_device(x, on), to_device(target, on)) for x, target in drawn]


class Training:
    """A small network, and the step that trains it."""

    def __init__(self, on: str = "strict", model: Any = None, rule: Any = optim.SGD, **options: Any) -> None:
        nn.manual_seed(0)
        self.model = (nn.SimpleNet(FEATURES, 18, CLASSES) if model is None else model).to(on)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = rule(self.model.parameters(), **{"lr": 0.1} | options)

    def step(self, x: Any, target: Any) -> Any:
        self.optimizer.zero_grad()
        with nn.no_input_grad():
            y = self.model(x)
        loss = self.criterion(y, target)
        self.model.backward(self.criterion.backward())
        self.optimizer.step()
        return loss

    def everything(self, losses: list[Any]) -> list[bytes]:
        """The bits of all that a step changes."""
        state = [value for held in self.optimizer.state.values() for value in held.values()]
        gradients = [p.grad for p in self.model.parameters()]
        found = [*losses, *self.model.state_dict().values(), *state, *gradients]
        return [to_host(value).tobytes() if is_array(value) else bytes(value) for value in found]


def gpu(device: str, graphs: bool = True) -> Any:
    """Where a step runs: a GPU, if there is one to test on, or the stand-in for it."""
    return nullcontext() if device == "cuda" else graphed() if graphs else emulated()


def place(device: str) -> str:
    return "cuda" if device == "cuda" else "strict"


def uncaptured(device: str, **options: Any) -> list[bytes]:
    """What is left of steps that were taken one by one."""
    with gpu(device, graphs=False):
        run = Training(place(device), **options)
        return run.everything([run.step(x, target) for x, target in batches(place(device))])


RULES: dict[str, dict[str, Any]] = {
    "SGD": {},
    "SGD, momentum": {"momentum": 0.9},
    "Adam": {"rule": optim.Adam, "weight_decay": 0.1},
    "AdamW, amsgrad": {"rule": optim.AdamW, "amsgrad": True},
}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("rule", RULES)
def test_a_captured_step_is_the_step_bit_for_bit(rule: str, check: bool, device: str) -> None:
    expected = uncaptured(device, **RULES[rule])
    with gpu(device) as asked:
        run = Training(place(device), **RULES[rule])
        step = training.capture(run.step, check)
        losses = [step(x, target) for x, target in batches(place(device))]
        assert run.everything(losses) == expected
    assert step.captures == 1
    rehearsal, capture = ["wait", "allocator", "enter", "exit", "wait"], ["allocator", "enter", "begin", "end", "exit"]
    assert asked is None or asked == [*rehearsal, *capture, *["launch"] * (STEPS - 1)]


def test_running_statistics_go_on_in_a_graph(device: str) -> None:
    model = nn.Sequential(nn.Linear(FEATURES, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, CLASSES))
    expected = uncaptured(device, model=deepcopy(model))
    with gpu(device):
        run = Training(place(device), model)
        step = training.capture(run.step)
        losses = [step(x, target) for x, target in batches(place(device))]
        assert run.everything(losses) == expected
    assert step.captures == 1
    assert to_host(run.model[1].num_batches_tracked) == STEPS


def test_tensors_of_both_dtypes_step_in_one_graph_each_with_a_count_of_its_own(device: str) -> None:
    def trained(wrap: Callable[..., Any], graphs: bool) -> list[bytes]:
        with gpu(device, graphs):
            on = [to_device(np.arange(3.0, dtype=dtype), place(device)) for dtype in ("float32", "float64", "float64")]
            parameters = [nn.Parameter(data) for data in on]
            optimizer = optim.Adam(parameters)

            def step(*gradients: Any) -> None:
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    parameter.grad = gradient
                optimizer.step()

            parameters[1].grad = on[1].copy()
            optimizer.step()  # alone
            step = wrap(step)
            for number in range(STEPS):
                step(*(x * 0 + number for x in on))
            counts = [optimizer.state[parameter]["step"] for parameter in parameters]
            assert counts == [STEPS, STEPS + 1, STEPS]
            return [to_host(parameter.data).tobytes() for parameter in parameters]

    assert trained(training.capture, True) == trained(lambda step: step, False)


@pytest.mark.parametrize("rule", ["SGD, momentum", "Adam"])
def test_another_learning_rate_is_captured_anew(rule: str, device: str) -> None:
    """Between steps; as are parameters that were put somewhere else."""
    found = []
    for wrap, graphs in ((lambda step: step, False), (training.capture, True)):
        with gpu(device, graphs):
            run, losses = Training(place(device), **RULES[rule]), []
            step = wrap(run.step)
            schedule = optim.lr_scheduler.StepLR(run.optimizer, 2)
            for number, (x, target) in enumerate(batches(place(device))):
                losses.append(step(x, target))
                schedule.step()
                if number == 4:
                    weight = run.model.fc1.weight
                    weight.data = weight.data.copy("K")
            found.append(run.everything(losses))
    assert found[0] == found[1]
    assert step.captures == 4


Pair = namedtuple("Pair", "first second")


def test_the_step_may_return_several_arrays_or_none() -> None:
    with graphed():
        pair, nothing = training.capture(lambda x: (x + 1, [x * 2])), training.capture(lambda x: None)
        named = training.capture(lambda x: Pair(x + 1, x))
        for number in range(3):
            x = to_device(np.full(3, float(number)), "strict")
            y, (z,) = pair(x)
            assert to_host(y).tolist() == [number + 1] * 3
            assert to_host(z).tolist() == [number * 2] * 3
            assert nothing(x) is None
            assert [to_host(part).tolist() for part in named(x)] == [[number + 1] * 3, [number] * 3]
            assert type(named(x)) is Pair


def test_without_a_gpu_it_is_the_step_itself() -> None:
    run, other = Training("cpu"), Training("cpu")
    step = training.capture(run.step)
    losses = [step(x, target) for x, target in batches("cpu")]
    assert run.everything(losses) == other.everything([other.step(x, target) for x, target in batches("cpu")])
    assert step.captures == 0


# What is refused


def refused(run: Training, step: Callable[..., Any], message: str, kind: type = ValueError) -> None:
    """The second call is, and the third: they leave everything as the first one did."""
    captured, ((x, target), *_) = training.capture(step), batches("strict")
    captured(x, target)
    before, states = run.everything([]), {p: dict(state) for p, state in run.optimizer.state.items()}
    groups = [dict(group) for group in run.optimizer.param_groups]
    for _ in range(2):
        with pytest.raises(kind, match=message):
            captured(x, target)
        assert Stream.capturing is None
        assert run.everything([]) == before
        assert run.optimizer.state == states
        assert run.optimizer.param_groups == groups
    assert captured.captures == 0


class OwnRule(optim.Adam):
    """Adam by its readable rule, which no kernel takes over."""

    def update(self, parameter: Any, gradient: Any, state: Any, group: Any) -> None:
        super().update(parameter, gradient, state, group)


def test_an_optimizer_that_counts_its_steps_is_refused() -> None:
    with graphed():
        run = Training(rule=OwnRule)
        refused(run, run.step, "OwnRule, whose own rule counts")


def with_train_step(run: Training) -> Callable[..., Any]:
    return lambda x, target: training.train_step(run.model, x, target, run.optimizer, run.criterion)


def clipped(run: Training) -> Callable[..., Any]:
    def step(x: Any, target: Any) -> None:
        run.step(x, target)
        optim.clip_grad_norm_(run.model.parameters(), 1.0)

    return step


def scheduled(run: Training) -> Callable[..., Any]:
    schedule = optim.lr_scheduler.StepLR(run.optimizer, 30)  # of which the second step shows nothing

    def step(x: Any, target: Any) -> None:
        run.step(x, target)
        schedule.step()

    return step


def with_a_rate_of_its_own(run: Training) -> Callable[..., Any]:
    def step(x: Any, target: Any) -> None:
        run.step(x, target)
        run.optimizer.param_groups[0]["lr"] *= 0.5

    return step


def accumulated(run: Training) -> Callable[..., Any]:
    def step(x: Any, target: Any) -> None:
        run.criterion(run.model(x), target)
        run.model.backward(run.criterion.backward())
        run.optimizer.step()

    return step


def made_anew(run: Training) -> Callable[..., Any]:
    def step(x: Any, target: Any) -> None:
        run.step(x, target)
        run.model.fc1.weight.data = run.model.fc1.weight.data * 0.5

    return step


def of_its_own_classes(run: Training) -> Callable[..., Any]:
    return lambda x, target: run.step(x, target + 0)


def with_a_product_of_cupys(run: Training) -> Callable[..., Any]:
    return lambda x, target: (run.step(x, target), x @ x.T)


def with_a_number(run: Training) -> Callable[..., Any]:
    return lambda x, target: (run.step(x, target), 1.0)


REFUSED: dict[str, tuple[Callable[[Training], Callable[..., Any]], str]] = {
    "waits for the loss": (with_train_step, "got an array for the host"),
    "waits for a norm": (clipped, "got an array for the host"),
    "has a schedule": (scheduled, "got a step of a schedule"),
    "changes its learning rate": (with_a_rate_of_its_own, "options that stay"),
    "adds to gradients": (accumulated, "zero_grad"),
    "puts parameters elsewhere": (made_anew, "change in place"),
    "computes the classes": (of_its_own_classes, "expected target to be one of its arguments"),
    "multiplies by cuBLAS": (with_a_product_of_cupys, "cuBLAS"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_step_is_refused_that(what: str) -> None:
    make, message = REFUSED[what]
    with graphed():
        run = Training(momentum=0.9)
        refused(run, make(run), message)


def test_a_mask_drawn_on_the_host_is_refused() -> None:
    with graphed():
        run = Training(model=nn.SimpleNet(FEATURES, 18, CLASSES, dropout=0.5))
        refused(run, run.step, "got an array from the host")
        run.model.eval()
        assert to_host(training.capture(run.step)(*batches("strict")[0])) > 0


def test_a_step_that_returns_a_number_is_refused() -> None:
    with graphed():
        run = Training()
        refused(run, with_a_number(run), "return arrays or None, got float", TypeError)


def test_a_state_that_is_not_there_before_is_refused() -> None:
    """A velocity that begins while the step is captured would begin in each replay."""
    with graphed():
        run = Training(momentum=0.9)

        def step(x: Any, target: Any) -> None:
            run.step(x, target)

        captured, ((x, target), *_) = training.capture(step), batches("strict")
        captured(x, target)
        run.optimizer.state.clear()
        before = run.everything([])
        with pytest.raises(ValueError, match="change in place"):
            captured(x, target)
        assert run.everything([]) == before
        assert not run.optimizer.state


UNLIKE: dict[str, tuple[Callable[..., Any], str]] = {
    "smaller": (lambda x, target: (x[:3], target[:3]), r"x: expected shape \(5, 20\) of float32 .* got \(3, 20\)"),
    "one sample": (lambda x, target: (x[:1], target), r"x: expected .* got \(1, 20\)"),
    "another dtype": (lambda x, target: (x, target.astype("int32")), "target: expected .*int64.*int32"),
    "the first on the host": (lambda x, target: (to_host(x), target), "x: expected .* on strict.* on cpu"),
    "the second on the host": (lambda x, target: (x, to_host(target)), "target: expected .* on strict.* on cpu"),
    "fewer": (lambda x, target: (x,), "expected 2 arrays, as in the first call, got 1"),
}


@pytest.mark.parametrize("how", UNLIKE)
def test_arguments_unlike_the_first_are_refused(how: str) -> None:
    change, message = UNLIKE[how]
    with graphed() as asked:
        run = Training()
        step = training.capture(run.step)
        for batch in batches("strict")[:2]:
            step(*batch)
        before, launches = run.everything([]), asked.count("launch")
        with pytest.raises(ValueError, match=message):
            step(*change(*batches("strict")[2]))
        assert run.everything([]) == before
        assert asked.count("launch") == launches


def test_a_step_is_a_function() -> None:
    with pytest.raises(TypeError, match="step: expected a function of arrays, got int"):
        training.capture(5)  # type: ignore[arg-type]


@pytest.mark.parametrize("arrays", [(), (1.0,)])
def test_a_step_takes_arrays(arrays: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="step: expected arrays, got"):
        training.capture(lambda *given: None)(*arrays)


def test_a_class_out_of_range_is_refused_before_a_replay() -> None:
    with graphed() as asked:
        run = Training()
        step = training.capture(run.step)
        for batch in batches("strict")[:3]:
            step(*batch)
        before, launches, (x, target) = run.everything([]), asked.count("launch"), batches("strict")[3]
        with pytest.raises(IndexError, match=r"target: expected indices in \[0, 4\), got 4"):
            step(x, target * 0 + 4)
        assert run.everything([]) == before
        assert asked.count("launch") == launches
        step(x, target * 0 - 100)  # which is ignored
        assert asked.count("launch") == launches + 1


def test_only_with_the_check_is_the_device_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[Any] = []
    with graphed():
        for check, expected in ((True, [(2,)]), (False, [])):
            step = training.capture(Training().step, check)
            for batch in batches("strict")[:2]:
                step(*batch)
            with monkeypatch.context() as patch:
                patch.setattr(strict, "asnumpy", lambda x: waits.append(x.shape) or x._array.copy(), raising=False)
                step(*batches("strict")[2])
            assert waits == expected
            waits.clear()


@needs_cupy
def test_the_stand_in_offers_nothing_that_cupy_lacks() -> None:
    import cupy

    for name, found in {**vars(CUDA), "Graph": Graph}.items():
        theirs = getattr(cupy.cuda, name)
        methods = vars(found) if isinstance(found, type) and name == found.__name__ else {}
        assert all(hasattr(theirs, method) for method in methods if callable(methods[method])), name
