"""The rules of optimizers in one launch for all parameters of a group: each is walked over once, with its state.

A small network has more launches than arithmetic. Where everything lies is written in a table, which the launch takes
along; it is written anew for each step, as gradients lie elsewhere every time. A captured step has the same table in
each replay; what is another number then is read from an array, which is written before.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from struct import pack
from typing import Any

import numpy as np

from numpy_nn.backend import Array, array_module, device_of, memory_order, to_device
from numpy_nn.capturing import recording
from numpy_nn.kernels.cuda.launch import launch, plain

CHUNK = 1024
"""How many values a block of threads has, at most."""

CELLS = 480
"""How many numbers of 8 bytes a table has: the arguments of a launch have 4096 bytes. Adam has nine for a parameter."""

Given = list[tuple[Array, Array, dict[str, Any]]]
"""Some parameters, each with its gradient and its state."""

Row = tuple[tuple[Array, ...], tuple[float, ...]]
"""What a rule works on for one of them: parameter, gradient and state; and the numbers that are its own."""


def fits(parameter: Array, gradient: Array, state: dict[str, Any]) -> bool:
    """Whether the rules here can be used: CuPy arrays of one dtype, the parameter and its state in one piece each.

    The pieces are in one order; the gradient lies in memory as it will.
    """
    buffers = [array for name, array in state.items() if name != "step"]
    order = memory_order(parameter)
    return plain(parameter, gradient, *buffers) and all(
        array.transpose(*order).flags.c_contiguous for array in (parameter, *buffers)
    )


def sgd(given: Given, group: dict[str, Any]) -> None:
    """optim.SGD's update, of all at once.

    g ← g + λ p;   b ← g at first, then μ b + (1 − d) g;   p ← p − lr (g + μ b) (nesterov), or p − lr b

    given: parameters, gradients and states, each of which fits; no two parameters share memory. group: as in optim.SGD;
    states and parameters are changed in place. Returns nothing. Raises KeyError for a group without SGD's options.
    torch.optim.SGD; torch's multi_tensor_apply.
    """
    momentum, rows = float(group["momentum"]), list[Row]()
    for parameter, gradient, state in given:
        first = "momentum_buffer" not in state
        if momentum != 0 and first:
            state["momentum_buffer"] = array_module(parameter).empty_like(parameter)
        velocity = parameter if momentum == 0 else state["momentum_buffer"]
        rows.append(((parameter, _lying_like(parameter, gradient), velocity), (float(first),)))
    numbers = float(group["lr"]), momentum, float(1 - group["dampening"]), float(group["weight_decay"])
    _launch("sgd", rows, *numbers, int(group["nesterov"]))


def adam(given: Given, group: dict[str, Any]) -> None:
    """optim.Adam's update, and AdamW's, of all at once.

    m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²;   p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps)

    given: parameters, gradients and states, each of which fits; no two parameters share memory, and each counts its
    own steps. group: as in optim.Adam; states and parameters are changed in place. Returns nothing. Raises KeyError for
    a group without Adam's options.
    Kingma & Ba 2015, algorithm 1; torch.optim.Adam; torch's multi_tensor_apply.
    """
    (beta1, beta2), lr, decay, amsgrad = group["betas"], group["lr"], group["weight_decay"], group["amsgrad"]
    places, rows = list[tuple[Array, ...]](), list[Row]()
    for parameter, gradient, state in given:
        if not state:
            state["step"] = 0
            for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if amsgrad else 2]:
                state[name] = array_module(parameter).zeros_like(parameter)
        means = state["exp_avg"], state["exp_avg_sq"], state["max_exp_avg_sq" if amsgrad else "exp_avg_sq"]
        places.append((parameter, _lying_like(parameter, gradient), *means))
    states = [state for *_, state in given]
    if (captured := recording()) is None:
        rows += [(arrays, _counted(state, group)) for arrays, state in zip(places, states, strict=True)]
    else:
        empty, dtypes = array_module(given[0][0]).empty, {parameter.dtype for parameter, *_ in given}
        told = {dtype: empty((len(given), 2), dtype=dtype) for dtype in dtypes}
        captured.preparations.append(lambda: _tell(told.values(), states, group))
        rows += [((*arrays, told[arrays[0].dtype][k]), (0.0,)) for k, arrays in enumerate(places)]
    shrink, added = (1 - lr * decay, 0) if group["decoupled_weight_decay"] else (1, decay)
    numbers = map(float, (shrink, added, beta1, 1 - beta1, beta2, 1 - beta2, group["eps"]))
    _launch("adam", rows, *numbers, int(amsgrad), int(captured is not None))


def _counted(state: dict[str, Any], group: dict[str, Any]) -> tuple[float, float]:
    """lr / (1 − β₁ᵗ) and √(1 − β₂ᵗ) of the next step, which is counted."""
    state["step"] += 1
    beta1, beta2 = group["betas"]
    return group["lr"] / (1 - beta1 ** state["step"]), sqrt(1 - beta2 ** state["step"])


def _tell(told: Iterable[Array], states: list[dict[str, Any]], group: dict[str, Any]) -> None:
    """Count the step of each tensor, and write its numbers to told, (tensors, 2) in each dtype there is."""
    numbers = np.array([_counted(state, group) for state in states])
    for array in told:
        array[...] = to_device(numbers.astype(array.dtype), device_of(array))


def _lying_like(parameter: Array, gradient: Array) -> Array:
    """The gradient with its values in the order in which the parameter's lie in memory: as it is, or a copy."""
    if gradient.strides == parameter.strides:
        return gradient
    return array_module(gradient).ascontiguousarray(gradient.transpose(*memory_order(parameter)))


def _launch(name: str, rows: list[Row], *args: float) -> None:
    """A rule, launched for the rows of each dtype, as many as a table holds: with it, how many there are, and args."""
    for dtype in dict.fromkeys(arrays[0].dtype for arrays, _ in rows):
        alike = [row for row in rows if row[0][0].dtype == dtype]
        most = CELLS // (2 + sum(map(len, alike[0])))
        for begin in range(0, len(alike), most):
            some = alike[begin : begin + most]
            blocks, table = _table(some)
            given = table, len(some), *args
            launch(some[0][0][0], "optimizers.cu", name, blocks, *given, CHUNK=str(CHUNK), CELLS=str(CELLS))


def _table(rows: list[Row]) -> tuple[int, Array]:
    """How many blocks these rows take, and the table of them, a value of CELLS · 8 bytes: see optimizers.cu."""
    table, blocks = b"", 0
    for arrays, numbers in rows:
        size, places = arrays[0].size, [array.data.ptr for array in arrays]  # type: ignore[attr-defined]
        table += pack(f"={2 + len(places)}q", blocks, size, *places)
        table += b"".join(arrays[0].dtype.type(number).tobytes().ljust(8, b"\0") for number in numbers)
        blocks += size // CHUNK + 1
    return blocks, np.frombuffer(table.ljust(8 * CELLS, b"\0"), f"V{8 * CELLS}")
