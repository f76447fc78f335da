"""One pass through a copy of a model, in which every module writes down what it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from inspect import signature
from typing import Any

from numpy_nn import random
from numpy_nn.backend import Array, is_array
from numpy_nn.grad_mode import no_grad
from numpy_nn.modules import Layer, Module
from numpy_nn.summary.multiply_adds import multiply_adds


@dataclass(frozen=True)
class Call:
    """One call of a module. shapes: of the arrays it gave.  bytes: what those take, where a layer made them.

    multiply_adds: what a layer took for them; None where there is no rule for it.
    """

    shapes: tuple[tuple[int, ...], ...]
    bytes: int
    multiply_adds: int | None


def pass_through(model: Module, inputs: Sequence[Array]) -> list[list[Call]]:
    """The calls of every module in one pass, in the order of model.modules().

    What runs is a copy, in evaluation mode, and the random stream is put back. Raises ValueError or TypeError where a
    module does not take what it is given, naming it.
    """
    copied = deepcopy(model).eval()
    refusing: list[str] = []
    calls = [_listen(module, name, refusing) for name, module in list(copied.named_modules())]
    stream = random.get_rng_state()
    try:
        with no_grad():
            copied(*inputs)
    except (ValueError, TypeError, IndexError) as error:
        given = ", ".join(f"{x.shape} of {x.dtype}" for x in inputs)
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"input_shape: expected what the model takes, got {given}; {refusing[0]}: {error}") from error
    finally:
        random.set_rng_state(stream)
    return calls


def _listen(module: Module, name: str, refusing: list[str]) -> list[Call]:
    """Let a module write down its calls; where it raises, also who did, the innermost first."""
    calls: list[Call] = []
    forward: Callable[..., Any] = module.forward

    def heard(*inputs: Any, **options: Any) -> Any:
        try:
            y = forward(*inputs, **options)
            given = signature(forward).bind(*inputs, **options).args  # what was given by name, in its place
            calls.append(_call(module, given, y))
        except Exception:
            refusing.append(f"{name or 'the model'} ({type(module).__name__})")
            raise
        return y

    module.__dict__["forward"] = heard  # in the way of the method, for this object alone
    return calls


def _call(module: Module, inputs: tuple[Any, ...], y: Any) -> Call:
    """A call of the module that gave y, an array or a tuple with arrays in it."""
    arrays = [array for array in (y if isinstance(y, tuple) else (y,)) if is_array(array)]
    shapes = tuple(array.shape for array in arrays)
    if not isinstance(module, Layer):
        return Call(shapes, 0, 0)
    return Call(shapes, sum(array.nbytes for array in arrays), multiply_adds(module, inputs, arrays[0]))
