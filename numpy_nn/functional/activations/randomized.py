"""Activations that draw."""

from __future__ import annotations

from math import inf

import numpy as np

from numpy_nn import random
from numpy_nn.backend import Array, device_of, to_device, to_host
from numpy_nn.functional import checks
from numpy_nn.functional.activations.rectified import leaky_relu
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.random import Generator


@formula
def rrelu(
    x: Array,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    *,
    slope: Array | None = None,
    generator: Generator | None = None,
) -> tuple[Array, Pullback]:
    """Rectified linear unit with a slope below 0 that is drawn anew for each number while training.

    y = x if x > 0 else a x,  a from U(lower, upper), or (lower + upper) / 2 without training;
    dy/dx = 1 if x > 0 else a

    x: any shape, floating.  lower, upper: float, finite.  slope: like x, in place of the random a.  generator: where a
    is drawn from, PyTorch's default stream otherwise.
    Returns y, like x, and backward(dy) -> dx, like x.
    Raises TypeError for other dtypes, ValueError unless lower <= upper, and for a slope of another shape.
    Xu et al. 2015, section 3.4. At 0 the derivative is a; at nan it is 1, without training the slope, as in
    torch.nn.functional.rrelu.
    """
    xp = checks.floating(x=x, optional={"slope": slope})
    lower, upper = checks.number("lower", lower), checks.number("upper", upper)
    if not -inf < lower <= upper < inf:
        raise ValueError(f"lower: expected a finite number of at most a finite upper, got {lower} and {upper}")
    checks.option("training", training, True, False)
    if slope is not None:
        checks.shape("slope", slope, x.shape, "like x")
    if not training:
        return leaky_relu(x, (lower + upper) / 2)
    if slope is None:
        slope = _random_slope(x, lower, upper, generator)
    factor = xp.where(x <= 0, slope, 1)
    return x * factor, lambda dy: dy * factor


def _random_slope(x: Array, lower: float, upper: float, generator: Generator | None) -> Array:
    """A slope for each number that is not above 0, in the order of x, drawn on the host in float64, as PyTorch does."""
    below = to_host(x.real).reshape(-1) <= 0
    slope = below.astype(x.real.dtype)
    low, high = (float(slope.dtype.type(bound)) for bound in (lower, upper))
    slope[below] = low + random.uniform(int(below.sum()), dtype=np.float64, generator=generator) * (high - low)
    return to_device(slope.reshape(x.shape), device_of(x))
