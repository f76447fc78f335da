"""Fused multiply-add, logarithm, sine and cosine, rounded as PyTorch's CPU code rounds them.

NumPy's own log and cos may differ from PyTorch's in the last bit. A random stream that is to agree bit for bit needs
these: made of additions, products and roots alone, which IEEE 754 rounds alike everywhere, or taken from the C library.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from numpy_nn.backend import Array


def fused_multiply_add(x: Array, y: Array | float, z: Array | float) -> Array:
    """x y + z rounded once, as the processor's fma does it.

    x: float32 or float64, at least one axis.  y, z: of x's shape, or numbers; they are first rounded to x's dtype.
    In float64 each of x, y, z and x y must be 0 or of a magnitude in [1e-250, 1e250].

    float32: the product is exact in float64, and the sum rounded to odd there leaves the last rounding right.
    float64: S. Boldo and G. Melquiond 2008, "Emulation of a FMA and correctly rounded sums", figure 5.
    """
    y, z = np.asarray(y, x.dtype), np.asarray(z, x.dtype)
    if x.dtype == np.float32:
        return _odd_sum(np.multiply(x, y, dtype=np.float64), z).astype(np.float32)
    high = x * y
    (x1, x2), (y1, y2) = _halves(x), _halves(y)
    low = x1 * y1 - high + x1 * y2 + x2 * y1 + x2 * y2  # high + low = x y, exactly (Dekker 1971)
    z1, z2 = _two_sum(low, z)
    sum1, sum2 = _two_sum(high, z1)
    return sum1 + _odd_sum(z2, sum2)


def log(x: Array) -> Array:
    """ln x, bit for bit as PyTorch draws its normal values with it.

    float64: the C library's.  float32: x = m 2ᵉ with √½ ≤ m < √2 and t = m − 1,

        ln x = e ln 2 + t − t²/2 + t³ P(t),    ln 2 in two parts

    x: float32 or float64, positive and not subnormal.
    S. L. Moshier, Cephes, logf.c; order and rounding as in ATen/native/cpu/avx_mathfun.h, its products fused.
    """
    if x.dtype == np.float64:
        return _elementwise(math.log, x)
    mantissa, exponent = np.frexp(x)
    below = mantissa < np.float32(math.sqrt(0.5))
    e = (exponent - below).astype(np.float32)
    t = np.where(below, mantissa + mantissa, mantissa) - 1
    square = t * t
    series = _polynomial(
        t,
        7.0376836292e-2,
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    )
    series = fused_multiply_add(series * t, square, e * np.float32(-2.12194440e-4))
    return fused_multiply_add(e, 0.693359375, t + (series - square / 2))


def sin_cos(x: Array) -> tuple[Array, Array]:
    """(sin x, cos x), bit for bit as PyTorch draws its normal values with them.

    float64: the C library's.  float32: t = x − j π/4 with j even and |t| ≤ π/4, π/4 in three parts,

        sin t = t + t³ S(t²),    cos t = 1 − t²/2 + t⁴ C(t²),    and j mod 8 tells which of ±sin t, ±cos t is wanted

    x: float32 or float64 in [0, 2π].
    S. L. Moshier, Cephes, sinf.c; order and rounding as in ATen/native/cpu/avx_mathfun.h, its products fused.
    """
    if x.dtype == np.float64:
        return _elementwise(math.sin, x), _elementwise(math.cos, x)
    j = ((x * np.float32(4 / math.pi)).astype(np.int32) + 1) & ~1
    t = x
    for part in (0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8):
        t = fused_multiply_add(j.astype(np.float32), -part, t)
    square = t * t
    cosine = _polynomial(square, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2) * square
    cosine = fused_multiply_add(cosine, square, -square / 2) + 1
    sine = _polynomial(square, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1) * square
    sine = fused_multiply_add(sine, t, t)
    swapped = j & 2 != 0
    sine, cosine = np.where(swapped, cosine, sine), np.where(swapped, sine, cosine)
    return np.where(j & 4, -sine, sine), np.where(j + 2 & 4, -cosine, cosine)


def _elementwise(function: Callable[[float], float], x: Array) -> Array:
    return np.array([function(value) for value in x.ravel().tolist()], np.float64).reshape(x.shape)


def _polynomial(x: Array, first: float, *coefficients: float) -> Array:
    """((first x + c₁) x + c₂) x + …, rounded once at every step, the coefficients in x's dtype."""
    y = np.full_like(x, first)
    for c in coefficients:
        y = fused_multiply_add(y, x, c)
    return y


def _halves(x: Array) -> tuple[Array, Array]:
    """x as the exact sum of two numbers of 26 bits each (Veltkamp 1968)."""
    scaled = x * (2.0**27 + 1)
    upper = scaled - (scaled - x)
    return upper, x - upper


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """a + b as its rounded value and what the rounding lost (Knuth, The Art of Computer Programming 2, 4.2.2)."""
    total = a + b
    b_part = total - a
    lost = total - b_part
    np.subtract(a, lost, out=lost)
    lost += np.subtract(b, b_part, out=b_part)
    return total, lost


def _odd_sum(a: Array, b: Array) -> Array:
    """a + b in float64 rounded to odd: cut off, and the last bit set if that lost anything.

    Such a sum holds all that a second rounding, to at least two bits less, asks of the exact one.
    """
    total, lost = _two_sum(a, b)
    inexact = lost != 0
    away_from_zero = inexact & ((lost < 0) != (total < 0))
    bits = total.view(np.int64)
    bits -= away_from_zero
    bits |= inexact
    return total
