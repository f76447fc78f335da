"""The standard normal distribution, which NumPy lacks: its density φ and its distribution function Φ."""

from __future__ import annotations

from math import pi, sqrt

from numpy_nn.backend import Array, array_module

CENTRE = 3.75
COEFFICIENTS = (
    1.1775789345674017541,
    -0.0045900545806464773309,
    -0.084249133366517915584,
    0.059209939998191890498,
    -0.026658668435305752277,
    0.0090749976707052650939,
    -0.0024131635404176081909,
    0.00049077583652580863229,
    -0.000069169733025012063671,
    4.1390279860730101675e-6,
    7.7403830661984906686e-7,
    -2.1886401049234395661e-7,
    1.0764999465670910377e-8,
    4.5219598112182868979e-9,
    -7.7544002088313511065e-10,
    -6.3180883408866844944e-11,
    2.8687950109306698981e-11,
    1.945586854577734723e-13,
    -9.6546967484334389059e-13,
    3.2525481481487398415e-14,
    3.3478119482868053878e-14,
    -1.8645628804193131015e-15,
    -1.2507950530688647085e-15,
    7.4182352566240434631e-17,
    5.0681489047961113168e-17,
)
"""The function g(z) = (1 + 2z) e^(z²) erfc(z), for all z >= 0, as a Chebyshev series in t = (z − 3.75) / (z + 3.75).

Computed as the cosine sums of g at 60 nodes with 40 digits; Shepherd & Laframboise 1981 give the idea and CENTRE.
"""


def normal_pdf(x: Array) -> Array:
    """The density φ(x) = e^(−x²/2) / √(2π) of the standard normal distribution.  x: any shape, floating."""
    return array_module(x).exp(-0.5 * x * x) / sqrt(2 * pi)


def normal_cdf(x: Array) -> Array:
    """The probability Φ(x) that a standard normal variable lies below x, to a few units in the last place of 1.

    Φ(−|x|) = ½ erfc(z) = ½ e^(−z²) g(z) / (1 + 2z), z = |x| / √2;   Φ(|x|) = 1 − Φ(−|x|);   dΦ/dx = φ

    x: any shape, floating.  Returns an array like x.  The series is summed by Clenshaw's recurrence (Clenshaw 1955).
    """
    xp = array_module(x)
    z = xp.where(x < 0, -x, x) / sqrt(2)
    t = 1 - 2 * CENTRE / (z + CENTRE)  # = (z − CENTRE) / (z + CENTRE), and 1 at infinity
    later = latest = xp.zeros_like(t)
    for coefficient in COEFFICIENTS[:0:-1]:
        later, latest = coefficient + 2 * t * later - latest, later
    g = COEFFICIENTS[0] + t * later - latest
    tail = 0.5 * xp.exp(-z * z) * g / (1 + 2 * z)
    return xp.where(x < 0, tail, 1 - tail)
