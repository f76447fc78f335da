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


def kaiming_normal_(
    parameter: Parameter,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Parameter:
    """Fill a weight so that a leaky ReLU of slope a, or a ReLU, keeps the variance of what passes through.

    N(0, std²),  std = gain / √fan,  gain = √(2 / (1 + a²)), which for a ReLU is √2

    mode: "fan_in" keeps the variance forwards, "fan_out" that of the gradients backwards.  nonlinearity: "leaky_relu"
    or "relu", which takes no notice of a.
    parameter: (fan_out, fan_in, ...).  Raises ValueError for fewer than two dimensions and other options, TypeError for
    anything but a parameter and a number.
    He et al. 2015, eqs. 10 and 14.
    """
    checks.option("mode", mode, "fan_in", "fan_out")
    checks.option("nonlinearity", nonlinearity, "leaky_relu", "relu")
    slope = checks.number("a", a) if nonlinearity == "leaky_relu" else 0.0
    fan = fan_in(parameter) if mode == "fan_in" else fan_out(parameter)
    return normal_(parameter, 0.0, sqrt(2.0 / (1 + slope**2)) / sqrt(fan), generator)


def xavier_uniform_(parameter: Parameter, gain: float = 1.0, generator: Generator | None = None) -> Parameter:
    """Fill a weight so that variance passes unchanged in both directions, as near as one number can do for both.

    U(−bound, bound),  bound = √3 · gain · √(2 / (fan_in + fan_out))

    parameter: (fan_out, fan_in, ...).  Raises ValueError for fewer than two dimensions, TypeError for anything
    but a parameter and a number.
    Glorot & Bengio 2010, eq. 16.
    """
    std = checks.number("gain", gain) * sqrt(2.0 / (fan_in(parameter) + fan_out(parameter)))
    bound = sqrt(3.0) * std
    return uniform_(parameter, -bound, bound, generator)


def fan_in(parameter: Parameter) -> int:
    """How many inputs feed one output of a weight (fan_out, fan_in, ...)."""
    return prod(_shape(parameter)[1:])


def fan_out(parameter: Parameter) -> int:
    """How many outputs one input of a weight (fan_out, fan_in, ...) feeds."""
    outputs, _, *kernel = _shape(parameter)
    return outputs * prod(kernel)


def _shape(parameter: Parameter) -> tuple[int, ...]:
    """A weight's shape. Raises ValueError for fewer than two dimensions."""
    if _data(parameter).ndim < 2:
        raise ValueError(f"parameter: expected at least two dimensions, got shape {parameter.shape}")
    return parameter.shape


def _data(parameter: Parameter) -> Array:
    """The parameter's array. Raises TypeError for anything but a parameter."""
    if not isinstance(parameter, Parameter):
        raise TypeError(f"parameter: expected a Parameter, got {type(parameter).__name__}")
    return parameter.data


def _fill(parameter: Parameter, values: Array) -> Parameter:
    parameter.data[...] = to_device(values, device_of(parameter.data))
    return parameter
