"""Which samples, in which order: the samplers of torch.utils.data, draw for draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.random import Generator, multinomial, randint, random_, randperm


class Sampler:
    """What a DataLoader asks for the numbers of samples, anew for every pass: anything with `__iter__` will do.

    With `__len__` as well, the loader has a length.
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError


class SequentialSampler(Sampler):
    """0, 1, … N − 1.  data_source: anything of length N."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """num_samples numbers out of 0 … N − 1 in random order.

    Without replacement a permutation, and where more than N are asked for, further ones after it. With replacement each
    is drawn by itself, 32 at a time.

    data_source: anything of length N ≥ 1.  num_samples: N if None.  generator: where the draws come from; if None, a
    fresh one, whose seed is drawn from the default stream when the first number is asked for.
    Raises ValueError for another num_samples, TypeError where replacement is no bool or generator is none.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement: expected True or False, got {replacement!r}")
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = checked_generator(generator)
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(f"num_samples: expected a positive int, got {self.num_samples!r}")

    @property
    def num_samples(self) -> int:
        """How many numbers a pass has; follows the length of the data source unless it was given."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        N = len(self.data_source)
        generator = self.generator or Generator(int(random_(())))

        def draw(count: int) -> list[int]:
            if self.replacement:
                return randint(0, N, count, generator=generator).tolist()
            return randperm(N, generator=generator).tolist()[:count]

        at_once = 32 if self.replacement else N
        for _ in range(self.num_samples // at_once):
            yield from draw(at_once)
        yield from draw(self.num_samples % at_once)  # a permutation even where none of it is taken, as in PyTorch

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """The given indices in random order, drawn from the generator itself, the default one if None."""

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = checked_generator(generator)

    def __iter__(self) -> Iterator[int]:
        for place in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[place]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """num_samples numbers out of 0 … N − 1, each drawn with a probability in proportion to its weight.

    weights: (N,), as numpy_nn.random.multinomial takes them, which draws all at once when the first is asked for.
    num_samples: a positive int, replacement: a bool, else ValueError.  generator: the default one if None.
    """

    def __init__(
        self,
        weights: Array | Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(num_samples, int) or isinstance(num_samples, bool) or num_samples <= 0:
            raise ValueError(f"num_samples: expected a positive int, got {num_samples!r}")
        if not isinstance(replacement, bool):
            raise ValueError(f"replacement: expected True or False, got {replacement!r}")
        self.weights = np.array(weights, np.float64)
        if self.weights.ndim != 1:
            raise ValueError(f"weights: expected one dimension, got shape {self.weights.shape}")
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = checked_generator(generator)

    def __iter__(self) -> Iterator[int]:
        draws = multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        yield from draws.tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """The numbers of another sampler in lists of batch_size.

    sampler: any iterable.  batch_size: a positive int.  drop_last: whether a last list that is not full is left out.
    Raises ValueError for other options.
    """

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size: expected a positive int, got {batch_size!r}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last: expected True or False, got {drop_last!r}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[Any]]:
        # A full list is handed on before the sampler is asked for more: so its draws fall where PyTorch's do.
        numbers = iter(self.sampler)
        while len(batch := list(islice(numbers, self.batch_size))) == self.batch_size:
            yield batch
        if batch and not self.drop_last:
            yield batch

    def __len__(self) -> int:
        full, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]
        return full + (rest > 0 and not self.drop_last)


def checked_generator(generator: Generator | None) -> Generator | None:
    """The generator; TypeError where it is neither one nor None."""
    if generator is not None and not isinstance(generator, Generator):
        raise TypeError(f"generator: expected a numpy_nn.random.Generator or None, got {type(generator).__name__}")
    return generator
