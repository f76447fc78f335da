"""An array that takes nothing for granted: NumPy's numbers behind CuPy's manners, for machines without a GPU.

A `StrictArray` meets other StrictArrays and Python numbers, nothing else. Where CuPy would raise, wait for the device
without being told to, or leave the result undefined, it raises TypeError, ValueError or AttributeError:

- no implicit conversion: np.f(x), a plain array, NumPy scalar or list beside it, float(x), bool(x), a loop over it;
- no boolean mask as an index, which waits for the device to count; no assignment to repeated indices;
- no name or keyword that CuPy lacks.

Two things pass, as they do on CuPy, and show in the result: an integer array used as an index wraps round its axis;
what is reduced or picked out stays an array, of no dimensions if need be. `strict` stands in for the module cupy.
Facts: CuPy 14.2, _core/_routines_indexing.pyx and _core/_kernel.pyx; test_cupy.py compares the tables with CuPy.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from numpy_nn import backend

ABSENT = frozenset(
    """
    False_ ScalarType True_ __array_namespace_info__ asmatrix block bmat busday_count busday_offset busdaycalendar
    bytes_ char character clongdouble complex256 core ctypeslib datetime64 datetime_as_string datetime_data dtypes
    einsum_path emath errstate f2py flexible float128 frompyfunc fromregex geomspace get_include getbufsize geterr
    geterrcall histogram_bin_edges info insert is_busday isnat little_endian longdouble ma matrix matvec memmap
    nanpercentile nanquantile ndenumerate nditer nested_iters object_ polyder polydiv polyint rec recarray record
    sctypeDict setbufsize seterr seterrcall show_runtime spacing str_ strings test timedelta64 typecodes unstack vecdot
    vecmat void

    linalg.diagonal linalg.matrix_norm linalg.multi_dot linalg.outer linalg.svdvals linalg.tensordot linalg.trace
    linalg.vecdot linalg.vector_norm

    ndarray.ctypes ndarray.getfield ndarray.resize ndarray.setfield ndarray.setflags ndarray.to_device
    """.split()
)
"""What NumPy has and CuPy has not."""

ABSENT_KEYWORDS = frozenset({"where", "initial", "mean", "correction", "device", "like", "stable", "sorted"})
"""Keywords of NumPy's functions that no function of CuPy's takes, copyto apart."""

UFUNC_KEYWORDS = frozenset({"out", "dtype", "casting"})
"""All the keywords that a ufunc of CuPy's takes."""

AT = frozenset({"add", "maximum", "minimum"})
"""The ufuncs whose method `at` takes floats in CuPy."""

AT_DTYPES = frozenset({"float32", "float64", "int32", "uint32", "uint64"})
"""What they take: there is no int64 among them."""


class StrictArray:
    """An array on the device "strict"."""

    __slots__ = ("_array",)
    __hash__ = None

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a strict array is never converted implicitly: call to_host or item of numpy_nn.backend")

    __array__ = __array_function__ = __bool__ = __iter__ = _refuse

    def __len__(self) -> int:
        return len(self._array)

    def __repr__(self) -> str:
        return f"strict {self._array!r}"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or f"ndarray.{name}" in ABSENT or name in ("data", "device", "flat"):
            raise AttributeError(f"a CuPy array has no {name}, or another than NumPy")
        attribute = getattr(self._array, name)
        return StrictFunction(attribute) if callable(attribute) else _strict(attribute)

    def __getitem__(self, key: Any) -> StrictArray:
        return StrictArray(self._array[_index(key, self.shape)])

    def __setitem__(self, key: Any, value: Any) -> None:
        index = _index(key, self.shape)
        if isinstance(value, StrictArray) and any(isinstance(part, np.ndarray) for part in index):
            places = np.arange(self.size).reshape(self.shape)[index]
            if np.unique(places).size < places.size:
                raise ValueError("assignment to repeated indices: CuPy keeps any one of them; use backend.scatter_add")
        self._array[index] = _plain(value)

    def take(self, indices: Any, axis: int | None = None, out: Any = None) -> StrictArray:
        """The elements at indices, which wrap round."""
        return _strict(np.take(self._array, *_plain((indices, axis, out)), mode="wrap"))


def _operator(name: str) -> Callable[..., StrictArray]:
    """An operator of NumPy's arrays, between strict arrays and Python numbers."""
    method = getattr(np.ndarray, name)
    in_place = name.startswith("__i") and name != "__invert__"

    def operate(self: StrictArray, *others: Any) -> StrictArray:
        if any(isinstance(other, list | tuple) for other in others):
            self._refuse()
        result = method(self._array, *_plain(others))
        return self if in_place else _strict(result)

    return operate


for _name in ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift"]:
    for _side in ("", "r", "i"):
        setattr(StrictArray, f"__{_side}{_name}__", _operator(f"__{_side}{_name}__"))
for _name in ["matmul", "rmatmul", "eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "abs", "invert"]:
    setattr(StrictArray, f"__{_name}__", _operator(f"__{_name}__"))


class StrictFunction:
    """A function of NumPy's, or a method of an array, as CuPy offers it."""

    def __init__(self, function: Any) -> None:
        self._function, self.__name__ = function, function.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        is_ufunc = isinstance(self._function, np.ufunc)
        absent = kwargs.keys() - UFUNC_KEYWORDS if is_ufunc else kwargs.keys() & ABSENT_KEYWORDS
        if absent:
            raise TypeError(f"{self.__name__} of CuPy takes no {min(absent)}")
        return _strict(self._function(*_plain(args), **{name: _plain(value) for name, value in kwargs.items()}))

    def at(self, a: StrictArray, indices: Any, b: Any) -> None:
        """The method of a ufunc, for the dtypes that CuPy has an atomic operation for; indices wrap round."""
        if self.__name__ not in AT or a.dtype.name not in AT_DTYPES:
            raise TypeError(f"{self.__name__}.at of CuPy does not take {a.dtype}")
        self._function.at(_plain(a), _index(indices, a.shape), _plain(b))


class StrictModule:
    """A module of NumPy's, as CuPy offers it."""

    ndarray = StrictArray

    def __init__(self, module: ModuleType, prefix: str = "") -> None:
        self._module, self._prefix = module, prefix

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if self._prefix + name in ("linalg", "lib", "lib.stride_tricks"):
            return StrictModule(found, f"{self._prefix}{name}.")
        if self._prefix + name in ABSENT or isinstance(found, ModuleType):
            raise AttributeError(f"no {self._prefix}{name}, in CuPy or for a formula")
        return StrictFunction(found) if callable(found) and not isinstance(found, type) else found

    def array(self, a: Any, dtype: Any = None) -> StrictArray:
        """A copy on the device: of a NumPy array, a strict one or a Python number."""
        return StrictArray(_copied(np.asarray(a._array if isinstance(a, StrictArray) else a, dtype)))

    def asarray(self, a: Any, dtype: Any = None) -> StrictArray:
        """A strict array as it is if the dtype is right, a copy of anything else."""
        same = isinstance(a, StrictArray) and (dtype is None or dtype == a.dtype)
        return a if same else self.array(a, dtype)

    def asnumpy(self, a: StrictArray) -> np.ndarray:
        """A copy on the host; waits for the device."""
        return a._array.copy()

    def take(self, a: StrictArray, indices: Any, axis: int | None = None, out: Any = None) -> StrictArray:
        """The elements of a at indices, which wrap round."""
        return a.take(indices, axis, out)

    def take_along_axis(self, a: StrictArray, indices: StrictArray, axis: int) -> StrictArray:
        """The elements of a at indices along an axis, round which they wrap."""
        plain = _plain(a)
        return _strict(np.take_along_axis(plain, _plain(indices) % max(plain.shape[axis], 1), axis))


strict = StrictModule(np)


def install() -> StrictModule:
    """Make "strict" a device of numpy_nn, and return its array library."""
    backend.register("strict", strict)
    return strict


def _copied(a: np.ndarray) -> np.ndarray:
    """A copy with the same strides, unlike CuPy's, so that NumPy adds up both in the same order, to the same bits."""
    if not a.size or any(stride == 0 and length > 1 for stride, length in zip(a.strides, a.shape, strict=True)):
        return a.copy(order="K")
    low, high = np.lib.array_utils.byte_bounds(a)
    memory = np.empty(high - low, np.uint8)
    copy = np.ndarray(a.shape, a.dtype, memory, a.__array_interface__["data"][0] - low, a.strides)
    copy[...] = a
    return copy


def _plain(value: Any) -> Any:
    """An argument as NumPy takes it; TypeError for what CuPy does not mix with: plain arrays, and lists of anything."""
    if isinstance(value, StrictArray):
        return value._array
    if isinstance(value, np.ndarray | np.generic):
        raise TypeError(f"{type(value).__name__} beside a strict array: move it with numpy_nn.backend.to_device")
    if isinstance(value, list) and not all(isinstance(item, StrictArray) for item in value):
        raise TypeError("a list in place of an array")
    return type(value)(map(_plain, value)) if isinstance(value, list | tuple) else value


def _strict(result: Any) -> Any:
    """A result of NumPy's, with its arrays and scalars made strict; array_equal gives an array, too, on CuPy."""
    if isinstance(result, np.ndarray | np.generic | bool):
        return StrictArray(np.asarray(result))
    if isinstance(result, tuple):  # one with names, of qr or svd, too
        return tuple(map(_strict, result))
    return list(map(_strict, result)) if isinstance(result, list) else result


def _index(key: Any, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """A key as NumPy takes it: integer arrays wrapped round their axis; the Ellipsis makes one element a 0-d view."""
    parts = key if isinstance(key, tuple) else (key,)
    if not any(part is Ellipsis for part in parts):
        parts = (*parts, Ellipsis)
    skipped = len(shape) - sum(part is not None and part is not Ellipsis for part in parts)
    index, axis = [], 0
    for part in parts:
        if isinstance(part, StrictArray):
            if part.dtype.kind not in "iu":
                raise TypeError(f"an index of {part.dtype}: CuPy waits for the device to count a mask; use where")
            part = part._array % max(shape[axis], 1)
        elif not isinstance(part, int | slice | None) and part is not Ellipsis:
            raise TypeError(f"an index of {type(part).__name__}: expected an int, a slice or a strict array")
        index.append(part)
        axis += skipped if part is Ellipsis else part is not None
    return tuple(index)
