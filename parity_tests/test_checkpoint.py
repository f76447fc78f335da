"""What is saved comes back, bit for bit, in all three formats; what cannot be saved is refused before it is written."""

from __future__ import annotations

import io
import os
import sys
import tracemalloc
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given

import numpy_nn as nn
from numpy_nn import backend, checkpoint, optim
from numpy_nn.checkpoint import plain
from numpy_nn.checkpoint.store import form, loads
from parity_tests.plain_data import nested, same, seeds, views

ENDINGS = [".npz", ".safetensors", ".pth"]
endings = pytest.mark.parametrize("ending", ENDINGS)


def saved(data: Any, ending: str) -> bytes:
    """The bytes of a file."""
    file = io.BytesIO()
    form(ending).prepare(plain.copied(data))(file)
    return file.getvalue()


def through(data: Any, ending: str) -> Any:
    """Saved and loaded; what is saved must load."""
    file = saved(data, ending)
    try:
        return loads(file, ending)
    except checkpoint.CheckpointError as error:
        pytest.fail(str(error))


@endings
@given(nested)
def test_nested_data_comes_back_bit_for_bit(ending: str, data: Any) -> None:
    if ending == ".safetensors":
        data = without_complex128(data)
    assert same(through(data, ending), data)


def without_complex128(data: Any) -> Any:
    if isinstance(data, np.ndarray):
        return data.real if data.dtype.name == "complex128" else data
    if isinstance(data, Counter):
        return data
    if isinstance(data, dict):
        return type(data)((key, without_complex128(value)) for key, value in data.items())
    return type(data)(map(without_complex128, data)) if isinstance(data, list | tuple) else data


@endings
def test_every_kind_of_value_comes_back(ending: str) -> None:
    data = {
        "none": None,
        "numbers": [
            True,
            0,
            1,
            255,
            256,
            -1,
            2**31,
            -(2**63),
            2**1999,
            1.5,
            -0.0,
            float("inf"),
            -float("inf"),
            float("nan"),
        ],
        "text": ("", "가", "\ud800", "a\nb\0c"),
        "bytes": [b"", bytes(range(256))],
        1: {2: {}, "2": [], True: ()},
        -7: OrderedDict(b=1, a=Counter([3, 3, 1])),
        "arrays": [np.array(3.0), np.zeros((0, 3), np.int8), np.arange(6).reshape(2, 3).T],
    }
    data["odd"] = {"a/b": np.ones(1), "a": {"b": np.zeros(2)}, "": np.ones(3), "..": np.ones(4), "\ud800": np.ones(5)}
    data["out"] = {"../x": np.ones(1), "/x": np.ones(2), "a\\x": np.ones(3), "\n": np.ones(4), "x" * 2000: np.ones(5)}
    assert same(through(data, ending), data)


WHOLES = [np.arange(3), [], None, 3, {"a": 1}, (np.ones(2),), {"structure.json": np.ones(1)}, OrderedDict(a=np.ones(2))]


@endings
@pytest.mark.parametrize("data", WHOLES, ids=repr)
def test_anything_may_be_the_whole(ending: str, data: Any) -> None:
    assert same(through(data, ending), data)


@endings
def test_arrays_out_of_step_in_the_same_bytes_come_back(ending: str) -> None:
    """Overlapping, but not by whole numbers: no storage could hold both."""
    run = bytearray(range(48))
    data = [
        np.frombuffer(run, dtype, offset=offset, count=4) for dtype in ("i4", "f8", ">i4") for offset in (0, 2, 4, 8)
    ]
    assert same(through(data, ending), data)


@endings
@given(seeds)
def test_the_same_data_gives_the_same_file(ending: str, seed: int) -> None:
    """Byte for byte, wherever in memory the arrays happen to lie."""
    one, other = ({str(number): part for number, part in enumerate(views(seed))} for _ in range(2))
    assert saved(without_complex128(one), ending) == saved(without_complex128(other), ending)


@endings
def test_numpy_numbers_become_pythons(ending: str) -> None:
    data = [np.float64(0.1), np.float32(0.1), np.int64(-3), np.uint64(2**64 - 1), np.bool_(True)]
    assert same(through(data, ending), [0.1, float(np.float32(0.1)), -3, 2**64 - 1, True])


@endings
def test_what_is_loaded_can_be_written_to_and_continued(ending: str) -> None:
    loaded = through({"a": np.arange(4.0), "b": np.ones((2, 2), bool)}, ending)
    loaded["a"] += 1
    loaded["b"][0] = False
    assert loaded["a"].tolist() == [1, 2, 3, 4]


@endings
def test_a_run_is_continued_where_it_was_saved(ending: str, tmp_path: Path) -> None:
    """Model, optimizer and random state from one file: the continued run is the uninterrupted one, bit for bit."""

    def parts(seed: int) -> tuple[Any, Any]:
        nn.manual_seed(seed)
        model = nn.SimpleNet(6, 5, 3, dropout=0.5)
        return model, optim.Adam(model.parameters(), amsgrad=True)

    def train(model: Any, optimizer: Any) -> None:
        for _ in range(5):
            x, target = nn.random.normal((8, 6)), nn.random.randint(0, 3, (8,))
            nn.training.train_step(model, x, target, optimizer, nn.CrossEntropyLoss())

    model, optimizer = parts(0)
    train(model, optimizer)
    generator = nn.random.default_generator
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "random": generator.get_state()}
    checkpoint.save(state, tmp_path / f"run{ending}")
    train(model, optimizer)

    other, its_optimizer = parts(1)
    state = checkpoint.load(tmp_path / f"run{ending}")
    other.load_state_dict(state["model"])
    its_optimizer.load_state_dict(state["optimizer"])
    nn.random.default_generator.set_state(state["random"])
    train(other, its_optimizer)
    assert same(other.state_dict(), model.state_dict())
    assert same(its_optimizer.state_dict(), optimizer.state_dict())


@endings
def test_arrays_of_a_device_are_brought_to_the_host(ending: str) -> None:
    there = backend.to_device(np.arange(3.0), "strict")
    assert backend.device_of(there) == "strict"
    assert same(through({"a": there, "b": [there]}, ending), {"a": np.arange(3.0), "b": [np.arange(3.0)]})


def test_a_dict_of_arrays_is_what_numpy_and_safetensors_know(tmp_path: Path) -> None:
    arrays = {"fc1.weight": np.arange(6.0).reshape(2, 3).T, "fc1.bias": np.float32([1, 2])}
    arrays["steps"] = np.array(3)
    checkpoint.save(arrays, tmp_path / "a.npz")
    checkpoint.save(arrays, tmp_path / "a.safetensors")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as numpys:
        assert same(dict(numpys), arrays)
    found = safetensors.numpy.load_file(tmp_path / "a.safetensors")
    assert same({name: found[name] for name in arrays}, arrays)


def test_what_numpy_and_safetensors_write_is_a_dict_of_arrays(tmp_path: Path) -> None:
    arrays = {"b": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "a": np.arange(3, dtype=">i2"), "c": np.array(True)}
    np.savez(tmp_path / "a.npz", **arrays)
    assert same(checkpoint.load(tmp_path / "a.npz"), arrays)
    np.savez_compressed(tmp_path / "b.npz", **arrays)
    assert same(checkpoint.load(tmp_path / "b.npz"), arrays)
    safetensors.numpy.save_file({"b": np.ones((2, 3)), "a": np.arange(3)}, tmp_path / "a.safetensors")
    found = checkpoint.load(tmp_path / "a.safetensors")
    assert same({name: found[name] for name in "ab"}, {"a": np.arange(3), "b": np.ones((2, 3))})


@pytest.mark.parametrize("data", [{"a": np.ones(3)}, np.ones(3), {"a": [np.ones(3)]}], ids=["dict", "array", "nested"])
def test_numpy_reads_the_arrays_of_nested_data_too(data: Any) -> None:
    found = np.load(io.BytesIO(saved(data, ".npz")), allow_pickle=False)
    assert [found[name].tolist() for name in found.files if name != "structure.json"] == [[1, 1, 1]]


class Number(int):
    """An int of its own kind."""


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "set": ({"a": {1}}, TypeError, r"obj\['a'\]: expected plain data and arrays, got set"),
    "object": ([object()], TypeError, r"obj\[0\]: expected plain data and arrays, got object"),
    "subclass": ((Number(3),), TypeError, r"obj\[0\]: expected plain data and arrays, got Number"),
    "defaultdict": (defaultdict(list), TypeError, "obj: expected plain data and arrays, got defaultdict"),
    "complex": (1j, TypeError, "got complex"),
    "objects": (np.array([None]), TypeError, "expected an array of numbers, got one of object"),
    "words": (np.array(["a"]), TypeError, "expected an array of numbers, got one of <U1"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), TypeError, "expected an array of numbers, got one of datetime"),
    "long double": (np.longdouble(1), TypeError, "got a NumPy scalar of float128"),
    "masked": (np.ma.masked_array([1.0], [True]), TypeError, "got MaskedArray"),
    "key": ({"a": {1.5: 2}}, TypeError, r"obj\['a'\]: expected str and int keys, got float"),
    "tuple as key": ({(1,): 2}, TypeError, "expected str and int keys, got tuple"),
    "long key": ({2**63: 2}, ValueError, "expected int keys of 64 bits"),
    "long int": (2**2000, ValueError, "expected integers of at most 2000 bits"),
}


@endings
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_saved_is_refused_and_the_old_file_stays(ending: str, case: str, tmp_path: Path) -> None:
    data, error, message = REFUSED[case]
    path = tmp_path / f"a{ending}"
    checkpoint.save([1], path)
    with pytest.raises(error, match=message):
        checkpoint.save(data, path)
    assert checkpoint.load(path) == [1]
    assert os.listdir(tmp_path) == [path.name]


@endings
def test_a_container_in_itself_is_refused(ending: str, tmp_path: Path) -> None:
    data: list[Any] = [1]
    data.append(data)
    with pytest.raises(ValueError, match="expected at most 100 levels of nesting"):
        checkpoint.save(data, tmp_path / f"a{ending}")


@endings
def test_data_that_is_too_large_is_refused_on_writing(ending: str, tmp_path: Path) -> None:
    for data in ([0] * 1_000_001, "a" * (1 << 24)):
        with pytest.raises(ValueError, match="obj: expected"):
            checkpoint.save(data, tmp_path / f"a{ending}")
    assert os.listdir(tmp_path) == []


def test_complex128_is_refused_by_safetensors_and_a_huge_expanded_array_by_pth(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"a: expected an array of a dtype that \.safetensors has, got complex128"):
        checkpoint.save({"a": np.ones(2, complex)}, tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match="obj: expected expanded arrays of at most 67108864 bytes"):
        checkpoint.save(np.broadcast_to(np.ones(1), (2**23 + 1,)), tmp_path / "a.pth")
    checkpoint.save(np.broadcast_to(np.ones(1), (2**23,)), tmp_path / "a.pth")
    assert os.path.getsize(tmp_path / "a.pth") < 2000
    assert checkpoint.load(tmp_path / "a.pth").strides == (0,)


def test_names_and_places_are_checked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"path: expected a name that ends in \.npz, .*, got 'a\.pkl'"):
        checkpoint.save([], "a.pkl")
    with pytest.raises(ValueError, match="path: expected a name that ends in"):
        checkpoint.load("a")
    with pytest.raises(FileNotFoundError, match="expected a file, found none"):
        checkpoint.load(tmp_path / "a.npz")
    with pytest.raises(FileNotFoundError, match="expected a folder"):
        checkpoint.save([], tmp_path / "b" / "a.npz")
    (tmp_path / "c.npz").mkdir()
    with pytest.raises(IsADirectoryError):
        checkpoint.save([], tmp_path / "c.npz")


@endings
def test_a_damaged_file_is_named(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"PK what is this")
    with pytest.raises(checkpoint.CheckpointError, match=f"{path}: expected"):
        checkpoint.load(path)
    assert issubclass(checkpoint.CheckpointError, ValueError)


def test_without_the_safetensors_library_its_installation_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint.save([1], tmp_path / "a.safetensors")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for use in (checkpoint.load, lambda path: checkpoint.save([1], path)):
        with pytest.raises(ImportError, match=r'pip install "numpy_nn\[data\]"'):
            use(tmp_path / "a.safetensors")


@endings
def test_loading_takes_twice_the_size_at_most(ending: str, tmp_path: Path) -> None:
    arrays = {f"layer{number}.weight": np.ones((256, 512), np.float32) for number in range(20)}
    size = sum(array.nbytes for array in arrays.values())
    checkpoint.save(arrays, tmp_path / f"a{ending}")
    tracemalloc.start()
    loaded = checkpoint.load(tmp_path / f"a{ending}")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(loaded) == 20
    assert peak < 2.1 * size


@endings
def test_rows_name_every_leaf(ending: str, tmp_path: Path) -> None:
    data = {"model": {"w": np.array([[0.0, 1], [np.nan, 5]])}, "betas": (0.9, 0.999), "empty": [], 3: None}
    data["z"] = np.array([3 + 4j], np.complex64)
    checkpoint.save(data, tmp_path / f"a{ending}")
    rows = checkpoint.inspect(tmp_path / f"a{ending}")
    assert rows == checkpoint.describe(data)
    assert [row.name for row in rows] == ["model/w", "betas/0", "betas/1", "empty", "3", "z"]
    assert [row.value for row in rows] == [None, 0.9, 0.999, [], None, None]
    assert [row.shape for row in rows] == [(2, 2), None, None, None, None, (1,)]
    assert [row.dtype for row in rows] == ["float64", "float", "float", "list", "NoneType", "complex64"]
    assert rows[0].statistics == checkpoint.Statistics(2.0, np.sqrt(14 / 3).item(), 0.0, 5.0, 0.25, 1)
    assert rows[1].statistics is None
    assert rows[5].statistics == checkpoint.Statistics(5.0, 0.0, 5.0, 5.0, 0.0, 0)


@given(seeds)
def test_statistics_are_numpys(seed: int) -> None:
    for part in views(seed):
        found = checkpoint.describe(part)[0].statistics
        with np.errstate(all="ignore"):
            x = (np.abs(part) if part.dtype.kind == "c" else part).astype(np.float64).reshape(-1)
        x = x[~np.isnan(x)]
        assert found.nans == part.size - x.size
        assert found.zeros == ((x == 0).sum() / part.size if part.size else 0)
        if x.size:
            assert (found.min, found.max) == (x.min(), x.max())
        if x.size and np.abs(x).max() < 1e100:  # the squares are finite
            bound = 4 * x.size * np.finfo(np.float64).eps * np.abs(x).max()
            assert abs(found.mean - x.mean()) <= bound
            assert abs(found.std - x.std()) <= bound


def test_statistics_of_nothing_are_nan() -> None:
    found = checkpoint.describe([np.zeros((0, 2)), np.array([np.nan])])
    assert [row.statistics.nans for row in found] == [0, 1]
    assert all(np.isnan([row.statistics.mean, row.statistics.max]).all() for row in found)
