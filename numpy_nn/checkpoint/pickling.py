"""Plain data as a pickle of protocol 2, in the words of torch.save.

Nothing is put into the memo: the text is a little longer and says everything where it stands.
"""

from __future__ import annotations

import struct
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

from numpy_nn.checkpoint import opcodes as op


class Name(str):
    """The full name of a class or function, such as "torch.FloatStorage"."""

    __slots__ = ()


class Call(tuple[Any, ...]):
    """A function's name and the arguments it is called with on reading."""

    __slots__ = ()


class Persistent(tuple[Any, ...]):
    """What stands for a storage."""

    __slots__ = ()


def dumps(data: Any, tensor: Callable[[Any], Call]) -> bytes:
    """The pickle of plain data. tensor: says what an array is rebuilt from."""
    out = bytearray(op.PROTO + b"\x02")

    def put(value: Any) -> None:
        match value:
            case None:
                out.extend(op.NONE)
            case bool():
                out.extend(op.NEWTRUE if value else op.NEWFALSE)
            case int():
                out.extend(_integer(value))
            case float():
                out.extend(op.BINFLOAT + struct.pack(">d", value))
            case Name():
                module, _, name = value.rpartition(".")
                out.extend(op.GLOBAL + f"{module}\n{name}\n".encode())
            case str():
                text = value.encode("utf-8", "surrogatepass")
                out.extend(op.BINUNICODE + struct.pack("<I", len(text)) + text)
            case bytes():
                put(Call((Name("_codecs.encode"), value.decode("latin-1"), "latin1")))
            case Call():
                put(value[0])
                put(value[1:])
                out.extend(op.REDUCE)
            case Persistent():
                put(tuple(value))
                out.extend(op.BINPERSID)
            case tuple():
                items(op.MARK, value, op.TUPLE)
            case list():
                items(op.EMPTY_LIST + op.MARK, value, op.APPENDS)
            case Counter():
                put(Call((Name("collections.Counter"), dict(value))))
            case dict():
                if isinstance(value, OrderedDict):
                    put(Call((Name("collections.OrderedDict"),)))
                else:
                    out.extend(op.EMPTY_DICT)
                items(op.MARK, [part for pair in value.items() for part in pair], op.SETITEMS)
            case _:
                put(tensor(value))

    def items(start: bytes, values: Any, end: bytes) -> None:
        out.extend(start)
        for value in values:
            put(value)
        out.extend(end)

    put(data)
    return bytes(out + op.STOP)


def _integer(value: int) -> bytes:
    if 0 <= value < 256:
        return op.BININT1 + bytes([value])
    if -(2**31) <= value < 2**31:
        return op.BININT + struct.pack("<i", value)
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return op.LONG1 + bytes([len(data)]) + data
