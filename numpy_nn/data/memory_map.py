"""Arrays that stay in their file until their rows are asked for."""

from __future__ import annotations

import os

import numpy as np

from numpy_nn.backend import Array


def memmap_npy(path: str | os.PathLike[str]) -> Array:
    """The array in a .npy file, mapped into memory: the system reads the pages that are touched, and drops them again.

    So a TensorDataset of it may be larger than the memory; its batches are copies.

    path: a file that numpy.save wrote, of numbers in the machine's byte order.
    Returns a read-only array. Raises FileNotFoundError, and ValueError where the file is something else or cut short.
    """
    try:
        mapped = np.lib.format.open_memmap(path, mode="r")
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path}: expected a whole .npy file of numbers, found another: {error}") from error
    if mapped.dtype.kind not in "biufc" or not mapped.dtype.isnative:
        raise ValueError(f"{path}: expected numbers in the machine's byte order, found {mapped.dtype.str}")
    return np.asarray(mapped)
