"""Layers that move a kernel over their input: Conv1d, Conv2d, ConvTranspose2d."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from math import sqrt
from typing import Any

import numpy as np

from numpy_nn import functional as F
from numpy_nn import init
from numpy_nn.backend import Array, DTypeLike, device_module
from numpy_nn.functional import checks, convolution_checks
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels import chosen, empty_weight
from numpy_nn.modules.layer import Layer
from numpy_nn.parameter import Parameter


class _Convolution(Layer):
    """What the layers have in common: their options, how their parameters start, and how they are printed."""

    axes: int
    transposed = False
    padding: Any  # an integer for each axis, or a name

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] | str = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        checks.integer("groups", groups, low=1)
        for name, count in (("in_channels", in_channels), ("out_channels", out_channels)):
            if checks.integer(name, count, low=1) % groups:
                raise ValueError(f"{name}: expected a multiple of groups = {groups}, got {count}")
        checks.option("bias", bias, True, False)
        checks.option("padding_mode", padding_mode, "zeros", "reflect", "replicate", "circular")
        dtype = checks.floating_dtype(dtype)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = checks.sizes("kernel_size", kernel_size, self.axes, low=1)
        self.stride = checks.sizes("stride", stride, self.axes, low=1)
        self.dilation = checks.sizes("dilation", dilation, self.axes, low=1)
        margins = convolution_checks.margins(padding, self.kernel_size, self.stride, self.dilation)
        self.padding = padding if isinstance(padding, str) else tuple(before for before, _ in margins)
        self.output_padding, self.padding_mode = (0,) * self.axes, padding_mode
        self.margins = tuple(one for margin in reversed(margins) for one in margin)  # as functional.pad takes them
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        xp = device_module(device)
        self.weight = Parameter(empty_weight((first, second // groups, *self.kernel_size), device, dtype))
        init.kaiming_uniform_(self.weight, a=sqrt(5))
        self.bias = Parameter(xp.empty(out_channels, dtype=dtype)) if bias else None
        if self.bias is not None:
            bound = 1 / sqrt(init.fan_in(self.weight))
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        for name, usual in (("padding", 0), ("dilation", 1), ("output_padding", 0)):
            if getattr(self, name) != (usual,) * self.axes:
                text += f", {name}={getattr(self, name)}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        return text if self.padding_mode == "zeros" else f"{text}, padding_mode={self.padding_mode}"

    def _convolved(self, convolve: Callable[..., tuple[Array, Pullback]], x: Array) -> tuple[Array, Pullback]:
        """A formula with this weight and bias, x padded before where it is not with zeros."""
        bias = None if self.bias is None else self.bias.data
        if self.padding_mode == "zeros":
            return convolve(x, self.weight.data, bias, self.stride, self.padding, self.dilation, self.groups)
        padded, pad_backward = F.pad(x, self.margins, self.padding_mode)
        y, convolve_backward = convolve(padded, self.weight.data, bias, self.stride, 0, self.dilation, self.groups)

        def backward(dy: Array, without: Collection[str] = ()) -> Any:
            dpadded, *others = convolve_backward(dy, without)
            return None if dpadded is None else pad_backward(dpadded), *others

        return y, backward


class Conv1d(_Convolution):
    """A kernel moved over sequences: see functional.conv1d.

    weight (out_channels, in_channels / groups, K) and bias (out_channels,) start as U(−1/√n, 1/√n), n being the number
    of inputs of one output.  padding_mode: what stands round x, "zeros" or a mode of functional.pad.
    x: (N, in_channels, L) or (in_channels, L) -> y: (N, out_channels, OL) or without N.
    Raises ValueError for channels that groups do not divide and options out of range.
    """

    axes = 1

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.conv1d with this weight and bias."""
        return self._convolved(F.conv1d, x)


class Conv2d(_Convolution):
    """A kernel moved over images: see functional.conv2d.

    weight (out_channels, in_channels / groups, KH, KW) and bias (out_channels,) start as U(−1/√n, 1/√n), n being the
    number of inputs of one output.  padding_mode: what stands round x, "zeros" or a mode of functional.pad.
    x: (N, in_channels, H, W) or (in_channels, H, W) -> y: (N, out_channels, OH, OW) or without N.
    Raises ValueError for channels that groups do not divide and options out of range.
    """

    axes = 2

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.conv2d with this weight and bias."""
        return self._convolved(chosen(F.conv2d), x)


class ConvTranspose2d(_Convolution):
    """A kernel put into a larger image by every value of a smaller one: see functional.conv_transpose2d.

    weight (in_channels, out_channels / groups, KH, KW) and bias (out_channels,) start as U(−1/√n, 1/√n) with
    n = out_channels / groups · KH · KW, as in PyTorch.
    x: (N, in_channels, H, W) or (in_channels, H, W) -> y: (N, out_channels, OH, OW) or without N.
    Raises ValueError for channels that groups do not divide and options out of range.
    Not taken over from PyTorch: output_size in a call; output_padding says the same.
    """

    axes = 2
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        output_padding: int | Sequence[int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Sequence[int] = 1,
        padding_mode: str = "zeros",
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        checks.sizes("padding", padding, self.axes, low=0)
        checks.option("padding_mode", padding_mode, "zeros")
        extra = checks.sizes("output_padding", output_padding, self.axes, low=0)
        super().__init__(
            *(in_channels, out_channels, kernel_size, stride, padding, dilation, groups),
            *(bias, padding_mode, device, dtype),
        )
        self.output_padding = extra

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.conv_transpose2d with this weight and bias."""
        bias = None if self.bias is None else self.bias.data
        options = self.stride, self.padding, self.output_padding, self.groups, self.dilation
        return F.conv_transpose2d(x, self.weight.data, bias, *options)
