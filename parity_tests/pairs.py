"""A network by hand beside its twin: trained step by step, and what their scores may be apart by."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import torch

import numpy_nn as nn
from numpy_nn import backend, data, optim, training
from parity_tests.bounds import Worst, unit, within
from parity_tests.lockstep import FLOAT64_BOUND, difference

RULES: dict[str, dict[str, Any]] = {
    "SGD": {"momentum": 0.9, "weight_decay": 1e-4},
    "Adam": {"amsgrad": True},
    "AdamW": {},
}
"""Options of optimizers, so that every buffer there is takes part."""


def seeded(seed: int, make: Any, twin: Any, *options: Any, dtype: str = "float64", **named: Any) -> tuple[Any, Any]:
    """The network and its twin, each made from its own seed; nothing is copied across."""
    nn.manual_seed(seed)
    ours = make(*options, **named, dtype=dtype)
    torch.manual_seed(seed)
    return ours, twin(*options, **named, dtype=getattr(torch, dtype))


def images(count: int, side: int, channels: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Digits of a side that 8 divides, or 28, with a little noise so that no two neighbours are equal; and classes."""
    x, target = data.digits(np.float64)
    x, target = x[:count].reshape(-1, 1, 8, 8), target[:count]
    scale, margin = divmod(side, 8)
    x = np.pad(np.kron(x, np.ones((1, channels, scale, scale))), 2 * [(0, 0)] + 2 * [(margin // 2, margin // 2)])
    return x + 0.05 * np.random.default_rng(0).standard_normal(x.shape), target


def check_training(
    ours: Any, theirs: Any, samples: tuple[np.ndarray, np.ndarray], rule: str, lr: float, steps: int
) -> list[float]:
    """So many steps of both, 20 samples each: loss, gradients, parameters and buffers are compared at every step.

    samples: x and target.  Returns the losses.
    """
    x, target = samples
    optimizer = getattr(optim, rule)(ours.parameters(), lr=lr, **RULES[rule])
    twin = getattr(torch.optim, rule)(theirs.parameters(), lr=lr, **RULES[rule])
    criterion, their_criterion = nn.CrossEntropyLoss(), torch.nn.CrossEntropyLoss()
    order = np.random.default_rng(1)
    losses = []
    for step in range(1, steps + 1):
        chosen = order.permutation(len(x))[:20]
        optimizer.zero_grad()
        loss = criterion(ours(x[chosen]), target[chosen])
        dx = ours.backward(criterion.backward())
        twin.zero_grad()
        leaf = torch.from_numpy(x[chosen]).requires_grad_()
        expected = their_criterion(theirs(leaf), torch.from_numpy(target[chosen]))
        expected.backward()
        _close(f"loss at step {step}", loss, expected)
        _close(f"gradient of x at step {step}", dx, leaf.grad)
        for (name, parameter), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
            _close(f"gradient of {name} at step {step}", parameter.grad, other.grad)
        optimizer.step()
        twin.step()
        assert difference(ours.state_dict(), theirs.state_dict()) <= FLOAT64_BOUND, f"weights at step {step}"
        state, their_state = optimizer.state_dict()["state"], twin.state_dict()["state"]
        assert state.keys() == their_state.keys()
        for number in state:
            assert state[number].keys() == their_state[number].keys()
            for name, value in state[number].items():
                _close(f"{name} of parameter {number} at step {step}", value, their_state[number][name])
        losses.append(float(loss))
    return losses


def check_elsewhere(make: Any, samples: tuple[np.ndarray, np.ndarray], **options: Any) -> None:
    """Three steps on arrays that nothing converts by itself, as on a GPU, end where they end on the CPU.

    Not at the same bits: how an array lies in memory decides in which order its sums are taken.
    """
    ended = []
    for device in ("cpu", "strict"):
        nn.manual_seed(2)
        model = make(**options, device=device, dtype=np.float64)
        optimizer = optim.Adam(model.parameters())
        x, target = (backend.to_device(array, device) for array in samples)
        with nn.use_kernels("textbook"):  # the fast ones are the CPU's alone
            losses = [training.train_step(model, x, target, optimizer, nn.CrossEntropyLoss()) for _ in range(3)]
            scores = training.scores(model, x)
        assert {backend.device_of(array) for array in (scores, *model.state_dict().values())} == {device}
        ended.append([*losses, *map(backend.to_host, (scores, *model.state_dict().values()))])
    for number, (one, other) in enumerate(zip(*ended, strict=True)):
        _close(f"result {number}", one, other)


def _close(what: str, ours: Any, theirs: Any) -> None:
    """Within FLOAT64_BOUND of the largest number, where that is above 1."""
    array = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else np.asarray(theirs)
    apart = np.abs(np.asarray(ours) - array).max()
    assert apart <= FLOAT64_BOUND * max(1.0, np.abs(array).max()), f"{what}: {apart:.3g} apart"


def check_scores(what: str, ours: np.ndarray, twin: Any, x: np.ndarray) -> Worst:
    """Scores of the network by hand are its twin's, both in evaluation mode, within a bound that the twin gives.

    float64: 4 E + c u S, E what one rounding of every weight makes of the twin's scores, each up or down by chance.
    float32: max(4 E, c u S), E what the twin itself is off by from float64.  S: the largest score; c: 64.
    """
    twin.eval()
    with torch.no_grad():
        theirs = twin(torch.from_numpy(x)).numpy()
        if x.dtype == np.float32:
            exact = deepcopy(twin).double()(torch.from_numpy(x).double()).numpy()
            reference, other = exact, theirs
        else:
            disturbed = deepcopy(twin)
            for parameter in disturbed.parameters():
                direction = np.random.default_rng(0).choice([-np.inf, np.inf], tuple(parameter.shape))
                parameter.copy_(torch.from_numpy(np.nextafter(parameter.numpy(), direction)))
            reference, other = theirs, disturbed(torch.from_numpy(x)).numpy()
    assert ours.dtype == theirs.dtype
    S = float(np.abs(reference).max())
    E = float(np.abs(other - reference).max())
    return within(what, ours, reference, np.asarray(max(4 * E, 64 * unit(x.dtype) * S)))
