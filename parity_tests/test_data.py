"""Batches come in PyTorch's order from the seed alone, and the sources of data give both wings the same numbers."""

from __future__ import annotations

import gzip
import os
import sys
import tracemalloc
from itertools import islice, product
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.utils.data
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

import numpy_nn.random
import torch_nn.data
from numpy_nn.backend import device_of, to_device, to_host
from numpy_nn.data import DataLoader, Dataset, TensorDataset, digits, idx_images, read_idx

seeds = st.integers(0, 2**63 - 1)


def same(ours, theirs):
    """Equal in shape, dtype and every bit."""
    theirs = theirs.numpy()
    return ours.shape == theirs.shape and ours.dtype == theirs.dtype and ours.tobytes() == theirs.tobytes()


def both_datasets(N):
    """N samples of several shapes and dtypes, one of them not contiguous in memory."""
    arrays = np.arange(6 * N, dtype=np.float32).reshape(3, 2, N).T, np.arange(N), np.arange(N) % 2 == 0
    return TensorDataset(*arrays), torch.utils.data.TensorDataset(*map(torch.from_numpy, arrays))


def both_loaders(N, batch_size, shuffle, drop_last, generators):
    ours, theirs = both_datasets(N)
    return (
        DataLoader(ours, batch_size, shuffle, drop_last=drop_last, generator=generators[0]),
        torch.utils.data.DataLoader(theirs, batch_size, shuffle, drop_last=drop_last, generator=generators[1]),
    )


def both_generators(seed):
    return numpy_nn.random.Generator(seed), torch.Generator().manual_seed(seed)


def assert_same_batches(ours, theirs, each=lambda: None):
    """The rest of two passes is the same, batch by batch; `each` is called after every one."""
    for batch, twin in zip(ours, theirs, strict=True):
        assert type(batch) is type(twin) is list
        assert all(same(*part) for part in zip(batch, twin, strict=True))
        each()


def assert_same_position(generators):
    """Both streams stand at the same word: the default ones, and the given ones."""
    for ours, theirs in ((numpy_nn.random.default_generator, torch.default_generator), generators):
        assert ours.get_state().tobytes() == theirs.get_state().numpy().tobytes()


@pytest.mark.parametrize("own", [False, True], ids=["default generator", "own generator"])
@pytest.mark.parametrize("drop_last", [False, True], ids=["all", "drop_last"])
@pytest.mark.parametrize("shuffle", [False, True], ids=["in order", "shuffled"])
def test_every_word_is_drawn_when_pytorch_draws_it(shuffle, drop_last, own):
    """All the ways in which up to 6 samples fall into batches, two passes each."""
    generators = both_generators(1)
    numpy_nn.random.manual_seed(0)
    torch.manual_seed(0)
    for N, batch_size in product(range(1 if shuffle else 0, 7), range(1, 8)):
        ours, theirs = both_loaders(N, batch_size, shuffle, drop_last, generators if own else (None, None))
        assert len(ours) == len(theirs)
        for _ in range(2):
            one_pass = iter(ours), iter(theirs)
            assert_same_position(generators)
            assert_same_batches(*one_pass, each=lambda: assert_same_position(generators))
            assert_same_position(generators)


class Loaders(RuleBasedStateMachine):
    """NumPy's loaders beside PyTorch's: any number of passes, each a batch at a time, with draws in between."""

    loaders = Bundle("loaders")
    passes = Bundle("passes")

    @initialize(seed=seeds, own_seed=seeds)
    def start(self, seed, own_seed):
        numpy_nn.random.manual_seed(seed)
        torch.manual_seed(seed)
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

    @rule(target=passes, loader=loaders)
    def begin_a_pass(self, loader):
        return iter(loader[0]), iter(loader[1])

    @rule(one_pass=passes, batches=st.none() | st.integers(1, 5))
    def take_batches(self, one_pass, batches):
        assert_same_batches(*(islice(side, batches) for side in one_pass))

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
    numpy_nn.random.manual_seed(seed)
    torch.manual_seed(seed)
    ours, theirs = both_loaders(N, batch_size, shuffle and N > 0, drop_last, (None, None))
    assert len(ours) == len(theirs)
    for _ in range(2):
        assert_same_batches(ours, theirs)


def test_the_defaults_are_pytorchs():
    ours, theirs = both_datasets(5)
    ours, theirs = DataLoader(ours), torch.utils.data.DataLoader(theirs)
    assert len(ours) == len(theirs) == 5
    assert ours.drop_last is theirs.drop_last is False
    assert [batch[1].tolist() for batch in ours] == [batch[1].tolist() for batch in theirs] == [[0], [1], [2], [3], [4]]


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


def test_a_dataset_of_ones_own_needs_a_length_and_indexing_by_an_array():
    class Squares:
        def __len__(self):
            return 5

        def __getitem__(self, index):
            return index**2

    assert isinstance(Squares(), Dataset)
    assert [batch.tolist() for batch in DataLoader(Squares(), 3)] == [[0, 1, 4], [9, 16]]


def test_batches_share_no_memory_with_the_dataset():
    dataset, _ = both_datasets(6)
    for shuffle in (False, True):
        for batch in DataLoader(dataset, 6, shuffle):
            assert not any(np.shares_memory(*pair) for pair in zip(batch, dataset.tensors, strict=True))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        *[
            ({"batch_size": size}, "batch_size: expected a positive int")
            for size in (0, -1, True, 2.0, "2", np.int64(2))
        ],
        *[({"drop_last": flag}, "drop_last: expected True or False") for flag in (1, "yes", None)],
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


def test_what_is_no_dataset_or_generator_or_flag_is_refused():
    dataset, _ = both_datasets(3)
    for other in (3, [1, 2, 3], (np.arange(3),), {0: 1}, None):
        with pytest.raises(TypeError, match="dataset: expected"):
            DataLoader(other)
    for other in (torch.Generator(), 0, np.random.default_rng()):
        with pytest.raises(TypeError, match=r"generator: expected a numpy_nn\.random\.Generator"):
            DataLoader(dataset, generator=other)
    with pytest.raises(ValueError, match="shuffle: expected True or False, got 'no'"):
        DataLoader(dataset, shuffle="no")


@given(st.integers(1, 8), st.data())
def test_a_tensor_dataset_is_indexed_as_pytorchs(N, data):
    ours, theirs = both_datasets(N)
    number = st.integers(-N, N - 1)
    slices = st.builds(slice, st.none() | number, st.none() | number, st.none() | st.integers(1, 3))
    index = data.draw(number | slices | st.lists(number, max_size=5).map(lambda rows: np.array(rows, np.int64)))
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


IDX_CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx(array):
    """An array in the IDX format, written from its description alone."""
    code = IDX_CODES[array.dtype.str[1:]]
    sizes = b"".join(size.to_bytes(4) for size in array.shape)
    return bytes([0, 0, code, array.ndim]) + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


def zip_up(content, level=1):
    """Compressed by gzip, without the time of day."""
    return gzip.compress(content, level, mtime=0)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("idx") / "file"


@given(
    st.sampled_from(sorted(IDX_CODES)), st.lists(st.integers(0, 4), max_size=5), st.binary(max_size=64), st.booleans()
)
def test_what_was_written_as_idx_is_read_back(file, dtype, shape, values, zipped):
    count = int(np.prod(shape))
    size = count * np.dtype(dtype).itemsize
    array = np.frombuffer((values * (size + 1) or bytes(size))[:size], dtype).reshape(shape)
    file.write_bytes(zip_up(idx(array)) if zipped else idx(array))
    read = read_idx(file)
    assert read.shape == array.shape
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    assert read.flags.writeable
    assert read.tobytes() == array.tobytes()
    assert read_idx(str(file)).tobytes() == array.tobytes()


def test_an_array_of_many_chunks_is_read_whole(file):
    array = np.random.default_rng(0).integers(0, 256, (3, 1 << 10, 1 << 10), np.uint8)
    for content in (idx(array), zip_up(idx(array))):
        file.write_bytes(content)
        assert (read_idx(file) == array).all()


GOOD = idx(np.arange(6, dtype=np.uint8).reshape(2, 3))
ZIPPED = zip_up(GOOD)
BROKEN = {
    "empty": (b"", "expected an IDX header, .* found ''"),
    "three bytes": (GOOD[:3], "expected an IDX header, .* found '00 00 08'"),
    "another magic": (b"\1" + GOOD[1:], "expected an IDX header, 00 00, .* found '01 00 08 02'"),
    "an unknown type": (b"\0\0\x0a" + GOOD[3:], "one of 08, 09, 0b, 0c, 0d, 0e, .* found '00 00 0a 02'"),
    "text": (b"<!DOCTYPE html>", "expected an IDX header"),
    "cut in the dimensions": (GOOD[:10], "expected 2 dimensions of 4 bytes, found 6 bytes"),
    "no data": (GOOD[:12], r"expected 6 bytes of uint8 for shape \(2, 3\), found room for 0"),
    "a byte short": (GOOD[:-1], r"expected 6 bytes of uint8 for shape \(2, 3\), found room for 5"),
    "a byte long": (GOOD + b"\0", r"expected 6 bytes of uint8 for shape \(2, 3\), found more"),
    "numbers of four bytes, half there": (
        b"\0\0\x0c\1\0\0\0\2" + bytes(4),
        "expected 8 bytes of int32 .* found room for 4",
    ),
    "absurd sizes": (b"\0\0\x08\4" + b"\xff" * 16, f"expected {(2**32 - 1) ** 4} bytes"),
    "absurd sizes that hold nothing": (b"\0\0\x08\4" + b"\xff" * 12 + bytes(4), "a shape that NumPy can hold"),
    "255 dimensions": (b"\0\0\x08\xff" + b"\0\0\0\1" * 255 + b"\0", "a shape that NumPy can hold"),
    "gzip, a byte short": (ZIPPED[:-1], "expected a whole gzip file"),
    "gzip, the header alone": (ZIPPED[:8], "expected a whole gzip file"),
    "gzip, a wrong checksum": (ZIPPED[:-8] + bytes(4) + ZIPPED[-4:], "expected a whole gzip file"),
    "gzip, a wrong length": (ZIPPED[:-4] + b"\1\1\1\1", "expected a whole gzip file"),
    "gzip, damaged inside": (ZIPPED[:10] + b"\xff" * 8 + ZIPPED[18:], "expected a whole gzip file"),
    "gzip, something after it": (ZIPPED + b"more", "expected a whole gzip file"),
    "gzip of another magic": (zip_up(b"hello"), "expected an IDX header, .* found '68 65 6c 6c'"),
    "gzip of nothing": (zip_up(b""), "expected an IDX header, .* found ''"),
    "gzip of too little": (zip_up(GOOD[:-2]), r"expected 6 bytes of uint8 for shape \(2, 3\), found 4"),
    "gzip of too much": (zip_up(GOOD + b"\0"), r"expected 6 bytes .* found more"),
    "gzip of absurd sizes": (zip_up(b"\0\0\x08\2" + b"\xff" * 8), "expected 18446744065119617025 bytes .* found room"),
}


@pytest.mark.parametrize(("content", "match"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_with_what_was_found_and_expected(file, content, match):
    file.write_bytes(content)
    with pytest.raises(ValueError, match=match) as caught:
        read_idx(file)
    assert str(caught.value).startswith(f"{file}: expected")
    assert ", found" in str(caught.value)


@given(st.integers(0, len(ZIPPED) - 1), st.integers(0, 255))
def test_a_damaged_byte_of_a_zipped_file_never_changes_the_numbers(file, position, byte):
    file.write_bytes(ZIPPED[:position] + bytes([byte]) + ZIPPED[position + 1 :])
    try:
        result = idx(read_idx(file))
    except ValueError as error:
        result = str(error)
    assert result == GOOD or result.startswith(f"{file}: expected")


HUGE = 1 << 26
HOSTILE = {
    "a header that promises 64 MiB": b"\0\0\x08\1" + HUGE.to_bytes(4),
    "a header that promises 2^68 bytes": b"\0\0\x0e\2" + b"\xff" * 8,
    "zipped, a promise of 64 MiB": zip_up(b"\0\0\x08\1" + HUGE.to_bytes(4) + np.random.default_rng(0).bytes(1 << 17)),
    "zipped, 64 MiB after 6 bytes": zip_up(GOOD + bytes(HUGE)),
    "zipped, 64 MiB without a header": zip_up(bytes(HUGE)),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_takes_little_memory(file, content):
    file.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=": expected"):
            read_idx(file)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_zipped_file_of_nothing_but_zeros_is_read(file):
    """The densest that deflate can pack: the limit that refuses absurd sizes lies above it."""
    array = np.zeros(1 << 22, np.uint8)
    file.write_bytes(zip_up(idx(array), level=9))
    assert file.stat().st_size * 1000 < array.size
    assert read_idx(file).tobytes() == array.tobytes()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_idx(tmp_path / "nowhere")


NAMES = [f"{half}-{kind}-ubyte" for half in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]


@pytest.fixture
def folder(tmp_path):
    """Five images of 3×4 to train with and two to test with; one file of each pair is zipped."""
    rng = np.random.default_rng(0)
    for N, (images, labels) in ((5, NAMES[:2]), (2, NAMES[2:])):
        (tmp_path / images).write_bytes(idx(rng.integers(0, 256, (N, 3, 4), np.uint8)))
        (tmp_path / f"{labels}.gz").write_bytes(zip_up(idx(rng.integers(0, 10, N, np.uint8))))
    return tmp_path


def test_images_and_their_labels_are_the_same_in_both_wings(folder):
    for train, N in ((True, 5), (False, 2)):
        images, labels = idx_images(folder, train)
        assert (images.shape, images.dtype) == ((N, 3, 4), np.uint8)
        assert (labels.shape, labels.dtype) == ((N,), np.uint8)
        assert idx(images) == (folder / NAMES[0 if train else 2]).read_bytes()
        for ours, theirs in zip((images, labels), torch_nn.data.idx_images(folder, train), strict=True):
            assert same(ours, theirs)
    assert len(idx_images(str(folder))[0]) == 5  # the training half by default


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_half_is_named_with_the_folder(folder, name):
    for path in (folder / name, folder / f"{name}.gz"):
        path.unlink(missing_ok=True)
    train = name.startswith("train")
    with pytest.raises(FileNotFoundError, match=f"{folder}: expected {name} or {name}.gz, found neither"):
        idx_images(folder, train)
    with pytest.raises(FileNotFoundError, match=name):
        torch_nn.data.idx_images(folder, train)
    idx_images(folder, not train)


@pytest.mark.parametrize(
    ("name", "array", "match"),
    [
        (NAMES[0], np.zeros((4, 3, 4), np.uint8), "expected a label for each image, found 4 images, 5 labels"),
        (NAMES[0], np.zeros((5, 12), np.uint8), "expected 3 dimensions of uint8, found 2 of uint8"),
        (NAMES[0], np.zeros((5, 3, 4), np.float32), "expected 3 dimensions of uint8, found 3 of float32"),
        (NAMES[1], np.zeros((5, 1), np.uint8), "expected 1 dimensions of uint8, found 2 of uint8"),
        (NAMES[1], np.zeros(5, np.int32), "expected 1 dimensions of uint8, found 1 of int32"),
    ],
)
def test_halves_that_do_not_fit_together_are_refused(folder, name, array, match):
    (folder / name).write_bytes(idx(array))
    with pytest.raises(ValueError, match=match):
        idx_images(folder)
    with pytest.raises(ValueError, match=str(folder)):
        torch_nn.data.idx_images(folder)


@pytest.mark.skipif("NN_DATA" not in os.environ, reason="needs MNIST: set NN_DATA to a folder that holds mnist/*.gz")
@pytest.mark.parametrize(
    ("train", "first", "counts"),
    [
        (True, [5, 0, 4, 1, 9], [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]),
        (False, [7, 2, 1, 0, 4], [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]),
    ],
)
def test_mnist_is_the_same_in_both_wings(train, first, counts):
    folder = Path(os.environ["NN_DATA"], "mnist")
    images, labels = idx_images(folder, train)
    assert images.shape == (sum(counts), 28, 28)
    assert labels[:5].tolist() == first
    assert np.bincount(labels).tolist() == counts
    for ours, theirs in zip((images, labels), torch_nn.data.idx_images(folder, train), strict=True):
        assert same(ours, theirs)
