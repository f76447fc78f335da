"""What a checkpoint is made of: plain data, nested, with arrays among its leaves."""

from __future__ import annotations

from collections import Counter, OrderedDict
from types import NoneType
from typing import Any

import numpy as np

from numpy_nn.backend import is_array, to_host

DEPTH = 100
"""How deep data may be nested. A container that holds itself is deeper."""
VALUES = 1_000_000
"""How many values, containers counted, a checkpoint may hold. An array is one value."""
INTEGER_BITS = 2000
"""How long an integer may be: PyTorch's reader takes no longer ones than 2040 bits."""
DTYPES = frozenset(
    "bool uint8 int8 uint16 int16 uint32 int32 uint64 int64 float16 float32 float64 complex64 complex128".split()
)

_LEAVES = (NoneType, bool, float, str, bytes)
_MAPPINGS = (dict, OrderedDict, Counter)


def copied(obj: Any, most: int = VALUES) -> Any:
    """A copy of nested plain data that shares no container with it; arrays are on the host, but not copied.

    obj: dict, OrderedDict, Counter, with str or int keys; list; tuple; None, bool, int, float, str, bytes; arrays. A
    NumPy number becomes the Python number of the same value.  most: how many values there may be.
    Raises TypeError for anything else, ValueError for data nested too deep or too large; both name the place.
    """
    return _Copy(most).of(obj, (), 0)


def check_key(key: Any) -> None:
    """Raise TypeError unless the key of a dict is a str or an int, ValueError for an int of more than 64 bits."""
    if type(key) not in (str, int, bool):
        raise TypeError(f"expected str and int keys, got {type(key).__name__}")
    if type(key) is int and not -(2**63) <= key < 2**63:  # larger ones can be chosen so that their hashes collide
        raise ValueError(f"expected int keys of 64 bits, got one of {key.bit_length()}")


def check_array(array: Any) -> None:
    """Raise TypeError unless the numbers of an array are such as all formats know."""
    if array.dtype.name not in DTYPES:
        raise TypeError(f"expected an array of numbers, got one of {array.dtype}")


class _Copy:
    def __init__(self, most: int) -> None:
        self.most = self.left = most
        self.hosts: dict[int, Any] = {}  # by id, so that an array that comes twice is brought to the host once

    def of(self, value: Any, place: tuple[Any, ...], depth: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise ValueError(f"obj: expected at most {self.most} values, got more")
        if depth > DEPTH:
            raise ValueError(f"{_named(place[:3])}: expected at most {DEPTH} levels of nesting, got more")
        kind = type(value)
        if kind in _LEAVES:
            return value
        if kind is int:
            if value.bit_length() > INTEGER_BITS:
                raise ValueError(
                    f"{_named(place)}: expected integers of at most {INTEGER_BITS} bits, got {value.bit_length()}"
                )
            return value
        if kind is list or kind is tuple:
            return kind(self.of(inner, (*place, number), depth + 1) for number, inner in enumerate(value))
        if kind in _MAPPINGS:
            return self.mapping(value, place, depth)
        try:
            return self.array(value)
        except TypeError as error:
            raise TypeError(f"{_named(place)}: {error}") from None

    def mapping(self, value: Any, place: tuple[Any, ...], depth: int) -> Any:
        """A dict, with its values copied; a Counter would count what it is made from, so it is filled afterwards."""
        result = type(value)()
        for key, inner in value.items():
            try:
                check_key(key)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{_named(place)}: {error}") from None
            result[key] = self.of(inner, (*place, key), depth + 1)
        return result

    def array(self, value: Any) -> Any:
        """The array on the host, or a NumPy number as Python's."""
        if isinstance(value, np.generic):
            if value.dtype.kind not in "biuf" or value.dtype.itemsize > 8:
                raise TypeError(f"expected plain data and arrays, got a NumPy scalar of {value.dtype}")
            return value.item()
        if not is_array(value):
            raise TypeError(f"expected plain data and arrays, got {type(value).__name__}")
        if id(value) not in self.hosts:
            self.hosts[id(value)] = to_host(value)
        check_array(self.hosts[id(value)])
        return self.hosts[id(value)]


def _named(place: tuple[Any, ...]) -> str:
    """How the place would be written in Python: obj["state"][0]."""
    return "obj" + "".join(f"[{key!r}]" for key in place)
