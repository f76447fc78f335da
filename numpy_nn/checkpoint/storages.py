"""Which arrays lie in one piece of memory, and where in it.

Like PyTorch, a file holds storages, one-dimensional runs of numbers, and of every array its offset, shape and strides
in one of them, counted in numbers. Arrays of one dtype whose memory overlaps get one storage between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.lib.stride_tricks import as_strided

from numpy_nn.backend import Array

EXPANDED_MOST = 1 << 26
"""How many bytes an array may seem to have, by strides of 0 or steps that overlap, if its storage has fewer."""


class View(NamedTuple):
    """An array as PyTorch has it: storage number, offset, shape and strides."""

    storage: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Storages:
    """The storages of some arrays: `runs`, one-dimensional, and `view(array)` for each array that was given.

    An array that PyTorch could not describe gets a copy, in C order, for its storage: one with negative strides, or
    strides that are no whole number of its numbers. Raises ValueError for one that seems much larger than it is.
    """

    def __init__(self, arrays: Iterable[Array]) -> None:
        self.runs: list[Array] = []
        self._views: dict[int, View] = {}
        given = {id(array): array for array in arrays}
        sound = {number: array if _is_sound(array) else array.copy("C") for number, array in given.items()}
        filled = [number for number, array in sound.items() if array.size]

        def memory(number: int) -> tuple[Any, ...]:
            low, high = byte_bounds(sound[number])
            return sound[number].dtype.str, low % sound[number].itemsize, low, high

        groups: list[list[int]] = []
        end = 0
        for number in sorted(filled, key=memory):
            *kind, low, high = memory(number)
            if groups and low < end and kind == [*memory(groups[-1][0])[:2]]:
                groups[-1].append(number)
                end = max(end, high)
            else:
                groups.append([number])
                end = high
        groups += [[number] for number in sound.keys() - set(filled)]
        places = {number: place for place, number in enumerate(sound)}
        for group in sorted(groups, key=lambda group: min(places[number] for number in group)):
            self._add(group, sound)  # in order of appearance: equal data gives equal files, wherever it lies in memory

    def view(self, array: Array) -> View:
        """Where an array is."""
        return self._views[id(array)]

    def _add(self, group: list[int], arrays: dict[int, Array]) -> None:
        """Give a storage to arrays that overlap, the first of which begins first."""
        first = arrays[group[0]]
        start, end = byte_bounds(first)[0], max(byte_bounds(arrays[number])[1] for number in group)
        length = (end - start) // first.itemsize if first.size else 0
        for number in group:
            array = arrays[number]
            offset = (byte_bounds(array)[0] - start) // array.itemsize
            self._views[number] = View(len(self.runs), offset, array.shape, _strides(array))
            if array.nbytes > max(length * first.itemsize, EXPANDED_MOST):
                raise ValueError(
                    f"obj: expected expanded arrays of at most {EXPANDED_MOST} bytes, got one of {array.nbytes}"
                )
        self.runs.append(as_strided(first, (length,), (first.itemsize,), writeable=False))


def _is_sound(array: Array) -> bool:
    sides = zip(array.shape, array.strides, strict=True)
    return all(size < 2 or (stride >= 0 and stride % array.itemsize == 0) for size, stride in sides)


def _strides(array: Array) -> tuple[int, ...]:
    """Strides in numbers, as PyTorch would choose them where they do not matter: in axes of length 0 or 1."""
    strides: list[Any] = []
    following = 1
    for size, stride in zip(reversed(array.shape), reversed(array.strides), strict=True):
        strides.append(stride // array.itemsize if size > 1 and array.size else following)
        following = strides[-1] * max(size, 1)
    return tuple(reversed(strides))


def placed(run: Array, view: tuple[int, tuple[int, ...], tuple[int, ...]]) -> Array:
    """The array at an offset, with a shape and strides, in a storage. The caller has checked that it lies inside."""
    offset, shape, strides = view
    steps = tuple(stride * run.itemsize for stride in strides)
    return np.ndarray(shape, run.dtype, run, offset * run.itemsize, steps)
