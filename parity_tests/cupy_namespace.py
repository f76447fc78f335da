"""What a source file asks of the array library, compared with the CuPy that is installed. No GPU is needed.

`xp`, and whatever else is bound to array_module(…), device_module(…) or checks.floating(…), may be CuPy: each name
below it must exist there, and each call fit the signature. So must each method of a NumPy array that is called, on
whatever it is called: an array cannot be told from another object in a syntax tree.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

import cupy
import numpy as np

from parity_tests.strict import UFUNC_KEYWORDS

LIBRARIES = {"array_module", "device_module", "floating"}
"""The functions that return an array library."""

METHODS = {name for name in dir(np.ndarray) if not name.startswith("_")}
MISSING = object()


def problems(source: str, dtypes_only: bool = False) -> list[str]:
    """What would not run on CuPy, a line each. dtypes_only: NumPy itself may be asked for its dtypes alone."""
    tree = ast.parse(source)
    found = sorted({*_library(tree), *(_numpy(tree) if dtypes_only else ())})
    return [f"line {line}: {message}" for line, message in found]


def _library(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Names that CuPy lacks, and calls that it does not take."""
    xp = {"xp"} | {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _last(node.value.func) in LIBRARIES
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    others = {"self", "cls"} | {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    def named(node: ast.expr) -> Any:
        """What the expression is in CuPy, taken as a method of an array where it may be one."""
        found = _in_cupy(node, xp)
        if found is None and isinstance(node, ast.Attribute) and node.attr in METHODS and _root(node) not in others:
            return getattr(cupy.ndarray, node.attr, MISSING)
        return found

    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and named(node) is MISSING and named(node.value) is not MISSING:
            yield node.lineno, f"CuPy has no {ast.unparse(node)}"
        if isinstance(node, ast.Call) and callable(named(node.func)) and (why := _complaint(named(node.func), node)):
            yield node.lineno, f"CuPy does not take {ast.unparse(node)}: {why}"


def _numpy(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Uses of NumPy itself for more than its dtypes."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name for alias in node.names if alias.name == "numpy"}
            if any(alias.name.startswith("numpy.") and alias.name != "numpy.typing" for alias in node.names):
                yield node.lineno, f"NumPy may be asked for its dtypes only: {ast.unparse(node)}"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "numpy":
            yield node.lineno, f"NumPy may be asked for its dtypes only: {ast.unparse(node)}"
    for node in ast.walk(tree):
        if _of_numpy(node, names) and not _is_type(node, np.generic | np.dtype):
            yield node.lineno, f"NumPy may be asked for its dtypes only: {ast.unparse(node)}"
        if isinstance(node, ast.Call) and _of_numpy(node.func, names) and _is_type(node.func, np.generic):
            yield node.lineno, f"a NumPy scalar is made: {ast.unparse(node)}"


def _of_numpy(node: ast.AST, names: set[str]) -> bool:
    """Whether the expression is np.something."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names


def _is_type(node: ast.Attribute, kind: Any) -> bool:
    """Whether that something is a type of this kind."""
    found = getattr(np, node.attr, None)
    return isinstance(found, type) and issubclass(found, kind)


def _in_cupy(node: ast.expr, xp: set[str]) -> Any:
    """What an expression such as xp.linalg.norm is in CuPy; MISSING if nothing, None if it is not about the library."""
    if isinstance(node, ast.Name) and node.id in xp:
        return cupy
    if isinstance(node, ast.Call) and _last(node.func) in LIBRARIES:
        return cupy
    if isinstance(node, ast.Attribute):
        owner = _in_cupy(node.value, xp)
        if owner is None or owner is MISSING:
            return owner
        found = getattr(owner, node.attr, MISSING)
        return MISSING if isinstance(owner, cupy.ufunc) and not _implemented(found) else found
    return None


def _implemented(method: Any) -> bool:
    """Whether a method of a ufunc does anything: CuPy's have them all, most of which only raise NotImplementedError."""
    if not callable(method):
        return method is not MISSING
    required = [
        p for p in _signature(method).parameters.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD
    ]
    try:
        method(*[None] * len(required))
    except NotImplementedError:
        return False
    except Exception:
        return True
    return True


def _complaint(function: Any, call: ast.Call) -> str:
    """Why a function of CuPy's cannot be called like this; empty where it can."""
    arguments = [None for argument in call.args if not isinstance(argument, ast.Starred)]
    keywords = {keyword.arg: None for keyword in call.keywords if keyword.arg}
    try:
        _signature(function).bind_partial(*arguments, **keywords)
    except TypeError as error:
        return str(error)
    return ""


def _signature(function: Any) -> inspect.Signature:
    """The signature of a function, of a ufunc, or of a method, which CuPy writes on the first line of its docstring."""
    if isinstance(function, cupy.ufunc):
        operands = [inspect.Parameter(f"x{i}", inspect.Parameter.POSITIONAL_ONLY) for i in range(function.nargs)]
        options = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in sorted(UFUNC_KEYWORDS)]
        return inspect.Signature([*operands, *options])
    try:
        return inspect.signature(function)
    except ValueError:
        line = (function.__doc__ or "").partition("\n")[0]
        return _parsed(line[line.index("(") + 1 : line.rindex(")")])


def _parsed(parameters: str) -> inspect.Signature:
    """The signature in a text such as "self, int axis=-1, *, out=None", without self."""
    kind, parsed = inspect.Parameter.POSITIONAL_OR_KEYWORD, []
    for text in parameters.split(", "):
        declaration, _, default = text.partition("=")
        name = declaration.split()[-1]
        if name == "*":
            kind = inspect.Parameter.KEYWORD_ONLY
        elif name.startswith("**"):
            parsed.append(inspect.Parameter(name[2:], inspect.Parameter.VAR_KEYWORD))
        elif name.startswith("*"):
            parsed.append(inspect.Parameter(name[1:], inspect.Parameter.VAR_POSITIONAL))
            kind = inspect.Parameter.KEYWORD_ONLY
        elif name != "self":
            parsed.append(inspect.Parameter(name, kind, default=default or inspect.Parameter.empty))
    return inspect.Signature(parsed)


def _last(node: ast.expr) -> str:
    """The last name of a dotted one."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _root(node: ast.expr) -> str:
    """The first name of a dotted one."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", "")
