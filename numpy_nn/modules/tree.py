"""What a module is made of: parameters, buffers and modules, found under the names they are assigned to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from numpy_nn.backend import Array, is_array
from numpy_nn.parameter import Parameter

if TYPE_CHECKING:
    from numpy_nn.modules.module import Module

REGISTRIES = ("_parameters", "_buffers", "_modules")


class Tree:
    """The half of every Module that keeps its parts: it sorts what is assigned by kind, and walks over what is below.

    A part is an attribute like any other; the registries say which are parts, of which kind, and in which order.

    No object is a Tree and not a Module, hence the casts.
    """

    def __init__(self) -> None:
        self._parameters: dict[str, Parameter | None] = {}
        self._buffers: dict[str, Array | None] = {}
        self._modules: dict[str, Module | None] = {}

    def register_buffer(self, name: str, array: Array | None) -> None:
        """Keep an array that does not learn, but is saved and moved with the module. TypeError for anything else."""
        _check_buffer(name, array)
        self._buffers[name] = array
        setattr(self, name, array)

    def __setattr__(self, name: str, value: Any) -> None:
        registries = self._registries()
        if not registries and isinstance(value, Parameter | Tree):
            raise AttributeError(f"cannot assign {name} before Module.__init__() is called")
        if isinstance(value, Tree) and name in self._parameters:
            raise TypeError(f"{name}: expected a parameter or None, got {type(value).__name__}")
        if isinstance(value, Parameter | Tree):
            own: dict[str, Any] = self._parameters if isinstance(value, Parameter) else self._modules
            for other in registries:
                if other is not own:
                    other.pop(name, None)
            own[name] = value  # keeps its place in the order where the name was there before
        elif holding := [registry for registry in registries if name in registry]:
            registry = holding[0]
            if registry is self._buffers:
                _check_buffer(name, value)
            elif value is not None:
                raise TypeError(f"{name}: expected a parameter, a module or None, got {type(value).__name__}")
            registry[name] = value
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        for registry in self._registries():
            registry.pop(name, None)
        super().__delattr__(name)

    def _registries(self) -> list[dict[str, Any]]:
        return [self.__dict__[name] for name in REGISTRIES if name in self.__dict__]

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below it, each with its dotted name; one that is shared comes once."""
        seen: set[int] = set()
        pending = [(prefix, cast("Module", self))]
        while pending:
            name, module = pending.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            yield name, module
            children = [(dotted(name, child), below) for child, below in module._modules.items() if below is not None]
            pending.extend(reversed(children))

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        return (module for _, module in self.named_modules())

    def children(self) -> Iterator[Module]:
        """The modules directly below this one."""
        return (module for module in self._modules.values() if module is not None)

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every parameter with its dotted name, in PyTorch's order; one that is shared comes once."""
        seen: set[int] = set()
        for prefix, module in self.named_modules():
            for name, parameter in module._parameters.items():
                if parameter is not None and id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield dotted(prefix, name), parameter

    def parameters(self) -> Iterator[Parameter]:
        """Every parameter."""
        return (parameter for _, parameter in self.named_parameters())

    def _own(self) -> list[tuple[str, Parameter]]:
        """The parameters of this very module, without those below."""
        return [(name, parameter) for name, parameter in self._parameters.items() if parameter is not None]

    def _named_places(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Like named_modules, but a shared module comes once for every place it has."""
        yield prefix, cast("Module", self)
        for name, module in self._modules.items():
            if module is not None:
                yield from module._named_places(dotted(prefix, name))

    def extra_repr(self) -> str:
        """What stands between the parentheses of a layer's repr."""
        return ""

    def __repr__(self) -> str:
        if not self._modules:
            return f"{type(self).__name__}({self.extra_repr()})"
        lines = [f"({name}): {module!r}".replace("\n", "\n  ") for name, module in self._modules.items()]
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"


def dotted(prefix: str, name: str) -> str:
    """A name below another, as in PyTorch's keys."""
    return f"{prefix}.{name}" if prefix else name


def _check_buffer(name: str, array: object) -> None:
    """Raise TypeError unless the buffer is an array or None."""
    if array is not None and not is_array(array):
        raise TypeError(f"{name}: expected an array or None, got {type(array).__name__}")
