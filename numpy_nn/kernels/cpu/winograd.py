"""Convolution with a 3×3 kernel at stride 1 in 4 products for each place instead of 9.

Two neighbouring places need y₀ = d₀g₀ + d₁g₁ + d₂g₂ and y₁ = d₁g₀ + d₂g₁ + d₃g₂: six products. With
    m₀ = (d₀ − d₂) g₀    m₁ = (d₁ + d₂) (g₀ + g₁ + g₂) / 2    m₂ = (d₂ − d₁) (g₀ − g₁ + g₂) / 2    m₃ = (d₃ − d₁) g₂
    y₀ = m₀ + m₁ + m₂    y₁ = m₁ − m₂ + m₃
it is four; along both axes, 16 instead of 36 for 2×2 places. What is added and subtracted is data, a whole row of tiles
at a time; what is multiplied is 16 matrices, of tiles by channels and channels by outputs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.windows import Margins
from numpy_nn.kernels.cpu.buffering import unbuffered
from numpy_nn.kernels.cpu.columns import conv2d_columns, dbias
from numpy_nn.kernels.cpu.geometry import Geometry, blocks, geometry
from numpy_nn.kernels.cpu.layout import channels_first, channels_last, contiguous, finite, outputs_first, taps_first
from numpy_nn.kernels.cpu.memory import empty
from numpy_nn.kernels.cpu.tiles import Room, corners, places, planes

TILES = 196
"""How many tiles are worked on at a time, so that what is between two steps stays in the cache."""

SMALL = 1 << 14
"""Matrices up to this size are multiplied faster where they do not have to be transposed on the way."""

DATA = ((np.subtract, 0, 2), (np.add, 1, 2), (np.subtract, 2, 1), (np.subtract, 3, 1))
"""What each of the four products takes of a tile: d₀ − d₂, d₁ + d₂, d₂ − d₁, d₃ − d₁."""

KERNEL = ((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1))
"""What of g₀, g₁ and g₂ goes into each of the four products."""


@formula
@unbuffered
def conv2d_winograd(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[Array, Pullback]:
    """functional.conv2d with a kernel of 3×3 at stride 1, by minimal filtering F(2×2, 3×3).

    Y = Aᵀ [Σ_c (Bᵀ D B) ⊙ (G W Gᵀ)] A + b  for each tile D of 4×4;   dW = Gᵀ [Σ (Bᵀ D B) ⊙ (A dY Aᵀ)] G,
    dX is the same of dY, with the kernel turned by 180°;   db = Σ dY

    Takes what functional.conv2d does, to which it hands over every other kernel. Rounding errors are those
    of a sum over the whole tile. A value that is not finite is seen by its own windows only, as everywhere: where there
    is one, the products of conv2d_columns take over.
    Returns what functional.conv2d returns, up to rounding. Raises what it raises.
    Lavin & Gray 2016, section 4.1; torch.nn.functional.conv2d.
    """
    g = geometry(x, weight, bias, stride, padding, dilation, groups)
    if g is None or not g.is_kernel(3, 1) or max(max(pair) for pair in g.margins) > 2:
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)
    image, W = channels_last(x), taps_first(weight)
    y = _convolved(image, _kernel(W), g.margins)
    if bias is not None:
        y += bias
    if not finite(y):
        return conv2d_columns(x, weight, bias, padding=padding)

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        slope, dx, dweight = channels_last(dy), None, None
        if "x" not in without:
            turned = _kernel(W, turned=True).swapaxes(2, 3)
            if g.C * g.O <= SMALL:
                turned = contiguous(turned)
            dx = channels_first(_convolved(slope, turned, _opposite(g.margins)))
        if "weight" not in without:
            dweight = outputs_first(_dweight(image, slope, g))
        if not finite(dx, dweight):
            return conv2d_columns(x, weight, bias, padding=padding)[1](dy, without)
        if bias is None:
            return dx, dweight
        return dx, dweight, None if "bias" in without else dbias(slope)

    return channels_first(y), backward


def _opposite(margins: Margins) -> Margins:
    """The margins that undo these: with a kernel of 3, what went in by p comes out by 2 − p."""
    return tuple((2 - before, 2 - after) for before, after in margins)


def _convolved(image: Array, U: Array, margins: Margins) -> Array:
    """Y = Aᵀ [Σ_c (Bᵀ D B) ⊙ (G W Gᵀ)] A. image: (N, H, W, C).  U: G W Gᵀ, (4, 4, C, O).  Returns y."""
    (top, bottom), (left, right) = margins
    N, H, width, _ = image.shape
    O = U.shape[3]  # noqa: E741
    y = empty((N, H + top + bottom - 2, width + left + right - 2, O), image.dtype)
    room = Room(image.dtype)
    wide = -(-y.shape[2] // 2)
    for images, rows in blocks(N, -(-y.shape[1] // 2), wide, TILES):
        out, cropped = places(y, images, rows, room)
        shape = out.shape[1:]  # (2, n, rows, wide, O)
        sums = [room.empty(f"sums {r}", *shape) for r in range(3)]
        for a, V in _tiles(image, images, rows, wide, top, left, room):
            M = room.empty("products", 4, V.shape[1], O)
            np.matmul(V, U[a], out=M)  # (4, tiles, C) (4, C, O)
            part = sums[min(a, 2)]
            _two(M.reshape(4, -1), part.reshape(2, -1))
            if a == 1:
                sums[0] += part
            elif a == 2:
                np.add(sums[0], part, out=out[0])
                sums[1] -= part
            elif a == 3:
                np.add(sums[1], part, out=out[1])
        if cropped is not None:
            y[images, 2 * rows.start : 2 * rows.stop] = cropped
    return y


def _two(m: Array, y: Array) -> None:
    """y₀ = m₀ + m₁ + m₂ and y₁ = m₁ − m₂ + m₃; m is written over."""
    np.add(m[0], m[1], out=m[0])
    np.add(m[0], m[2], out=y[0])
    np.subtract(m[1], m[2], out=m[1])
    np.add(m[1], m[3], out=y[1])


def _tiles(
    image: Array, images: slice, rows: slice, wide: int, top: int, left: int, room: Room
) -> Iterator[tuple[int, Array]]:
    """V = Bᵀ D B of every tile, one of its four rows at a time: a and (4, tiles, C), valid until the next.

    What goes between two steps is so small then that it stays in the cache.
    """
    C, n, height = image.shape[3], images.stop - images.start, rows.stop - rows.start
    P = planes(image, images, 2 * rows.start - top, -left, 2 * height + 2, wide + 1, room)
    P = P.reshape(2, n, 2 * height + 2, (wide + 1) * C)
    d = [P[:, :, k : k + 2 * height : 2] for k in range(4)]
    even, odd = T = room.empty("tile rows", 2, n, height, (wide + 1) * C)
    V = room.empty("tiles", 4, n, height, wide * C)
    here, after = slice(None, wide * C), slice(C, None)
    for a, (combine, first, second) in enumerate(DATA):
        combine(d[first], d[second], out=T)
        d_of_columns = even[..., here], odd[..., here], even[..., after], odd[..., after]
        for b, (combine_columns, left_one, right_one) in enumerate(DATA):
            combine_columns(d_of_columns[left_one], d_of_columns[right_one], out=V[b])
        yield a, V.reshape(4, -1, C)


def _kernel(W: Array, turned: bool = False) -> Array:
    """U = G W Gᵀ, of W or of W turned by 180°, as one product with G ⊗ G: (3, 3, C, O) -> (4, 4, C, O)."""
    G = np.array(KERNEL, W.dtype)[:, ::-1] if turned else np.array(KERNEL, W.dtype)
    U = empty((4, 4, *W.shape[2:]), W.dtype)
    np.dot(np.kron(G, G), W.reshape(9, -1), out=U.reshape(16, -1))
    return U


def _dweight(image: Array, slope: Array, g: Geometry) -> Array:
    """dW = Gᵀ [Σ (Bᵀ D B) ⊙ (A dY Aᵀ)] G, (3, 3, C, O)."""
    (top, _), (left, _) = g.margins
    wide, room = -(-g.places[1] // 2), Room(g.dtype)
    dU, part = empty((4, 4, g.C, g.O), g.dtype), None
    for images, rows in blocks(g.N, -(-g.places[0] // 2), wide, TILES):
        dY = corners(slope, images, rows, room)
        Q = room.empty("slopes", 4, *dY.shape[1:])
        _spread(dY, Q)
        dM = room.empty("products", 4, *dY.shape[2:])
        for a, V in _tiles(image, images, rows, wide, top, left, room):
            _spread(Q[a], dM)
            np.matmul(V.swapaxes(1, 2), dM.reshape(4, -1, g.O), out=dU[a] if part is None else part)
            if part is not None:
                dU[a] += part
        part = room.empty("part", *dU.shape[1:])
    G = np.array(KERNEL, g.dtype)
    dW = np.dot(np.kron(G, G).T, dU.reshape(16, -1))
    return dW.reshape(3, 3, g.C, g.O)


def _spread(dy: Array, out: Array) -> None:
    """What of dy reaches each product, _two backwards: dy₀, dy₀ + dy₁, dy₀ − dy₁, dy₁."""
    out[0] = dy[0]
    np.add(dy[0], dy[1], out=out[1])
    np.subtract(dy[0], dy[1], out=out[2])
    out[3] = dy[1]
