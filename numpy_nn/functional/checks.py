"""What the formulas ask of their arguments. Every message names the argument, what it got and what it expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from operator import index
from typing import Any

import numpy as np

from numpy_nn.backend import Array, DTypeLike, array_module, device_of, is_array, to_host
from numpy_nn.capturing import recording

FLOATING = frozenset(map(np.dtype, ("float32", "float64", "complex64", "complex128")))
"""Complex inputs are let through for the complex-step derivative; the formulas are written for real ones."""


def floating(*, optional: Mapping[str, Array | None] | None = None, **arrays: Array) -> Any:
    """The array library of the named arrays, which share one floating dtype and one device.

    optional: more of them, in which None is passed over.
    Raises TypeError for anything but arrays of float32 or float64 alike, ValueError for mixed devices.
    """
    first, x = next(iter(arrays.items()))
    kind, dtype = (type(x), x.dtype) if is_array(x) and x.dtype in FLOATING else (None, None)
    array: Any
    for name, array in (arrays if optional is None else {**arrays, **optional}).items():
        if type(array) is kind and array.dtype is dtype:
            continue  # which is nearly always all there is to ask
        if array is None and name not in arrays:
            continue
        if not is_array(array):
            raise TypeError(f"{name}: expected an array, got {type(array).__name__}")
        if array.dtype not in FLOATING:
            raise TypeError(f"{name}: expected float32 or float64, got {array.dtype}")
        if device_of(array) != device_of(x):
            raise ValueError(f"{name}: expected an array on {device_of(x)} like {first}, got one on {device_of(array)}")
        if array.dtype != x.dtype and array.dtype.kind == x.dtype.kind:
            raise TypeError(f"{name}: expected {x.dtype} like {first}, got {array.dtype}")
    return array_module(x)


def floating_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """float32 or float64 as NumPy's dtype. Raises TypeError for anything else; None, NumPy's float64, among it."""
    try:
        named = np.dtype(dtype).name
    except TypeError:
        named = repr(dtype)
    if dtype is None or named not in ("float32", "float64"):
        raise TypeError(f"dtype: expected float32 or float64, got {dtype if dtype is None else named}")
    return np.dtype(dtype)


def shape(name: str, array: Array, expected: tuple[int, ...], why: str) -> None:
    """Raise ValueError unless the array has the expected shape."""
    if array.shape != expected:
        raise ValueError(f"{name}: expected shape {expected} ({why}), got {array.shape}")


def option(name: str, value: object, *choices: object) -> None:
    """Raise ValueError unless the value is one of the choices."""
    if hasattr(value, "__array__") or value not in choices:  # an array compares element by element
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, choices))}, got {value!r}")


def number(name: str, value: float, low: float | None = None) -> float:
    """The value as a Python number, which leaves float32 arrays float32 where NumPy's own float64 would widen them.

    Raises TypeError for anything but a real number, ValueError where it is below low, or nan with a low.
    """
    if type(value) is not float and (isinstance(value, bool) or not isinstance(value, Real)):
        raise TypeError(f"{name}: expected a number, got {value!r}")
    if low is not None and not value >= low:
        raise ValueError(f"{name}: expected a number of at least {low}, got {value}")
    return float(value)


def integer(name: str, value: int, low: int | None = None) -> int:
    """The value as a Python int. Raises TypeError for anything but an integer, ValueError where it is below low."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or getattr(value, "shape", ()) != ():
        raise TypeError(f"{name}: expected an integer, got {value!r}")
    if low is not None and value < low:
        raise ValueError(f"{name}: expected at least {low}, got {value}")
    return index(value)


def sizes(name: str, value: int | Sequence[int], count: int, low: int) -> tuple[int, ...]:
    """One integer for each of count axes, from one for all of them or from a sequence of that many (or of one).

    Raises TypeError for anything but integers, ValueError for another number of them or one below low.
    """
    if not isinstance(value, tuple | list):
        return (integer(name, value, low),) * count  # type: ignore[arg-type]
    if len(value) not in (1, count):
        raise ValueError(f"{name}: expected an integer or {count} of them, got {value}")
    return tuple(integer(name, one, low) for one in value) * (count // len(value))


def probability(name: str, value: float) -> float:
    """The value as a Python number. Raises TypeError unless it is one, ValueError unless 0 <= value <= 1."""
    if not 0.0 <= number(name, value) <= 1.0:
        raise ValueError(f"{name}: expected a number between 0 and 1, got {value}")
    return float(value)


def dimension(dim: int, ndim: int, name: str = "dim") -> tuple[int, ...]:
    """The axis a dim means, as NumPy takes it; of a 0-d array, which PyTorch treats as one value, no axis at all.

    name: what the argument is called.  Raises TypeError for no integer, IndexError where dim is out of range.
    """
    bound = max(ndim, 1)
    if not -bound <= integer(name, dim) < bound:
        raise IndexError(f"{name}: expected a dimension in [{-bound}, {bound - 1}], got {dim}")
    return (dim % bound,) if ndim else ()


def dimensions(dim: int | tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    """The axes, in order, that one dim or several mean; None and () mean all, as in PyTorch.

    Raises TypeError for no integers, IndexError where one is out of range, ValueError where one is given twice.
    """
    given = dim if isinstance(dim, tuple | list) else () if dim is None else (dim,)
    axes = [axis for one in given for axis in dimension(one, ndim)]
    if len({one % max(ndim, 1) for one in given}) < len(given):
        raise ValueError(f"dim: expected each dimension once, got {dim}")
    return tuple(sorted(axes)) if axes else tuple(range(ndim))


def row(name: str, value: int | None, size: int) -> None:
    """Raise TypeError unless the value is an integer or None, ValueError unless it is a row of a table of that size."""
    if value is not None and not -size <= integer(name, value) < size:
        raise ValueError(f"{name}: expected a row in [{-size}, {size}), got {value}")


def indices(name: str, array: Array, *dtypes: str) -> None:
    """Raise TypeError unless the array has one of the integer dtypes."""
    if not is_array(array):
        raise TypeError(f"{name}: expected an array of {' or '.join(dtypes)}, got {type(array).__name__}")
    if array.dtype.name not in dtypes:
        raise TypeError(f"{name}: expected {' or '.join(dtypes)}, got {array.dtype}")


def in_range(name: str, array: Array, size: int, low: int = 0, ignored: int | None = None) -> None:
    """Raise IndexError unless every index is in [low, size), or ignored. CuPy would wrap it silently."""
    if not array.size:
        return
    xp = array_module(array)
    if xp is not np and (step := recording()) is not None:
        step.postpone(name, array, lambda x: in_range(name, x, size, low, ignored))
        return
    if ignored is not None:
        array = xp.where(array == ignored, low, array)
    least, most = to_host(xp.stack([array.min(), array.max()])).tolist()  # a GPU is waited for once
    if not low <= least <= most < size:
        raise IndexError(f"{name}: expected indices in [{low}, {size}), got {least if least < low else most}")
