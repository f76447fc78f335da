"""Nested data as arrays with names and a JSON text that says how they belong together.

None, bool, int, finite float, str and list stand for themselves in the text. The rest is an object of one entry:

    {"array": name}    {"tuple": [...]}    {"dict": [[key, value], ...]}    {"OrderedDict": [...]}    {"Counter": [...]}
    {"float": "7ff8000000000000"}, the bits of nan and the infinities    {"bytes": "aGk="}, in base 64
"""

from __future__ import annotations

import binascii
import json
import math
import struct
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from numpy_nn.backend import Array
from numpy_nn.checkpoint import plain
from numpy_nn.checkpoint.errors import CheckpointError

TEXT_MOST = 1 << 24
"""How long the JSON text may be, in bytes."""

_MAPPINGS: dict[str, Callable[..., Any]] = {"dict": dict, "OrderedDict": OrderedDict, "Counter": Counter}


def taken_apart(data: Any, allowed: Callable[[str], bool]) -> tuple[str, dict[str, Array]]:
    """The JSON text of plain data, and its arrays under names such as "state/0/exp_avg".

    allowed: whether the format can take a name; an array whose name it cannot gets another.
    Raises ValueError where the text gets too long.
    """
    arrays: dict[str, Array] = {}

    def name_of(place: str) -> str:
        name = place if place and allowed(place) else "array"
        number = 1
        while name in arrays:
            number += 1
            name = f"{place if place and allowed(place) else 'array'}~{number}"
        return name

    def described(value: Any, place: str) -> Any:
        match value:
            case float() if not math.isfinite(value):
                return {"float": struct.pack(">d", value).hex()}
            case None | bool() | int() | float() | str():
                return value
            case bytes():
                return {"bytes": binascii.b2a_base64(value, newline=False).decode()}
            case list() | tuple():
                items = [described(inner, _below(place, number)) for number, inner in enumerate(value)]
                return items if isinstance(value, list) else {"tuple": items}
            case dict():
                pairs = [[key, described(inner, _below(place, key))] for key, inner in value.items()]
                return {type(value).__name__: pairs}
        name = name_of(place)
        arrays[name] = value
        return {"array": name}

    text = json.dumps(described(data, ""), allow_nan=False, separators=(",", ":"))
    if len(text) > TEXT_MOST:
        raise ValueError(f"obj: expected data that takes at most {TEXT_MOST} bytes besides its arrays, got {len(text)}")
    return text, arrays


def is_flat(data: Any, arrays: Mapping[str, Array]) -> bool:
    """Whether the data is a dict of these arrays under these names, and the text would add nothing."""
    return type(data) is dict and list(data) == list(arrays) and all(data[name] is arrays[name] for name in arrays)


def put_together(text: bytes | str, arrays: Mapping[str, Array]) -> Any:
    """The data that a JSON text describes, with these arrays in it, each once.

    Raises CheckpointError where the text is no such description, or names other arrays than there are.
    """
    left = dict(arrays)

    def meant(value: Any) -> Any:
        match value:
            case None | bool() | int() | float() | str():
                return value
            case list():
                return [meant(inner) for inner in value]
            case {"array": str(name)} if len(value) == 1 and name in left:
                return left.pop(name)
            case {"tuple": list(items)} if len(value) == 1:
                return tuple(meant(inner) for inner in items)
            case {"bytes": str(coded)} if len(value) == 1:
                return binascii.a2b_base64(coded, strict_mode=True)
            case {"float": str(bits)} if len(value) == 1 and len(bits) == 16:
                return struct.unpack(">d", bytes.fromhex(bits))[0]
            case {"dict": list(pairs)} | {"OrderedDict": list(pairs)} | {"Counter": list(pairs)} if len(value) == 1:
                return mapping(next(iter(value)), pairs)
        raise CheckpointError(f"structure: expected a description of data, found {json.dumps(value)[:80]}")

    def mapping(kind: str, pairs: list[Any]) -> Any:
        result = _MAPPINGS[kind]()
        for pair in pairs:
            match pair:
                case [key, inner] if type(key) in (str, int, bool) and key not in result:
                    plain.check_key(key)
                    result[key] = meant(inner)
                case _:
                    raise CheckpointError(f"structure: expected keys and values, found {json.dumps(pair)[:80]}")
        return result

    if len(text) > TEXT_MOST:
        raise CheckpointError(f"structure: expected at most {TEXT_MOST} bytes, found {len(text)}")
    try:
        text = text if isinstance(text, str) else text.decode()  # json would guess other encodings, and import them
        data = plain.copied(meant(json.loads(text, parse_constant=_no_constant)))
    except CheckpointError:
        raise
    except RecursionError:
        raise CheckpointError(f"structure: expected at most {plain.DEPTH} levels of nesting, found more") from None
    except (ValueError, TypeError, struct.error) as error:
        raise CheckpointError(f"structure: expected JSON that describes data: {error}") from None
    if left:
        raise CheckpointError(f"structure: expected every array in it, found none of {', '.join(sorted(left))[:80]}")
    return data


def _below(place: str, key: Any) -> str:
    return f"{place}/{key}" if place else str(key)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
