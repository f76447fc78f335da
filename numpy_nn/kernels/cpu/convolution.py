"""Convolution by the algorithm that suits the kernel and the number of channels."""

from __future__ import annotations

from collections.abc import Sequence

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback
from numpy_nn.kernels.cpu.columns import conv2d_columns
from numpy_nn.kernels.cpu.geometry import geometry
from numpy_nn.kernels.cpu.layout import channels_first, channels_last
from numpy_nn.kernels.cpu.neighbours import conv2d_neighbours, sharing
from numpy_nn.kernels.cpu.winograd import conv2d_winograd

MANY = 16
"""From how many channels on a pixel is worth a row of its own in a matrix."""


def conv2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[Array, Pullback]:
    """functional.conv2d: over many channels by minimal filtering for 3×3 kernels at stride 1, by windows for others.

    Over few channels by windows that several places share, where they can be shared out.
    y, backward = the same as those of functional.conv2d, up to rounding; y and dx lie with their channels last.

    Takes what functional.conv2d does, to which it hands over other kernels, groups and images without a batch.
    Returns what functional.conv2d returns, up to rounding. Raises what it raises.
    torch.nn.functional.conv2d.
    """
    g = geometry(x, weight, bias, stride, padding, dilation, groups)
    if g is not None:
        if min(g.C, g.O) >= MANY:
            algorithm = conv2d_winograd if g.is_kernel(3, 1) else conv2d_columns
            return algorithm(x, weight, bias, stride, padding, dilation, groups)
        if sharing(g) > 1:
            return conv2d_neighbours(x, weight, bias, stride, padding, dilation, groups)
    y, backward = F.conv2d(x, weight, bias, stride, padding, dilation, groups)
    if g is not None and g.O >= MANY:
        y = channels_first(channels_last(y))  # what comes next has many channels
    return y, backward
