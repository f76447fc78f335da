"""Batches come in PyTorch's order from the seed alone, every word drawn when PyTorch draws it."""

from __future__ import annotations

import sys
from itertools import islice, product

import numpy as np
import pytest
import torch
import torch.utils.data
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

import numpy_nn.random
import torch_nn.data
from numpy_nn import data
from numpy_nn.backend import device_of, to_device, to_host
from numpy_nn.data import DataLoader, TensorDataset, digits
from parity_tests.loaders import (
    assert_same_batches,
    assert_same_position,
    both_datasets,
    both_generators,
    both_loaders,
    same,
    seed_both,
)

seeds = st.integers(0, 2**63 - 1)


@pytest.mark.parametrize("own", [False, True], ids=["default generator", "own generator"])
@pytest.mark.parametrize("drop_last", [False, True], ids=["all", "drop_last"])
@pytest.mark.parametrize("shuffle", [False, True], ids=["in order", "shuffled"])
def test_every_word_is_drawn_when_pytorch_draws_it(shuffle, drop_last, own):
    """All the ways in which up to 6 samples fall into batches, two passes each."""
    generators = both_generators(1)
    seed_both(0)
    for N, batch_size in product(range(1 if shuffle else 0, 7), range(1, 8)):
        ours, theirs = both_loaders(N, batch_size, shuffle, drop_last, generators if own else (None, None))
        assert len(ours) == len(theirs)
        for _ in range(2):
            one_pass = iter(ours), iter(theirs)
            assert_same_position(generators)
            assert_same_batches(*one_pass, each=lambda: assert_same_position(generators))
            assert_same_position(generators)


def sampler(module, kind, N, amount, generator):
    """A sampler of N samples out of a module: numpy_nn.data or torch.utils.data."""
    if kind == "random":
        return module.RandomSampler(range(N), num_samples=amount, generator=generator)
    if kind == "replacement":
        return module.RandomSampler(range(N), True, amount, generator=generator)
    if kind == "subset":
        return module.SubsetRandomSampler(range(0, N, 2), generator=generator)
    if kind == "weighted":
        return module.WeightedRandomSampler(range(1, N + 1), amount, generator=generator)
    return module.SequentialSampler(range(N))


KINDS = st.sampled_from(["random", "replacement", "subset", "weighted", "sequential"])


class Loaders(RuleBasedStateMachine):
    """NumPy's loaders beside PyTorch's: any number of passes, each a batch at a time, with draws in between."""

    loaders = Bundle("loaders")
    passes = Bundle("passes")

    @initialize(seed=seeds, own_seed=seeds)
    def start(self, seed, own_seed):
        seed_both(seed)
        self.generators = both_generators(own_seed)

    @rule(
        target=loaders,
        N=st.integers(1, 20),
        batch_size=st.integers(1, 8) | st.integers(1, 30),
        shuffle=st.booleans(),
        drop_last=st.booleans(),
        own=st.booleans(),
    )
    def load(self, N, batch_size, shuffle, drop_last, own):
        return both_loaders(N, batch_size, shuffle, drop_last, self.generators if own else (None, None))

    @rule(
        target=loaders,
        N=st.integers(1, 20),
        kind=KINDS,
        amount=st.integers(1, 70),
        batch_size=st.integers(1, 8) | st.none(),
        form=st.sampled_from(["sampler", "batch_sampler"]),
        drop_last=st.booleans(),
        own=st.booleans(),
    )
    def load_by_a_sampler(self, N, kind, amount, batch_size, form, drop_last, own):
        loaders = []
        for module, dataset, generator in zip(
            (data, torch.utils.data), both_datasets(N), self.generators if own else (None, None), strict=True
        ):
            chosen = sampler(module, kind, N, amount, generator)
            if form == "batch_sampler":
                options = {"batch_sampler": module.BatchSampler(chosen, batch_size or 3, drop_last)}
            else:
                drops = {"drop_last": drop_last and batch_size is not None}
                options = {"sampler": chosen, "batch_size": batch_size, **drops}
            loaders.append(module.DataLoader(dataset, generator=generator, **options))
        assert len(loaders[0]) == len(loaders[1])
        return tuple(loaders)

    @rule(target=passes, loader=loaders)
    def begin_a_pass(self, loader):
        return iter(loader[0]), iter(loader[1])

    @rule(one_pass=passes, batches=st.none() | st.integers(1, 5))
    def take_batches(self, one_pass, batches):
        for batch, twin in zip(*(islice(side, batches) for side in one_pass), strict=True):
            assert type(batch) is type(twin) is list
            assert all(same(np.asarray(part), other) for part, other in zip(batch, twin, strict=True))

    @rule(own=st.booleans())
    def draw(self, own):
        ours, theirs = self.generators if own else (None, None)
        assert numpy_nn.random.random_((), generator=ours) == torch.empty((), dtype=torch.int64).random_(
            generator=theirs
        )

    @invariant()
    def the_streams_stand_at_the_same_word(self):
        assert_same_position(self.generators)


TestLoaders = Loaders.TestCase


@given(seeds, st.integers(0, 70), st.integers(1, 80), st.booleans(), st.booleans())
def test_an_epoch_from_a_seed_is_pytorchs(seed, N, batch_size, shuffle, drop_last):
    seed_both(seed)
    ours, theirs = both_loaders(N, batch_size, shuffle and N > 0, drop_last, (None, None))
    assert len(ours) == len(theirs)
    for _ in range(2):
        assert_same_batches(ours, theirs)


def test_the_defaults_are_pytorchs():
    ours, theirs = both_datasets(5)
    ours, theirs = DataLoader(ours), torch.utils.data.DataLoader(theirs)
    assert len(ours) == len(theirs) == 5
    assert ours.drop_last is theirs.drop_last is False
    assert (ours.num_workers, ours.prefetch_factor) == (theirs.num_workers, theirs.prefetch_factor) == (0, None)
    assert DataLoader(ours.dataset, num_workers=1).prefetch_factor == 2
    assert [DataLoader(ours.dataset, batch_size=size).batch_size for size in (3, None)] == [3, None]
    assert [batch[1].tolist() for batch in ours] == [batch[1].tolist() for batch in theirs] == [[0], [1], [2], [3], [4]]


def test_a_sampler_that_draws_at_once_is_asked_before_the_seed_of_the_workers_is_drawn():
    """PyTorch begins with the sampler, then draws, and with workers begins once more."""

    class AtOnce:
        def __init__(self, module):
            self.randperm = module.randperm

        def __iter__(self):
            return iter(self.randperm(5).tolist())

    for workers in (0, 1):
        seed_both(3)
        ours, theirs = both_datasets(5)
        ours = DataLoader(ours, None, sampler=AtOnce(numpy_nn.random), num_workers=workers)
        theirs = torch.utils.data.DataLoader(theirs, None, sampler=AtOnce(torch), num_workers=workers)
        assert [int(sample[1]) for sample in ours] == [int(sample[1]) for sample in theirs]
        assert_same_position()


def test_shuffling_shuffles():
    numpy_nn.random.manual_seed(0)
    loader = DataLoader(np.arange(100), 100, shuffle=True)
    first, second = next(iter(loader)), next(iter(loader))
    assert sorted(first) == sorted(second) == list(range(100))
    assert len({tuple(range(100)), tuple(first.tolist()), tuple(second.tolist())}) == 3


def test_an_array_alone_is_a_dataset_whose_batches_are_arrays():
    rows = np.arange(12.0).reshape(6, 2)
    ours = DataLoader(rows, 4)
    theirs = torch.utils.data.DataLoader(torch.from_numpy(rows), 4)
    assert all(same(*batches) for batches in zip(ours, theirs, strict=True))


def test_batches_share_no_memory_with_the_dataset():
    dataset, _ = both_datasets(6)
    for shuffle in (False, True):
        for batch in DataLoader(dataset, 6, shuffle):
            assert not any(np.shares_memory(*pair) for pair in zip(batch, dataset.tensors, strict=True))


def test_an_error_costs_its_batch_and_not_the_rest_of_the_pass_as_in_pytorch():
    def broken(batch):
        if 2 in batch:
            raise KeyError(2)
        return batch

    for module in (data, torch.utils.data):
        batches = iter(module.DataLoader(list(range(5)), 2, collate_fn=broken))
        assert next(batches) == [0, 1]
        with pytest.raises(KeyError, match="2"):
            next(batches)
        assert list(batches) == [[4]]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        *[
            ({"batch_size": size}, "batch_size: expected a positive int")
            for size in (0, -1, True, 2.0, "2", np.int64(2))
        ],
        *[({"drop_last": flag}, "drop_last: expected True or False") for flag in (1, "yes")],
        ({"num_workers": -1}, "num_workers: expected an int >= 0, got -1"),
        ({"prefetch_factor": 2}, "prefetch_factor: expected None without workers, got 2"),
        ({"prefetch_factor": -1, "num_workers": 1}, "prefetch_factor: expected a positive int, got -1"),
        ({"sampler": [0], "shuffle": True}, "sampler: expected none beside shuffle"),
        *[
            ({"batch_sampler": [[0]], **other}, "batch_sampler: expected none beside batch_size, shuffle, sampler and")
            for other in ({"batch_size": 2}, {"shuffle": True}, {"sampler": [0]}, {"drop_last": True})
        ],
        ({"batch_size": None, "drop_last": True}, "drop_last: expected False without batch_size"),
    ],
)
def test_other_options_are_refused_as_by_pytorch(options, match):
    ours, theirs = both_datasets(3)
    with pytest.raises(ValueError, match=match):
        DataLoader(ours, **options)
    with pytest.raises(ValueError, match=next(iter(options))):
        torch.utils.data.DataLoader(theirs, **options)


def test_shuffling_nothing_is_refused_as_by_pytorch():
    ours, theirs = both_datasets(0)
    with pytest.raises(ValueError, match="dataset: expected at least one sample to shuffle"):
        DataLoader(ours, shuffle=True)
    with pytest.raises(ValueError, match="num_samples"):
        torch.utils.data.DataLoader(theirs, shuffle=True)
    assert list(DataLoader(ours)) == list(torch.utils.data.DataLoader(theirs)) == []


def test_what_is_no_dataset_or_generator_or_flag_or_function_is_refused():
    dataset, _ = both_datasets(3)
    for other in (3, None, iter([1]), {1, 2}):
        with pytest.raises(TypeError, match="dataset: expected __len__ and __getitem__, got"):
            DataLoader(other)
    for other in (torch.Generator(), 0, np.random.default_rng()):
        with pytest.raises(TypeError, match=r"generator: expected a numpy_nn\.random\.Generator"):
            DataLoader(dataset, generator=other)
    for shuffle in ("no", 2):
        with pytest.raises(ValueError, match="shuffle: expected True or False, got"):
            DataLoader(dataset, shuffle=shuffle)
    for name in ("sampler", "batch_sampler"):
        with pytest.raises(TypeError, match=f"{name}: expected an iterable, got int"):
            DataLoader(dataset, **{name: 3})
    with pytest.raises(TypeError, match="collate_fn: expected a function, got int"):
        DataLoader(dataset, collate_fn=3)
    prefetches = [{"num_workers": 1, "prefetch_factor": number} for number in (0, True, 1.5, "2")]
    for options in ({"num_workers": True}, {"num_workers": 1.0}, *prefetches):
        with pytest.raises(ValueError, match="expected a"):
            DataLoader(dataset, **options)


def test_batches_of_arrays_on_a_device_stay_there(device):
    rows, targets = np.arange(10.0).reshape(5, 2), np.arange(5)
    for place in ("strict", device):
        dataset = TensorDataset(to_device(rows, place), targets)  # each where it is
        for start, (x, target) in zip((0, 2, 4), DataLoader(dataset, 2), strict=True):
            assert (device_of(x), device_of(target)) == (place, "cpu")
            assert to_host(x).tolist() == rows[start : start + 2].tolist()
            assert target.tolist() == targets[start : start + 2].tolist()
        assert dataset[to_device(np.array([4, 0]), place)][1].tolist() == [4, 0]
        with pytest.raises(IndexError, match=r"index: expected in \[-5, 5\), got 5 to 5"):
            dataset[to_device(np.array([5]), place)]


def test_the_digits_are_the_same_in_both_wings():
    for ours, theirs in zip(digits(), torch_nn.data.digits(), strict=True):
        assert same(ours, theirs)
    for ours, theirs in zip(digits(np.float64), torch_nn.data.digits(torch.float64), strict=True):
        assert same(ours, theirs)


def test_the_digits_are_whole_sixteenths_and_counted_as_published():
    """The counts by class: optdigits.names, UCI Machine Learning Repository."""
    images, targets = digits()
    assert (images.shape, images.dtype) == ((1797, 64), np.float32)
    assert (targets.shape, targets.dtype) == ((1797,), np.int64)
    assert (images.min(), images.max()) == (0, 1)
    assert (images * 16 == np.round(images * 16)).all()
    assert np.bincount(targets).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_digits_need_scikit_learn_and_a_floating_dtype(monkeypatch):
    for dtype in (np.int64, bool, "complex64"):
        with pytest.raises(TypeError, match="dtype: expected a floating dtype"):
            digits(dtype)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r'pip install "numpy_nn\[data\]"'):
        digits()
