"""What a convolution is asked to do, in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.functional import checks, convolution_checks
from numpy_nn.functional.windows import Margins, Sizes, span
from numpy_nn.kernels.cpu.layout import plain


@dataclass(frozen=True)
class Geometry:
    """N images of size (H, W), C channels, seen by a kernel at `places` (OH, OW), from which O channels come."""

    N: int
    C: int
    O: int  # noqa: E741
    size: Sizes
    places: Sizes
    kernel: Sizes
    stride: Sizes
    margins: Margins
    dilation: Sizes
    dtype: np.dtype[np.floating]

    def is_kernel(self, side: int, stride: int) -> bool:
        """Whether it is a square kernel of that side and stride, its taps next to one another."""
        return self.kernel == (side, side) and self.stride == (stride, stride) and self.dilation == (1, 1)


def geometry(
    x: Array,
    weight: Array,
    bias: Array | None,
    stride: int | Sequence[int],
    padding: int | Sequence[int] | str,
    dilation: int | Sequence[int],
    groups: int,
) -> Geometry | None:
    """The arguments of conv2d as numbers; None where they are for the textbook formula to take, or to refuse."""
    if not plain(x, weight, bias) or groups != 1 or x.ndim != 4 or weight.ndim != 4 or not x.size:
        return None
    convolution_checks.shapes(x, weight, bias, groups, "H, W")
    kernel, size = weight.shape[2:], x.shape[2:]
    steps, apart = checks.sizes("stride", stride, 2, low=1), checks.sizes("dilation", dilation, 2, low=1)
    margins = convolution_checks.margins(padding, kernel, steps, apart)
    padded = tuple(n + before + after for n, (before, after) in zip(size, margins, strict=True))
    convolution_checks.fits(padded, kernel, apart)
    room = zip(padded, span(kernel, apart), steps, strict=True)
    places = tuple((n - covered) // step + 1 for n, covered, step in room)
    return Geometry(len(x), x.shape[1], len(weight), size, places, kernel, steps, margins, apart, x.dtype)


def blocks(N: int, rows: int, width: int, most: int) -> Iterator[tuple[slice, slice]]:
    """Some images, or some rows of one image, at a time: about `most` of the N · rows · width places there are."""
    if rows * width >= most:
        parts = -(-rows * width // most)
        height = -(-rows // parts)
        for n in range(N):
            for top in range(0, rows, height):
                yield slice(n, n + 1), slice(top, min(top + height, rows))
    else:
        together = most // (rows * width)
        for n in range(0, N, together):
            yield slice(n, min(n + together, N)), slice(0, rows)
