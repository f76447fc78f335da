"""PyTorch's CPU random stream, bit for bit, in NumPy.

The engine is MT19937 (Matsumoto and Nishimura 1998). One draw of it is a *word*, 32 bits; a *wide* draw is two words,
the high one first. Every function here takes as many words as PyTorch does, so that after any sequence of
calls the next draw agrees too, and makes the same value of them:

    uniform float32    1 word    u = (word mod 2²⁴) 2⁻²⁴,  then u (high − low) + low, rounded once
    uniform float64    1 wide    u = (wide mod 2⁵³) 2⁻⁵³,  likewise
    bernoulli          1 wide    u < p, with the float64 u, whatever the dtype
    random_            1 wide    wide mod 2⁶³
    randint            1 word    word mod (high − low) + low; a wide draw where high − low ≥ 2²⁸
    randperm           n − 1     Fisher and Yates, forwards: r[i] ↔ r[i + word mod (n − i)]
    normal             see there

Arrays are filled in C order and live on the host: NumPy, CuPy and PyTorch can then be given identical draws.
Source: PyTorch 2.13, ATen/core/DistributionsHelper.h and ATen/native/cpu/DistributionTemplates.h, for x86-64 with AVX2.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import SupportsIndex, TypeAlias

import numpy as np

from numpy_nn.backend import Array, DTypeLike

Size: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
"""The shape of what is drawn: an int, or a tuple of ints; () asks for a 0-d array."""

_WORDS = 624  # in the engine's state
_CHUNK = 1 << 14  # values at a time, so that the passes over them stay in the cache

# ATen/CPUGeneratorImpl.cpp: struct CPUGeneratorImplState, padded as the C compiler pads it. "left" words until the state is
# renewed, "next" the one to take; "normal" is the second half of a scalar Box-Muller pair, if one waits.
_STATE = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("words", "<u8", _WORDS),
        ("unused_x", "<f8"),
        ("normal", "<f8"),
        ("unused_rho", "<f8"),
        ("has_normal", "<i4"),
        ("unused_float_normal", "<f4"),
        ("unused_has_float_normal", "<u8"),
    ]
)


class Generator:
    """A stream of random numbers: torch.Generator() on the CPU, with its default seed."""

    def __init__(self, seed: SupportsIndex = 67280421310721) -> None:
        self._engine = np.random.MT19937(0)
        self.manual_seed(seed)

    def manual_seed(self, seed: SupportsIndex) -> Generator:
        """Start the stream anew; returns this generator.

        seed: an integer in [−2⁶³, 2⁶⁴); a negative one stands for itself plus 2⁶⁴. Only the low 32 bits reach the engine:
        w₀ = seed mod 2³²;   wⱼ = 1812433253 (wⱼ₋₁ xor ⌊wⱼ₋₁ / 2³⁰⌋) + j mod 2³²   (Knuth, TAOCP 2, 3.3.4).
        Raises TypeError for what is no integer, ValueError outside that range.
        """
        seed = _integer("seed", seed, -(2**63), 2**64) % 2**64
        words = [seed % 2**32]
        for j in range(1, _WORDS):
            words.append((1812433253 * (words[-1] ^ words[-1] >> 30) + j) % 2**32)
        self._seed = seed
        self._position(words, 0)
        self._normal: float | None = None
        return self

    def initial_seed(self) -> int:
        """The seed the stream started from, in [0, 2⁶⁴)."""
        return self._seed

    def get_state(self) -> Array:
        """The whole state in PyTorch's own layout: (5056,) uint8, for `torch.set_rng_state(torch.from_numpy(…))`."""
        engine = self._engine.state["state"]
        record = np.zeros((), _STATE)
        record["seed"] = self._seed
        record["seeded"] = 1
        record["next"] = 0 if self._fresh else engine["pos"]
        record["left"] = 1 if self._fresh else _WORDS + 1 - engine["pos"]
        record["words"] = engine["key"]
        record["has_normal"] = self._normal is not None
        record["normal"] = self._normal or 0
        return np.frombuffer(record.tobytes(), np.uint8).copy()

    def set_state(self, state: Array) -> None:
        """Continue from a state that get_state, or PyTorch's `get_rng_state().numpy()`, returned.

        state: (5056,) uint8. Raises TypeError where it is no uint8 array, and ValueError where it has another shape or
        holds what no CPU generator of PyTorch's writes; the stream then goes on as if nothing had been asked.
        """
        if not isinstance(state, np.ndarray) or state.dtype != np.uint8:
            got = f"{state.dtype} array" if isinstance(state, np.ndarray) else type(state).__name__
            raise TypeError(f"state: expected a uint8 array, got {got}")
        if state.shape != (_STATE.itemsize,):
            raise ValueError(f"state: expected shape ({_STATE.itemsize},), got {state.shape}")
        record = np.frombuffer(state.tobytes(), _STATE)[0]
        left, next_word = int(record["left"]), int(record["next"])
        fresh = (left, next_word) == (1, 0)
        if record["seeded"] != 1 or not (fresh or (1 <= left <= _WORDS and left + next_word == _WORDS + 1)):
            raise ValueError(
                "state: expected a seeded MT19937 state with left + next = 625 (or left 1, next 0), "
                f"got seeded {record['seeded']}, left {left}, next {next_word}"
            )
        if record["words"].max() >= 2**32 or record["has_normal"] not in (0, 1) or record["unused_has_float_normal"]:
            raise ValueError("state: expected 624 words below 2**32 and at most one float64 normal kept for later")
        self._seed = int(record["seed"])
        self._position(record["words"], next_word)
        self._normal = float(record["normal"]) if record["has_normal"] else None

    def _position(self, words: Sequence[int] | Array, next_word: int) -> None:
        # A fresh state renews its words before the first draw, as an exhausted one does.
        self._fresh = next_word == 0
        key = np.asarray(words, np.uint32)
        self._engine.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": next_word or _WORDS}}

    def _words(self, count: int) -> Array:
        """The next words of the engine: (count,) uint64, each below 2³²."""
        self._fresh = self._fresh and count == 0
        return self._engine.random_raw(count)

    def _wide(self, count: int) -> Array:
        """The next pairs of words, high word first: (count,) uint64."""
        pairs = self._words(2 * count).reshape(count, 2)
        return pairs[:, 0] << np.uint64(32) | pairs[:, 1]

    def _unit(self, count: int, dtype: DTypeLike) -> Array:
        """The next uniform values in [0, 1): (count,) in dtype, 24 or 53 random bits each."""
        if dtype == np.float32:
            return (self._words(count) & np.uint64(2**24 - 1)).astype(np.float32) * np.float32(2**-24)
        return (self._wide(count) & np.uint64(2**53 - 1)).astype(np.float64) * 2.0**-53


default_generator = Generator()
"""The stream that every function draws from where no generator is given."""


def manual_seed(seed: SupportsIndex) -> Generator:
    """Start the default stream anew, as torch.manual_seed does; returns its generator."""
    return default_generator.manual_seed(seed)


def initial_seed() -> int:
    """The seed the default stream started from, in [0, 2⁶⁴)."""
    return default_generator.initial_seed()


def get_rng_state() -> Array:
    """The state of the default stream in PyTorch's layout: (5056,) uint8."""
    return default_generator.get_state()


def set_rng_state(state: Array) -> None:
    """Continue the default stream from a state; see Generator.set_state."""
    default_generator.set_state(state)


def uniform(
    size: Size,
    low: float = 0.0,
    high: float = 1.0,
    *,
    dtype: DTypeLike = np.float32,
    generator: Generator | None = None,
) -> Array:
    """Values spread evenly over [low, high): torch.empty(size, dtype=dtype).uniform_(low, high).

    y = u (high − low) + low, rounded once (PyTorch's compiler fuses it); where that rounds up to high, y = low.
    high − low is taken in dtype.

    low ≤ high, each 0 or of a magnitude in [1e-38, 1e38] (beyond it, rounding once is not assured here): else ValueError.
    dtype: float32 or float64, else TypeError.
    """
    shape, dtype, generator = _shape(size), _floating(dtype), _default(generator)
    _number("low", low)
    _number("high", high)
    if low > high:
        raise ValueError(f"low, high: expected low <= high, got {low} > {high}")
    start, stop = dtype.type(low), dtype.type(high)
    span = stop - start

    def draw(count: int) -> Array:
        u = generator._unit(count, dtype)
        if start == 0 and span == 1:
            return u
        y = _fused_multiply_add(u, span, start)
        return np.where(y == stop, start, y)

    return _filled(shape, dtype, draw)


def normal(
    size: Size,
    mean: float = 0.0,
    std: float = 1.0,
    *,
    dtype: DTypeLike = np.float32,
    generator: Generator | None = None,
) -> Array:
    """Normally distributed values: torch.empty(size, dtype=dtype).normal_(mean, std).

    n = √(−2 ln(1 − u₁)) cos 2πu₂  and  √(−2 ln(1 − u₁)) sin 2πu₂;   y = n std + mean, rounded once (Box and Muller 1958).

    From 16 values on, each block of 16 uniforms in dtype gives 8 radii, then 8 angles, and becomes 8 cosines, then
    8 sines; a last incomplete block is made good by overwriting the last 16 values with a block of 16 further draws.
    Every bit is PyTorch's: in float32 its logarithm, sine and cosine are polynomials, evaluated here in the same order; in
    float64 they are the C library's, which Python's math module calls too.
    Up to 15 values are computed one by one in float64, the angle drawn before the radius; the sine of a pair waits in the
    generator for the next such call.

    std ≥ 0; mean and std each 0 or of a magnitude in [1e-38, 1e38] (beyond it, rounding once is not assured here): else
    ValueError.  dtype: float32 or float64, else TypeError.
    """
    shape, dtype, generator = _shape(size), _floating(dtype), _default(generator)
    _number("mean", mean)
    _number("std", std)
    if std < 0:
        raise ValueError(f"std: expected std >= 0, got {std}")
    count = math.prod(shape)
    if count < 16:
        few = np.array([_scalar_normal(generator) for _ in range(count)], np.float64)
        return _fused_multiply_add(few, std, mean).astype(dtype).reshape(shape)
    y = _filled((count,), dtype, lambda n: generator._unit(n, dtype))
    whole = y[: count - count % 16]
    for start in range(0, whole.size, _CHUNK):
        block = whole[start : start + _CHUNK]
        block[:] = _box_muller(block, mean, std)
    if count % 16:
        y[-16:] = _box_muller(generator._unit(16, dtype), mean, std)
    return y.reshape(shape)


def bernoulli(size: Size, p: float, *, dtype: DTypeLike = np.float32, generator: Generator | None = None) -> Array:
    """1 with probability p, else 0: torch.empty(size, dtype=dtype).bernoulli_(p).

    The mask of F.dropout(x, p) is bernoulli(x.shape, 1 − p), drawn in the order in which x lies in memory.
    0 ≤ p ≤ 1, else ValueError.  dtype: float32 or float64, else TypeError.
    """
    shape, dtype, generator = _shape(size), _floating(dtype), _default(generator)
    if not 0 <= p <= 1:
        raise ValueError(f"p: expected a probability in [0, 1], got {p}")
    return _filled(shape, dtype, lambda count: generator._unit(count, np.float64) < p)


def random_(size: Size, *, generator: Generator | None = None) -> Array:
    """Integers in [0, 2⁶³): torch.empty(size, dtype=torch.int64).random_(), which seeds PyTorch's shuffles. int64."""
    shape, generator = _shape(size), _default(generator)
    return _filled(shape, np.int64, lambda count: generator._wide(count) & np.uint64(2**63 - 1))


def randint(low: SupportsIndex, high: SupportsIndex, size: Size, *, generator: Generator | None = None) -> Array:
    """Integers in [low, high): torch.randint(low, high, size). int64.

    Raises ValueError unless low < high, both in [−2⁶³, 2⁶³).
    """
    shape, generator = _shape(size), _default(generator)
    low, high = _integer("low", low, -(2**63), 2**63), _integer("high", high, -(2**63), 2**63)
    if low >= high:
        raise ValueError(f"low, high: expected low < high, got {low} >= {high}")
    span, base = np.uint64(high - low), np.uint64(low % 2**64)
    words = generator._words if span < 2**28 else generator._wide
    return _filled(shape, np.int64, lambda count: (words(count) % span + base).view(np.int64))


def randperm(n: SupportsIndex, *, generator: Generator | None = None) -> Array:
    """The integers 0 … n − 1 in random order: torch.randperm(n). (n,) int64.

    Raises ValueError for a negative n, and from 214748364 = ⌊(2³² − 1) / 20⌋ on, where PyTorch shuffles by another rule.
    """
    n, generator = _integer("n", n, 0, (2**32 - 1) // 20), _default(generator)
    remaining = np.arange(n, 1, -1, dtype=np.uint64)
    partners = np.arange(remaining.size, dtype=np.uint64) + generator._words(remaining.size) % remaining
    order = list(range(n))
    for i, j in enumerate(partners.tolist()):
        order[i], order[j] = order[j], order[i]
    return np.array(order, np.int64)


def rand(*size: Size, dtype: DTypeLike = np.float32, generator: Generator | None = None) -> Array:
    """Uniform values in [0, 1): torch.rand. rand(2, 3), rand((2, 3)), or rand() for a 0-d array."""
    return uniform(_unpacked(size), dtype=dtype, generator=generator)


def randn(*size: Size, dtype: DTypeLike = np.float32, generator: Generator | None = None) -> Array:
    """Standard normal values: torch.randn. randn(2, 3), randn((2, 3)), or randn() for a 0-d array."""
    return normal(_unpacked(size), dtype=dtype, generator=generator)


def _filled(shape: tuple[int, ...], dtype: DTypeLike, draw: Callable[[int], Array]) -> Array:
    """A new array of that shape, its values drawn a chunk at a time."""
    y = np.empty(math.prod(shape), dtype)
    for start in range(0, y.size, _CHUNK):
        block = y[start : start + _CHUNK]
        block[:] = draw(block.size)
    return y.reshape(shape)


def _scalar_normal(generator: Generator) -> float:
    """One standard normal value, in float64; every second one was kept from the call before."""
    if generator._normal is not None:
        kept, generator._normal = generator._normal, None
        return kept
    u1, u2 = generator._unit(2, np.float64).tolist()
    radius, angle = math.sqrt(-2 * math.log1p(-u2)), 2 * math.pi * u1
    generator._normal = radius * math.sin(angle)
    return radius * math.cos(angle)


def _box_muller(u: Array, mean: float, std: float) -> Array:
    """Uniform values into normal ones, 16 by 16.  u: (16 k,) in [0, 1)."""
    blocks = u.reshape(-1, 2, 8)
    log, sin_cos = (_log32, _sin_cos32) if u.dtype == np.float32 else (_log64, _sin_cos64)
    radius = np.sqrt(-2 * log(1 - blocks[:, 0]))
    sine, cosine = sin_cos(2 * math.pi * blocks[:, 1])
    return _fused_multiply_add(np.stack([radius * cosine, radius * sine], axis=1).reshape(-1), std, mean)


def _log64(x: Array) -> Array:
    """ln x as the C library rounds it; NumPy's own differs in the last bit."""
    return np.array([math.log(value) for value in x.ravel().tolist()]).reshape(x.shape)


def _sin_cos64(x: Array) -> tuple[Array, Array]:
    """(sin x, cos x) as the C library rounds them; NumPy's own differ in the last bit."""
    values = x.ravel().tolist()
    return np.array([math.sin(v) for v in values]).reshape(x.shape), np.array([math.cos(v) for v in values]).reshape(x.shape)


def _log32(x: Array) -> Array:
    """ln x for normal float32 x > 0, bit for bit as PyTorch's vector code has it.

    x = m 2ᵉ with √½ ≤ m < √2;   ln x = e ln 2 + t − t²/2 + t³ P(t),  t = m − 1, ln 2 in two parts.
    S. L. Moshier, Cephes, logf.c; order and rounding as in ATen/native/cpu/avx_mathfun.h, compiled with fused products.
    """
    mantissa, exponent = np.frexp(x)
    low = mantissa < np.float32(math.sqrt(0.5))
    e = (exponent - low).astype(np.float32)
    t = np.where(low, mantissa + mantissa, mantissa) - 1
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
    series = _fused_multiply_add(series * t, square, e * np.float32(-2.12194440e-4))
    return _fused_multiply_add(e, 0.693359375, t + (series - square * np.float32(0.5)))


def _sin_cos32(x: Array) -> tuple[Array, Array]:
    """(sin x, cos x) for float32 x in [0, 2π], bit for bit as PyTorch's vector code has them.

    t = x − j π/4, j even and |t| ≤ π/4, π/4 in three parts;   sin t = t + t³ S(t²),   cos t = 1 − t²/2 + t⁴ C(t²).
    j mod 8 tells which of ±sin t, ±cos t is wanted. Sources as for _log32: Cephes, sinf.c.
    """
    j = ((x * np.float32(4 / math.pi)).astype(np.int32) + 1) & ~1
    t = x
    for part in (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8):
        t = _fused_multiply_add(j.astype(np.float32), part, t)
    square = t * t
    cosine = _polynomial(square, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2) * square
    cosine = _fused_multiply_add(cosine, square, square * np.float32(-0.5)) + 1
    sine = _polynomial(square, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1) * square
    sine = _fused_multiply_add(sine, t, t)
    turned = j & 2 != 0
    sine, cosine = np.where(turned, cosine, sine), np.where(turned, sine, cosine)
    return np.where(j & 4, -sine, sine), np.where(j + 2 & 4, -cosine, cosine)


def _polynomial(x: Array, first: float, *coefficients: float) -> Array:
    """((first x + c₁) x + c₂) x + …, each step rounded once, the coefficients in x's dtype."""
    y = np.full_like(x, first)
    for c in coefficients:
        y = _fused_multiply_add(y, x, c)
    return y


def _fused_multiply_add(x: Array, y: Array | float, z: Array | float) -> Array:
    """x y + z rounded once, in x's dtype, to which y and z are rounded first: the processor's fma.

    float32: the product is exact in float64, and so is the sum after rounding to odd (54 ≥ 2·24 + 2 bits).
    float64: Boldo and Melquiond 2008, "Emulation of a FMA and correctly rounded sums", figure 5.
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


def _halves(x: Array) -> tuple[Array, Array]:
    """x as the exact sum of two numbers of 26 bits each (Veltkamp 1968)."""
    scaled = x * (2.0**27 + 1)
    upper = scaled - (scaled - x)
    return upper, x - upper


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """a + b as its rounded value and what the rounding lost (Knuth, TAOCP 2, 4.2.2)."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


def _odd_sum(a: Array, b: Array) -> Array:
    """a + b in float64 rounded to odd: cut off, with the last bit set if anything was lost.

    Rounding that to fewer bits gives what rounding the exact sum gives.
    """
    total, lost = _two_sum(a, b)
    inexact = lost != 0
    rounded_away = inexact & ((lost < 0) != (total < 0))
    return ((total.view(np.int64) - rounded_away) | inexact).view(np.float64)


def _default(generator: Generator | None) -> Generator:
    if generator is None:
        return default_generator
    if not isinstance(generator, Generator):
        raise TypeError(f"generator: expected a numpy_nn.random.Generator or None, got {type(generator).__name__}")
    return generator


def _floating(dtype: DTypeLike) -> np.dtype[np.floating]:
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise TypeError(f"dtype: expected float32 or float64, got {np.dtype(dtype)}")
    return np.dtype(dtype)


def _shape(size: Size) -> tuple[int, ...]:
    try:
        shape = tuple(map(operator.index, size if isinstance(size, Sequence) else (size,)))
    except TypeError:
        raise TypeError(f"size: expected an int or a tuple of ints, got {size!r}") from None
    if any(length < 0 for length in shape):
        raise ValueError(f"size: expected no negative length, got {shape}")
    return shape


def _unpacked(size: tuple[Size, ...]) -> Size:
    return size[0] if len(size) == 1 else size  # type: ignore[return-value]


def _integer(name: str, value: SupportsIndex, low: int, high: int) -> int:
    try:
        integer = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: expected an integer, got {type(value).__name__}") from None
    if not low <= integer < high:
        raise ValueError(f"{name}: expected an integer in [{low}, {high}), got {integer}")
    return integer


def _number(name: str, value: float) -> None:
    if value != 0 and not 1e-38 <= abs(value) <= 1e38:
        raise ValueError(f"{name}: expected 0 or a magnitude in [1e-38, 1e38], got {value}")
