"""Picking out elements: x[index]."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from numpy_nn.backend import Array, array_module, device_of, is_array, item, scatter_add
from numpy_nn.functional import checks
from numpy_nn.functional.broadcasting import broadcast_shape
from numpy_nn.functional.formula import Pullback, formula


@formula
def getitem(x: Array, index: Any) -> tuple[Array, Pullback]:
    """The elements at an index.

    y_j = x_p(j), where p(j) is the place in x that y_j was taken from;   dx_i = Σ dy_j over all j with p(j) = i

    x: any shape, floating.  index: an integer, a slice, None, Ellipsis, an array of int64, int32 or bool, or a tuple of
    them, one for each dimension.  A list is an array, and one alone has integers only.  Integers and slices come first,
    then arrays together, which broadcast.
    Returns y and backward(dy) -> dx, like x; an element picked several times gets the gradients of all.
    Raises IndexError for an index out of range or too many, TypeError for other kinds, ValueError for a slice that runs
    backwards.
    torch.Tensor.__getitem__, which puts x[0, :, i] in another order than NumPy, and like which no slice runs backwards.
    """
    xp = checks.floating(x=x)
    if isinstance(index, list) and not all(isinstance(part, Integral) for part in index):
        raise TypeError(f"index: expected a tuple of parts, or a list of integers, got {index}")
    basic, advanced = _steps(x, index if isinstance(index, tuple) else (index,))

    def pick(array: Array) -> Array:
        picked = array[basic]
        return picked[advanced] if advanced else picked

    def backward(dy: Array) -> Array:
        places = pick(xp.arange(x.size).reshape(x.shape))  # where in x each element of y comes from
        dx = xp.zeros(x.size, dtype=dy.dtype)
        scatter_add(dx, places.reshape(-1), dy.reshape(-1))
        return dx.reshape(x.shape)

    return pick(x), backward


def _steps(x: Array, parts: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """An index as two, one after the other: integers, slices and new dimensions first, then all arrays at once."""
    parts = tuple(_read(x, part) for part in parts)
    basic: list[Any] = []
    advanced: list[Any] = []
    axis = 0
    for part in _without_ellipsis(parts, x.ndim):
        if isinstance(part, int):
            if not -x.shape[axis] <= part < x.shape[axis]:
                raise IndexError(f"index: expected one in [{-x.shape[axis]}, {x.shape[axis]}), got {part}")
            basic.append(part)
        elif part is None or isinstance(part, slice):
            basic.append(part)
            advanced.append(slice(None))
        else:
            arrays = _places(part, x.shape[axis : axis + _taken(part)])
            basic += [slice(None)] * len(arrays)
            advanced += arrays
        axis += _taken(part)
    arrays = [part for part in advanced if is_array(part)]
    for array in arrays:
        broadcast_shape("index", arrays[0].shape, array.shape)
    return tuple(basic), tuple(advanced) if arrays else ()


def _read(x: Array, part: Any) -> Any:
    """One part of an index, once it is known to be of a kind that is taken; a list as an array, a 0-d array as an int.

    Raises TypeError for other kinds, ValueError for another device and for a slice that runs backwards.
    """
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        if part.step is not None and checks.integer("index step", part.step) < 1:
            raise ValueError(f"index step: expected at least 1, got {part.step}")
        return part
    if isinstance(part, list):
        part = array_module(x).asarray(part, dtype=None if part else "int64")
    if not is_array(part):
        return checks.integer("index", part)
    checks.indices("index", part, "int64", "int32", "bool")
    if device_of(part) != device_of(x):
        raise ValueError(f"index: expected an array on {device_of(x)} like x, got one on {device_of(part)}")
    return checks.integer("index", item(part)) if part.ndim == 0 else part


def _taken(part: Any) -> int:
    """How many dimensions of x a part of an index is for."""
    if part is None or part is Ellipsis:
        return 0
    return part.ndim if is_array(part) and part.dtype.kind == "b" else 1


def _without_ellipsis(parts: tuple[Any, ...], ndim: int) -> list[Any]:
    """The parts with a slice for every dimension that the Ellipsis, or nothing, stands for."""
    missing = ndim - sum(map(_taken, parts))
    places = [place for place, part in enumerate(parts) if part is Ellipsis] or [len(parts)]
    if missing < 0 or len(places) > 1:
        raise IndexError(f"index: expected at most {ndim} dimensions and one Ellipsis, got {len(parts)} parts")
    return [*parts[: places[0]], *[slice(None)] * missing, *parts[places[0] + 1 :]]


def _places(part: Array, shape: tuple[int, ...]) -> list[Array]:
    """An array of indices, counted from the start; for a mask, the indices where it holds, one array a dimension."""
    xp = array_module(part)
    if part.dtype.kind == "b":
        checks.shape("index", part, shape, "a mask like the dimensions it is for")
        return list(xp.nonzero(part))  # waits for the device, which has to count
    checks.in_range("index", part, shape[0], low=-shape[0])
    return [xp.where(part < 0, part + shape[0], part)]
