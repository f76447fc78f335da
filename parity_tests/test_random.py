"""The random stream is PyTorch's: every value, every bit, and every position in it."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from torch.utils.data import DataLoader, RandomSampler, SubsetRandomSampler, TensorDataset, random_split

from numpy_nn import mersenne_twister, random, rounding
from numpy_nn.mersenne_twister import PATIENCE

SEEDS = [
    0,
    1,
    42,
    2**31,
    2**32 - 1,
    2**32,
    2**32 + 1,
    67280421310721,
    2**63 - 1,
    2**63,
    2**64 - 1,
    -1,
    -(2**32),
    -(2**63),
]
SIZES = [0, 1, 2, 15, 16, 17, 31, 32, 33, 311, 312, 313, 623, 624, 625, 1000, 1248, 1249]
LONG = [2**14 - 1, 2**14, 2**14 + 1, 2**14 + 17, 50_000]  # around the length at which drawing goes on in a second chunk

seeds = st.sampled_from(SEEDS) | st.integers(-(2**63), 2**64 - 1)
dtypes = st.sampled_from([np.float32, np.float64])
sizes = st.sampled_from(SIZES) | st.integers(0, 700)
shapes = sizes | st.lists(st.integers(0, 9), max_size=3).map(tuple)
magnitudes = st.floats(0.01, 3) | st.floats(1e-37, 1e37)
numbers = st.just(0.0) | magnitudes | magnitudes.map(lambda x: -x)
bounds = st.sampled_from([(-1.0, 1.0), (1.0, 2.0), (0.0, 0.5)]) | st.tuples(numbers, numbers).map(sorted)


def empty(shape: Any, dtype: Any) -> torch.Tensor:
    return torch.from_numpy(np.empty(shape, dtype))


def assert_same_bits(ours: np.ndarray, theirs: torch.Tensor) -> None:
    expected = theirs.numpy()
    assert type(ours) is np.ndarray
    assert (ours.shape, ours.dtype) == (expected.shape, expected.dtype)
    differing = np.flatnonzero(np.frombuffer(ours.tobytes(), np.uint8) != np.frombuffer(expected.tobytes(), np.uint8))
    assert not differing.size, f"first differing value: {differing[0] // ours.itemsize} of {ours.size}"


def pair(seed: int) -> tuple[random.Generator, torch.Generator]:
    return random.Generator(seed), torch.Generator().manual_seed(seed)


class Streams(RuleBasedStateMachine):
    """The default stream and two others, here and in PyTorch, through whatever is asked of them in whatever order."""

    streams = st.integers(0, 2)

    def __init__(self) -> None:
        super().__init__()
        self.ours = [random.default_generator, random.Generator(), random.Generator()]
        self.ours[1]._engine._drawn = PATIENCE - 1000  # NumPy's takes over on the way
        self.theirs = [torch.default_generator, torch.Generator(), torch.Generator()]
        self.saved = [generator.get_state() for generator in self.ours[1:]]

    def teardown(self) -> None:
        random.set_rng_state(self.saved[0])  # what this walk leaves behind is no part of the next one

    @initialize(seed=seeds)
    def start(self, seed: int) -> None:
        assert random.manual_seed(seed) is random.default_generator
        torch.manual_seed(seed)

    def generators(self, stream: int) -> tuple[dict[str, Any], dict[str, Any]]:
        return ({"generator": self.ours[stream]}, {"generator": self.theirs[stream]}) if stream else ({}, {})

    @rule(stream=streams, seed=seeds)
    def reseed(self, stream: int, seed: int) -> None:
        assert self.ours[stream].manual_seed(seed) is self.ours[stream]
        self.theirs[stream].manual_seed(seed)

    @rule(stream=streams, from_torch=st.booleans())
    def save(self, stream: int, from_torch: bool) -> None:
        self.saved.append(self.theirs[stream].get_state().numpy() if from_torch else self.ours[stream].get_state())

    @rule(stream=streams, data=st.data())
    def restore(self, stream: int, data: st.DataObject) -> None:
        state = data.draw(st.sampled_from(self.saved), label="state")
        self.ours[stream].set_state(state)
        self.theirs[stream].set_state(torch.from_numpy(state))

    @rule(stream=streams, size=shapes, dtype=dtypes)
    def uniform(self, stream: int, size: Any, dtype: Any) -> None:
        ours, theirs = self.generators(stream)
        assert_same_bits(random.uniform(size, dtype=dtype, **ours), empty(size, dtype).uniform_(**theirs))

    @rule(stream=streams, size=shapes, dtype=dtypes, bounds=bounds)
    def uniform_between(self, stream: int, size: Any, dtype: Any, bounds: list[float]) -> None:
        ours, theirs = self.generators(stream)
        assert_same_bits(
            random.uniform(size, *bounds, dtype=dtype, **ours), empty(size, dtype).uniform_(*bounds, **theirs)
        )

    @rule(stream=streams, size=shapes | st.integers(0, 15), dtype=dtypes, mean=numbers, std=st.just(0.0) | magnitudes)
    def normal(self, stream: int, size: Any, dtype: Any, mean: float, std: float) -> None:
        ours, theirs = self.generators(stream)
        assert_same_bits(
            random.normal(size, mean, std, dtype=dtype, **ours), empty(size, dtype).normal_(mean, std, **theirs)
        )

    @rule(stream=streams, size=shapes, dtype=dtypes, p=st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1))
    def bernoulli(self, stream: int, size: Any, dtype: Any, p: float) -> None:
        ours, theirs = self.generators(stream)
        assert_same_bits(random.bernoulli(size, p, dtype=dtype, **ours), empty(size, dtype).bernoulli_(p, **theirs))

    @rule(stream=streams, size=shapes)
    def random_(self, stream: int, size: Any) -> None:
        ours, theirs = self.generators(stream)
        assert_same_bits(random.random_(size, **ours), empty(size, np.int64).random_(**theirs))

    @rule(
        stream=streams,
        size=shapes,
        low=st.integers(-(2**63), 2**63 - 2),
        span=st.sampled_from([2**28 - 1, 2**28, 2**32, 2**64]) | st.integers(1, 20) | st.integers(1, 2**64),
    )
    def randint(self, stream: int, size: Any, low: int, span: int) -> None:
        ours, theirs = self.generators(stream)
        high, shape = min(low + span, 2**63 - 1), size if isinstance(size, tuple) else (size,)
        assert_same_bits(random.randint(low, high, size, **ours), torch.randint(low, high, shape, **theirs))

    @rule(stream=streams, n=sizes)
    def randperm(self, stream: int, n: int) -> None:
        ours, theirs = self.generators(stream)
        assert_same_bits(random.randperm(n, **ours), torch.randperm(n, **theirs))

    @rule(stream=streams, shape=st.lists(st.integers(0, 6), max_size=3), dtype=dtypes, unpacked=st.booleans())
    def rand_and_randn(self, stream: int, shape: list[int], dtype: Any, unpacked: bool) -> None:
        ours, theirs = self.generators(stream)
        size: Any = shape if shape and unpacked else (tuple(shape),)
        like = empty((), dtype).dtype
        assert_same_bits(random.rand(*size, dtype=dtype, **ours), torch.rand(*size, dtype=like, **theirs))
        assert_same_bits(random.randn(*size, dtype=dtype, **ours), torch.randn(*size, dtype=like, **theirs))

    @invariant()
    def same_state(self) -> None:
        for ours, theirs in zip(self.ours, self.theirs, strict=True):
            assert_same_bits(ours.get_state(), theirs.get_state())
            assert ours.initial_seed() == theirs.initial_seed()


TestStreams = Streams.TestCase


@pytest.mark.parametrize("seed", SEEDS)
def test_every_seed_starts_the_same_stream(seed: int) -> None:
    ours, theirs = pair(seed)
    for size in SIZES:
        assert_same_bits(random.uniform(size, generator=ours), torch.rand(size, generator=theirs))
        assert_same_bits(ours.get_state(), theirs.get_state())
    assert ours.initial_seed() == theirs.initial_seed()


@pytest.mark.parametrize("n", [0, 1])
def test_a_permutation_without_choice_draws_nothing(n: int) -> None:
    ours, theirs = pair(2)
    assert_same_bits(random.randperm(n, generator=ours), torch.randperm(n, generator=theirs))
    assert_same_bits(ours.get_state(), theirs.get_state())


def test_an_unseeded_generator_starts_with_torchs_default_seed() -> None:
    assert_same_bits(random.Generator().get_state(), torch.Generator().get_state())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", LONG)
@pytest.mark.parametrize("patience", [PATIENCE, 40_000, 0])
def test_long_draws(size: int, dtype: Any, patience: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mersenne_twister, "PATIENCE", patience)
    ours, theirs = pair(size)
    assert_same_bits(random.uniform(size, generator=ours, dtype=dtype), empty(size, dtype).uniform_(generator=theirs))
    assert_same_bits(
        random.uniform(size, -0.1, 0.3, generator=ours, dtype=dtype),
        empty(size, dtype).uniform_(-0.1, 0.3, generator=theirs),
    )
    assert_same_bits(
        random.normal(size, 0.1, 0.3, generator=ours, dtype=dtype),
        empty(size, dtype).normal_(0.1, 0.3, generator=theirs),
    )
    assert_same_bits(
        random.bernoulli(size, 0.3, generator=ours, dtype=dtype), empty(size, dtype).bernoulli_(0.3, generator=theirs)
    )
    assert_same_bits(random.random_(size, generator=ours), empty(size, np.int64).random_(generator=theirs))
    assert_same_bits(random.randint(-5, 7, size, generator=ours), torch.randint(-5, 7, (size,), generator=theirs))
    assert_same_bits(random.randperm(size, generator=ours), torch.randperm(size, generator=theirs))
    assert_same_bits(ours.get_state(), theirs.get_state())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_short_normal_draws(dtype: Any) -> None:
    ours, theirs = pair(6)
    for _ in range(200):
        drawn = random.normal(15, 0.1, 0.3, dtype=dtype, generator=ours)
        assert_same_bits(drawn, empty(15, dtype).normal_(0.1, 0.3, generator=theirs))


@pytest.mark.parametrize("low", [-(2**63), -5, 0])
@pytest.mark.parametrize("span", [1, 10, 2**28 - 1, 2**28, 2**28 + 1, 2**32, 2**63 - 1])
def test_randint_takes_two_words_from_a_span_of_2_to_the_28_on(low: int, span: int) -> None:
    ours, theirs = pair(span)
    drawn = random.randint(low, low + span, 33, generator=ours)
    assert_same_bits(drawn, torch.randint(low, low + span, (33,), generator=theirs))
    assert_same_bits(ours.get_state(), theirs.get_state())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_uniform_never_returns_its_upper_bound(dtype: Any) -> None:
    high = float(1 + 2 * np.finfo(dtype).eps)
    ours, theirs = pair(3)
    y = random.uniform(1000, 1.0, high, dtype=dtype, generator=ours)
    assert_same_bits(y, empty(1000, dtype).uniform_(1.0, high, generator=theirs))
    assert set(y.tolist()) == {1.0, float(1 + np.finfo(dtype).eps)}


@pytest.mark.parametrize("seed", [8, 9])  # a value above ½, where the next number is 2⁻⁵³ away, and one below it
def test_a_uniform_value_equal_to_p_is_a_zero(seed: int) -> None:
    u = float(random.uniform((), dtype=np.float64, generator=random.Generator(seed)))
    for p, expected in ((u, 0), (math.nextafter(u, 1), 1)):
        ours, theirs = pair(seed)
        drawn = random.bernoulli((), p, generator=ours)
        assert drawn == expected
        assert_same_bits(drawn, torch.empty(()).bernoulli_(p, generator=theirs))


def test_every_radius_and_every_angle_of_a_float32_normal_value() -> None:
    """All 2²⁴ uniforms, as radius and as angle: PyTorch is made to draw them from states that hold them."""
    theirs, state = torch.Generator(), random.Generator(0)
    random.rand((), generator=state)  # a state that has been drawn from, with 623 words to come
    record = state.get_state()
    words = record.view(random._STATE)["words"][0]
    pairs, slab = 32 * 8, 2**14
    for start in range(0, 2**24, slab):
        radius = np.arange(start, start + slab, dtype=np.uint32)
        angle = (radius * np.uint32(0x9E3779B1) + np.uint32(start)) % np.uint32(2**24)  # odd factor: each value once
        drawn = np.stack([radius.reshape(-1, 8), angle.reshape(-1, 8)], axis=1).reshape(-1, 2 * pairs)
        expected = torch.empty(drawn.shape)
        for row, before_tempering in zip(expected, untempered(drawn), strict=True):
            words[1 : 1 + 2 * pairs] = before_tempering
            theirs.set_state(torch.from_numpy(record))
            row.normal_(generator=theirs)
        uniforms = drawn.reshape(-1).astype(np.float32) * np.float32(2**-24)
        assert_same_bits(random._box_muller(uniforms, 0.0, 1.0), expected.reshape(-1))


def untempered(words: np.ndarray) -> np.ndarray:
    """The entries of the engine's state that it puts out as these words: its four tempering steps, undone."""
    y = words ^ words >> 18
    y = y ^ y << 15 & 0xEFC60000
    z = y
    for _ in range(4):  # each pass settles 7 more bits
        z = y ^ z << 7 & 0x9D2C5680
    x = z
    for _ in range(2):  # each pass settles 11 more bits
        x = z ^ x >> 11
    return x


def rounded(exact: Fraction, digits: int) -> float:
    """The nearest number of that many binary digits; of two, the even one."""
    if not exact:
        return 0.0
    exponent = abs(exact.numerator).bit_length() - exact.denominator.bit_length()
    exponent -= abs(exact) < Fraction(2) ** exponent
    unit = Fraction(2) ** (exponent - digits + 1)
    return float(round(exact / unit) * unit)


@pytest.mark.parametrize(("dtype", "digits"), [(np.float32, 24), (np.float64, 53)])
@given(seed=st.integers(0, 2**32 - 1))
def test_fused_multiply_add_rounds_once(dtype: Any, digits: int, seed: int) -> None:
    """Most products lie within a few parts in 2^digits of half a unit in z's last place, where rounding twice shows."""
    draw, size = np.random.default_rng(seed), 200
    near_one = np.arange(-6, 7) * np.where(np.arange(-6, 7) < 0, 0.5, 1) * 2.0 ** (1 - digits) + 1
    exponent = np.where(
        draw.random(size) < 0.8, draw.integers(-digits - 1, 2 - digits, size), draw.integers(-60, 60, size)
    )
    x = (draw.choice(near_one, size) * draw.choice([-1, 1], size) * 2.0**exponent).astype(dtype)
    y = draw.choice(near_one, size).astype(dtype)
    z = np.where(draw.random(size) < 0.5, draw.choice(near_one, size), draw.uniform(1, 2, size)).astype(dtype)
    result = rounding.fused_multiply_add(x, y, z)
    exact = [
        Fraction(a) * Fraction(b) + Fraction(c) for a, b, c in zip(x.tolist(), y.tolist(), z.tolist(), strict=True)
    ]
    assert result.dtype == dtype
    assert result.tolist() == [rounded(sum_, digits) for sum_ in exact]


@given(
    p=st.sampled_from([0.1, 0.25, 0.5, 0.9]) | st.floats(0.01, 0.99), seed=seeds, dtype=dtypes, rows=st.integers(1, 40)
)
def test_dropouts_mask(p: float, seed: int, dtype: Any, rows: int) -> None:
    ours, x = random.manual_seed(seed), torch.ones((rows, 25), dtype=empty((), dtype).dtype)
    torch.manual_seed(seed)
    y = torch.nn.functional.dropout(x, p)
    assert_same_bits(random.bernoulli((rows, 25), 1 - p, dtype=dtype) / dtype(1 - p), y)
    y = torch.nn.functional.dropout(x.T, p)  # drawn in the order of the memory behind it
    assert_same_bits((random.bernoulli((rows, 25), 1 - p, dtype=dtype) / dtype(1 - p)).T, y)
    assert_same_bits(ours.get_state(), torch.get_rng_state())


@pytest.mark.parametrize("options", [{"p": 0.0}, {"p": 1.0}, {"p": 0.5, "training": False}])
def test_a_dropout_that_leaves_nothing_to_chance_draws_nothing(options: dict[str, Any]) -> None:
    state = torch.get_rng_state()
    torch.nn.functional.dropout(torch.ones(30), **options)
    assert torch.equal(state, torch.get_rng_state())


def test_the_initial_weights_of_a_linear_layer() -> None:
    for seed in SEEDS:
        torch.manual_seed(seed)
        random.manual_seed(seed)
        layer = torch.nn.Linear(784, 128)
        gain = math.sqrt(2 / (1 + math.sqrt(5) ** 2))
        bound = math.sqrt(3) * (gain / math.sqrt(784))
        assert_same_bits(random.uniform((128, 784), -bound, bound), layer.weight.detach())
        assert_same_bits(random.uniform(128, -1 / math.sqrt(784), 1 / math.sqrt(784)), layer.bias.detach())
        assert_same_bits(random.get_rng_state(), torch.get_rng_state())


@pytest.mark.parametrize("n", [1, 2, 60, 61])
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("own_generator", [True, False])
def test_an_epoch_of_a_data_loader(n: int, shuffle: bool, own_generator: bool) -> None:
    """It draws a base seed, a sampler seed where it has no generator, the order, and another order that goes unused."""
    ours, theirs = pair(5) if own_generator else (None, None)
    random.manual_seed(9)
    torch.manual_seed(9)
    loader = DataLoader(TensorDataset(torch.arange(n)), batch_size=20, shuffle=shuffle, generator=theirs)
    for _ in range(3):
        drawn = torch.cat([batch for (batch,) in loader])
        random.random_((), generator=ours)
        if not shuffle:
            assert_same_bits(np.arange(n), drawn)
            continue
        sampler = ours or random.Generator(int(random.random_(())))
        assert_same_bits(random.randperm(n, generator=sampler), drawn)
        random.randperm(n, generator=sampler)
    assert_same_bits(random.get_rng_state(), torch.get_rng_state())
    if ours and theirs:
        assert_same_bits(ours.get_state(), theirs.get_state())


def test_samplers_and_splits() -> None:
    random.manual_seed(11)
    torch.manual_seed(11)
    sampler = random.Generator(int(random.random_(())))
    assert_same_bits(random.randperm(60_000, generator=sampler), torch.tensor(list(RandomSampler(range(60_000)))))
    sampler = random.Generator(int(random.random_(())))
    with_replacement = [random.randint(0, 10, count, generator=sampler) for count in (32, 32, 11)]
    drawn = torch.tensor(list(RandomSampler(range(10), replacement=True, num_samples=75)))
    assert_same_bits(np.concatenate(with_replacement), drawn)
    assert_same_bits(random.randperm(40) + 3, torch.tensor(list(SubsetRandomSampler(range(3, 43)))))
    parts = random_split(range(100), [70, 20, 10])  # type: ignore[arg-type]
    assert_same_bits(
        random.randperm(100), torch.tensor(list(itertools.chain.from_iterable(part.indices for part in parts)))
    )
    assert_same_bits(random.get_rng_state(), torch.get_rng_state())


@pytest.mark.parametrize("low", [1e-20, -1e-20])
def test_a_bound_that_float64_would_lose_decides_between_two_values(low: float) -> None:
    """A quarter of all u · 0.75 lie in the middle between two float32 values."""
    ours, theirs = pair(9)
    assert_same_bits(
        random.uniform(1000, low, 0.75, generator=ours), empty(1000, np.float32).uniform_(low, 0.75, generator=theirs)
    )


def test_a_new_seed_forgets_the_normal_value_that_waits() -> None:
    ours, theirs = pair(5)
    random.normal(1, generator=ours)
    empty(1, np.float32).normal_(generator=theirs)
    assert_same_bits(ours.manual_seed(6).get_state(), theirs.manual_seed(6).get_state())


def test_a_waiting_normal_value_moves_with_the_state() -> None:
    ours, theirs = pair(4)
    random.normal(1, generator=ours)
    theirs.set_state(torch.from_numpy(ours.get_state()))
    copy = random.Generator(0)
    copy.set_state(theirs.get_state().numpy())
    for size in (16, 3):  # 16 values pass it by, the next 3 begin with it
        expected = torch.randn(size, generator=theirs)
        assert_same_bits(random.normal(size, generator=ours), expected)
        assert_same_bits(random.normal(size, generator=copy), expected)


@pytest.mark.parametrize("waiting", [0.0, -0.0, 1.5])
def test_whichever_normal_value_waits_is_taken(waiting: float) -> None:
    state = state_with(has_normal=1, normal=waiting)
    ours, theirs = pair(0)
    ours.set_state(state)
    theirs.set_state(torch.from_numpy(state))
    assert (ours.get_state() == state).all()
    assert_same_bits(random.randn(2, generator=ours), torch.randn(2, generator=theirs))


def test_a_state_is_a_copy() -> None:
    generator = random.Generator(1)
    state = generator.get_state()
    expected = random.rand(5, generator=generator)
    generator.set_state(state)
    state[:] = 0
    assert (random.rand(5, generator=generator) == expected).all()


def state_with(**fields: Any) -> np.ndarray:
    generator = random.Generator(7)
    random.rand(10, generator=generator)
    state = generator.get_state()
    for name, value in fields.items():
        state.view(random._STATE)[name] = value
    return state


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        (list(range(5056)), TypeError, "state: expected a uint8 array, got list"),
        (torch.get_rng_state(), TypeError, "state: expected a uint8 array, got Tensor"),
        (state_with().astype(np.int64), TypeError, "state: expected a uint8 array, got a int64 array"),
        (state_with()[:-8], ValueError, "state: expected shape (5056,), got (5048,)"),
        (state_with().reshape(2, -1), ValueError, "state: expected shape (5056,), got (2, 2528)"),
        (np.zeros(5056, np.uint8), ValueError, "seeded 0, left 0, next 0"),
        (state_with(seeded=0), ValueError, "seeded 0"),
        (state_with(left=0, next=625), ValueError, "left 0, next 625"),
        (state_with(left=625, next=0), ValueError, "left 625, next 0"),
        (state_with(left=100), ValueError, "left 100, next 10"),
        (state_with(left=1), ValueError, "left 1, next 10"),
        (state_with(words=2**32), ValueError, "624 words below 2³²"),
        (state_with(has_normal=2), ValueError, "at most one normal value"),
        (state_with(unused_has_float_normal=1), ValueError, "a float64 one"),
    ],
)
def test_a_state_that_is_none_is_refused_and_changes_nothing(state: Any, error: type[Exception], message: str) -> None:
    generator = random.Generator(3)
    before = generator.get_state()
    with pytest.raises(error) as raised:
        generator.set_state(state)
    assert message in str(raised.value)
    assert (generator.get_state() == before).all()


@pytest.mark.parametrize("seed", [-(2**63) - 1, 2**64])
def test_seeds_out_of_torchs_range(seed: int) -> None:
    before = random.get_rng_state()
    with pytest.raises(ValueError, match="Overflow"):
        torch.manual_seed(seed)
    with pytest.raises(ValueError, match="seed: expected an integer in"):
        random.manual_seed(seed)
    assert (random.get_rng_state() == before).all()


@pytest.mark.parametrize(
    ("call", "arguments", "error", "message"),
    [
        (random.Generator, (1.5,), TypeError, "seed: expected an integer, got 1.5"),
        (random.manual_seed, ("1",), TypeError, "seed: expected an integer, got '1'"),
        (random.uniform, (-1,), ValueError, "size: expected no negative length"),
        (random.uniform, ((2, 1.5),), TypeError, "size: expected an int or a tuple of ints"),
        (random.rand, ("23",), TypeError, "size: expected an int or a tuple of ints"),
        (random.rand, (), TypeError, "size: expected ints or a tuple of ints, got nothing"),
        (random.randn, (None,), TypeError, "size: expected an int or a tuple of ints"),
        (random.uniform, (20, 2.0, 1.0), ValueError, "low: expected at most high = 1.0, got 2.0"),
        (random.uniform, (20, 0.0, np.inf), ValueError, "high: expected 0 or a magnitude"),
        (random.uniform, (20, 1e-38, 1.0), ValueError, "low: expected 0 or a magnitude"),
        (random.uniform, (20, "0", 1.0), TypeError, "low: expected a number"),
        (random.normal, (20, 0.0, -1.0), ValueError, "std: expected std >= 0, got -1.0"),
        (random.normal, (20, np.nan, 1.0), ValueError, "mean: expected 0 or a magnitude"),
        (random.normal, (20, 0.0, 2e37), ValueError, "std: expected 0 or a magnitude"),
        (random.normal, (20, None, 1.0), TypeError, "mean: expected a number"),
        (random.bernoulli, (20, 1.5), ValueError, "p: expected a probability in [0, 1], got 1.5"),
        (random.bernoulli, (20, np.nan), ValueError, "p: expected a probability in [0, 1], got nan"),
        (random.bernoulli, (20, "0.5"), TypeError, "p: expected a number"),
        (random.randint, (3, 3, 20), ValueError, "low: expected less than high = 3, got 3"),
        (random.randint, (0, 2**63, 20), ValueError, "high: expected an integer in"),
        (random.randint, (-(2**63) - 1, 0, 20), ValueError, "low: expected an integer in"),
        (random.randint, (0, 2.5, 20), TypeError, "high: expected an integer"),
        (random.randperm, (-1,), ValueError, "n: expected an integer in [0, 214748364), got -1"),
        (random.randperm, (214748364,), ValueError, "n: expected an integer in [0, 214748364), got 214748364"),
        (random.randperm, (2.0,), TypeError, "n: expected an integer"),
    ],
)
def test_bad_arguments_are_named_and_draw_nothing(
    call: Any, arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    before = random.get_rng_state()
    with pytest.raises(error) as raised:
        call(*arguments)
    assert message in str(raised.value)
    assert (random.get_rng_state() == before).all()


@pytest.mark.parametrize("call", [random.uniform, random.normal, lambda size, **o: random.bernoulli(size, 0.5, **o)])
@pytest.mark.parametrize("dtype", [np.float16, np.int64, "longdouble", bool])
def test_only_float32_and_float64(call: Any, dtype: Any) -> None:
    with pytest.raises(TypeError, match="dtype: expected float32 or float64"):
        call(3, dtype=dtype)


def test_torchs_generators_are_not_ours() -> None:
    with pytest.raises(TypeError, match=r"generator: expected a numpy_nn\.random\.Generator or None, got Generator"):
        random.rand(3, generator=torch.Generator())  # type: ignore[arg-type]
