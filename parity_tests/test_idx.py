"""IDX files are read as they were written, or refused; mapped ones stay where they are."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import torch_nn.data
from numpy_nn.data import idx_images, read_idx
from parity_tests.loaders import same

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
