"""Which of two implementations of a formula runs: the one to read, or the one written for speed."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from importlib import import_module
from typing import Any, TypeVar

import numpy as np

from numpy_nn.backend import Array, DTypeLike, device_module, is_array
from numpy_nn.functional import checks
from numpy_nn.functional.watching import Ran, watching
from numpy_nn.kernels.cpu import FAST
from numpy_nn.kernels.cpu.optimizers import fits

SETS = ("textbook", "fast")

Formula = TypeVar("Formula", bound=Callable[..., Any])

_set: ContextVar[str] = ContextVar("kernels", default="fast")


class use_kernels:
    """Layers compute with "fast" kernels, the default, or with the "textbook" formulas of numpy_nn.functional.

        nn.use_kernels("textbook")                 from here on
        with nn.use_kernels("textbook"): …         for the length of the block
        with nn.use_kernels("fast") as ran: …      and then print(ran): what ran in the block, and how often

    It holds for this thread, or this task. Where a fast kernel cannot do what is asked, or would gain nothing by it,
    the textbook formula runs. Raises ValueError for another name.
    """

    def __init__(self, name: str) -> None:
        checks.option("name", name, *SETS)
        self._before = _set.get()
        _set.set(name)

    def __enter__(self) -> Ran:
        ran = Ran()
        self._watching = watching.set(ran)
        return ran

    def __exit__(self, *error: object) -> None:
        watching.reset(self._watching)
        _set.set(self._before)


def in_use() -> str:
    """The name of the set in use."""
    return _set.get()


def chosen(formula: Formula) -> Formula:
    """The kernel of a formula in the set in use: the formula itself where that set has none of its own."""
    return _fast.get(formula, formula) if in_use() == "fast" else formula  # type: ignore[return-value]


def _run(formula: Callable[..., Any], kernel: Callable[..., Any], least: int, x: Any, *args: Any, **kwargs: Any) -> Any:
    """The kernel on an array of at least so many values, the formula on others; on a GPU, the kernel for it."""
    if type(x) is np.ndarray:
        return (kernel if x.size >= least else formula)(x, *args, **kwargs)
    return (_cuda().FAST.get(formula, formula) if is_array(x) else formula)(x, *args, **kwargs)


def _cuda() -> Any:
    """The kernels for a GPU, which nobody waits for who has none."""
    return import_module("numpy_nn.kernels.cuda")


def chosen_rule(
    rule: Callable[..., None] | None, parameter: Array, gradient: Array, state: dict[str, Any]
) -> Callable[..., None] | None:
    """The kernel of an optimizer's rule for these arrays, by the one for the CPU: None where its `update` is to run."""
    if rule is None or in_use() != "fast":
        return None
    if type(parameter) is np.ndarray:
        return rule if fits(parameter, gradient) else None
    return _cuda().RULES.get(rule) if _cuda().fits(parameter, gradient, state) else None


_fast = {formula: partial(_run, formula, kernel, least) for formula, (kernel, least) in FAST.items()}


def empty_weight(shape: tuple[int, ...], device: str, dtype: DTypeLike) -> Array:
    """Room for the weight of a layer, (O, I) or of a convolution (O, C, *kernel), lying in memory as products want it.

    On the CPU that is (I, O), or (*kernel, C, O): what one place of the kernel does is a matrix, and x Wᵀ a product of
    two matrices in C order.
    """
    xp = device_module(device)
    if device != "cpu":
        return xp.empty(shape, dtype=dtype)
    axes = range(len(shape))
    order = (*axes[2:], 1, 0)
    return xp.empty([shape[axis] for axis in order], dtype=dtype).transpose([order.index(axis) for axis in axes])
