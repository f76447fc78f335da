"""Datasets made of other datasets: a part of one, several in a row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import floor, isclose
from operator import index as as_int
from typing import Any
from warnings import warn

import numpy as np

from numpy_nn.backend import is_array
from numpy_nn.data.dataset import Dataset
from numpy_nn.random import Generator, randperm


class Subset:
    """Some samples of a dataset: sample i is dataset[indices[i]].

    indices: a sequence of what the dataset is indexed by.
    A slice, a list or an array of places asks the dataset for an array of indices, which a TensorDataset takes.
    """

    def __init__(self, dataset: Dataset, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self.dataset[np.array(self.indices[index], np.int64)]
        if isinstance(index, list) or (is_array(index) and index.ndim):
            return self.dataset[np.array([self.indices[place] for place in index], np.int64)]
        return self.dataset[self.indices[index]]


class ConcatDataset:
    """Datasets in a row: the samples of the first, then those of the second, and so on.

    datasets: at least one, else ValueError.  cumulative_sizes: where each of them ends.
    An index may count from the end; ValueError below −N, as in PyTorch, and IndexError from N on.
    """

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("datasets: expected at least one, got none")
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        N = len(self)
        if index < -N:
            raise ValueError(f"index: expected in [{-N}, {N}), got {index}")
        if index >= N:
            raise IndexError(f"index: expected in [{-N}, {N}), got {index}")
        index %= N
        part = bisect_right(self.cumulative_sizes, index)
        return self.datasets[part][index - (self.cumulative_sizes[part - 1] if part else 0)]


def random_split(dataset: Dataset, lengths: Sequence[float], generator: Generator | None = None) -> list[Subset]:
    """Parts of a dataset that have no sample in common, drawn at random: torch.utils.data.random_split.

    A permutation of 0 … N − 1 is drawn from the generator, the default one if None, and cut in the order of lengths.

    lengths: how many samples each part has, N together; or the share of each, 1 together: then part i has
    ⌊N share_i⌋, and the samples that remain go one each to the first parts.
    Raises ValueError for other lengths, TypeError for sizes that are no integers; warns where a share comes to nothing.
    """
    N, total = len(dataset), sum(lengths)
    if isclose(total, 1) and total <= 1:
        if not all(0 <= share <= 1 for share in lengths):
            raise ValueError(f"lengths: expected shares in [0, 1], got {lengths!r}")
        sizes = [floor(N * share) for share in lengths]
        for place in range(N - sum(sizes)):
            sizes[place % len(sizes)] += 1
        for place, size in enumerate(sizes):
            if size == 0:
                warn(f"Length of split at index {place} is 0. This might result in an empty dataset.", stacklevel=2)
    else:
        if total != N or any(size < 0 for size in lengths):
            raise ValueError(f"lengths: expected sizes that add up to {N}, or shares that add up to 1, got {lengths!r}")
        try:
            sizes = [as_int(size) for size in lengths]  # type: ignore[arg-type]
        except TypeError:
            raise TypeError(f"lengths: expected integers, got {lengths!r}") from None
    order = randperm(N, generator=generator).tolist()
    return [Subset(dataset, order[stop - size : stop]) for stop, size in zip(accumulate(sizes), sizes, strict=True)]
