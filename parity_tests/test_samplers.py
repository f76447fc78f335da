"""Samplers name the samples that PyTorch's name, and draw for them what PyTorch's draw."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils import data as torch_data

import numpy_nn.random
from numpy_nn import data
from parity_tests.loaders import assert_same_position, both_generators, seed_both

seeds = st.integers(0, 2**63 - 1)
MODULES = (data, torch_data)


def assert_same_numbers(ours, theirs, generators):
    """Two passes, with the position of the streams after every number."""
    assert len(ours) == len(theirs)
    for _ in range(2):
        for number, twin in zip(ours, theirs, strict=True):
            assert type(number) is type(twin)
            assert number == twin
            assert_same_position(generators)
        assert_same_position(generators)


RANDOM = seeds, st.integers(1, 40), st.none() | st.integers(1, 100), st.booleans(), st.booleans()
SUBSET = seeds, st.lists(st.integers(-5, 100), max_size=20), st.booleans()
WEIGHTS = st.lists(st.just(0.0) | st.integers(1, 9).map(float) | st.floats(1e-3, 1e3), min_size=1, max_size=20)
WEIGHTED = seeds, WEIGHTS.filter(any), st.integers(1, 40), st.booleans(), st.booleans()
MULTINOMIAL = seeds, st.integers(1, 3000), st.integers(1, 3000), st.booleans()
BATCHES = st.integers(0, 12), st.integers(1, 14), st.booleans()


@given(*RANDOM)
def test_a_random_sampler_is_pytorchs(seed, N, num_samples, replacement, own):
    generators = both_generators(seed)
    seed_both(seed)
    assert_same_numbers(
        *(
            module.RandomSampler(range(N), replacement, num_samples, generator if own else None)
            for module, generator in zip(MODULES, generators, strict=True)
        ),
        generators,
    )


@given(*SUBSET)
def test_a_subset_random_sampler_is_pytorchs(seed, indices, own):
    generators = both_generators(seed)
    seed_both(seed)
    assert_same_numbers(
        *(
            module.SubsetRandomSampler(indices, generator if own else None)
            for module, generator in zip(MODULES, generators, strict=True)
        ),
        generators,
    )


@given(*WEIGHTED)
def test_a_weighted_random_sampler_is_pytorchs(seed, weights, num_samples, replacement, own):
    if not replacement:
        num_samples = min(num_samples, sum(weight > 0 for weight in weights))
    generators = both_generators(seed)
    seed_both(seed)
    assert_same_numbers(
        *(
            module.WeightedRandomSampler(weights, num_samples, replacement, generator if own else None)
            for module, generator in zip(MODULES, generators, strict=True)
        ),
        generators,
    )


@given(*MULTINOMIAL)
def test_multinomial_is_pytorchs(seed, N, count, replacement):
    weights = np.random.default_rng(seed).random(N) ** 4
    count = count if replacement else min(count, N)
    ours, theirs = both_generators(seed)
    draws = numpy_nn.random.multinomial(weights, count, replacement, generator=ours)
    twin = torch.multinomial(torch.from_numpy(weights), count, replacement, generator=theirs)
    assert draws.dtype == np.int64
    assert draws.tolist() == twin.tolist()
    assert_same_position((ours, theirs))


def test_weights_take_their_share():
    """The largest of three standard deviations of 40,000 draws is 0.0025."""
    draws = numpy_nn.random.multinomial([1, 0, 3, 4], 40000, True, generator=numpy_nn.random.Generator(0))
    assert np.abs(np.bincount(draws, minlength=4) / 40000 - [0.125, 0, 0.375, 0.5]).max() < 0.0075


@pytest.mark.parametrize("weights", [[], [0.0, 0], [-1.0, 2], [np.inf, 1], [np.nan, 1], [[1.0]]], ids=str)
def test_weights_that_are_no_distribution_are_refused(weights):
    state = numpy_nn.random.get_rng_state()
    for count, replacement in ((1, True), (2, True), (1, False)):
        with pytest.raises(ValueError, match="weights: expected a row of finite numbers"):
            numpy_nn.random.multinomial(weights, count, replacement)
    assert numpy_nn.random.get_rng_state().tobytes() == state.tobytes()


def test_no_more_can_be_drawn_without_replacement_than_have_weight():
    with pytest.raises(ValueError, match="weights: expected 3 positive ones to draw without replacement, got 2"):
        numpy_nn.random.multinomial([1, 0, 2], 3)
    assert sorted(numpy_nn.random.multinomial([1, 0, 2], 2).tolist()) == [0, 2]
    with pytest.raises(ValueError, match="num_samples: expected an integer in"):
        numpy_nn.random.multinomial([1, 2], 0)


@given(*BATCHES)
def test_a_batch_sampler_is_pytorchs(N, batch_size, drop_last):
    ours, theirs = (module.BatchSampler(range(N), batch_size, drop_last) for module in MODULES)
    assert len(ours) == len(theirs)
    assert list(ours) == list(theirs)


def test_a_batch_sampler_asks_for_no_more_than_a_batch():
    for module in MODULES:
        for drop_last in (False, True):
            numbers = iter(range(10))
            assert list(islice(module.BatchSampler(numbers, 3, drop_last), 2)) == [[0, 1, 2], [3, 4, 5]]
            assert next(numbers, None) == 6


def test_the_defaults_are_pytorchs():
    seed_both(1)
    for make in (
        lambda module: module.RandomSampler(range(9)),
        lambda module: module.WeightedRandomSampler([1, 2], 9),
        lambda module: module.SubsetRandomSampler([3, 4, 5, 6]),
    ):
        assert list(make(data)) == list(make(torch_data))
        assert_same_position()


def test_a_sequential_sampler_follows_its_source():
    source = [1]
    ours, theirs = (module.SequentialSampler(source) for module in MODULES)
    source.append(2)
    assert list(ours) == list(theirs) == [0, 1]
    assert len(ours) == len(theirs) == 2


def test_a_random_sampler_follows_its_source():
    source = [1]
    ours, theirs = (module.RandomSampler(source) for module in MODULES)
    source.extend([2, 3])
    seed_both(2)
    assert sorted(ours) == [0, 1, 2]
    list(theirs)
    assert_same_position()
    assert len(ours) == ours.num_samples == theirs.num_samples == 3


def test_other_options_are_refused_as_by_pytorch():
    refusals = [
        (TypeError, lambda module: module.RandomSampler([1], replacement=1), "replacement"),
        (ValueError, lambda module: module.RandomSampler([1], num_samples=0), "num_samples"),
        (ValueError, lambda module: module.RandomSampler([1], num_samples=1.0), "num_samples"),
        (ValueError, lambda module: module.RandomSampler([]), "num_samples"),
        *[
            (ValueError, lambda module, count=count: module.WeightedRandomSampler([1], count), "num_samples")
            for count in (0, -1, True, 2.0)
        ],
        (ValueError, lambda module: module.WeightedRandomSampler([1], 1, 1), "replacement"),
        (ValueError, lambda module: module.WeightedRandomSampler([[1]], 1), "weights"),
        *[
            (ValueError, lambda module, size=size: module.BatchSampler([1], size, False), "batch_size")
            for size in (0, True, 2.0, None)
        ],
        (ValueError, lambda module: module.BatchSampler([1], 1, 0), "drop_last"),
    ]
    for error, make, name in refusals:
        with pytest.raises(error, match=f"{name}: expected"):
            make(data)
        with pytest.raises(error, match=name):
            make(torch_data)


def test_what_is_no_generator_is_refused():
    for make in (
        lambda generator: data.RandomSampler([1], generator=generator),
        lambda generator: data.SubsetRandomSampler([1], generator),
        lambda generator: data.WeightedRandomSampler([1], 1, generator=generator),
    ):
        with pytest.raises(
            TypeError, match=r"generator: expected a numpy_nn\.random\.Generator or None, got Generator"
        ):
            make(torch.Generator())


def test_a_sampler_of_ones_own_must_say_its_order():
    for module in MODULES:
        with pytest.raises(NotImplementedError):
            iter(module.Sampler())
