"""Batches of a dataset, in PyTorch's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from numpy_nn.data.collate import default_collate, default_convert
from numpy_nn.data.dataset import Dataset
from numpy_nn.data.fetch import samples, take
from numpy_nn.data.samplers import BatchSampler, RandomSampler, SequentialSampler, checked_generator
from numpy_nn.data.workers import Prefetch
from numpy_nn.random import Generator, random_


class DataLoader:
    """The batches of a dataset, one pass for each iteration, drawing what torch.utils.data.DataLoader draws.

    dataset: a `Dataset` of N samples.  batch_size: a positive int; None takes samples as they are, one by one.
    shuffle: a new order for every pass.  sampler: an iterable of sample numbers, in place of shuffle.
    batch_sampler: an iterable of lists of them, in place of batch_size, shuffle, sampler and drop_last.
    num_workers: how many threads make batches ahead, prefetch_factor each (2 if None); 0 makes them when asked for.
    collate_fn: takes the list of a batch's samples, `default_collate` if None.
    drop_last: leave out a last batch that is not full.
    generator: where shuffle and the workers' seeds are drawn from; the default one if None.

    From one seed, the batches and the position of the random stream before, during and after a pass are PyTorch's own.
    Batch i is made by worker i mod num_workers; each has a default stream of its own, seeded as PyTorch seeds its
    processes, so a dataset that draws from it gives the same batches, too. (Python's own and NumPy's global generators,
    which threads share, are left alone.) What a worker raises is raised where its batch would stand, and the pass goes
    on after it, as in PyTorch. A dataset must bear being asked by several threads at once.
    A batch shares no memory with a `TensorDataset`, whose rows are taken a batch at a time.
    Raises ValueError for other options, ones that exclude each other, and, as PyTorch does, for shuffle of an empty
    dataset; TypeError where dataset, sampler, collate_fn or generator is of another type.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int | None = 1,
        shuffle: bool | None = False,
        *,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        drop_last: bool = False,
        generator: Generator | None = None,
        prefetch_factor: int | None = None,
    ) -> None:
        if not isinstance(dataset, Dataset):
            raise TypeError(f"dataset: expected __len__ and __getitem__, got {type(dataset).__name__}")
        if shuffle not in (True, False, None):
            raise ValueError(f"shuffle: expected True or False, got {shuffle!r}")
        for name, given in (("sampler", sampler), ("batch_sampler", batch_sampler)):
            if given is not None and not isinstance(given, Iterable):
                raise TypeError(f"{name}: expected an iterable, got {type(given).__name__}")
        if collate_fn is not None and not callable(collate_fn):
            raise TypeError(f"collate_fn: expected a function, got {type(collate_fn).__name__}")
        _check_workers(num_workers, prefetch_factor)
        if sampler is not None and shuffle:
            raise ValueError("sampler: expected none beside shuffle, got one")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError("batch_sampler: expected none beside batch_size, shuffle, sampler and drop_last, got one")
        if batch_size is None and drop_last:
            raise ValueError("drop_last: expected False without batch_size, got True")
        if shuffle and len(dataset) == 0:
            raise ValueError("dataset: expected at least one sample to shuffle, got none")
        self.generator = checked_generator(generator)
        if sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        if collate_fn is None:
            collate_fn = default_convert if batch_sampler is None else default_collate
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn
        self.drop_last = drop_last
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor

    @property
    def _order(self) -> Iterable[Any]:
        """What to fetch, one after the other: lists of sample numbers, or single ones without batches."""
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def __len__(self) -> int:
        """How many batches a pass has, if the sampler knows."""
        return len(self._order)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Any]:
        order = iter(self._order)
        # PyTorch draws a seed for its workers at once, even where it has none.
        seed = int(random_((), generator=self.generator))
        if self.prefetch_factor is None:
            return map(self._fetch, order)
        # PyTorch begins with the sampler once more here, which one that draws at once will notice.
        return Prefetch(self._fetch, iter(self._order), self.num_workers, self.prefetch_factor, seed)

    def _fetch(self, indices: Any) -> Any:
        if self.batch_sampler is None:
            return self.collate_fn(self.dataset[indices])
        if self.collate_fn is default_collate and (batch := take(self.dataset, indices)) is not None:
            return batch
        return self.collate_fn(samples(self.dataset, indices))


def _check_workers(num_workers: int, prefetch_factor: int | None) -> None:
    if isinstance(num_workers, bool) or not isinstance(num_workers, int) or num_workers < 0:
        raise ValueError(f"num_workers: expected an int >= 0, got {num_workers!r}")
    if prefetch_factor is None:
        return
    if not num_workers:
        raise ValueError(f"prefetch_factor: expected None without workers, got {prefetch_factor!r}")
    if isinstance(prefetch_factor, bool) or not isinstance(prefetch_factor, int) or prefetch_factor < 1:
        raise ValueError(f"prefetch_factor: expected a positive int, got {prefetch_factor!r}")
