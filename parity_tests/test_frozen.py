"""What does not learn is not differentiated: the gradients of what does are the same, and PyTorch's."""

from __future__ import annotations

from itertools import product
from typing import Any
from weakref import ref

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn as nn
from numpy_nn import functional as F
from numpy_nn import optim, training
from numpy_nn.functional.formula import Pullback
from numpy_nn.modules import Layer
from parity_tests.bounds import agree
from parity_tests.strategies import seeds
from parity_tests.test_training import problem

FEATURES, CLASSES = 5, 3


class Recorded(nn.Linear):
    """A Linear layer that counts its backwards, and notes what each was told to leave out."""

    def __init__(self, *sizes: int) -> None:
        super().__init__(*sizes, dtype=np.float64)
        self.calls: list[set[str]] = []

    def formula(self, x: np.ndarray) -> tuple[np.ndarray, Pullback]:
        y, pullback = super().formula(x)

        def backward(dy: np.ndarray, without: Any = ()) -> Any:
            self.calls.append(set(without))
            return pullback(dy, without)

        return y, backward


def recorded() -> nn.Sequential:
    """Four layers that learn, with others in between."""
    nn.manual_seed(0)
    pairs = [(Recorded(FEATURES, FEATURES), nn.ELU()) for _ in range(3)]
    return nn.Sequential(*(layer for pair in pairs for layer in pair), Recorded(FEATURES, CLASSES))


def forward(model: Any, x: np.ndarray, input_grad: bool = False) -> Any:
    """The model's output, where the gradient of x is wanted or not."""
    if input_grad:
        return model(x)
    with nn.no_input_grad():
        return model(x)


def gradients(model: Any, x: np.ndarray, dy: np.ndarray, input_grad: bool = False) -> dict[str, np.ndarray | None]:
    """Of every parameter, and of x under the name "x"; there is no reason why backward should not give them."""
    model.zero_grad()
    forward(model, x, input_grad)
    try:
        dx = model.backward(dy)
    except Exception as error:
        raise AssertionError(f"backward: {error}") from error
    return {name: parameter.grad for name, parameter in model.named_parameters()} | {"x": dx}


def sample(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.standard_normal((7, FEATURES)), random.standard_normal((7, CLASSES))


def freeze(model: Any, frozen: Any) -> None:
    """Freeze each parameter for which there is a True."""
    for parameter, still in zip(model.parameters(), frozen, strict=True):
        parameter.requires_grad = not still


@given(seeds, st.lists(st.booleans(), min_size=8, max_size=8), st.booleans())
def test_what_learns_gets_pytorchs_gradient_whatever_is_frozen(seed, frozen, input_grad):
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    sizes = [(FEATURES, FEATURES)] * 3 + [(FEATURES, CLASSES)]
    ours = nn.Sequential(*(layer for s in sizes for layer in (nn.Linear(*s, dtype=np.float64), nn.ELU())))
    theirs = torch.nn.Sequential(
        *(layer for s in sizes for layer in (torch.nn.Linear(*s, dtype=torch.float64), torch.nn.ELU()))
    )
    x, dy = sample(seed)
    everything = gradients(ours, x, dy, input_grad=True)
    freeze(ours, frozen)
    freeze(theirs, frozen)
    leaf = torch.from_numpy(x).requires_grad_(input_grad)
    if all(frozen) and not input_grad:
        with pytest.raises(RuntimeError, match="does not require grad"):
            theirs(leaf).backward(torch.from_numpy(dy))
        forward(ours, x)
        with pytest.raises(RuntimeError, match="nothing learns"):
            ours.backward(dy)
        return
    found = gradients(ours, x, dy, input_grad)
    theirs(leaf).backward(torch.from_numpy(dy))
    expected = {name: parameter.grad for name, parameter in theirs.named_parameters()} | {"x": leaf.grad}
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        assert (found[name] is None) is (gradient is None)
        if gradient is not None:
            np.testing.assert_array_equal(found[name], everything[name])
            agree(name, found[name], gradient.numpy(), np.full(gradient.shape, 100.0), 64)


@pytest.mark.parametrize("frozen", range(4))
def test_the_backward_ends_at_the_first_layer_that_learns(frozen):
    """That one leaves the gradient of its input out; those before are not asked, and have kept nothing."""
    model = recorded()
    for module in list(model)[: 2 * frozen]:
        module.freeze()
    assert gradients(model, *sample())["x"] is None
    learning = [{"x"}] + [set()] * (3 - frozen)
    assert [layer.calls for layer in model if isinstance(layer, Recorded)] == [[]] * frozen + [[c] for c in learning]


class Scaled(Layer):
    """x · weight, whose pullback gives dx whether anybody wants it or not."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(np.full(FEATURES, 2.0))

    def formula(self, x: np.ndarray) -> tuple[np.ndarray, Pullback]:
        return F.mul(x, self.weight.data)


NETWORKS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "SimpleNet": (lambda: nn.SimpleNet(6, 5, 3, dtype=np.float64), (4, 6)),
    "LeNet": (lambda: nn.LeNet(3, dtype=np.float64), (2, 1, 28, 28)),
    "ResNet18": (lambda: nn.ResNet18(3, 1, "imagenet", 2, dtype=np.float64), (3, 1, 32, 32)),
    "VisionTransformer": (
        lambda: nn.VisionTransformer(8, 4, 2, 2, 8, 16, num_classes=3, in_channels=1, dtype=np.float64),
        (2, 1, 8, 8),
    ),
}
"""Networks with a backward of their own, and the shape of a batch."""


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_leaves_out_what_is_frozen_and_nothing_else(name):
    make, shape = NETWORKS[name]
    nn.manual_seed(0)
    model = make()
    random = np.random.default_rng(0)
    x, dy = random.standard_normal(shape), random.standard_normal((shape[0], 3))
    everything = gradients(model, x, dy, input_grad=True)
    count = len(list(model.parameters()))
    drawn = [random.random(count) < share for share in (0.2, 0.5, 0.9)]
    prefixes = [np.arange(count) < number for number in range(0, count, max(1, count // 12))]
    for frozen in [*drawn, *prefixes, *(~prefix for prefix in prefixes[1:])]:
        if frozen.all():
            continue
        freeze(model, frozen)
        found = gradients(model, x, dy)
        dx = found.pop("x")
        assert dx is None or any(parameter.requires_grad for _, parameter in model._own())  # the class token, say
        for (key, gradient), still in zip(found.items(), frozen, strict=True):
            if still:
                assert gradient is None
            else:
                np.testing.assert_array_equal(gradient, everything[key])


def test_a_gradient_that_nobody_wants_is_not_returned_where_it_is_there():
    x, _ = sample()
    found = gradients(nn.Sequential(Scaled(), nn.ELU()), x, np.ones_like(x))
    assert found["x"] is None
    assert found["0.weight"] is not None
    np.testing.assert_array_equal(gradients(Scaled(), x, x, input_grad=True)["x"], 2 * x)


def test_a_step_of_training_asks_for_no_gradient_of_the_batch():
    model, (x, target) = recorded(), problem()
    training.train_step(model, x, target, optim.SGD(model.parameters()), nn.CrossEntropyLoss())
    assert [layer.calls for layer in model if isinstance(layer, Recorded)] == [[{"x"}], [set()], [set()], [set()]]


def test_what_is_frozen_after_what_learns_passes_the_gradient_on_and_computes_no_other():
    model = recorded()
    model[2].requires_grad_(False)
    model[6].weight.requires_grad = False
    assert gradients(model, *sample(), input_grad=True)["x"] is not None
    calls = [layer.calls for layer in model if isinstance(layer, Recorded)]
    assert calls == [[set()], [{"weight", "bias"}], [set()], [{"weight"}]]


def test_a_frozen_layer_lets_go_of_what_it_was_given():
    """Memory: neither the pullback nor the output that it kept outlives the forward, except where somebody learns."""
    kept = []

    class Witness(nn.ELU):
        def formula(self, x: np.ndarray) -> tuple[np.ndarray, Pullback]:
            y, pullback = super().formula(x)
            kept.append(ref(pullback))
            return y, pullback

    model = nn.Sequential(nn.Linear(FEATURES, FEATURES), Witness(), nn.Linear(FEATURES, FEATURES), Witness())
    model[0].freeze()
    x = np.ones((2, FEATURES), np.float32)
    with nn.no_input_grad():
        y = model(x)
    assert [pullback() is None for pullback in kept] == [True, False]
    model.backward(y)
    model(x)
    assert [pullback() is None for pullback in kept] == [True, True, False, False]


def joined(model: Any, x: Any) -> Any:
    """head(main(h) + shortcut(h)) of h = stem(x), the branches called in the model's order."""
    h = model.stem(x)
    first, second = (getattr(model, name)(h) for name in model.order)
    return model.head(first + second)


class Residual(nn.Module):
    """A sum of two branches, with its backward by hand."""

    def __init__(self, *order: str) -> None:
        super().__init__()
        self.stem, self.main, self.shortcut, self.head = (nn.Linear(3, 3, dtype=np.float64) for _ in range(4))
        self.order = order

    def forward(self, x: np.ndarray) -> Any:
        return joined(self, x)

    def backward(self, dy: np.ndarray) -> np.ndarray | None:
        dsum = self.head.backward(dy)
        dmain, dshortcut = self.main.backward(dsum), self.shortcut.backward(dsum)
        return self.stem.backward(None if dmain is None or dshortcut is None else dmain + dshortcut)


class TwinResidual(torch.nn.Module):
    """The same, by autograd."""

    def __init__(self, *order: str) -> None:
        super().__init__()
        self.stem, self.main, self.shortcut, self.head = (torch.nn.Linear(3, 3).double() for _ in range(4))
        self.order = order

    def forward(self, x: torch.Tensor) -> Any:
        return joined(self, x)


@pytest.mark.parametrize("order", [("main", "shortcut"), ("shortcut", "main")], ids=" first, then ".join)
def test_branches_get_pytorchs_gradients_whichever_is_frozen_and_called_first(order):
    x, dy = np.random.default_rng(0).standard_normal((2, 7, 3))
    for frozen in product([True, False], repeat=4):
        ours, theirs = Residual(*order), TwinResidual(*order)
        theirs.load_state_dict({name: torch.from_numpy(array) for name, array in ours.state_dict().items()})
        if all(frozen):
            continue
        for name, still in zip(("stem", "main", "shortcut", "head"), frozen, strict=True):
            getattr(ours, name).requires_grad_(not still)
            getattr(theirs, name).requires_grad_(not still)
        found = gradients(ours, x, dy)
        theirs(torch.from_numpy(x)).backward(torch.from_numpy(dy))
        for name, parameter in theirs.named_parameters():
            assert (found[name] is None) is (parameter.grad is None)
            if parameter.grad is not None:
                agree(name, found[name], parameter.grad.numpy(), np.full(parameter.shape, 100.0), 64)


class Shifted(nn.Module):
    """A network with a parameter of its own, behind which a frozen layer stands."""

    def __init__(self) -> None:
        super().__init__()
        self.shift, self.fc = nn.Parameter(np.zeros(FEATURES)), nn.Linear(FEATURES, CLASSES, dtype=np.float64)

    def forward(self, x: np.ndarray) -> Any:
        return self.fc(x + self.shift.data)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx: np.ndarray = self.fc.backward(dy)
        self.shift.accumulate(dx.sum(axis=0))
        return dx


def test_the_parameter_of_a_network_itself_gets_its_gradient_through_frozen_layers():
    model = Shifted()
    model.fc.freeze()
    x, dy = sample()
    np.testing.assert_array_equal(gradients(model, x, dy)["shift"], (dy @ model.fc.weight.data).sum(axis=0))


def test_a_backward_that_reaches_nothing_says_so():
    model = recorded().freeze()
    x, dy = sample()
    forward(model, x)
    with pytest.raises(RuntimeError, match=r"^Recorded\.backward: nothing learns, as no parameter .* unfreeze"):
        model.backward(dy)
    assert gradients(model, x, dy, input_grad=True)["x"].shape == x.shape  # asked for, it is there
    model[6].unfreeze()
    assert gradients(model, x, dy)["6.bias"] is not None


def test_each_pass_counts_for_itself_and_the_one_around_goes_on():
    model, other = recorded(), recorded()
    model[0].freeze()
    x, dy = sample()
    with nn.no_input_grad():
        gradients(other, x, dy)  # other learns, in a pass of its own
        model(x)
    assert model.backward(dy) is None
    assert model[0].calls == []
    assert gradients(model, x, dy, input_grad=True)["x"] is not None


@pytest.mark.parametrize("kind", [recorded, Shifted])
def test_what_ran_under_no_grad_has_not_learnt(kind):
    """As in PyTorch, where its output requires no gradient."""
    features, head = kind(), Recorded(CLASSES, CLASSES)
    x, dy = sample()
    with nn.no_input_grad():
        with nn.no_grad():
            y = features(x)
        head(y)
    assert head.backward(dy) is None
    assert head.calls == [{"x"}]


def test_a_forward_under_no_grad_keeps_nothing():
    model = recorded()
    x, dy = sample()
    model(x)
    with nn.no_grad():
        model(x)
    with pytest.raises(RuntimeError, match=r"^Recorded\.backward: call the layer first; .* one under no_grad allows"):
        model.backward(dy)
    model(x)
    training.predict(model, x)
    with pytest.raises(RuntimeError, match="call the layer first"):
        model.backward(dy)
