"""Convolution: a kernel moved over images or sequences, the same weights everywhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from numpy_nn.backend import Array
from numpy_nn.functional import checks, convolution_checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.windows import columns, crop, from_columns, from_rows, overlap_add, pad, rows, windows


@formula
def conv2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[Array, Pullback]:
    """Weighted sums over the window under a kernel, at every place of an image.

    y[n, o, p, q] = b[o] + Σ_cij W[o, c, i, j] x[n, c, p·stride + i·dilation − padding, q·…],  where x is 0 outside.
    With the windows as the columns X of a matrix this is  Y = W X + b;
    dX = Wᵀ dY, each column added back to where it was seen,   dW = dY Xᵀ,   db = Σ dY over images and places

    x: (N, C, H, W) or (C, H, W), floating.  weight: (O, C / groups, KH, KW).  bias: (O,) or None.
    stride, padding, dilation: one integer, or two for height and width.  padding: also "valid" for 0, and "same" for a
    y as large as x, with stride 1 only.  groups: parts of the channels that do not see each other.
    Returns y (N, O, OH, OW), or (O, OH, OW), and backward(dy, without=()) -> dx, dweight, dbias (no dbias where bias is
    None); those named in without ("x", "weight", "bias") are None instead of computed.
    Raises ValueError where shapes do not fit or an option is out of range, TypeError for other types.
    LeCun et al. 1989; as one product: Chellapilla et al. 2006, section 3; torch.nn.functional.conv2d.
    """
    return _convolution(x, weight, bias, stride, padding, dilation, groups, axes="H, W")


@formula
def conv1d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[Array, Pullback]:
    """Weighted sums over the window under a kernel, at every place of a sequence.

    y[n, o, p] = b[o] + Σ_ci W[o, c, i] x[n, c, p·stride + i·dilation − padding],  where x is 0 outside;
    derivatives as in conv2d

    x: (N, C, L) or (C, L), floating.  weight: (O, C / groups, KL).  bias: (O,) or None.
    stride, padding, dilation, groups: as in conv2d, for one axis.
    Returns y (N, O, OL), or (O, OL), and backward(dy, without=()) -> dx, dweight, dbias, as in conv2d.
    Raises ValueError where shapes do not fit or an option is out of range, TypeError for other types.
    Waibel et al. 1989; torch.nn.functional.conv1d.
    """
    return _convolution(x, weight, bias, stride, padding, dilation, groups, axes="L")


def _convolution(
    x: Array,
    weight: Array,
    bias: Array | None,
    stride: int | Sequence[int],
    padding: int | Sequence[int] | str,
    dilation: int | Sequence[int],
    groups: int,
    axes: str,
) -> tuple[Array, Pullback]:
    """Convolution along any number of axes, whose names are given: the body of conv1d and conv2d."""
    xp = checks.floating(x=x, weight=weight, optional={"bias": bias})
    convolution_checks.shapes(x, weight, bias, groups, axes)
    kernel = weight.shape[2:]
    stride = checks.sizes("stride", stride, len(kernel), low=1)
    dilation = checks.sizes("dilation", dilation, len(kernel), low=1)
    margins = convolution_checks.margins(padding, kernel, stride, dilation)

    images = x.reshape(-1, *x.shape[-1 - len(kernel) :])
    padded = pad(images, margins)
    convolution_checks.fits(padded.shape[2:], kernel, dilation)
    seen = windows(padded, kernel, stride, dilation)  # (N, C, OH, OW, KH, KW), a view
    N, places = len(images), seen.shape[2 : -len(kernel)]
    W = weight.reshape(groups, len(weight) // groups, -1)  # (groups, O/groups, C/groups·KH·KW)
    Y = xp.matmul(W, columns(seen, groups))  # (groups, O/groups, N·OH·OW)
    if bias is not None:
        Y = Y + bias.reshape(groups, -1, 1)
    y = from_rows(Y, N, places)

    def backward(dy: Array, without: Collection[str] = ()) -> Any:
        dY = rows(dy.reshape(y.shape), groups)
        dx = dweight = dbias = None
        if "x" not in without:
            dseen = from_columns(xp.matmul(W.swapaxes(1, 2), dY), kernel, N, places)
            dx = crop(overlap_add(dseen, padded.shape[2:], stride, dilation), margins).reshape(x.shape)
        if "weight" not in without:
            dweight = xp.matmul(dY, columns(seen, groups).swapaxes(1, 2)).reshape(weight.shape)
        if bias is None:
            return dx, dweight
        if "bias" not in without:
            dbias = xp.matmul(dY, xp.ones(dY.shape[2], dtype=dy.dtype)).reshape(bias.shape)
        return dx, dweight, dbias

    return y.reshape(*x.shape[: -1 - len(kernel)], *y.shape[1:]), backward
