"""The rules of optimizers in place, in blocks that stay in the cache: a parameter and its state are walked over once.

Each pass over a block is one operation of NumPy, which writes to where its result belongs, or to scratch. The state is
PyTorch's, array for array.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import sqrt
from typing import Any

import numpy as np

from numpy_nn.backend import Array, memory_order
from numpy_nn.kernels.cpu.memory import empty_like

LEAST = 1 << 11
"""Below so many values the readable rules cost no more."""

BLOCK = 3 << 14
"""How many values of each array are worked on at a time."""

WHOLE = 1 << 17
"""Arrays of up to so many values are not cut into blocks, which would cost more than it gains."""


def fits(parameter: Array, gradient: Array) -> bool:
    """Whether the rules here can be used and pay: on large arrays of NumPy itself, which can be changed in place."""
    return type(parameter) is type(gradient) is np.ndarray and parameter.size >= LEAST


def sgd(parameter: Array, gradient: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
    """optim.SGD's update, in one walk over parameter, gradient and velocity.

    g ← g + λ p;   b ← g at first, then μ b + (1 − d) g;   p ← p − lr b, or p − lr g − lr μ b (nesterov)

    parameter, gradient: NumPy arrays of one shape, each lying in memory in any order. state, group: as in optim.SGD;
    state and parameter are changed in place. Returns nothing. Raises KeyError for a group without SGD's options.
    torch.optim.SGD.
    """
    lr, momentum, decay, fresh = group["lr"], group["momentum"], group["weight_decay"], 1 - group["dampening"]
    nesterov, first = group["nesterov"], "momentum_buffer" not in state
    if momentum != 0 and first:
        state["momentum_buffer"] = empty_like(parameter)
    step = lr * momentum if nesterov else lr
    for t, p, g, b in _blocks(parameter, gradient, gradient if momentum == 0 else state["momentum_buffer"]):
        if decay != 0:
            g = np.add(g, np.multiply(p, decay, t), t)
        if momentum == 0:
            b = g
        elif first:
            np.copyto(b, g)
        else:
            b *= momentum
            b += g if fresh == 1 else np.multiply(g, fresh, t)
        if nesterov:
            p -= np.multiply(g, lr, t)
        p -= np.multiply(b, step, t)


def adam(parameter: Array, gradient: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
    """optim.Adam's update, in one walk over parameter, gradient and both running means.

    m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²
    p ← p − s m / (√v + e)   with s = lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) and e = eps √(1 − β₂ᵗ)

    which is Adam's quotient with √(1 − β₂ᵗ) above and below: both corrections are in two numbers.
    parameter, gradient: NumPy arrays of one shape, each lying in memory in any order. state, group: as in optim.Adam;
    state and parameter are changed in place. Returns nothing. Raises KeyError for a group without Adam's options.
    Kingma & Ba 2015, end of section 2; torch.optim.Adam.
    """
    (beta1, beta2), lr, decay, amsgrad = group["betas"], group["lr"], group["weight_decay"], group["amsgrad"]
    if not state:
        state["step"] = 0
        for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if amsgrad else 2]:
            state[name] = empty_like(parameter)
            state[name].fill(0)
    state["step"] += 1
    root = sqrt(1 - beta2 ** state["step"])
    step, eps = lr * root / (1 - beta1 ** state["step"]), group["eps"] * root
    coupled, shrunk = (0, 1 - lr * decay) if group["decoupled_weight_decay"] else (decay, 1)
    means = state["exp_avg"], state["exp_avg_sq"], state["max_exp_avg_sq" if amsgrad else "exp_avg_sq"]
    for t, p, g, m, v, largest in _blocks(parameter, gradient, *means):
        if shrunk != 1:
            p *= shrunk
        if coupled != 0:
            g = g + coupled * p
        m *= beta1
        m += np.multiply(g, 1 - beta1, t)
        v *= beta2
        v += np.multiply(np.multiply(g, 1 - beta2, t), g, t)
        if amsgrad:
            np.maximum(largest, v, out=largest)
        np.sqrt(largest, t)
        t += eps
        np.divide(m, t, t)
        t *= step
        p -= t


def _blocks(*arrays: Array) -> Iterable[tuple[Array, ...]]:
    """Scratch, and the same part of each of several arrays of one shape, block after block.

    Arrays that do not lie in memory alike, each in one piece, are one block, however large.
    """
    first = arrays[0]
    if first.size > WHOLE:
        order = memory_order(first)
        lying = [array.transpose(order) for array in arrays]
        if all(array.flags.c_contiguous for array in lying):
            return _cut([array.reshape(-1) for array in lying])
    return [(np.empty_like(first), *arrays)]


def _cut(vectors: list[Array]) -> Iterator[tuple[Array, ...]]:
    """Scratch and the same part of each of several vectors (n,), block after block."""
    n, scratch = len(vectors[0]), np.empty(BLOCK, vectors[0].dtype)
    for begin in range(0, n, BLOCK):
        yield scratch[: n - begin], *[vector[begin : begin + BLOCK] for vector in vectors]
