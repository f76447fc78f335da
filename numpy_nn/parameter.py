"""An array that learns."""

from __future__ import annotations

import numpy as np

from numpy_nn.backend import Array, DTypeLike, alike, as_array, device_of, is_array, to_device


class Parameter:
    """An array and its gradient.

    data: any shape, floating.  grad: None, or like data.  requires_grad: False freezes it: no gradient is kept.
    Raises TypeError where data is no floating array, and for a grad of another dtype; ValueError for a grad of another
    shape or on another device.
    """

    def __init__(self, data: Array, requires_grad: bool = True) -> None:
        if not is_array(data):
            raise TypeError(f"data: expected an array, got {type(data).__name__}")
        if data.dtype not in (np.float32, np.float64):  # in this machine's order of bytes
            raise TypeError(f"data: expected float32 or float64, got {data.dtype}")
        self.data = as_array(data)
        self._grad: Array | None = None
        self.requires_grad = requires_grad

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of data."""
        return self.data.shape

    @property
    def grad(self) -> Array | None:
        """The gradient of the loss with respect to data, like data; None before there is one."""
        return self._grad

    @grad.setter
    def grad(self, gradient: Array | None) -> None:
        if gradient is not None and not alike(gradient, self.data):
            if not is_array(gradient):
                raise TypeError(f"grad: expected an array or None, got {type(gradient).__name__}")
            if device_of(gradient) != device_of(self.data):
                raise ValueError(f"grad: expected an array on {device_of(self.data)}, got one on {device_of(gradient)}")
            if gradient.shape != self.shape:
                raise ValueError(f"grad: expected shape {self.shape} like data, got {gradient.shape}")
            if gradient.dtype != self.data.dtype:
                raise TypeError(f"grad: expected {self.data.dtype} like data, got {gradient.dtype}")
        self._grad = None if gradient is None else as_array(gradient)  # nothing can change a scalar in place

    def accumulate(self, gradient: Array) -> None:
        """Add a gradient to grad, unless the parameter is frozen."""
        if self.requires_grad:
            self.grad = gradient if self._grad is None else self._grad + gradient

    def to(self, device: str | None = None, dtype: DTypeLike | None = None) -> None:
        """Move data and grad to a device, or convert them to a dtype, or both."""
        self.data = moved(self.data, device, dtype)
        if self.grad is not None:
            self.grad = moved(self.grad, device, dtype)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{self.data!r}"


def moved(x: Array, device: str | None, dtype: DTypeLike | None) -> Array:
    """x on a device, as a dtype, or both; None leaves it as it is."""
    x = to_device(x, device_of(x) if device is None else device)
    return x if dtype is None else x.astype(dtype, copy=False)
