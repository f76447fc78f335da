"""PyTorch's tensors in a pickle: the names that may occur, and the arrays that are made of them."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.checkpoint.dtypes import numbers
from numpy_nn.checkpoint.errors import CheckpointError
from numpy_nn.checkpoint.storages import EXPANDED_MOST, placed
from numpy_nn.checkpoint.unpickling import Function, Names

STORAGES = {
    "torch.BoolStorage": "bool",
    "torch.ByteStorage": "uint8",
    "torch.CharStorage": "int8",
    "torch.ShortStorage": "int16",
    "torch.IntStorage": "int32",
    "torch.LongStorage": "int64",
    "torch.HalfStorage": "float16",
    "torch.BFloat16Storage": "bfloat16",
    "torch.FloatStorage": "float32",
    "torch.DoubleStorage": "float64",
    "torch.ComplexFloatStorage": "complex64",
    "torch.ComplexDoubleStorage": "complex128",
}
UNTYPED = "torch.storage.UntypedStorage"
"""Of the dtypes that have no storage of their own: bytes, and the dtype stands beside the tensor."""
DTYPES = {f"torch.{name}": name for name in (*STORAGES.values(), "uint16", "uint32", "uint64")}
AXES_MOST = 64
"""NumPy's limit."""
NUMBER_MOST = 1 << 58
"""For offsets, sides and strides: 16 bytes times less than this is a number of 64 bits to NumPy."""


class Storage:
    """A storage as the pickle names it: its key, and its type. No tuple: the pickle may hold those."""

    def __init__(self, key: str, type: str) -> None:
        self.key, self.type = key, type


class Tensors:
    """The storages of a file and the arrays in them. read: the bytes of the storage of a key, and their byte order."""

    def __init__(self, read: Callable[[str], Array], order: Literal["<", ">"]) -> None:
        self._read, self._order = read, order
        self._bytes: dict[str, Array] = {}
        self._runs: dict[tuple[str, str], Array] = {}

    def storage(self, identity: Any) -> Storage:
        """What ("storage", type, key, device, length) stands for."""
        match identity:
            case (str("storage"), str(kind), str(key), str(), int(length)) if kind in STORAGES or kind == UNTYPED:
                itemsize = 1 if kind == UNTYPED else _itemsize(STORAGES[kind])
                if key not in self._bytes:
                    self._bytes[key] = self._read(key)
                if length * itemsize != len(self._bytes[key]):
                    found = len(self._bytes[key])
                    raise CheckpointError(
                        f"data/{key}: expected {length} numbers of {itemsize} bytes, found {found} bytes"
                    )
                return Storage(key, kind)
        raise CheckpointError(f"data.pkl: expected a storage, found {_short(identity)}")

    def names(self) -> Names:
        """Every name that may occur, and what it stands for."""
        return {
            **{name: name for name in (*STORAGES, UNTYPED, *DTYPES)},
            "torch._utils._rebuild_tensor_v2": Function(self._typed),
            "torch._utils._rebuild_tensor_v3": Function(self._untyped),
            "torch._utils._rebuild_parameter": Function(_parameter),
            "torch._utils._rebuild_parameter_with_state": Function(_parameter),
            "torch.Size": Function(_size),
            "torch.device": Function(_device),
            "collections.OrderedDict": Function(_ordered_dict),
            "collections.Counter": Function(_counter),
            "_codecs.encode": Function(_encoded),
            "builtins.bytes": Function(_empty_bytes),
        }

    def _typed(self, arguments: tuple[Any, ...]) -> Array:
        match arguments:
            case (Storage() as storage, offset, shape, strides, bool(), _, *flags) if storage.type in STORAGES:
                _check_flags(flags)
                return self._array(storage.key, STORAGES[storage.type], offset, shape, strides)
        raise _odd("_rebuild_tensor_v2", arguments)

    def _untyped(self, arguments: tuple[Any, ...]) -> Array:
        match arguments:
            case (Storage(type=t) as storage, offset, shape, strides, bool(), _, str(dtype), *flags) if t == UNTYPED:
                _check_flags(flags)
                if dtype in DTYPES:
                    return self._array(storage.key, DTYPES[dtype], offset, shape, strides)
        raise _odd("_rebuild_tensor_v3", arguments)

    def _array(self, key: str, dtype: str, offset: Any, shape: Any, strides: Any) -> Array:
        """The array at an offset of a storage; it lies inside, or CheckpointError is raised."""
        where = f"data/{key}: expected a tensor in its storage, found"
        values = (offset, *shape, *strides) if type(shape) is type(strides) is tuple else (None,)
        sound = all(type(value) is int and 0 <= value < NUMBER_MOST for value in values)
        if not sound or not len(shape) == len(strides) <= AXES_MOST:
            raise CheckpointError(f"{where} offset {_short(offset)}, shape {_short(shape)}, strides {_short(strides)}")
        if (key, dtype) not in self._runs:
            self._runs[key, dtype] = numbers(self._bytes[key], dtype, self._order)
        run = self._runs[key, dtype]
        size = math.prod(shape)
        last = offset + sum((side - 1) * stride for side, stride in zip(shape, strides, strict=True))
        if last >= len(run) if size else offset > len(run):
            raise CheckpointError(f"{where} offset {offset}, shape {shape}, strides {strides} in {len(run)} numbers")
        if size * run.itemsize > max(run.nbytes, EXPANDED_MOST):
            raise CheckpointError(f"{where} shape {shape}, expanded from {len(run)} numbers")
        if size:
            return placed(run, (offset, shape, strides))
        try:
            return np.empty(shape, run.dtype)
        except ValueError as error:
            raise CheckpointError(f"{where} shape {shape}: {error}") from None


def _itemsize(dtype: str) -> int:
    return 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize


def _check_flags(flags: list[Any]) -> None:
    """The tensor is stored as it is, not to be conjugated or negated on reading."""
    if not all(flag is None or (type(flag) is dict and not flag) for flag in flags):
        raise CheckpointError(
            f"data.pkl: expected a tensor without flags, found {_short(flags)}; save x.resolve_conj()"
        )


def _parameter(arguments: tuple[Any, ...]) -> Array:
    """nn.Parameter: its data, whether it learns, and hooks; an attribute it was given is left out."""
    match arguments:
        case (np.ndarray() as data, bool(), OrderedDict()) | (np.ndarray() as data, bool(), OrderedDict(), dict()):
            return data
    raise _odd("_rebuild_parameter", arguments)


def _size(arguments: tuple[Any, ...]) -> tuple[int, ...]:
    match arguments:
        case (tuple(sides),):
            return sides
    raise _odd("torch.Size", arguments)


def _device(arguments: tuple[Any, ...]) -> str:
    match arguments:
        case (str(kind),):
            return kind
        case (str(kind), int(number)):
            return f"{kind}:{number}"
    raise _odd("torch.device", arguments)


def _ordered_dict(arguments: tuple[Any, ...]) -> OrderedDict[Any, Any]:
    if arguments:
        raise _odd("OrderedDict", arguments)
    return OrderedDict()


def _counter(arguments: tuple[Any, ...]) -> Counter[Any]:
    match arguments:
        case (dict() as counts,):
            return Counter(counts)
    raise _odd("Counter", arguments)


def _encoded(arguments: tuple[Any, ...]) -> bytes:
    """Bytes as protocol 2 has them: a text of as many characters."""
    match arguments:
        case (str(text), str("latin1")) if not text or max(text) < "\u0100":
            return text.encode("latin-1")
    raise _odd("_codecs.encode", arguments)


def _empty_bytes(arguments: tuple[Any, ...]) -> bytes:
    if arguments:
        raise _odd("bytes", arguments)
    return b""


def _odd(name: str, arguments: tuple[Any, ...]) -> CheckpointError:
    return CheckpointError(f"data.pkl: expected the arguments that torch.save gives {name}, found {_short(arguments)}")


def _short(value: Any) -> str:
    """The kind of a value, or itself where it is short: a hostile one may be endless."""
    if type(value) is tuple:
        return f"({', '.join(map(_kind, value[:8]))}{', …' if len(value) > 8 else ''})"
    return _kind(value)


def _kind(value: Any) -> str:
    return (
        repr(value) if type(value) in (bool, int, str, type(None)) and len(repr(value)) < 40 else type(value).__name__
    )
