"""Nested data to save: drawn, compared, and as PyTorch has it."""

from __future__ import annotations

import struct
from collections import Counter, OrderedDict
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from numpy.lib.array_utils import byte_bounds

from numpy_nn.checkpoint.plain import DTYPES
from parity_tests.strategies import seeds, shapes

NAMES = sorted(DTYPES)
keys = (
    st.text(max_size=6)
    | st.integers(-(2**63), 2**63 - 1)
    | st.sampled_from(["a/b", "", "a.weight", "x.npy", "/", "..", "가"])
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-300, 300)
    | st.sampled_from([2**31, -(2**31) - 1, 2**63, -(2**63), 2**1999, -(2**1999)])
    | st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])
    | st.sampled_from([float("inf"), -float("inf"), float("nan"), -0.0])
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["\ud800", "\0", "\n", "torch.float32"])
    | st.binary(max_size=300)
)


def filled(random: np.random.Generator, dtype: str, size: int) -> np.ndarray:
    """Numbers of a dtype, every bit of them drawn."""
    if dtype == "bool":
        return random.random(size) < 0.5
    return np.frombuffer(random.bytes(size * np.dtype(dtype).itemsize), dtype).copy()


def viewed(random: np.random.Generator, run: np.ndarray) -> np.ndarray:
    """A view of a one-dimensional array: an offset, a shape and strides, all drawn."""
    low = int(random.integers(0, len(run), endpoint=True))
    part = run[low:]
    for _ in range(random.integers(0, 4)):
        match random.integers(0, 7):
            case 0:
                part = part.reshape(-1, 2) if part.size % 2 == 0 else part.reshape(part.shape[::-1])
            case 1:
                part = part.T
            case 2 if part.ndim:
                part = part[:: int(random.integers(1, 4))]
            case 3:
                part = part[..., None]
            case 4 if part.ndim:
                part = part[..., int(random.integers(0, 3)) :]
            case 5 if part.size:
                part = part[(0,) * part.ndim]  # a scalar, and so no view
                part = np.asarray(part)
            case 6 if part.ndim < 4:
                part = np.broadcast_to(part, (int(random.integers(1, 4)), *part.shape))
    return part


def views(seed: int) -> list[np.ndarray]:
    """Arrays that lie in one, two or three pieces of memory, overlapping or not, some of them given twice."""
    random = np.random.default_rng(seed)
    runs = [
        filled(random, str(random.choice(NAMES)), int(random.integers(0, 30))) for _ in range(random.integers(1, 4))
    ]
    parts = [viewed(random, runs[random.integers(0, len(runs))]) for _ in range(random.integers(1, 7))]
    return parts + [parts[0]] * int(random.integers(0, 2))


def odd(seed: int) -> np.ndarray:
    """An array that no format can hold as it is: reversed, of the other byte order, not aligned, or of a subclass."""
    random = np.random.default_rng(seed)
    dtype = np.dtype(str(random.choice(NAMES)))
    run = filled(random, dtype.name, 12)
    return (
        run[::-1],
        run.reshape(3, 4)[:, ::-2],
        run.reshape(3, 4)[::-1].T,
        run.astype(dtype.newbyteorder(">")).reshape(4, 3).T,
        np.frombuffer(b"x" + run.tobytes(), dtype, offset=1),
        np.lib.stride_tricks.as_strided(run, (2, 2), (dtype.itemsize + 1, 1)) if dtype.kind in "ui" else run[:1][::-1],
    )[random.integers(0, 6)]


arrays = (
    st.tuples(seeds, shapes(), st.sampled_from(NAMES)).map(
        lambda drawn: filled(np.random.default_rng(drawn[0]), drawn[2], int(np.prod(drawn[1]))).reshape(drawn[1])
    )
    | seeds.map(odd)
    | seeds.map(lambda seed: views(seed)[0])
)
nested = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
        | st.dictionaries(keys, inner, max_size=3).map(OrderedDict)
        | st.dictionaries(keys, st.integers(-5, 5), max_size=3).map(Counter)
    ),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Whether two structures are equal in every type, the order of every dict, and every bit of every number."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
            return False
        plain, also = (array.astype(array.dtype.newbyteorder("=")) for array in (one, other))
        return plain.dtype == also.dtype and plain.shape == also.shape and plain.tobytes() == also.tobytes()
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return struct.pack("<d", one) == struct.pack("<d", other) if isinstance(one, float) else one == other


def without_tensors(data: Any) -> Any:
    """The same with an array in the place of every tensor."""
    if isinstance(data, torch.Tensor):
        return data.detach().float().numpy() if data.dtype is torch.bfloat16 else data.detach().numpy()
    if isinstance(data, Counter):
        return data
    if isinstance(data, dict):
        return type(data)((key, without_tensors(value)) for key, value in data.items())
    if type(data) is torch.Size:
        return tuple(data)
    return type(data)(map(without_tensors, data)) if isinstance(data, list | tuple) else data


def places(parts: list[np.ndarray]) -> list[set[tuple[int, ...]]]:
    """Which numbers of each array lie in the same memory, as pairs of (which other array, which number of it)."""
    owners: dict[int, set[tuple[int, ...]]] = {}
    addresses = []
    for number, part in enumerate(parts):
        start = byte_bounds(part)[0] if part.size else 0
        offsets = [
            start + sum(index * stride for index, stride in zip(place, part.strides, strict=True))
            for place in np.ndindex(part.shape)
        ]
        addresses.append(offsets)
        for place, offset in enumerate(offsets):
            owners.setdefault(offset, set()).add((number, place))
    return [{pair for offset in offsets for pair in owners[offset]} for offsets in addresses]
