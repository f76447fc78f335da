"""Reading a pickle that may hold anything, by an interpreter of just the opcodes that torch.save writes.

Python's own unpickler calls what the file names. This one knows no way to a module: a name is looked up in a table,
and what stands there is a function of this package, or a plain string. Every length is checked before memory is taken.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from numpy_nn.checkpoint import opcodes as op
from numpy_nn.checkpoint import plain
from numpy_nn.checkpoint.errors import CheckpointError

PICKLE_MOST = 1 << 24
OPCODES_MOST = 1_000_000
"""A pickle takes about 25 opcodes for a tensor, each of which takes at most some 200 bytes of memory."""

_LONG_MOST = 255
_MARK = object()


class Function:
    """What may stand for a function in a pickle: called with the tuple of arguments, it returns plain data."""

    def __init__(self, call: Callable[[tuple[Any, ...]], Any]) -> None:
        self.call = call


Names = Mapping[str, str | Function]


class Unpickler:
    """Reads one pickle.

    data: its bytes.  names: what each allowed name stands for.  persistent: gives the storage that a tuple describes.
    """

    def __init__(self, data: bytes, names: Names, persistent: Callable[[Any], Any]) -> None:
        self.data, self.place = data, 0
        self.names, self.persistent = names, persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def load(self) -> Any:
        """The data, a copy without shared containers. Raises CheckpointError for anything that is not plain."""
        if len(self.data) > PICKLE_MOST:
            raise CheckpointError(f"data.pkl: expected at most {PICKLE_MOST} bytes, found {len(self.data)}")
        data, size, steps = self.data, len(self.data), 0
        while self.place < size:
            code = data[self.place]
            self.place += 1
            steps += 1
            if steps > OPCODES_MOST:
                raise self.wrong(f"at most {OPCODES_MOST} opcodes", "more")
            if code == _STOP:
                return self.result(1000 + 10 * steps)
            step = _STEPS.get(code)
            if step is None:
                raise self.wrong("opcodes that torch.save writes", f"{bytes([code])!r}")
            step(self)
        raise self.wrong("an end", "none")

    def result(self, most: int) -> Any:
        """What is left on the stack at the end."""
        if self.place != len(self.data) or len(self.stack) != 1:
            raise self.wrong(
                "one object and the end", f"{len(self.stack)} and {len(self.data) - self.place} more bytes"
            )
        try:
            return plain.copied(self.stack[0], most)
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"data.pkl: {error}") from None

    def wrong(self, expected: str, found: str) -> CheckpointError:
        """What to raise, with the place in the pickle."""
        return CheckpointError(f"data.pkl: expected {expected} before byte {self.place}, found {found}")

    def take(self, length: int) -> bytes:
        """The next bytes."""
        if length > len(self.data) - self.place:
            raise self.wrong(f"{length} bytes", f"the end after {len(self.data) - self.place}")
        self.place += length
        return self.data[self.place - length : self.place]

    def line(self) -> str:
        """The next bytes up to the end of the line."""
        end = self.data.find(b"\n", self.place, self.place + 1000)
        if end < 0:
            raise self.wrong("a line", "no end of one")
        return self.text(self.take(end + 1 - self.place)[:-1])

    def text(self, data: bytes) -> str:
        """Bytes as text."""
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise self.wrong("text in UTF-8", f"{data[:40]!r}") from None

    def number(self, form: str) -> Any:
        """The next number, as struct has it."""
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def pop(self, *kinds: type) -> Any:
        """The top of the stack, of one of these types exactly; of any without."""
        if not self.stack or self.stack[-1] is _MARK:
            raise self.wrong("a value on the stack", "none")
        value = self.stack.pop()
        if kinds and type(value) not in kinds:
            raise self.wrong(" or ".join(kind.__name__ for kind in kinds), type(value).__name__)
        return value

    def pop_to_mark(self) -> list[Any]:
        """What lies on the stack above the last mark, which goes too."""
        for number in range(len(self.stack) - 1, -1, -1):
            if self.stack[number] is _MARK:
                values = self.stack[number + 1 :]
                del self.stack[number:]
                return values
        raise self.wrong("a mark on the stack", "none")

    def pop_tuple(self, length: int | None) -> None:
        """Put a tuple in the place of its items."""
        items = self.pop_to_mark() if length is None else [self.pop() for _ in range(length)][::-1]
        self.stack.append(tuple(items))

    def protocol(self) -> None:
        """Check the number of the protocol."""
        if self.take(1)[0] not in range(2, 6):
            raise self.wrong("a protocol of 1 to 5", f"{self.data[self.place - 1]}")

    def frame(self) -> None:
        """Check a frame's length, which is of no other use here."""
        length = self.number("<Q")
        if length > len(self.data) - self.place:
            raise self.wrong(f"a frame of {length} bytes", "the end")

    def decimal(self) -> None:
        """An int written out, as protocol 1 does; 00 and 01 are False and True."""
        line = self.line().removesuffix("L")
        if line in ("00", "01"):
            self.stack.append(line == "01")
        elif not line.lstrip("-").isascii() or not line.lstrip("-").isdigit():
            raise self.wrong("an integer", repr(line))
        else:
            self.stack.append(int(line))

    def append(self, items: list[Any]) -> None:
        """Add to the list on the stack."""
        self.stack.append(target := self.pop(list))
        target.extend(items)

    def set_items(self, items: list[Any]) -> None:
        """Add keys and values in turn to the dict on the stack."""
        self.stack.append(target := self.pop(dict, OrderedDict))
        if len(items) % 2:
            raise self.wrong("a value for every key", f"{len(items)} in all")
        for key, value in zip(items[::2], items[1::2], strict=True):
            try:
                plain.check_key(key)
            except (TypeError, ValueError) as error:
                raise CheckpointError(f"data.pkl: {error}") from None
            target[key] = value

    def put(self, number: int) -> None:
        """Keep the top of the stack under a number."""
        self.memo[number] = self.pop()
        self.stack.append(self.memo[number])

    def get(self, number: int) -> None:
        """What was kept under a number."""
        if number not in self.memo:
            raise self.wrong(f"something kept under {number}", "nothing")
        self.stack.append(self.memo[number])

    def find(self, module: str, name: str) -> None:
        """What an allowed name stands for."""
        full = f"{'builtins' if module == '__builtin__' else module}.{name}"
        if full not in self.names:
            raise CheckpointError(
                f"data.pkl: expected plain data and tensors, found {full[:200]!r}; nothing of it was run. "
                "Of a model, save model.state_dict()"
            )
        self.stack.append(self.names[full])

    def find_on_stack(self) -> None:
        """The same, where the name lies on the stack."""
        name, module = self.pop(str), self.pop(str)
        self.find(module, name)

    def reduce(self) -> None:
        """What a function of ours makes of its arguments."""
        arguments, function = self.pop(tuple), self.pop(Function)
        self.stack.append(function.call(arguments))

    def build(self) -> None:
        """Leave out the attributes of an OrderedDict: PyTorch's _metadata. Nothing else may have any."""
        self.pop(dict)
        self.stack.append(self.pop(OrderedDict))

    def persistent_id(self) -> None:
        """The storage that a tuple describes."""
        self.stack.append(self.persistent(self.pop(tuple)))


_STOP = op.STOP[0]
_STEPS: dict[int, Callable[[Unpickler], Any]] = {
    code[0]: step
    for code, step in {
        op.PROTO: Unpickler.protocol,
        op.FRAME: Unpickler.frame,
        op.MARK: lambda self: self.stack.append(_MARK),
        op.NONE: lambda self: self.stack.append(None),
        op.NEWTRUE: lambda self: self.stack.append(True),
        op.NEWFALSE: lambda self: self.stack.append(False),
        op.INT: Unpickler.decimal,
        op.LONG: Unpickler.decimal,
        op.BININT: lambda self: self.stack.append(self.number("<i")),
        op.BININT1: lambda self: self.stack.append(self.number("<B")),
        op.BININT2: lambda self: self.stack.append(self.number("<H")),
        op.LONG1: lambda self: self.stack.append(int.from_bytes(self.take(self.number("<B")), "little", signed=True)),
        op.BINFLOAT: lambda self: self.stack.append(self.number(">d")),
        op.BINUNICODE: lambda self: self.stack.append(self.text(self.take(self.number("<I")))),
        op.SHORT_BINUNICODE: lambda self: self.stack.append(self.text(self.take(self.number("<B")))),
        op.BINBYTES: lambda self: self.stack.append(self.take(self.number("<I"))),
        op.SHORT_BINBYTES: lambda self: self.stack.append(self.take(self.number("<B"))),
        op.EMPTY_TUPLE: lambda self: self.stack.append(()),
        op.TUPLE: lambda self: self.pop_tuple(None),
        op.TUPLE1: lambda self: self.pop_tuple(1),
        op.TUPLE2: lambda self: self.pop_tuple(2),
        op.TUPLE3: lambda self: self.pop_tuple(3),
        op.EMPTY_LIST: lambda self: self.stack.append([]),
        op.APPEND: lambda self: self.append([self.pop()]),
        op.APPENDS: lambda self: self.append(self.pop_to_mark()),
        op.EMPTY_DICT: lambda self: self.stack.append({}),
        op.SETITEM: lambda self: self.set_items([self.pop(), self.pop()][::-1]),
        op.SETITEMS: lambda self: self.set_items(self.pop_to_mark()),
        op.BINPUT: lambda self: self.put(self.number("<B")),
        op.LONG_BINPUT: lambda self: self.put(self.number("<I")),
        op.MEMOIZE: lambda self: self.put(len(self.memo)),
        op.BINGET: lambda self: self.get(self.number("<B")),
        op.LONG_BINGET: lambda self: self.get(self.number("<I")),
        op.GLOBAL: lambda self: self.find(self.line(), self.line()),
        op.STACK_GLOBAL: Unpickler.find_on_stack,
        op.REDUCE: Unpickler.reduce,
        op.BUILD: Unpickler.build,
        op.BINPERSID: Unpickler.persistent_id,
    }.items()
}
