"""Coarse maps brought to the size of the image that they lie over."""

from __future__ import annotations

from typing import Any

from numpy_nn.backend import Array
from numpy_nn.functional import checks


def enlarged(maps: Array, size: tuple[int, int]) -> Array:
    """Maps of another size, straight lines between the middles of the pixels: y = R x Cᵀ.

    R (rows, H) and C (columns, W) have two weights in a row: those of the pixels between whose middles the new one's
    lies, 1 − t and t; beyond the outermost middles the map goes on as it ends.
    maps: (..., H, W), floating, not empty.  size: (rows, columns).  Returns (..., rows, columns).
    Raises TypeError or ValueError for other maps or sizes.
    As torch.nn.functional.interpolate with mode="bilinear" and align_corners=False.
    """
    xp = checks.floating(maps=maps)
    if maps.ndim < 2 or not min(maps.shape[-2:]):
        raise ValueError(f"maps: expected shape (..., H, W) with neither 0, got {maps.shape}")
    rows, columns = checks.sizes("size", size, 2, low=1)
    R, C = (_weights(xp, old, new, maps.dtype) for old, new in zip(maps.shape[-2:], (rows, columns), strict=True))
    return R @ maps @ C.T


def _weights(xp: Any, old: int, new: int, dtype: Any) -> Array:
    """The matrix (new, old) that makes new pixels of old ones."""
    middles = ((xp.arange(new, dtype=dtype) + 0.5) * (old / new) - 0.5).clip(0, old - 1)
    distance = abs(middles[:, None] - xp.arange(old, dtype=dtype))
    return (1 - distance).clip(0)
