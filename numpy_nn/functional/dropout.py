"""Dropout: silence a random part of the units while training."""

from __future__ import annotations

from numpy_nn import random
from numpy_nn.backend import Array, device_of, memory_order, to_device
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.random import Generator


@formula
def dropout(
    x: Array,
    p: float = 0.5,
    training: bool = True,
    *,
    mask: Array | None = None,
    generator: Generator | None = None,
) -> tuple[Array, Pullback]:
    """Zero each element with probability p and scale the others up, so that the expectation stays.

    y = x · mask / (1 − p),  mask_i = 1 with probability 1 − p, else 0;   dx = dy · mask / (1 − p)

    x: any shape, floating.  p: probability to drop.  training: False makes it the identity.  mask: like x, of zeros
    and ones, in place of a random one.  generator: where the mask is drawn from, PyTorch's default stream otherwise.
    Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError for p outside [0, 1] or a mask of another shape.
    Srivastava et al. 2014, section 4, in the "inverted" form of torch.nn.functional.dropout. At p = 1 everything
    becomes 0, but inf and nan become nan.
    """
    checks.floating(x=x, optional={"mask": mask})
    p = checks.probability("p", p)
    checks.option("training", training, True, False)
    if mask is not None:
        checks.shape("mask", mask, x.shape, "like x")
    if not training or p == 0 or x.size == 0:
        return x, lambda dy: dy
    if p == 1:
        return x * 0, lambda dy: dy * 0
    if mask is None:
        mask = _random_mask(x, 1 - p, generator)
    scale = mask / (1 - p)
    return x * scale, lambda dy: dy * scale


def _random_mask(x: Array, keep: float, generator: Generator | None) -> Array:
    """Zeros and ones like x, drawn on the host in the order in which x lies in memory, as PyTorch draws them."""
    order = memory_order(x)
    drawn = random.bernoulli(tuple(x.shape[axis] for axis in order), keep, dtype=x.real.dtype, generator=generator)
    return to_device(drawn.transpose(sorted(range(x.ndim), key=order.__getitem__)), device_of(x))
