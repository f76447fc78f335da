"""The kernels for a GPU: without one, every source compiles for it, and runs on the host as it would run there."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import replace
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis.stateful import run_state_machine_as_test

import numpy_nn as nn
from numpy_nn import optim
from numpy_nn.backend import to_device, to_host
from numpy_nn.kernels import cuda
from numpy_nn.kernels.cuda import launch
from numpy_nn.kernels.cuda.optimizers import CHUNK
from parity_tests import test_cupy, test_kernels
from parity_tests.bounds import agree
from parity_tests.case import Case
from parity_tests.edges import EDGES, REFUSALS, Edge, Refusal
from parity_tests.emulation import Backwards, RawKernel, emulated, needs_compiler
from parity_tests.optimizer_machine import ROUNDINGS, at_home, machine
from parity_tests.specification import FORMULAS, OPTIMIZERS
from parity_tests.specification.kernels import class_cases
from parity_tests.specification.row import Row
from parity_tests.strategies import laid_out, values
from parity_tests.strict import install
from parity_tests.test_edges import arguments, check, label, upstream
from parity_tests.test_fast_optimizers import OPTIONS, optimizer_of, row_of
from parity_tests.witnesses import pytorch
from parity_tests.word2vec_steps import first_step, model_of, moved, text
from torch_nn.twins import CUDA_KERNELS

xp = install()
needs_nvrtc = pytest.mark.skipif(sys.platform != "linux", reason="there is no CuPy but for Linux")

ROWS: dict[str, Row] = {
    name: replace(FORMULAS[f"functional.{name}"], name=f"kernels.cuda.{name}", textbook=f"functional.{name}")
    for name in CUDA_KERNELS
}
ROWS["cross_entropy"] = replace(ROWS["cross_entropy"], cases=ROWS["cross_entropy"].cases | class_cases())
RULES = {
    name: replace(OPTIMIZERS[f"optim.{optimizer}"], name=f"kernels.cuda.{name}", kernel_of=f"optim.{optimizer}")
    for name, optimizer in (("sgd", "SGD"), ("adam", "Adam"))
}


def gpu(device: str, kernel: type = RawKernel) -> Any:
    """Where kernels run: a GPU, if there is one to test on, or the stand-in for it."""
    return nullcontext() if device == "cuda" else emulated(kernel)


def place(device: str) -> str:
    return "cuda" if device == "cuda" else "strict"


# What runs


def test_every_kernel_has_a_row_and_a_twin() -> None:
    assert {*ROWS, *RULES, "fits"} == set(cuda.__all__)
    assert {kernel.__name__ for kernel in cuda.FAST.values()} == set(ROWS)
    assert {rule.__name__ for rule in cuda.RULES.values()} == set(RULES)
    assert all(
        kernel.__name__ == formula.__name__ for table in (cuda.FAST, cuda.RULES) for formula, kernel in table.items()
    )


def computed(row: Row, case: Case, device: str, kernel: type = RawKernel) -> None:
    """Value and gradients are PyTorch's, and the gradients a second time the same."""
    with gpu(device, kernel):
        pytorch(row, case, place(device))
        again(row, case, place(device))


def again(row: Row, case: Case, on: str) -> None:
    """Inputs are as they were, and a second call of the pullback gives the same, however dy lies in memory."""
    if case.changes:
        return
    moved = case.mapped(lambda x: to_device(x, on))
    y, backward = moved.call(getattr(cuda, row.name.rpartition(".")[2]))
    dy = case.upstream(y.shape)
    results = [backward(to_device(laid_out(dy, layout), on)) for layout in ("C", "reversed")]
    if row.textbook != "functional.embedding":  # whose sums are in any order
        for first, second in zip(*(x if isinstance(x, tuple) else (x,) for x in results), strict=True):
            np.testing.assert_array_equal(to_host(first), to_host(second))
    for arg, kept in zip(moved.args, case.args, strict=True):
        np.testing.assert_array_equal(to_host(arg), kept)


@needs_compiler
@pytest.mark.parametrize("name", ROWS)
def test_a_kernel_is_pytorchs(name: str, device: str) -> None:
    @given(ROWS[name].cases)
    def holds(case: Case) -> None:
        computed(ROWS[name], case, device)

    holds()


@needs_compiler
@given(class_cases())
def test_it_does_not_matter_which_thread_begins(device: str, case: Case) -> None:
    computed(ROWS["cross_entropy"], case, device, Backwards)


SIZES = (1, 31, 32, 33, 255, 256, 257, 1000)
"""Round the sizes of a warp and of a block."""


@needs_compiler
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [name for name in ROWS if name not in ("cross_entropy", "embedding", "linear")])
def test_an_activation_of_any_size_is_pytorchs(name: str, dtype: type, device: str) -> None:
    for size in SIZES:
        computed(ROWS[name], Case((values(size, (size,), dtype),)), device)


@needs_compiler
@pytest.mark.parametrize("kernel", [RawKernel, Backwards])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_a_choice_among_any_number_of_classes_is_pytorchs(
    reduction: str, dtype: type, kernel: type, device: str
) -> None:
    for C in SIZES:
        for best in (0, C // 2, C - 1):
            x, target = values(C, (3, C), dtype), np.array([best, C - 1, 0])
            x[0, best] = 30  # the largest is a thread's own
            computed(ROWS["cross_entropy"], Case((x, target), {"reduction": reduction}, seed=C), device, kernel)


@needs_compiler
def test_an_image_has_its_classes_along_the_second_axis(device: str) -> None:
    """As many as the last one is long."""
    computed(ROWS["cross_entropy"], Case((values(0, (2, 3, 3), np.float64), np.array([[0, 1, 2], [2, 2, 1]]))), device)


@needs_compiler
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_table_of_any_size_gets_its_gradient(dtype: type, device: str) -> None:
    for count, V, D in ((1, 1, 1), (40, 3, 7), (300, 1000, 5), (7, 4, 300)):
        indices, table = np.random.default_rng(D).integers(0, V, count), values(V, (V, D), dtype)
        indices[-1] = V - 1
        for options in ({}, {"padding_idx": 0}, {"padding_idx": -1}):
            computed(ROWS["embedding"], Case((indices, table), options, wrt=(1,)), device)


TILES = (1, 16, 35)
"""Round the size of a product's tile."""


@needs_compiler
@pytest.mark.parametrize("kernel", [RawKernel, Backwards])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_affine_map_of_any_size_is_pytorchs(dtype: type, kernel: type, device: str) -> None:
    for N, into, out in product(TILES, repeat=3):
        x, weight, bias = values(N, (N, into), dtype), values(into, (out, into), dtype), values(out, (out,), dtype)
        computed(ROWS["linear"], Case((x, weight, bias), wrt=(0, 1, 2), seed=N), device, kernel)


@needs_compiler
def test_a_large_product_is_cublass(monkeypatch: Any) -> None:
    x, weight = (to_device(values(0, (10, 10), np.float32), "strict") for _ in range(2))
    for large, launches in ((1000, 0), (1001, 3)):
        monkeypatch.setattr(import_module("numpy_nn.kernels.cuda.linear"), "LARGE", large)
        with emulated() as ran:
            y, backward = cuda.linear(x, weight)
            backward(y)
        assert len(ran) == launches


@needs_compiler
def test_what_nobody_wants_is_not_multiplied() -> None:
    x, weight = (to_device(values(0, (10, 10), np.float32), "strict") for _ in range(2))
    with emulated() as ran:
        y, backward = cuda.linear(x, weight)
        assert backward(y, without=("x",))[0] is None
    assert len(ran) == 2


AT_THE_EDGE = [edge for edge in EDGES if edge.name in ROWS]


@needs_compiler
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("edge", AT_THE_EDGE, ids=label)
def test_a_kernel_at_the_edge(edge: Edge, dtype: type, device: str) -> None:
    on = place(device)
    with gpu(device):
        args, options = arguments(edge, dtype, lambda x: to_device(x, on))
        y, backward = getattr(cuda, edge.name)(*args, **options)
        gradients = backward(to_device(upstream(edge, dtype), on))
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    assert all(array.dtype == dtype for array in (y, *gradients))
    check(edge, to_host(y), [to_host(gradient) for gradient in gradients])


REFUSED = [refusal for refusal in REFUSALS if refusal.name in ROWS]


@needs_compiler
@pytest.mark.parametrize("refusal", REFUSED, ids=label)
def test_a_kernel_refuses_what_its_formula_refuses(refusal: Refusal, device: str) -> None:
    with gpu(device):
        args, options = arguments(refusal, np.float32, lambda x: to_device(x, place(device)))
        with pytest.raises(refusal.ours, match="expected"):
            getattr(cuda, refusal.name)(*args, **options)


@needs_compiler
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_what_is_ignored_has_no_gradient_even_of_an_infinite_one(reduction: str, value: float, device: str) -> None:
    x, target = values(0, (5, 4), np.float32), np.array([0, 3, -100, 1, -100])
    with gpu(device):
        _, backward = cuda.cross_entropy(
            *(to_device(array, place(device)) for array in (x, target)), reduction=reduction
        )
        dx = to_host(backward(to_device(np.asarray(value, np.float32), place(device))))
    leaf = torch.from_numpy(x).requires_grad_()
    expected = torch.nn.functional.cross_entropy(leaf, torch.from_numpy(target), reduction=reduction)
    np.testing.assert_array_equal(dx, torch.autograd.grad(expected, leaf, torch.tensor(value))[0].numpy())


# Optimizers


@needs_compiler
@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_pytorchs(name: str, device: str) -> None:
    with gpu(device):
        run_state_machine_as_test(machine(RULES[name], device=place(device)), settings=settings(stateful_step_count=8))


def parameter(layout: str, on: str) -> nn.Parameter:
    """One of several blocks, with a gradient that lies in C order."""
    made = nn.Parameter(to_device(laid_out(values(0, (9, 70), np.float64), layout), on))
    made.grad = to_device(values(1, (9, 70), np.float64), on)
    return made


@needs_compiler
@pytest.mark.parametrize("layout", ["C", "F"])
@pytest.mark.parametrize("kind", OPTIONS)
def test_a_parameter_of_several_blocks_steps_as_by_the_readable_rule(kind: str, layout: str, device: str) -> None:
    found = []
    for which in ("fast", "textbook"):
        with gpu(device) as ran, nn.use_kernels(which):
            stepped = parameter(layout, place(device))
            held, optimizer = stepped.data, optimizer_of(kind, [stepped])
            optimizer.step()
            before = to_host(held).copy()
            optimizer.step()
            assert stepped.data is held
            assert ran is None or len(ran) == (2 if which == "fast" else 0)
        state = {name: to_host(array) for name, array in optimizer.state[stepped].items() if name != "step"}
        found.append({"parameter": to_host(held)} | state)
    S = row_of(kind).scale(before, to_host(stepped.grad), state | {"step": np.array(2)}, optimizer.param_groups[0])
    for name, expected in found[1].items():
        agree(f"{kind} {name}", found[0][name], expected, S[name], 8 * ROUNDINGS)  # as of two steps


def group(on: str) -> list[nn.Parameter]:
    """More parameters of each dtype than a table holds, of sizes round that of a block's share."""
    sizes = (1, 0, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5, *[3] * 80)
    dtypes = (np.float64, np.float32)
    return [nn.Parameter(to_device(values(n, (n,), dtype), on)) for n in sizes for dtype in dtypes]


@needs_compiler
@pytest.mark.parametrize("kind", OPTIONS)
def test_a_group_steps_at_once_as_by_the_readable_rule(kind: str, device: str) -> None:
    """A launch for each dtype, and for each table of them; some parameters have been stepped before, some have not."""
    found = []
    for which in ("fast", "textbook"):
        with gpu(device) as ran, nn.use_kernels(which):
            given = group(place(device))
            optimizer = optimizer_of(kind, given)
            for step in range(2):
                for number, one in enumerate(given):
                    slopes = to_device(values(number + step, one.shape, one.data.dtype), place(device))
                    one.grad = None if step == 0 and number % 3 == 0 else slopes
                before = [to_host(one.data).copy() for one in given]
                optimizer.step()
            assert ran is None or len(ran) == (0 if which == "textbook" else 6 if kind.startswith("SGD") else 8)
        state = [at_home(optimizer.state[one]) for one in given]
        found.append([{"parameter": to_host(one.data)} | held for one, held in zip(given, state, strict=True)])
    for number, (mine, expected) in enumerate(zip(*found, strict=True)):
        S = row_of(kind).scale(before[number], to_host(given[number].grad), state[number], optimizer.param_groups[0])
        for name, array in expected.items():
            if name == "step":  # a parameter's own
                assert mine[name] == array == 2 - (number % 3 == 0)
            else:
                agree(f"{kind} {name}", mine[name], array, S[name], 8 * ROUNDINGS)  # as of two steps


@needs_compiler
@pytest.mark.parametrize("kind", OPTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_not_finite_is_pytorchs(kind: str, dtype: type, device: str) -> None:
    start, slopes = np.array([*product((1.0, -0.0, np.inf, np.nan), (1.0, -0.0, np.inf, np.nan))], dtype).T
    with gpu(device):
        ours = nn.Parameter(to_device(start.copy(), place(device)))
        theirs = torch.nn.Parameter(torch.from_numpy(start.copy()))
        optimizer, twin = optimizer_of(kind, [ours]), optimizer_of(kind, [theirs], torch.optim)
        for sign in (1, -1):
            ours.grad, theirs.grad = to_device(sign * slopes, place(device)), torch.from_numpy(sign * slopes)
            optimizer.step()
            twin.step()
    mine, expected = to_host(ours.data), theirs.detach().numpy()
    np.testing.assert_array_equal(np.isnan(mine), np.isnan(expected))
    np.testing.assert_array_equal(np.where(np.isinf(mine), mine, 0), np.where(np.isinf(expected), expected, 0))


@needs_compiler
@pytest.mark.parametrize("layout", ["reversed", "strided"])
def test_a_parameter_with_gaps_steps_by_the_readable_rule(layout: str) -> None:
    with emulated() as ran:
        optimizer_of("Adam", [parameter(layout, "strict")]).step()
    assert ran == []


@needs_compiler
def test_a_state_in_another_order_steps_by_the_readable_rule() -> None:
    with emulated() as ran:
        given = parameter("C", "strict")
        optimizer = optimizer_of("SGD, momentum", [given])
        optimizer.step()
        given.data = parameter("F", "strict").data
        optimizer.step()
    assert ran == ["sgd"]


# Which of the two runs

CLASSES = np.random.default_rng(3).integers(0, 20, 70)
GIVEN: dict[str, tuple[np.ndarray, ...]] = {
    "cross_entropy": (values(3, (70, 20), np.float32), CLASSES),
    "embedding": (CLASSES,),
}
LAYERS: dict[str, nn.Module] = {name: test_kernels.CALLS[name][1] for name in CUDA_KERNELS if name != "linear"}
LAYERS["linear"] = nn.Linear(50, 30)
KERNELS = {"cross_entropy": ["forward", "backward"], "embedding": ["scatter"], "linear": ["product"] * 3}


@needs_compiler
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_runs_the_kernel_of_its_arrays_device(name: str) -> None:
    layer, arrays = deepcopy(LAYERS[name]), GIVEN.get(name, (values(0, (7, 50), np.float32),))

    def run(on: str) -> None:
        y = layer.to(on)(*(to_device(array, on) for array in arrays))
        layer.backward(to_device(np.ones(y.shape, np.float32), on))

    with emulated() as ran:
        run("strict")
        assert ran == KERNELS.get(name, ["value", "slope"])
        with nn.use_kernels("textbook"):
            run("strict")
        run("cpu")
        assert len(ran) == len(KERNELS.get(name, ["value", "slope"]))
    run("strict")


@needs_compiler
@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW"])
def test_an_optimizer_runs_the_rule_of_its_arrays_device(kind: str) -> None:
    class Own(getattr(optim, kind)):
        def update(self, parameter: Any, gradient: Any, state: Any, group: Any) -> None:
            pass

    class Fast(Own):
        fast_update = staticmethod(lambda data, gradient, state, group: data.fill(7))

    with emulated() as ran:
        given = [parameter("C", "strict"), parameter("C", "cpu")]
        optimizer_of(kind, given).step()
        Own(given).step()
        Fast(given).step()
        with nn.use_kernels("textbook"):
            optimizer_of(kind, given).step()
    assert ran == ["sgd" if kind == "SGD" else "adam"]


@needs_compiler
def test_a_training_step_waits_for_the_device_no_more_often_than_the_formulas_do(monkeypatch: Any) -> None:
    with emulated() as ran:
        test_cupy.test_a_training_step_waits_for_the_device_twice(monkeypatch)
    forwards, backwards = ["product", "value", "product", "forward"], ["backward", "product", "product", "slope"]
    assert ran == [*forwards, *backwards, "product", "adam"]


def test_kernels_are_for_cupys_floats_alone() -> None:
    x, single = (to_device(np.ones(3, dtype), "strict") for dtype in (np.float64, np.float32))
    assert not launch.plain(np.ones(3))
    assert not launch.plain(x)
    with emulated():
        assert launch.plain(x, None, x)
        assert launch.plain(single)
        for others in (np.ones(3), single, to_device(np.ones(3, complex), "strict")):
            assert not launch.plain(x, others)
            assert not launch.plain(others, x)
        assert not launch.plain(to_device(np.ones(3, complex), "strict"))


def test_a_start_does_not_read_the_kernels_of_another_machine() -> None:
    script = "import sys, numpy_nn; print('numpy_nn.kernels.cuda' in sys.modules, numpy_nn.kernels.cuda.relu.__name__)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "False relu\n"


# What a GPU's compiler says


class Recorded:
    """A kernel that is remembered in place of being run."""

    codes: ClassVar[dict[tuple[str, str], None]] = {}

    def __init__(self, code: str, name: str) -> None:
        self.codes[name, code] = None

    def __call__(self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]) -> None:
        pass


def recorded() -> list[tuple[str, str]]:
    """Every kernel, by its name and its code, that the functions above ask for."""
    Recorded.codes.clear()
    with emulated(Recorded):
        for dtype in (np.float32, np.float64):
            x, target = to_device(np.ones((2, 300), dtype), "strict"), to_device(np.array([1, 0]), "strict")
            calls = {name: [(x,)] for name in ROWS} | {"gelu": [(x,), (x, "tanh")], "embedding": [(target, x)]}
            calls["linear"] = [(x, x)]
            calls["cross_entropy"] = [(x[:, :C], target) for C in (5, 50, 100, 300)]
            for name in ROWS:
                for args in calls[name]:
                    y, backward = getattr(cuda, name)(*args)
                    backward(xp.ones_like(y))
            for kind in ("SGD", "Adam"):
                given = nn.Parameter(x)
                given.grad = x
                getattr(optim, kind)([given]).step()
            first_step(moved(model_of(text(), dtype=np.dtype(dtype).name), "strict"), text())
    return list(Recorded.codes)


PROGRAMS = recorded()
IDS = [f"{name}, {code.splitlines()[0]}, {code.splitlines()[1]}" for name, code in PROGRAMS]


def test_every_kernel_there_is_is_compiled() -> None:
    sources = [path.read_text() for path in Path(cuda.__file__).parent.glob("*.cu")]
    written = {name for source in sources for name in re.findall(r"__global__ void (\w+)", source)}
    assert {name for name, _ in PROGRAMS} == written


def assembled(name: str, code: str, architecture: str) -> str:
    """A kernel as a GPU's compiler translates it."""
    from cupy_backends.cuda.libs import nvrtc

    program = nvrtc.createProgram(code, f"{name}.cu", (), ())
    try:
        nvrtc.compileProgram(program, (f"-arch={architecture}", "-std=c++17"))
        assert nvrtc.getProgramLog(program) == ""
        assert name.encode() in nvrtc.getCUBIN(program)
        return str(nvrtc.getPTX(program))
    finally:
        nvrtc.destroyProgram(program)


@needs_nvrtc
@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
@pytest.mark.parametrize(("name", "code"), PROGRAMS, ids=IDS)
def test_a_kernel_compiles_for_a_gpu_and_keeps_to_its_precision(name: str, code: str, architecture: str) -> None:
    assert (".f64" in assembled(name, code, architecture)) == ("#define REAL double" in code)


@needs_nvrtc
def test_numbers_that_meet_in_a_row_are_added_one_after_the_other() -> None:
    """What the host, on which threads take turns, cannot tell."""
    adding = [(name, code) for name, code in recorded() if name in ("scatter", "move")]
    assert len(adding) == 4
    for name, code in adding:
        assert re.search(r"(atom|red)\S*\.add\.f", assembled(name, code, "sm_80"))
