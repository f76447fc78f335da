"""A .pth written by either side is read by the other: values, dtypes, strides, and which tensors share memory."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given

import numpy_nn as nn
import torch_nn
from numpy_nn import checkpoint, optim
from numpy_nn.checkpoint import packing
from numpy_nn.checkpoint.store import loads
from parity_tests.lockstep import FLOAT64_BOUND, difference
from parity_tests.plain_data import NAMES, filled, nested, places, same, seeds, views, without_tensors
from parity_tests.test_checkpoint import saved

PROTOCOLS = (1, 2, 3, 4, 5)
STEPS = 10


def in_torch(data: Any, **options: Any) -> Any:
    """What torch.load makes of what we save."""
    try:
        return torch.load(io.BytesIO(saved(data, ".pth")), **options)
    except (RuntimeError, pickle.UnpicklingError) as error:
        pytest.fail(f"torch refuses it: {error}")


def from_torch(data: Any, protocol: int = 2) -> Any:
    """What we make of what torch.save writes."""
    file = io.BytesIO()
    torch.save(data, file, pickle_protocol=protocol)
    return loads(file.getvalue(), ".pth")


def tensors(parts: list[np.ndarray]) -> list[torch.Tensor]:
    """Tensors over the same memory as the arrays, so that they share it as the arrays do."""
    storages: dict[int, torch.Tensor] = {}
    found = []
    for part in parts:
        base = part
        while isinstance(base.base, np.ndarray):
            base = base.base
        flat = storages.setdefault(id(base), torch.from_numpy(base))
        offset = (part.__array_interface__["data"][0] - base.__array_interface__["data"][0]) // part.itemsize
        strides = [stride // part.itemsize for stride in part.strides]
        found.append(torch.as_strided(flat, part.shape, strides, offset if part.size else 0))
    return found


def in_memory(part: Any) -> np.ndarray:
    return part.numpy() if isinstance(part, torch.Tensor) else part


@given(nested)
def test_torch_reads_what_we_save(data: Any) -> None:
    assert same(without_tensors(in_torch(data)), data)


@given(nested)
def test_pythons_unpickler_reads_it_too(data: Any) -> None:
    assert same(without_tensors(in_torch(data, weights_only=False)), data)


def test_torch_maps_it_into_memory(tmp_path: Path) -> None:
    data = {"a": np.arange(6.0).reshape(2, 3).T, "b": [np.ones(2, np.uint16)]}
    checkpoint.save(data, tmp_path / "a.pth")
    assert same(without_tensors(torch.load(tmp_path / "a.pth", mmap=True)), data)


def test_arrays_of_4_gigabytes_are_written_so_that_all_can_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limit of 32 bits moved down, so that it takes no such array to try."""
    data = {"a": np.arange(40.0), "b": np.arange(3), "c": np.arange(70.0)}
    monkeypatch.setattr(packing, "_FULL_FROM", 300)
    monkeypatch.setattr(packing, "_MOST_RECORDS", 3)
    assert same(without_tensors(in_torch(data)), data)
    assert same(loads(saved(data, ".pth"), ".pth"), data)
    assert same(loads(saved(data, ".npz"), ".npz"), data)
    with np.load(io.BytesIO(saved(data, ".npz"))) as numpys:
        assert same(dict(numpys), data)


def test_a_small_part_does_not_end_the_storage_of_the_whole() -> None:
    run = np.arange(30.0)
    parts = [run, run[:3], run[5:7], run[10:12], np.zeros(0), run[20:]]
    assert places([in_memory(part) for part in in_torch(parts)]) == places(parts)
    assert len(zipfile.ZipFile(io.BytesIO(saved(parts, ".pth"))).namelist()) == 5 + 2


@given(seeds)
def test_shared_memory_is_shared_in_torch(seed: int) -> None:
    """What is written into one tensor is seen in just those others in which the arrays have the same number."""
    parts = views(seed)
    found = in_torch(parts)
    assert places([in_memory(part) for part in found]) == places(parts)


@given(seeds)
def test_strides_are_kept_in_torch(seed: int) -> None:
    for part, tensor in zip(views(seed), in_torch(views(seed)), strict=True):
        strides = [stride // part.itemsize for stride in part.strides]
        assert [s for s, side in zip(tensor.stride(), part.shape, strict=True) if side > 1 and part.size] == [
            s for s, side in zip(strides, part.shape, strict=True) if side > 1 and part.size
        ]


@pytest.mark.parametrize("shape", [(1, 3), (3, 1, 2), (2, 3, 1), (0, 3), (2, 0, 3), (1,), (1, 1)], ids=str)
def test_strides_that_do_not_matter_are_pytorchs(shape: tuple[int, ...]) -> None:
    every_other = np.zeros(tuple(2 * side for side in shape))[tuple(slice(None, side) for side in shape)]
    tensor = torch.load(io.BytesIO(saved(np.zeros(shape), ".pth")), weights_only=True)
    assert tensor.stride() == torch.zeros(shape).stride()
    tensor = torch.load(io.BytesIO(saved(every_other, ".pth")), weights_only=True)
    sides = zip(tensor.stride(), every_other.strides, shape, strict=True)
    assert all(ours == theirs // 8 for ours, theirs, side in sides if side > 1 and every_other.size)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(seeds)
def test_shared_memory_and_strides_of_torch_are_kept(protocol: int, seed: int) -> None:
    parts = views(seed)
    theirs = tensors(parts)
    ours = from_torch(theirs, protocol)
    assert same(ours, [part.numpy() for part in theirs])
    assert places(ours) == places(parts)
    for array, tensor in zip(ours, theirs, strict=True):
        if array.size:
            assert [stride // array.itemsize for stride in array.strides] == list(tensor.stride())


@pytest.mark.parametrize("name", NAMES)
def test_every_dtype_both_ways(name: str) -> None:
    array = filled(np.random.default_rng(0), name, 5)
    tensor = in_torch({"a": array, "same": array, "part": array[1:]})
    assert same(without_tensors(tensor["a"]), array)
    assert tensor["a"].data_ptr() == tensor["same"].data_ptr()
    assert same(from_torch(torch.from_numpy(array)), array)


@given(seeds)
def test_bfloat16_is_widened_exactly_and_still_shared(seed: int) -> None:
    bits = filled(np.random.default_rng(seed), "int16", 6)
    whole = torch.from_numpy(bits).view(torch.bfloat16)
    ours = from_torch({"whole": whole, "part": whole[1::2]})
    assert ours["whole"].dtype == np.float32
    assert ours["whole"].tobytes() == whole.float().numpy().tobytes()
    ours["whole"][1] = 7
    assert ours["part"][0] == 7


def everything() -> dict[str, Any]:
    """What torch.save writes without a class of one's own."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(model.parameters(), amsgrad=True)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 2, 5])
    model(torch.randn(4, 3)).pow(2).sum().backward()
    optimizer.step()
    scheduler.step()
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "random": torch.get_rng_state(),
        "parameter": model[0].weight,
        "parameters": list(model.parameters()),
        "needs gradient": torch.ones(2, requires_grad=True),
        "size": torch.Size([2, 3]),
        "nested": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], [1, 2], {}, {1: {}}],
        "numbers": [True, False, None, 0, 255, 256, 65535, 65536, -1, 2**31, 2**63, -(2**100), 0.1, float("-inf")],
        "text": ["", "가\n", "a" * 300, b"", b"\xff", b"a" * 300],
        "no storage type": torch.arange(3).to(torch.uint16),
        "no numbers": torch.zeros(0, 3),
        "one": torch.tensor(2.5, dtype=torch.float64),
        "expanded": torch.ones(1, 2).expand(3, 2),
    }


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_everything_torch_saves_is_read(protocol: int) -> None:
    data = everything()
    found = from_torch(data, protocol)
    assert same(found, without_tensors(data))
    assert type(found["model"]) is OrderedDict
    assert not hasattr(found["model"], "_metadata")
    assert type(found["scheduler"]["milestones"]) is Counter
    assert np.shares_memory(found["parameter"], found["model"]["0.weight"])
    assert same(without_tensors(in_torch(found)), found)


def test_dtypes_and_devices_are_read_as_their_names() -> None:
    found = from_torch([torch.float32, torch.bfloat16, torch.device("cpu"), torch.device("cuda", 1)])
    assert found == ["torch.float32", "torch.bfloat16", "cpu", "cuda:1"]


def test_a_file_of_a_big_endian_machine_is_read() -> None:
    file = io.BytesIO()
    torch.save({"a": torch.arange(3.0), "b": torch.arange(2, dtype=torch.int16)}, file)
    swapped = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(swapped, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            sizes = {"archive/data/0": "<f4", "archive/data/1": "<i2"}
            if name in sizes:
                data = np.frombuffer(data, sizes[name]).byteswap().tobytes()
            new.writestr(name, b"big" if name == "archive/byteorder" else data)
    assert same(
        loads(swapped.getvalue(), ".pth"), {"a": np.arange(3, dtype=np.float32), "b": np.arange(2, dtype=np.int16)}
    )


def test_the_records_are_pytorchs() -> None:
    """The same records as torch.save's, stored uncompressed, with every number's place divisible by 64."""
    ours, theirs = saved({"a": np.ones(3), "b": np.ones(2)}, ".pth"), io.BytesIO()
    torch.save({"a": torch.ones(3), "b": torch.ones(2)}, theirs)
    with zipfile.ZipFile(io.BytesIO(ours)) as archive, zipfile.ZipFile(theirs) as pytorchs:
        records = {name: pytorchs.read(name) for name in pytorchs.namelist()}
        assert set(archive.namelist()) == records.keys() - {"archive/.data/serialization_id"}
        for name in (".format_version", ".storage_alignment", "byteorder", "version"):
            assert archive.read(f"archive/{name}") == records[f"archive/{name}"]
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            lengths = struct.unpack_from("<2H", ours, info.header_offset + 26)
            assert (info.header_offset + 30 + sum(lengths)) % 64 == 0


def test_a_model_saved_by_either_is_loaded_by_the_other(tmp_path: Path) -> None:
    nn.manual_seed(3)
    ours, theirs = nn.SimpleNet(4, 5, 3), torch_nn.SimpleNet(4, 5, 3)
    checkpoint.save(ours.state_dict(), tmp_path / "ours.pth")
    assert str(theirs.load_state_dict(torch.load(tmp_path / "ours.pth"))) == "<All keys matched successfully>"
    assert same(without_tensors(dict(theirs.state_dict())), ours.state_dict())
    torch.save(theirs.state_dict(), tmp_path / "theirs.pt")
    other = nn.SimpleNet(4, 5, 3)
    other.load_state_dict(checkpoint.load(tmp_path / "theirs.pt"))
    assert same(other.state_dict(), ours.state_dict())


def sides() -> tuple[Any, Any, Any, Any]:
    """SimpleNet and Adam on either side, from different seeds: only a checkpoint makes them alike."""
    nn.manual_seed(1)
    torch.manual_seed(2)
    ours = nn.SimpleNet(4, 5, 3, dtype=np.float64)
    theirs = torch_nn.SimpleNet(4, 5, 3, dtype=torch.float64)
    options = {"lr": 0.01, "amsgrad": True, "betas": (0.8, 0.99)}
    return ours, theirs, optim.Adam(ours.parameters(), **options), torch.optim.Adam(theirs.parameters(), **options)


def our_steps(model: Any, optimizer: Any, seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(STEPS):
        x, target = random.standard_normal((6, 4)), random.integers(0, 3, 6)
        nn.training.train_step(model, x, target, optimizer, nn.CrossEntropyLoss())


def their_steps(model: Any, optimizer: Any, seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(STEPS):
        x, target = torch.from_numpy(random.standard_normal((6, 4))), torch.from_numpy(random.integers(0, 3, 6))
        torch_nn.training.train_step(model, x, target, optimizer, torch.nn.CrossEntropyLoss())


def test_torch_continues_a_run_of_ours(tmp_path: Path) -> None:
    ours, theirs, optimizer, twin = sides()
    our_steps(ours, optimizer, 0)
    checkpoint.save({"model": ours.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "run.pth")
    state = torch.load(tmp_path / "run.pth")
    theirs.load_state_dict(state["model"])
    twin.load_state_dict(state["optimizer"])
    assert difference(ours.state_dict(), theirs.state_dict()) == 0
    our_steps(ours, optimizer, 1)
    their_steps(theirs, twin, 1)
    assert difference(ours.state_dict(), theirs.state_dict()) <= FLOAT64_BOUND


def test_we_continue_a_run_of_torchs(tmp_path: Path) -> None:
    ours, theirs, optimizer, twin = sides()
    their_steps(theirs, twin, 0)
    torch.save({"model": theirs.state_dict(), "optimizer": twin.state_dict()}, tmp_path / "run.pth")
    state = checkpoint.load(tmp_path / "run.pth")
    ours.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    assert difference(ours.state_dict(), theirs.state_dict()) == 0
    our_steps(ours, optimizer, 1)
    their_steps(theirs, twin, 1)
    assert difference(ours.state_dict(), theirs.state_dict()) <= FLOAT64_BOUND


def test_the_continued_runs_depend_on_the_optimizers_state() -> None:
    """The comparison can fail: without the optimizer's state the runs part."""
    ours, theirs, optimizer, twin = sides()
    our_steps(ours, optimizer, 0)
    theirs.load_state_dict(in_torch(ours.state_dict()))
    our_steps(ours, optimizer, 1)
    their_steps(theirs, twin, 1)
    assert difference(ours.state_dict(), theirs.state_dict()) > 1e-3


def legacy(data: Any) -> bytes:
    file = io.BytesIO()
    torch.save(data, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def scripted() -> bytes:
    file = io.BytesIO()
    with pytest.warns(DeprecationWarning, match="torch.jit"):
        torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), file)
    return file.getvalue()


def pickled(data: Any, protocol: int = 2) -> bytes:
    file = io.BytesIO()
    torch.save(data, file, pickle_protocol=protocol)
    return file.getvalue()


UNREADABLE = {
    "before 1.6": (lambda: legacy({"a": torch.ones(2)}), "saved anew with a newer"),
    "TorchScript": (scripted, "TorchScript"),
    "a model": (lambda: pickled(torch.nn.Linear(1, 1)), r"'torch.nn.modules.linear.Linear'.*save model.state_dict\(\)"),
    "a model, protocol 4": (lambda: pickled(torch.nn.Linear(1, 1), 4), "'torch.nn.modules.linear.Linear'"),
    "conjugated": (lambda: pickled(torch.ones(2, dtype=torch.complex64).conj()), "without flags"),
    "sparse": (lambda: pickled(torch.eye(2).to_sparse()), "'torch._utils._rebuild_sparse_tensor'"),
    "float8": (lambda: pickled(torch.ones(2).to(torch.float8_e4m3fn)), "float8"),
    "NumPy": (lambda: pickled(np.ones(2)), "'numpy"),
    "a set": (lambda: pickled({1}), "'builtins.set'"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_named(case: str) -> None:
    build, message = UNREADABLE[case]
    data = build()
    with pytest.raises(checkpoint.CheckpointError, match=message):
        loads(data, ".pth")
