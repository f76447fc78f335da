"""Transposed convolution: every value of a small image puts its own multiple of a kernel into a larger one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import prod
from typing import Any

from numpy_nn.backend import Array
from numpy_nn.functional import checks, convolution_checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.windows import columns, crop, from_columns, from_rows, overlap_add, pad, rows, windows


@formula
def conv_transpose2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> tuple[Array, Pullback]:
    """What conv2d's backward does to dy, as a forward: images become larger by the stride.

    y[n, o, h, w] = b[o] + Σ W[c, o, i, j] x[n, c, p, q] over all p·stride + i·dilation − padding = h, and w likewise.
    With the values of x as rows of a matrix X this is  Y = Wᵀ X, each column added to where its window lies, + b;
    dX = W dY with the windows of dy as the columns of dY,   dW = X dYᵀ,   db = Σ dy over images and places

    x: (N, C, H, W) or (C, H, W), floating.  weight: (C, O / groups, KH, KW).  bias: (O,) or None.
    stride, padding, dilation: one integer, or two for height and width; padding is cut off on every side.
    output_padding: rows and columns added below and on the right, fewer than stride or dilation.  groups: parts of the
    channels that do not see each other.
    Returns y (N, O, OH, OW) with OH = (H − 1) stride − 2 padding + dilation (KH − 1) + 1 + output_padding, and
    backward(dy, without=()) -> dx, dweight, dbias, as in conv2d.
    Raises ValueError where shapes do not fit or an option is out of range, TypeError for other types.
    Zeiler et al. 2010; Dumoulin & Visin 2016, chapter 4; torch.nn.functional.conv_transpose2d.
    """
    xp = checks.floating(x=x, weight=weight, optional={"bias": bias})
    convolution_checks.shapes(x, weight, bias, groups, "H, W", transposed=True)
    kernel, places = weight.shape[2:], x.shape[-2:]
    stride, dilation = checks.sizes("stride", stride, 2, low=1), checks.sizes("dilation", dilation, 2, low=1)
    cut, extra = checks.sizes("padding", padding, 2, low=0), checks.sizes("output_padding", output_padding, 2, low=0)
    whole = convolution_checks.transposed_size(places, kernel, stride, dilation, cut, extra)
    margins = tuple((p, p) for p in cut)

    X = rows(x.reshape(-1, *x.shape[-3:]), groups)  # (groups, C/groups, N·H·W)
    W = weight.reshape(groups, len(weight) // groups, -1)  # (groups, C/groups, O/groups·KH·KW)
    N = prod(x.shape[:-3])
    placed = from_columns(xp.matmul(W.swapaxes(1, 2), X), kernel, N, places)  # (N, O, H, W, KH, KW)
    y = crop(overlap_add(placed, whole, stride, dilation), margins)
    if bias is not None:
        y = y + bias[:, None, None]

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        seen = windows(pad(dy.reshape(y.shape), margins), kernel, stride, dilation)
        dY = columns(seen[:, :, : places[0], : places[1]], groups)  # output_padding may show a place more
        dx = dweight = dbias = None
        if "x" not in without:
            dx = from_rows(xp.matmul(W, dY), N, places).reshape(x.shape)
        if "weight" not in without:
            dweight = xp.matmul(X, dY.swapaxes(1, 2)).reshape(weight.shape)
        if bias is None:
            return dx, dweight
        if "bias" not in without:
            dbias = xp.matmul(rows(dy.reshape(y.shape), 1)[0], xp.ones(dy.size // len(bias), dtype=dy.dtype))
        return dx, dweight, dbias

    return xp.ascontiguousarray(y).reshape(*x.shape[:-3], *y.shape[1:]), backward
