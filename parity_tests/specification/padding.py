"""The row of pad."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case, tensor
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, scales, seeds, values
from torch_nn.twins import TWINS


@st.composite
def pad_cases(draw: st.DrawFn) -> Case:
    """All modes, as far as each can go; a number before and after any of the axes, or less than none."""
    dtype, seed = draw(dtypes), draw(seeds)
    random = np.random.default_rng(seed)
    mode = draw(st.sampled_from(["", "constant", "reflect", "replicate", "circular"]))
    kwargs: dict[str, Any] = {"mode": mode} if mode else {}
    if mode in ("", "constant"):
        shape = tuple(map(int, random.integers(1, 4, random.integers(1, 5))))
        axes = int(random.integers(len(shape) + 1))
        low, high = [-(n // 2) for n in shape], [3] * len(shape)
        if random.random() < 0.5:
            kwargs["value"] = float(random.choice([0.0, -2.5, 1.0]))
    else:
        axes = int(random.integers(1, 4))
        shape = (*map(int, random.integers(1, 3, random.integers(1, 3))), *map(int, random.integers(1, 4, axes)))
        low, high = [0] * len(shape), [{"reflect": n - 1, "replicate": 3, "circular": n}[mode] for n in shape]
        if len(shape) == axes + 2 and random.random() < 0.2:
            shape = (0, *shape[1:])
    sides = ((axis, side) for axis in range(len(shape) - 1, len(shape) - 1 - axes, -1) for side in range(2))
    kwargs["pad"] = tuple(int(random.integers(low[axis], high[axis], endpoint=True)) for axis, _ in sides)
    special = awkward(dtype) if draw(st.booleans()) else ()
    x = laid_out(values(seed, shape, dtype, draw(scales), special), draw(layouts))
    return Case((x,), kwargs, seed=seed, dy_scale=draw(dy_scales))


def pad_scale(case: Case, dy: np.ndarray) -> Scale:
    """Values are copied; gradients are sums of what one value was copied to."""
    x = tensor(case.args[0]).requires_grad_()
    y = TWINS["functional.pad"](x, **case.kwargs)
    (gradient,) = torch.autograd.grad(y, x, tensor(np.abs(dy)))
    return Scale(np.zeros(()), (gradient.numpy(),), dy.size)


ROWS = [
    Row(
        "functional.pad",
        pad_cases(),
        pad_scale,
        lambda: Case((values(0, (32, 64, 28, 28), np.float32),), {"pad": (1, 1, 1, 1), "mode": "reflect"}),
    )
]
