"""What the score loses when a part of the image is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.grad_mode import no_grad
from numpy_nn.interpret.batches import batches
from numpy_nn.interpret.target import Target, classes
from numpy_nn.interpret.watching import undisturbed
from numpy_nn.modules import Module


def occlusion(
    model: Module, x: Array, target: Target = None, size: int = 4, stride: int = 2, value: float = 0.0
) -> Array:
    """How much the score of a class falls when a square of the image is hidden, for each pixel on average.

    heat[h, w] = mean over the squares s that hide (h, w) of S_c(x) − S_c(x with s hidden)

    x: (N, ..., H, W), floating.  target: as for `saliency`.  size: the square's side.  stride: how far it is moved; the
    last square of a row and of a column ends at the edge.  value: what hidden pixels are set to.
    Returns heat (N, H, W); below 0 where the score rises.  No gradient is taken.
    Raises ValueError for a size of less than 1 or larger than the image, a stride of less than 1 or larger than the
    size, which would leave pixels out, and as target is checked.
    Zeiler and Fergus 2013, Visualizing and Understanding Convolutional Networks, section 4.2 (there the probability is
    drawn, which hardly moves where the network is sure; here the score).
    """
    xp = checks.floating(x=x)
    if x.ndim < 3:
        raise ValueError(f"x: expected images (N, ..., H, W), got shape {x.shape}")
    H, W = x.shape[-2:]
    if checks.integer("size", size, low=1) > min(H, W):
        raise ValueError(f"size: expected at most {min(H, W)}, a side of the image, got {size}")
    if checks.integer("stride", stride, low=1) > size:
        raise ValueError(f"stride: expected at most {size}, the size, so that no pixel is left out, got {stride}")
    value = checks.number("value", value)
    heat, hidden = xp.zeros((len(x), H, W), dtype=x.dtype), xp.zeros((H, W), dtype=x.dtype)
    corners = product(_places(H, size, stride), _places(W, size, stride))
    squares = [(..., slice(top, top + size), slice(left, left + size)) for top, left in corners]
    with no_grad(), undisturbed(model):
        scores = model(x)
        target = classes(scores, target)
        rows = xp.arange(len(x))
        for some in batches(len(squares), len(x)):
            covered = xp.stack([x] * len(squares[some]))  # (some, N, ...)
            for place, square in enumerate(squares[some]):
                covered[place, *square] = value
            left = model(covered.reshape(-1, *x.shape[1:])).reshape(*covered.shape[:2], -1)  # (some, N, classes)
            for place, square in enumerate(squares[some]):
                heat[square] += (scores - left[place])[rows, target][:, None, None]
                hidden[square] += 1
    return heat / hidden


def _places(length: int, size: int, stride: int) -> Iterator[int]:
    """Where the squares along a side begin: every stride, and once more where the last ends before the edge."""
    last = length - size
    yield from range(0, last, stride)
    yield last
