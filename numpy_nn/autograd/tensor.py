"""An array on the tape."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import ref

from numpy_nn import functional as F
from numpy_nn.autograd.arguments import grad_name, places_of, plain
from numpy_nn.autograd.graph import Leaf, Node, walk
from numpy_nn.autograd.operators import Operators
from numpy_nn.backend import Array, array_module, as_array, is_array, to_host
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback
from numpy_nn.grad_mode import is_grad_enabled
from numpy_nn.parameter import Parameter

METHODS = frozenset(F.__all__) - {"cat", "stack"}
"""The formulas that are methods, too: those whose first argument is one array."""


class Tensor(Operators):
    """An array that remembers how it was computed, so that a gradient can find its way back.

    data: an array of any device, which is shared; a Parameter, whose data and grad the tensor then shares; or numbers
    and lists, of which floats become float32.  requires_grad: whether backward leaves a gradient in grad.
    Every formula of numpy_nn.functional that begins with an array is a method as well.
    Raises TypeError for other data, RuntimeError for requires_grad with other dtypes than float32 and float64.

        x = Tensor(2.0, requires_grad=True)
        y = x**3 + 2 * x**2 + x
        y.backward()                # dy/dx = 3x² + 4x + 1
        x.grad                      # array(21., dtype=float32)

    torch.Tensor, except that data and grad are arrays, and that nothing is computed in place.
    """

    __slots__ = ("__weakref__", "_data", "_grad", "_parameter", "_requires_grad", "grad_fn")
    __array_ufunc__ = None  # array + tensor is left to the tensor

    def __init__(self, data: Any, requires_grad: bool = False) -> None:
        self.grad_fn: Node | None = None
        self._grad: Array | None = None
        self._parameter = data if isinstance(data, Parameter) else None
        self._requires_grad = False
        self._data = _array(data)
        if requires_grad:
            self.requires_grad_()

    @property
    def data(self) -> Array:
        """The array itself."""
        return self._data if self._parameter is None else self._parameter.data

    @data.setter
    def data(self, array: Array) -> None:
        if self._parameter is None:
            self._data = _array(array)
        else:
            self._parameter.data = array

    @property
    def place(self) -> Node | Leaf | None:
        """Where gradients go: to the operation that computed the tensor, to itself or its parameter, or nowhere."""
        return self.grad_fn or self._parameter or self if self.requires_grad else None

    @property
    def is_leaf(self) -> bool:
        """Whether the tensor was given, not computed from one that requires grad."""
        return self.grad_fn is None

    @property
    def requires_grad(self) -> bool:
        """Whether gradients come here: it was asked for, or the tensor was computed from one where it was."""
        if self._parameter is not None:
            return self._parameter.requires_grad
        return self._requires_grad or self.grad_fn is not None

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        self.requires_grad_(requires_grad)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Ask for a gradient, or no longer; the tensor itself is returned. Raises RuntimeError as PyTorch does."""
        if not self.is_leaf and not requires_grad:
            raise RuntimeError("you can only change requires_grad flags of leaf variables: use detach() on this one")
        if requires_grad and self.dtype.name not in ("float32", "float64"):
            raise RuntimeError(f"only Tensors of floating point dtype can require gradients, got {self.dtype}")
        if self._parameter is not None:
            self._parameter.requires_grad = requires_grad
        self._requires_grad = requires_grad and self.is_leaf
        return self

    @property
    def grad(self) -> Array | None:
        """The gradients that backward brought here, added up; None before, and for a computed tensor without
        retain_grad, of which PyTorch's warning tells."""
        if self._parameter is not None:
            return self._parameter.grad
        if not self.is_leaf and self._grad is None and self._retaining() is not self:
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Use .retain_grad() on it",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, gradient: Array | None) -> None:
        holder = Parameter(self.data, False) if self._parameter is None else self._parameter
        holder.grad = gradient  # which checks that it is like data
        self._grad = holder.grad

    def accumulate(self, gradient: Array) -> None:
        """Add a gradient to grad, unless it is no longer asked for."""
        if self.requires_grad:
            self._grad = gradient if self._grad is None else array_module(gradient).asarray(self._grad + gradient)

    retain = accumulate

    def retain_grad(self) -> None:
        """Keep the gradient of a computed tensor. Raises RuntimeError where it does not require grad."""
        if not self.requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if self.grad_fn is not None:
            self.grad_fn.retaining = ref(self)

    def _retaining(self) -> Any:
        return self.grad_fn and self.grad_fn.retaining and self.grad_fn.retaining()

    def detach(self) -> Tensor:
        """The same data, off the tape."""
        return Tensor(self.data)

    def backward(self, gradient: Array | Tensor | None = None, retain_graph: bool = False) -> None:
        """Add to the grad of every leaf the gradient of the final loss with respect to it.

        gradient: of that loss with respect to this tensor, like it; 1 by default, where the tensor is one number.
        retain_graph: keep what is needed to go back once more. Without it every graph is freed, even one of sums alone,
        which has nothing to free and which PyTorch would go back through again.
        Raises RuntimeError where nothing requires grad, where gradient is missing and the second time; ValueError or
        TypeError for a gradient unlike the tensor. No grad is changed then.
        """
        place = self.place
        if place is None:
            raise RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn")
        if gradient is None:
            if self.data.size != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            gradient = array_module(self.data).ones_like(self.data)
        gradient = gradient.data if isinstance(gradient, Tensor) else gradient
        Parameter(self.data, False).grad = gradient  # which checks that it is like data
        walk(place, gradient, retain_graph)

    def numpy(self) -> Array:
        """The data on the host. Raises RuntimeError where the tensor requires grad."""
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        return to_host(self.data)

    @staticmethod
    def _apply(formula: Any, *args: Any) -> Tensor:
        return apply(formula, *args)

    @staticmethod
    def _holding(array: Array) -> Tensor:
        return Tensor(array)

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS:
            raise AttributeError(f"a Tensor has no {name!r}, nor is it a formula that begins with an array")
        return partial(apply, getattr(F, name), self)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *METHODS})

    def __iadd__(self, other: Any) -> Tensor:
        return self._replaced(self + other)

    def __isub__(self, other: Any) -> Tensor:
        return self._replaced(self - other)

    def __imul__(self, other: Any) -> Tensor:
        return self._replaced(self * other)

    def __itruediv__(self, other: Any) -> Tensor:
        return self._replaced(self / other)

    def _replaced(self, result: Tensor) -> Tensor:
        """What x += … leaves in x: a new tensor; or, for a leaf under no_grad, the leaf with new data.

        Raises RuntimeError for a leaf that requires grad, which would stop being one.
        """
        if not (self.is_leaf and self.requires_grad):
            return result
        if is_grad_enabled():
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation: write y = x + …, or update "
                "x under no_grad()"
            )
        checks.shape("other", result.data, self.shape, "the result, in place")
        self.data = result.data
        return self

    def __repr__(self) -> str:
        numbers = repr(to_host(self.data)).removeprefix("array(").removesuffix(")").split(", dtype=")[0]
        if self.grad_fn is not None:
            return f"Tensor({numbers}, grad_fn={self.grad_fn})"
        return f"Tensor({numbers}, requires_grad=True)" if self.requires_grad else f"Tensor({numbers})"


def apply(formula: Callable[..., tuple[Array, Pullback]], *args: Any, **kwargs: Any) -> Tensor:
    """The value of a formula of numpy_nn.functional, on the tape.

    args, kwargs: the formula's, with a Tensor or a Parameter wherever it takes an array. Its pullback's gradients
    belong to its floating arguments, in order; those that require grad get theirs in backward.
    Raises what the formula raises, and RuntimeError for a tensor that requires grad where the formula gives none.
    """
    y, pullback = formula(*map(plain, args), **{name: plain(value) for name, value in kwargs.items()})
    result = Tensor(y)
    if not is_grad_enabled():
        return result
    places = places_of(formula, args, kwargs)
    if any(place is not None for place in places.values()):
        result.grad_fn = Node(grad_name(formula), pullback, tuple(places.values()), tuple(places), y.shape)
    return result


def _array(data: Any) -> Array:
    """What a tensor holds: an array as it is, a parameter's, or numbers as an array, of which floats are float32."""
    if isinstance(data, Tensor):
        raise TypeError("data: expected an array, got Tensor; use detach() for another one of the same data")
    array = data.data if isinstance(data, Parameter) else as_array(data)
    if array.dtype.kind not in "fciub":
        raise TypeError(f"data: expected numbers, got {data!r}")
    xp = array_module(array)
    return xp.asarray(array if is_array(data) or array.dtype.kind != "f" else array.astype("float32"))
