"""NumPy's .npz: a ZIP file with an array in each record, and the structure of the data in one more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from numpy_nn.checkpoint import npy, structure
from numpy_nn.checkpoint.archive import Archive, is_plain
from numpy_nn.checkpoint.errors import CheckpointError
from numpy_nn.checkpoint.packing import Packer

STRUCTURE = "structure.json"
_NAME_MOST = 1000


def prepare(data: Any) -> Callable[[BinaryIO], None]:
    """What writes plain data to a file. Raises ValueError where it is too large."""
    text, arrays = structure.taken_apart(data, _allowed)

    def write(file: BinaryIO) -> None:
        packer = Packer(file)
        for name, array in arrays.items():
            packer.add(f"{name}.npy", npy.parts(array))
        if not structure.is_flat(data, arrays):
            packer.add(STRUCTURE, [text.encode()])
        packer.close()

    return write


def read(file: BinaryIO) -> Any:
    """The data in a file; a dict of arrays where it has no structure. Raises CheckpointError."""
    archive = Archive(file)
    arrays = {}
    for name in archive.records:
        if name != STRUCTURE:
            if not name.endswith(".npy"):
                raise CheckpointError(f"{name}: expected arrays, whose names end in .npy")
            try:
                arrays[name.removesuffix(".npy")] = npy.read(archive.read(name))
            except CheckpointError as error:
                raise CheckpointError(str(error) if str(error).startswith(name) else f"{name}: {error}") from None
    if STRUCTURE not in archive.records:
        return arrays
    return structure.put_together(archive.read(STRUCTURE).tobytes(), arrays)


def _allowed(name: str) -> bool:
    """Whether an array may be called that in a ZIP file."""
    return is_plain(name) and name.isprintable() and len(name.encode()) <= _NAME_MOST
