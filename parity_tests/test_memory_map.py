"""Mapped files hold more than the memory does, and only what is asked for is read."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch
from torch.utils import data as torch_data

from numpy_nn.data import ConcatDataset, DataLoader, TensorDataset, memmap_npy, read_idx
from parity_tests.loaders import assert_same_batches, seed_both
from parity_tests.test_idx import idx, zip_up

ROWS, WIDTH = 1 << 21, 1 << 14  # 32 GiB, of which the file has two rows and else nothing
LIMIT = 4 << 20


@pytest.fixture
def huge(tmp_path):
    """A .npy file far larger than the memory, written but in two places."""
    path = tmp_path / "huge.npy"
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (ROWS, WIDTH)})
        start = file.tell()
        for row in (5, ROWS - 1):
            file.seek(start + row * WIDTH)
            file.write(bytes([row % 251]) * WIDTH)
    return path


def traced(read):
    """What read() returns, having taken little memory for it."""
    tracemalloc.start()
    try:
        result = read()
        assert tracemalloc.get_traced_memory()[1] < LIMIT
        return result
    finally:
        tracemalloc.stop()


def test_a_file_larger_than_the_memory_is_a_dataset(huge):
    dataset = TensorDataset(traced(lambda: memmap_npy(huge)))
    assert len(dataset) == ROWS

    def three_batches():
        return [batch for (batch,) in DataLoader(dataset, 2, sampler=[5, 6, ROWS - 1, 0, -1])]

    batches = traced(three_batches)
    assert [batch[:, 0].tolist() for batch in batches] == [[5, 0], [(ROWS - 1) % 251, 0], [(ROWS - 1) % 251]]
    assert [type(batch) for batch in batches] == [np.ndarray] * 3
    assert not any(np.shares_memory(batch, dataset.tensors[0]) for batch in batches)
    assert all(batch.flags.writeable for batch in batches)


def test_rows_of_two_mapped_files_are_read_alone(huge):
    dataset = ConcatDataset([TensorDataset(memmap_npy(huge)) for _ in range(2)])
    (batch,) = traced(lambda: next(iter(DataLoader(dataset, 2, sampler=[5, ROWS + 5]))))
    assert batch[:, 0].tolist() == [5, 5]


@pytest.mark.parametrize("dtype", ["?", "u1", "i8", "f4", "f8"])
def test_a_mapped_array_is_the_array(tmp_path, dtype):
    array = np.arange(24).reshape(4, 3, 2).astype(dtype)
    for written in (array, np.asfortranarray(array), array[:0]):
        np.save(tmp_path / "array.npy", written)
        mapped = memmap_npy(str(tmp_path / "array.npy"))
        assert type(mapped) is np.ndarray
        assert (mapped.dtype, mapped.shape, mapped.tobytes()) == (written.dtype, written.shape, written.tobytes())
        assert not mapped.flags.writeable


def test_batches_of_a_mapped_array_are_pytorchs(tmp_path):
    array = np.arange(30, dtype=np.float32).reshape(10, 3)
    np.save(tmp_path / "array.npy", array)
    seed_both(0)
    ours = DataLoader(TensorDataset(memmap_npy(tmp_path / "array.npy")), 4, shuffle=True)
    assert_same_batches(ours, torch_data.DataLoader(torch_data.TensorDataset(torch.from_numpy(array)), 4, shuffle=True))


def test_what_is_no_array_is_refused(tmp_path):
    path = tmp_path / "file.npy"
    with pytest.raises(FileNotFoundError, match=r"file\.npy"):
        memmap_npy(path)
    np.save(path, np.arange(1000.0))
    whole = path.read_bytes()
    for content in (b"", b"hello", whole[:50], whole[:-1]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=f"{path}: expected a whole .npy file of numbers, found another"):
            memmap_npy(path)
    np.save(path, np.array([{}, None]), allow_pickle=True)
    with pytest.raises(ValueError, match=r"expected a whole \.npy file of numbers"):
        memmap_npy(path)
    for array in (np.array(["a"]), np.arange(3, dtype=">i4")):
        np.save(path, array)
        with pytest.raises(ValueError, match="expected numbers in the machine's byte order"):
            memmap_npy(path)


@pytest.mark.parametrize("shape", [(4, 3, 2), (5,), (0, 3), ()])
@pytest.mark.parametrize("dtype", ["u1", "i1"])
def test_a_mapped_idx_file_is_the_array(tmp_path, dtype, shape):
    array = np.arange(np.prod(shape, dtype=int)).astype(dtype).reshape(shape)
    (tmp_path / "images").write_bytes(idx(array))
    mapped = read_idx(tmp_path / "images", mmap=True)
    assert type(mapped) is np.ndarray
    assert (mapped.dtype, mapped.shape, mapped.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_a_huge_idx_file_is_mapped_without_reading_it(tmp_path):
    path = tmp_path / "images"
    shape = 1 << 21, 128, 128
    with open(path, "wb") as file:
        file.write(b"\0\0\x08\3" + b"".join(size.to_bytes(4) for size in shape))
        file.truncate(16 + (32 << 30))
        file.seek(16 + 7 * 128 * 128)
        file.write(b"\1" * 128)
    images = traced(lambda: read_idx(path, mmap=True))
    assert images.shape == shape
    assert images[7].sum() == 128


def test_what_cannot_be_mapped_is_refused(tmp_path):
    path = tmp_path / "images"
    for content, match in (
        (zip_up(idx(np.zeros(3, np.uint8))), "expected an uncompressed file to map"),
        (idx(np.zeros(3, np.int16)), "expected single bytes to map, found int16"),
        (idx(np.zeros(3, np.uint8)) + b"?", "expected 3 bytes of uint8 .* found more"),
        (idx(np.zeros(3, np.uint8))[:-1], "expected 3 bytes of uint8 .* found room for 2"),
        (b"", "expected an IDX header"),
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=match):
            read_idx(path, mmap=True)
