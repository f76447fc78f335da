"""Pooling: images made smaller, each window of one becoming its maximum or its mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, prod
from typing import Any

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.broadcasting import summed
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.pooling_grid import grid_of
from numpy_nn.functional.windows import Sizes


@formula
def max_pool2d(
    x: Array,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Pullback]:
    """The maximum of each window.

    y_pq = max_ij x[p·stride + i·dilation − padding, q·stride + j·dilation − padding];   dx = Σ dy over the windows that
    a value is the maximum of: of several maxima the first, row by row, of several nan the last

    x: (N, C, H, W) or (C, H, W), floating.  kernel_size, stride (None for kernel_size), padding, dilation: an integer
    or one for the height and one for the width; padding is at most half the kernel and never the maximum.
    ceil_mode: one window more where values are left over at the end.
    Returns y (N, C, OH, OW), or without N, and backward(dy) -> dx, like x.
    Raises ValueError where shapes or sizes do not fit, TypeError for other dtypes or no integers.
    torch.nn.functional.max_pool2d, without return_indices.
    """
    xp = checks.floating(x=x)
    grid = grid_of(x, kernel_size, stride, padding, dilation, ceil_mode)
    images = _images(x)
    inside = grid.windows(xp.ones((1, 1, *grid.size), dtype=bool))  # (1, 1, OH, OW, KH, KW), False on the padding
    y = xp.full((*images.shape[:2], *grid.out), -inf, dtype=x.dtype)
    winner = xp.full(y.shape, -1)
    for place, (value, real) in enumerate(zip(_places(grid.windows(images)), _places(inside), strict=True)):
        larger = real & ((winner < 0) | (value > y) | xp.isnan(value))
        y, winner = xp.where(larger, value, y), xp.where(larger, place, winner)

    def backward(dy: Array) -> Array:
        every = xp.arange(grid.kernel[0] * grid.kernel[1]).reshape(grid.kernel)
        wins = winner[:, :, :, :, None, None] == every  # (N, C, OH, OW, KH, KW)
        return grid.back(xp.where(wins, dy.reshape(y.shape)[:, :, :, :, None, None], 0)).reshape(x.shape)

    return y.reshape(*x.shape[:-2], *grid.out), backward


@formula
def avg_pool2d(
    x: Array,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> tuple[Array, Pullback]:
    """The mean of each window.

    y_pq = Σ_ij x[p·stride + i − padding, q·stride + j − padding] / n;   dx = Σ dy / n over the windows of a value

    x: (N, C, H, W) or (C, H, W), floating.  kernel_size, stride (None for kernel_size), padding: an integer or one for
    the height and one for the width; padding is 0s, at most half the kernel.
    ceil_mode: one window more where values are left over at the end.
    count_include_pad: whether n counts the padding, or the values alone.  divisor_override: n itself, not 0.
    Returns y (N, C, OH, OW), or without N, and backward(dy) -> dx, like x.
    Raises ValueError where shapes or sizes do not fit, TypeError for other dtypes or no integers.
    torch.nn.functional.avg_pool2d: what ceil_mode adds beyond the padding is never counted.
    """
    xp = checks.floating(x=x)
    checks.option("count_include_pad", count_include_pad, True, False)
    n: Any = divisor_override
    if n is not None and checks.integer("divisor_override", n) == 0:
        raise ValueError("divisor_override: expected an integer other than 0, got 0")
    grid = grid_of(x, kernel_size, stride, padding, 1, ceil_mode)
    if n is None:
        rows, columns = (xp.asarray(lengths, dtype=x.dtype) for lengths in grid.lengths(count_include_pad))
        n = rows[:, None] * columns  # (OH, OW)
    y: Array = sum(_places(grid.windows(_images(x)))) / n  # (N, C, OH, OW)

    def backward(dy: Array) -> Array:
        shares = (dy.reshape(y.shape) / n)[:, :, :, :, None, None]
        return grid.back(xp.broadcast_to(shares, (*y.shape, *grid.kernel))).reshape(x.shape)

    return y.reshape(*x.shape[:-2], *grid.out), backward


@formula
def adaptive_avg_pool2d(x: Array, output_size: int | Sequence[int | None]) -> tuple[Array, Pullback]:
    """Means of windows that share an image out evenly, so that y has a size of one's choice.

    y_pq = mean x[⌊p H / OH⌋ : ⌈(p + 1) H / OH⌉, ⌊q W / OW⌋ : ⌈(q + 1) W / OW⌉];   dx = Σ dy / n over a value's windows

    x: (N, C, H, W) or (C, H, W), floating.  output_size: (OH, OW), an integer for both; None keeps x's.
    Returns y (N, C, OH, OW), or without N, and backward(dy) -> dx, like x.
    Raises ValueError where shapes or sizes do not fit, TypeError for other dtypes or no integers.
    torch.nn.functional.adaptive_avg_pool2d.
    """
    xp = checks.floating(x=x)
    if x.ndim not in (3, 4) or 0 in x.shape[-2:]:
        raise ValueError(f"x: expected shape (N, C, H, W) or (C, H, W) with H and W above 0, got {x.shape}")
    OH, OW = _output_size(output_size, x.shape[-2:])
    rows, columns = _shares(x.shape[-2], OH), _shares(x.shape[-1], OW)
    cells = [(p, q, (..., row, column)) for p, row in enumerate(rows) for q, column in enumerate(columns)]
    y = xp.empty((*x.shape[:-2], OH, OW), dtype=x.dtype)
    for p, q, cell in cells:
        y[..., p, q] = summed(x[cell], (x.ndim - 2, x.ndim - 1)) / prod(x[cell].shape[-2:])

    def backward(dy: Array) -> Array:
        dx = xp.zeros(x.shape, dtype=dy.dtype)
        for p, q, cell in cells:
            dx[cell] += dy[..., p, q, None, None] / prod(x[cell].shape[-2:])
        return dx

    return y, backward


def _images(x: Array) -> Array:
    """x with a batch dimension."""
    return x if x.ndim == 4 else x[None]


def _places(w: Array) -> Iterator[Array]:
    """What every window has at its first place, at its second, and so on, row by row: (N, C, OH, OW) each."""
    return (w[:, :, :, :, i, j] for i in range(w.shape[4]) for j in range(w.shape[5]))


def _output_size(output_size: int | Sequence[int | None], size: Sizes) -> Sizes:
    """(OH, OW), from an integer for both or from two, of which None keeps that of x."""
    if not isinstance(output_size, tuple | list):
        output_size = (checks.integer("output_size", output_size),) * 2  # type: ignore[arg-type]
    if len(output_size) != 2:
        raise ValueError(f"output_size: expected an integer or two, got {output_size}")
    return tuple(
        n if out is None else checks.integer("output_size", out, low=0)
        for out, n in zip(output_size, size, strict=True)
    )


def _shares(n: int, parts: int) -> list[slice]:
    """n values shared out to so many parts, all as long as can be: those at a border belong to both."""
    return [slice(p * n // parts, -(-(p + 1) * n // parts)) for p in range(parts)]
