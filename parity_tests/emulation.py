"""A stand-in for CuPy's RawKernel: CUDA sources compiled by the host's C++ compiler, for machines without a GPU.

`emulated` gives it to the strict array's library, so that kernels.cuda takes strict arrays for a GPU's. What CuPy would
pass to a kernel unseen is looked at here: numbers and types of the arguments, and that arrays are contiguous. Kernels
work on copies with a margin of nan, in which nothing may be written, and arrays of any values start as nan. So they do
on arrays that they find by a place in a table, `array.data.ptr`, which holds until the next launch is done. What is not
emulated: threads at the same moment, so that an addition that ought to be atomic cannot be told from one that is.
Facts: CuPy 14.2, cuda/function.pyx: Python's int is an int64 and its float a float64, NumPy's scalars
are what they are, and an array of NumPy's with one value is passed by value.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CDLL, POINTER, addressof, c_bool, c_char, c_double, c_float, c_longlong, c_uint, c_void_p
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from numpy_nn.backend import memory_order
from numpy_nn.kernels.cuda import launch
from parity_tests.strict import StrictArray, StrictFunction, strict

COMPILER = shutil.which("c++") if sys.platform == "linux" else None
needs_compiler = pytest.mark.skipif(
    COMPILER is None, reason="needs a C++ compiler, c++, on Linux, to run CUDA sources on the host"
)

HEADER = Path(__file__).with_name("emulation.h")
MARGIN = 2048
"""Values before and after each array, in which nothing may be written: more than a block works on."""

MARGINS = {np.dtype("f4"): 0x7FA00001, np.dtype("f8"): 0x7FF4000000000001, np.dtype("i8"): 2**64 - 1}
"""What stands there: a nan that no operation gives back as it is (it signals; what comes of it is quiet), or −1."""

SCALARS = {np.dtype("f4"): c_float, np.dtype("f8"): c_double, np.dtype("i8"): c_longlong}

launched: list[str] = []
"""The kernels that ran, by name, since the last `emulated` began."""

pointed: dict[int, Copy] = {}
"""The copies of arrays whose place was asked for since the last launch, by the array's own place."""


class RawKernel:
    """A kernel of a source, called as CuPy's is."""

    backwards = False

    def __init__(self, code: str, name: str) -> None:
        self.name, self._code = name, code
        found = re.findall(rf'extern "C" __global__ void {name}\(([^)]*)\)', code)
        assert len(found) == 1, f"{name}: expected one kernel of this name, found {len(found)}"
        macros = dict(re.findall(r"^#define (\w+) (\w+)$", code, re.MULTILINE))
        self._real = np.dtype({"float": "f4", "double": "f8"}[macros["REAL"]])
        self._types = [_type(parameter, macros) for parameter in found[0].split(",")]

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
            if dtype.kind == "V":
                assert type(arg) is np.ndarray, f"{what}: expected a NumPy array, got {type(arg).__name__}"
                assert (arg.size, arg.dtype) == (1, dtype), f"{what}: expected one {dtype}, got {arg.size} {arg.dtype}"
                values.append((c_char * dtype.itemsize).from_buffer_copy(arg))
            elif pointer:
                assert isinstance(arg, StrictArray), f"{what}: expected an array, got {type(arg).__name__}"
                assert arg.dtype == dtype, f"{what}: expected {dtype}, got {arg.dtype}"
                assert arg.flags.c_contiguous, f"{what}: expected an array in C order"
                values.append(c_void_p(copies.setdefault(_address(arg), Copy(arg)).address))
            else:
                given = np.dtype(type(arg)) if type(arg) in (int, float) else arg.dtype
                assert given == dtype, f"{what}: expected {dtype}, got {given}"
                values.append(SCALARS[dtype](arg))
        for copy in pointed.values():
            assert copy.array.dtype == self._real, f"{self.name}: a place of {copy.array.dtype}, expected {self._real}"
            copy.inner[...] = copy.array.reshape(-1)  # which may have changed since
        pointers = (c_void_p * len(values))(*map(addressof, values))
        assert compiled(self._code, self.name)(pointers, grid[0], block[0], self.backwards), (
            f"{self.name}: some threads of a block ended while others waited for them"
        )
        kinds = zip(args, self._types, strict=True)
        written = {_address(arg) for arg, (_, pointer, constant) in kinds if pointer and not constant}
        for address, copy in copies.items():
            copy.take_back(self.name, address in written)
        for copy in pointed.values():
            copy.take_back(self.name, True)
        pointed.clear()


class Copy:
    """An array's values between two margins."""

    def __init__(self, array: StrictArray) -> None:
        self.array = array._array
        self.memory = np.empty(self.array.size + 2 * MARGIN, self.array.dtype)
        self.bits = self.memory.view(f"u{self.memory.itemsize}")
        self.bits[...] = MARGINS[self.array.dtype]
        self.inner = self.memory[MARGIN : MARGIN + self.array.size]
        self.inner[...] = self.array.reshape(-1)
        self.address = self.inner.ctypes.data

    def take_back(self, name: str, written: bool) -> None:
        """What a kernel has left: between the margins the array's values, if it is one that is written."""
        edges = np.concatenate([self.bits[:MARGIN], self.bits[MARGIN + self.array.size :]])
        assert (edges == MARGINS[self.array.dtype]).all(), f"{name}: wrote outside an array"
        if written:
            self.array[...] = self.inner.reshape(self.array.shape)


class Pointer:
    """Where an array's memory is: `data` of an array of CuPy's."""

    def __init__(self, array: StrictArray) -> None:
        self._array = array

    @property
    def ptr(self) -> int:
        """The place of the first value, if all lie in one piece from there on."""
        lying = self._array.transpose(*memory_order(self._array))
        assert lying.flags.c_contiguous, "a pointer: expected an array in one piece"
        return pointed.setdefault(_address(lying), Copy(lying)).address


class Backwards(RawKernel):
    """The same, the last thread of a block beginning."""

    backwards = True


@contextmanager
def emulated(kernel: type = RawKernel) -> Iterator[list[str]]:
    """Strict arrays are a GPU's for this long; gives the names of the kernels that run."""
    launched.clear()
    launch.compiled.cache_clear()
    pointed.clear()
    StrictArray.data = property(Pointer)  # type: ignore[attr-defined]
    given = {"RawKernel": kernel, "empty": _of_nan(np.empty), "empty_like": _of_nan(np.empty_like)}
    vars(strict).update(given)
    try:
        yield launched
    finally:
        for name in given:
            delattr(strict, name)
        del StrictArray.data  # type: ignore[attr-defined]
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


def _type(parameter: str, macros: dict[str, str]) -> tuple[np.dtype, bool, bool]:
    """The dtype of a parameter of a kernel, whether it is an array, and whether one that is only read."""
    if re.fullmatch(r"\s*const __grid_constant__ Table \w+\s*", parameter):
        return np.dtype(f"V{8 * int(macros['CELLS'])}"), False, True
    found = re.fullmatch(r"\s*(const )?(REAL|long long) (\*?)\w+\s*", parameter)
    assert found, f"a parameter of a kernel: expected REAL, long long or Table, got {parameter.strip()!r}"
    dtype = np.dtype({"float": "f4", "double": "f8"}[macros["REAL"]] if found[2] == "REAL" else "i8")
    return dtype, bool(found[3]), bool(found[1])


def _address(array: StrictArray) -> int:
    return array._array.__array_interface__["data"][0]
