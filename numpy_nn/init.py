"""How parameters start: PyTorch's initialisations, from PyTorch's random stream.

Each fills a parameter in place and returns it; the draws are made on the host and moved to the parameter's device.
"""

from __future__ import annotations

from math import prod, sqrt

from numpy_nn import random
from numpy_nn.backend import Array, device_of, to_device
from numpy_nn.functional import checks
from numpy_nn.parameter import Parameter
from numpy_nn.random import Generator


def uniform_(parameter: Parameter, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Parameter:
    """Fill with values drawn uniformly from [a, b). Raises TypeError for anything but a parameter and numbers."""
    data = _data(parameter)
    return _fill(parameter, random.uniform(data.shape, a, b, dtype=data.dtype, generator=generator))


def normal_(parameter: Parameter, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Parameter:
    """Fill with values drawn from the normal distribution of that mean and standard deviation.

    Raises TypeError for anything but a parameter and numbers.
    """
    data = _data(parameter)
    return _fill(parameter, random.normal(data.shape, mean, std, dtype=data.dtype, generator=generator))


def kaiming_uniform_(parameter: Parameter, a: float = 0.0, generator: Generator | None = None) -> Parameter:
    """Fill a weight so that a leaky ReLU of slope a keeps the variance of what passes through.

    U(−bound, bound),  bound = √3 · gain / √fan_in,  gain = √(2 / (1 + a²))

    parameter: (fan_out, fan_in, ...).  Raises ValueError for fewer than two dimensions, TypeError for anything
    but a parameter and a number.
    He et al. 2015, eq. 14. torch.nn.Linear uses a = √5, which makes the bound 1 / √fan_in.
    """
    gain = sqrt(2.0 / (1 + checks.number("a", a) ** 2))
    std = gain / sqrt(fan_in(parameter))
    bound = sqrt(3.0) * std
    return uniform_(parameter, -bound, bound, generator)


def fan_in(parameter: Parameter) -> int:
    """How many inputs feed one output of a weight (fan_out, fan_in, ...)."""
    if _data(parameter).ndim < 2:
        raise ValueError(f"parameter: expected at least two dimensions, got shape {parameter.shape}")
    return prod(parameter.shape[1:])


def _data(parameter: Parameter) -> Array:
    """The parameter's array. Raises TypeError for anything but a parameter."""
    if not isinstance(parameter, Parameter):
        raise TypeError(f"parameter: expected a Parameter, got {type(parameter).__name__}")
    return parameter.data


def _fill(parameter: Parameter, values: Array) -> Parameter:
    parameter.data[...] = to_device(values, device_of(parameter.data))
    return parameter
