"""Images cut into overlapping tiles, for convolutions that compute 2×2 places at a time from the same products.

Along each axis such an algorithm is three small matrices: the tile's combinations B, the kernel's combinations G and
the places' combinations A. Here is what does not depend on them: which rows and columns of an image a tile takes.
"""

from __future__ import annotations

from math import prod

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.kernels.cpu.memory import empty


class Room:
    """Scratch for one loop over blocks: each array that is asked for under a name lies where the one before it lay."""

    def __init__(self, dtype: np.dtype[np.floating]) -> None:
        self.dtype = dtype
        self._arrays: dict[str, Array] = {}

    def empty(self, name: str, *shape: int) -> Array:
        """An array of any values in C order."""
        size = prod(shape)
        array = self._arrays.get(name)
        if array is None or array.size < size:
            array = self._arrays[name] = empty((size,), self.dtype)
        return array[:size].reshape(shape)


def planes(image: Array, images: slice, top: int, left: int, rows: int, wide: int, room: Room) -> Array:
    """Rows from `top` on, zeros outside the image, with their columns dealt out: plane q has left + q + 2 j.

    image: (N, H, W, C).  Returns (2, n, rows, wide, C).
    """
    _, H, W, C = image.shape
    dealt = room.empty("planes", 2, images.stop - images.start, rows, wide, C)
    first, last = min(max(0, -top), rows), max(min(rows, H - top), 0)
    dealt[:, :, :first] = 0
    dealt[:, :, last:] = 0
    for q in range(2):
        begin, end = inside(W, left + q, 2, wide)
        dealt[q, :, first:last, :begin] = 0
        dealt[q, :, first:last, end:] = 0
        columns = slice(left + q + 2 * begin, left + q + 2 * end, 2)
        dealt[q, :, first:last, begin:end] = image[images, top + first : top + last, columns]
    return dealt


def inside(length: int, start: int, step: int, count: int) -> tuple[int, int]:
    """Which of the places start + step · j, j < count, lie in [0, length): from the first j to before the last."""
    begin = min(max(0, -(start // step)), count)
    return begin, max(min(count, -((start - length) // step)), begin)


def corners(y: Array, images: slice, rows: slice, room: Room) -> Array:
    """The 2×2 places of each tile, zeros outside the image: (2, 2, n, rows, ⌈W / 2⌉, C).

    y: (N, H, W, C).  A view where the tiles fit in, else a copy.
    """
    W, C = y.shape[2:]
    n, height, wide = images.stop - images.start, rows.stop - rows.start, -(-W // 2)
    part = y[images, 2 * rows.start : 2 * rows.stop]
    if part.shape[1:3] != (2 * height, 2 * wide):
        whole = room.empty("corners", n, 2 * height, 2 * wide, C)
        whole[:, part.shape[1] :] = 0
        whole[:, :, W:] = 0
        whole[:, : part.shape[1], :W] = part
        part = whole
    return part.reshape(n, height, 2, wide, 2, C).transpose(2, 4, 0, 1, 3, 5)


def places(y: Array, images: slice, rows: slice, room: Room) -> tuple[Array, Array | None]:
    """Where to write the 2×2 places of each tile, (2, 2, n, rows, ⌈W / 2⌉, C), and what to crop into y then, if at all.

    y: (N, H, W, C).
    """
    W, C = y.shape[2:]
    n, height, wide = images.stop - images.start, rows.stop - rows.start, -(-W // 2)
    part, cropped = y[images, 2 * rows.start : 2 * rows.stop], None
    if part.shape[1:3] != (2 * height, 2 * wide):
        whole = room.empty("corners", n, 2 * height, 2 * wide, C)
        cropped = whole[:, : part.shape[1], :W]
        part = whole
    return part.reshape(n, height, 2, wide, 2, C).transpose(2, 4, 0, 1, 3, 5), cropped
