"""Damaged checkpoints by the million: each loads to plain data or raises CheckpointError, quickly and in little memory.

    python -m parity_tests.fuzz --inputs 1000000 --seed 0

Sound files of every format are damaged as files (bits, cuts, splices), and below their checksums: records, pickles
opcode by opcode, JSON and headers are changed and packed again with the right ones. Input number n of a seed is always
the same: --only n runs that alone.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import pickletools
import random
import resource
import signal
import struct
import sys
import time
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import torch

from numpy_nn import checkpoint
from numpy_nn.checkpoint import plain
from numpy_nn.checkpoint.store import form, loads
from parity_tests.hostile import FORBIDDEN

SECONDS = 2.0
"""How long one input may take, of the processor's time."""
MEMORY = 512 << 20
"""How much the whole process may take on top of what it has at the start."""
TELLING = (0, 1, 2, 7, 127, 128, 255, 256, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)


class TooSlowError(Exception):
    """An input took longer than it may."""


@dataclass
class Outcome:
    """What became of the inputs of one kind. refusals: by message, its numbers left out."""

    inputs: int = 0
    loaded: int = 0
    slowest: float = 0.0
    refusals: Counter[str] = field(default_factory=Counter)


@dataclass
class Report:
    """Outcomes by kind, and the failures: what is wrong, with the number of the input."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failures: list[tuple[int, str, str]] = field(default_factory=list)
    seconds: float = 0.0


def examples() -> list[Any]:
    """Small data of all the types there are."""
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    state = OrderedDict(weight=x, tied=x.T, part=x[1:, ::2], steps=np.array(7), mask=np.array([True, False]))
    optimizer = {
        "state": {0: {"step": 3, "exp_avg": np.ones((2, 2))}, 1: {}},
        "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999), "params": [0, 1], "maximize": False, "note": None}],
    }
    other = {
        "milestones": Counter([1, 1, 5]),
        "bytes": b"\0\xff",
        "nan": float("nan"),
        "long": -(2**70),
        "한": "글",
        "u": np.arange(4, dtype=np.uint16),
        "z": np.array([1j], np.complex64),
        "none": np.zeros((0, 3)),
    }
    return [state, optimizer, other, {"a": x, "b": np.arange(5)}]


@cache
def sound() -> dict[str, list[bytes]]:
    """Sound files by ending, some of them PyTorch's own."""
    made: dict[str, list[bytes]] = {ending: [] for ending in (".pth", ".npz", ".safetensors")}
    for ending, files in made.items():
        for data in examples():
            file = io.BytesIO()
            form(ending).prepare(plain.copied(data))(file)
            files.append(file.getvalue())
    model = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.BatchNorm1d(1))
    theirs = {"model": model.state_dict(), "p": model[0].weight, "half": torch.ones(3).bfloat16()}
    for protocol in (1, 2, 4):
        file = io.BytesIO()
        torch.save(theirs, file, pickle_protocol=protocol)
        made[".pth"].append(file.getvalue())
    compressed = io.BytesIO()
    np.savez_compressed(compressed, a=np.arange(40), b=np.zeros((3, 3)))
    made[".npz"].append(compressed.getvalue())
    return made


@cache
def records(ending: str) -> list[dict[str, bytes]]:
    """The records of the sound ZIP files."""
    import zipfile

    return [
        {info.filename: archive.read(info) for info in archive.infolist()}
        for archive in (zipfile.ZipFile(io.BytesIO(data)) for data in sound()[ending])
    ]


def packed(contents: dict[str, bytes]) -> bytes:
    """A ZIP file of records, with the right checksums."""
    file, directory = bytearray(), bytearray()
    for name, data in contents.items():
        title = name.encode()
        common = struct.pack("<5H3I2H", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(title), 0)
        directory += b"PK\1\2\x14\0" + common + struct.pack("<3H2I", 0, 0, 0, 0, len(file)) + title
        file += b"PK\3\4" + common + title + data
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(contents), len(contents), len(directory), len(file), 0)
    return bytes(file + directory + end)


@cache
def opcodes() -> list[list[bytes]]:
    """The pickles of the sound .pth files, opcode by opcode."""
    pickles = [next(data for name, data in files.items() if name.endswith("data.pkl")) for files in records(".pth")]
    cut = []
    for pickled in pickles:
        starts = [place for _, _, place in pickletools.genops(pickled)] + [len(pickled)]
        cut.append([pickled[start:stop] for start, stop in itertools.pairwise(starts)])
    return cut


@cache
def words() -> list[bytes]:
    """Opcodes to write pickles with: those that occur, and every other there is, with some argument."""
    every = [info.code.encode("latin-1") for info in pickletools.opcodes]
    return (
        sorted({word for pickled in opcodes() for word in pickled})
        + every
        + [b"K\x07", b"h\x02", b"q\x02", b"J\xff\xff\xff\x7f"]
    )


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The bytes, changed in one of the ways in which files are."""
    if not data:
        return data
    changed = bytearray(data)
    place, length = chance.randrange(len(data)), chance.choice((1, 2, 4, 8, 30, 64))
    match chance.randrange(7):
        case 0:
            for _ in range(chance.choice((1, 1, 2, 8))):
                changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case 1:
            del changed[place:]
        case 2:
            del changed[place : place + length]
        case 3:
            changed[place:place] = changed[place : place + length]
        case 4:
            number = chance.choice(TELLING)
            size = chance.choice((1, 2, 4, 8))
            changed[place : place + size] = (number % 256**size).to_bytes(size, chance.choice(("little", "big")))
        case 5:
            other = chance.choice(sound()[chance.choice(list(sound()))])
            start = chance.randrange(len(other))
            changed[place : place + length] = other[start : start + length]
        case 6:
            changed[place : place + length] = chance.randbytes(length)
    return bytes(changed)


def whole_file(ending: str) -> Callable[[random.Random], tuple[str, bytes]]:
    return lambda chance: (ending, damaged(chance.choice(sound()[ending]), chance))


def record(ending: str) -> Callable[[random.Random], tuple[str, bytes]]:
    """One record damaged, under a right checksum."""

    def made(chance: random.Random) -> tuple[str, bytes]:
        contents = dict(chance.choice(records(ending)))
        name = chance.choice(list(contents))
        contents[name] = damaged(contents[name], chance)
        return ending, packed(contents)

    return made


def around(chance: random.Random, pickled: bytes) -> tuple[str, bytes]:
    """A pickle in a sound .pth."""
    contents = dict(chance.choice(records(".pth")))
    root = next(iter(contents)).split("/")[0]
    contents[f"{root}/data.pkl"] = pickled
    return ".pth", packed(contents)


def pickle_edited(chance: random.Random) -> tuple[str, bytes]:
    """A pickle with some opcodes removed, doubled, exchanged or put in."""
    files = records(".pth")
    number = chance.randrange(len(files))
    code = list(opcodes()[number])
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        place = chance.randrange(len(code))
        match chance.randrange(6):
            case 0:
                del code[place]
            case 1:
                code.insert(place, code[place])
            case 2:
                other = chance.randrange(len(code))
                code[place], code[other] = code[other], code[place]
            case 3:
                code.insert(place, chance.choice(words()))
            case 4:
                code[place] = chance.choice(words())
            case 5:
                head, tail = code[place][:1], bytearray(code[place][1:])
                if tail:
                    tail[chance.randrange(len(tail))] = chance.choice((0, 1, 2, 5, 127, 128, 255))
                code[place] = head + bytes(tail)
    contents = dict(files[number])
    contents[next(name for name in contents if name.endswith("data.pkl"))] = b"".join(code)
    return ".pth", packed(contents)


def pickle_random(chance: random.Random) -> tuple[str, bytes]:
    """A pickle of opcodes in any order."""
    return around(chance, b"".join(chance.choices(words(), k=chance.randrange(1, 60))) + b".")


def pickle_values(chance: random.Random) -> tuple[str, bytes]:
    """A pickle that is well formed, of nested data and tensors whose numbers are anything."""
    from parity_tests.hostile import integer, storage, tensor, text

    def number() -> int:
        return chance.choice((0, 1, 2, 3, 4, chance.randrange(-5, 20), chance.choice(TELLING)))

    def value(depth: int) -> bytes:
        match chance.randrange(9 if depth < 4 else 5):
            case 0:
                return integer(number())
            case 1:
                return text(chance.choice(("a", "torch", "os.system")))
            case 2:
                return chance.choice((b"N", b"\x88", b"\x89", b"G" + chance.randbytes(8)))
            case 3 | 4:
                sides = chance.randrange(4)
                shape, strides = (tuple(number() for _ in range(sides)) for _ in range(2))
                length = chance.choice((1, 4, 12, number()))
                held = storage(
                    chance.choice("0012"), f"torch\n{chance.choice(('Float', 'Long', 'Bool'))}Storage", length
                )
                return tensor(shape, strides, number(), held_in=held)
            case 5:
                return b"](" + b"".join(value(depth + 1) for _ in range(chance.randrange(4))) + b"e"
            case 6:
                return b"(" + b"".join(value(depth + 1) for _ in range(chance.randrange(4))) + b"t"
        items = b"".join(
            chance.choice((text("k"), integer(number()))) + value(depth + 1) for _ in range(chance.randrange(4))
        )
        return chance.choice((b"}(", b"ccollections\nOrderedDict\n)R(")) + items + b"u"

    return around(chance, b"\x80\x02" + value(0) + b".")


def structure(chance: random.Random) -> tuple[str, bytes]:
    """A .npz whose structure is JSON, but perhaps not sense."""
    contents = dict(chance.choice([files for files in records(".npz") if "structure.json" in files]))
    text = contents["structure.json"].decode()
    if chance.randrange(2):
        parts = [text[place : place + 3] for place in range(0, len(text), 3)]
        chance.shuffle(parts[: chance.randrange(1, len(parts))])
        text = "".join(parts)
        for _ in range(chance.randrange(1, 4)):
            old = chance.choice(("dict", "tuple", "array", "[", "]", "{", "}", '"', ",", ":", "0", "float", "Counter"))
            text = text.replace(old, chance.choice(("dict", "tuple", "array", "NaN", "1e999", "[", "", "null")), 1)
        contents["structure.json"] = text.encode()
    else:
        contents["structure.json"] = json.dumps(reshaped(json.loads(text), chance)).encode()
    return ".npz", packed(contents)


def header(chance: random.Random) -> tuple[str, bytes]:
    """A .safetensors whose header is JSON of the right length, but perhaps not sense."""
    data = chance.choice(sound()[".safetensors"])
    end = 8 + int.from_bytes(data[:8], "little")
    text = json.dumps(reshaped(json.loads(data[8:end]), chance)).encode()
    return ".safetensors", struct.pack("<Q", len(text)) + text + data[end:]


def reshaped(value: Any, chance: random.Random) -> Any:
    """JSON with a part of it exchanged for another one."""
    parts = [value]
    for part in parts:
        parts.extend(part.values() if isinstance(part, dict) else part if isinstance(part, list) else ())
    holders = [part for part in parts if isinstance(part, dict | list) and part]
    holder: Any = chance.choice(holders) if holders else [0]
    key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
    new = chance.choice([*parts, *TELLING, -1, 0.5, None, True, "F32", "BF16", "array", [], {}])
    holder[key] = json.loads(json.dumps(new))
    if isinstance(holder, dict) and not chance.randrange(4):
        holder[chance.choice(("array", "tuple", "dict", "float", "x"))] = holder.pop(key)
    return value


KINDS: dict[str, tuple[int, Callable[[random.Random], tuple[str, bytes]]]] = {
    ".pth, the file": (3, whole_file(".pth")),
    ".pth, a record": (2, record(".pth")),
    ".pth, opcodes changed": (6, pickle_edited),
    ".pth, opcodes at random": (4, pickle_random),
    ".pth, values at random": (4, pickle_values),
    ".npz, the file": (3, whole_file(".npz")),
    ".npz, a record": (2, record(".npz")),
    ".npz, the structure": (3, structure),
    ".safetensors, the file": (2, whole_file(".safetensors")),
    ".safetensors, the header": (2, header),
}
"""The ways to make an input, each with its weight."""


def made(seed: int, number: int) -> tuple[str, str, bytes]:
    """Input number n of a seed: its kind, its ending and its bytes."""
    chance = random.Random(seed << 40 | number)
    kind = chance.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
    return kind, *KINDS[kind][1](chance)


def check(data: Any) -> None:
    """Raise AssertionError unless it is plain data whose arrays lie in memory of their own."""
    pending = [data]
    while pending:
        value = pending.pop()
        if type(value) in (dict, OrderedDict, Counter):
            assert all(type(key) in (str, int, bool) for key in value)
            pending.extend(value.values())
        elif type(value) in (list, tuple):
            pending.extend(value)
        elif type(value) is np.ndarray:
            base = value
            while isinstance(base.base, np.ndarray):
                base = base.base
            low, high = np.lib.array_utils.byte_bounds(base)
            if value.size:
                first, last = np.lib.array_utils.byte_bounds(value)
                assert low <= first <= last <= high, "an array reaches out of its memory"
                value.flat[value.size - 1]
        else:
            assert type(value) in (type(None), bool, int, float, str, bytes), f"{type(value).__name__} is not plain"


def run(inputs: Sequence[int], seed: int, tick: Callable[[], None] = lambda: None) -> Report:
    """Load the inputs of these numbers."""
    report, deeds, watching = Report({kind: Outcome() for kind in KINDS}), [], [False]
    sys.addaudithook(lambda event, _: deeds.append(event) if watching[0] and event.startswith(FORBIDDEN) else None)
    begin = time.perf_counter()
    with _bounded():
        for number in inputs:
            kind, ending, data = made(seed, number)
            outcome = report.outcomes[kind]
            outcome.inputs += 1
            wrong = None
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            watching[0] = True
            start = time.process_time()
            try:
                found = loads(data, ending)
            except checkpoint.CheckpointError as error:
                outcome.refusals[_reason(str(error))] += 1
            except Exception as error:  # anything else is what is looked for
                wrong = f"{type(error).__name__}: {error}"
            else:
                try:
                    check(found)
                    outcome.loaded += 1
                except AssertionError as error:
                    wrong = str(error)
            watching[0] = False
            signal.setitimer(signal.ITIMER_PROF, 0)
            outcome.slowest = max(outcome.slowest, time.process_time() - start)
            if deeds:
                wrong = f"did {', '.join(deeds)}"
                deeds.clear()
            if wrong:
                report.failures.append((number, kind, wrong))
            tick()
    report.seconds = time.perf_counter() - begin
    return report


@contextmanager
def _bounded() -> Iterator[None]:
    """Little memory, and an alarm for what takes too long."""

    def too_slow(*_: Any) -> None:
        raise TooSlowError(f"more than {SECONDS} s")

    _warm()
    before, limits = signal.signal(signal.SIGPROF, too_slow), resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        most = int(file.read().split()[0]) * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.signal(signal.SIGPROF, before)


def _warm() -> None:
    """Make what is made once, and let everything be imported that loading needs."""
    records(".pth"), records(".npz"), words()
    for ending, files in sound().items():
        for file in files:
            loads(file, ending)


def _reason(message: str) -> str:
    """The beginning of a message, without what changes from input to input."""
    return "".join(letter for letter in message.split(", found")[0] if not letter.isdigit())[:60]


def show(report: Report) -> None:
    """A table of the outcomes, and every failure."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for title in ("kind", "inputs", "loaded", "refused", "reasons", "slowest ms"):
        table.add_column(title, justify="left" if title == "kind" else "right")
    for kind, outcome in report.outcomes.items():
        refused = sum(outcome.refusals.values())
        cells = outcome.inputs, outcome.loaded, refused, len(outcome.refusals)
        table.add_row(kind, *(f"{cell:,}" for cell in cells), f"{1e3 * outcome.slowest:.1f}")
    console = Console(width=100, highlight=False)
    console.print(table)
    total = sum(outcome.inputs for outcome in report.outcomes.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(
        f"{total:,} inputs in {report.seconds:.0f} s, {total / report.seconds:,.0f} a second, peak {peak:.0f} MiB"
    )
    for number, kind, wrong in report.failures[:20]:
        console.print(f"input {number} ({kind}): {wrong}", style="bold red", markup=False)
    console.print(f"{len(report.failures)} failures" if report.failures else "every input was loaded or refused")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 where an input did anything else than load or be refused."""
    from rich.console import Console
    from rich.progress import track

    parser = argparse.ArgumentParser(prog="python -m parity_tests.fuzz", description=__doc__.split("\n\n")[0])
    parser.add_argument("--inputs", type=int, default=100_000, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, metavar="n", help="run the input of this number alone")
    options = parser.parse_args(arguments)
    numbers = range(options.inputs) if options.only is None else [options.only]
    console = Console(stderr=True)
    steps = iter(track(numbers, "loading", console=console, transient=True, disable=not console.is_terminal))
    report = run(numbers, options.seed, tick=lambda: next(steps, None))
    show(report)
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
