"""What a tensor has of the array that it holds."""

from __future__ import annotations

from typing import Any

from numpy_nn.autograd.graph import Leaf, Node
from numpy_nn.backend import Array, device_of, item


class Holder:
    """An object around an array, `data`, with that array's shape, dtype and device."""

    __slots__ = ()

    @property
    def data(self) -> Array:
        """The array itself."""
        raise NotImplementedError(f"{type(self).__name__} does not define data")

    @property
    def place(self) -> Node | Leaf | None:
        """Where gradients go."""
        raise NotImplementedError(f"{type(self).__name__} does not define place")

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of data."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """How many dimensions there are."""
        return self.data.ndim

    @property
    def dtype(self) -> Any:
        """The dtype of data."""
        return self.data.dtype

    @property
    def device(self) -> str:
        """The device that data is on."""
        return device_of(self.data)

    def numel(self) -> int:
        """How many elements there are."""
        return self.data.size

    def item(self) -> Any:
        """The Python number in a tensor of one element. Raises RuntimeError for more."""
        if self.numel() != 1:
            raise RuntimeError(f"a Tensor with {self.numel()} elements cannot be converted to Scalar")
        return item(self.data)

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())
