"""Which array library an array belongs to, and every difference between NumPy and CuPy.

The formulas are written once, against whatever module `array_module` names. What the two libraries do
differently stands here and nowhere else.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from numpy_nn.capturing import stay_on_device

if TYPE_CHECKING:
    import numpy.typing as npt

    DTypeLike: TypeAlias = npt.DTypeLike
else:
    DTypeLike = Any  # nobody who runs this waits for the import of numpy.typing

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
"""A NumPy array, or the array of whatever library its device belongs to."""

_modules: dict[str, Any] = {"cpu": np}


def device_module(device: str) -> Any:
    """The array library of a device: numpy for "cpu", cupy for "cuda".

    Raises ValueError for any other name or without a GPU, TypeError for no name, ImportError without CuPy.
    """
    if not isinstance(device, str):
        raise TypeError(f"device: expected a name, got {device!r}")
    if device == "cuda" and "cuda" not in _modules:
        try:
            cupy = import_module("cupy")
        except ImportError as error:
            raise ImportError(
                'device "cuda" needs CuPy: pip install "numpy_nn[cuda13]" (or [cuda12] for a CUDA 12 driver)'
            ) from error
        if not cupy.cuda.is_available():
            raise ValueError('device: got "cuda", expected a machine with a CUDA GPU and its driver')
        _modules["cuda"] = cupy
    if device not in _modules:
        raise ValueError(f'device: expected "cpu" or "cuda", got {device!r}')
    return _modules[device]


def is_available(device: str) -> bool:
    """Whether a device can be used here: "cpu" always, "cuda" with CuPy, a GPU and its driver."""
    try:
        device_module(device)
    except (ImportError, ValueError):
        return False
    return True


def register(device: str, module: Any) -> None:
    """Make a device known by the array library that works on it: what NumPy has, with ndarray, asarray and asnumpy."""
    _modules[device] = module


def device_of(x: Array) -> str:
    """The name of the device that holds x.

    Raises TypeError where x is no array; nor is a np.matrix or a masked array, which have an arithmetic of their own.
    """
    if type(x) is np.ndarray:
        return "cpu"
    if (device := _device(x)) is None:
        raise TypeError(f"expected an array, got {type(x).__name__}")
    return device


def _device(x: object) -> str | None:
    """The name of the device that holds x, if it is an array."""
    if isinstance(x, np.ndarray | np.generic):
        return None if isinstance(x, np.matrix | np.ma.MaskedArray) else "cpu"
    if "cupy" in sys.modules and isinstance(x, sys.modules["cupy"].ndarray):
        _modules["cuda"] = sys.modules["cupy"]
    for device, module in _modules.items():
        if device != "cpu" and isinstance(x, module.ndarray):
            return device
    return None


def is_array(x: object) -> bool:
    """Whether x is an array of any known library."""
    return type(x) is np.ndarray or _device(x) is not None


def as_array(value: Any) -> Array:
    """An array as it is, on its device; anything else as NumPy reads it: a scalar, a number, a list, a CPU tensor."""
    if type(value) is np.ndarray:
        return value
    if isinstance(value, np.generic):  # which the next line would find out, too, but later
        return np.asarray(value)
    return array_module(value).asarray(value) if is_array(value) else np.asarray(value)


def alike(x: object, y: Array) -> bool:
    """Whether x is an array of y's library, shape and dtype."""
    return type(x) is type(y) and x.shape == y.shape and x.dtype == y.dtype


def array_module(x: Array) -> Any:
    """The library that x belongs to: numpy or cupy. Raises TypeError where x is no array."""
    return np if type(x) is np.ndarray else _modules[device_of(x)]


def to_device(x: Array, device: str) -> Array:
    """x on a device: x itself if it is there already, else a copy."""
    if device_of(x) == device:
        return x
    moved = to_host(x)
    if device != "cpu":
        stay_on_device("an array from the host")
    return device_module(device).asarray(moved)


def to_host(x: Array) -> Array:
    """x as a NumPy array: x itself if it is one, else a copy."""
    if device_of(x) == "cpu":
        return np.asarray(x)
    stay_on_device("an array for the host")
    return array_module(x).asnumpy(x)


def item(x: Array) -> Any:
    """The Python number in an array of one element. Waits for the device."""
    return to_host(x).item()


def is_writeable(x: Array) -> bool:
    """Whether x can be changed in place: arrays of NumPy may be read-only."""
    return not isinstance(x, np.ndarray) or x.flags.writeable


def memory_order(x: Array) -> list[int]:
    """The axes in the order in which x lies in memory, from the one of the longest steps to that of the shortest."""
    return sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis]))


def scatter_add(target: Array, indices: Array, values: Array) -> None:
    """target[indices] += values, in place, with every repeated index counted.

    target: (V, ...).  indices: any shape, integers in [0, V).  values: indices.shape + target.shape[1:].
    Plain `target[indices] += values` keeps only one of several equal indices.
    """
    array_module(target).add.at(target, indices, values)


def silent() -> np.errstate:
    """No floating-point warnings: overflow, 0/0 and nan are values here, as in PyTorch (and CuPy never warns)."""
    return np.errstate(all="ignore")
