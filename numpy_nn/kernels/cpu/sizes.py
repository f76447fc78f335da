"""From which size on a fast kernel pays."""

from __future__ import annotations

from numpy_nn.backend import Array, is_array

LARGE = 1 << 13
"""Below so many values the calls cost more than what they do."""


def worthwhile(x: Array) -> bool:
    """Whether an array is large enough for blocks and buffers to pay."""
    return is_array(x) and x.size >= LARGE
