"""Where the windows of a pooling lie on the images, and how images are cut into them and put together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.windows import Margins, Sizes, crop, overlap_add, pad, span, windows


@dataclass(frozen=True)
class Grid:
    """Windows: size (H, W) of the images, out (OH, OW) of the result, and what torch.nn.functional's poolings take."""

    size: Sizes
    out: Sizes
    kernel: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes

    @property
    def margins(self) -> Margins:
        """What stands round the images: the padding, and after them at least what the last window needs."""
        ends = (
            (out - 1) * s + k for out, s, k in zip(self.out, self.stride, span(self.kernel, self.dilation), strict=True)
        )
        return tuple((p, max(p, end - n - p)) for n, p, end in zip(self.size, self.padding, ends, strict=True))

    def windows(self, x: Array) -> Array:
        """What every window sees of the images, and 0s round them: (N, C, H, W) -> (N, C, OH, OW, KH, KW)."""
        return windows(pad(x, self.margins), self.kernel, self.stride, self.dilation)

    def back(self, w: Array) -> Array:
        """Windows added up where they were seen, without what is round them: (N, C, OH, OW, KH, KW) -> (N, C, H, W)."""
        margins = self.margins
        padded = tuple(n + before + after for n, (before, after) in zip(self.size, margins, strict=True))
        return crop(overlap_add(w, padded, self.stride, self.dilation), margins)

    def lengths(self, with_padding: bool) -> list[list[int]]:
        """How many values each window holds, along the height and along the width; with or without the padding."""
        found = []
        for n, out, k, s, p in zip(self.size, self.out, self.kernel, self.stride, self.padding, strict=True):
            low, high = (-p, n + p) if with_padding else (0, n)
            starts = [place * s - p for place in range(out)]
            found.append([min(start + k, high) - max(start, low) for start in starts])
        return found


def grid_of(
    x: Array,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None,
    padding: int | Sequence[int],
    dilation: int | Sequence[int],
    ceil_mode: bool,
) -> Grid:
    """The windows on images x, once it is known that there are some."""
    checks.option("ceil_mode", ceil_mode, True, False)
    if x.ndim not in (3, 4) or 0 in x.shape[-3:]:
        raise ValueError(f"x: expected shape (N, C, H, W) or (C, H, W) with C, H and W above 0, got {x.shape}")
    kernel = checks.sizes("kernel_size", kernel_size, 2, low=1)
    strides = kernel if stride is None else checks.sizes("stride", stride, 2, low=1)
    margins = checks.sizes("padding", padding, 2, low=0)
    dilations = checks.sizes("dilation", dilation, 2, low=1)
    if any(p > k // 2 for p, k in zip(margins, kernel, strict=True)):
        raise ValueError(f"padding: expected at most half of kernel_size {kernel}, got {margins}")
    out = []
    for n, k, s, p, d in zip(x.shape[-2:], kernel, strides, margins, dilations, strict=True):
        room = n + 2 * p - d * (k - 1) - 1  # how far the first window can move
        count = (room + (s - 1 if ceil_mode else 0)) // s + 1
        if ceil_mode and (count - 1) * s >= n + p:
            count -= 1  # the last window begins within the image or the padding before it
        if count < 1:
            raise ValueError(f"kernel_size: expected one that fits x {x.shape} padded by {margins}, got {kernel}")
        out.append(count)
    return Grid(x.shape[-2:], tuple(out), kernel, strides, margins, dilations)
