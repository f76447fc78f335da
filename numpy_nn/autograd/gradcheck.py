"""Whether the tape's gradients are derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from numpy_nn import random
from numpy_nn.autograd.tensor import Tensor
from numpy_nn.backend import Array, item, silent, to_device, to_host
from numpy_nn.functional import checks
from numpy_nn.grad_mode import enable_grad, no_grad

Loss = Callable[[Array], complex]

COMPLEX_STEP = 1e-20
"""Its square vanishes next to 1, and nothing is subtracted."""
STEP = 1e-3
"""That of the differences, relative to the coordinate: truncated at its fourth power, about 1e-12."""
TOLERANCES = {True: 1e-9, False: 1e-6}
"""How far off a coordinate may be, relative to the largest: by the complex step, and by differences."""


class GradcheckError(RuntimeError):
    """A gradient is not the derivative."""


def gradcheck(
    function: Callable[..., Any], inputs: Tensor | Sequence[Any], *, seed: int = 0, raise_exception: bool = True
) -> bool:
    """Compare the gradients of a function of tensors with derivatives taken from its values alone.

    ∂L/∂x_i = Im L(x + i h e_i) / h,  h = 10⁻²⁰, where the function is analytic;   else, by differences,
    (4 D(h) − D(2h)) / 3,  D(h) = (L(x + h e_i) − L(x − h e_i)) / 2h;   L = Σ dy y with a drawn dy

    function: of the inputs, returns a Tensor or a tuple of them.  inputs: tensors, float64 where they require grad.
    seed: what dy is drawn from.  raise_exception: False returns False instead.
    Returns True where every coordinate agrees: to 10⁻⁹ of the largest by the complex step, to 10⁻⁶ by differences.
    Raises GradcheckError, naming the coordinate that is furthest off, where one does not; TypeError for other dtypes,
    ValueError where no input requires grad. The function may have no kink there, and must give the same again.
    Squire & Trapp 1998; torch.autograd.gradcheck, whose defaults let a gradient pass that is 0.05 % wrong.
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    checks.option("raise_exception", raise_exception, True, False)
    places = [k for k, x in enumerate(given) if isinstance(x, Tensor) and x.requires_grad]
    if not places:
        raise ValueError("inputs: expected at least one that requires grad, got none")
    for k in places:
        if given[k].dtype.name != "float64":
            raise TypeError(f"inputs[{k}]: expected float64, got {given[k].dtype}")

    leaves = {k: Tensor(given[k].data, requires_grad=True) for k in places}
    with enable_grad():
        for y, dy in _outputs(function, given, leaves, seed):
            if y.requires_grad:
                y.backward(dy, retain_graph=True)
    complaints = []
    for k, leaf in leaves.items():

        def loss(array: Array, k: int = k) -> complex:
            changed = {k: Tensor(to_device(array, given[k].device))}
            with no_grad(), silent():
                return sum(complex(item((dy * y.data).sum())) for y, dy in _outputs(function, given, changed, seed))

        gradient = leaf.data * 0 if leaf.grad is None else leaf.grad
        complaints += _complaints(f"inputs[{k}]", to_host(gradient), loss, to_host(leaf.data), seed)
    if complaints and raise_exception:
        raise GradcheckError("; ".join(complaints))
    return not complaints


def _outputs(
    function: Callable[..., Any], given: tuple[Any, ...], changed: dict[int, Tensor], seed: int
) -> list[tuple[Tensor, Array]]:
    """What the function gives with some inputs changed, and the drawn dy of each output."""
    found = function(*(changed.get(k, x) for k, x in enumerate(given)))
    outputs = [found] if isinstance(found, Tensor) else list(found)
    generator = random.Generator(seed)
    drawn = (random.normal(y.shape, dtype="float64", generator=generator) for y in outputs)
    return [(y, to_device(dy, y.device)) for y, dy in zip(outputs, drawn, strict=True)]


def _complaints(name: str, gradient: Array, loss: Loss, x: Array, seed: int) -> list[str]:
    """What is wrong with the gradient of one input: its worst coordinate, if that is too far off."""
    sizes = [max(abs(value), 1e-2) for value in x.reshape(-1).tolist()]
    analytic = _is_analytic(loss, x, sizes, seed)
    derivative = _complex_step if analytic else _difference
    expected = [derivative(loss, x, {i: size}) / size for i, size in enumerate(sizes)]
    found = gradient.reshape(-1).tolist()
    allowed = TOLERANCES[analytic] * max(map(abs, (*found, *expected, 0.0))) + 1e-12
    errors = [abs(ours - right) for ours, right in zip(found, expected, strict=True)]
    wrong = [i for i, error in enumerate(errors) if not error <= allowed]
    if not wrong:
        return []
    worst = max(wrong, key=lambda i: errors[i] if isfinite(errors[i]) else float("inf"))
    where: list[int] = []
    place = worst
    for length in reversed(x.shape):
        place, coordinate = divmod(place, length)
        where.insert(0, coordinate)
    how = "the complex step" if analytic else "differences"
    return [
        f"gradient of {name} at {where}: got {found[worst]!r}, expected {expected[worst]!r} by {how}, apart by "
        f"{errors[worst]:.3g} where {allowed:.3g} is allowed; {len(wrong)} of {len(found)} coordinates are off"
    ]


def _is_analytic(loss: Loss, x: Array, sizes: list[float], seed: int) -> bool:
    """Whether the complex step gives what differences do, in a drawn direction; a real part or |x| would spoil it."""
    drawn = random.normal((len(sizes),), dtype="float64", generator=random.Generator(seed + 1)).tolist()
    direction = {i: size * v for i, (size, v) in enumerate(zip(sizes, drawn, strict=True))}
    try:
        by_step = _complex_step(loss, x, direction)
    except (TypeError, ValueError):
        return False
    by_difference = _difference(loss, x, direction)
    return abs(by_step - by_difference) <= 1e-6 * (abs(by_difference) + abs(loss(x)))


def _moved(x: Array, direction: dict[int, float], step: complex) -> Array:
    """x + step · direction, a copy."""
    moved = x.astype("complex128" if isinstance(step, complex) else "float64", order="C", copy=True)
    flat = moved.reshape(-1)
    for i, v in direction.items():
        flat[i] += step * v
    return moved


def _complex_step(loss: Loss, x: Array, direction: dict[int, float]) -> float:
    """The derivative along a direction, Im L(x + i h v) / h."""
    return loss(_moved(x, direction, 1j * COMPLEX_STEP)).imag / COMPLEX_STEP


def _difference(loss: Loss, x: Array, direction: dict[int, float]) -> float:
    """The derivative along a direction, by central differences at h and 2h."""

    def central(h: float) -> float:
        return (loss(_moved(x, direction, h)).real - loss(_moved(x, direction, -h)).real) / (2 * h)

    return (4 * central(STEP) - central(2 * STEP)) / 3
