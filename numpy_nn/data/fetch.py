"""Samples out of a dataset: one by one, or, where they are rows of arrays, a whole batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from numpy_nn.backend import Array, array_module, device_of, is_array, to_device
from numpy_nn.data.dataset import Dataset, TensorDataset
from numpy_nn.data.parts import ConcatDataset, Subset


def samples(dataset: Dataset, indices: Sequence[Any]) -> list[Any]:
    """The samples at indices, in order: by the dataset's own `__getitems__` where it has one, else one by one."""
    if type(dataset) is Subset:  # not a subclass: that may have another way to its samples
        return samples(dataset.dataset, [dataset.indices[index] for index in indices])
    if callable(getitems := getattr(dataset, "__getitems__", None)):
        return cast("list[Any]", getitems(indices))
    return [dataset[index] for index in indices]


def take(dataset: Dataset, indices: Sequence[Any]) -> Any:
    """What default_collate makes of the samples at indices, by indexing each array once; None where that cannot be.

    It can for an array, a TensorDataset (not a subclass), and a Subset or a ConcatDataset of such.
    The result shares no memory with the arrays.
    """
    if not indices or not all(isinstance(index, int | np.integer) for index in indices):
        return None
    if is_array(dataset):
        return take(TensorDataset(cast("Array", dataset)), indices)[0]
    if type(dataset) is TensorDataset:
        return list(dataset[np.array(indices)])
    if type(dataset) is Subset:
        return take(dataset.dataset, [dataset.indices[index] for index in indices])
    if type(dataset) is ConcatDataset and -len(dataset) <= min(indices) and max(indices) < len(dataset):
        return _take_from_parts(dataset, np.array(indices) % len(dataset))
    return None


def _take_from_parts(dataset: ConcatDataset, indices: Array) -> Any:
    """The rows of each part at once, put back into the order of indices; None where they do not fit together."""
    starts = [0, *dataset.cumulative_sizes]
    part_of = np.searchsorted(dataset.cumulative_sizes, indices, side="right")
    pieces = [
        take(dataset.datasets[part], (indices[part_of == part] - starts[part]).tolist())
        for part in np.unique(part_of).tolist()
    ]
    if any(piece is None for piece in pieces) or len({_form(piece) for piece in pieces}) > 1:
        return None
    place = np.argsort(np.argsort(part_of, kind="stable"))
    if is_array(pieces[0]):
        return _joined(pieces, place)
    return [_joined(column, place) for column in zip(*pieces, strict=True)]


def _form(piece: Any) -> tuple[Any, ...]:
    """What pieces must have in common to become one."""
    if is_array(piece):
        return piece.dtype, piece.shape[1:], device_of(piece)
    return tuple(_form(column) for column in piece)


def _joined(pieces: Sequence[Array], place: Array) -> Array:
    rows: Array = array_module(pieces[0]).concatenate(pieces)
    return rows[to_device(place, device_of(rows))]
