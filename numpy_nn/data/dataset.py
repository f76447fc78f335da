"""What a DataLoader can load from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from numpy_nn.backend import Array, device_of, is_array, to_device, to_host


@runtime_checkable
class Dataset(Protocol):
    """Anything with a length, N, and numbered samples: dataset[i] is sample i, for every int i in [0, N).

    A list of samples is one. A class of one's own needs the two methods and no base class; a third, PyTorch's
    `__getitems__(indices)`, may return a list of samples faster than one by one.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, index: Any, /) -> Any: ...


class TensorDataset:
    """Arrays side by side: sample i is row i of each.

    tensors: one array or more, each (N, ...), on any device; ValueError where N differs, TypeError where one is no
    array. The name is PyTorch's.
    """

    def __init__(self, *tensors: Array) -> None:
        if not tensors:
            raise ValueError("tensors: expected at least one array, got none")
        for position, tensor in enumerate(tensors):
            if not is_array(tensor):
                raise TypeError(f"tensors[{position}]: expected an array, got {type(tensor).__name__}")
            if tensor.ndim == 0 or len(tensor) != len(tensors[0]):
                raise ValueError(
                    f"tensors[{position}]: expected a first dimension as in tensors[0], {tensors[0].shape}, "
                    f"got {tensor.shape}"
                )
        self.tensors = tensors

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, index: int | slice | Array) -> tuple[Any, ...]:
        """The rows at index of every array: a copy for an index array, else a view where the library gives one.

        index: an int, a slice, or an array of integers, each in [−N, N).
        Raises IndexError outside of that range, TypeError for anything else.
        """
        if isinstance(index, int | slice):
            return tuple(tensor[index] for tensor in self.tensors)
        if not is_array(index) or index.dtype.kind not in "iu":
            raise TypeError(f"index: expected an int, a slice or an array of integers, got {index!r}")
        index = to_host(index)  # CuPy wraps an index out of range, so the bounds are checked here
        if index.size and not -len(self) <= index.min() <= index.max() < len(self):
            raise IndexError(f"index: expected in [{-len(self)}, {len(self)}), got {index.min()} to {index.max()}")
        return tuple(tensor[to_device(index, device_of(tensor))] for tensor in self.tensors)


class TransformedDataset:
    """A dataset whose samples pass through a function, anew each time they are asked for: random augmentation.

    transform: takes the sample, or its first part where the sample is a tuple: the image of (image, label).
    target_transform: takes the second part, if given.
    Random transforms draw from the default stream. With num_workers > 0 each worker has one of its own, and several of
    them call the functions at once.
    """

    def __init__(
        self,
        dataset: Dataset,
        transform: Callable[[Any], Any],
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        for name, function in (("transform", transform), ("target_transform", target_transform)):
            if not callable(function) and (function is not None or name == "transform"):
                raise TypeError(f"{name}: expected a function, got {type(function).__name__}")
        self.dataset = dataset
        self.transform = transform
        self.target_transform = target_transform

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        sample = self.dataset[index]
        if not isinstance(sample, tuple):
            return self.transform(sample)
        x, *others = sample
        x = self.transform(x)
        if self.target_transform is not None:
            others[0] = self.target_transform(others[0])
        return x, *others
