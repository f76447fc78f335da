"""What an expression is written with: the operators of a tensor, each of which is a formula, and comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real
from typing import Any, Self

from numpy_nn import functional as F
from numpy_nn.autograd.arguments import held
from numpy_nn.autograd.holder import Holder
from numpy_nn.backend import Array, array_module


class Operators(Holder):
    """The operators, by the formulas that they are. A class of this kind defines `_apply`, which records one."""

    __slots__ = ()

    @staticmethod
    def _apply(formula: Any, *args: Any) -> Any:
        """The value of a formula, on the tape."""
        raise NotImplementedError(f"no way to record {formula.__name__}")

    @staticmethod
    def _holding(array: Array) -> Any:
        """A tensor around an array, off the tape."""
        raise NotImplementedError("no way to hold an array")

    def _beside(self, number: Any) -> Any:
        """A number as an array of this dtype and device, for formulas whose first argument is one; others as is."""
        if isinstance(number, Real):
            return array_module(self.data).asarray(float(number), dtype=self.dtype)
        return number

    def __add__(self, other: Any) -> Self:
        return self._apply(F.add, self, other)

    def __radd__(self, other: Any) -> Self:
        return self._apply(F.add, self, other)

    def __sub__(self, other: Any) -> Self:
        return self._apply(F.sub, self, other)

    def __rsub__(self, other: Any) -> Self:
        return self._apply(F.sub, self._beside(other), self)

    def __mul__(self, other: Any) -> Self:
        return self._apply(F.mul, self, other)

    def __rmul__(self, other: Any) -> Self:
        return self._apply(F.mul, self, other)

    def __truediv__(self, other: Any) -> Self:
        return self._apply(F.div, self, other)

    def __rtruediv__(self, other: Any) -> Self:
        return self._apply(F.div, self._beside(other), self)

    def __pow__(self, exponent: Any) -> Self:
        return self._apply(F.pow, self, exponent)

    def __rpow__(self, base: Any) -> Self:
        return self._apply(F.pow, self._beside(base), self)

    def __matmul__(self, other: Any) -> Self:
        return self._apply(F.matmul, self, other)

    def __rmatmul__(self, other: Any) -> Self:
        return self._apply(F.matmul, other, self)

    def __neg__(self) -> Self:
        return self._apply(F.neg, self)

    def __getitem__(self, index: Any) -> Self:
        return self._apply(F.getitem, self, index)

    def __iter__(self) -> Iterator[Self]:
        return (self[row] for row in range(len(self)))

    @property
    def T(self) -> Self:
        """The tensor with its dimensions in reverse order."""
        return self.permute(*reversed(range(self.ndim)))

    def reshape(self, *shape: Any) -> Self:
        """The values in another shape: x.reshape(2, −1) or x.reshape((2, −1))."""
        return self._apply(F.reshape, self, _lengths(shape))

    def permute(self, *dims: Any) -> Self:
        """The dimensions in another order: x.permute(1, 0) or x.permute((1, 0))."""
        return self._apply(F.permute, self, _lengths(dims))

    def where(self, condition: Any, other: Any) -> Self:
        """This tensor where the condition holds, other elsewhere."""
        return self._apply(F.where, condition, self, other)

    def __lt__(self, other: Any) -> Self:
        return self._holding(self.data < held(other))

    def __le__(self, other: Any) -> Self:
        return self._holding(self.data <= held(other))

    def __gt__(self, other: Any) -> Self:
        return self._holding(self.data > held(other))

    def __ge__(self, other: Any) -> Self:
        return self._holding(self.data >= held(other))


def _lengths(given: tuple[Any, ...]) -> tuple[int, ...]:
    """The numbers in f(1, 2) and in f((1, 2)) alike."""
    return tuple(given[0]) if len(given) == 1 and isinstance(given[0], tuple | list) else given
