"""A stand-in for CuPy's RawKernel: CUDA sources compiled by the host's C++ compiler, for machines without a GPU.

`emulated` gives it to the strict array's library, so that kernels.cuda takes strict arrays for a GPU's. What CuPy would
pass to a kernel unseen is looked at here: numbers and types of the arguments, and that arrays are contiguous. Kernels
work on copies with a margin of nan, in which nothing may be written, and arrays of any values start as nan. What is not
emulated: threads at the same moment, so that an addition that ought to be atomic cannot be told from one that is.
Facts: CuPy 14.2, cuda/function.pyx: Python's int is an int64 and its float a float64, NumPy's scalars
are what they are.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CDLL, POINTER, addressof, c_bool, c_double, c_float, c_longlong, c_uint, c_void_p
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from numpy_nn.kernels.cuda import launch
from parity_tests.strict import StrictArray, StrictFunction, strict

COMPILER = shutil.which("c++") if sys.platform == "linux" else None
MISSING = "needs a C++ compiler, c++, on Linux, to run CUDA sources on the host"

HEADER = Path(__file__).with_name("emulation.h")
MARGIN = 512
"""Values before and after each array, in which nothing may be written: more than a block has threads."""

SCALARS = {np.dtype("f4"): c_float, np.dtype("f8"): c_double, np.dtype("i8"): c_longlong}

launched: list[str] = []
"""The kernels that ran, by name, since the last `emulated` began."""


class RawKernel:
    """A kernel of a source, called as CuPy's is."""

    backwards = False

    def __init__(self, code: str, name: str) -> None:
        self.name, self._code = name, code
        found = re.findall(rf'extern "C" __global__ void {name}\(([^)]*)\)', code)
        assert len(found) == 1, f"{name}: expected one kernel of this name, found {len(found)}"
        real = re.search(r"^#define REAL (\w+)$", code, re.MULTILINE)
        self._types = [_type(parameter, real[1] if real else "") for parameter in found[0].split(",")]

    def __call__(self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]) -> None:
        launched.append(self.name)
        assert (len(grid), len(block)) == (1, 1)
        assert grid[0] > 0
        assert 0 < block[0] <= 1024
        assert len(args) == len(self._types), f"{self.name}: {len(args)} arguments, expected {len(self._types)}"
        copies: dict[int, Copy] = {}
        values = []
        for place, (arg, (dtype, pointer, _)) in enumerate(zip(args, self._types, strict=True)):
            what = f"{self.name}, argument {place}"
            if pointer:
                assert isinstance(arg, StrictArray), f"{what}: expected an array, got {type(arg).__name__}"
                assert arg.dtype == dtype, f"{what}: expected {dtype}, got {arg.dtype}"
                assert arg.flags.c_contiguous, f"{what}: expected an array in C order"
                values.append(c_void_p(copies.setdefault(_address(arg), Copy(arg)).address))
            else:
                given = np.dtype(type(arg)) if type(arg) in (int, float) else arg.dtype
                assert given == dtype, f"{what}: expected {dtype}, got {given}"
                values.append(SCALARS[dtype](arg))
        pointers = (c_void_p * len(values))(*map(addressof, values))
        assert compiled(self._code, self.name)(pointers, grid[0], block[0], self.backwards), (
            f"{self.name}: some threads of a block ended while others waited for them"
        )
        kinds = zip(args, self._types, strict=True)
        written = {_address(arg) for arg, (_, pointer, constant) in kinds if pointer and not constant}
        for address, copy in copies.items():
            copy.take_back(self.name, address in written)


class Copy:
    """An array's values between two margins."""

    def __init__(self, array: StrictArray) -> None:
        self.array = array._array
        self.memory = np.full(self.array.size + 2 * MARGIN, 0, self.array.dtype)
        self.memory.view(np.uint8)[...] = 0xFF  # nan, or −1
        self.inner = self.memory[MARGIN : MARGIN + self.array.size]
        self.inner[...] = self.array.reshape(-1)
        self.address = self.inner.ctypes.data

    def take_back(self, name: str, written: bool) -> None:
        """What a kernel has left: between the margins the array's values, if it is one that is written."""
        edges = np.concatenate([self.memory[:MARGIN], self.memory[MARGIN + self.array.size :]])
        assert (edges.view(np.uint8) == 0xFF).all(), f"{name}: wrote outside an array"
        if written:
            self.array[...] = self.inner.reshape(self.array.shape)


class Backwards(RawKernel):
    """The same, the last thread of a block beginning."""

    backwards = True


@contextmanager
def emulated(kernel: type = RawKernel) -> Iterator[list[str]]:
    """Strict arrays are a GPU's for this long; gives the names of the kernels that run."""
    launched.clear()
    launch.compiled.cache_clear()
    given = {"RawKernel": kernel, "empty": _of_nan(np.empty), "empty_like": _of_nan(np.empty_like)}
    vars(strict).update(given)
    try:
        yield launched
    finally:
        for name in given:
            delattr(strict, name)
        launch.compiled.cache_clear()


def _of_nan(function: Callable[..., np.ndarray]) -> Callable[..., StrictArray]:
    """An array of any values has nan, not what happens to lie there: often what ought to be written."""

    def empty(*args: Any, **kwargs: Any) -> StrictArray:
        array = StrictFunction(function)(*args, **kwargs)
        array._array[...] = np.nan if array.dtype.kind == "f" else -1
        return array

    return empty


@cache
def compiled(code: str, name: str) -> Any:
    """A kernel on the host, as a function of its arguments' places, the blocks, the threads, and who begins."""
    library = _library(code)
    function = library[f"host_{name}"]
    function.argtypes, function.restype = [POINTER(c_void_p), c_uint, c_uint, c_bool], c_bool
    return function


@cache
def _library(code: str) -> CDLL:
    names = re.findall(r'extern "C" __global__ void (\w+)\(', code)
    calls = "".join(
        f"static void call_{name}(void **args) {{ call({name}, args); }}\n"
        f'extern "C" bool host_{name}(void **args, unsigned blocks, unsigned threads, bool backwards)\n'
        f"{{ return run(call_{name}, args, blocks, threads, backwards); }}\n"
        for name in names
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{sha256(code.encode()).hexdigest()[:16]}.so"
        command = [COMPILER, "-std=c++17", "-O1", "-shared", "-fPIC", "-x", "c++", "-", "-o", str(path)]
        text = HEADER.read_text() + code + calls
        subprocess.run(command, input=text, text=True, check=True, capture_output=True)
        return CDLL(str(path))


def _type(parameter: str, real: str) -> tuple[np.dtype, bool, bool]:
    """The dtype of a parameter of a kernel, whether it is an array, and whether one that is only read."""
    found = re.fullmatch(r"\s*(const )?(REAL|long long) (\*?)\w+\s*", parameter)
    assert found, f"a parameter of a kernel: expected REAL or long long, got {parameter.strip()!r}"
    dtype = np.dtype({"float": "f4", "double": "f8"}[real] if found[2] == "REAL" else "i8")
    return dtype, bool(found[3]), bool(found[1])


def _address(array: StrictArray) -> int:
    return array._array.__array_interface__["data"][0]
