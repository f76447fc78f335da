"""An image of any kind and size, as the images that a network learnt from."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from numpy_nn.backend import Array


def read_image(file: str, made: Mapping[str, Any], invert: bool) -> Array:
    """The grey values of an image, brought to the size and range of those that were learnt, (rows · columns,).

    An image of another shape gets dark margins. Where it is transparent it is taken for dark, or with invert for light;
    where a camera has noted how it was held, it is turned upright.
    made: the shape and the scale of what was learnt.  Raises FileNotFoundError, ValueError for what is no image that
    can be read, ImportError without Pillow.
    """
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        raise ImportError('images need Pillow: pip install "numpy_nn[cli]"') from error
    if not Path(file).is_file():
        raise FileNotFoundError(f"{file}: expected an image, found none")
    rows, columns = made["shape"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                grey = _grey(ImageOps.exif_transpose(image), "white" if invert else "black")
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise ValueError(f"{file}: expected an image: {error}") from None
    grey = ImageOps.invert(grey) if invert else grey
    fitted = ImageOps.pad(grey, (columns, rows), Image.Resampling.BOX)
    return np.asarray(fitted, np.float64).ravel() * (made["scale"] / 255)


def _grey(image: Any, paper: str) -> Any:
    """An image in 256 greys, on paper of a colour."""
    from PIL import Image

    if image.mode == "F":
        raise ValueError("its pixels are whole numbers of 8 or 16 bits, found fractions")
    if image.mode.startswith("I"):  # Pillow would cut 16 bits off at 255
        return Image.fromarray((np.asarray(image).clip(0, 65535) / 257).round().astype(np.uint8))
    coloured = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, paper), coloured).convert("L")
