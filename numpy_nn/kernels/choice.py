"""Which of two implementations of a formula runs: the one to read, or the one written for speed."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from functools import cache, partial
from importlib import import_module
from typing import Any, TypeVar

import numpy as np

from numpy_nn.backend import Array, DTypeLike, device_module, is_array
from numpy_nn.functional import checks
from numpy_nn.functional.watching import Ran, note, watching
from numpy_nn.kernels.sizes import LEAST
from numpy_nn.parameter import Parameter

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
        self._name, self._before = name, [_set.get()]
        self._watching: list[Token[Ran | None]] = []
        _set.set(name)

    def __enter__(self) -> Ran:
        if len(self._before) == len(self._watching):  # not for the first time
            self._before.append(_set.get())
            _set.set(self._name)
        ran = Ran()
        self._watching.append(watching.set(ran))
        return ran

    def __exit__(self, *error: object) -> None:
        watching.reset(self._watching.pop())
        _set.set(self._before.pop())


def in_use() -> str:
    """The name of the set in use."""
    return _set.get()


def chosen(formula: Formula) -> Formula:
    """The kernel of a formula in the set in use: the formula itself where that set has none of its own."""
    return (_fast.get(formula) or _found(formula)) if _set.get() == "fast" else formula  # type: ignore[return-value]


_fast: dict[Callable[..., Any], Callable[..., Any]] = {}
"""What runs for each formula that has a kernel and was asked for."""


def _found(formula: Callable[..., Any]) -> Callable[..., Any]:
    """What runs for a formula that is asked for the first time; itself where it has no kernel."""
    name = getattr(formula, "__name__", None)
    if name not in LEAST or not formula.__module__.startswith("numpy_nn.functional."):
        return formula
    return _fast.setdefault(formula, partial(_wait, formula, LEAST[name]))


def _wait(formula: Callable[..., Any], least: int, x: Any, *args: Any, **kwargs: Any) -> Any:
    """The formula as long as arrays are small: nobody waits for the import of kernels who has no use for them."""
    if type(x) is np.ndarray and x.size < least:
        return formula(x, *args, **kwargs)
    _fast[formula] = partial(_run, formula, _cpu().FAST[formula], least)
    return _fast[formula](x, *args, **kwargs)


def _run(formula: Callable[..., Any], kernel: Callable[..., Any], least: int, x: Any, *args: Any, **kwargs: Any) -> Any:
    """The kernel on an array of at least so many values, the formula on others; on a GPU, the kernel for it."""
    if type(x) is np.ndarray:
        return (kernel if x.size >= least else formula)(x, *args, **kwargs)
    return (_cuda().FAST.get(formula, formula) if is_array(x) else formula)(x, *args, **kwargs)


@cache
def _cpu() -> Any:
    """The kernels for a CPU."""
    return import_module("numpy_nn.kernels.cpu")


def _cuda() -> Any:
    """The kernels for a GPU, which nobody waits for who has none."""
    return import_module("numpy_nn.kernels.cuda")


def chosen_on_gpu(formula: Formula, x: Array) -> Formula:
    """The same of a formula that has a kernel on a GPU alone: the formula itself unless x is there."""
    if type(x) is np.ndarray or _set.get() != "fast":
        return formula
    return _cuda().FAST.get(formula, formula)


Given = list[tuple[Parameter, Array, dict[str, Any]]]
"""Parameters, each with its gradient and its state in an optimizer."""


def stepped(rule: Callable[..., None] | None, given: Given, group: dict[str, Any]) -> Given:
    """Let kernels take an optimizer's step where they can. Returns what is left for its readable `update`.

    rule: the kernel for a CPU, None where there is none; that for a GPU, which takes all at once, is found by it.
    """
    if rule is None or _set.get() != "fast":
        return given
    fits, left, on_gpu = _cpu().optimizers.fits, [], []
    for parameter, gradient, state in given:
        if type(parameter.data) is not np.ndarray and _fits_gpu(rule, parameter.data, gradient, state):
            on_gpu.append((parameter.data, gradient, state))
        elif fits(parameter.data, gradient):
            note(rule)
            rule(parameter.data, gradient, state, group)
        else:
            left.append((parameter, gradient, state))
    if on_gpu:
        rule = _cuda().RULES[rule]
        note(rule)
        rule(on_gpu, group)
    return left


def _fits_gpu(rule: Callable[..., None], parameter: Array, gradient: Array, state: dict[str, Any]) -> bool:
    """Whether there is a kernel for a GPU of this rule and these arrays."""
    return rule in _cuda().RULES and _cuda().fits(parameter, gradient, state)


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
