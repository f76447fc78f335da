"""Planting a bug: one snippet of numpy_nn's source replaced, in this process, for the length of a `with`."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from inspect import unwrap
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy_nn

for _, name, _ in pkgutil.walk_packages(numpy_nn.__path__, "numpy_nn."):
    if not name.endswith("__main__"):
        import_module(name)  # what was first imported while a bug is planted might keep some of it


@dataclass(frozen=True)
class Mutant:
    """A wrong version of numpy_nn.

    subject: the name it breaks, as the specification has it.  file: relative to numpy_nn.  old: source that occurs
    once in the file, or once in the definition that begins with `within`.  new: what stands there instead.
    what: the bug, in a few words.  examples: how many cases are drawn for each witness that draws.
    """

    subject: str
    file: str
    old: str
    new: str
    what: str
    within: str | None = None
    examples: int = 200

    @property
    def module(self) -> str:
        """The name of the module that the file is."""
        return ".".join(("numpy_nn", *self.file.removesuffix(".py").removesuffix("/__init__").split("/")))


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """numpy_nn with the mutant's bug in it, and as it was again afterwards.

    The changed source is executed apart; the code and the defaults of each function that came out different are then
    put into the function that is in use. So everyone who holds it has the bug: re-exports, subclasses, objects made
    before, names a test has imported. Plain constants of the module are exchanged too.
    Raises ValueError unless the snippet is found exactly once and the change reaches a function or a constant.
    """
    module = import_module(mutant.module)
    scope = {"__name__": module.__name__, "__package__": module.__package__, "__file__": module.__file__}
    exec(compile(changed_source(mutant), f"<mutant of {mutant.file}>", "exec", dont_inherit=True), scope)
    functions, constants = dict(_functions(vars(module))), dict(_constants(vars(module)))
    changed_functions, changed_constants = dict(_functions(scope, module.__name__)), dict(_constants(scope))
    if functions.keys() != changed_functions.keys() or constants.keys() != changed_constants.keys():
        raise ValueError(f"{mutant.subject}, {mutant.what}: expected the same names as before in {mutant.file}")
    before = {name: _parts(function) for name, function in functions.items()}
    after = {name: _parts(function) for name, function in changed_functions.items()}
    if before == after and constants == changed_constants:
        raise ValueError(f"{mutant.subject}, {mutant.what}: the change reaches no function and no constant")
    try:
        for name in before:
            if before[name] != after[name]:
                _put(functions[name], after[name])
        vars(module).update(changed_constants)
        yield
    finally:
        for name in before:
            _put(functions[name], before[name])
        vars(module).update(constants)


def changed_source(mutant: Mutant) -> str:
    """The whole source of the mutant's file, with the bug in it; ValueError unless its snippet occurs exactly once."""
    source = (Path(numpy_nn.__file__).parent / mutant.file).read_text(encoding="utf-8")
    start, stop = (0, len(source)) if mutant.within is None else _extent(source, mutant)
    found = source.count(mutant.old, start, stop)
    if found != 1:
        where = mutant.within or mutant.file
        raise ValueError(
            f"{mutant.subject}, {mutant.what}: expected its snippet once in {where}, found it {found} times"
        )
    return source[:start] + source[start:stop].replace(mutant.old, mutant.new) + source[stop:]


def _extent(source: str, mutant: Mutant) -> tuple[int, int]:
    """Where the definition that begins with `within` starts, and where the next one that is no deeper does."""
    headings = list(re.finditer(rf"^( *){re.escape(mutant.within or '')}\b", source, re.MULTILINE))
    if len(headings) != 1:
        raise ValueError(f"{mutant.subject}: expected {mutant.within!r} once in {mutant.file}, found {len(headings)}")
    depth, body = len(headings[0][1]), headings[0].end()
    following = re.compile(rf"^ {{0,{depth}}}(?:def|class|@)", re.MULTILINE).search(source, body)
    return headings[0].start(), following.start() if following else len(source)


def _functions(scope: Mapping[str, Any], module: str | None = None) -> Iterator[tuple[str, FunctionType]]:
    """Every function and method that was written in a scope's own module, under its dotted name, without decorators."""
    module = module or scope["__name__"]
    for name, value in list(scope.items()):
        if isinstance(value, type) and value.__module__ == module:
            for inner, method in _functions(vars(value), module):
                yield f"{name}.{inner}", method
            continue
        setter = {f"{name}.setter": value.fset} if isinstance(value, property) else {}
        value = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        for called, held in ({name: value} | setter).items():
            function = unwrap(held) if isinstance(held, FunctionType) else None
            if isinstance(function, FunctionType) and function.__module__ == module:
                yield called, function


def _constants(scope: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in scope.items():
        if type(value) in (bool, int, float, tuple) and not name.startswith("__"):
            yield name, value


def _parts(function: FunctionType) -> tuple[Any, ...]:
    return function.__code__, function.__defaults__, function.__kwdefaults__


def _put(function: FunctionType, parts: tuple[Any, ...]) -> None:
    function.__code__, function.__defaults__, function.__kwdefaults__ = parts
