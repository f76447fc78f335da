"""PyTorch's CPU random stream, bit for bit, in NumPy.

The engine is MT19937 (M. Matsumoto and T. Nishimura 1998). One draw of it is a *word* of 32 bits; a *wide* draw joins
two words, the high one first. Every function takes as many words as PyTorch's, so that after any sequence of calls the
next draw agrees too, and makes the same values of them:

    uniform, float32    1 word     u = (word mod 2²⁴) 2⁻²⁴;   u (high − low) + low
    uniform, float64    1 wide     u = (wide mod 2⁵³) 2⁻⁵³;   u (high − low) + low
    bernoulli           1 wide     u < p with the float64 u, whatever the dtype
    random_             1 wide     wide mod 2⁶³
    randint             1 word     word mod (high − low) + low;   1 wide where high − low ≥ 2²⁸
    randperm            n − 1      for i = 0 … n − 2: swap r[i] and r[i + word mod (n − i)]   (Fisher and Yates)
    normal, multinomial see there

The counts are per value. Values lie on the host, drawn in C order: NumPy, CuPy and PyTorch can be given the same ones.
Source: PyTorch 2.13, ATen/core/DistributionsHelper.h and ATen/native/cpu/DistributionTemplates.h, compiled for x86-64
processors with AVX2 and FMA. Its code for others rounds uniform (with bounds) and normal differently in the last bits.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Real
from typing import Any, SupportsIndex, TypeAlias

import numpy as np

from numpy_nn.backend import Array, DTypeLike
from numpy_nn.mersenne_twister import WORDS, MersenneTwister
from numpy_nn.rounding import fused_multiply_add, log, sin_cos

Size: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
"""The shape to draw: an int, or a tuple of ints; () asks for a 0-d array."""

_CHUNK = 1 << 14  # values at a time: the passes over them stay in the cache

# CPUGeneratorImplState in ATen/CPUGeneratorImpl.cpp. `left - 1` words remain until the state is renewed, `next` is the
# one to take; `normal` is the second half of a scalar Box-Muller pair, if one waits. The unused fields are 0.
_STATE = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("words", "<u8", WORDS),
        ("unused_x", "<f8"),
        ("normal", "<f8"),
        ("unused_rho", "<f8"),
        ("has_normal", "<i4"),
        ("unused_float_normal", "<f4"),
        ("unused_has_float_normal", "<u8"),
    ]
)


def _integer(name: str, value: SupportsIndex, low: int, high: int) -> int:
    try:
        integer = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: expected an integer, got {value!r}") from None
    if not low <= integer < high:
        raise ValueError(f"{name}: expected an integer in [{low}, {high}), got {integer}")
    return integer


class Generator:
    """A stream of random numbers: torch.Generator() on the CPU, with the same default seed."""

    def __init__(self, seed: SupportsIndex = 67280421310721) -> None:
        self._engine = MersenneTwister()
        self.manual_seed(seed)

    def manual_seed(self, seed: SupportsIndex) -> Generator:
        """Start the stream anew; returns this generator.

        w₀ = seed mod 2³²;   wⱼ = 1812433253 (wⱼ₋₁ xor ⌊wⱼ₋₁ / 2³⁰⌋) + j mod 2³²   (Matsumoto and Nishimura, 2002)

        seed: an integer in [−2⁶³, 2⁶⁴), else ValueError; a negative one stands for itself plus 2⁶⁴.
        """
        seed = _integer("seed", seed, -(2**63), 2**64) % 2**64
        words = [seed % 2**32]
        for j in range(1, WORDS):
            words.append((1812433253 * (words[-1] ^ words[-1] >> 30) + j) % 2**32)
        self._seed = seed
        self._normal: float | None = None
        self._position(words, 0)
        return self

    def initial_seed(self) -> int:
        """The seed the stream started from, in [0, 2⁶⁴)."""
        return self._seed

    def get_state(self) -> Array:
        """The whole state, (5056,) uint8 in PyTorch's layout: torch.set_rng_state(torch.from_numpy(state)) takes it."""
        words, place = self._engine.state()
        record = np.zeros((), _STATE)
        record["seed"] = self._seed
        record["seeded"] = 1
        record["left"] = 1 if self._fresh else WORDS + 1 - place
        record["next"] = 0 if self._fresh else place
        record["words"] = words
        record["normal"] = 0 if self._normal is None else self._normal
        record["has_normal"] = self._normal is not None
        return np.frombuffer(record.tobytes(), np.uint8).copy()

    def set_state(self, state: Array) -> None:
        """Continue from what get_state returned, or torch.get_rng_state().numpy().

        state: (5056,) uint8. Raises TypeError where it is no uint8 array, and ValueError where it has another shape or
        holds what PyTorch's CPU generator never writes; the stream then stays as it was.
        """
        if not isinstance(state, np.ndarray) or state.dtype != np.uint8:
            got = f"a {state.dtype} array" if isinstance(state, np.ndarray) else type(state).__name__
            raise TypeError(f"state: expected a uint8 array, got {got}")
        if state.shape != (_STATE.itemsize,):
            raise ValueError(f"state: expected shape ({_STATE.itemsize},), got {state.shape}")
        record = np.frombuffer(state.tobytes(), _STATE)[0]
        left, following = int(record["left"]), int(record["next"])
        fresh = left == 1 and following == 0
        if record["seeded"] != 1 or not (fresh or (left + following == WORDS + 1 and 1 <= left <= WORDS)):
            raise ValueError(
                "state: expected a seeded MT19937 with left + next = 625, or left 1 and next 0; "
                f"got seeded {record['seeded']}, left {left}, next {following}"
            )
        if record["words"].max() >= 2**32 or record["has_normal"] not in (0, 1) or record["unused_has_float_normal"]:
            raise ValueError("state: expected 624 words below 2³² and at most one normal value waiting, a float64 one")
        self._seed = int(record["seed"])
        self._normal = float(record["normal"]) if record["has_normal"] else None
        self._position(record["words"], following)

    def _position(self, words: Sequence[int] | Array, following: int) -> None:
        # PyTorch's fresh state is the engine's exhausted one: both renew their words before the next draw.
        self._fresh = following == 0
        self._engine.restart(words, following or WORDS)

    def _words(self, count: int) -> Array:
        """The next words: (count,) uint64, each below 2³²."""
        self._fresh = self._fresh and count == 0
        return self._engine.single(count)

    def _wide(self, count: int) -> Array:
        """The next pairs of words: (count,) uint64, the high one first."""
        self._fresh = self._fresh and count == 0
        return self._engine.double(count)

    def _unit(self, count: int, dtype: DTypeLike) -> Array:
        """The next uniform values in [0, 1): (count,), 24 random bits each in float32, 53 in float64."""
        bits, draw = (24, self._words) if dtype == np.float32 else (53, self._wide)
        drawn = draw(count)
        drawn &= np.uint64(2**bits - 1)
        u = drawn.astype(dtype)
        u *= 2.0**-bits
        return u


default_generator = Generator()
"""The stream that is drawn from wherever no generator is given and `default_stream` names no other."""

_stream: ContextVar[Generator] = ContextVar("default stream", default=default_generator)


@contextmanager
def default_stream(generator: Generator) -> Iterator[Generator]:
    """Inside the `with`, and in this thread alone, what is given no generator draws from this one.

    A DataLoader's worker threads each draw from a stream of their own in this way, as PyTorch's worker processes do.
    """
    token = _stream.set(_default(generator))
    try:
        yield _stream.get()
    finally:
        _stream.reset(token)


def manual_seed(seed: SupportsIndex) -> Generator:
    """Start the default stream anew, as torch.manual_seed does; returns its generator. See Generator.manual_seed."""
    return _stream.get().manual_seed(seed)


def initial_seed() -> int:
    """The seed the default stream started from, in [0, 2⁶⁴)."""
    return _stream.get().initial_seed()


def get_rng_state() -> Array:
    """The state of the default stream, (5056,) uint8 in PyTorch's layout."""
    return _stream.get().get_state()


def set_rng_state(state: Array) -> None:
    """Continue the default stream from a state. See Generator.set_state."""
    _stream.get().set_state(state)


def uniform(
    size: Size,
    low: float = 0.0,
    high: float = 1.0,
    *,
    dtype: DTypeLike = np.float32,
    generator: Generator | None = None,
) -> Array:
    """Values spread evenly over [low, high): torch.empty(size, dtype=dtype).uniform_(low, high).

    y = u (high − low) + low with high − low in dtype, then product and sum rounded once;   low where that gives high

    low ≤ high, each 0 or of a magnitude in [1e-37, 1e37], where that one rounding is assured: else ValueError.
    dtype: float32 or float64, else TypeError.
    """
    shape, dtype, generator = _shape(size), _floating(dtype), _default(generator)
    start, stop = dtype.type(_number("low", low)), dtype.type(_number("high", high))
    if low > high:
        raise ValueError(f"low: expected at most high = {high}, got {low}")
    span = stop - start
    exact = dtype == np.float32 and _fits(span, start)

    def draw(count: int) -> Array:
        u = generator._unit(count, dtype)
        if start == 0 and span == 1:
            return u
        y = _scaled(u, span, start) if exact else fused_multiply_add(u, span, start)
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

    n = √(−2 ln(1 − u₁)) cos 2πu₂, then the same with sin 2πu₂;   y = n std + mean, rounded once   (Box and Muller 1958)

    16 values or more: in dtype, by blocks of 16 uniforms, 8 for radii and 8 for angles, which become 8 cosine values,
    then 8 sine values. Where a last block stays incomplete, 16 further draws overwrite the last 16 values.
    Fewer: one by one in float64, the angle drawn before the radius; the sine value waits in the generator for the next
    such call.
    Every bit is PyTorch's. (float64, and fewer than 16 values: as long as the two call the same C library.)

    mean: 0 or of a magnitude in [1e-37, 1e37], where one rounding is assured; so std, and std ≥ 0: else ValueError.
    dtype: float32 or float64, else TypeError.
    """
    shape, dtype, generator = _shape(size), _floating(dtype), _default(generator)
    mean, std = _number("mean", mean), _number("std", std)
    if std < 0:
        raise ValueError(f"std: expected std >= 0, got {std}")
    count = math.prod(shape)
    if count < 16:
        n = np.array([_next_normal(generator) for _ in range(count)], np.float64)
        return fused_multiply_add(n, std, mean).astype(dtype).reshape(shape)
    y = _filled((count,), dtype, lambda size: generator._unit(size, dtype))
    whole_blocks = y[: count - count % 16]
    for start in range(0, whole_blocks.size, _CHUNK):
        chunk = whole_blocks[start : start + _CHUNK]
        chunk[:] = _box_muller(chunk, mean, std)
    if count % 16:
        y[-16:] = _box_muller(generator._unit(16, dtype), mean, std)
    return y.reshape(shape)


def bernoulli(size: Size, p: float, *, dtype: DTypeLike = np.float32, generator: Generator | None = None) -> Array:
    """1 with probability p, else 0: torch.empty(size, dtype=dtype).bernoulli_(p).

    For a contiguous x, bernoulli(x.shape, 1 − p) is the mask of torch.nn.functional.dropout(x, p).
    0 ≤ p ≤ 1, else ValueError.  dtype: float32 or float64, else TypeError.
    """
    shape, dtype, generator = _shape(size), _floating(dtype), _default(generator)
    if not isinstance(p, Real):
        raise TypeError(f"p: expected a number, got {p!r}")
    if not 0 <= p <= 1:
        raise ValueError(f"p: expected a probability in [0, 1], got {p}")
    bound = np.uint64(math.ceil(p * 2**53))  # an integer is below p 2⁵³ where u, that integer times 2⁻⁵³, is below p
    return _filled(shape, dtype, lambda count: (generator._wide(count) & np.uint64(2**53 - 1)) < bound)


def random_(size: Size, *, generator: Generator | None = None) -> Array:
    """int64 values in [0, 2⁶³): torch.empty(size, dtype=torch.int64).random_(), the seeds of PyTorch's shuffles."""
    shape, generator = _shape(size), _default(generator)
    return _filled(shape, np.int64, lambda count: generator._wide(count) & np.uint64(2**63 - 1))


def randint(low: SupportsIndex, high: SupportsIndex, size: Size, *, generator: Generator | None = None) -> Array:
    """int64 values in [low, high): torch.randint(low, high, size).

    Raises ValueError unless low < high, both in [−2⁶³, 2⁶³).
    """
    shape, generator = _shape(size), _default(generator)
    low, high = _integer("low", low, -(2**63), 2**63), _integer("high", high, -(2**63), 2**63)
    if low >= high:
        raise ValueError(f"low: expected less than high = {high}, got {low}")
    span, base = np.uint64(high - low), np.uint64(low % 2**64)
    draw = generator._words if span < 2**28 else generator._wide
    return _filled(shape, np.int64, lambda count: (draw(count) % span + base).view(np.int64))


def randperm(n: SupportsIndex, *, generator: Generator | None = None) -> Array:
    """0 … n − 1 in random order: torch.randperm(n). (n,) int64.

    Each place in turn is swapped with one of those from itself on: i with i + word mod (n − i).

    Raises ValueError for a negative n, and from ⌊(2³² − 1) / 20⌋ on, where PyTorch shuffles by another rule.
    """
    n, generator = _integer("n", n, 0, (2**32 - 1) // 20), _default(generator)
    remaining = np.arange(n, 1, -1, dtype=np.uint64)
    partners = np.arange(n)
    partners[: remaining.size] += (generator._words(remaining.size) % remaining).astype(np.int64)
    return _swapped(partners)


def _swapped(partners: Array) -> Array:
    """0 … n − 1 after place 0 was swapped with partners[0], then place 1 with partners[1], …; partners[i] ≥ i.

    A swap i leaves at its partner what place i held, and gets what the last swap with the same partner had left there:
    or, if it is the first, the partner itself. All are followed at once: one by one they take seven times as long.
    """
    n, places = len(partners), np.arange(len(partners))
    swaps = np.flatnonzero(partners != places)
    held = places.copy()  # by each place when its turn comes: what the last swap with it left, so what its place held …
    held[partners[swaps]] = swaps
    while (held != (before := held[held])).any():
        held = before
    order = np.where(partners == places, held, partners)
    partner, swap = np.divmod(np.sort(partners[swaps] * n + swaps), n)
    again = np.flatnonzero(partner[1:] == partner[:-1])
    order[swap[again + 1]] = held[swap[again]]
    return order


def multinomial(
    weights: Array, num_samples: SupportsIndex, replacement: bool = False, *, generator: Generator | None = None
) -> Array:
    """Places in weights, each drawn with a probability in proportion to its weight: torch.multinomial in float64.

    with replacement    1 wide a draw     the first j where (w₀ + … + wⱼ) / (w₀ + … + wₙ₋₁) ≥ u
    else, or one draw   1 wide a weight   the places of the largest wⱼ / qⱼ, largest first;   qⱼ = −ln(1 − uⱼ)

    weights: (n,), finite, none negative, not all 0; without replacement at least num_samples of them positive (PyTorch
    goes on to places of weight 0, in no stated order).  num_samples: at least 1.  Returns (num_samples,) int64.
    Raises ValueError otherwise. The second rule: P. Efraimidis and P. Spirakis 2006.
    """
    count, generator = _integer("num_samples", num_samples, 1, 2**63), _default(generator)
    w = np.asarray(weights, np.float64)
    if w.ndim != 1 or not (w >= 0).all() or not 0 < w.sum() < math.inf:
        raise ValueError(f"weights: expected a row of finite numbers, none negative, not all 0, got {weights!r}")
    if not replacement and (w > 0).sum() < count:
        raise ValueError(f"weights: expected {count} positive ones to draw without replacement, got {(w > 0).sum()}")
    if replacement and count > 1:
        share = w.cumsum()
        share /= share[-1]
        return np.searchsorted(share, generator._unit(count, np.float64)).astype(np.int64)
    u = generator._unit(w.size, np.float64).tolist()
    with np.errstate(divide="ignore", invalid="ignore"):
        keys = w / np.array([-math.log1p(-value) for value in u])
    return np.argsort(-keys, kind="stable")[:count].astype(np.int64)


def rand(*size: Any, dtype: DTypeLike = np.float32, generator: Generator | None = None) -> Array:
    """Uniform values in [0, 1): torch.rand. rand(2, 3) or rand((2, 3)); see uniform."""
    return uniform(_unpacked(size), dtype=dtype, generator=generator)


def randn(*size: Any, dtype: DTypeLike = np.float32, generator: Generator | None = None) -> Array:
    """Standard normal values: torch.randn. randn(2, 3) or randn((2, 3)); see normal."""
    return normal(_unpacked(size), dtype=dtype, generator=generator)


def _filled(shape: tuple[int, ...], dtype: DTypeLike, draw: Callable[[int], Array]) -> Array:
    """A new array of that shape, drawn a chunk at a time."""
    y = np.empty(math.prod(shape), dtype)
    for start in range(0, y.size, _CHUNK):
        chunk = y[start : start + _CHUNK]
        chunk[:] = draw(chunk.size)
    return y.reshape(shape)


def _fits(span: np.floating[Any], start: np.floating[Any]) -> bool:
    """Whether float64 holds u span + start for every float32 u = k 2⁻²⁴ < 1: where the two are alike in size.

    With span < 2ˢ and |start| < 2ᵇ, of 24 bits each, the sum is below 2^(max(s, b) + 1) and a multiple of 2^(s − 48)
    or of 2^(b − 24).
    """
    s, b = math.frexp(span)[1], math.frexp(start)[1]
    return start == 0 or max(s, b) + 1 - min(s - 48, b - 24) <= 53


def _scaled(u: Array, span: np.floating[Any], start: np.floating[Any]) -> Array:
    """u span + start rounded once, where float64 holds the sum."""
    y = u.astype(np.float64)
    y *= span
    y += start
    return y.astype(np.float32)


def _next_normal(generator: Generator) -> float:
    """One standard normal value in float64: the one that waits, or a new pair's first."""
    if generator._normal is not None:
        waiting, generator._normal = generator._normal, None
        return waiting
    u1, u2 = generator._unit(2, np.float64).tolist()
    radius, angle = math.sqrt(-2 * math.log1p(-u2)), 2 * math.pi * u1
    generator._normal = radius * math.sin(angle)
    return radius * math.cos(angle)


def _box_muller(u: Array, mean: float, std: float) -> Array:
    """Blocks of 16 uniform values into blocks of 16 normal ones.  u: (16 k,), in [0, 1)."""
    blocks = u.reshape(-1, 2, 8)
    radius = np.sqrt(-2 * log(1 - blocks[:, 0]))
    sine, cosine = sin_cos(2 * math.pi * blocks[:, 1])
    n = np.stack([radius * cosine, radius * sine], axis=1)
    return fused_multiply_add(n.reshape(-1), std, mean)


def _shape(size: Size) -> tuple[int, ...]:
    try:
        shape = tuple(map(operator.index, size if isinstance(size, Sequence) else (size,)))
    except TypeError:
        raise TypeError(f"size: expected an int or a tuple of ints, got {size!r}") from None
    if any(length < 0 for length in shape):
        raise ValueError(f"size: expected no negative length, got {shape}")
    return shape


def _unpacked(size: tuple[Any, ...]) -> Any:
    if not size:
        raise TypeError("size: expected ints or a tuple of ints, got nothing; () asks for a 0-d array")
    return size[0] if len(size) == 1 else size


def _floating(dtype: DTypeLike) -> np.dtype[Any]:
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise TypeError(f"dtype: expected float32 or float64, got {np.dtype(dtype)}")
    return np.dtype(dtype)


def _default(generator: Generator | None) -> Generator:
    if generator is None:
        return _stream.get()
    if not isinstance(generator, Generator):
        raise TypeError(f"generator: expected a numpy_nn.random.Generator or None, got {type(generator).__name__}")
    return generator


def _number(name: str, value: float) -> float:
    if not isinstance(value, Real):
        raise TypeError(f"{name}: expected a number, got {value!r}")
    if value != 0 and not 1e-37 <= abs(value) <= 1e37:
        raise ValueError(f"{name}: expected 0 or a magnitude in [1e-37, 1e37], got {value}")
    return float(value)
