"""Padding: an array made larger on every side, by a number or by its own values."""

from __future__ import annotations

from collections.abc import Sequence

from numpy_nn.backend import Array, array_module, scatter_add
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.windows import Margins

OWN = {
    "reflect": lambda i, n: n - 1 - abs(n - 1 - abs(i)),
    "replicate": lambda i, n: min(max(i, 0), n - 1),
    "circular": lambda i, n: i % n,
}
"""Which of n values stands at place i, by mode."""


@formula
def pad(x: Array, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> tuple[Array, Pullback]:
    """An array with more round it: along its last axis, then along the one before it, and so on.

    y[i] = x[s(i − before)] along each axis, of length n;   dx[j] = Σ dy[i] over all i that have x[j]
    s(i) = i for "constant", with value (None: 0) outside x;   min(max(i, 0), n − 1) for "replicate";   i mod n for
    "circular";   |i|, and n − 1 − |n − 1 − i| at the end, for "reflect", which does not repeat what is at the border

    x: any shape, floating.  pad: how much before and after the last axis, then the one before it, …; below 0 as much is
    cut off, in mode "constant" only.  The other modes take one to three axes, with one or two before them; reflect
    less than n on a side, circular at most n.
    Returns y and backward(dy) -> dx, like x.
    Raises ValueError where pad does not fit x or mode is none, TypeError for other types.
    torch.nn.functional.pad. Not taken over: numbers below 0 in the other modes.
    """
    xp = checks.floating(x=x)
    margins = _margins(x, pad)
    checks.option("mode", mode, "constant", *OWN)
    if mode == "constant":
        return _with_constant(x, margins, 0.0 if value is None else checks.number("value", value))
    _check_own(x, pad, margins, mode, value)
    padded = [axis for axis, margin in enumerate(margins) if any(margin)]
    sources = {axis: xp.asarray(_source(x.shape[axis], *margins[axis], mode)) for axis in padded}
    y = x.copy()
    for axis, source in sources.items():
        y = y.take(source, axis=axis)

    def backward(dy: Array) -> Array:
        for axis, source in sources.items():
            stacked = dy.swapaxes(0, axis)
            dx = xp.zeros((x.shape[axis], *stacked.shape[1:]), dtype=dy.dtype)
            scatter_add(dx, source, stacked)
            dy = dx.swapaxes(0, axis)
        return dy

    return y, backward


def _with_constant(x: Array, margins: Margins, value: float) -> tuple[Array, Pullback]:
    """x with a number round it, and without what margins below 0 cut off."""
    xp = array_module(x)
    axes = list(zip(x.shape, margins, strict=True))
    kept = tuple(slice(max(-before, 0), n + min(after, 0)) for n, (before, after) in axes)
    inside = tuple(slice(max(before, 0), before + n) for n, (before, _) in axes)
    y = xp.full(tuple(n + before + after for n, (before, after) in axes), value, dtype=x.dtype)
    y[inside] = x[kept]

    def backward(dy: Array) -> Array:
        dx = xp.zeros(x.shape, dtype=dy.dtype)
        dx[kept] = dy[inside]
        return dx

    return y, backward


def _source(n: int, before: int, after: int, mode: str) -> list[int]:
    """Which of n values stands at each place of the padded axis."""
    return [OWN[mode](i, n) for i in range(-before, n + after)]


def _margins(x: Array, pad: Sequence[int]) -> Margins:
    """How much stands before and after each axis of x, the first one first; below 0 what is cut off."""
    if not isinstance(pad, tuple | list):
        raise TypeError(f"pad: expected a sequence of integers, got {type(pad).__name__}")
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise ValueError(f"pad: expected two integers for each of at most {x.ndim} axes, got {pad}")
    numbers = [checks.integer("pad", one) for one in pad]
    margins = [(0, 0)] * (x.ndim - len(pad) // 2) + list(zip(numbers[-2::-2], numbers[::-2], strict=True))
    if any(n + min(before, 0) + min(after, 0) < 0 for n, (before, after) in zip(x.shape, margins, strict=True)):
        raise ValueError(f"pad: expected no more cut off than there is, got {pad} for x {x.shape}")
    return tuple(margins)


def _check_own(x: Array, pad: Sequence[int], margins: Margins, mode: str, value: float | None) -> None:
    """Raise ValueError unless an array can be padded by its own values."""
    axes = len(pad) // 2
    if value is not None:
        raise ValueError(f'value: expected None unless mode is "constant", got {value} for {mode!r}')
    if axes not in (1, 2, 3) or x.ndim not in (axes + 1, axes + 2):
        raise ValueError(f"pad: expected one to three axes, with one or two before them, got {pad} for x {x.shape}")
    if 0 in x.shape[-axes - 1 :]:
        raise ValueError(f"x: expected values to put round it, got {x.shape}")
    for n, margin in zip(x.shape[-axes:], margins[-axes:], strict=True):
        most = {"reflect": n - 1, "replicate": max(margin), "circular": n}[mode]
        if not 0 <= min(margin) <= max(margin) <= most:
            raise ValueError(f"pad: expected 0 to {most} on each side of {n} values for {mode!r}, got {margin}")
