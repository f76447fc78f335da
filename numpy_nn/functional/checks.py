"""What the formulas ask of their arguments. Every message names the argument, what it got and what it expected."""

from __future__ import annotations

from typing import Any

from numpy_nn.backend import Array, array_module, device_of, is_array, to_host

FLOATING = ("float32", "float64", "complex64", "complex128")
"""Complex inputs are let through for the complex-step derivative; the formulas are written for real ones."""


def floating(**arrays: Array | None) -> Any:
    """The array library of the named arrays, which share one floating dtype and one device; None is passed over.

    Raises TypeError for anything but arrays of float32 or float64 alike, ValueError for mixed devices.
    """
    first, x = next(iter(arrays.items()))
    for name, array in arrays.items():
        if array is None and name != first:
            continue
        if not is_array(array):
            raise TypeError(f"{name}: expected an array, got {type(array).__name__}")
        assert array is not None
        if array.dtype.name not in FLOATING:
            raise TypeError(f"{name}: expected float32 or float64, got {array.dtype}")
        assert x is not None
        if device_of(array) != device_of(x):
            raise ValueError(f"{name}: expected an array on {device_of(x)} like {first}, got one on {device_of(array)}")
        if array.dtype != x.dtype and array.dtype.kind == x.dtype.kind:
            raise TypeError(f"{name}: expected {x.dtype} like {first}, got {array.dtype}")
    assert x is not None
    return array_module(x)


def shape(name: str, array: Array, expected: tuple[int, ...], why: str) -> None:
    """Raise ValueError unless the array has the expected shape."""
    if array.shape != expected:
        raise ValueError(f"{name}: expected shape {expected} ({why}), got {array.shape}")


def option(name: str, value: object, *choices: object) -> None:
    """Raise ValueError unless the value is one of the choices."""
    if value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, choices))}, got {value!r}")


def probability(name: str, value: float) -> None:
    """Raise ValueError unless 0 <= value <= 1."""
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name}: expected a number between 0 and 1, got {value}")


def dimension(dim: int, ndim: int) -> tuple[int, ...]:
    """The axis a dim means, as NumPy takes it; of a 0-d array, which PyTorch treats as one value, no axis at all.

    Raises IndexError where dim is out of range.
    """
    bound = max(ndim, 1)
    if not -bound <= dim < bound:
        raise IndexError(f"dim: expected a dimension in [{-bound}, {bound - 1}], got {dim}")
    return (dim % bound,) if ndim else ()


def indices(name: str, array: Array, *dtypes: str) -> None:
    """Raise TypeError unless the array has one of the integer dtypes."""
    if not is_array(array):
        raise TypeError(f"{name}: expected an array of {' or '.join(dtypes)}, got {type(array).__name__}")
    if array.dtype.name not in dtypes:
        raise TypeError(f"{name}: expected {' or '.join(dtypes)}, got {array.dtype}")


def in_range(name: str, array: Array, size: int) -> None:
    """Raise IndexError unless every index is in [0, size). CuPy would wrap it silently."""
    if not array.size:
        return
    low, high = to_host(array_module(array).stack([array.min(), array.max()])).tolist()  # a GPU is waited for once
    if not 0 <= low <= high < size:
        raise IndexError(f"{name}: expected indices in [0, {size}), got {low if low < 0 else high}")
