"""Bad files of word vectors, each refused with its place; words and numbers that a format lacks; full disks; damage."""

from __future__ import annotations

import json
import os
import resource
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numpy_nn.word2vec import WordVectors
from parity_tests.full_disk import full
from parity_tests.strategies import seeds
from parity_tests.test_word_formats import ENDINGS, KEPT, ROWS, TEXTS, assert_equal, drawn, every


def bad(name: str, content: bytes, message: str) -> Any:
    return pytest.param(name, content, message, id=f"{name[1:]}: {message}")


row, big = struct.pack("<2f", 1, 2), 10**17
TEXT_FILES = [
    bad(".txt", b"", "line 1: expected two numbers"),
    bad(".txt", b"hello world\n", "line 1: expected two numbers, of words and of dimensions, found b'hello world"),
    bad(".txt", b"the 0.1 0.2\nof 0.3 0.4\n", "line 1: expected two numbers, .*GloVe"),
    bad(".txt", b"2\na 1\nb 2\n", "line 1: expected two numbers"),
    bad(".txt", b"-1 2\na 1 2\n", "line 1: expected two numbers"),
    bad(".txt", b"0 2\n", "line 1: expected at least one word and one dimension, found 0 and 2"),
    bad(".txt", b"1 0\na\n", "line 1: expected at least one word and one dimension, found 1 and 0"),
    bad(".txt", b"2 2\na 1 2\n", "line 1: .* found 2 of 2 numbers, which take 12 bytes or more, and 6 are left"),
    bad(".txt", b"2 2\na 1.00000000 2\n", "expected 2 words, as line 1 says, found the end after 1"),
    bad(".txt", b"2 2\na 1 2\n\nb 3 4\n", "line 3: expected a word and 2 numbers, found 0 behind b''"),
    bad(".txt", b"1 2\na 1 2\nb 3 4\n", "line 3: expected the end after 1 words, as line 1 says, found b'b 3 4'"),
    bad(".txt", b"2 2\na 1 2\nb 3 4\n\n\nc 5 6\n", "line 6: expected the end after 2 words"),
    bad(".txt", f"{big} 2\na 1 2\n".encode(), "line 1: expected at most as many vectors as the file has bytes for"),
    bad(".txt", f"1 {big}\na 1 2\n".encode(), "line 1: expected at most as many vectors as the file has bytes for"),
    bad(".txt", b"9" * 50 + b" 2\na 1 2\n", "line 1: expected two numbers"),
    bad(".txt", b"2 2\na 1 2\nb 3\n     ", "line 3: expected a word and 2 numbers, found 1 behind b'b'"),
    bad(".vec", b"2 2\na 1 2\nb 3 4 5\n", "line 3: expected a word and 2 numbers, found 3 behind b'b'"),
    bad(".txt", b"2 2\na 1 2\nNew York 3 4\n", "line 3: expected a word and 2 numbers, found 3 behind b'New'"),
    bad(".txt", b"2 2\na 1 2\n 3 4 5\n", "line 3: expected a word and 2 numbers, found 3 behind b''"),
    bad(".txt", b"2 2\na 1 2\nb  3 4\n", "line 3: expected a word and 2 numbers, found 3"),
    bad(".txt", b"2 2\na 1 2\nb 3 four\n", "line 3: expected 2 numbers, found b'four' among them"),
    bad(".txt", b"2 2\na 1 2\na 3 4\n", "line 3: expected every word once, found 'a' again, first as word 1"),
    bad(".txt", b"2 2\na 1 2\nb\xff 3 4\n", "line 3: expected a word in UTF-8, found byte 0xff at 11 of the file"),
    bad(".txt", b"1 2\na 1 -1e39\n", "line 2: expected numbers that float32 holds, found larger ones"),
    bad(".txt", b"1 2\n" + b"a" * 20_000 + b" 1 2\n", "line 2: expected a word and 2 numbers, found 0 behind"),
]
BINARY_FILES = [
    bad(".bin", b"", "line 1: expected two numbers"),
    bad(".bin", (793712314).to_bytes(4, "little") + bytes(100), "found a model of fastText; .* its .vec file"),
    bad(".bin", b"2 2\na " + row, "line 1: expected at most as many vectors .* found 2 of 2 numbers"),
    bad(".bin", b"2 2\n" + b"a" * 12 + b" " + row, "expected 2 words, as line 1 says, found the end after 1"),
    bad(".bin", b"2 2\na " + row + b"b " + row[:-1], "expected 2 words, as line 1 says, found the end after 1"),
    bad(".bin", b"1 2\na " + row + b"b " + row, "end after 1 words, as line 1 says, found more at 14 of the file"),
    bad(".bin", f"{big} 2\na ".encode() + row, "line 1: expected at most as many vectors"),
    bad(".bin", f"1 {big}\na ".encode() + row, "line 1: expected at most as many vectors"),
    bad(".bin", b"2 2\na " + row + b"a " + row, "word 2: expected every word once, found 'a' again, first as word 1"),
    bad(".bin", b"2 2\na " + row + b"\nb\xff " + row, "word 2: expected a word in UTF-8, found byte 0xff at 16 of"),
    bad(".bin", b"2 2\na " + row + b" " + row + b"?", r"word 2: expected 1 to 10000 bytes, found 0 at 14 of the file"),
    bad(".bin", b"1 2\n" + b"a" * 20_000 + b" " + row, "word 1: expected 1 to 10000 bytes, found 20000"),
    bad(".bin", b"1 2\n" + b"a" * 2_000_000, "expected 1 words, .* found no space in .* bytes after 0"),
]


@pytest.mark.parametrize(("ending", "content", "message"), [*TEXT_FILES, *BINARY_FILES])
def test_a_bad_file_is_refused_with_the_place(ending: str, content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / f"bad{ending}"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{path}: .*{message}"):
        WordVectors.load(path)


def in_safetensors(header: Any, numbers: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


TENSOR = {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}
WORDS = {"words": '["a"]'}
HEADERS: list[tuple[Any, bytes, str]] = [
    (b"", b"", "header: expected JSON"),
    (b"[1]", b"", "header: expected a JSON object"),
    (b"\xff{}", b"", "header: expected JSON"),
    (b"[" * 100_000, b"", "header: expected JSON"),
    (b'{"a": 1, "a": 1}', b"", "header: expected JSON: expected every name once"),
    ({}, b"", "header: expected a tensor vectors and metadata words, found "),
    ({"vectors": TENSOR}, row, "header: expected a tensor vectors and metadata words, found vectors"),
    ({"vectors": TENSOR, "__metadata__": 3}, row, "header: expected a tensor vectors and metadata words"),
    ({"vectors": TENSOR, "__metadata__": {"words": 3}}, row, "header: expected a tensor vectors and metadata words"),
    ({"weight": TENSOR, "__metadata__": WORDS}, row, "header: expected a tensor vectors .* found weight"),
    ({"vectors": TENSOR, "__metadata__": {"words": "["}}, row, "words: expected a list in JSON"),
    ({"vectors": TENSOR, "__metadata__": {"words": "{}"}}, row, "words: expected a list of texts in JSON"),
    ({"vectors": TENSOR, "__metadata__": {"words": "[1]"}}, row, "words: expected a list of texts in JSON"),
    (
        {"vectors": TENSOR, "__metadata__": {"words": '["a", "b"]'}},
        row,
        "words: expected 1, one for each vector, got 2",
    ),
    ({"vectors": TENSOR, "__metadata__": WORDS}, row[:-1], "header: expected 7 bytes of numbers, .* found 8"),
    ({"vectors": TENSOR, "__metadata__": WORDS}, row + b"?", "header: expected 9 bytes of numbers, .* found 8"),
    ({"vectors": TENSOR | {"dtype": "BF16"}, "__metadata__": WORDS}, row, "vectors: expected a dtype of F32, F64, I64"),
    ({"vectors": TENSOR | {"dtype": "I64"}, "__metadata__": WORDS}, row, "vectors: expected a dtype"),
    ({"vectors": TENSOR | {"shape": [big, big]}, "__metadata__": WORDS}, row, "vectors: expected a dtype"),
    ({"vectors": TENSOR | {"shape": [True, 2]}, "__metadata__": WORDS}, row, "vectors: expected a dtype"),
    ({"vectors": TENSOR | {"shape": [-1, -2]}, "__metadata__": WORDS}, row, "vectors: expected a dtype"),
    ({"vectors": TENSOR | {"data_offsets": [-8, 0]}, "__metadata__": WORDS}, row, "vectors: expected a dtype"),
    ({"vectors": TENSOR | {"data_offsets": [8, 16]}, "__metadata__": WORDS}, 2 * row, "header: .* at byte 0 .* at 8"),
    ({"vectors": TENSOR | {"shape": [2]}, "__metadata__": WORDS}, row, r"vectors: expected shape \(V, D\)"),
    ({"vectors": TENSOR, "counts": TENSOR, "__metadata__": WORDS}, row, "expected a tensor at byte 8 .* one at 0"),
    (
        {"vectors": TENSOR, "counts": TENSOR | {"data_offsets": [8, 16]}, "__metadata__": WORDS},
        2 * row,
        "counts: expected integers, got float32",
    ),
]


@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize(("header", "numbers", "message"), HEADERS, ids=[message for _, _, message in HEADERS])
def test_a_bad_safetensors_file_is_refused(
    header: Any, numbers: bytes, message: str, mmap: bool, tmp_path: Path
) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(in_safetensors(header, numbers))
    with pytest.raises(ValueError, match=f"{path}: .*{message}"):
        WordVectors.load(path, mmap=mmap)


@pytest.mark.parametrize("content", [b"", b"1234567", b"\xff" * 8, (1 << 40).to_bytes(8, "little") + b"{}"])
def test_no_header_is_taken_for_longer_than_the_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match=r"expected a \.safetensors file, found a header of"):
        WordVectors.load(tmp_path / "a.safetensors")


ARRAYS: dict[str, tuple[dict[str, Any], str]] = {
    "no words": ({"words": None}, "expected a record 'words.npy', found none"),
    "no vectors": ({"vectors": None}, "expected a record 'vectors.npy', found none"),
    "text as words": ({"words": np.array(["a", "b"])}, "expected numbers of some shape"),
    "bad words": ({"words": np.frombuffer(b"\xff", np.uint8)}, "words: expected a list in JSON"),
    "other words": ({"words": np.frombuffer(b'"ab"', np.uint8)}, "words: expected a list of texts in JSON"),
    "one dimension": ({"vectors": np.ones(2)}, r"vectors: expected shape \(V, D\)"),
    "integers": ({"vectors": np.ones((2, 2), int)}, "vectors: expected float32 or float64"),
    "half": ({"vectors": np.ones((2, 2), "f2")}, "vectors: expected float32 or float64, got float16"),
    "more vectors": ({"vectors": np.ones((3, 2)), "counts": None}, "words: expected 3, one for each vector, got 2"),
    "no dimensions": ({"vectors": np.ones((2, 0))}, "vectors: expected shape"),
    "counts": ({"counts": np.arange(3)}, r"counts: expected shape \(2,\)"),
    "twice": ({"words": np.frombuffer(b'["a","a"]', np.uint8)}, "words: expected each once, got 'a' as number 0 and 1"),
    "pickled": ({"vectors": np.array([[{}]], object)}, "expected numbers of some shape"),
}


@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("what", ARRAYS)
def test_a_bad_npz_file_is_refused(what: str, mmap: bool, tmp_path: Path) -> None:
    changed, message = ARRAYS[what]
    good = {"vectors": np.eye(2), "words": np.frombuffer(b'["a","b"]', np.uint8), "counts": np.arange(2)}
    np.savez(tmp_path / "bad.npz", **{name: array for name, array in (good | changed).items() if array is not None})
    with pytest.raises(ValueError, match=f"bad.npz: .*{message}"):
        WordVectors.load(tmp_path / "bad.npz", mmap=mmap)


@every
def test_a_file_of_another_format_is_refused(ending: str, tmp_path: Path) -> None:
    vectors = drawn(4, V=40)
    for other in ENDINGS:
        vectors.save(tmp_path / f"a{other}")
        if other == ending or {other, ending} <= {*TEXTS}:
            continue
        (tmp_path / f"b{ending}").write_bytes((tmp_path / f"a{other}").read_bytes())
        with pytest.raises(ValueError, match=f"b{ending}: "):
            WordVectors.load(tmp_path / f"b{ending}")


@pytest.mark.parametrize("ending", ROWS)
def test_words_that_are_no_utf_8_are_replaced_where_it_is_asked_for(ending: str, tmp_path: Path) -> None:
    content = b"1 2\na\xffb " + (b"1 2\n" if ending != ".bin" else row)
    (tmp_path / f"a{ending}").write_bytes(content)
    assert WordVectors.load(tmp_path / f"a{ending}", errors="replace").words == ["a\ufffdb"]
    with pytest.raises(ValueError, match='found byte 0xff at 5 of the file; errors="replace" reads it'):
        WordVectors.load(tmp_path / f"a{ending}")


@pytest.mark.parametrize(
    "word", ["New York", "", "a\tb", "a\n", "\r", "\0", "a" * 10_001], ids=lambda word: repr(word[:10])
)
@pytest.mark.parametrize("ending", ROWS)
def test_words_that_rows_cannot_hold_are_refused(ending: str, word: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"words: expected words without white space, .* as number 1"):
        WordVectors(["a", word], np.eye(2, dtype=np.float32)).save(tmp_path / f"a{ending}")
    assert os.listdir(tmp_path) == []


@every
def test_half_a_surrogate_pair_is_refused(ending: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"words: expected text that UTF-8 can hold, got '\\ud800' in it"):
        WordVectors(["a\ud800"], np.ones((1, 1), np.float32)).save(tmp_path / f"a{ending}")
    assert os.listdir(tmp_path) == []


def test_binary_files_hold_float32_alone(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"vectors: expected float32, all that .bin has, got float64"):
        WordVectors(["a"], np.eye(1)).save(tmp_path / "a.bin")
    assert os.listdir(tmp_path) == []


def test_names_and_options_are_checked(tmp_path: Path) -> None:
    vectors = drawn(0)
    for name in ("a", "a.model", "a.TXT", "a.pth"):
        for use in (vectors.save, WordVectors.load):
            with pytest.raises(ValueError, match=r"path: expected a name that ends in .txt, .vec, .bin, .npz, .safe"):
                use(tmp_path / name)
    for ending in ROWS:
        vectors.save(tmp_path / f"a{ending}")
        with pytest.raises(ValueError, match=r"path: .* ends in .npz, .safetensors to map, got '.*': save it so first"):
            WordVectors.load(tmp_path / f"a{ending}", mmap=True)
    vectors.save(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="dtype: expected float32, as the mapped numbers are, got float64"):
        WordVectors.load(tmp_path / "a.npz", mmap=True, dtype="float64")
    with pytest.raises(ValueError, match="dtype: expected one of None, 'float32'"):
        WordVectors.load(tmp_path / "a.npz", dtype="int8")
    WordVectors(["a"], np.full((1, 1), 1e39)).save(tmp_path / "large.npz")
    with pytest.raises(ValueError, match="dtype: expected one that holds the file's float64 numbers, got float32"):
        WordVectors.load(tmp_path / "large.npz", dtype="float32")
    with pytest.raises(ValueError, match="errors: expected one of 'strict'"):
        WordVectors.load(tmp_path / "a.npz", errors="skip")
    for name in ("missing.txt", ".", "missing/a.npz"):
        with pytest.raises((FileNotFoundError, ValueError), match="expected"):
            WordVectors.load(tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"expected a folder .*missing"):
        vectors.save(tmp_path / "missing" / "a.npz")


@every
def test_a_full_disk_leaves_the_old_file(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"a{ending}"
    old, new = drawn(5), WordVectors(list(map(str, range(500))), np.zeros((500, 100), np.float32))
    old.save(path)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            new.save(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))  # so that writing itself fails, in the middle
    try:
        with pytest.raises(OSError, match="File too large"):
            new.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path) == [path.name]
    assert_equal(WordVectors.load(path), old, ending in KEPT)


def damaged(seed: int, content: bytes) -> bytes:
    """A file with some bytes changed, cut off, left out, doubled, or spliced with numbers that tell."""
    random, data = np.random.default_rng(seed), bytearray(content)
    for _ in range(random.integers(1, 4)):
        place = int(random.integers(0, len(data) + 1) if random.random() < 0.5 else random.integers(0, 40))
        kind = random.integers(6)
        if kind == 0:
            del data[place:]
        elif kind == 1:
            del data[place : place + int(random.integers(1, 9))]
        elif kind == 2:
            data[place:place] = data[: int(random.integers(1, 40))]
        elif kind == 3:
            data[place : place + 8] = int(random.choice([0, 1, 255, 1 << 31, (1 << 63) - 1])).to_bytes(8, "little")
        elif kind == 4:
            data[place:place] = random.choice([b"9", b"999999999", b" ", b"\n", b"\xff", b"-", b"e9", b'"', b"["])
        elif place < len(data):
            data[place] ^= 1 << int(random.integers(8))
    return bytes(data)


@given(seeds, st.sampled_from(ENDINGS))
def test_a_damaged_file_is_loaded_or_refused(tmp_path_factory, seed, ending) -> None:
    """Never an error of another kind, and never memory for what is only promised."""
    folder: Path = tmp_path_factory.getbasetemp()
    drawn(6).save(folder / f"sound{ending}")
    path = folder / f"damaged-{seed}{ending}"
    path.write_bytes(damaged(seed, (folder / f"sound{ending}").read_bytes()))
    tracemalloc.start()
    try:
        for mmap in (False, True)[: 1 + (ending in KEPT)]:
            with suppress(ValueError):
                loaded = WordVectors.load(path, mmap=mmap)
                assert len(loaded.words) == len(loaded.vectors)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
        path.unlink()
