"""Datasets, parts of them and rows of them give the samples and the batches that PyTorch's give."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils import data as torch_data

import numpy_nn.random
import torch_nn.data
from numpy_nn import data
from numpy_nn.backend import device_of, to_device
from numpy_nn.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset, TransformedDataset, random_split
from numpy_nn.data.fetch import samples, take
from parity_tests.loaders import alike, assert_same_position, both_datasets, both_generators, same, seed_both
from torch_nn.twins import TWINS

seeds = st.integers(0, 2**63 - 1)


class Counted:
    """A dataset as PyTorch's users write it: it understands ints alone, and counts how often it is asked."""

    def __init__(self, tensor):
        self.tensor = tensor
        self.asked = []

    def __len__(self):
        return 7

    def __getitem__(self, index):
        assert type(index) is int
        self.asked.append(index)
        return {"x": self.tensor([index, -index]), "square": index**2, "name": f"{index}"}


def test_a_dataset_of_ones_own_needs_a_length_and_indexing_by_an_int():
    ours, theirs = Counted(np.array), Counted(torch.tensor)
    assert isinstance(ours, Dataset)
    seed_both(0)
    for batch, twin in zip(DataLoader(ours, 3, True), torch_data.DataLoader(theirs, 3, True), strict=True):
        assert alike(batch, twin)
    assert ours.asked == theirs.asked


@pytest.mark.parametrize("dataset", [[1, 2, 3], [(1.5, "a"), (2.5, "b")], (1, 2), {0: 1, 1: 5}, range(3)], ids=str)
def test_a_list_of_samples_is_a_dataset(dataset):
    for batch, twin in zip(DataLoader(dataset, 2), torch_data.DataLoader(dataset, 2), strict=True):
        assert alike(batch, twin)


class Fast:
    """A dataset with PyTorch's own way to many samples at once."""

    def __len__(self):
        return 5

    def __getitem__(self, index):
        raise AssertionError("asked one by one")

    def __getitems__(self, indices):
        return [index * 10 for index in indices]


def test_a_dataset_may_give_many_samples_at_once():
    for module in (data, torch_data):
        assert [batch.tolist() for batch in module.DataLoader(Fast(), 3)] == [[0, 10, 20], [30, 40]]
        loader = module.DataLoader(module.Subset(Fast(), [4, 0, 2]), 2)
        assert [batch.tolist() for batch in loader] == [[40, 0], [20]]


def test_a_subclass_that_gives_other_samples_is_asked_for_them():
    class Doubled(TensorDataset):
        def __getitem__(self, index):
            assert isinstance(index, int)
            return 2 * super().__getitem__(index)[0]

    class Named(Subset):
        def __getitem__(self, index):
            return f"sample {index}"

    assert next(iter(DataLoader(Doubled(np.arange(3)), 3))).tolist() == [0, 2, 4]
    assert next(iter(DataLoader(Subset(Doubled(np.arange(3)), [2]), 3))).tolist() == [4]
    assert next(iter(DataLoader(ConcatDataset([Doubled(np.arange(3))]), 3))).tolist() == [0, 2, 4]
    assert next(iter(DataLoader(Named([1, 2], [0]), 1))) == ["sample 0"]  # PyTorch refuses to make such a Subset


@given(st.integers(1, 8), st.data())
def test_a_tensor_dataset_is_indexed_as_pytorchs(N, drawn):
    ours, theirs = both_datasets(N)
    number = st.integers(-N, N - 1)
    slices = st.builds(slice, st.none() | number, st.none() | number, st.none() | st.integers(1, 3))
    index = drawn.draw(number | slices | st.lists(number, max_size=5).map(lambda rows: np.array(rows, np.int64)))
    twin = theirs[torch.from_numpy(index) if isinstance(index, np.ndarray) else index]
    assert len(ours) == len(theirs)
    assert type(ours[index]) is type(twin) is tuple
    assert all(same(np.asarray(part), other) for part, other in zip(ours[index], twin, strict=True))


def test_an_index_out_of_range_is_refused():
    dataset, _ = both_datasets(3)
    for index in (3, -4, np.array([0, 3]), np.array([-4, 0]), np.array(3), np.array([2**63], np.uint64)):
        with pytest.raises(IndexError):
            dataset[index]
    with pytest.raises(IndexError, match=r"index: expected in \[-3, 3\), got 0 to 7"):
        dataset[np.array([7, 0])]
    for index in (1.0, [0, 1], np.array([True, False, True]), np.array([1.0]), None):
        with pytest.raises(TypeError, match="index: expected an int, a slice or an array of integers"):
            dataset[index]


def test_a_tensor_dataset_needs_arrays_of_one_length():
    with pytest.raises(ValueError, match="tensors: expected at least one array, got none"):
        TensorDataset()
    with pytest.raises(ValueError, match=r"tensors\[1\]: expected a first dimension as in .*\(3, 2\), got \(2, 3\)"):
        TensorDataset(np.zeros((3, 2)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"tensors\[0\].*got \(\)"):
        TensorDataset(np.array(1))
    with pytest.raises(TypeError, match=r"tensors\[1\]: expected an array, got list"):
        TensorDataset(np.zeros(2), [0, 1])


@st.composite
def nested(draw, depth=2):
    """The same dataset on both sides, made of subsets and rows of tensors; at least one sample."""
    kind = draw(st.sampled_from(["rows", "subset", "concat"] if depth else ["rows"]))
    if kind == "rows":
        return both_datasets(draw(st.integers(1, 6)))
    if kind == "subset":
        ours, theirs = draw(nested(depth=depth - 1))
        places = draw(st.lists(st.integers(-len(ours), len(ours) - 1), min_size=1, max_size=8))
        return Subset(ours, places), torch_data.Subset(theirs, places)
    parts = draw(st.lists(nested(depth=depth - 1), min_size=1, max_size=3))
    return ConcatDataset(part[0] for part in parts), torch_data.ConcatDataset(part[1] for part in parts)


@given(nested(), st.data())
def test_parts_of_parts_are_pytorchs(both, drawn):
    ours, theirs = both
    N = len(ours)
    assert len(theirs) == N
    index = drawn.draw(st.integers(-N, N - 1))
    assert all(same(np.asarray(part), other) for part, other in zip(ours[index], theirs[index], strict=True))
    indices = drawn.draw(st.lists(st.integers(-N, N - 1), min_size=1, max_size=10))
    options = {"sampler": indices, "batch_size": drawn.draw(st.integers(1, 10))}
    for batch, twin in zip(DataLoader(ours, **options), torch_data.DataLoader(theirs, **options), strict=True):
        assert alike(batch, twin)


@given(nested(), st.data())
def test_rows_taken_at_once_are_the_samples_collated(both, drawn):
    dataset, _ = both
    indices = drawn.draw(st.lists(st.integers(0, len(dataset) - 1), min_size=1, max_size=10))
    batch, expected = take(dataset, indices), data.default_collate(samples(dataset, indices))
    assert len(batch) == len(expected) == 3
    for rows, other in zip(batch, expected, strict=True):
        assert (rows.dtype, rows.shape, rows.tobytes()) == (other.dtype, other.shape, other.tobytes())


def test_rows_are_taken_at_once_from_whatever_holds_arrays():
    dataset, _ = both_datasets(4)
    for whole in (
        dataset,
        Subset(dataset, [3, 1]),
        ConcatDataset([dataset, dataset]),
        Subset(ConcatDataset([Subset(dataset, [3, 1]), dataset]), [5, 0]),
        np.arange(4),
        ConcatDataset([np.arange(2), np.arange(2)]),
    ):
        assert take(whole, [1, 0, 1]) is not None
    for other in (Counted(np.array), [1, 2], ConcatDataset([Counted(np.array), dataset]), Subset([1, 2], [0, 1])):
        assert take(other, [1, 0]) is None


def test_rows_of_different_kinds_meet_as_in_pytorch():
    parts = np.arange(3), np.arange(3) / 2, np.arange(3, dtype=np.float32)
    ours = ConcatDataset(TensorDataset(part) for part in parts)
    theirs = torch_data.ConcatDataset(torch_data.TensorDataset(torch.from_numpy(part)) for part in parts)
    for indices in ([0, 1], [1, 4], [1, 7], [8, 3, 0]):
        options = {"batch_sampler": [indices]}
        batch, twin = next(iter(DataLoader(ours, **options))), next(iter(torch_data.DataLoader(theirs, **options)))
        assert alike(batch, twin)


def test_rows_of_different_shapes_make_no_batch():
    dataset = ConcatDataset([TensorDataset(np.zeros((2, 3))), TensorDataset(np.zeros((2, 4)))])
    with pytest.raises(ValueError, match="batch: expected arrays of one shape"):
        list(DataLoader(dataset, 4))
    with pytest.raises(ValueError, match="batch: expected samples of one length"):
        list(DataLoader(ConcatDataset([TensorDataset(np.zeros(1)), TensorDataset(np.zeros(1), np.zeros(1))]), 2))


def test_rows_in_a_row_stay_on_their_device(device):
    for place in ("strict", device):
        rows = to_device(np.arange(6.0).reshape(3, 2), place)
        (batch,) = next(iter(DataLoader(ConcatDataset([TensorDataset(rows), TensorDataset(rows)]), sampler=[4, 0])))
        assert device_of(batch) == place


ROW = st.lists(st.lists(st.integers(), max_size=4), min_size=1, max_size=4), st.integers(-20, 20)


@given(*ROW)
def test_a_row_of_datasets_is_indexed_as_pytorchs(parts, index):
    ours, theirs = ConcatDataset(parts), torch_data.ConcatDataset(parts)
    assert len(ours) == len(theirs)
    assert ours.cumulative_sizes == theirs.cumulative_sizes
    results = []
    for dataset in (ours, theirs):
        try:
            results.append(dataset[index])
        except (ValueError, IndexError) as error:
            results.append(type(error))
    assert results[0] == results[1]


def test_the_datasets_of_a_row_are_asked_for_places_of_their_own():
    """A list takes places from the end, too; a dataset need not."""

    class Letters(Dataset):
        def __init__(self, text: str) -> None:
            self.text = text

        def __len__(self) -> int:
            return len(self.text)

        def __getitem__(self, index: int) -> str:
            assert 0 <= index < len(self.text)
            return self.text[index]

    row = ConcatDataset(map(Letters, ("ab", "c", "", "def", "g")))
    assert "".join(row[index] for index in range(-7, 7)) == "abcdefg" * 2


def test_a_row_needs_a_dataset():
    with pytest.raises(ValueError, match="datasets: expected at least one, got none"):
        ConcatDataset([])
    dataset = ConcatDataset([[1, 2], [3]])
    with pytest.raises(IndexError, match=r"index: expected in \[-3, 3\), got 3"):
        dataset[3]
    with pytest.raises(ValueError, match=r"index: expected in \[-3, 3\), got -4"):
        dataset[-4]


def test_a_subset_takes_many_places_at_once():
    ours, theirs = both_datasets(6)
    places = [5, 0, 3, 3]
    ours, theirs = Subset(ours, places), torch_data.Subset(theirs, places)
    for index in ([1, 0], [2], slice(1, 3), slice(None)):
        for part, other in zip(ours[index], theirs[index], strict=True):
            assert same(part, other)
    assert ours[np.array([1, 0])][1].tolist() == [0, 5]
    assert ours[np.int64(1)][1] == 0


LENGTHS = seeds, st.lists(st.integers(0, 8), min_size=1, max_size=4), st.booleans()
SHARES = seeds, st.integers(0, 30), st.lists(st.integers(0, 5), min_size=1, max_size=4).filter(any), st.booleans()


@given(*LENGTHS)
def test_a_random_split_is_pytorchs(seed, lengths, own):
    assert_same_split(seed, sum(lengths), lengths, own)


@given(*SHARES)
def test_a_random_split_by_shares_is_pytorchs(seed, N, shares, own):
    shares = [share / sum(shares) for share in shares]
    if sum(shares) <= 1:
        assert_same_split(seed, N, shares, own)


def assert_same_split(seed, N, lengths, own):
    generators = both_generators(seed)
    seed_both(seed)
    warned, split = [], []
    for module, generator in zip((data, torch_data), generators, strict=True):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            options = {"generator": generator} if own else {}
            split.append([part.indices for part in module.random_split(range(N), lengths, **options)])
        warned.append([(str(warning.message), warning.category, warning.filename) for warning in caught])
    assert split[0] == split[1]
    assert warned[0] == warned[1]
    assert_same_position(generators)


def test_a_split_has_every_sample_once():
    parts = random_split(np.arange(10), [0.5, 0.25, 0.25])
    assert [len(part) for part in parts] == [6, 2, 2]
    assert sorted(int(number) for part in parts for number in part) == list(range(10))


def test_a_split_that_does_not_add_up_is_refused_as_by_pytorch():
    state = numpy_nn.random.get_rng_state()
    for lengths in ([2, 2], [3, 3], [0.5, 0.4], [0.7, 0.7], [-0.5, 1.5], [-0.5, 0.75, 0.75], [0.5, 0.5 + 1e-12]):
        with pytest.raises(ValueError, match="lengths: expected s"):
            random_split(range(5), lengths)
        with pytest.raises(ValueError, match=r"Sum of input|Fraction"):
            torch_data.random_split(range(5), lengths)
    with pytest.raises(ValueError, match="lengths: expected sizes that add up to 5"):
        random_split(range(5), [6, -1])
    with pytest.raises(TypeError, match="lengths: expected integers"):
        random_split(range(5), [2.5, 2.5])
    assert numpy_nn.random.get_rng_state().tobytes() == state.tobytes()


def test_transformed_samples_are_the_same_in_both_wings():
    ours, theirs = both_datasets(5)
    transforms = (lambda x: x * 2, lambda target: target + 1)
    for count in (1, 2):
        mine, his = (
            TransformedDataset(ours, *transforms[:count]),
            torch_nn.data.TransformedDataset(theirs, *transforms[:count]),
        )
        assert len(mine) == len(his) == 5
        for batch, twin in zip(DataLoader(mine, 2), torch_data.DataLoader(his, 2), strict=True):
            assert alike(batch, twin)
    bare = TransformedDataset([1, 2], lambda x: -x), torch_nn.data.TransformedDataset([1, 2], lambda x: -x)
    assert [side[1] for side in bare] == [-2, -2]
    single = TransformedDataset([(1,)], lambda x: -x), torch_nn.data.TransformedDataset([(1,)], lambda x: -x)
    assert [side[0] for side in single] == [(-1,), (-1,)]


WITHOUT_A_TWIN = {"Table", "cache_folder", "csv", "memmap_npy", "npz", "read_idx", "transforms", "unlabelled_csv"}
"""Readers of files, which PyTorch leaves to others."""


def test_every_public_name_has_a_twin():
    names = {f"data.{name}" for name in data.__all__ if name not in WITHOUT_A_TWIN}
    names |= {f"data.transforms.{name}" for name, _ in inspect.getmembers(data.transforms, is_defined_there)}
    assert names - TWINS.keys() == set()


def is_defined_there(member):
    return inspect.isclass(member) and member.__module__ == data.transforms.__name__


def test_a_transform_is_a_function():
    for name, functions in (("transform", (3,)), ("transform", (None,)), ("target_transform", (abs, 3))):
        with pytest.raises(TypeError, match=f"^{name}: expected a function, got"):
            TransformedDataset([1], *functions)
