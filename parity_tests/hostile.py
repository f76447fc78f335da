"""Files that want something other than to be read: each a function that returns bytes, with the error it must meet.

`python -m parity_tests.hostile` loads them all with little memory and a witness for every forbidden deed.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import resource
import struct
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

MEMORY = 256 << 20
"""What loading any one of them may take on top of what Python and NumPy have already."""
SECONDS = 5.0
"""Of the processor's time: how long loading any one of them may take."""
FORBIDDEN = (
    "open",
    "exec",
    "compile",
    "import",
    "os.",
    "subprocess.",
    "socket.",
    "pickle.",
    "ctypes.",
    "shutil.",
    "sys.",
)
"""Audit events, or the beginnings of their names, none of which may occur while a file is loaded."""


@dataclass(frozen=True)
class Hostile:
    """ending: its format.  error: a pattern of the message it must meet; None where it is plain data after all."""

    build: Callable[[], bytes]
    ending: str
    error: str | None


HOSTILE: dict[str, Hostile] = {}


def hostile(ending: str, error: str | None) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def add(build: Callable[[], bytes]) -> Callable[[], bytes]:
        HOSTILE[build.__name__] = Hostile(build, ending, error)
        return build

    return add


def archive(records: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A sound ZIP file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, data in records.items():
            made.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return file.getvalue()


def pth(pickled: bytes, storage: bytes = bytes(48), **more: bytes) -> bytes:
    """A sound .pth around any pickle, with one storage of 12 float32."""
    records = {"data.pkl": pickled, "byteorder": b"little", "data/0": storage, "version": b"3\n", **more}
    return archive({f"archive/{name}": data for name, data in records.items()})


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def integer(value: int) -> bytes:
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def integers(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(map(integer, values)) + b"t"


def storage(key: str = "0", kind: str = "torch\nFloatStorage", length: int = 12) -> bytes:
    return b"(" + text("storage") + b"c" + kind.encode() + b"\n" + text(key) + text("cpu") + integer(length) + b"tQ"


def tensor(
    shape: tuple[int, ...] = (3, 4),
    strides: tuple[int, ...] = (4, 1),
    offset: int = 0,
    flags: bytes = b"",
    held_in: bytes = storage(),
) -> bytes:
    arguments = held_in + integer(offset) + integers(shape) + integers(strides) + b"\x89ccollections\nOrderedDict\n)R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + arguments + flags + b"tR"


class Touch:
    """What pickle would call os.system for."""

    def __reduce__(self) -> Any:
        return os.system, (f"touch {canary()}",)


class Evaluate:
    """What pickle would call eval for."""

    def __reduce__(self) -> Any:
        return eval, (f"open({canary()!r}, 'w')",)


def canary() -> str:
    """A file that no load may make."""
    return os.environ.get("CANARY", "/tmp/numpy_nn.canary")


def simple(pickles: dict[str, tuple[bytes, str | None]]) -> None:
    """Pickles that need no function of their own, in a sound .pth."""
    for name, (pickled, error) in pickles.items():
        HOSTILE[name] = Hostile(lambda pickled=pickled: pth(pickled), ".pth", error)  # type: ignore[misc]


def sound() -> bytes:
    return pth(b"\x80\x02" + tensor() + b".")


NOT_RUN = "nothing of it was run"
OPCODE = "expected opcodes that torch.save writes"
STORAGE = "expected a storage, found"
INSIDE = "expected a tensor in its storage"
ARGUMENTS = "expected the arguments that torch.save gives"
NAMES = "expected names of records inside the archive"

for protocol in range(1, 6):
    simple(
        {
            f"system_{protocol}": (pickle.dumps({"a": Touch()}, protocol), "posix.system|nt.system"),
            f"eval_{protocol}": (pickle.dumps([Evaluate()], protocol), "builtins.eval"),
            f"array_{protocol}": (pickle.dumps(np.arange(3), protocol), "numpy"),
        }
    )

simple(
    {
        "getattr": (b"cbuiltins\ngetattr\n.", NOT_RUN),
        "import_by_stack": (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", NOT_RUN),
        "old_module_name": (b"c__builtin__\neval\n.", NOT_RUN),
        "torchs_own_loader": (b"ctorch.storage\n_load_from_bytes\n(C\x01xtR.", NOT_RUN),
        "quantized": (b"ctorch._utils\n_rebuild_qtensor\n)R.", NOT_RUN),
        "dotted_name": (b"ccollections\nOrderedDict.__init__.__globals__\n.", NOT_RUN),
        "endless_name": (b"c" + b"a" * 5000 + b"\nb\n.", "expected a line"),
        "name_in_latin": (b"c\xff\xfe\nb\n.", "expected text in UTF-8"),
        "whole_model": (
            b"\x80\x02ctorch.nn.modules.linear\nLinear\n)\x81}b.",
            "torch.nn.modules.linear.Linear.*state_dict",
        ),
        "inst": (b"(S'true'\nios\nsystem\n.", OPCODE),
        "obj": (b"(cos\nsystem\nX\4\0\0\0trueo.", NOT_RUN),
        "newobj": (b"ccollections\nOrderedDict\n)\x81.", OPCODE),
        "newobj_ex": (b"ccollections\nOrderedDict\n)}\x92.", OPCODE),
        "ext": (b"\x82\1.", OPCODE),
        "persid": (b"Pstorage\n.", OPCODE),
        "dup": (b"]2\x86.", OPCODE),
        "pop": (b"]]0.", OPCODE),
        "set": (b"\x8f.", OPCODE),
        "long4_gigantic": (b"\x8b\xff\xff\xff\x7f.", OPCODE),
        "binbytes8_gigantic": (b"\x8e" + b"\xff" * 7 + b"\x7f.", OPCODE),
        "bytearray8_gigantic": (b"\x96" + b"\xff" * 7 + b"\x7f.", OPCODE),
        "binbytes_gigantic": (b"B\xff\xff\xff\xff.", "expected 4294967295 bytes"),
        "binunicode_gigantic": (b"X\xff\xff\xff\x7f.", "expected 2147483647 bytes"),
        "long1_short": (b"\x8a\xff\1.", "expected 255 bytes"),
        "decimal_endless": (b"I" + b"9" * 100_000 + b"\n.", "expected a line"),
        "decimal_words": (b"Ieval\n.", "expected an integer"),
        "frame_gigantic": (b"\x80\x04\x95" + b"\xff" * 8 + b"N.", "expected a frame"),
        "protocol_200": (b"\x80\xc8N.", "expected a protocol"),
        "put_2_31": (b"Nr\0\0\0\x80.", None),
        "get_nothing": (b"j\0\0\0\x80.", "expected something kept"),
        "puts": (b"N" + b"".join(b"r" + struct.pack("<I", 7919 * n) for n in range(200_000)) + b".", None),
        "memoize": (b"N" + b"\x94" * 2_000_000 + b".", "at most 1000000 opcodes"),
        "empty_dicts": (b"(" + b"}" * 2_000_000 + b"t.", "at most 1000000 opcodes"),
        "too_long": (b"X" + struct.pack("<I", 1 << 24) + b"a" * (1 << 24) + b".", "at most 16777216 bytes"),
        "marks": (b"(" * 500_000 + b".", "expected one object"),
        "deep_tuples": (b")" + b"\x85" * 500_000 + b".", "levels of nesting"),
        "deep_lists": (b"]" * 200_000 + b"a" * 199_999 + b".", "levels of nesting"),
        "deep_dicts": (b"}" + b"K\0}" * 99_999 + b"s" * 99_999 + b".", "levels of nesting"),
        "doubling": (b")" + b"q\0h\0\x86" * 60 + b".", "expected at most"),
        "tripling": (b"]" + b"q\0h\0h\0\x87" * 40 + b".", "expected at most"),
        "list_in_itself": (b"]q\0h\0a.", "levels of nesting"),
        "dict_in_itself": (b"}q\0K\1h\0s.", "levels of nesting"),
        "nothing": (b"", "expected an end"),
        "no_stop": (b"\x80\x02N", "expected an end"),
        "more_after_stop": (b"N.N.", "expected one object"),
        "two_objects": (b"NN.", "expected one object"),
        "no_objects": (b".", "expected one object"),
        "underflow": (b"\x86.", "expected a value on the stack"),
        "mark_taken_for_a_value": (b"N(\x86.", "expected a value on the stack"),
        "no_mark": (b"Nt.", "expected a mark"),
        "append_to_tuple": (b")Na.", "expected list"),
        "odd_items": (b"}(Nu.", "expected a value for every key"),
        "key_list": (b"}]Ns.", "str and int keys"),
        "key_tensor": (b"}" + tensor() + b"Ns.", "str and int keys"),
        "key_tuple": (b"})Ns.", "str and int keys"),
        "key_float": (b"}G" + bytes(8) + b"Ns.", "str and int keys"),
        "keys_that_collide": (
            b"}(" + b"".join(integer(n * (2**61 - 1)) + b"N" for n in range(60_000)) + b"u.",
            "int keys of 64 bits",
        ),
        "a_function": (b"ctorch\nSize\n.", "expected plain data and arrays"),
        "a_storage": (storage() + b".", "expected plain data and arrays"),
        "reduce_a_string": (b"ctorch\nfloat32\n)R.", "expected Function"),
        "reduce_a_dict": (b"})R.", "expected Function"),
        "reduce_without_tuple": (b"ctorch\nSize\n]R.", "expected tuple"),
        "size_of_text": (b"ctorch\nSize\n" + text("abc") + b"\x85R.", ARGUMENTS),
        "device_of_tuple": (b"ctorch\ndevice\n)\x85R.", ARGUMENTS),
        "ordered_dict_of_list": (b"ccollections\nOrderedDict\n]\x85R.", ARGUMENTS),
        "counter_of_text": (b"ccollections\nCounter\n" + text("aab") + b"\x85R.", ARGUMENTS),
        "encode_to_zip": (b"c_codecs\nencode\n" + text("a") + text("zip") + b"\x86R.", ARGUMENTS),
        "encode_beyond_latin": (b"c_codecs\nencode\n" + text("\u0100") + text("latin1") + b"\x86R.", ARGUMENTS),
        "bytes_of_gigantic": (b"cbuiltins\nbytes\nJ\xff\xff\xff\x7f\x85R.", ARGUMENTS),
        "tensor_of_nothing": (b"ctorch._utils\n_rebuild_tensor_v2\n)R.", ARGUMENTS),
        "untyped_of_typed": (tensor().replace(b"_v2", b"_v3") + b".", ARGUMENTS),
        "parameter_of_text": (b"ctorch._utils\n_rebuild_parameter\n" + text("a") + b"\x85R.", ARGUMENTS),
        "build_class": (b"ccollections\nOrderedDict\n)R}" + text("__class__") + b"cos\nsystem\nsb.", NOT_RUN),
        "build_attributes": (b"ccollections\nOrderedDict\n)R}" + text("keys") + text("x") + b"sb.", None),
        "build_tensor": (tensor() + b"}b.", "expected OrderedDict"),
        "build_list": (b"]}b.", "expected OrderedDict"),
        "id_number": (b"K\1Q.", "expected tuple"),
        "id_nothing": (b")Q.", STORAGE),
        "id_module": (b"(" + text("module") + b"NNNtQ.", STORAGE),
        "id_elsewhere": (storage("../../../etc/passwd") + b".", "expected a record"),
        "id_of_no_type": (storage(kind="torch\nfloat32") + b".", STORAGE),
        "id_true": (
            b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"\x88tQ.",
            "expected True numbers",
        ),
        "storage_longer": (storage(length=2**62) + b".", "expected 4611686018427387904 numbers"),
        "storage_negative": (storage(length=-12) + b".", "expected -12 numbers"),
        "storage_of_other_type": (storage(kind="torch\nDoubleStorage") + b".", "expected 12 numbers of 8 bytes"),
        "offset_beyond": (tensor(offset=1) + b".", INSIDE),
        "offset_negative": (tensor(offset=-1) + b".", INSIDE),
        "offset_gigantic": (tensor(offset=2**63) + b".", INSIDE),
        "stride_beyond": (tensor(strides=(5, 1)) + b".", INSIDE),
        "stride_negative": (tensor(strides=(-4, 1), offset=8) + b".", INSIDE),
        "stride_gigantic": (tensor(strides=(2**62, 1)) + b".", INSIDE),
        "shape_beyond": (tensor((4, 4)) + b".", INSIDE),
        "shape_negative": (tensor((-3, 4)) + b".", INSIDE),
        "shape_wraps": (tensor((2**32, 2**32), (0, 0)) + b".", INSIDE),
        "shape_expanded": (tensor((2**40,), (0,)) + b".", INSIDE),
        "shape_expanded_a_little": (tensor((1000, 1000), (0, 0)) + b".", None),
        "shape_empty_but_gigantic": (tensor((0, 2**62), (1, 1)) + b".", INSIDE),
        "shape_of_100_axes": (tensor((1,) * 100, (1,) * 100) + b".", INSIDE),
        "fewer_strides": (tensor(strides=(1,)) + b".", INSIDE),
        "stride_gigantic_where_it_means_nothing": (tensor((1, 12), (2**62, 1)) + b".", INSIDE),
        "flags_of_a_tensor": (tensor(flags=tensor()) + b".", "expected a tensor without flags"),
        "codec_of_a_tensor": (b"c_codecs\nencode\n" + text("a") + tensor() + b"\x86R.", ARGUMENTS),
        "id_of_a_tensor": (b"(" + tensor() + storage()[len(b"(" + text("storage")) :] + b".", STORAGE),
        "conjugated": (tensor(flags=b"}" + text("conj") + b"\x88s") + b".", "expected a tensor without flags"),
    }
)


@hostile(".pth", "stored as 0 or 1")
def truth_of_seven() -> bytes:
    held = storage(kind="torch\nBoolStorage", length=48)
    return pth(tensor((48,), (1,), held_in=held) + b".", b"\7" * 48)


@hostile(".pth", "expected a ZIP file as PyTorch")
def legacy_pickles() -> bytes:
    return pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)


@hostile(".pth", "expected a ZIP file as PyTorch")
def empty() -> bytes:
    return b""


@hostile(".pth", "TorchScript")
def torch_script() -> bytes:
    return pth(b"N.", **{"constants.pkl": b"N.", "code/__torch__.py": b"import os"})


@hostile(".pth", "expected one data.pkl")
def no_pickle() -> bytes:
    return archive({"archive/version": b"3\n"})


@hostile(".pth", "expected one data.pkl")
def two_pickles() -> bytes:
    return archive({"a/data.pkl": b"N.", "b/data.pkl": b"N.", "a/version": b"3\n"})


@hostile(".pth", "expected a version")
def version_of_the_future() -> bytes:
    return pth(b"N.", version=b"99\n")


@hostile(".pth", "expected a version")
def version_in_other_digits() -> bytes:
    return pth(b"N.", version="²".encode())


@hostile(".pth", "expected little or big")
def byteorder_middle() -> bytes:
    return pth(b"N.", byteorder=b"middle")


@hostile(".pth", "expected the checksum")
def a_flipped_number() -> bytes:
    data = bytearray(pth(tensor() + b".", b"\x55" * 48))
    data[data.index(b"\x55" * 48) + 7] ^= 1
    return bytes(data)


@hostile(".pth", "found a compressed one")
def compressed() -> bytes:
    names = {"data.pkl": tensor() + b".", "version": b"3\n", "data/0": bytes(48)}
    return archive({f"a/{name}": data for name, data in names.items()}, zipfile.ZIP_DEFLATED)


@hostile(".pth", "found two of the same name")
def the_same_name_twice() -> bytes:
    return pth(b"N.", **{"data/1": b""}).replace(b"archive/data/1", b"archive/data/0")


for number, bad_name in enumerate(("/etc/x", "a/../../x", "a\\x", "a//x", "C:/x", "a/\0x", "./x")):
    HOSTILE[f"name_{number}"] = Hostile(
        lambda bad=bad_name: archive({"?" * len(bad): b"N."}).replace(b"?" * len(bad), bad.encode()),  # type: ignore[misc]
        ".npz",
        NAMES,
    )


def changed(data: bytes, mark: bytes, offset: int, form: str, value: int) -> bytes:
    """The data with a number put in at a place counted from the last mark."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.rindex(mark) + offset, value)
    return bytes(changed)


@hostile(".pth", "bytes of its own")
def records_that_overlap() -> bytes:
    data = sound()
    first = data.index(b"PK\3\4", 1)
    return changed(data, b"PK\1\2", 42, "<I", first)


@hostile(".pth", "bytes of its own|expected .* bytes")
def a_size_beyond_the_file() -> bytes:
    data = sound()
    return changed(changed(data, b"PK\1\2", 20, "<I", 2**31), b"PK\1\2", 24, "<I", 2**31)


@hostile(".pth", "stored as they are")
def two_sizes() -> bytes:
    return changed(sound(), b"PK\1\2", 24, "<I", 2**31)


@hostile(".pth", "stored or deflated")
def encrypted() -> bytes:
    return changed(sound(), b"PK\1\2", 8, "<H", 1)


@hostile(".pth", "stored or deflated")
def another_compression() -> bytes:
    return changed(sound(), b"PK\1\2", 10, "<H", 12)


@hostile(".pth", "expected a directory that ends")
def directory_elsewhere() -> bytes:
    return changed(sound(), b"PK\5\6", 16, "<I", 5)


@hostile(".pth", "expected a directory of|records in the directory")
def directory_of_more() -> bytes:
    return changed(changed(sound(), b"PK\5\6", 8, "<H", 5000), b"PK\5\6", 10, "<H", 5000)


@hostile(".pth", "expected a directory of")
def directory_of_fewer() -> bytes:
    return changed(changed(sound(), b"PK\5\6", 8, "<H", 1), b"PK\5\6", 10, "<H", 1)


@hostile(".pth", "no directory at its end")
def comment() -> bytes:
    return changed(sound(), b"PK\5\6", 20, "<H", 3) + b"abc"


@hostile(".pth", "a header of the same name")
def two_names() -> bytes:
    data = sound()
    return data.replace(b"archive/data/0", b"archive/data/1", 1)


@hostile(".pth", "64-bit|directory that ends")
def sixty_four_bits_of_nonsense() -> bytes:
    data = sound()
    end = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 2**63, 2**63, 2**63, 2**63)
    return data[:-22] + end + struct.pack("<4sIQI", b"PK\6\7", 0, len(data) - 22, 1) + data[-22:]


def npy(header: bytes, body: bytes = b"", version: bytes = b"\1\0", length: int | None = None) -> bytes:
    size = struct.pack("<H" if version == b"\1\0" else "<I", len(header) if length is None else length)
    return b"\x93NUMPY" + version + size + header + body


def numpy_header(descr: str = "<f4", shape: str = "(3,)", order: str = "False") -> bytes:
    return f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()


def in_npz(data: bytes) -> bytes:
    return archive({"a.npy": data})


ARRAYS: dict[str, tuple[bytes, str | None]] = {
    "npy_gigantic": (
        npy(numpy_header(shape="(4611686018427387904,)"), bytes(12)),
        "expected 18446744073709551616 bytes",
    ),
    "npy_wraps": (npy(numpy_header(shape="(4294967296, 4294967296, 0)")), "a shape that NumPy can hold|expected 0"),
    "npy_negative": (npy(numpy_header(shape="(-3,)"), bytes(12)), "numbers of some shape"),
    "npy_objects": (npy(numpy_header("|O"), pickle.dumps([Touch()])), "numbers of some shape"),
    "npy_text": (npy(numpy_header("<U4"), bytes(48)), "numbers of some shape"),
    "npy_fields": (
        npy(b"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }\n"),
        "numbers of some shape",
    ),
    "npy_code": (npy(b"__import__('os').system('true')"), "numbers of some shape"),
    "npy_nested": (npy(b"(" * 5000), "numbers of some shape"),
    "npy_many_axes": (npy(numpy_header(shape="(" + "1, " * 200 + ")"), bytes(4)), "a shape that NumPy can hold"),
    "npy_many_commas": (npy(numpy_header(shape="(" + "1,  " * 2000 + "x)")), "numbers of some shape"),
    "npy_long_header": (npy(b"", length=2**32 - 1, version=b"\2\0"), "expected a header"),
    "npy_version": (npy(numpy_header(), bytes(12), version=b"\x09\0"), "expected a .npy file"),
    "npy_short": (b"\x93NUMPY\1", "expected a .npy file"),
    "npy_fewer": (npy(numpy_header(), bytes(11)), "expected 12 bytes"),
    "npy_truth": (npy(numpy_header("|b1"), b"\0\1\7"), "stored as 0 or 1"),
    "npy_no_bytes": (npy(numpy_header("<f0"), b""), "numbers of some shape"),
    "npy_pickle": (pickle.dumps(Touch()), "expected a .npy file"),
}
for name, (array, message) in ARRAYS.items():
    HOSTILE[name] = Hostile(lambda array=array: in_npz(array), ".npz", message)  # type: ignore[misc]

FINE = npy(numpy_header(), bytes(12))
DESCRIPTIONS: dict[str, tuple[bytes, str]] = {
    "json_broken": (b'{"array": "a"', "expected JSON"),
    "json_wide": ("[1]".encode("utf-16-be"), "expected JSON"),
    "json_latin": (b'"\xff"', "expected JSON"),
    "json_deep": (b"[" * 200_000 + b"]" * 200_000, "levels of nesting"),
    "json_deep_tuples": (b'{"tuple":[' * 300 + b"]}" * 300, "levels of nesting|description of data"),
    "json_nan": (b"NaN", "is no number of JSON"),
    "json_long_number": (b"9" * 100_000, "expected JSON"),
    "json_two_thousand_bits": (b"9" * 4000, "integers of at most"),
    "json_other_array": (b'{"array": "b"}', "description of data"),
    "json_array_twice": (b'[{"array": "a"}, {"array": "a"}]', "description of data"),
    "json_array_left": (b"[]", "expected every array"),
    "json_unknown": (b'{"set": []}', "description of data"),
    "json_two_in_one": (b'{"array": "a", "tuple": []}', "description of data"),
    "json_key_list": (b'{"dict": [[[], 1]]}', "expected keys and values"),
    "json_key_twice": (b'{"dict": [["a", 1], ["a", 2]]}', "expected keys and values"),
    "json_no_pairs": (b'{"dict": [1]}', "expected keys and values"),
    "json_base64": (b'{"bytes": "*"}', "expected JSON"),
    "json_float": (b'{"float": "zzzzzzzzzzzzzzzz"}', "expected JSON"),
    "json_float_with_spaces": (b'{"float": "7ff8 000 000 000"}', "expected JSON"),
    "json_many": (b"[" + b"1," * 2_000_000 + b"1]", "expected at most"),
}
for name, (description, message) in DESCRIPTIONS.items():
    HOSTILE[name] = Hostile(
        lambda description=description: archive({"a.npy": FINE, "structure.json": description}),  # type: ignore[misc]
        ".npz",
        message,
    )


def zeros(count: int, megabytes: int) -> bytes:
    """Arrays of zeros, compressed a thousandfold; written in pieces, so that making them takes no memory either."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(count):
            with made.open(f"{number}.npy", "w") as record:
                record.write(npy(numpy_header(shape=f"({megabytes << 18},)")))
                for _ in range(megabytes):
                    record.write(bytes(1 << 20))
    return file.getvalue()


@hostile(".npz", "of a reasonable size")
def bomb() -> bytes:
    return zeros(1, 128)


@hostile(".npz", "of a reasonable size")
def bomb_of_many() -> bytes:
    return zeros(40, 8)


@hostile(".npz", "expected 1000 bytes")
def bomb_that_lies() -> bytes:
    return changed(zeros(1, 64), b"PK\1\2", 24, "<I", 1000)


@hostile(".npz", "expected compressed data")
def not_deflated() -> bytes:
    return changed(in_npz(b"\xff" * 100), b"PK\1\2", 10, "<H", 8)


@hostile(".npz", "expected arrays")
def a_stranger() -> bytes:
    return archive({"a.npy": FINE, "run.sh": b"true"})


@hostile(".npz", "expected the checksum")
def a_flipped_array() -> bytes:
    return changed(in_npz(npy(numpy_header(), b"\x55" * 12)), b"\x55" * 12, 3, "<B", 0)


def safe(header: Any, body: bytes = b"", length: int | None = None) -> bytes:
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(data) if length is None else length) + data + body


def entry(dtype: str = "F32", shape: tuple[int, ...] = (3,), offsets: tuple[int, int] = (0, 12)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


TENSORS: dict[str, tuple[bytes, str | None]] = {
    "safe_empty": (b"", "expected a .safetensors file"),
    "safe_header_2_63": (safe({}, length=2**63), "expected a .safetensors file"),
    "safe_header_beyond": (safe({}, length=90_000_000), "expected a .safetensors file"),
    "safe_header_negative": (safe({}, length=2**64 - 1), "expected a .safetensors file"),
    "safe_not_json": (safe(b"import os"), "expected a .safetensors file"),
    "safe_deep": (safe(b"[" * 100_000), "expected a .safetensors file"),
    "safe_beyond": (safe({"a": entry(offsets=(0, 120))}, bytes(12)), "expected a .safetensors file"),
    "safe_backwards": (safe({"a": entry(offsets=(12, 0))}, bytes(12)), "expected a .safetensors file"),
    "safe_overlapping": (safe({"a": entry(), "b": entry()}, bytes(12)), "expected a .safetensors file"),
    "safe_gigantic": (safe({"a": entry(shape=(2**40, 2**40))}, bytes(12)), "expected a .safetensors file"),
    "safe_no_metadata": (safe({"__metadata__": None, "a": entry()}, bytes(12)), None),
    "safe_left_over": (safe({"a": entry()}, bytes(13)), "expected a .safetensors file"),
    "safe_empty_but_gigantic": (safe({"a": entry(shape=(0, 2**63), offsets=(0, 0))}), "a: "),
    "safe_many_axes": (safe({"a": entry("U8", (1,) * 100, (0, 1))}, b"\1"), "a: "),
    "safe_float8": (safe({"a": entry("F8_E4M3", (12,))}, bytes(12)), "expected one of"),
    "safe_truth": (safe({"a": entry("BOOL", (1,), (0, 1))}, b"\7"), "stored as 0 or 1"),
    "safe_twice": (
        safe(b'{"a":%b,"a":%b}' % ((json.dumps(entry()).encode(),) * 2), bytes(12)),
        "expected every name once",
    ),
    "safe_structure": (
        safe({"__metadata__": {"numpy_nn": '{"array":"b"}'}, "a": entry()}, bytes(12)),
        "description of data",
    ),
    "safe_structure_deep": (safe({"__metadata__": {"numpy_nn": "[" * 100_000}}), "structure: expected"),
}
for name, (made, message) in TENSORS.items():
    HOSTILE[name] = Hostile(lambda made=made: made, ".safetensors", message)  # type: ignore[misc]


@dataclass(frozen=True)
class Outcome:
    """What came of loading one: the error's type and message, if any; what was done that must not be; the seconds."""

    error: str | None
    message: str
    deeds: list[str]
    seconds: float


def judged(case: Hostile, deeds: list[str]) -> Outcome:
    """Load one and report. deeds: where the witness writes down what it sees."""
    from numpy_nn.checkpoint.store import loads

    data = case.build()
    deeds.clear()
    error, message, start = None, "", time.process_time()
    try:
        loads(data, case.ending)
    except Exception as raised:  # whatever it is, it is what there is to report
        error, message = type(raised).__name__, str(raised)
    seconds, seen = time.process_time() - start, list(deeds)
    return Outcome(error, message, seen, seconds)


def main() -> int:
    """Load them all in this process, with little memory; one JSON line each."""
    from numpy_nn.checkpoint.store import loads

    deeds: list[str] = []
    built = {"warm": Hostile(sound, ".pth", None), **HOSTILE}
    loads(in_npz(FINE), ".npz")
    loads(safe({"a": entry()}, bytes(12)), ".safetensors")
    sys.addaudithook(lambda event, _: deeds.append(event) if event.startswith(FORBIDDEN) else None)
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for name, case in built.items():
        print(json.dumps({"name": name, **vars(judged(case, deeds))}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
