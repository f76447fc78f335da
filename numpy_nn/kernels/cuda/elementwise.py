"""Activations: a launch forwards, which reads x and writes y, and one backwards, which reads x and dy and writes dx.

On a GPU arithmetic costs nothing beside memory, so that backward computes from x again whatever it needs.
"""

from __future__ import annotations

from numpy_nn import functional as F
from numpy_nn.backend import Array, array_module
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cuda.launch import flat, for_each, launch, plain


def elementwise(x: Array, value: str, slope: str, a: float = 0.0) -> tuple[Array, Pullback]:
    """y and dx by two expressions of C, in x, dy and an option a."""
    xp, values, n = array_module(x), flat(x), x.size
    y = xp.empty(x.shape, x.dtype)
    launch(x, "elementwise.cu", "value", for_each(n), values, y, a, n, VALUE=value, SLOPE=slope)

    def backward(dy: Array) -> Array:
        dx = xp.empty(x.shape, x.dtype)
        launch(x, "elementwise.cu", "slope", for_each(n), values, flat(dy), dx, a, n, VALUE=value, SLOPE=slope)
        return dx

    return y, backward


@formula
def relu(x: Array) -> tuple[Array, Pullback]:
    """functional.relu in one launch.

    y = max(x, 0);   dy/dx = 1 if x > 0 else 0

    Takes what functional.relu does, to which it hands over other arrays than those of CuPy.
    Returns what functional.relu returns. Raises what it raises.
    Nair & Hinton 2010; torch.nn.functional.relu.
    """
    return elementwise(x, "x < 0 ? 0 : x", "x <= 0 ? 0 : dy") if plain(x) else F.relu(x)


@formula
def leaky_relu(x: Array, negative_slope: float = 0.01) -> tuple[Array, Pullback]:
    """functional.leaky_relu in one launch.

    y = x if x > 0 else a x;   dy/dx = 1 if x > 0 else a

    Takes what functional.leaky_relu does, to which it hands over other arrays than those of CuPy.
    Returns what functional.leaky_relu returns. Raises what it raises.
    Maas, Hannun & Ng 2013; torch.nn.functional.leaky_relu.
    """
    if not plain(x):
        return F.leaky_relu(x, negative_slope)
    a = checks.number("negative_slope", negative_slope)
    return elementwise(x, "x > 0 ? x : a * x", "x > 0 ? dy : a * dy", a)


@formula
def elu(x: Array, alpha: float = 1.0) -> tuple[Array, Pullback]:
    """functional.elu in one launch.

    y = x if x > 0 else a (e^x − 1);   dy/dx = 1 if x > 0 else a e^x

    Takes what functional.elu does, to which it hands over other arrays than those of CuPy.
    Returns what functional.elu returns, up to rounding. Raises what it raises.
    Clevert et al. 2016, eq. 1; torch.nn.functional.elu.
    """
    if not plain(x):
        return F.elu(x, alpha)
    a = checks.number("alpha", alpha)
    return elementwise(x, "x <= 0 ? a * expm1(x) : x", "x <= 0 ? dy * (a * exp(x)) : dy", a)


@formula
def sigmoid(x: Array) -> tuple[Array, Pullback]:
    """functional.sigmoid in one launch.

    y = 1 / (1 + e^−x);   dy/dx = y (1 − y)

    Takes what functional.sigmoid does, to which it hands over other arrays than those of CuPy.
    Returns what functional.sigmoid returns, up to rounding; below −88.7 in float32 0, as torch.sigmoid does.
    Raises what it raises.
    """
    return elementwise(x, "logistic(x)", "dy * (logistic(x) * (1 - logistic(x)))") if plain(x) else F.sigmoid(x)


@formula
def tanh(x: Array) -> tuple[Array, Pullback]:
    """functional.tanh in one launch.

    y = (e^x − e^−x) / (e^x + e^−x);   dy/dx = 1 − y²

    Takes what functional.tanh does, to which it hands over other arrays than those of CuPy.
    Returns what functional.tanh returns, up to rounding. Raises what it raises.
    LeCun et al. 1998, section 4.4; torch.tanh.
    """
    return elementwise(x, "tanh(x)", "dy * (1 - tanh(x) * tanh(x))") if plain(x) else F.tanh(x)


@formula
def silu(x: Array) -> tuple[Array, Pullback]:
    """functional.silu in one launch.

    y = x g,  g = σ(x);   dy/dx = g (1 + x (1 − g))

    Takes what functional.silu does, to which it hands over other arrays than those of CuPy.
    Returns what functional.silu returns, up to rounding. Raises what it raises.
    Elfwing, Uchibe & Doya 2018, eq. 1; torch.nn.functional.silu.
    """
    slope = "dy * (logistic(x) * (1 + x * (1 - logistic(x))))"
    return elementwise(x, "x * logistic(x)", slope) if plain(x) else F.silu(x)


@formula
def gelu(x: Array, approximate: str = "none") -> tuple[Array, Pullback]:
    """functional.gelu in one launch.

    "none":  y = x Φ(x);                                             dy/dx = Φ(x) + x φ(x)
    "tanh":  y = x g,  g = ½ (1 + tanh u) = σ(2 u),  u = √(2/π) (x + 0.044715 x³);   dy/dx = g (1 + x 2u' (1 − g))

    Takes what functional.gelu does, to which it hands over other arrays than those of CuPy.
    Returns what functional.gelu returns, up to rounding. Raises what it raises.
    Hendrycks & Gimpel 2016, section 2; torch.nn.functional.gelu.
    """
    if not plain(x):
        return F.gelu(x, approximate)
    checks.option("approximate", approximate, "none", "tanh")
    if approximate == "none":
        return elementwise(x, "x * normal_cdf(x)", "dy * (normal_cdf(x) + x * normal_pdf(x))")
    gate = "logistic(twice_u(x))"
    return elementwise(x, f"x * {gate}", f"dy * ({gate} * (1 + x * twice_u_slope(x) * (1 - {gate})))")
