"""Batches of a dataset, in PyTorch's order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.data.dataset import Dataset
from numpy_nn.random import Generator, random_, randperm


class DataLoader:
    """The batches of a dataset, one pass for each iteration, drawing what torch.utils.data.DataLoader draws.

    dataset: a `Dataset` of N samples.  batch_size: a positive int.  shuffle: a new order for every pass.  drop_last:
    leave out a last batch that is not full.  generator: where the draws come from; the default generator if None.
    A batch is what dataset[indices] gives, a tuple turned into a list, as in PyTorch. It shares no memory with a
    `TensorDataset`. From one seed, the order of the samples and the position of the random stream before, during and
    after a pass are PyTorch's own (with num_workers=0).
    Raises ValueError for other options, and, as PyTorch does, for shuffle of an empty dataset; TypeError where dataset
    or generator is of another type.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        drop_last: bool = False,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(dataset, Dataset) or isinstance(dataset, list | tuple | dict):
            raise TypeError(f"dataset: expected one that an array can index, got {type(dataset).__name__}")
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size: expected a positive int, got {batch_size!r}")
        for name, flag in (("shuffle", shuffle), ("drop_last", drop_last)):
            if not isinstance(flag, bool):
                raise ValueError(f"{name}: expected True or False, got {flag!r}")
        if generator is not None and not isinstance(generator, Generator):
            raise TypeError(f"generator: expected a numpy_nn.random.Generator, got {type(generator).__name__}")
        if shuffle and len(dataset) == 0:
            raise ValueError("dataset: expected at least one sample to shuffle, got none")
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.generator = generator

    def __len__(self) -> int:
        """How many batches a pass has."""
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        # PyTorch draws a seed for its worker processes at once, even where it has none; nothing here uses it.
        random_((), generator=self.generator)
        return self._batches()

    def _batches(self) -> Iterator[Any]:
        for indices in self._indices():
            batch = self.dataset[indices]
            yield list(batch) if isinstance(batch, tuple) else batch

    def _indices(self) -> Iterator[Array]:
        """The sample numbers of each batch; the draws fall where torch.utils.data.RandomSampler makes them."""
        N = len(self.dataset)
        generator = self.generator
        if self.shuffle and generator is None:
            generator = Generator(int(random_(())))
        order = randperm(N, generator=generator) if self.shuffle else np.arange(N)
        rest = N % self.batch_size
        for start in range(0, N - rest, self.batch_size):
            yield order[start : start + self.batch_size]
        if self.shuffle and self.generator is not None:
            # Asked for one index more than there are, PyTorch's sampler permutes again and takes none of it.
            randperm(N, generator=generator)
        if rest and not self.drop_last:
            yield order[N - rest :]
