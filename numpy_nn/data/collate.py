"""Samples into a batch."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from copy import copy
from typing import Any

import numpy as np

from numpy_nn.backend import Array, array_module, as_array, device_of, is_array, to_device


def default_collate(batch: Sequence[Any]) -> Any:
    """The samples as one: numbers and arrays stacked along a new first axis, inside whatever a sample is made of.

    The first sample says what all of them are:

    array                     array, B rows; integers beside floats become floats of their size, as in PyTorch
    Python float, int, bool   float64, int64, bool array (B,); ints with floats among them float32
    NumPy number              array (B,) of its dtype
    str, bytes                the batch itself
    tuple, list               a list of batches, one for each place; all of one length
    named tuple, mapping      the same, of batches; a mapping by the keys of the first

    batch: B ≥ 1 samples.  Raises ValueError for none, for shapes or lengths that differ, and for integers beyond int64;
    TypeError for samples of another kind, KeyError where a sample lacks a key. torch.utils.data.default_collate.
    """
    if not len(batch):
        raise ValueError("batch: expected at least one sample, got none")
    first = batch[0]
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, bool | int | float | np.bool | np.number):
        return _numbers(batch)
    if is_array(first):
        return _stack(batch)
    if isinstance(first, Mapping):
        return _like(first, {key: default_collate([sample[key] for sample in batch]) for key in first})
    if isinstance(first, Sequence):
        if len(sizes := {len(sample) for sample in batch}) > 1:
            raise ValueError(f"batch: expected samples of one length, got {sorted(sizes)}")
        return _like(first, [default_collate(parts) for parts in zip(*batch, strict=True)])
    raise TypeError(
        f"batch: expected samples made of arrays, numbers, strings, mappings, tuples or lists, got {type(first)}"
    )


def default_convert(sample: Any) -> Any:
    """A sample that is a batch already: NumPy numbers as 0-d arrays, inside whatever it is made of."""
    if isinstance(sample, np.bool | np.number):
        return np.asarray(sample)
    if isinstance(sample, Mapping):
        return _like(sample, {key: default_convert(value) for key, value in sample.items()})
    if isinstance(sample, Sequence) and not isinstance(sample, str | bytes):
        return _like(sample, [default_convert(part) for part in sample])
    return sample


def _like(first: Any, parts: Any) -> Any:
    """The parts in a container like that of the first sample; PyTorch makes a list of a tuple."""
    if isinstance(first, tuple):
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    try:
        if not isinstance(first, MutableMapping | MutableSequence):
            return type(first)(parts)
        clone: Any = copy(first)  # it may carry more than its parts
        if isinstance(first, MutableMapping):
            clone.update(parts)
        else:
            clone[:] = parts
        return clone
    except TypeError:
        return parts


def _numbers(batch: Sequence[Any]) -> Array:
    dtype = _promoted([_number_dtype(number) for number in batch])
    if isinstance(batch[0], float) and not isinstance(batch[0], np.number):
        dtype = np.dtype(np.float64)
    try:
        return np.array(batch, dtype)
    except OverflowError as error:
        raise ValueError(f"batch: expected integers of 64 bits, got {batch!r}") from error


def _number_dtype(number: Any) -> np.dtype[Any]:
    """The dtype in which PyTorch counts a number among others."""
    if isinstance(number, np.generic | np.ndarray):
        return number.dtype
    for kind, dtype in ((bool, np.bool), (int, np.int64), (float, np.float32)):
        if isinstance(number, kind):
            return np.dtype(dtype)
    raise TypeError(f"batch: expected a number like the first sample, got {number!r}")


def _promoted(dtypes: Sequence[np.dtype[Any]]) -> np.dtype[Any]:
    """PyTorch's common dtype: a floating one is never widened by an integer."""
    floating = [dtype for dtype in dtypes if dtype.kind in "fc"]
    return np.result_type(*(floating or dtypes))


def _stack(batch: Sequence[Any]) -> Array:
    first = batch[0]
    if first.dtype.kind not in "biufc":
        raise TypeError(f"batch: expected arrays of numbers, got {first.dtype}")
    arrays = [to_device(as_array(array), device_of(first)) for array in batch]
    if len(shapes := {array.shape for array in arrays}) > 1:
        raise ValueError(f"batch: expected arrays of one shape, got {sorted(shapes)}")
    dtype = _promoted([array.dtype for array in arrays])
    stacked: Array = array_module(first).stack([array.astype(dtype, copy=False) for array in arrays])
    return stacked
