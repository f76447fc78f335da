"""Pictures of what a network looks at: heat over an image, and many small images as one. Drawn with matplotlib."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn.backend import Array, to_host
from numpy_nn.functional import checks
from numpy_nn.interpret.enlarging import enlarged

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def overlay(axes: Axes, image: Array, heat: Array, signed: bool = False) -> None:
    """Draw an image, pale, and a heat map over it, the denser the further from 0.

    image: (H, W), greys with the ink light, which is drawn dark; or (H, W, 3), colours in [0, 1].
    heat: (h, w), floating, brought to the image's size.  signed: blue where above 0 and red where below; else from
    yellow at the least to red at the most.  Raises TypeError or ValueError for other arrays.
    """
    show(axes, image, alpha=0.45)
    height, width = image.shape[:2]
    hot = to_host(enlarged(heat, (height, width)))
    most = float(np.abs(hot).max())
    if most == 0:
        return
    low, colours = (-most, "RdBu") if signed else (0.0, "YlOrRd")
    axes.imshow(hot, cmap=colours, vmin=low, vmax=most, alpha=np.clip(np.abs(hot) / most, 0, 1) ** 0.6)


def show(axes: Axes, image: Array, alpha: float = 1.0) -> None:
    """Draw an image as `overlay` takes it, in a thin frame, without ticks."""
    if image.ndim != 2 and image.shape[2:] != (3,):
        raise ValueError(f"image: expected shape (H, W) or (H, W, 3), got {image.shape}")
    pixels = to_host(image)
    if image.ndim == 3:
        axes.imshow(pixels, alpha=alpha)
    else:
        axes.imshow(pixels, cmap="gray_r", alpha=alpha)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color="#cccccc", linewidth=0.6)


def mosaic(images: Array, columns: int | None = None) -> Array:
    """Small images side by side as a large one, a pixel of nan between; each is scaled to a furthest value of 1 or −1.

    images: (K, H, W), floating.  columns: how many in a row; about as many as rows if None.
    Returns (rows (H + 1) − 1, columns (W + 1) − 1) on the host.  Raises TypeError or ValueError for other arrays.
    """
    checks.floating(images=images)
    if images.ndim != 3 or not images.size:
        raise ValueError(f"images: expected shape (K, H, W) with none 0, got {images.shape}")
    K, H, W = images.shape
    columns = ceil(sqrt(K)) if columns is None else checks.integer("columns", columns, low=1)
    rows = -(-K // columns)
    large = np.full((rows * (H + 1), columns * (W + 1)), np.nan, images.dtype)
    for place, image in enumerate(to_host(images)):
        top, left = place // columns * (H + 1), place % columns * (W + 1)
        large[top : top + H, left : left + W] = image / (np.abs(image).max() or 1)
    return large[:-1, :-1]
