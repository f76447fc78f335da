"""Convolution over few channels: places in a row share a window, and their values are channels of one place.

A product of matrices is fast where all their sides are long. A kernel of 5×5 over 6 channels, of which 16 come, makes a
matrix of 150 × 16, whose short side leaves most of the core idle, and copies each pixel 25 times. Five places in a row
see 5×9 pixels together, and what they make of them is a matrix of 270 × 80: nearly half of it zeros, but nine copies of
a pixel instead of 25.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cpu.buffering import unbuffered
from numpy_nn.kernels.cpu.columns import by_windows
from numpy_nn.kernels.cpu.geometry import Geometry, geometry
from numpy_nn.kernels.cpu.layout import channels_first, channels_last, finite

WIDE = 112
"""How many values the places that share a window may have together: a product is no faster for more."""

COPY, RUN = 33, 3000
"""How many multiplications take as long as copying a value, and as going on to another row of a window."""


@formula
@unbuffered
def conv2d_neighbours(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[Array, Pullback]:
    """functional.conv2d by windows that P places in a row share, for few channels.

    y[n, o, h, P q + p] = z[n, p O + o, h, q],  p < P,  where z is the convolution of x at stride P s along the row with
    V[p O + o, c, i, p s + j] = W[o, c, i, j], and 0 elsewhere;   dW[o, c, i, j] = Σ_p dV[p O + o, c, i, p s + j]

    Takes what functional.conv2d does, to which it hands over groups and images without a batch. A value that is not
    finite is seen by its own windows only, as everywhere: where there is one, each place has a window of its own.
    Returns what functional.conv2d returns, up to rounding. Raises what it raises.
    Chellapilla et al. 2006, section 3, with a band of a Toeplitz matrix for the weight; torch.nn.functional.conv2d.
    """
    g = geometry(x, weight, bias, stride, padding, dilation, groups)
    if g is None:
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)
    P, s, (OH, OW), (KH, KW) = sharing(g), g.stride[1], g.places, g.kernel
    wide = replace(g, O=P * g.O, places=(OH, OW // P), kernel=(KH, KW + (P - 1) * s), stride=(g.stride[0], P * s))
    V = np.zeros((P, g.O, g.C, *wide.kernel), g.dtype)
    for p in range(P):
        V[p, ..., p * s : p * s + KW] = weight
    z, pull = by_windows(x, V.reshape(-1, *V.shape[2:]), None if bias is None else np.concatenate([bias] * P), wide)
    if not finite(z):
        return by_windows(x, weight, bias, g)

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        dz = channels_last(dy).reshape(g.N, *wide.places, wide.O)
        dx, dV, *dbias = pull(channels_first(dz), without)
        if not finite(dx, dV):
            return by_windows(x, weight, bias, g)[1](dy, without)
        dweight = None
        if "weight" not in without:
            dV = dV.reshape(V.shape)
            dweight = sum(dV[p, ..., p * s : p * s + KW] for p in range(P))
        if bias is None:
            return dx, dweight
        return dx, dweight, None if "bias" in without else dbias[0].reshape(P, g.O).sum(axis=0)

    return channels_first(channels_last(z).reshape(g.N, OH, OW, g.O)), backward


def sharing(g: Geometry) -> int:
    """How many places in a row share a window: what costs a place least, 1 where nothing is gained by it."""
    KW, s = g.kernel[1], g.stride[1]
    if g.dilation != (1, 1) or s >= KW:
        return 1

    def cost(P: int) -> float:
        """Of a place, for each row of the kernel and each channel."""
        width = KW + (P - 1) * s
        return width * g.O + (COPY * width + RUN / g.C) / P

    return min((P for P in range(1, WIDE // g.O + 1) if g.places[1] % P == 0), key=cost, default=1)
