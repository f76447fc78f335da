"""Packages whose names are imported when they are first asked for: starting takes as long as what is used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


def later(package: str, places: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The __getattr__ and the __dir__ of a package.

        __getattr__, __dir__ = later(__name__, {"linear": "linear", "losses": "cross_entropy mse_loss"})

    places: modules below the package, and the names that it has from each; a module is a name itself, unless it has
    what is called the same: `linear` is the function in linear.py.
    A name that was found once stays in the package. AttributeError for any other.
    """
    found = {name: module for module, names in places.items() for name in names.split()}
    owner = sys.modules[package]
    owner.__class__ = _Package
    vars(owner)["_alike"] = frozenset(name for name, module in found.items() if name == module)

    def getattribute(name: str) -> Any:
        if name in found:
            value = getattr(import_module(f"{package}.{found[name]}"), name)
        elif name in places:
            value = import_module(f"{package}.{name}")
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(owner, name, value)
        return value

    def directory() -> list[str]:
        return sorted({*vars(owner), *places, *found})

    return getattribute, directory


class _Package(ModuleType):
    """A package that has the function in linear.py as `linear`, whoever imports that module, and however.

    Python puts each module that it has imported into its package, which would hide what is called the same.
    """

    _alike: frozenset[str]

    def __setattr__(self, name: str, value: Any) -> None:
        hides = name in self._alike and isinstance(value, ModuleType)
        super().__setattr__(name, getattr(value, name) if hides else value)
