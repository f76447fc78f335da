"""Layers that make images smaller: MaxPool2d, AvgPool2d, AdaptiveAvgPool2d."""

from __future__ import annotations

from collections.abc import Sequence

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels import chosen
from numpy_nn.modules.layer import Layer


class MaxPool2d(Layer):
    """The maximum of each window: see functional.max_pool2d.

    x: (N, C, H, W) or (C, H, W) -> y: (N, C, OH, OW) or (C, OH, OW).  stride None is kernel_size.
    Raises ValueError for sizes that are none.  Not taken over from PyTorch: return_indices.
    """

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        checks.sizes("kernel_size", kernel_size, 2, low=1)
        checks.sizes("stride", kernel_size if stride is None else stride, 2, low=1)
        checks.sizes("padding", padding, 2, low=0)
        checks.sizes("dilation", dilation, 2, low=1)
        checks.option("return_indices", return_indices, False)
        checks.option("ceil_mode", ceil_mode, True, False)
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation, self.ceil_mode = padding, dilation, ceil_mode

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.max_pool2d with these windows."""
        return chosen(F.max_pool2d)(x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class AvgPool2d(Layer):
    """The mean of each window: see functional.avg_pool2d.

    x: (N, C, H, W) or (C, H, W) -> y: (N, C, OH, OW) or (C, OH, OW).  stride None is kernel_size.
    Raises ValueError for sizes that are none.
    """

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        checks.sizes("kernel_size", kernel_size, 2, low=1)
        checks.sizes("stride", kernel_size if stride is None else stride, 2, low=1)
        checks.sizes("padding", padding, 2, low=0)
        checks.option("ceil_mode", ceil_mode, True, False)
        checks.option("count_include_pad", count_include_pad, True, False)
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.avg_pool2d with these windows."""
        return F.avg_pool2d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(Layer):
    """Means of windows that share an image out to output_size: see functional.adaptive_avg_pool2d.

    x: (N, C, H, W) or (C, H, W) -> y: (N, C, *output_size) or (C, *output_size).
    """

    def __init__(self, output_size: int | Sequence[int | None]) -> None:
        super().__init__()
        self.output_size = output_size

    def formula(self, x: Array) -> tuple[Array, Pullback]:
        """functional.adaptive_avg_pool2d to this size."""
        return F.adaptive_avg_pool2d(x, self.output_size)

    def extra_repr(self) -> str:
        """As PyTorch prints it."""
        return f"output_size={self.output_size}"
