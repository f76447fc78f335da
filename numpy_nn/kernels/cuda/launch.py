"""From a .cu file beside this one to a launch. Nothing here imports CuPy: an array brings its library with it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from numpy_nn.backend import Array, array_module, is_array

THREADS = 256
"""The threads of a block, at most: a power of two."""

WARP = 32
"""The threads that a GPU moves at a time."""


def plain(*arrays: Array | None) -> bool:
    """Whether all of these, where they are not None, are CuPy arrays of float32, or all of float64."""
    given = [array for array in arrays if array is not None]
    return all(
        is_array(array) and hasattr(array_module(array), "RawKernel") and array.dtype == given[0].dtype
        for array in given
    ) and (given[0].dtype.char in "fd")


def flat(x: Array) -> Array:
    """The values of x in C order, (n,), next to one another: a view where they lie like that, else a copy."""
    return array_module(x).ascontiguousarray(x.reshape(-1))


def for_each(count: int) -> int:
    """Blocks enough for so many threads: there may be more of them, and there is always one."""
    return count // THREADS + 1


def launch(x: Array, file: str, name: str, blocks: int, *args: Any, threads: int = THREADS, **macros: str) -> None:
    """Run a kernel out of a file, on x's device, with so many blocks.

    args: contiguous arrays, of which it gets the first value's place; Python ints, its `long long`; Python floats, its
    REAL, which is x's dtype.  threads: how many a block has.  macros: what names in the source stand for.
    """
    macros |= {"REAL": "float" if x.dtype.char == "f" else "double", "THREADS": str(threads)}
    kernel = compiled(array_module(x), file, name, tuple(macros.items()))
    kernel((blocks,), (threads,), tuple(x.dtype.type(arg) if type(arg) is float else arg for arg in args))


@cache
def compiled(xp: Any, file: str, name: str, macros: tuple[tuple[str, str], ...]) -> Any:
    """A kernel, ready to be called with (grid, block, args); on each GPU it is compiled by its first call."""
    return xp.RawKernel(code(file, macros), name)


def code(file: str, macros: tuple[tuple[str, str], ...]) -> str:
    """What is compiled: the source, after a line for each macro."""
    return "".join(f"#define {macro} {text}\n" for macro, text in macros) + source(file)


def source(file: str) -> str:
    """What is written in a file."""
    return Path(__file__).with_name(file).read_text(encoding="utf-8")
