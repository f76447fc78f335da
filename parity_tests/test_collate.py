"""Samples become the batch that PyTorch makes of them, in its containers and dtypes."""

from __future__ import annotations

from collections import OrderedDict, UserList, namedtuple
from types import MappingProxyType

import numpy as np
import pytest
import torch
from torch.utils import data as torch_data

from numpy_nn.backend import device_of, to_device
from numpy_nn.data import DataLoader, default_collate, default_convert
from parity_tests.loaders import alike

Point = namedtuple("Point", ["x", "y"])
DTYPES = ["?", "u1", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8"]


class Tagged(dict):
    """A mapping that carries more than its items."""

    tag = None


BATCHES = {
    "ints": [1, 2],
    "bools": [True, False],
    "a bool before an int": [True, 2],
    "floats": [0.1, 0.2],
    "a float before an int": [0.1, 2],
    "an int before a float": [1, 0.1],
    "a bool before a float": [True, 0.1],
    "the largest ints": [2**63 - 1, -(2**63)],
    "a NumPy number beside others": [np.float16(1), 2.5],
    "a double beside an int": [1, np.float64(0.1)],
    "a small integer beside a bool": [True, np.int8(1)],
    "strings": ["a", "b"],
    "bytes": [b"a"],
    "a tuple of strings": ("a", "b"),
    "NumPy's strings": [np.str_("a")],
    "tuples": [(1, 0.5), (2, 1.5)],
    "strings in tuples": [("a", 1), ("b", 2)],
    "lists": [[1, "a"], [2, "b"]],
    "empty tuples": [(), ()],
    "ranges": [range(2), range(2)],
    "named tuples": [Point(1, (2, 3.0)), Point(4, (5, 6.0))],
    "mappings": [{"x": 1, "y": "a"}, {"y": "b", "x": 2}],
    "a mapping with a key more": [{"x": 1}, {"x": 2, "y": 3}],
    "ordered mappings": [OrderedDict(a=1), OrderedDict(a=2)],
    "mappings that cannot be made": [MappingProxyType({"a": 1})],
    "arrays": [np.arange(3), np.arange(3) * 2],
    "arrays of no dimension": [np.array(1.5), np.array(2.5)],
    "arrays of no size": [np.empty((0, 3)), np.empty((0, 3))],
    "an array and a list": [np.zeros(2, np.float32), [1, 2]],
    "nested": [(np.ones(2, np.uint8), {"a": [1.0, True]}), (np.zeros(2, np.uint8), {"a": [2.0, False]})],
}


@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_a_batch_is_pytorchs(batch):
    assert alike(default_collate(batch), torch_data.default_collate(batch))


@pytest.mark.parametrize("sample", [batch[0] for batch in BATCHES.values()], ids=BATCHES)
def test_a_sample_without_a_batch_is_pytorchs(sample):
    converted, twin = default_convert(sample), torch_data.default_convert(sample)
    assert alike(converted, twin)


@pytest.mark.parametrize("one", DTYPES)
@pytest.mark.parametrize("other", DTYPES)
def test_dtypes_meet_as_in_pytorch(one, other):
    batch = [np.ones(2, one), np.ones(2, other)]
    assert alike(default_collate(batch), torch_data.default_collate(batch))
    if "?" not in (one, other):  # PyTorch takes none of NumPy's bools beside other numbers
        batch = [np.dtype(one).type(1), np.dtype(other).type(1)]
        assert alike(default_collate(batch), torch_data.default_collate(batch))


def test_numpy_numbers_stand_for_arrays_without_a_batch():
    for sample in ((np.float32(2), 3), {"a": np.float32(2), "b": [np.int64(1)]}):
        assert alike(default_convert(sample), torch_data.default_convert(sample))


def test_a_mapping_keeps_what_it_carries_and_a_list_its_kind():
    for collate in (default_collate, torch_data.default_collate):
        sample = Tagged(a=1)
        sample.tag = "kept"
        batch = collate([sample, {"a": 2}])
        assert (type(batch), batch.tag, batch["a"].tolist()) == (Tagged, "kept", [1, 2])
        assert type(sample["a"]) is int
        batch = collate([UserList([1, 2]), UserList([3, 4])])
        assert (type(batch), [part.tolist() for part in batch]) == (UserList, [[1, 3], [2, 4]])


@pytest.mark.parametrize(
    ("batch", "error", "match"),
    [
        ([], ValueError, "batch: expected at least one sample, got none"),
        ([(1, 2), (3,)], ValueError, r"batch: expected samples of one length, got \[1, 2\]"),
        ([np.zeros(2), np.zeros(3)], ValueError, r"batch: expected arrays of one shape, got \[\(2,\), \(3,\)\]"),
        ([2**63], ValueError, "batch: expected integers of 64 bits"),
        ([None], TypeError, "batch: expected samples made of arrays, numbers, .* got <class 'NoneType'>"),
        ([...], TypeError, "got <class 'ellipsis'>"),
        ([1j], TypeError, "got <class 'complex'>"),
        ([np.datetime64("2020")], TypeError, "batch: expected"),
        ([1, None], TypeError, "batch: expected a number like the first sample, got None"),
        ([1, "a"], TypeError, "batch: expected a number like the first sample, got 'a'"),
        ([np.array(["a"])], TypeError, "batch: expected arrays of numbers, got <U1"),
        ([{"a": 1}, {"b": 1}], KeyError, "a"),
    ],
    ids=str,
)
def test_what_makes_no_batch_is_refused_as_by_pytorch(batch, error, match):
    with pytest.raises(error, match=match):
        default_collate(batch)
    with pytest.raises((RuntimeError, ValueError, TypeError, LookupError)):
        torch_data.default_collate(batch)


def test_arrays_are_stacked_on_their_device(device):
    for place in ("strict", device):
        batch = default_collate([to_device(np.arange(3), place), np.arange(3)])
        assert (device_of(batch), batch.shape) == (place, (2, 3))


def test_a_batch_shares_no_memory_with_its_samples():
    x = np.zeros((1, 3))
    assert not np.shares_memory(default_collate([x]), x)


def test_a_function_of_ones_own_gets_the_samples():
    for module_loader, rows in ((DataLoader, np.arange(4)), (torch_data.DataLoader, torch.arange(4))):
        batches = list(module_loader(rows, 3, collate_fn=list))
        assert [type(batch) for batch in batches] == [list, list]
        assert [[int(number) for number in batch] for batch in batches] == [[0, 1, 2], [3]]
