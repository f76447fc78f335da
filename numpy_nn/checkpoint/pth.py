"""PyTorch's .pth: a ZIP file with a pickle, data.pkl, and the numbers of each storage in a record of its own.

    archive/data.pkl                 the structure, with a reference where a storage belongs
    archive/.format_version          "1"
    archive/.storage_alignment       "64"
    archive/byteorder                "little"
    archive/data/0, archive/data/1…  the storages
    archive/version                  "3"

Source: torch/serialization.py and caffe2/serialize/inline_container.cc, PyTorch 2.13; what it writes was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Literal

from numpy_nn.backend import Array
from numpy_nn.checkpoint.archive import STORED, Archive
from numpy_nn.checkpoint.errors import CheckpointError
from numpy_nn.checkpoint.packing import ALIGNMENT, Packer
from numpy_nn.checkpoint.pickling import Call, Name, Persistent, dumps
from numpy_nn.checkpoint.storages import Storages
from numpy_nn.checkpoint.tensors import STORAGES, UNTYPED, Tensors
from numpy_nn.checkpoint.unpickling import PICKLE_MOST, Unpickler

_STORAGE_OF = {dtype: name for name, dtype in STORAGES.items()}
_VERSIONS = range(3, 11)
_ORDERS: dict[bytes, Literal["<", ">"]] = {b"little": "<", b"big": ">"}


def prepare(data: Any) -> Callable[[BinaryIO], None]:
    """What writes plain data to a file. Raises ValueError where it is too large."""
    storages = Storages(_arrays(data))
    pickled = dumps(data, lambda array: _tensor(array, storages))
    if len(pickled) > PICKLE_MOST:
        raise ValueError(
            f"obj: expected data that takes at most {PICKLE_MOST} bytes besides arrays, got {len(pickled)}"
        )

    def write(file: BinaryIO) -> None:
        packer = Packer(file)
        packer.add("archive/data.pkl", [pickled])
        packer.add("archive/.format_version", [b"1"])
        packer.add("archive/.storage_alignment", [b"%d" % ALIGNMENT])
        packer.add("archive/byteorder", [b"little"])
        for number, run in enumerate(storages.runs):
            packer.add(f"archive/data/{number}", [run.astype(run.dtype.newbyteorder("<"), copy=False)])
        packer.add("archive/version", [b"3\n"])
        packer.close()

    return write


def read(file: BinaryIO) -> Any:
    """The data in a file. Raises CheckpointError."""
    file.seek(0)
    if file.read(2) != b"PK":
        raise CheckpointError(
            "expected a ZIP file as PyTorch has written since 1.6, found none; "
            "a file of an older PyTorch is to be saved anew with a newer one"
        )
    archive = Archive(file)
    roots = [name.removesuffix("data.pkl") for name in archive.records if name.count("/") == 1 and _is_pickle(name)]
    if len(roots) != 1:
        raise CheckpointError(f"expected one data.pkl in a folder of the archive, found {len(roots)}")
    root = roots[0]
    if f"{root}constants.pkl" in archive.records or any(name.startswith(f"{root}code/") for name in archive.records):
        raise CheckpointError("expected plain data, found a TorchScript program; of a model, save model.state_dict()")

    def record(name: str) -> Array:
        if (found := archive.records.get(root + name)) and found.method != STORED:
            raise CheckpointError(f"{name}: expected a record stored as it is, found a compressed one")
        return archive.read(root + name)

    version = record("version").tobytes().strip()
    if not version.isdigit() or len(version) > 2 or int(version) not in _VERSIONS:
        raise CheckpointError(f"expected a version from {_VERSIONS[0]} to {_VERSIONS[-1]}, found {version[:20]!r}")
    order = record("byteorder").tobytes() if f"{root}byteorder" in archive.records else b"little"
    if order not in _ORDERS:
        raise CheckpointError(f"byteorder: expected little or big, found {order[:20]!r}")
    tensors = Tensors(lambda key: record(f"data/{key}"), _ORDERS[order])
    return Unpickler(record("data.pkl").tobytes(), tensors.names(), tensors.storage).load()


def _is_pickle(name: str) -> bool:
    return name.endswith("/data.pkl")


def _arrays(data: Any) -> Iterator[Array]:
    """Every array in plain data."""
    if isinstance(data, dict):
        data = data.values()
    elif not isinstance(data, list | tuple):
        if hasattr(data, "dtype"):
            yield data
        return
    for inner in data:
        yield from _arrays(inner)


def _tensor(array: Array, storages: Storages) -> Call:
    """What torch.load rebuilds the array from. PyTorch has no storage type for uint16, uint32 and uint64."""
    view = storages.view(array)
    untyped = array.dtype.name not in _STORAGE_OF
    run = storages.runs[view.storage]
    kind, length = (UNTYPED, run.nbytes) if untyped else (_STORAGE_OF[array.dtype.name], len(run))
    storage = Persistent(("storage", Name(kind), str(view.storage), "cpu", length))
    arguments = (storage, view.offset, view.shape, view.strides, False, Call((Name("collections.OrderedDict"),)))
    if untyped:
        return Call((Name("torch._utils._rebuild_tensor_v3"), *arguments, Name(f"torch.{array.dtype.name}")))
    return Call((Name("torch._utils._rebuild_tensor_v2"), *arguments))
