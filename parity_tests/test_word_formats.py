"""Files of word vectors: equal to the last bit, read by other programs, and read from them; bad ones refused."""

from __future__ import annotations

import json
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import gensim.models
import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from numpy_nn import checkpoint
from numpy_nn.word2vec import WordVectors, formats
from parity_tests.strategies import seeds

TEXTS, ROWS, KEPT = (".txt", ".vec"), (".txt", ".vec", ".bin"), (".npz", ".safetensors")
ENDINGS = (*ROWS, *KEPT)
every = pytest.mark.parametrize("ending", ENDINGS)
SINGLE = "7.038531e-26"
"""The shortest text of a float32 that is read back, by way of float64, as its neighbour."""


def values(seed: int, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Numbers of every size, from their bits; none of them nan or infinite."""
    random = np.random.default_rng(seed)
    wide = random.integers(0, 256, (*shape, np.dtype(dtype).itemsize), np.uint8).view(dtype)[..., 0]
    return np.where(np.isfinite(wide) & (random.random(shape) < 0.5), wide, random.standard_normal(shape).astype(dtype))


def drawn(seed: int, V: int = 20, D: int = 4, dtype: Any = np.float32) -> WordVectors:
    words = ["the", "강아지", "naïve", "\u3000", "</s>", "a" * 5000, "\ufeff", '"\\', "\x1c", "💡"]
    words = [*words, *map(str, range(V))][:V]
    return WordVectors(words, values(seed, (V, D), dtype), np.random.default_rng(seed).integers(0, 1 << 40, V))


def assert_equal(ours: WordVectors, expected: WordVectors, counts: bool) -> None:
    assert ours.words == expected.words
    assert (ours.vectors.dtype, ours.vectors.shape) == (expected.vectors.dtype, expected.vectors.shape)
    assert ours.vectors.tobytes() == expected.vectors.tobytes()
    if counts:
        np.testing.assert_array_equal(ours.counts, expected.counts, strict=True)
    else:
        assert ours.counts is None


# There and back


@given(seeds, st.sampled_from(ENDINGS), st.integers(1, 30), st.integers(1, 6), st.sampled_from(["f4", "f8"]))
def test_what_is_saved_is_loaded_to_the_last_bit(tmp_path_factory, seed, ending, V, D, dtype) -> None:
    if ending == ".bin":
        dtype = "f4"
    vectors = drawn(seed, V, D, dtype)
    path = tmp_path_factory.getbasetemp() / f"vectors{ending}"
    vectors.save(path)
    loaded = WordVectors.load(str(path), dtype="float64" if dtype == "f8" else None)
    assert_equal(loaded, vectors, ending in KEPT)
    assert loaded.vectors.flags.writeable
    if ending in KEPT:
        mapped = WordVectors.load(path, mmap=True)
        assert_equal(mapped, vectors, counts=True)
        assert type(mapped.vectors) is np.ndarray
        assert not mapped.vectors.flags.writeable


@every
def test_many_rows_and_other_strides_are_kept(ending: str, tmp_path: Path) -> None:
    wide = np.random.default_rng(0).standard_normal((3000, 6)).astype(np.float32)
    for table in (wide, np.asfortranarray(wide), wide[::-1, ::2], wide[::-1, :1], wide[:1024]):
        vectors = WordVectors([f"word{row}" for row in range(len(table))], table)
        vectors.save(tmp_path / f"a{ending}")
        assert_equal(WordVectors.load(tmp_path / f"a{ending}"), vectors, counts=False)


@pytest.mark.parametrize("ending", KEPT)
def test_any_word_is_kept(ending: str, tmp_path: Path) -> None:
    words = ["New York", "", " ", "a\nb", "\0", "\t", "\ud7ff", "'", "__metadata__", "null"]
    WordVectors(words, np.eye(10)).save(tmp_path / f"a{ending}")
    assert WordVectors.load(tmp_path / f"a{ending}").words == words


def test_text_has_the_shortest_digits_that_are_read_back_as_the_same_number(tmp_path: Path) -> None:
    trap = np.array([0x15AE43FD], np.uint32).view(np.float32)[0]
    assert str(trap) == SINGLE
    assert np.float32(float(SINGLE)) != trap
    table = np.array([[0.1, -1 / 3, 1e-30], [trap, -trap, 16777216]], np.float32)
    vectors = WordVectors(["a", "b"], table)
    vectors.save(tmp_path / "a.txt")
    text = "2 3\na 0.1 -0.33333334 1e-30\nb 7.03853069e-26 -7.03853069e-26 1.6777216e+07\n"
    assert (tmp_path / "a.txt").read_text() == text
    assert_equal(WordVectors.load(tmp_path / "a.txt"), vectors, counts=False)


def test_the_binary_file_by_hand(tmp_path: Path) -> None:
    WordVectors(["a", "강"], np.array([[1, 2], [3, 4]], np.float32)).save(tmp_path / "a.bin")
    expected = b"2 2\na " + struct.pack("<2f", 1, 2) + "강 ".encode() + struct.pack("<2f", 3, 4)
    assert (tmp_path / "a.bin").read_bytes() == expected


def test_text_is_read_as_float32_unless_told_otherwise(tmp_path: Path) -> None:
    vectors = WordVectors(["a"], np.array([[0.1, 1e300]]))
    vectors.save(tmp_path / "a.txt")
    assert_equal(WordVectors.load(tmp_path / "a.txt", dtype="float64"), vectors, counts=False)
    vectors.save(tmp_path / "a.npz")
    loaded = WordVectors.load(tmp_path / "a.npz", dtype="float64")
    assert_equal(loaded, vectors, counts=False)
    WordVectors(["a"], np.array([[0.1]])).save(tmp_path / "a.npz")
    assert WordVectors.load(tmp_path / "a.npz", dtype="float32")["a"] == np.float32(0.1)


def test_variants_that_other_programs_write(tmp_path: Path) -> None:
    """word2vec.c ends rows with a space, fastText too; binary rows may begin with a newline; Windows ends lines."""
    table = np.array([[1, 2], [3, 4]], np.float32)
    rows = [struct.pack("<2f", *row) for row in table]
    for name, content in (
        ("c.txt", b"2 2\na 1.000000 2.000000 \nb 3.000000 4.000000 \n"),
        ("fasttext.vec", b"2 2\na 1 2 \nb 3 4 \n"),
        ("windows.txt", b"2 2\r\na 1 2\r\nb 3e0 +4\r\n"),
        ("no_end.txt", b"2 2\na 1 2\nb 3 4"),
        ("more_ends.txt", b"2 2\na 1 2\nb 3 4\n\n\n"),
        ("c.bin", b"2 2\na " + rows[0] + b"\nb " + rows[1] + b"\n"),
        ("gensim.bin", b"2 2\na " + rows[0] + b"b " + rows[1]),
        ("old.bin", b"2 2\n\na " + rows[0] + b"\nb " + rows[1]),
    ):
        (tmp_path / name).write_bytes(content)
        assert_equal(WordVectors.load(tmp_path / name), WordVectors(["a", "b"], table), counts=False)


# Other programs


@pytest.mark.parametrize("ending", [".txt", ".bin"])
def test_gensim_reads_ours_and_we_read_gensims(ending: str, tmp_path: Path) -> None:
    vectors = drawn(1, V=300, D=25)
    vectors.words[6] = "mark"  # gensim takes U+FEFF for a mark of the byte order
    ours, theirs, binary = tmp_path / f"ours{ending}", tmp_path / f"theirs{ending}", ending == ".bin"
    vectors.save(ours)
    model = gensim.models.KeyedVectors.load_word2vec_format(ours, binary=binary)
    assert model.index_to_key == vectors.words
    assert model.vectors.dtype == np.float32
    assert model.vectors.tobytes() == vectors.vectors.tobytes()
    model.save_word2vec_format(theirs, binary=binary)
    assert_equal(WordVectors.load(theirs), vectors, counts=False)
    assert theirs.read_bytes() == ours.read_bytes()


def test_safetensors_reads_ours_and_we_read_what_it_writes(tmp_path: Path) -> None:
    vectors = drawn(2)
    vectors.save(tmp_path / "ours.safetensors")
    tensors = safetensors.numpy.load_file(tmp_path / "ours.safetensors")
    assert tensors.keys() == {"vectors", "counts"}
    assert tensors["vectors"].tobytes() == vectors.vectors.tobytes()
    np.testing.assert_array_equal(tensors["counts"], vectors.counts, strict=True)
    with safetensors.safe_open(tmp_path / "ours.safetensors", "numpy") as file:
        assert json.loads(file.metadata()["words"]) == vectors.words
    metadata = {"words": json.dumps(vectors.words), "more": "of no use"}
    safetensors.numpy.save_file(tensors, tmp_path / "theirs.safetensors", metadata)
    for mmap in (False, True):
        assert_equal(WordVectors.load(tmp_path / "theirs.safetensors", mmap), vectors, counts=True)


def test_numpy_reads_ours_and_we_read_what_it_writes(tmp_path: Path) -> None:
    vectors = drawn(3)
    vectors.save(tmp_path / "ours.npz")
    with np.load(tmp_path / "ours.npz") as arrays:
        assert json.loads(bytes(arrays["words"])) == vectors.words
        assert arrays["vectors"].tobytes() == vectors.vectors.tobytes()
        np.testing.assert_array_equal(arrays["counts"], vectors.counts, strict=True)
        found = dict(arrays)
    assert checkpoint.load(tmp_path / "ours.npz").keys() == {"vectors", "words", "counts"}
    np.savez(tmp_path / "stored.npz", **found)
    np.savez_compressed(tmp_path / "packed.npz", **found)
    assert_equal(WordVectors.load(tmp_path / "packed.npz"), vectors, counts=True)
    for mmap in (False, True):
        assert_equal(WordVectors.load(tmp_path / "stored.npz", mmap), vectors, counts=True)
    with pytest.raises(ValueError, match=r"packed.npz: vectors.npy: expected a record that is not compressed"):
        WordVectors.load(tmp_path / "packed.npz", mmap=True)


@pytest.mark.parametrize("ending", KEPT)
def test_a_mapped_file_is_not_read_before_it_is_asked(ending: str, tmp_path: Path) -> None:
    table = np.zeros((1000, 5000), np.float32)
    table[7] = 3
    WordVectors(list(map(str, range(1000))), table).save(tmp_path / f"a{ending}")
    tracemalloc.start()
    try:
        vectors = WordVectors.load(tmp_path / f"a{ending}", mmap=True)
        assert vectors["7"].sum() == 15_000
        assert tracemalloc.get_traced_memory()[1] < 2 << 20  # of 20 MB
    finally:
        tracemalloc.stop()


@every
def test_a_file_is_written_in_little_memory(ending: str, tmp_path: Path) -> None:
    """At least 4 MB, of which only a part is there at any time beside the vectors themselves."""
    V = 700 if ending in TEXTS else 2000
    vectors = WordVectors(list(map(str, range(V))), np.full((V, 500), 0.123456789, np.float32))
    tracemalloc.start()
    try:
        vectors.save(tmp_path / f"a{ending}")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20


def test_words_that_no_header_holds_are_for_npz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats.safetensors, "HEADER_MOST", 200)
    with pytest.raises(ValueError, match=r"^words: expected at most 200 bytes of them, got [\d,]+; \.npz takes more$"):
        drawn(0).save(tmp_path / "a.safetensors")
    assert not any(tmp_path.iterdir())
