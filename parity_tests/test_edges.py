"""PyTorch's behaviour at the edges, re-verified on the installed PyTorch and then asked of numpy_nn."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import pytest
import torch

import numpy_nn as nn
import numpy_nn.functional as F
from numpy_nn import backend, optim
from parity_tests.edges import EDGES, LN2, REFUSALS, TABLE, Edge, Refusal
from torch_nn.twins import TWINS

ULP = 4
"""How far a result may be from the literal: exp, log and tanh are not rounded correctly, on either side."""


def read(value: Any, dtype: type) -> Any:
    """A list, a floating array or a number of the table as an array of the dtype; anything else as it is."""
    floats = isinstance(value, list | float | int) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")
    return np.array(value, dtype=dtype) if floats else value


def arguments(row: Edge | Refusal, dtype: type, place: Any) -> tuple[list[Any], dict[str, Any]]:
    """The args and options of a row, arrays put in their place by a function."""
    values = [read(arg, dtype) for arg in row.args]
    args = [place(value) if isinstance(value, np.ndarray) else value for value in values]
    return args, {k: place(read(v, dtype)) if isinstance(v, list) else v for k, v in row.options.items()}


def upstream(edge: Edge, dtype: type) -> np.ndarray:
    y = read(edge.y, dtype)
    return np.ones_like(y) if edge.dy is None else read(edge.dy, dtype)


def same(what: str, result: np.ndarray, literal: Any, signed: bool) -> None:
    expected = read(literal, result.dtype.type)
    assert result.shape == expected.shape, what
    with np.errstate(invalid="ignore"):
        near = np.abs(result - expected) <= ULP * np.spacing(np.abs(expected))
    agree = near | (result == expected) | (np.isnan(result) & np.isnan(expected))
    assert agree.all(), f"{what}: got {result}, expected {expected}"
    if signed:
        zero = expected == 0
        assert np.array_equal(np.signbit(result[zero]), np.signbit(expected[zero])), f"{what}: a zero has another sign"


def check(edge: Edge, y: np.ndarray, gradients: list[np.ndarray]) -> None:
    same("y", y, edge.y, edge.signed)
    for number, (gradient, expected) in enumerate(zip(gradients, edge.gradients, strict=True)):
        same(f"gradient {number}", gradient, expected, signed=False)


def label(row: Edge | Refusal) -> str:
    return f"{row.name}: {row.what}"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("edge", EDGES, ids=label)
def test_pytorch_at_the_edge(edge: Edge, dtype: type):
    args, options = arguments(edge, dtype, torch.from_numpy)
    leaves = [(options[i] if isinstance(i, str) else args[i]).requires_grad_() for i in edge.wrt]
    y = TWINS[f"functional.{edge.name}"](*args, **options)
    gradients = torch.autograd.grad(y, leaves, torch.from_numpy(upstream(edge, dtype)))
    check(edge, y.detach().numpy(), [gradient.numpy() for gradient in gradients])


@pytest.mark.parametrize("where", ["here", "strict"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("edge", EDGES, ids=label)
def test_numpy_nn_at_the_edge(edge: Edge, dtype: type, where: str, device: str):
    on = device if where == "here" else where
    args, options = arguments(edge, dtype, lambda x: backend.to_device(x, on))
    y, backward = getattr(F, edge.name)(*args, **options)
    gradients = backward(backend.to_device(upstream(edge, dtype), on))
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    assert all(array.dtype == dtype for array in (y, *gradients))
    check(edge, backend.to_host(y), [backend.to_host(gradient) for gradient in gradients])


@pytest.mark.parametrize("refusal", REFUSALS, ids=label)
def test_both_refuse(refusal: Refusal):
    args, options = arguments(refusal, np.float32, torch.from_numpy)
    with pytest.raises(refusal.theirs):
        TWINS[f"functional.{refusal.name}"](*args, **options)
    for device in ("cpu", "strict"):
        args, options = arguments(refusal, np.float32, lambda x, on=device: backend.to_device(x, on))
        with pytest.raises(refusal.ours, match="expected"):
            getattr(F, refusal.name)(*args, **options)


def test_sigmoid_far_below_keeps_the_tiny_true_value_that_pytorch_loses():
    x = np.array([-89.0], dtype=np.float32)
    assert torch.sigmoid(torch.from_numpy(x)).item() == 0
    same("y", F.sigmoid(x)[0], [2.2273639e-39], signed=False)


def test_smooth_l1_is_huber_divided_by_beta():
    x = np.array([-3.0, -2.0, -0.5, 0.0, 1.0, 2.0, 5.0])
    huber = torch.nn.functional.huber_loss(torch.from_numpy(x), torch.zeros(7, dtype=torch.float64), delta=2.0)
    assert F.smooth_l1_loss(x, np.zeros(7), beta=2.0)[0] == huber.item() / 2 == 1.1875


def test_dropout_scales_by_one_over_keep():
    nn.manual_seed(0)
    torch.manual_seed(0)
    x = np.arange(1, 65, dtype=np.float64)
    y, backward = F.dropout(x, 0.75)
    leaf = torch.from_numpy(x).requires_grad_()
    expected = torch.nn.functional.dropout(leaf, 0.75)
    (dx,) = torch.autograd.grad(expected, leaf, torch.from_numpy(x))
    assert 0 < np.count_nonzero(y) < 64
    assert np.array_equal(y, np.where(y == 0, 0, 4 * x))
    assert np.array_equal(y, expected.detach().numpy())
    assert np.array_equal(backward(x), dx.numpy())


def test_embedding_max_norm_scales_the_rows_in_use_in_place():
    """norm 10 becomes 5 · 10 / (10 + 1e-7), norm √5 stays, and the unused row of norm 5 too."""
    ours, theirs = np.array(TABLE), torch.tensor(TABLE, dtype=torch.float64)
    F.embedding(np.array([0, 2, 2]), ours, max_norm=4.0)
    torch.nn.functional.embedding(torch.tensor([0, 2, 2]), theirs, max_norm=4.0)
    expected = [[1, 2], [3, 4], [6 * 4 / (10 + 1e-7), 8 * 4 / (10 + 1e-7)]]
    for table in (ours, theirs.numpy()):
        same("weight", table, expected, signed=False)


@pytest.mark.parametrize("layers", [nn, torch.nn], ids=["numpy_nn", "torch"])
def test_embedding_starts_with_a_zero_padding_row_but_keeps_a_pretrained_one(layers: Any):
    def numbers(layer: Any) -> np.ndarray:
        return np.asarray(layer.state_dict()["weight"])

    fresh = layers.Embedding(4, 3, padding_idx=-1)
    assert fresh.padding_idx == 3
    assert not numbers(fresh)[3].any()
    assert numbers(fresh)[:3].all()
    table = np.ones((4, 3), dtype=np.float32)
    kept = layers.Embedding.from_pretrained(table if layers is nn else torch.from_numpy(table), padding_idx=-1)
    assert kept.padding_idx == 3
    assert np.array_equal(numbers(kept), table)


@pytest.mark.parametrize("layers", [nn, torch.nn], ids=["numpy_nn", "torch"])
def test_linear_starts_within_one_over_root_fan_in(layers: Any):
    state = layers.Linear(16, 1000).state_dict()
    for array in map(np.asarray, state.values()):
        assert 0.24 < array.max() <= 0.25
        assert -0.25 <= array.min() < -0.24


@pytest.mark.parametrize(
    ("name", "args", "options"),
    [
        ("leaky_relu", (), {"negative_slope": 0.1}),
        ("elu", (), {"alpha": 0.3}),
        ("softplus", (), {"beta": 0.3, "threshold": 2.0}),
        ("dropout", (), {"p": 0.3}),
        ("smooth_l1_loss", (np.zeros(3, np.float32),), {"beta": 0.3}),
        ("cross_entropy", (np.array(1),), {"label_smoothing": 0.1}),
    ],
)
def test_an_option_of_numpys_float64_leaves_float32_as_it_is(name, args, options):
    """As in PyTorch, where a float64 without dimensions does not widen; NumPy alone would."""
    x = np.array([-1.0, 0.5, 3.0], dtype=np.float32)
    assert (x * np.float64(1)).dtype == np.float64
    assert (torch.from_numpy(x) * torch.tensor(1.0, dtype=torch.float64)).dtype == torch.float32
    for given in (options, {key: np.float64(value) for key, value in options.items()}):
        nn.manual_seed(0)
        y, backward = getattr(F, name)(x, *args, **given)
        assert y.dtype == backward(np.ones_like(y)).dtype == np.float32
    nn.manual_seed(0)
    assert np.array_equal(y, getattr(F, name)(x, *args, **options)[0])


class Duel:
    """One optimizer and its twin over parameters of one number each."""

    def __init__(self, name: str, *values: float, **options: Any) -> None:
        self.ours = [nn.Parameter(np.array([value])) for value in values]
        self.theirs = [torch.nn.Parameter(torch.tensor([value], dtype=torch.float64)) for value in values]
        self.optimizer = getattr(optim, name)(self.ours, **options)
        self.twin = getattr(torch.optim, name)(self.theirs, **options)

    def step(self, *gradients: float | None) -> None:
        for ours, theirs, gradient in zip(self.ours, self.theirs, gradients, strict=True):
            ours.grad = None if gradient is None else np.array([gradient])
            theirs.grad = None if gradient is None else torch.tensor([gradient], dtype=torch.float64)
        self.optimizer.step()
        self.twin.step()

    def stand_at(self, *values: float) -> None:
        for value, ours, theirs in zip(values, self.ours, self.theirs, strict=True):
            same("PyTorch's parameter", theirs.detach().numpy(), [value], signed=False)
            same("parameter", ours.data, [value], signed=False)

    def hold(self, name: str, *values: float | None) -> None:
        """The state of each parameter under a name; None where there is none."""
        for value, ours, theirs in zip(values, self.ours, self.theirs, strict=True):
            for state in (self.optimizer.state.get(ours, {}), self.twin.state.get(theirs, {})):
                if value is None:
                    assert state.get(name) is None
                else:
                    same(name, np.asarray(state[name], dtype=np.float64).reshape(1), [value], signed=False)


def test_sgd_first_momentum_buffer_is_the_gradient_without_dampening():
    duel = Duel("SGD", 1.0, lr=0.5, momentum=0.5, dampening=0.75)
    duel.step(2.0)
    duel.hold("momentum_buffer", 2.0)
    duel.stand_at(0.0)
    duel.step(2.0)
    duel.hold("momentum_buffer", 0.5 * 2 + 0.25 * 2)
    duel.stand_at(-0.75)


def test_sgd_adds_weight_decay_after_maximize_negates():
    duel = Duel("SGD", 4.0, lr=0.5, weight_decay=0.25, maximize=True)
    duel.step(2.0)
    duel.stand_at(4 - 0.5 * (-2 + 0.25 * 4))


@pytest.mark.parametrize("options", [{"momentum": 0.0}, {"momentum": 0.9, "dampening": 0.1}])
def test_nesterov_needs_momentum_and_no_dampening(options):
    with pytest.raises(ValueError, match="Nesterov momentum requires"):
        torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1, nesterov=True, **options)
    with pytest.raises(ValueError, match="nesterov: expected momentum > 0 and dampening 0"):
        optim.SGD([nn.Parameter(np.zeros(1))], lr=0.1, nesterov=True, **options)


@pytest.mark.parametrize(("name", "buffer"), [("SGD", "momentum_buffer"), ("Adam", "exp_avg"), ("AdamW", "exp_avg")])
def test_a_missing_gradient_skips_and_a_zero_gradient_still_moves(name, buffer):
    options = {"momentum": 0.5} if name == "SGD" else {"betas": (0.5, 0.5), "weight_decay": 0}
    duel = Duel(name, 1.0, 1.0, lr=0.5, **options)
    duel.step(2.0, 2.0)
    stopped = float(duel.theirs[0].detach())
    duel.step(None, 0.0)
    duel.hold(buffer, 2.0 if name == "SGD" else 1.0, 1.0 if name == "SGD" else 0.5)
    assert float(duel.theirs[1].detach()) < stopped
    duel.stand_at(stopped, float(duel.theirs[1].detach()))


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_a_missing_gradient_freezes_the_step_count_of_that_parameter_alone(name):
    duel = Duel(name, 1.0, 1.0, 1.0)
    duel.step(2.0, 2.0, None)
    duel.step(None, 2.0, None)
    duel.step(2.0, 2.0, None)
    duel.hold("step", 2, 3, None)
    assert duel.ours[2] not in duel.optimizer.state or not duel.optimizer.state[duel.ours[2]]


def test_adam_divides_by_the_corrected_root_plus_eps():
    """The first step is lr g / (|g| + eps), whatever the betas: eps is outside the root and not corrected."""
    duel = Duel("Adam", 1.0, lr=0.5, betas=(0.5, 0.75), eps=3.0)
    duel.step(1.0)
    duel.stand_at(1 - 0.5 * 1 / (1 + 3))
    duel.hold("exp_avg", 0.5)
    duel.hold("exp_avg_sq", 0.25)


def test_adam_takes_the_running_mean_by_lerp():
    """m + (1 − β₁)(g − m): at β₁ = 0 it is g itself."""
    duel = Duel("Adam", 1.0, betas=(0.0, 0.5))
    duel.step(1e-30)
    duel.step(3.0)
    duel.hold("exp_avg", 3.0)


def test_adam_amsgrad_keeps_the_largest_uncorrected_v():
    duel = Duel("Adam", 1.0, lr=0.5, betas=(0.0, 0.5), eps=0.0, amsgrad=True)
    duel.step(2.0)
    duel.hold("max_exp_avg_sq", 2.0)
    duel.stand_at(0.5)
    duel.step(1.0)
    duel.hold("exp_avg_sq", 1.5)
    duel.hold("max_exp_avg_sq", 2.0)
    duel.stand_at(0.5 - 0.5 / (np.sqrt(2) / np.sqrt(0.75)))


def test_adam_without_eps_and_gradient_is_nan():
    duel = Duel("Adam", 1.0, eps=0.0)
    duel.step(0.0)
    duel.stand_at(nan)


def test_adamw_shrinks_the_parameter_first_by_a_hundredth_of_lr():
    duel = Duel("AdamW", 4.0, lr=0.5, eps=0.0)
    duel.step(2.0)
    duel.stand_at(4 * (1 - 0.5 * 0.01) - 0.5)
    duel.hold("exp_avg_sq", 0.001 * 4)


def test_state_dict_aliases_arrays_and_copies_numbers():
    duel = Duel("Adam", 1.0)
    duel.step(2.0)
    ours, theirs = duel.optimizer.state_dict(), duel.twin.state_dict()
    assert ours["state"][0]["exp_avg"] is duel.optimizer.state[duel.ours[0]]["exp_avg"]
    assert theirs["state"][0]["exp_avg"] is duel.twin.state[duel.theirs[0]]["exp_avg"]
    for saved, optimizer in ((ours, duel.optimizer), (theirs, duel.twin)):
        optimizer.param_groups[0]["lr"] = 0.25
        assert saved["param_groups"][0]["lr"] == 1e-3
    layer, twin = nn.Linear(2, 2), torch.nn.Linear(2, 2)
    assert layer.state_dict()["weight"] is layer.weight.data
    assert twin.state_dict()["weight"].data_ptr() == twin.weight.data_ptr()


def clipped(norm: bool, gradients: list[list[float]], *args: Any) -> list[np.ndarray]:
    """The gradients after clipping, by PyTorch and by hand, which must agree."""
    ours = [nn.Parameter(np.zeros(len(gradient))) for gradient in gradients]
    theirs = [torch.nn.Parameter(torch.zeros(len(gradient), dtype=torch.float64)) for gradient in gradients]
    for p, q, gradient in zip(ours, theirs, gradients, strict=True):
        p.grad, q.grad = np.array(gradient), torch.tensor(gradient, dtype=torch.float64)
    clip = "clip_grad_norm_" if norm else "clip_grad_value_"
    before, expected = getattr(optim, clip)(ours, *args), getattr(torch.nn.utils, clip)(theirs, *args)
    if norm:
        same("norm", np.array(before), expected.item(), signed=False)
    for p, q in zip(ours, theirs, strict=True):
        same("grad", p.grad, q.grad.numpy(), signed=False)
    return [p.grad for p in ours]


def test_clip_grad_norm_scales_all_together_by_at_most_one():
    first, second = clipped(True, [[3.0], [4.0]], 2.5)
    same("scaled", np.concatenate([first, second]), [3 * 2.5 / (5 + 1e-6), 4 * 2.5 / (5 + 1e-6)], signed=False)
    assert [g.tolist() for g in clipped(True, [[3.0], [4.0]], 10.0)] == [[3], [4]]
    assert [g.tolist() for g in clipped(True, [[0.0, 0.0]], 1.0)] == [[0, 0]]


def test_clip_grad_norm_spreads_nan():
    for gradient in clipped(True, [[nan], [4.0, 1.0]], 2.5):
        assert np.isnan(gradient).all()
    infinite, finite = clipped(True, [[inf], [4.0]], 2.5)
    assert np.isnan(infinite).all()
    assert finite.tolist() == [0]


def test_clip_grad_norm_by_the_largest_magnitude():
    same("scaled", clipped(True, [[3.0, -4.0]], 2.0, inf)[0], [6 / (4 + 1e-6), -8 / (4 + 1e-6)], signed=False)


def test_clip_grad_value_limits_each_and_lets_nan_be():
    (gradient,) = clipped(False, [[-9.0, -0.5, 0.5, inf, nan]], 0.75)
    same("clipped", gradient, [-0.75, -0.5, 0.5, 0.75, nan], signed=False)


def test_clipping_nothing_is_a_norm_of_zero():
    assert optim.clip_grad_norm_([nn.Parameter(np.ones(2))], 1.0) == 0
    assert torch.nn.utils.clip_grad_norm_([torch.nn.Parameter(torch.ones(2))], 1.0).item() == 0


def test_cross_entropy_of_one_sample_without_a_batch():
    x = np.array([0.0, 0.0])
    assert F.cross_entropy(x, np.array(0))[0] == LN2
    assert torch.nn.functional.cross_entropy(torch.from_numpy(x), torch.tensor(0)).item() == LN2
