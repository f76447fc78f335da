"""The two sides of a test of data: generators, datasets and loaders of both wings, and when they are equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
import torch.utils.data

import numpy_nn.random
from numpy_nn.data import DataLoader, TensorDataset


def same(ours: np.ndarray, theirs: torch.Tensor) -> bool:
    """Equal in shape, dtype and every bit."""
    twin = theirs.numpy()
    return ours.shape == twin.shape and ours.dtype == twin.dtype and ours.tobytes() == twin.tobytes()


def alike(ours: Any, theirs: Any) -> bool:
    """The same containers, and in them arrays for tensors, and anything else equal."""
    if isinstance(theirs, torch.Tensor):
        return isinstance(ours, np.ndarray) and same(ours, theirs)
    if type(ours) is not type(theirs):
        return False
    if isinstance(theirs, Mapping):
        return list(ours) == list(theirs) and all(alike(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(map(alike, ours, theirs))
    return bool(ours == theirs)


def both_arrays(N: int) -> tuple[tuple[np.ndarray, ...], tuple[torch.Tensor, ...]]:
    """N rows of several shapes and dtypes, one of them not contiguous in memory."""
    arrays = np.arange(6 * N, dtype=np.float32).reshape(3, 2, N).T, np.arange(N), np.arange(N) % 2 == 0
    return arrays, tuple(map(torch.from_numpy, arrays))


def both_datasets(N: int) -> tuple[TensorDataset, torch.utils.data.TensorDataset]:
    """N samples of three parts."""
    ours, theirs = both_arrays(N)
    return TensorDataset(*ours), torch.utils.data.TensorDataset(*theirs)


def both_loaders(
    N: int, batch_size: int, shuffle: bool, drop_last: bool, generators: tuple[Any, Any]
) -> tuple[DataLoader, torch.utils.data.DataLoader]:
    """The loaders of both_datasets(N)."""
    ours, theirs = both_datasets(N)
    return (
        DataLoader(ours, batch_size, shuffle, drop_last=drop_last, generator=generators[0]),
        torch.utils.data.DataLoader(theirs, batch_size, shuffle, drop_last=drop_last, generator=generators[1]),
    )


def both_generators(seed: int) -> tuple[numpy_nn.random.Generator, torch.Generator]:
    """Generators of their own, from one seed."""
    return numpy_nn.random.Generator(seed), torch.Generator().manual_seed(seed)


def seed_both(seed: int) -> None:
    """Start both default streams anew."""
    numpy_nn.random.manual_seed(seed)
    torch.manual_seed(seed)


def assert_same_batches(ours: Iterable[Any], theirs: Iterable[Any], each: Callable[[], None] = lambda: None) -> None:
    """The rest of two passes is the same, batch by batch; `each` is called after every one."""
    for batch, twin in zip(ours, theirs, strict=True):
        assert alike(batch, twin)
        each()


def assert_same_position(*generators: tuple[numpy_nn.random.Generator, torch.Generator]) -> None:
    """Both streams stand at the same word: the default ones, and any pairs given."""
    for ours, theirs in ((numpy_nn.random.default_generator, torch.default_generator), *generators):
        assert ours.get_state().tobytes() == theirs.get_state().numpy().tobytes()
