"""The witness that a layer is its formula, with PyTorch's parameters, state_dict and repr around it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

import numpy_nn as nn
from parity_tests.bounds import Mismatch, Worst, agree
from parity_tests.case import Case, by_torch, resolve, tensor
from parity_tests.specification import FORMULAS
from parity_tests.specification.layers import LayerRow
from torch_nn.twins import TWINS

DTYPES = {np.dtype(np.float32): torch.float32, np.dtype(np.float64): torch.float64}


def pair(row: LayerRow, case: Case) -> tuple[Any, Any]:
    """The layer and its twin, constructed alike and with the case's parameters loaded."""
    options = row.options(case)
    theirs = {
        k: tensor(v) if isinstance(v, np.ndarray) else DTYPES[v] if k == "dtype" else v for k, v in options.items()
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")
        layer, twin = resolve(row.name)(**options), TWINS[row.name](**theirs)
    layer.load_state_dict(row.parameters(case), strict=False)
    twin.load_state_dict({name: tensor(array) for name, array in row.parameters(case).items()}, strict=False)
    for module in (layer, twin):
        module.train(case.kwargs.get("training", True))
    return layer, twin


def forward_and_backward(row: LayerRow, case: Case, layer: Any) -> list[np.ndarray]:
    """The layer's output, and its gradients in the formula's order; after two rounds, in which parameters' add up."""
    for _ in range(2):
        nn.manual_seed(case.seed)
        given = layer(*row.inputs(case))
        y = given[0] if isinstance(given, tuple) else given  # attention gives its weights as well
        dx = layer.backward(case.upstream(y.shape))
    inputs = [] if dx is None else list(dx) if isinstance(dx, tuple) else [dx]
    parameters = [parameter.grad / 2 for parameter in layer.parameters()]
    return [y, *parameters, *inputs] if row.parameters_first else [y, *inputs, *parameters]


def check_layer(row: LayerRow, case: Case) -> Worst:
    """Output and gradients are the formula's; keys and repr are PyTorch's; a second backward is refused."""
    worst = Worst()
    if not row.takes(case):
        return worst
    formula = FORMULAS[f"functional.{row.formula}"]
    layer, twin = pair(row, case)
    expected = by_torch(formula.name, case)
    exact = by_torch(formula.name, case.widened()) if case.dtype == np.float32 else None
    scale = formula.scale(case.widened(), case.upstream(expected.y.shape).astype(np.float64))
    results = forward_and_backward(row, case, layer)
    for number, (ours, S) in enumerate(zip(results, (scale.y, *scale.gradients), strict=True)):
        what, theirs = expected.named()[number]
        reference = None if exact is None else exact.named()[number][1]
        worst.take(agree(f"{row.name} {what}", ours, theirs, S, scale.factor, reference))
    if repr(layer) != repr(twin):
        raise Mismatch(f"{row.name} repr: {layer!r}, expected {twin!r}")
    state, their_state = layer.state_dict(), twin.state_dict()
    if list(state) != list(their_state):
        raise Mismatch(f"{row.name} state_dict: {list(state)}, expected {list(their_state)}")
    try:
        layer.backward(results[0])
    except RuntimeError:
        return worst
    raise Mismatch(f"{row.name}: a second backward was not refused")
