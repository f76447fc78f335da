"""Modules made of modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy_nn.backend import Array
from numpy_nn.modules.module import Module


class Sequential(Module):
    """One module after the other; backward goes through them in reverse.

    Sequential(a, b, c) names them "0", "1", "2", as PyTorch does. Raises TypeError for anything but modules.
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        for index, module in enumerate(modules):
            if not isinstance(module, Module):
                raise TypeError(f"modules: expected modules, got {type(module).__name__} at position {index}")
            setattr(self, str(index), module)

    def forward(self, x: Any) -> Any:
        """x through every module in turn."""
        for module in self:
            x = module(x)
        return x

    def backward(self, dy: Array) -> Any:
        """dy back through every module in reverse."""
        for module in reversed(list(self.children())):
            dy = module.backward(dy)
        return dy

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, index: int) -> Module:
        return list(self.children())[index]
